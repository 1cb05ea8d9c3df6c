//! The simulator's *bad Outlook*: each switch is pressed as a person does, and the draft ends up as in a healthy Outlook.

use super::panes::{press, says};
use crate::page::{Page, with_page};
use fantoccini::Locator;
use serde_json::json;

const OUTSIDER: &str = "priya.nair@northwind.example";
/// Has a signature with images that are attached, and a disclaimer for outsiders.
const SVEN: &str = "sven.lindqvist@hv-labs.example";
const TYPED: &str = "Typed by hand.";

/// What counts of a draft.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    signature: String,
    signatures: usize,
    /// How many images the draft shows, and how many are attached.
    images: (usize, usize),
    typed: bool,
}

async fn outcome(page: &Page) -> Outcome {
    let body = page.body().await;
    Outcome {
        signature: page.signature().await,
        signatures: page.signatures().await,
        images: (body.matches("<img").count(), page.get("simulator.draft.attachments.length").await),
        typed: page.text().await.starts_with(TYPED),
    }
}

/// A message in which somebody types, and then adds an outsider.
async fn write(page: &Page) -> Outcome {
    page.run(&format!("await simulator.compose('new'); simulator.type({})", json!(TYPED))).await;
    page.run(&format!("await simulator.addRecipient('to', {}); await simulator.settled()", json!(OUTSIDER))).await;
    outcome(page).await
}

/// What a healthy Outlook makes of it; the page is as before.
async fn healthy(page: &Page) -> Outcome {
    page.sign_in(|person| person.address == SVEN).await;
    page.compose("new").await;
    let inside = page.signature().await;
    let healthy = write(page).await;
    assert_ne!(healthy.signature, inside, "outsiders get something else");
    assert!(healthy.signatures == 1 && healthy.typed && healthy.images.1 > 0, "{healthy:?}");
    page.run("simulator.discard()").await;
    healthy
}

/// Presses a switch with the keyboard.
async fn switch(page: &Page, id: &str) {
    page.run("document.getElementById('bad').open = true").await;
    let input = page.client.find(Locator::Css(&format!("#trouble-{id}"))).await.expect("the switch");
    let before: bool = page.get(&format!("document.getElementById('trouble-{id}').checked")).await;
    input.send_keys(" ").await.expect("a key");
    page.until(&format!("document.getElementById('trouble-{id}').checked === {}", !before)).await;
    page.run("await simulator.calm()").await;
}

/// That nothing of it shows with this misbehaviour.
fn comes_out_right_with(id: &str) {
    with_page(async |page| {
        let healthy = healthy(&page).await;
        switch(&page, id).await;
        assert_eq!(write(&page).await, healthy, "{id}");
    });
}

#[test]
fn slow_calls_still_bring_the_right_signature() {
    comes_out_right_with("slow");
}

#[test]
fn late_recipients_are_waited_for() {
    comes_out_right_with("recipients-late");
}

#[test]
fn a_body_that_is_empty_once_is_read_again() {
    comes_out_right_with("body-empty");
}

#[test]
fn a_stale_body_is_read_again() {
    comes_out_right_with("body-stale");
}

#[test]
fn session_data_that_cannot_be_read_is_remembered_in_the_page() {
    comes_out_right_with("session-unreadable");
}

#[test]
fn without_session_data_the_page_remembers() {
    comes_out_right_with("session-missing");
}

#[test]
fn late_attachments_are_there_once() {
    comes_out_right_with("attachments-late");
}

#[test]
fn a_write_without_an_answer_is_not_repeated() {
    comes_out_right_with("write-silent");
}

#[test]
fn a_signature_that_outlook_lost_comes_with_the_next_event() {
    with_page(async |page| {
        let healthy = healthy(&page).await;
        switch(&page, "write-lost").await;
        page.run(&format!("await simulator.compose('new'); simulator.type({})", json!(TYPED))).await;
        assert_eq!(page.signatures().await, 0);
        let error: String = page.get("simulator.records.at(-1).error").await;
        assert!(error.contains("it is not in the draft"), "{error}");
        switch(&page, "write-lost").await;
        page.add_recipient("to", OUTSIDER).await;
        assert_eq!(outcome(&page).await, healthy);
    });
}

#[test]
fn a_from_change_that_clears_the_signature_brings_the_new_senders() {
    with_page(async |page| {
        let shared = page.people().await.into_iter().find(|person| person.shared).expect("a shared mailbox");
        page.sign_in(|person| person.senders.contains(&shared.address)).await;
        page.compose("new").await;
        page.send_from(&shared.address).await;
        let theirs = page.signature().await;
        switch(&page, "from-clears").await;
        page.compose("new").await;
        let own = page.signature().await;
        page.run(&format!("simulator.type({})", json!(TYPED))).await;
        page.send_from(&shared.address).await;
        assert_eq!((page.signature().await, page.signatures().await), (theirs.clone(), 1));
        assert_ne!(theirs, own);
        assert!(page.text().await.starts_with(TYPED));
    });
}

#[test]
fn a_message_that_is_popped_out_at_once_gets_its_signature_with_the_first_recipient() {
    with_page(async |page| {
        let healthy = healthy(&page).await;
        switch(&page, "pop-out").await;
        page.run("await simulator.compose('new')").await;
        assert_eq!(page.signatures().await, 0, "Outlook ended the handler");
        page.add_recipient("to", OUTSIDER).await;
        page.run(&format!("simulator.type({})", json!(TYPED))).await;
        assert_eq!(outcome(&page).await, healthy);
    });
}

#[test]
fn with_another_account_nothing_wrong_is_inserted_and_the_pane_switches() {
    with_page(async |page| {
        let healthy = healthy(&page).await;
        page.run("await simulator.forget()").await;
        switch(&page, "other-account").await;
        page.run(&format!("await simulator.compose('new'); simulator.type({})", json!(TYPED))).await;
        page.run(&format!("await simulator.addRecipient('to', {}); simulator.openPane()", json!(OUTSIDER))).await;
        assert_eq!(page.signatures().await, 0, "nobody else's");
        says(&page, "but you are signed in as").await;
        press(&page, "Switch account").await;
        says(&page, "Insert now").await;
        page.until("!document.getElementById('trouble-other-account').checked").await;
        press(&page, "Insert now").await;
        says(&page, "The signature is in your draft.").await;
        assert_eq!(outcome(&page).await, healthy);
    });
}

#[test]
fn with_the_server_away_the_kept_signature_for_outsiders_comes() {
    with_page(async |page| {
        let healthy = healthy(&page).await;
        switch(&page, "server-away").await;
        let away = write(&page).await;
        assert_eq!((&away.signature, away.signatures, away.typed), (&healthy.signature, 1, true));
        let record = page.get::<serde_json::Value>("simulator.records.at(-1)").await;
        assert_eq!(record["source"], "cache", "{record}");
        // Nowhere is it a word of JavaScript that says what happened.
        let log: String = page.get("document.getElementById('log').innerText").await;
        assert!(!log.contains("TypeError") && !record.to_string().contains("TypeError"), "{log}\n{record}");
        page.run("simulator.openPane()").await;
        says(&page, "server does not answer").await;
        let pane: String = page.get("document.querySelector('#pane iframe').contentDocument.body.textContent").await;
        assert!(!pane.contains("TypeError"), "{pane}");
    });
}

#[test]
fn an_error_9014_at_the_cursor_is_tried_again() {
    with_page(async |page| {
        page.sign_in(|person| person.address == SVEN).await;
        page.compose("new").await;
        let expected = page.signature().await;
        switch(&page, "cursor").await;
        page.run("simulator.openPane()").await;
        says(&page, "At the cursor").await;
        press(&page, "At the cursor").await;
        says(&page, "The signature has been inserted at the cursor.").await;
        let text = page.text().await;
        let first = expected.lines().next().expect("a line");
        assert_eq!((page.signatures().await, text.matches(first).count()), (1, 1), "{text}");
    });
}

#[test]
fn recipients_that_outlook_does_not_tell_of_are_seen_by_the_pane() {
    with_page(async |page| {
        let healthy = healthy(&page).await;
        switch(&page, "recipients-quiet").await;
        page.run(&format!("await simulator.compose('new'); simulator.type({}); simulator.openPane()", json!(TYPED)))
            .await;
        says(&page, "In this draft").await;
        page.run(&format!("await simulator.addRecipient('to', {})", json!(OUTSIDER))).await;
        assert_ne!(page.signature().await, healthy.signature, "no event, no other signature");
        page.until("!document.querySelector('#pane iframe').contentDocument.body.innerText.includes('In this draft')")
            .await;
        press(&page, "Insert now").await;
        says(&page, "The signature is in your draft.").await;
        assert_eq!(outcome(&page).await, healthy);
    });
}

#[test]
fn every_switch_has_a_test_and_a_sentence_and_all_go_off_at_once() {
    with_page(async |page| {
        let own = include_str!("troubles.rs");
        let ids: Vec<String> =
            page.get("[...document.querySelectorAll('#troubles input')].map((one) => one.id.slice(8))").await;
        assert_eq!(ids.len(), 15);
        for id in &ids {
            assert!(own.contains(&format!("with(\"{id}\")")) || own.contains(&format!("&page, \"{id}\"")), "{id}");
            let about: String = page.get(&format!("document.getElementById('about-{id}').textContent")).await;
            assert!(about.matches('.').count() >= 2, "{about}");
        }
        switch(&page, "slow").await;
        switch(&page, "body-stale").await;
        assert_eq!(page.get::<String>("document.getElementById('troubles-on').textContent").await, "2 on");
        page.client.find(Locator::Css("#troubles-off")).await.expect("the button").click().await.expect("a click");
        page.until("!document.querySelector('#troubles input:checked')").await;
    });
}

#[test]
fn the_simulator_leads_to_what_it_shows_in_the_console() {
    with_page(async |page| {
        page.sign_in(|person| person.address == SVEN).await;
        let name = page.compose("new").await.name.expect("a name");
        let windows = page.client.windows().await.expect("windows");
        for (button, word) in [("signature", name.as_str()), ("person", "Sven Lindqvist"), ("rules", "Sven Lindqvist")]
        {
            page.client
                .find(Locator::Css(&format!("#links [data-console={button}]")))
                .await
                .expect("a button")
                .click()
                .await
                .expect("a click");
            let own = windows[0].clone();
            let other = loop {
                let all = page.client.windows().await.expect("windows");
                if let Some(other) = all.into_iter().find(|one| *one != own) {
                    break other;
                }
            };
            page.client.switch_to_window(other).await.expect("the console");
            let shown = format!(
                "[document.body?.innerText, ...[...document.querySelectorAll('input')].map((one) => one.value)].join(' ').includes({})",
                json!(word)
            );
            page.until(&format!("location.pathname.startsWith('/console/tenants/') && {shown}")).await;
            let logo: u32 =
                page.get("document.querySelectorAll('header img[src=\"/assets/icons/icon.svg\"]').length").await;
            assert_eq!(logo, 1, "the simulator's logo");
            page.client.close_window().await.expect("closed");
            page.client.switch_to_window(own).await.expect("the simulator");
        }
    });
}
