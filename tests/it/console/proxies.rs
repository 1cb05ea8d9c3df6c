//! Proxies in front: whom they name, and those that nobody named.

use api::console::paths;
use axum::http::StatusCode;
use paraph::config::Config;
use serde_json::json;
use tests::app::{TENANT, TestApp};
use tests::console::PASSWORD;

fn trusting(entries: &[&str]) -> impl FnOnce(&mut Config) {
    let list = json!(entries);
    move |config| config.server.trusted_proxies = serde_json::from_value(list).unwrap()
}

/// Where a sign-in with these headers is taken to come from.
async fn from(app: &TestApp, headers: &[(&str, &str)]) -> String {
    let mut request = app.request("POST", paths::SIGN_IN).header("origin", &app.url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = json!({ "email": "owner@example.com", "password": PASSWORD });
    let signed_in = tests::console::Admin::begun(app, &app.send(request.json(&body)).await);
    let list = signed_in.get(paths::SESSIONS).await.json();
    let sessions = list["sessions"].as_array().unwrap();
    sessions.iter().find(|one| one["current"] == true).unwrap()["address"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_client_is_whom_the_trusted_proxies_name_in_whatever_spelling() {
    let app = TestApp::start_with(trusting(&["private", "2001:db8:ffff::/48"])).await;
    app.owner().await;
    for (header, expected) in [
        ("203.0.113.30", "203.0.113.30"),
        ("203.0.113.30:40000", "203.0.113.30"),
        ("\"[2001:db8::9]:443\"", "2001:db8::9"),
        ("[2001:db8::9]:443", "2001:db8::9"),
        ("::ffff:203.0.113.30", "203.0.113.30"),
        // What a client writes itself stands before what the proxy adds.
        ("6.6.6.6, 203.0.113.30", "203.0.113.30"),
        ("203.0.113.30, 10.1.2.3, [2001:db8:ffff::1]:9000", "203.0.113.30"),
        ("203.0.113.30,unknown", "127.0.0.1"),
        ("203.0.113.30, unknown, 10.0.0.9", "10.0.0.9"),
        ("", "127.0.0.1"),
    ] {
        assert_eq!(from(&app, &[("x-forwarded-for", header)]).await, expected, "{header}");
    }
    let standard = "for=203.0.113.30;proto=https, for=\"[2001:db8:ffff::1]:9\"";
    assert_eq!(from(&app, &[("forwarded", standard)]).await, "203.0.113.30");
    let both = [("forwarded", "for=203.0.113.30"), ("x-forwarded-for", "203.0.113.30:1")];
    assert_eq!(from(&app, &both).await, "203.0.113.30");
    let forged = [("forwarded", "for=6.6.6.6"), ("x-forwarded-for", "203.0.113.30")];
    assert_eq!(from(&app, &forged).await, "127.0.0.1", "one of the two comes from the client");
}

#[tokio::test]
async fn nobody_else_is_believed() {
    let app = TestApp::start_with(trusting(&["10.0.0.0/8", "::1"])).await;
    app.owner().await;
    let headers = [("x-forwarded-for", "203.0.113.30"), ("forwarded", "for=203.0.113.30")];
    assert_eq!(from(&app, &headers).await, "127.0.0.1");
}

#[tokio::test]
async fn a_proxy_that_nobody_named_is_reported_until_it_is() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let path = paths::DEPLOYMENT.replace("{tenant}", &app.tenant_id(TENANT).await);
    let named = async || {
        let checks = owner.get(&path).await.json()["checks"].clone();
        let checks = checks.as_array().unwrap().clone();
        checks.into_iter().find(|check| check["name"] == "The proxies in front are listed").unwrap()
    };
    assert_eq!(named().await["passed"], true);
    app.send(app.request("GET", "/health").header("x-forwarded-for", "203.0.113.30")).await;
    let check = named().await;
    assert_eq!(check["passed"], false);
    let detail = check["detail"].as_str().unwrap();
    assert!(detail.contains("trusted_proxies") && detail.contains("\"127.0.0.1\""), "{detail}");

    let mut config = app.app.config.clone();
    trusting(&["127.0.0.0/8"])(&mut config);
    app.state.reload(&config);
    assert_eq!(named().await["passed"], true);
    assert_eq!(from(&app, &[("x-forwarded-for", "203.0.113.30")]).await, "203.0.113.30", "without a restart");
    app.state.reload(&Config::default());
    assert_eq!(from(&app, &[("x-forwarded-for", "203.0.113.30")]).await, "127.0.0.1");
    app.clock.advance_ms(2 * 86_400_000);
    let owner = app.sign_in("owner@example.com").await;
    assert_eq!(owner.get(&path).await.status, StatusCode::OK);
}
