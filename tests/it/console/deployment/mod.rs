//! The manifest's state, the clients that called in, and how they do.

mod weather;

use api::console::{Role, paths};
use axum::http::StatusCode;
use serde_json::json;
use tests::app::{ADA, GRACE, OTHER_TENANT, TENANT, TestApp};

#[tokio::test]
async fn what_keeps_the_add_in_from_working_is_named_before_it_is_deployed() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let path = paths::DEPLOYMENT.replace("{tenant}", &app.tenant_id(TENANT).await);
    let shown = owner.get(&path).await.json();
    assert_eq!(shown["manifest_url"], format!("{}/manifest.xml", app.url));
    let failed: Vec<&str> = shown["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|check| check["passed"] == false)
        .map(|check| check["name"].as_str().unwrap())
        .collect();
    assert!(failed.contains(&"Outlook's address uses https"), "{failed:?}");
    assert!(failed.contains(&"The add-in has its own id"), "{failed:?}");
    assert!(failed.iter().any(|name| name.starts_with("Manifest: ")), "http addresses are found: {failed:?}");

    let good = TestApp::start_with(|config| {
        config.server.public_url = "https://signatures.example.com".into();
        config.outlook.addin_id = "0b1c1e6a-93f5-4f0b-9a3e-7d0c2b8e4a11".into();
        config.outlook.support_url = "https://example.com/help".into();
    })
    .await;
    let manifest = good.get("/manifest.xml").await.text();
    assert_eq!(paraph::outlook::manifest_lint::lint(&manifest), []);
}

#[tokio::test]
async fn clients_are_counted_once_a_person_and_platform_with_their_failures() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let path = paths::CLIENTS.replace("{tenant}", &app.tenant_id(TENANT).await);
    assert_eq!(owner.get(&path).await.json(), json!({ "clients": [], "total": 0, "platforms": [] }));
    for _ in 0..3 {
        let draft = json!({ "kind": "new", "platform": "PC", "version": "16.0.17928" });
        app.post(api::paths::SIGNATURE, ADA, &draft).await;
    }
    app.clock.advance_ms(60_000);
    app.post(api::paths::SIGNATURE, ADA, &json!({ "kind": "reply", "platform": "iOS" })).await;
    app.clock.advance_ms(60_000);
    let refused = json!({ "kind": "new", "from": "ada@example.com", "platform": "PC" });
    assert_eq!(app.post(api::paths::SIGNATURE, GRACE, &refused).await.status, StatusCode::FORBIDDEN);

    let seen = owner.get(&path).await.json();
    let rows: Vec<_> = seen["clients"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (row["name"].as_str().unwrap(), row["platform"].as_str().unwrap(), row["failures"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(rows, [("Grace Hopper", "pc", 1), ("Ada Lovelace", "ios", 0), ("Ada Lovelace", "pc", 0)]);
    assert!(seen["clients"][0]["last_failure"].as_str().unwrap().contains("may not send"), "{seen}");
    assert_eq!(seen["clients"][2]["version"], "16.0.17928");
    assert_eq!(seen["platforms"], json!([{ "platform": "ios", "clients": 1 }, { "platform": "pc", "clients": 2 }]));
    for (query, total) in
        [("search=hopper", 1), ("platform=pc", 2), ("failing=true", 1), ("limit=1", 3), ("search=x y", 0)]
    {
        assert_eq!(owner.get(&format!("{path}?{query}")).await.json()["total"], total, "{query}");
    }
    for (query, field) in
        [("limit=0", "limit"), ("limit=201", "limit"), ("offset=-1", "offset"), ("failing=maybe", "failing")]
    {
        assert_eq!(owner.get(&format!("{path}?{query}")).await.field(), field, "{query}");
    }
    let elsewhere = paths::CLIENTS.replace("{tenant}", &app.tenant_id(OTHER_TENANT).await);
    assert_eq!(owner.get(&elsewhere).await.json()["total"], 0);
    let viewer = app.member(&owner, &app.tenant_id(TENANT).await, Role::Viewer).await;
    assert_eq!(viewer.get(&path).await.json()["total"], 3);
}
