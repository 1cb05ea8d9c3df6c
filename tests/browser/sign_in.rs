//! A host that gives no token: the pane opens its own sign-in window, which runs for real against the demo's authority.

use crate::addin::panes::{press, says};
use crate::page::{Page, Person, with_page};
use fantoccini::Locator;
use fantoccini::elements::Element;
use serde_json::json;

/// Clicks the pane's button as soon as it can be clicked.
const INSERT: &str = "[...document.querySelector('#pane iframe').contentDocument.querySelectorAll('button')] \
    .some((button) => button.innerText.includes('Insert now') && button.offsetParent && !button.disabled \
        && (button.click(), true))";

/// Opens a draft and the pane in a host without tokens, as somebody of the company.
async fn signed_out(page: &Page) -> Person {
    let person = page.sign_in(|_| true).await;
    page.run("await simulator.signIn('none'); await simulator.compose('new'); simulator.openPane()").await;
    says(page, "Sign in to see your signature").await;
    person
}

/// Enters the sign-in window and finds the link with this text in it.
async fn link(page: &Page, text: &str) -> Element {
    // Not before it shows the link: a frame that loads another page, or belonged to the last window, is no place to look in.
    let shown = json!(text);
    page.until(&format!(
        "[...document.querySelector('#dialog[open] iframe')?.contentDocument?.links ?? []].some((link) => link.innerText.includes({shown}))"
    ))
    .await;
    let frame = page.client.wait().for_element(Locator::Css("#dialog iframe")).await.expect("the sign-in window");
    frame.enter_frame().await.expect("its frame");
    let path = format!("//a[contains(., {})]", json!(text));
    page.client.wait().for_element(Locator::XPath(&path)).await.expect("the link")
}

async fn click(page: &Page, text: &str) {
    link(page, text).await.click().await.expect("a click");
    page.client.enter_parent_frame().await.expect("the page");
}

#[test]
fn signed_out_the_pane_signs_in_through_its_own_window() {
    with_page(async |page| {
        let person = signed_out(&page).await;
        assert_eq!(page.signatures().await, 0, "nobody is signed in");
        press(&page, "Sign in").await;
        click(&page, &person.address).await;
        says(&page, "Insert now").await;
        page.until("!document.querySelector('#dialog').open").await;
        // In one step: a look at the draft, now that the pane has the focus again, disables the button for a moment.
        page.until(INSERT).await;
        says(&page, "The signature is in your draft.").await;
        let signature = page.signature().await;
        assert!(signature.contains(&person.name), "{signature}");
        let left: usize = page.get("sessionStorage.length").await;
        assert_eq!(left, 0, "verifier and state are gone");
    });
}

#[test]
fn a_cancelled_sign_in_says_so_and_can_be_tried_again() {
    with_page(async |page| {
        let person = signed_out(&page).await;
        press(&page, "Sign in").await;
        click(&page, "Cancel").await;
        says(&page, "The sign-in was cancelled.").await;
        page.until("!document.querySelector('#dialog').open").await;
        press(&page, "Sign in").await;
        let person_link = link(&page, &person.address).await;
        person_link.send_keys("\u{e007}").await.expect("Enter");
        page.client.enter_parent_frame().await.expect("the page");
        says(&page, "Insert now").await;
    });
}

#[test]
fn a_closed_sign_in_window_says_so() {
    with_page(async |page| {
        signed_out(&page).await;
        press(&page, "Sign in").await;
        link(&page, "Cancel").await;
        page.client.enter_parent_frame().await.expect("the page");
        let close = page.client.find(Locator::Css("#dialog button")).await.expect("the button");
        close.click().await.expect("a click");
        says(&page, "The sign-in window was closed").await;
    });
}
