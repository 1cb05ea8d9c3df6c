//! Who gets what, and publishing what was changed.

use crate::page::with_console;
use fantoccini::Locator;

#[test]
fn a_reload_keeps_whose_signature_is_traced_rule_by_rule() {
    with_console(async |console| {
        console.go_in("/simulation").await;
        console.says("Whose signature?").await;
        console.fill("Person", "grace").await;
        console.until("!!document.querySelector('.choices [role=option]')").await;
        console.client.active_element().await.expect("the field").send_keys("\u{E007}").await.expect("a key");
        console.until("document.querySelectorAll('.trace > li').length > 2").await;
        console.press("Someone external").await;
        console.until("location.search.includes('elsewhere.example')").await;
        console.client.refresh().await.expect("a reload");
        console.until("document.querySelectorAll('.trace > .applied').length > 0").await;
        console.until("document.querySelector('[role=combobox]').value === 'Grace Okafor'").await;
        console.says("a.customer@elsewhere.example").await;
    });
}

#[test]
fn everybody_is_counted_by_their_templates() {
    with_console(async |console| {
        console.go_in("/simulation?who=all").await;
        console.press("Compare everyone").await;
        console.says("Combination of templates").await;
        console.until("document.querySelectorAll('.person-row').length > 5").await;
        console.client.find(Locator::Css(".person-row")).await.expect("somebody").click().await.expect("a click");
        console.until("document.querySelectorAll('dialog[open] .trace > li').length > 2").await;
    });
}

#[test]
fn a_change_is_compared_for_everybody_and_then_published() {
    with_console(async |console| {
        // Without its last rules most people get no signature.
        console.switch_rule(-1).await;
        console.press("Compare").await;
        console.until("!!document.querySelector('.counts')").await;
        console.until("document.querySelectorAll('.person-row').length > 0").await;
        console.client.find(Locator::Css(".person-row")).await.expect("somebody").click().await.expect("a click");
        console.until("document.querySelectorAll('.sides > section').length === 2").await;
        console.press("Publish …").await;
        console.says("get something different").await;
        console.press("Publish now").await;
        console.says("Everything is published").await;
        // As it was.
        console.switch_rule(-1).await;
        console.publish().await;
    });
}
