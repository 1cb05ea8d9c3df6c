//! The real pane and the real event handler with Microsoft's own Office.js, in a host of ours.
//!
//! [`web`] serves a page that plays Outlook on the web towards it, and Office.js as npm has it; the demo takes Office.js
//! from there. The browser finds the one other server that Office.js asks in [`web`] as well, so no network is used.

mod outlook;
mod web;

use outlook::{Told, with_outlook};

const NEW: &str = "paraphOnNewMessage";
const RECIPIENTS: &str = "paraphOnRecipientsChanged";

#[test]
fn the_pane_shows_the_signature_with_microsofts_office_js() {
    with_outlook(async |outlook| {
        let person = outlook.compose("html").await;
        outlook.open("pane", "/pane.html", Told::ByAddress).await;
        outlook.enter("pane").await;
        assert!(outlook.page.get::<bool>("'OSF' in window && history.pushState === null").await, "another Office.js");
        let shown = outlook.shown().await;
        assert!(shown.contains(&person.name), "{shown}");
    });
}

#[test]
fn insert_now_reaches_set_signature_async_in_the_host() {
    with_outlook(async |outlook| {
        let person = outlook.compose("html").await;
        outlook.open("pane", "/pane.html", Told::ByFrameName).await;
        outlook.enter("pane").await;
        outlook.shown().await;
        outlook.press("Insert now").await;
        outlook.leave().await;
        outlook.page.until("host.draft.session.has('paraph')").await;
        assert_eq!(outlook.setters().await, ["pane"]);
        let signature = outlook.signature().await;
        assert!(signature.contains("paraph-signature") && signature.contains(&person.name), "{signature}");
        assert_eq!(outlook.note("source").await, "pane");
    });
}

#[test]
fn the_tab_key_reaches_every_fold_of_the_pane() {
    with_outlook(async |outlook| {
        outlook.compose("html").await;
        outlook.open("pane", "/pane.html", Told::ByAddress).await;
        outlook.enter("pane").await;
        outlook.shown().await;
        let folds: usize = outlook.page.get("document.querySelectorAll('summary').length").await;
        let reached = outlook.tab_through().await;
        assert!(folds > 0);
        assert_eq!(reached.iter().filter(|name| *name == "summary").count(), folds, "{reached:?}");
    });
}

#[test]
fn the_handler_sets_the_signature_in_the_host_and_completes_its_event() {
    with_outlook(async |outlook| {
        let person = outlook.compose("html").await;
        outlook.open("events", "/launchevent.html", Told::ByFrameName).await;
        outlook.fire(NEW).await;
        let signature = outlook.signature().await;
        assert!(signature.contains("paraph-signature") && signature.contains(&person.name), "{signature}");
        assert!(!outlook.page.get::<bool>("host.draft.clientSignature").await, "Outlook's own signature is still on");
        assert_eq!(outlook.note("source").await, "server");
        outlook.fire(RECIPIENTS).await;
        assert_eq!(outlook.setters().await.len(), 1, "#2163: nothing has changed");
    });
}

#[test]
fn without_a_bridge_offices_own_single_sign_on_gives_the_token() {
    with_outlook(async |outlook| {
        let person = outlook.compose("html").await;
        outlook.open("events", "/launchevent.html", Told::WithoutBridge).await;
        outlook.fire(NEW).await;
        assert!(outlook.signature().await.contains(&person.name));
        assert_eq!(outlook.note("source").await, "server");
        outlook.open("pane", "/pane.html", Told::WithoutBridge).await;
        outlook.enter("pane").await;
        assert!(outlook.shown().await.contains(&person.name));
    });
}

#[test]
fn a_plain_text_draft_gets_text_in_the_host() {
    with_outlook(async |outlook| {
        let person = outlook.compose("text").await;
        outlook.open("events", "/launchevent.html", Told::ByAddress).await;
        outlook.fire(NEW).await;
        let signature = outlook.signature().await;
        assert!(signature.contains(&person.name) && !signature.contains('<'), "{signature}");
        assert_eq!(outlook.coercions().await, [0], "Office.js says 0 for text");
    });
}

#[test]
fn with_the_server_stopped_the_host_gets_the_kept_signature() {
    with_outlook(async |outlook| {
        outlook.compose("html").await;
        outlook.open("events", "/launchevent.html", Told::ByFrameName).await;
        outlook.fire(NEW).await;
        let first = outlook.signature().await;
        outlook.stop_server().await;
        outlook.compose_another().await;
        outlook.fire(NEW).await;
        assert_eq!(outlook.signature().await, first);
        assert_eq!(outlook.note("source").await, "cache");
    });
}
