//! The real pane beside the draft, and the compose window under a person's hands.

use crate::page::{Page, with_page};
use fantoccini::Locator;
use serde_json::json;

const PANE: &str = "document.querySelector('#pane iframe').contentDocument.body";

async fn open_pane(page: &Page) {
    page.run("simulator.openPane()").await;
    says(page, "Diagnostics").await;
}

/// Waits until the pane shows a text.
pub(crate) async fn says(page: &Page, text: &str) {
    page.until(&format!("{PANE}?.innerText.includes({})", json!(text))).await;
}

/// Clicks the pane's button with that label, as a person does.
pub(crate) async fn press(page: &Page, label: &str) {
    let frame = page.client.find(Locator::Css("#pane iframe")).await.expect("the pane");
    frame.enter_frame().await.expect("its frame");
    let path = format!("//button[not(@disabled) and contains(normalize-space(.), '{label}')]");
    page.client.wait().for_element(Locator::XPath(&path)).await.expect("the button");
    for button in page.client.find_all(Locator::XPath(&path)).await.expect("buttons") {
        // What the page shows before its program runs has buttons of the same name.
        if button.is_displayed().await.expect("a state") {
            button.click().await.expect("a click");
            break;
        }
    }
    page.client.enter_parent_frame().await.expect("the page");
}

#[test]
fn the_pane_shows_the_signature_in_the_draft_and_why_this_one() {
    with_page(async |page| {
        let record = page.compose("new").await;
        open_pane(&page).await;
        says(&page, &record.name.expect("a name")).await;
        says(&page, "In this draft").await;
        says(&page, "Why this one").await;
        // When Outlook makes it narrow, nothing is cut off at the side.
        for width in [320, 270, 220] {
            page.run(&format!(
                "const frame = document.querySelector('#pane iframe'); for (const one of [frame.parentElement, frame]) \
                 one.style.cssText = 'width: {width}px; min-width: 0; border: 0'"
            ))
            .await;
            page.until(&format!("{PANE}.ownerDocument.defaultView.innerWidth === {width}")).await;
            let wide: i64 = page.get(&format!("{PANE}.scrollWidth - {PANE}.clientWidth")).await;
            assert_eq!(wide, 0, "{width} pixels");
            let cut = "[...BODY.querySelectorAll('h1, h2, p, button, strong')].filter((one) => one.offsetWidth && \
                       (one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== 'inline' || \
                       one.getBoundingClientRect().right > BODY.clientWidth)).map((one) => one.innerText).join('|')";
            let cut: String = page.get(&cut.replace("BODY", PANE)).await;
            assert_eq!(cut, "", "{width} pixels");
        }
    });
}

#[test]
fn insert_now_brings_back_a_signature_that_was_removed() {
    with_page(async |page| {
        page.compose("reply").await;
        let before = page.signature().await;
        page.run("simulator.removeSignature(); simulator.type('Mine.')").await;
        assert_eq!(page.signatures().await, 0);
        open_pane(&page).await;
        press(&page, "Insert now").await;
        says(&page, "The signature is in your draft.").await;
        assert_eq!(page.signatures().await, 1);
        assert_eq!(page.signature().await, before);
        assert!(page.text().await.starts_with("Mine."));
    });
}

#[test]
fn insert_now_never_makes_a_second_signature() {
    with_page(async |page| {
        page.compose("new").await;
        open_pane(&page).await;
        press(&page, "Insert now").await;
        says(&page, "The signature is in your draft.").await;
        page.fire("OnNewMessageCompose").await;
        assert_eq!(page.signatures().await, 1);
    });
}

#[test]
fn the_pane_says_that_the_server_is_away_and_recovers() {
    with_page(async |page| {
        page.compose("new").await;
        page.run("simulator.server('stopped')").await;
        open_pane(&page).await;
        says(&page, "server does not answer").await;
        assert_eq!(page.signatures().await, 1, "the draft keeps its signature");
        page.run("simulator.server('normal')").await;
        press(&page, "Try again").await;
        says(&page, "Insert now").await;
    });
}

#[test]
fn the_pane_follows_the_recipients() {
    with_page(async |page| {
        page.sign_in(|person| person.name.is_ascii()).await;
        page.compose("new").await;
        open_pane(&page).await;
        says(&page, "In this draft").await;
        page.add_recipient("to", "priya.nair@northwind.example").await;
        says(&page, "In this draft").await;
        let shown: bool = page.get(&format!("{PANE}.innerText.includes('Insert now')")).await;
        assert!(shown);
    });
}

#[test]
fn the_pane_works_for_appointments_and_in_classic_outlook() {
    with_page(async |page| {
        page.compose("appointment").await;
        open_pane(&page).await;
        says(&page, "Insert now").await;
        page.run("await simulator.platform('classic')").await;
        page.compose("new").await;
        open_pane(&page).await;
        says(&page, "In this draft").await;
    });
}

#[test]
fn a_message_can_be_started_and_addressed_with_the_keyboard() {
    with_page(async |page| {
        let start = page.client.find(Locator::Css(".actions [data-compose=new]")).await.expect("the button");
        start.send_keys("\u{e007}").await.expect("Enter");
        page.until("simulator.records.length === 1 && !simulator.records[0].pending").await;
        let to = page.client.active_element().await.expect("a focused field");
        assert_eq!(to.attr("id").await.expect("an id").as_deref(), Some("to"));
        to.send_keys("priya.nair@northwind.example,").await.expect("keys");
        page.until("document.querySelector('.chip.external') && simulator.draft.to.length === 1").await;
        page.run("await simulator.settled()").await;

        let subject = page.client.find(Locator::Css("#subject")).await.expect("the subject");
        subject.send_keys("Field days\u{e004}Hello Priya").await.expect("keys, with Tab between the two");
        assert!(page.text().await.starts_with("Hello Priya"), "{}", page.text().await);
        assert_eq!(page.signatures().await, 1);
    });
}

#[test]
fn an_error_in_the_add_in_would_be_noticed() {
    with_page(async |page| {
        page.compose("new").await;
        let frame = "document.querySelector('iframe[hidden]:not([id])').contentWindow";
        page.run(&format!("{frame}.Office.context.mailbox.item.noSuchThing; {frame}.dispatchEvent(new ErrorEvent('error', {{ message: 'broken' }}))")).await;
        page.until("simulator.errors.length === 2").await;
        page.run("simulator.errors.length = 0").await;
    });
}
