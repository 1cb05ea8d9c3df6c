//! The rules in words, and pasted HTML made a template's.

use crate::people::{Desk, at_each_server};
use api::console::{Role, paths};
use axum::http::StatusCode;
use serde_json::json;
use tests::app::{Answer, TestApp};
use tests::console::Admin;

async fn clean(who: &Admin<'_>, desk: &Desk<'_>, html: &str) -> Answer {
    who.send("POST", &desk.path(paths::CLEAN, ""), &json!({ "html": html })).await
}

#[tokio::test]
async fn the_rules_are_reported_as_page_and_table() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let report = desk.owner.get(&desk.path(paths::RULES_REPORT, "")).await.json();
        assert_eq!((&report["tenant"], &report["unpublished"]), (&json!("Example"), &json!(false)));
        assert_eq!(
            report["rules"],
            json!([{
                "place": 1, "id": "everyone", "name": "Everyone", "folder": "", "enabled": true,
                "conditions": ["For every mail."],
                "gives": ["Adds the signature “Long”.", "Later rules are ignored."],
                "advice": []
            }])
        );
        let table = desk.owner.get(&desk.path(paths::RULES_REPORT_CSV, "")).await;
        assert!(table.header("content-type").starts_with("text/csv"));
        assert!(table.text().contains("1,Everyone,,on,For every mail.,"), "{}", table.text());
    })
    .await;
}

#[tokio::test]
async fn unpublished_rules_are_reported_when_asked_for() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let path = desk.path(paths::RULES, "");
    let list = desk.owner.get(&path).await;
    let rules = json!({ "rules": [
        { "id": "everyone", "name": "Everyone", "gives": { "signature": "long" } },
        { "id": "late", "name": "=Late", "gives": { "signature": "short" } }
    ] });
    let saved = desk.owner.change("PUT", &path, list.header("etag"), &rules).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text());
    let path = desk.path(paths::RULES_REPORT, "");
    assert_eq!(desk.owner.get(&path).await.json()["rules"].as_array().unwrap().len(), 1);
    let report = desk.owner.get(&format!("{path}?unpublished=true")).await.json();
    assert!(report["rules"][1]["advice"][0].as_str().unwrap().contains("“Everyone”"), "{report}");
    let table = desk.owner.get(&format!("{}?unpublished=true", desk.path(paths::RULES_REPORT_CSV, ""))).await;
    assert!(table.text().contains("2,'=Late,"), "{}", table.text());
}

#[tokio::test]
async fn pasted_html_becomes_a_templates() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let word = "<p class=MsoNormal>{{Fullname}}<o:p></o:p>, {Badge}</p><script>alert(1)</script>";
    let answer = clean(&desk.owner, &desk, word).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.json()["html"], "<p>{{ display_name }}, {{ badge }}</p>");
    assert_eq!(answer.json()["notes"].as_array().unwrap().len(), 3, "{}", answer.text());
    let again = clean(&desk.owner, &desk, answer.json()["html"].as_str().unwrap()).await.json();
    assert_eq!(again, json!({ "html": answer.json()["html"], "notes": [] }), "once is enough");
}

#[tokio::test]
async fn what_is_too_large_or_too_deep_to_be_cleaned_is_refused() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    for (html, word) in [("x".repeat(1_000_001), "smaller piece"), ("<div>".repeat(10_000), "nested too deeply")] {
        let answer = clean(&desk.owner, &desk, &html).await;
        assert_eq!((answer.status, answer.field()), (StatusCode::UNPROCESSABLE_ENTITY, "html".into()));
        assert!(answer.detail().contains(word), "{}", answer.detail());
    }
    let viewer = app.member(&desk.owner, &desk.tenant, Role::Viewer).await;
    assert_eq!(clean(&viewer, &desk, "<p>x</p>").await.status, StatusCode::FORBIDDEN);
    assert_eq!(viewer.get(&desk.path(paths::RULES_REPORT_CSV, "")).await.status, StatusCode::OK);
    assert_eq!(app.get(&desk.path(paths::RULES_REPORT, "")).await.status, StatusCode::UNAUTHORIZED);
}
