//! A tenant at a glance: who gets signatures, and what is wrong.

use crate::people::{Desk, at_each_server};
use api::console::{Role, paths};
use axum::http::StatusCode;
use paraph::store::By;
use serde_json::{Value, json};
use tests::app::{ADA, GRACE, NOON_MS, OTHER_TENANT, TENANT, TestApp, company_file, example_company};

/// As the owner sees it.
async fn overview(desk: &Desk<'_>) -> Value {
    let answer = desk.owner.get(&desk.path(paths::OVERVIEW, "")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

/// Publishes this rule in the place of all.
async fn publish_only(desk: &Desk<'_>, rule: Value) {
    let saved = desk.save_rules(&json!([rule])).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text());
    assert_eq!(desk.publish(&json!({ "changes": { "rules": true } })).await.status, StatusCode::OK);
}

#[tokio::test]
async fn it_counts_who_gets_a_signature_and_whose_outlook_fails() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let first = overview(&desk).await;
        assert_eq!(first["coverage"], json!({ "with": 4, "without": 0 }));
        assert_eq!((&first["problem_count"], &first["problems"]), (&json!(0), &json!([])));
        assert_eq!((&first["clients"], &first["failing_clients"]), (&json!(0), &json!(0)));
        let failed: Vec<_> = first["failed_checks"].as_array().unwrap().iter().map(|check| &check["name"]).collect();
        assert!(failed.contains(&&json!("Outlook's address uses https")), "{failed:?}");

        let engine = json!({ "id": "everyone", "name": "Everyone", "gives": { "signature": "long" },
            "senders": { "any_of": [{ "is": "group", "id": "group-engine" }] } });
        let saved = desk.save_rules(&json!([engine])).await;
        assert_eq!(saved.status, StatusCode::OK, "{}", saved.text());
        assert_eq!(overview(&desk).await["coverage"]["without"], 0, "not published yet");
        publish_only(&desk, engine).await;
        assert_eq!(overview(&desk).await["coverage"], json!({ "with": 1, "without": 3 }), "at once");

        app.post(api::paths::SIGNATURE, ADA, &json!({ "kind": "new", "platform": "PC" })).await;
        let refused = json!({ "kind": "new", "from": "ada@example.com", "platform": "PC" });
        app.post(api::paths::SIGNATURE, GRACE, &refused).await;
        let seen = overview(&desk).await;
        assert_eq!((&seen["clients"], &seen["failing_clients"]), (&json!(2), &json!(1)));
    })
    .await;
}

#[tokio::test]
async fn a_rule_that_ends_is_noticed_though_nothing_is_stored() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let rule = json!({ "id": "everyone", "name": "Everyone", "gives": { "signature": "long" },
        "schedule": { "to": "2026-11-21T12:30" } });
    publish_only(&desk, rule).await;
    assert_eq!(overview(&desk).await["coverage"], json!({ "with": 4, "without": 0 }));
    app.clock.advance_ms(31 * 60_000);
    assert_eq!(overview(&desk).await["coverage"], json!({ "with": 0, "without": 4 }));
}

#[tokio::test]
async fn a_problem_is_listed_with_the_template_or_rule_that_has_it() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    // The API saves no template that cannot be read; a company document may hold one.
    let mut company = example_company();
    company.templates[0].html = "broken.html".into();
    let read = |name: &str| if name == "broken.html" { Some(b"{% for %}".to_vec()) } else { company_file(name) };
    app.app.store.import(&company, read, By::new("test", NOON_MS)).await.unwrap();
    app.clock.advance_ms(1_000);
    let found = overview(&desk).await;
    let template = json!({ "template": true, "id": "long", "name": "Long" });
    let problems = found["problems"].as_array().unwrap();
    let is_of = |problem: &&Value| template.as_object().unwrap().iter().all(|(key, value)| problem[key] == *value);
    let problem = problems.iter().find(is_of).unwrap_or_else(|| panic!("{found}"));
    assert!(!problem["detail"].as_str().unwrap().is_empty(), "{problem}");
    assert_eq!(found["problem_count"], problems.len());
}

#[tokio::test]
async fn every_member_sees_it_and_nobody_from_elsewhere() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (tenant, other) = (app.tenant_id(TENANT).await, app.tenant_id(OTHER_TENANT).await);
    let viewer = app.member(&owner, &tenant, Role::Viewer).await;
    let of = |tenant: &str| paths::OVERVIEW.replace("{tenant}", tenant);
    assert_eq!(viewer.get(&of(&tenant)).await.json()["coverage"]["with"], 4);
    assert_eq!(viewer.get(&of(&other)).await.status, StatusCode::NOT_FOUND);
}
