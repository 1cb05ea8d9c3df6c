//! The pane and the draft: what it inserts where, what it notes for the event handler, and what it notices.

#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it says")]

mod harness;

use harness::{holds, json, mount, run, until};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const OURS: &str =
    r#"world.session.paraph = JSON.stringify({fingerprint: "automatic", probe: "LenaFischer", event: "x", at: 1});"#;
const MEETING: &str = "Office.context.mailbox.item.itemType = 'appointment';";

#[wasm_bindgen_test]
async fn at_the_cursor_replaces_the_signature_that_is_there_and_tells_the_handler_to_leave_it() {
    let pane = mount(OURS);
    pane.sees("In this draft").await;
    pane.click("button", "At the cursor").await;
    pane.sees("inserted at the cursor").await;
    assert!(json("world.inserted").starts_with(r#"[["signature","html",""],["cursor","html","<div"#));
    assert!(holds("JSON.parse(world.session.paraph).kept"));
    pane.sees("Already in this draft").await;
    pane.click("button", "Insert now").await;
    pane.sees("The signature is in your draft.").await;
    assert!(!holds("JSON.parse(world.session.paraph).kept"));
}

#[wasm_bindgen_test]
async fn an_appointment_gets_no_second_signature_at_the_cursor() {
    let pane = mount(&(OURS.to_owned() + MEETING + "world.body = '<p>Lena Fischer</p>'"));
    pane.sees("Standard").await;
    pane.click("button", "At the cursor").await;
    pane.sees("This appointment already has your signature").await;
    assert_eq!(json("world.inserted"), "[]");
    run("world.body = '<p>Agenda</p>'");
    pane.click("button", "At the cursor").await;
    pane.sees("inserted at the cursor").await;
}

#[wasm_bindgen_test]
async fn the_handler_learns_by_which_text_to_know_the_signature_again() {
    let pane = mount("world.answer.html = '<style>p{}</style><p>Lena&nbsp;<b>Fischer</b></p><p>+41 79 000 00 00</p>'");
    pane.sees("Standard").await;
    pane.click("button", "Insert now").await;
    pane.sees("The signature is in your draft.").await;
    assert_eq!(json("JSON.parse(world.session.paraph).probe"), r#""41790000000""#);
}

#[wasm_bindgen_test]
async fn a_sender_who_changed_unnoticed_gets_their_own_signature() {
    let pane = mount("");
    pane.sees("Standard").await;
    run(
        r#"Office.context.mailbox.item.from.getAsync = (done) => done({status: "succeeded", value: {emailAddress: "sales@example.com"}});
           world.answer = {...world.answer, html: "<p>Sales</p>", name: "Sales"}"#,
    );
    pane.click("button", "Insert now").await;
    pane.sees("The signature is in your draft.").await;
    assert_eq!(json("world.inserted"), r#"[["signature","html","<p>Sales</p>"]]"#);
}

#[wasm_bindgen_test]
async fn what_the_handler_does_after_the_pane_opened_shows_without_a_click() {
    let pane = mount("");
    pane.sees("Not in this draft").await;
    run(OURS);
    pane.sees("In this draft").await;
    assert!(holds("world.asked.filter((one) => one.path == '/api/v1/signature').length == 1"));
    run(r#"world.session.paraph = JSON.stringify({fingerprint: "", kept: true, event: "x", at: 2})"#);
    pane.sees("Already in this draft").await;
}

#[wasm_bindgen_test]
async fn a_choice_is_noted_before_it_is_inserted_and_forgotten_where_that_fails() {
    let pane = mount(
        r#"world.answer.images = [{cid: "logo", url: "https://x/l.png", content: "AA=="}, {cid: "other", url: "u", content: "AA=="}];
           world.real = fetch; window.fetch = async (asked) => {
             const answer = await (await world.real(asked)).json();
             if (answer.html) answer.html += "<img src='cid:logo'>";
             return new Response(JSON.stringify(answer));
           };
           Office.context.mailbox.item.body.setSignatureAsync = (...args) => {
             world.noted = JSON.parse(world.session.paraph).choice;
             args.at(-1)({status: "failed", error: {code: 1, message: "No"}});
           }"#,
    );
    pane.click("[role=radio]", "Short").await;
    pane.sees("Outlook did not accept the signature").await;
    assert_eq!(json("world.noted"), r#""short""#);
    assert_eq!(json("JSON.parse(world.session.paraph)"), r#"{"cids":["logo"],"late":[]}"#);
    assert_eq!(json("world.attached"), r#"["logo"]"#);
    let short = pane.find("[role=radio]", "Short").unwrap();
    assert_eq!(short.get_attribute("aria-checked").as_deref(), Some("false"));
    assert!(pane.text().contains("Standard"));
}

#[wasm_bindgen_test]
async fn plain_text_on_the_web_is_not_inserted_beside_the_old_one() {
    let pane = mount(&(OURS.to_owned() + "world.format = 'text'; world.body = 'Hello\\nLena Fischer'"));
    pane.sees("Standard").await;
    pane.click("button", "Insert now").await;
    pane.sees("delete the old one, then insert").await;
    assert_eq!(json("world.inserted"), "[]");
    run("world.body = 'Hello'");
    pane.click("button", "Insert now").await;
    pane.sees("The signature is in your draft.").await;
}

#[wasm_bindgen_test]
async fn an_appointment_on_the_web_gets_its_signature_while_it_is_empty() {
    let pane = mount(&(MEETING.to_owned() + "world.body = '<p>Agenda</p>'"));
    pane.sees("Standard").await;
    pane.click("button", "Insert now").await;
    pane.sees("the appointment already has text. Click into the text, then use At the cursor.").await;
    run("world.body = '<p><br></p>'");
    pane.click("button", "Insert now").await;
    pane.sees("The signature is in your draft.").await;
    assert!(json("world.inserted").starts_with(r#"[["front","html","<div"#));
}

#[wasm_bindgen_test]
async fn a_kept_signature_is_found_where_the_handler_left_it_and_can_be_inserted() {
    let pane = mount(
        r#"world.status = 0; world.format = "text"; world.silent = ["from"];
           const copy = JSON.stringify({html: "<p>Kept</p>", text: "Kept text", fingerprint: "k", at: Date.now()});
           Office.context.roamingSettings = {get: () => JSON.stringify({"paraph|lena@example.com|lena@example.com|new|text": copy})}"#,
    );
    pane.sees("Kept text").await;
    pane.click(".kept button", "Insert now").await;
    pane.sees("The signature is in your draft.").await;
    assert_eq!(json("world.inserted"), r#"[["signature","text","Kept text"]]"#);
    assert_eq!(json("JSON.parse(world.session.paraph).source"), r#""cache""#);
}

#[wasm_bindgen_test]
async fn without_a_network_nobody_is_asked_to_sign_in() {
    let pane = mount("world.status = 0; world.signIn = 'popup'");
    pane.sees("server does not answer").await;
    run("world.status = 200");
    pane.click("button", "Try again").await;
    pane.sees("Sign in to see your signature").await;
    until("plain words", || !pane.text().contains("Somebody has to sign in.")).await;
}
