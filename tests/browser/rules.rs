//! Rules, as an admin writes them.

use crate::page::{Console, with_console};
use serde_json::{Value, json};

const FIRST: &str = "document.querySelector('.rule .name')?.innerText";
const ARROW_DOWN: &str = "\u{E015}";
const ENTER: &str = "\u{E007}";

impl Console {
    /// The rules with their unpublished changes.
    pub(crate) async fn rules(&self) -> Vec<Value> {
        let list: Value =
            self.get(&format!("fetch('/api/v1/tenants/{}/rules').then((answer) => answer.json())", self.tenant)).await;
        list["rules"].as_array().expect("rules").iter().map(|entry| entry["rule"].clone()).collect()
    }

    /// Opens the list as it is published.
    pub(crate) async fn open_rules(&self) {
        self.send("DELETE", "/rules/unpublished", &Value::Null).await;
        self.go_in("/rules").await;
        self.until("document.querySelectorAll('.rule').length > 2").await;
    }

    /// Waits until the server has what was changed.
    async fn saved(&self) {
        self.until("document.querySelector('.saving')?.innerText === 'Saved'").await;
    }
}

#[test]
fn a_rule_is_moved_with_the_keyboard_and_keeps_the_focus() {
    with_console(async |console| {
        console.open_rules().await;
        let name: String = console.get(FIRST).await;
        console
            .run(
                "const grip = document.querySelector('.rule .grip'); grip.focus(); \
                 grip.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', altKey: true, bubbles: true }))",
            )
            .await;
        console.until(&format!("document.querySelectorAll('.rule .name')[1].innerText === {}", json!(name))).await;
        console
            .until(&format!(
                "document.activeElement.dataset.act === 'grip' && \
                 document.activeElement.closest('.rule').querySelector('.name').innerText === {}",
                json!(name)
            ))
            .await;
        console.says("is number 2 of").await;
        console.saved().await;
        assert_eq!(console.rules().await[1]["name"], json!(name), "the server has the new order");
        console.open_rules().await;
    });
}

#[test]
fn a_deleted_rule_comes_back_with_undo() {
    with_console(async |console| {
        console.open_rules().await;
        let name: String = console.get(FIRST).await;
        console.run("document.querySelector('.rule [data-act=more]').click()").await;
        console.press("Delete").await;
        console.until(&format!("{FIRST} !== {}", json!(name))).await;
        console.press("Undo").await;
        console.until(&format!("{FIRST} === {}", json!(name))).await;
        console.saved().await;
        assert_eq!(console.rules().await[0]["name"], json!(name));
        console.open_rules().await;
    });
}

#[test]
fn a_rule_for_one_group_is_said_in_words_while_it_is_written() {
    with_console(async |console| {
        console.open_rules().await;
        console.press("New rule").await;
        console.until("!!document.querySelector('.rule-editor')").await;
        console.fill("Name", "Leadership first").await;
        console
            .run(
                "const add = document.querySelector('.conditions select'); add.value = 'group'; \
                 add.dispatchEvent(new Event('change', { bubbles: true }))",
            )
            .await;
        console.fill("Group", "lead").await;
        console.until("!!document.querySelector('.choices [role=option]')").await;
        let field = console.client.active_element().await.expect("the field");
        field.send_keys(&format!("{ARROW_DOWN}{ENTER}")).await.expect("keys");
        console.until("document.querySelector('.in-words').innerText.includes('For mail from people in')").await;
        console.saved().await;
        console.client.refresh().await.expect("a reload");
        console.until("document.querySelector('h1')?.innerText === 'Leadership first'").await;
        console.says("For mail from people in").await;
        console.open_rules().await;
    });
}

#[test]
fn two_who_change_the_same_rule_see_both_versions_and_choose() {
    with_console(async |console| {
        console.open_rules().await;
        let first = console.rules().await[0]["id"].as_str().expect("an id").to_owned();
        console.go_in(&format!("/rules/{first}")).await;
        console.until("!!document.querySelector('.rule-editor')").await;
        let mut rules = console.rules().await;
        rules[0]["name"] = json!("Theirs");
        assert_eq!(console.send("PUT", "/rules", &json!({ "rules": rules })).await.0, 200);
        console.fill("Name", "Mine").await;
        console.says("Another user changed this, too").await;
        console.press("Keep all of mine").await;
        console.press("Save my choice").await;
        console.saved().await;
        assert_eq!(console.rules().await[0]["name"], "Mine");
        console.open_rules().await;
    });
}

#[test]
fn the_report_prints_on_white_without_what_surrounds_it_whatever_the_theme() {
    with_console(async |console| {
        console.go_in("/rules/report").await;
        console.until("!!document.querySelector('.report > li h2')").await;
        console.devtools.print(true).await.expect("paper");
        let printed: Value = console
            .get(
                "((of) => ({ page: of('body').backgroundColor, rule: of('.report > li').backgroundColor, \
                 name: of('.report h2').color, menu: of('.side').display, bar: of('.bar').display, \
                 actions: of('.head .row').display }))((found) => getComputedStyle(document.querySelector(found)))",
            )
            .await;
        console.theme(false).await;
        let (white, black) = ("rgb(255, 255, 255)", "rgb(0, 0, 0)");
        let expected =
            json!({ "page": white, "rule": white, "name": black, "menu": "none", "bar": "none", "actions": "none" });
        assert_eq!(printed, expected);
    });
}

#[test]
fn a_rule_for_a_template_is_off_until_somebody_is_chosen_and_says_what_would_change() {
    with_console(async |console| {
        console.open_rules().await;
        let before = console.rules().await;
        console.go_in("/rules?give=full").await;
        console.says("Who is it for?").await;
        console.saved().await;
        let made = console.rules().await;
        assert_eq!(made[..before.len()], before, "the others stay as they are, and first");
        assert_eq!((made.len(), &made[before.len()]["enabled"]), (before.len() + 1, &json!(false)));
        let chosen: bool = console.get("!!document.querySelector('dialog[open] input:checked')").await;
        assert!(!chosen, "nobody is chosen unless an admin does");
        let radio = |at: u32| format!("document.querySelectorAll('dialog[open] .radios input')[{at}].click()");
        console.run(&radio(0)).await;
        console.fill("Which groups", "oper").await;
        console.until("!!document.querySelector('.choices [role=option]')").await;
        let field = console.client.active_element().await.expect("the field");
        field.send_keys(&format!("{ARROW_DOWN}{ENTER}")).await.expect("keys");
        console.says("What would change").await;
        console.until("document.querySelector('dialog[open]').innerText.includes('comes before')").await;
        console.press("Switch on").await;
        console.until("!document.querySelector('dialog[open]')").await;
        console.says("For mail from people in").await;
        console.saved().await;
        let rules = console.rules().await;
        let at = rules.iter().position(|rule| rule["id"] == made[before.len()]["id"]).expect("the rule");
        assert_eq!(rules[at]["enabled"], true);
        assert_eq!(rules[at]["senders"]["any_of"].as_array().map(Vec::len), Some(1));
        // What is only for some messages still comes first.
        for narrow in rules[at..].iter().filter(|rule| rule["kinds"] != json!([]) || rule["keywords"] != json!([])) {
            assert_ne!(narrow["enabled"], true, "{narrow} lost its mail");
        }
        console.open_rules().await;

        // Left off, it is there for nobody; its page asks again when it is told to.
        console.go_in("/rules?give=full").await;
        console.press("Leave it off").await;
        console.says("This rule is switched off").await;
        console.press("Choose who it is for …").await;
        console.run(&radio(2)).await;
        console.says("What would change").await;
        console.press("Leave it off").await;
        console.saved().await;
        assert_eq!(console.rules().await.last().expect("a rule")["enabled"], false);
        console.open_rules().await;
    });
}
