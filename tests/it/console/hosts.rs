//! The console on a host name of its own.

use api::console::paths;
use axum::http::StatusCode;
use serde_json::json;
use tests::app::{ADA, TestApp};
use tests::console::PASSWORD;

const CONSOLE: &str = "https://console.example.com";

#[tokio::test]
async fn the_console_answers_on_its_own_host_and_the_add_in_on_the_other() {
    let app = TestApp::start_with(|config| config.console.public_url = CONSOLE.into()).await;
    let at = async |host: &str, path: &str| app.send(app.request("GET", path).header("host", host)).await;
    let moved = at("signatures.example.com", "/console/people?x=1").await;
    assert_eq!(moved.status, StatusCode::PERMANENT_REDIRECT);
    assert_eq!(moved.header("location"), "https://console.example.com/console/people?x=1");
    assert_eq!(at("console.example.com", "/").await.header("location"), "https://console.example.com/console");
    for path in ["/pane.html", "/launchevent.js", "/manifest.xml", "/auth.html"] {
        assert_eq!(at("console.example.com", path).await.status, StatusCode::NOT_FOUND, "{path}");
        assert_ne!(at("signatures.example.com", path).await.status, StatusCode::PERMANENT_REDIRECT, "{path}");
    }
    assert_eq!(at("console.example.com", "/health").await.status, StatusCode::OK);
    let signature = app.post(api::paths::SIGNATURE, ADA, &json!({ "kind": "new" })).await;
    assert_eq!(signature.status, StatusCode::OK);
}

#[tokio::test]
async fn its_cookie_is_for_that_host_over_https_alone() {
    let app = TestApp::start_with(|config| config.console.public_url = CONSOLE.into()).await;
    let code = app.setup_link().await;
    let body = json!({ "code": code, "email": "owner@example.com", "name": "Owner", "password": PASSWORD });
    let from_add_in = app.from_console("POST", paths::SETUP, &body).await;
    assert_eq!(from_add_in.status, StatusCode::FORBIDDEN, "the add-in's origin is not the console's");
    let made = app.send(app.request("POST", paths::SETUP).header("origin", CONSOLE).json(&body)).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text());
    let cookie = made.header("set-cookie");
    assert!(
        cookie.starts_with("__Host-paraph=") && cookie.contains("; Path=/; HttpOnly; SameSite=Lax; Secure"),
        "{cookie}"
    );
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[tokio::test]
async fn the_console_is_never_framed() {
    let app = TestApp::start().await;
    for path in ["/console", "/console/tenants/x/people"] {
        let answer = app.get(path).await;
        // Without a built page it says so; the policy of whatever is answered lets nobody frame it or run anything in it.
        let policy = answer.header("content-security-policy");
        let is_page = answer.status == StatusCode::OK;
        assert!(
            policy.contains("frame-ancestors 'none'") || (!is_page && policy.contains("default-src 'none'")),
            "{policy}"
        );
    }
}
