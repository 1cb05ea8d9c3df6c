//! Blocks: changed once for every template that uses them.

use super::adas_signature;
use crate::people::{Desk, at_each_server};
use api::console::paths;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::{Answer, TestApp};

const MINUTE_MS: i64 = 60_000;

impl Desk<'_> {
    async fn create_block(&self, html: &str) -> String {
        let new = json!({ "name": "Footer", "folder": "Shared", "part": "block", "html": html });
        let answer = self.owner.send("POST", &self.path(paths::TEMPLATES, ""), &new).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        answer.json()["template"]["id"].as_str().unwrap().to_owned()
    }

    /// A published block that both of the company's signatures use.
    async fn used_block(&self, html: &str) -> String {
        let block = self.create_block(html).await;
        for id in ["long", "short"] {
            let html = format!("<p>{{{{ display_name }}}}</p>{}", include(&block));
            assert_eq!(self.save_template(id, &json!({ "html": html })).await.status, StatusCode::OK);
        }
        let answer = self.publish(&json!({ "changes": { "templates": ["long", "short", block] } })).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        block
    }

    /// What the gate finds in a block, once everybody has been looked at.
    async fn block_ready(&self, block: &str) -> Value {
        let body = json!({ "changes": { "templates": [block] } });
        let finished = async {
            loop {
                let answer = self.owner.send("POST", &self.path(paths::READY, ""), &body).await;
                assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
                if answer.json()["finished"] == true {
                    return answer.json();
                }
            }
        };
        tokio::time::timeout(std::time::Duration::from_mins(1), finished).await.expect("it does not finish")
    }

    async fn blocks_comparison(&self, changes: &Value) -> Value {
        let answer = self.owner.send("POST", &self.path(paths::COMPARISONS, ""), &json!({ "changes": changes })).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        let path = self.path(paths::COMPARISON, "").replace("{comparison}", &id);
        let finished = async {
            loop {
                let comparison = self.owner.get(&path).await.json();
                if comparison["finished"] == true {
                    return comparison;
                }
            }
        };
        tokio::time::timeout(std::time::Duration::from_mins(1), finished).await.expect("it does not finish")
    }

    async fn delete_design(&self, id: &str) -> Answer {
        self.owner.send("DELETE", &self.template_path(paths::TEMPLATE, id), &json!(null)).await
    }
}

fn include(block: &str) -> String {
    format!("{{% include \"{block}\" %}}")
}

fn names(links: &Value) -> Vec<&str> {
    links.as_array().map(|all| all.iter().map(|one| one["name"].as_str().unwrap()).collect()).unwrap_or_default()
}

#[tokio::test]
async fn a_block_is_changed_once_for_every_template_and_person() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let block = desk.used_block("<p>Old footer for {{ display_name }}</p>").await;
        assert!(adas_signature(app).await.contains("Old footer"));
        let (detail, _) = desk.template(&block).await;
        assert_eq!(names(&detail["used_in"]), ["Long", "Short"], "{detail}");
        assert_eq!(desk.save_template(&block, &json!({ "html": "<p>New footer</p>" })).await.status, StatusCode::OK);
        // Nothing changes before it is published.
        assert!(adas_signature(app).await.contains("Old footer"));
        let (changes, _) = desk.changes().await;
        let one = changes["templates"].as_array().unwrap();
        assert_eq!((one.len(), &one[0]["part"]), (1, &json!("block")), "{changes}");
        assert_eq!(names(&one[0]["used_in"]), ["Long", "Short"]);
        // The comparison and the gate count everyone whose template uses it.
        let comparison = desk.blocks_comparison(&json!({ "templates": [block] })).await;
        assert_eq!((&comparison["affected"], &comparison["total"]), (&json!(4), &json!(4)), "{comparison}");
        let ready = desk.block_ready(&block).await;
        assert_eq!((&ready["concerned"], &ready["findings"]), (&json!(4), &json!([])), "{ready}");
        let answer = desk.publish(&json!({ "changes": { "templates": [block] } })).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let after = adas_signature(app).await;
        assert!(after.contains("New footer") && !after.contains("Old"), "{after}");
        let entry = &app.app.store.list_audit(&desk.tenant, 1).await.unwrap()[0];
        assert!(entry.detail.contains("Block “Footer”") && entry.detail.contains("version 2"), "{}", entry.detail);
        // The templates themselves have no new version.
        assert_eq!(desk.template("long").await.0["state"]["version"], 2);
        // A change that shows nowhere concerns nobody.
        desk.save_template(&block, &json!({ "html": "<p>New   footer</p>" })).await;
        let comparison = desk.blocks_comparison(&json!({ "templates": [block] })).await;
        assert_eq!(comparison["affected"], 0, "{comparison}");
    })
    .await;
}

#[tokio::test]
async fn a_planned_block_is_published_at_its_time() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let block = desk.used_block("<p>Old footer</p>").await;
    desk.save_template(&block, &json!({ "html": "<p>Later footer</p>" })).await;
    let at_ms = app.clock.now_ms() + MINUTE_MS;
    let planned = desk.publish(&json!({ "changes": { "templates": [block] }, "at_ms": at_ms })).await;
    assert_eq!(planned.status, StatusCode::OK, "{}", planned.text());
    assert!(adas_signature(&app).await.contains("Old footer"));
    app.clock.advance_ms(2 * MINUTE_MS);
    app.run_due().await;
    assert!(adas_signature(&app).await.contains("Later footer"));
}

#[tokio::test]
async fn a_template_is_published_with_its_block_or_not_at_all() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let block = desk.create_block("<p>Footer</p>").await;
    desk.save_template("long", &json!({ "html": format!("<p>{{{{ title }}}}</p>{}", include(&block)) })).await;
    // With the block's unpublished version there is no problem, and the preview shows it.
    assert_eq!(desk.template("long").await.0["problems"], json!([]));
    let preview = desk.owner.get(&desk.template_path(paths::TEMPLATE_PREVIEW, "long")).await.json();
    assert!(preview["html"].as_str().unwrap().contains("Footer"), "{preview}");
    let (changes, _) = desk.changes().await;
    let long = changes["templates"].as_array().unwrap().iter().find(|one| one["id"] == "long").unwrap();
    assert!(long["refused"].as_str().unwrap().contains("“Footer”, which is not published"), "{changes}");
    let alone = desk.publish(&json!({ "changes": { "templates": ["long"] } })).await;
    assert_eq!((alone.status.as_u16(), alone.field().as_str()), (422, "changes"), "{}", alone.text());
    assert_eq!(desk.publish(&json!({ "changes": { "templates": ["long", block] } })).await.status, StatusCode::OK);
    desk.save_template("long", &json!({ "html": "<p>x</p>{% include \"nonesuch\" %}" })).await;
    let problems = desk.template("long").await.0["problems"].clone();
    assert!(problems[0]["detail"].as_str().unwrap().contains("no block “nonesuch”"), "{problems}");
    let missing = desk.publish(&json!({ "changes": { "templates": ["long"] } })).await;
    assert!(missing.status == 422 && missing.text().contains("does not exist"), "{}", missing.text());
}

#[tokio::test]
async fn a_block_in_use_is_not_deleted_and_stays_a_block() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let block = desk.used_block("<p>Footer</p>").await;
        let refused = desk.delete_design(&block).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text());
        assert!(refused.text().contains("“Long”, “Short”"), "{}", refused.text());
        let part = desk.save_template(&block, &json!({ "part": "signature" })).await;
        assert_eq!((part.status.as_u16(), part.field().as_str()), (422, "part"), "{}", part.text());
        for id in ["long", "short"] {
            desk.save_template(id, &json!({ "html": "<p>{{ display_name }}</p>" })).await;
        }
        // What is published still uses it.
        assert_eq!(desk.delete_design(&block).await.status, StatusCode::CONFLICT);
        desk.publish(&json!({ "changes": { "templates": ["long", "short"] } })).await;
        assert_eq!(desk.delete_design(&block).await.status, StatusCode::NO_CONTENT);
        assert_eq!(desk.delete_design(&block).await.status, StatusCode::NOT_FOUND);
        assert_eq!(desk.owner.get(&desk.path(paths::BLOCKS, "")).await.json(), json!({ "blocks": [] }));
    })
    .await;
}

#[tokio::test]
async fn what_is_no_block_is_refused_with_its_field() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let block = desk.create_block("<p>Footer</p>").await;
    let other = desk.create_block("<p>Other</p>").await;
    for (properties, field) in [
        (json!({ "html": include(&other) }), "html"),
        (json!({ "text": include(&other) }), "html"),
        (json!({ "offered_to": [] }), "offered_to"),
    ] {
        let answer = desk.save_template(&block, &properties).await;
        assert_eq!((answer.status.as_u16(), answer.field().as_str()), (422, field), "{properties}: {}", answer.text());
    }
    let rule = json!([{ "id": "all", "name": "All", "gives": { "signature": block } }]);
    let answer = desk.save_rules(&rule).await;
    assert_eq!((answer.status.as_u16(), answer.field().as_str()), (422, "rules[0].gives.signature"));
    assert!(answer.text().contains("this template is a block"), "{}", answer.text());
    assert_eq!(desk.template(&block).await.0["template"]["html"], "<p>Footer</p>");
}

#[tokio::test]
async fn the_gate_finds_what_a_block_does_to_templates() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let block = desk.used_block("<p>Footer</p>").await;
    let level = |ready: &Value, template: &str| {
        let found = ready["findings"].as_array().unwrap().iter().find(|one| one["template"] == template).cloned();
        found.map(|one| (one["level"].as_str().unwrap().to_owned(), one["detail"].as_str().unwrap().to_owned()))
    };
    desk.save_template(&block, &json!({ "html": "<p>[Your company]</p>" })).await;
    let ready = desk.block_ready(&block).await;
    let (found, detail) = level(&ready, "long").unwrap();
    assert!(found == "warning" && detail.contains("[Your company]"), "{ready}");
    let answer = desk.publish(&json!({ "changes": { "templates": [block] } })).await;
    assert_eq!((answer.status.as_u16(), answer.field().as_str()), (409, "accepted"), "{}", answer.text());
    // One that cannot be used stops all of it.
    desk.save_template(&block, &json!({ "html": "<p>{% if %}</p>" })).await;
    let answer = desk.publish(&json!({ "changes": { "templates": [block] } })).await;
    assert!(answer.status == 422 && answer.text().contains("the block “Footer” cannot be used"), "{}", answer.text());
    // So does one that makes a template too long.
    desk.save_template(&block, &json!({ "html": "x".repeat(99_990) })).await;
    let answer = desk.publish(&json!({ "changes": { "templates": [block] } })).await;
    assert!(answer.status == 422 && answer.text().contains("longer than"), "{}", answer.text());
    // One that nobody uses is looked at by itself.
    let unused = desk.create_block("<p> </p>").await;
    let ready = desk.block_ready(&unused).await;
    assert_eq!(level(&ready, &unused).unwrap().0, "error", "{ready}");
    assert_eq!(ready["findings"][0]["name"], "Footer");
}

#[tokio::test]
async fn an_exported_template_brings_its_blocks_along() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let block = desk.create_block("<p>{{ company }}</p><img src=\"image:logo.png\" alt=\"Logo\">").await;
    let html = format!("<p>{{{{ title }}}}</p>{}", include(&block));
    desk.save_template("long", &json!({ "html": html, "text": format!("T\n{}", include(&block)) })).await;
    let file = desk.owner.get(&desk.template_path(paths::TEMPLATE_EXPORT, "long")).await.json();
    let exported = &file["template"];
    assert_eq!(exported["html"], "<p>{{ title }}</p><p>{{ company }}</p><img src=\"image:logo.png\" alt=\"Logo\">");
    // The block has no text of its own: it is derived where the file is imported.
    assert_eq!(exported.get("text"), None);
    assert!(file["images"]["logo.png"].is_string());
    let imported = desk.owner.send("POST", &desk.path(paths::TEMPLATE_IMPORT, ""), &file).await;
    assert_eq!(imported.status, StatusCode::CREATED, "{}", imported.text());
    assert_eq!(imported.json()["problems"], json!([]));
    desk.save_template(&block, &json!({ "text": "{{ company }}" })).await;
    let file = desk.owner.get(&desk.template_path(paths::TEMPLATE_EXPORT, "long")).await.json();
    assert_eq!(file["template"]["text"], "T\n{{ company }}");
}

#[tokio::test]
async fn an_attached_template_attaches_its_blocks_images() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let block = desk.create_block("<p><img src=\"image:logo.png\" alt=\"Logo\"></p>").await;
    let html = format!("<p>{{{{ display_name }}}}</p>{}", include(&block));
    desk.save_template("long", &json!({ "html": html, "images": "cid" })).await;
    let answer = desk.publish(&json!({ "changes": { "templates": ["long", block] } })).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert!(adas_signature(&app).await.contains("src=\"cid:logo-"));
}
