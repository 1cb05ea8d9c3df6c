//! API tokens.

use api::console::paths;
use axum::http::StatusCode;
use serde_json::json;
use tests::app::{OTHER_TENANT, TENANT, TestApp};

#[tokio::test]
async fn a_token_is_shown_once_and_does_what_its_scopes_say_until_it_ends() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (tenant, other) = (app.tenant_id(TENANT).await, app.tenant_id(OTHER_TENANT).await);
    let tokens = paths::TOKENS.replace("{tenant}", &tenant);
    let made = owner.send("POST", &tokens, &json!({ "name": "Sync", "scopes": ["fields:read"], "days": 2 })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let secret = made.json()["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("paraph_"));
    let listed = owner.get(&tokens).await;
    assert!(!listed.text().contains(&secret));
    assert!(listed.json()["tokens"][0]["used_ms"].is_null());

    let fields = paths::FIELDS.replace("{tenant}", &tenant);
    assert_eq!(app.get_with(&fields, &secret).await.status, StatusCode::OK);
    assert_eq!(owner.get(&tokens).await.json()["tokens"][0]["used_ms"], app.clock.now_ms());
    assert_eq!(app.get_with(&paths::PEOPLE.replace("{tenant}", &tenant), &secret).await.status, StatusCode::FORBIDDEN);
    assert_eq!(app.get_with(&tokens, &secret).await.status, StatusCode::FORBIDDEN, "no token makes tokens");
    assert_eq!(app.get_with(&paths::FIELDS.replace("{tenant}", &other), &secret).await.status, StatusCode::NOT_FOUND);
    app.clock.advance_ms(2 * 86_400_000);
    assert_eq!(app.get_with(&fields, &secret).await.status, StatusCode::UNAUTHORIZED, "it ran out");
}

#[tokio::test]
async fn a_revoked_token_is_worth_nothing() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let tenant = app.tenant_id(TENANT).await;
    let tokens = paths::TOKENS.replace("{tenant}", &tenant);
    let made =
        owner.send("POST", &tokens, &json!({ "name": "Sync", "scopes": ["fields:read"], "days": 2 })).await.json();
    let one = paths::TOKEN.replace("{tenant}", &tenant).replace("{token}", made["token"]["id"].as_str().unwrap());
    assert_eq!(owner.delete(&one).await.status, StatusCode::NO_CONTENT);
    let secret = made["secret"].as_str().unwrap();
    assert_eq!(
        app.get_with(&paths::FIELDS.replace("{tenant}", &tenant), secret).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(owner.delete(&one).await.status, StatusCode::NOT_FOUND);
    for (field, body) in [
        ("name", json!({ "name": "", "scopes": ["fields:read"], "days": 2 })),
        ("scopes", json!({ "name": "x", "scopes": [], "days": 2 })),
        ("scopes[0]", json!({ "name": "x", "scopes": ["everything"], "days": 2 })),
        ("days", json!({ "name": "x", "scopes": ["fields:read"], "days": 0 })),
        ("days", json!({ "name": "x", "scopes": ["fields:read"], "days": 367 })),
    ] {
        assert_eq!(owner.send("POST", &tokens, &body).await.field(), field);
    }
}
