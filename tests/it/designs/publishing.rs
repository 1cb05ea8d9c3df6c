//! Publishing: together, now or at a time.

use super::adas_signature;
use crate::people::{Desk, at_each_server};
use api::console::paths;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::TestApp;

/// Shorter than a session waits for its admin.
const MINUTE_MS: i64 = 60_000;

#[tokio::test]
async fn changes_are_published_at_their_time() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        desk.save_template("long", &json!({ "html": "<p>At eight</p>" })).await;
        let at_ms = app.clock.now_ms() + MINUTE_MS;
        let answer = desk.publish(&json!({ "changes": { "templates": ["long"] }, "at_ms": at_ms })).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        assert_eq!(answer.json()["templates"][0]["publish_ms"], at_ms);
        app.run_due().await;
        assert!(!adas_signature(app).await.contains("At eight"));
        app.clock.advance_ms(MINUTE_MS);
        app.run_due().await;
        app.run_due().await;
        assert!(adas_signature(app).await.contains("At eight"));
        assert_eq!(desk.template("long").await.0["state"]["version"], 2);
        let entries = app.app.store.list_audit(&desk.tenant, 2).await.unwrap();
        assert_eq!((entries[0].action.as_str(), entries[1].action.as_str()), ("publish", "plan_publishing"));
        assert!(entries[0].actor.name.contains("owner@example.com"));
    })
    .await;
}

#[tokio::test]
async fn a_later_change_forgets_the_time() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    desk.save_template("long", &json!({ "html": "<p>one</p>" })).await;
    let at_ms = app.clock.now_ms() + 1000;
    desk.publish(&json!({ "changes": { "templates": ["long"] }, "at_ms": at_ms })).await;
    assert_eq!(desk.save_template("long", &json!({ "html": "<p>two</p>" })).await.status, StatusCode::OK);
    app.clock.advance_ms(MINUTE_MS);
    app.run_due().await;
    let state = desk.template("long").await.0["state"].clone();
    assert_eq!((&state["version"], &state["changed"]), (&json!(1), &json!(true)));
}

#[tokio::test]
async fn what_cannot_be_published_at_its_time_waits_for_somebody() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let new = json!({ "name": "Fresh", "html": "<p>fresh</p>" });
    let id = desk.owner.send("POST", &desk.path(paths::TEMPLATES, ""), &new).await.json()["template"]["id"].clone();
    desk.save_rules(&json!([{ "id": "all", "name": "All", "gives": { "signature": id } }])).await;
    let at_ms = app.clock.now_ms() + 1000;
    let planned = desk.publish(&json!({ "changes": { "templates": [id], "rules": true }, "at_ms": at_ms })).await;
    assert_eq!(planned.status, StatusCode::OK, "{}", planned.text());
    // Its time is forgotten with this, and the rules would give what is not published.
    desk.save_template(id.as_str().unwrap(), &json!({ "html": "<p>fresher</p>" })).await;
    app.clock.advance_ms(MINUTE_MS);
    app.run_due().await;
    assert!(adas_signature(&app).await.contains("Analyst"));
    let changes = desk.changes().await.0;
    assert!(changes["rules"]["publish_ms"].is_null() && changes["rules"]["refused"].is_string(), "{changes}");
    assert_eq!(app.app.store.list_audit(&desk.tenant, 1).await.unwrap()[0].action, "publishing_failed");
}

#[tokio::test]
async fn nothing_is_published_that_nobody_looked_at() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    desk.save_template("long", &json!({ "html": "<p>one</p>" })).await;
    let (_, etag) = desk.changes().await;
    desk.save_template("long", &json!({ "html": "<p>two</p>" })).await;
    let path = desk.path(paths::PUBLISH, "");
    let answer = desk.owner.change("POST", &path, &etag, &json!({ "changes": { "templates": ["long"] } })).await;
    assert_eq!(answer.status, StatusCode::PRECONDITION_FAILED);
    for (body, field) in [
        (json!({ "changes": {} }), "changes"),
        (json!({ "changes": { "templates": ["short"] } }), "changes"),
        (json!({ "changes": { "templates": ["nothing"] } }), "changes"),
        (json!({ "changes": { "rules": true } }), "changes"),
        (json!({ "changes": { "templates": ["long"] }, "at_ms": 1 }), "at_ms"),
    ] {
        let answer = desk.publish(&body).await;
        assert_eq!((answer.status, answer.field().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, field), "{body}");
    }
    assert_eq!(desk.template("long").await.0["state"]["version"], 1);
}

#[tokio::test]
async fn what_was_planned_is_called_off_and_stays_unpublished() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        desk.save_template("long", &json!({ "html": "<p>later</p>" })).await;
        let rules = desk.rules().await.0["rules"].as_array().unwrap().clone();
        let mut rules: Vec<Value> = rules.into_iter().map(|entry| entry["rule"].clone()).collect();
        rules[0]["name"] = json!("Another name");
        desk.save_rules(&json!(rules)).await;
        let both = json!({ "templates": ["long"], "rules": true });
        let at_ms = app.clock.now_ms() + MINUTE_MS;
        assert_eq!(desk.publish(&json!({ "changes": both, "at_ms": at_ms })).await.status, StatusCode::OK);
        let path = desk.path(paths::CALL_OFF, "");
        let answer = desk.owner.send("POST", &path, &json!({ "templates": ["long"] })).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let changes = answer.json();
        assert!(changes["templates"][0]["publish_ms"].is_null(), "{changes}");
        assert_eq!(changes["rules"]["publish_ms"], at_ms);
        assert_eq!(desk.owner.send("POST", &path, &json!({ "templates": ["long"] })).await.status, 422);
        assert_eq!(desk.owner.send("POST", &path, &both).await.status, StatusCode::OK);
        app.clock.advance_ms(2 * MINUTE_MS);
        app.run_due().await;
        assert_eq!(desk.rules().await.0["changed"], true);
        assert_eq!(desk.template("long").await.0["template"]["html"], "<p>later</p>");
        assert_eq!(app.app.store.list_audit(&desk.tenant, 1).await.unwrap()[0].action, "call_off_publishing");
    })
    .await;
}
