//! What somebody does who has never seen the console: a design from the gallery, changed, for one group, and looked at in *Who
//! gets what*. Everything is found by the words on the screen. `PARAPH_SCREENSHOTS` names a folder for a picture of each step.

use crate::page::{Console, PATIENCE, with_console};
use fantoccini::Locator;
use serde_json::json;
use std::path::PathBuf;

const ENTER: &str = "\u{E007}";
/// Control and A, and control no longer.
const ALL: &str = "\u{E009}a\u{E000}";
/// What they colour the name in, as a pattern; nothing of the demo's has it.
const RED: &str = "/#b00020|rgb\\(176, 0, 32\\)/i";

impl Console {
    /// Follows the link with these words.
    pub(crate) async fn follow(&self, words: &str) {
        let found = format!("//a[normalize-space(.)={}]", json!(words));
        let link = self.client.wait().at_most(PATIENCE).for_element(Locator::XPath(&found)).await.expect(words);
        link.click().await.expect("a click");
    }

    pub(crate) async fn keep_picture(&self, step: &str) {
        let Some(folder) = std::env::var_os("PARAPH_SCREENSHOTS").map(PathBuf::from) else { return };
        let picture = self.client.screenshot().await.expect("a picture");
        std::fs::create_dir_all(&folder).expect("the folder");
        std::fs::write(folder.join(format!("{step}.png")), picture).expect("a file");
    }

    /// Chooses the first of what is offered for these letters.
    pub(crate) async fn choose(&self, label: &str, letters: &str) {
        // In the place of who was chosen before, if anybody was.
        let field = format!("//*[@id=//label[normalize-space(.)={}]/@for]", json!(label));
        let field = self.client.wait().at_most(PATIENCE).for_element(Locator::XPath(&field)).await.expect(label);
        field.click().await.expect("a click");
        field.send_keys(&format!("{ALL}{letters}")).await.expect("typing");
        self.until("!!document.querySelector('[role=option].active')").await;
        self.client.active_element().await.expect("the field").send_keys(ENTER).await.expect("a key");
    }
}

#[test]
fn a_newcomer_gives_one_group_a_design_from_the_gallery_and_sees_it() {
    with_console(async |console| {
        console.go("/console").await;
        console.follow("Templates").await;
        console.follow("New from the gallery").await;
        console.press("Logo and rule").await;
        console.keep_picture("1-gallery").await;
        console.fill("Name of your template", "Leadership, red").await;
        console.press("Use this design").await;

        console.until("document.querySelector('h1')?.innerText === 'Leadership, red'").await;
        console.says("No rule uses it yet").await;
        let canvas = Locator::Css("iframe[title='The template']");
        let canvas = console.client.wait().at_most(PATIENCE).for_element(canvas).await.expect("the visual view");
        // It draws a moment later.
        console.until("!!document.querySelector('iframe[title=\"The template\"]').contentDocument.querySelector('[data-root] [data-chip]')").await;
        console.keep_picture("2-editor").await;
        canvas.enter_frame().await.expect("its frame");
        let name = Locator::Css("[data-chip*=display_name]");
        console.client.find(name).await.expect("the name").click().await.expect("a click");
        console.client.enter_parent_frame().await.expect("the page");
        // The browser's own picker of colours is no part of the page.
        let pick = "const field = document.querySelector('[aria-label=\"Text colour\"]'); field.value = '#b00020'; \
            field.dispatchEvent(new Event('input', { bubbles: true })); field.dispatchEvent(new Event('change', { bubbles: true }))";
        console.until("!!document.querySelector('[aria-label=\"Text colour\"]')").await;
        console.run(pick).await;
        console
            .until(&format!("!!document.querySelector('.shown iframe').contentDocument.body.innerHTML.match({RED})"))
            .await;
        console.until("document.querySelector('.saving').innerText === 'Saved, not published yet'").await;
        console.keep_picture("3-changed").await;

        console.follow("Create a rule").await;
        console
            .until("document.querySelector('.in-words')?.innerText.includes('Adds the signature “Leadership, red”')")
            .await;
        console.radio("Groups").await;
        console.choose("Which groups", "lead").await;
        console.says("What would change").await;
        console.press("Switch on").await;
        console.until("!document.querySelector('dialog[open]')").await;
        console
            .until("document.querySelector('.in-words').innerText.includes('For mail from people in “Leadership”')")
            .await;
        console.until("document.querySelector('.saving').innerText === 'Saved'").await;
        console.keep_picture("4-rule").await;

        console.follow("Who gets what").await;
        console.choose("Person", "maren").await;
        console.says("There are unpublished changes").await;
        console.keep_picture("5-as-published").await;
        console.press("Include them").await;
        let drawn = format!(
            "[...document.querySelectorAll('iframe')].some((one) => one.contentDocument?.body?.innerHTML.match({RED}))"
        );
        console.until(&drawn).await;
        console.says("Applies: Maren Halden is in “Leadership”").await;
        console.keep_picture("6-with-changes").await;
        // Nobody else gets it.
        console.choose("Person", "fiona").await;
        console.says("and this one is from Fiona MacRae").await;
        console.until(&format!("!{drawn}")).await;

        console.follow("Unpublished changes").await;
        console.press("Compare").await;
        // The fourth of them writes from a Labs address, whose own rule stays before this one.
        console.until("document.querySelectorAll('.person-row').length === 3").await;
        console.keep_picture("7-compared").await;
        console.publish().await;
        console.keep_picture("8-published").await;
        // As it was, for the other tests.
        let rules = console.rules().await;
        let at = rules.iter().position(|rule| rule["name"].as_str() == Some("Leadership, red")).expect("the rule");
        console.switch_rule(i32::try_from(at).expect("a place")).await;
        console.publish().await;
    });
}
