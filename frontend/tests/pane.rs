//! The pane in a real browser: what people see and do, and what Outlook and the server are asked for.

#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it says")]

mod harness;

use harness::{frame, holds, json, mount, run, until};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn the_signature_is_shown_with_its_name_and_that_the_draft_has_it() {
    let pane =
        mount(r#"world.session.paraph = JSON.stringify({fingerprint: "automatic", event: "paraphOnNewMessage"})"#);
    pane.sees("Standard").await;
    pane.sees("In this draft").await;
    assert!(pane.text().contains("New mail from lena@example.com"));
    until("the frame", || {
        holds("document.querySelector('iframe').contentDocument.body?.textContent == 'Lena Fischer'")
    })
    .await;
    until("the mark", || holds("performance.getEntriesByName('paraph-usable').length")).await;
    assert_eq!(
        json("world.asked[0].body"),
        r#"{"kind":"new","from":"lena@example.com","recipients":[{"address":"ada@example.org","type":"external_user"}],"#
            .to_owned()
            + r#""recipients_unread":false,"format":"html","subject":"Hello","time_zone":"#
            + &json("Intl.DateTimeFormat().resolvedOptions().timeZone")
            + r#","platform":"OfficeOnline","version":"20"}"#
    );
}

#[wasm_bindgen_test]
async fn why_this_one_lists_the_rules_that_applied_and_folds_the_others_away() {
    let pane = mount("");
    pane.sees("It is for everyone.").await;
    assert!(pane.text().contains("Rules that did not apply (1)"));
    assert!(!pane.text().contains("This is a new mail."));
    pane.click(".inner summary", "").await;
    pane.sees("This is a new mail.").await;
}

#[wasm_bindgen_test]
async fn insert_now_sets_the_signature_and_tells_the_handler() {
    let pane = mount("");
    pane.sees("Not in this draft").await;
    pane.click("button", "Insert now").await;
    pane.sees("The signature is in your draft.").await;
    pane.sees("In this draft").await;
    assert!(json("world.inserted").starts_with(r#"[["signature","html","<div id"#));
    assert!(
        json("JSON.parse(world.session.paraph)")
            .starts_with(r#"{"fingerprint":"automatic","name":"Standard","removed":false,"event":"pane","at":"#)
    );
}

#[wasm_bindgen_test]
async fn a_plain_text_draft_shows_and_gets_the_text() {
    let pane = mount(r#"world.format = "text""#);
    pane.sees("Lena Fischer").await;
    pane.click("button", "At the cursor").await;
    pane.sees("inserted at the cursor").await;
    assert_eq!(json("world.inserted"), r#"[["cursor","text","Lena Fischer"]]"#);
}

#[wasm_bindgen_test]
async fn an_image_that_cannot_be_attached_is_shown_from_where_it_is_hosted() {
    let pane = mount(
        r#"world.answer.html = "<img src='cid:logo'><img src='cid:banner'>";
           world.answer.images = [{cid: "logo", url: "https://x/logo.png", content: "AA=="}, {cid: "banner", url: "https://x/b.png", content: "AA=="}];
           Office.context.mailbox.item.addFileAttachmentFromBase64Async = (content, name, options, done) =>
             name == "logo" ? done({status: "failed", error: {code: 5001}}) : (world.attached.push(name), done({status: "succeeded"}))"#,
    );
    pane.sees("Not in this draft").await;
    pane.click("button", "Insert now").await;
    pane.sees("The signature is in your draft.").await;
    assert_eq!(json("world.inserted[0][2]"), r#""<img src='https://x/logo.png'><img src='cid:banner'>""#);
    assert_eq!(json("world.attached"), r#"["banner"]"#);
}

#[wasm_bindgen_test]
async fn choosing_another_inserts_it_and_the_automatic_one_comes_back() {
    let pane = mount("");
    pane.click("[role=radio]", "Short").await;
    pane.sees("You chose this signature").await;
    assert_eq!(json("world.inserted.at(-1)"), r#"["signature","html","<p>Short</p>"]"#);
    assert_eq!(json("JSON.parse(world.session.paraph).choice"), r#""short""#);
    let short = pane.find("[role=radio]", "Short").unwrap();
    until("the radio", || short.get_attribute("aria-checked").as_deref() == Some("true")).await;
    pane.click("button", "Back to automatic").await;
    until("the automatic one", || holds("JSON.parse(world.session.paraph).fingerprint == 'automatic'")).await;
    assert!(holds("JSON.parse(world.session.paraph).choice === undefined"));
    assert!(holds("world.inserted.at(-1)[2].includes('Lena Fischer')"));
}

#[wasm_bindgen_test]
async fn arrow_keys_move_between_the_choices_without_inserting() {
    let pane = mount("");
    until("the choices", || pane.find("[role=radio]", "Short").is_some()).await;
    let automatic = pane.find("[role=radio]", "Automatic").unwrap();
    automatic.focus().unwrap();
    run("document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowDown', bubbles: true}))");
    assert!(holds("document.activeElement.textContent.includes('Short')"));
    frame().await;
    assert_eq!(json("world.inserted"), "[]");
}

#[wasm_bindgen_test]
async fn a_changed_field_is_saved_and_shows_in_the_signature() {
    let pane = mount("");
    pane.click("summary", "Your details").await;
    until("the field", || holds("document.querySelector('#field-mobile')")).await;
    run(
        "{const input = document.querySelector('#field-mobile'); input.value = '+41 80'; input.dispatchEvent(new Event('input', {bubbles: true}))}",
    );
    pane.click("button[type=submit]", "Save").await;
    pane.sees("Saved").await;
    assert_eq!(json("world.asked.find((one) => one.method == 'PATCH').body"), r#"{"fields":{"mobile":"+41 80"}}"#);
    until("the new signature", || {
        holds("document.querySelector('iframe').contentDocument.body?.textContent == '+41 80'")
    })
    .await;
}

#[wasm_bindgen_test]
async fn undo_takes_the_persons_own_value_away() {
    let pane = mount("");
    until("the field", || pane.find(".field button", "").is_some()).await;
    pane.click(".field button", "").await;
    until("the request", || holds("world.asked.some((one) => one.method == 'PATCH')")).await;
    assert_eq!(json("world.asked.find((one) => one.method == 'PATCH').body"), r#"{"fields":{"mobile":null}}"#);
    until("the directory's", || holds("document.querySelector('#field-mobile').value == '+41 44'")).await;
}

#[wasm_bindgen_test]
async fn a_refused_field_says_why_below_itself_and_keeps_what_was_typed() {
    let pane =
        mount(r#"world.fieldErrors = [{detail: "Digits only.", field: "fields.mobile"}, {detail: "Try later."}]"#);
    pane.click("summary", "Your details").await;
    until("the field", || holds("document.querySelector('#field-mobile')")).await;
    run(
        "{const input = document.querySelector('#field-mobile'); input.value = 'x'; input.dispatchEvent(new Event('input', {bubbles: true}))}",
    );
    pane.click("button[type=submit]", "Save").await;
    pane.sees("Digits only.").await;
    pane.sees("Try later.").await;
    assert!(holds("document.querySelector('#field-mobile').value == 'x'"));
    assert!(holds("document.querySelector('#field-mobile').getAttribute('aria-invalid') == 'true'"));
    assert!(holds("document.querySelector('#field-mobile-error').textContent == 'Digits only.'"));
}

#[wasm_bindgen_test]
async fn where_no_rule_gives_a_signature_the_pane_says_why() {
    let pane = mount("world.answer.html = ''; world.answer.because = [world.answer.because[0]]");
    pane.sees("No signature for this draft").await;
    pane.sees("This is a new mail.").await;
    assert!(!pane.text().contains("Insert now"));
}

#[wasm_bindgen_test]
async fn a_server_that_is_away_leaves_the_kept_signature_and_a_way_to_try_again() {
    let pane = mount("world.status = 0");
    run(
        r#"localStorage.setItem("paraph|lena@example.com|lena@example.com|new|html", JSON.stringify({html: "<p>Kept</p>", text: "Kept", fingerprint: "k", at: Date.now()}))"#,
    );
    pane.sees("server does not answer").await;
    pane.sees("Your last signature").await;
    run("world.status = 200");
    pane.click("button", "Try again").await;
    pane.sees("Standard").await;
}

#[wasm_bindgen_test]
async fn a_refusal_is_shown_in_the_servers_words() {
    let pane = mount("world.status = 403; world.refuse = 'You may not send as sales@example.com.'");
    pane.sees("You may not send as sales@example.com.").await;
}

#[wasm_bindgen_test]
async fn somebody_signed_out_signs_in_with_a_click() {
    let pane = mount("world.signIn = 'popup'");
    pane.sees("Sign in to see your signature").await;
    pane.click("button", "Sign in").await;
    pane.sees("Standard").await;
}

#[wasm_bindgen_test]
async fn a_refused_token_is_replaced_once() {
    let pane = mount("world.staleTokens = ['Bearer token-1']");
    pane.sees("Standard").await;
    assert_eq!(json("world.asked.slice(0, 2).map((one) => one.token)"), r#"["Bearer token-1","Bearer token-2"]"#);
}

#[wasm_bindgen_test]
async fn methods_that_throw_or_never_answer_leave_the_pane_usable() {
    let pane =
        mount("world.throws = ['getComposeTypeAsync', 'from', 'addHandlerAsync']; world.silent = ['cc', 'session']");
    pane.sees("Standard").await;
    assert!(holds("world.asked[0].body.from == 'lena@example.com'"));
    run("world.throws.push('setSignatureAsync')");
    pane.click("button", "Insert now").await;
    pane.sees("Outlook did not accept the signature: Outlook stopped with an error.").await;
}

#[wasm_bindgen_test]
async fn a_pane_without_a_draft_says_what_to_do() {
    let pane = mount("world.item = false");
    pane.sees("No draft is open").await;
}

#[wasm_bindgen_test]
async fn changed_recipients_bring_the_signature_up_to_date() {
    let pane = mount("");
    pane.sees("Standard").await;
    until("the handler", || holds("world.handlers.length")).await;
    run("world.to = []; world.answer = {...world.answer, name: 'Internal'}; world.handlers[0]({})");
    pane.sees("Internal").await;
}

#[wasm_bindgen_test]
async fn another_accounts_token_is_warned_of() {
    let pane = mount("world.owner = 'max@example.net'");
    pane.sees("This mailbox belongs to max@example.net, but you are signed in as lena@example.com").await;
    pane.click("button", "").await;
    until("the second look", || holds("world.asked.filter((one) => one.path == '/api/v1/signature').length == 2"))
        .await;
    pane.sees("This mailbox belongs to max@example.net").await;
}

#[wasm_bindgen_test]
async fn an_account_that_may_not_sign_here_can_be_switched() {
    let pane = mount(
        "world.owner = 'max@example.net'; world.refuse = 'You may not send from this address.'; world.refuseSignatures = true;",
    );
    pane.sees("This mailbox belongs to max@example.net, but you are signed in as lena@example.com.").await;
    assert!(!pane.text().contains("You may not send"), "one sentence");
    pane.click("button", "Switch account").await;
    pane.sees("That was the same account again").await;
    run("world.refuseSignatures = false; world.owner = 'lena@example.com'");
    pane.click("button", "Switch account").await;
    pane.sees("Standard").await;
    assert!(!pane.text().contains("This mailbox belongs to"));
}

#[wasm_bindgen_test]
async fn scripts_in_a_signature_do_not_run() {
    let pane = mount(
        r#"world.answer.html = "<p onclick='parent.ran = 1'>Hi</p><script>parent.ran = 1</scr" + "ipt><img src=x: onerror='parent.ran = 1'>""#,
    );
    until("the frame", || holds("document.querySelector('iframe').contentDocument.body?.textContent.includes('Hi')"))
        .await;
    frame().await;
    assert!(holds("window.ran === undefined"));
    assert!(holds("document.querySelector('iframe').getAttribute('sandbox') == 'allow-same-origin'"));
    drop(pane);
}

#[wasm_bindgen_test]
async fn diagnostics_are_copied_or_selected_where_copying_is_denied() {
    let pane = mount("");
    pane.sees("Standard").await;
    run(
        "Object.defineProperty(navigator, 'clipboard', {configurable: true, value: Object.create(Clipboard.prototype, {writeText: {value: async (text) => { window.copied = text; }}})})",
    );
    pane.click("summary", "Diagnostics").await;
    pane.sees("Mailbox 1.10").await;
    pane.click("button", "Copy").await;
    pane.sees("Copied").await;
    assert!(holds(
        "copied.includes('Paraph: 1.2.3') && copied.includes('NestedAppAuth 1.1') && !copied.includes('Mailbox 1.11')"
    ));
    run("Object.defineProperty(navigator, 'clipboard', {configurable: true, value: undefined})");
    pane.click("button", "Copy").await;
    pane.sees("press Ctrl+C").await;
    assert!(holds("getSelection().toString().includes('Paraph: 1.2.3')"));
}

#[wasm_bindgen_test]
async fn a_change_while_something_is_being_inserted_waits_until_it_is() {
    let pane = mount("");
    pane.sees("Standard").await;
    until("the handler", || holds("world.handlers.length")).await;
    run(
        "world.slow = Office.context.mailbox.item.body.setSignatureAsync; Office.context.mailbox.item.body.setSignatureAsync = (...args) => setTimeout(() => world.slow(...args), 900)",
    );
    pane.click("[role=radio]", "Short").await;
    run("world.handlers[0]({})");
    pane.sees("The signature is in your draft.").await;
    until("the next look", || {
        holds("world.asked.at(-1).body?.choice == 'short' || JSON.parse(world.session.paraph).choice == 'short'")
    })
    .await;
    pane.sees("You chose this signature").await;
}

#[wasm_bindgen_test]
async fn what_was_typed_outlives_an_undo_elsewhere_and_a_save_leaves_the_focus() {
    let pane = mount(
        "world.fields.push({token: 'title', label: 'Title', value: 'Dr', own: false}); world.session.paraph = JSON.stringify({fingerprint: 'automatic', event: 'x', at: 1})",
    );
    pane.click("summary", "Your details").await;
    until("the field", || holds("document.querySelector('#field-title')")).await;
    run(
        "{const input = document.querySelector('#field-title'); input.value = 'Prof'; input.dispatchEvent(new Event('input', {bubbles: true}))}",
    );
    pane.click(".field button", "").await;
    until("the directory's", || holds("document.querySelector('#field-mobile').value == '+41 44'")).await;
    assert!(holds("document.querySelector('#field-title').value == 'Prof'"));
    let save = pane.find("button[type=submit]", "Save").unwrap();
    until("idle", || save.get_attribute("aria-disabled").as_deref() == Some("false")).await;
    save.focus().unwrap();
    save.click();
    pane.sees("Saved").await;
    assert!(holds("document.activeElement.textContent == 'Save'"));
    assert_eq!(json("world.asked.findLast((one) => one.method == 'PATCH').body"), r#"{"fields":{"title":"Prof"}}"#);
    pane.click("button", "Update this draft").await;
    pane.sees("The signature is in your draft.").await;
    until("the draft is up to date", || !pane.text().contains("Update this draft")).await;
}

#[wasm_bindgen_test]
async fn a_failed_sign_in_says_so_in_plain_words() {
    let pane = mount("world.signIn = 'popup'");
    pane.sees("Sign in to see your signature").await;
    assert!(!pane.text().contains("Somebody has to sign in."));
    run("world.status = 401");
    pane.click("button", "Sign in").await;
    pane.sees("Signing in did not work.").await;
}
