//! The audit in words.

use crate::people::{Desk, at_each_server};
use api::console::paths;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::TestApp;

impl Desk<'_> {
    async fn audit(&self, query: &str) -> Value {
        let answer = self.owner.get(&format!("{}?{query}", self.path(paths::AUDIT, ""))).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.json()
    }
}

#[tokio::test]
async fn who_changed_what_is_told_in_words() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let changes = json!({ "fields": { "title": { "value": "Countess", "locked": true } }, "aliases": [] });
        assert_eq!(desk.change("ada", &changes).await.status, StatusCode::OK);
        let audit = desk.audit("").await;
        let entry = &audit["entries"][0];
        assert_eq!((&entry["action"], &entry["subject"]), (&json!("change_person"), &json!("Ada Lovelace")));
        assert_eq!((&entry["actor"], &entry["address"]), (&json!("Owner <owner@example.com>"), &json!("127.0.0.1")));
        let change = |what: &str, from: Value, to: Value| {
            let mut change = json!({ "what": what, "from": from, "to": to });
            change.as_object_mut().unwrap().retain(|_, value| !value.is_null());
            change
        };
        let expected = json!([
            change("Aliases", json!("countess@example.com"), json!("")),
            change("Job title", Value::Null, json!("Countess")),
            change("Job title: locked", json!("no"), json!("yes")),
        ]);
        assert_eq!(entry["changes"], expected);
        assert_eq!(desk.owner.delete(&desk.path(paths::PERSON, "alan")).await.status, StatusCode::NO_CONTENT);
        let entry = desk.audit("").await["entries"][0].clone();
        assert_eq!((&entry["action"], &entry["subject"]), (&json!("delete_person"), &json!("Alan Turing")));
        assert!(audit["actions"].as_array().unwrap().contains(&json!("import")), "{audit}");
    })
    .await;
}

#[tokio::test]
async fn changes_are_found_by_words_action_and_time_a_page_at_a_time() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        for number in 0..5 {
            app.clock.advance_ms(1_000);
            let title = json!({ "fields": { "title": { "value": format!("Title {number}") } } });
            assert_eq!(desk.change("ada", &title).await.status, StatusCode::OK);
        }
        let count = |audit: &Value| audit["entries"].as_array().unwrap().len();
        assert_eq!(count(&desk.audit("search=LOVELACE&action=change_person").await), 5);
        assert_eq!(count(&desk.audit("search=title%203").await), 2, "as what came, and as what went");
        assert_eq!(count(&desk.audit("action=no_such_thing").await), 0);
        let now_ms = app.clock.now_ms();
        assert_eq!(count(&desk.audit(&format!("action=change_person&from_ms={}", now_ms - 1_000)).await), 2);
        assert_eq!(count(&desk.audit(&format!("action=change_person&until_ms={now_ms}")).await), 4);
        let first = desk.audit("action=change_person&limit=3").await;
        let next = first["next"].as_i64().unwrap();
        let second = desk.audit(&format!("action=change_person&limit=3&before={next}")).await;
        assert_eq!((count(&first), count(&second), &second["next"]), (3, 2, &Value::Null));
        assert_eq!(second["entries"][0]["changes"][0]["to"], "Title 1");
    })
    .await;
}

#[tokio::test]
async fn the_export_is_csv_with_a_line_for_each_change() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    desk.change("ada", &json!({ "fields": { "title": { "value": "=1" }, "phone": { "value": "x" } } })).await;
    let answer = desk.owner.get(&format!("{}?action=change_person", desk.path(paths::AUDIT_EXPORT, ""))).await;
    let text = answer.text();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], "\u{feff}at,actor,address,action,subject,what,from,to");
    let start = "2026-11-21T12:00:00Z,Owner <owner@example.com>,127.0.0.1,change_person,Ada Lovelace";
    assert_eq!(lines[1..], [format!("{start},Phone,,x"), format!("{start},Job title,,'=1")]);
    for method in ["PUT", "PATCH", "DELETE", "POST"] {
        let answer = desk.owner.send(method, &desk.path(paths::AUDIT, ""), &json!({})).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    }
}
