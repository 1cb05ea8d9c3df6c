//! Who gets what, and publishing what was changed.

use crate::page::with_console;
use fantoccini::Locator;
use serde_json::{Value, json};

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

#[test]
fn a_change_of_replies_alone_is_counted_and_listed_with_its_messages() {
    with_console(async |console| {
        console.open_rules().await;
        let mut rules = console.rules().await;
        rules.insert(
            0,
            json!({ "id": "replies-first", "name": "Replies first", "kinds": ["reply"], "gives": { "signature": "full" } }),
        );
        assert_eq!(console.send("PUT", "/rules", &json!({ "rules": rules })).await.0, 200);
        console.go_in("/changes").await;
        console.press("Compare").await;
        console.until("!!document.querySelector('.counts')").await;
        // The table has a row for each kind: nobody's new mails, somebody's replies.
        let cells = "[...document.querySelectorAll('[aria-labelledby=cells-heading] tbody tr')]\
             .map((row) => [...row.querySelectorAll('td')].slice(-2).some((cell) => cell.innerText !== '0'))";
        console.until("document.querySelectorAll('[aria-labelledby=cells-heading] tbody tr').length === 4").await;
        assert_eq!(console.get::<Vec<bool>>(cells).await, [false, true, false, false]);
        console.until("document.querySelector('.listing tbody')?.innerText.includes('Replies')").await;
        console.until("document.querySelector('.listing tbody').innerText.includes('instead of')").await;
        console.client.find(Locator::Css(".person-row")).await.expect("somebody").click().await.expect("a click");
        console.until("document.querySelectorAll('.sides > section').length === 2").await;
        // The other messages of theirs can be looked at, too.
        console
            .until("[...document.querySelectorAll('[aria-labelledby=both-heading] select option')].length > 2")
            .await;
        console.press("Publish …").await;
        console.says("get something different in replies").await;
        console.press("Cancel").await;
        // For a new mail alone nothing changes.
        console.run("document.querySelector('details > summary').click()").await;
        console.run("document.querySelectorAll('.radios input')[1].click()").await;
        console.press("Compare").await;
        console.until("document.querySelector('.counts strong')?.innerText === '0'").await;
        console.open_rules().await;
    });
}

#[test]
fn what_is_not_ready_is_corrected_or_published_by_somebody_who_accepts_it() {
    with_console(async |console| {
        let (_, detail) = console.send("GET", "/templates/compact", &Value::Null).await;
        let mut template = detail["template"].clone();
        template.as_object_mut().expect("a template").remove("id");
        let before = template["html"].clone();
        let html = before.as_str().expect("HTML").to_owned();
        // Nothing to see.
        template["html"] = json!("<p>&nbsp;</p>");
        assert_eq!(console.send("PUT", "/templates/compact", &template).await.0, 200);
        console.go_in("/changes").await;
        console.says("It shows nothing").await;
        console.press("Publish …").await;
        console.says("shows nothing to anybody").await;
        console.until("!!document.querySelector('dialog[open] form button[type=submit][aria-disabled=true]')").await;
        // A warning, and something that can be corrected.
        template["html"] = json!(format!("{html}<!--[if mso]>x<![endif]--><p>{{rt}}</p>"));
        assert_eq!(console.send("PUT", "/templates/compact", &template).await.0, 200);
        console.go_in("/changes").await;
        console.says("looks like a placeholder").await;
        console.run("[...document.querySelectorAll('.ready-list button')].at(-1).click()").await;
        console.until("!document.querySelector('.ready-list button')").await;
        console.press("Publish …").await;
        console.until("!!document.querySelector('dialog[open] input[type=checkbox]')").await;
        console.run("document.querySelector('dialog[open] input[type=checkbox]').click()").await;
        console.press("Publish now").await;
        console.says("Everything is published").await;
        // As it was.
        template["html"] = before;
        assert_eq!(console.send("PUT", "/templates/compact", &template).await.0, 200);
        console.go_in("/changes").await;
        console.publish().await;
    });
}
