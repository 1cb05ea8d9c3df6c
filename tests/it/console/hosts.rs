//! The console on a host name of its own.

use api::console::paths;
use axum::http::StatusCode;
use paraph::config::Config;
use serde_json::json;
use tests::app::{ADA, Answer, TENANT, TestApp};
use tests::console::{Admin, PASSWORD};

const CONSOLE: &str = "https://console.example.com";

/// What is answered below `host`, with other headers.
async fn at(app: &TestApp, host: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = app.request("GET", path).header("host", host);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.send(request).await
}

fn apart(config: &mut Config) {
    config.console.public_url = CONSOLE.into();
    config.server.public_url = "https://signatures.example.com".into();
}

#[tokio::test]
async fn the_console_answers_on_its_own_host_and_the_add_in_on_the_other() {
    let app = TestApp::start_with(|config| config.console.public_url = CONSOLE.into()).await;
    let at = async |host: &str, path: &str| at(&app, host, path, &[]).await;
    let moved = at("signatures.example.com", "/console/people?x=1").await;
    assert_eq!((moved.status, moved.header("cache-control")), (StatusCode::TEMPORARY_REDIRECT, "no-store"));
    assert_eq!(moved.header("location"), "https://console.example.com/console/people?x=1&redirected=host");
    let arrived = at("console.example.com", "/console/people?x=1&redirected=host").await;
    assert_eq!(arrived.header("location"), "https://console.example.com/console/people?x=1", "as it was");
    assert_eq!(at("console.example.com", "/").await.header("location"), "https://console.example.com/console");
    for path in ["/pane.html", "/launchevent.js", "/manifest.xml", "/auth.html"] {
        assert_eq!(at("console.example.com", path).await.status, StatusCode::NOT_FOUND, "{path}");
        assert_ne!(at("signatures.example.com", path).await.status, StatusCode::TEMPORARY_REDIRECT, "{path}");
    }
    assert_eq!(at("console.example.com", "/health").await.status, StatusCode::OK);
    let signature = app.post(api::paths::SIGNATURE, ADA, &json!({ "kind": "new" })).await;
    assert_eq!(signature.status, StatusCode::OK);
}

#[tokio::test]
async fn a_proxy_that_hides_the_host_gets_a_page_that_says_so_and_no_circle() {
    let app = TestApp::start_with(apart).await;
    for host in ["backend.internal:4000", "127.0.0.1", "signatures.example.com", "<b>.example.com"] {
        let mut next = "/console/people?x=1".to_owned();
        let mut answers = Vec::new();
        for _ in 0..10 {
            let answer = at(&app, host, &next, &[]).await;
            answers.push(answer.status);
            if answer.status != StatusCode::TEMPORARY_REDIRECT {
                let page = answer.text();
                assert!(answer.header("content-type").starts_with("text/html"), "{page}");
                assert_eq!(answer.header("cache-control"), "no-store");
                assert!(page.contains("proxy_set_header Host") && page.contains(CONSOLE), "{page}");
                assert!(["<b>", "{console}", "{host}", "{hint}"].iter().all(|part| !page.contains(part)), "{page}");
                assert!(host.starts_with('<') || page.contains(host), "{page}");
                break;
            }
            next = answer.header("location").strip_prefix(CONSOLE).unwrap().to_owned();
        }
        assert_eq!(answers, [StatusCode::TEMPORARY_REDIRECT, StatusCode::MISDIRECTED_REQUEST], "{host}");
        // Whoever comes to the add-in's host once more is sent on once more.
        assert_eq!(at(&app, host, "/console", &[]).await.status, StatusCode::TEMPORARY_REDIRECT);
    }
}

#[tokio::test]
async fn the_host_that_a_trusted_proxy_names_counts() {
    let trusting = |config: &mut Config| {
        apart(config);
        config.server.trusted_proxies = serde_json::from_value(json!(["private"])).unwrap();
    };
    let app = TestApp::start_with(trusting).await;
    let is_console = async |headers: &[(&str, &str)]| {
        let answer = at(&app, "backend:4000", "/pane.html", headers).await;
        let console = at(&app, "backend:4000", "/console", headers).await;
        assert_eq!(console.status != StatusCode::TEMPORARY_REDIRECT, is_missing(&answer));
        is_missing(&answer)
    };
    for host in [
        "console.example.com",
        "Console.Example.COM",
        "console.example.com:443",
        "console.example.com.",
        "\"console.example.com\"",
        "console.example.com, backend:4000",
        "backend:4000, console.example.com",
        " console.example.com:8443 ,",
    ] {
        assert!(is_console(&[("x-forwarded-host", host)]).await, "{host}");
    }
    assert!(is_console(&[("forwarded", "for=1.2.3.4;host=console.example.com;proto=https")]).await);
    for host in ["", "signatures.example.com", "evil.example", "console.example.com.evil.example", "a b"] {
        assert!(!is_console(&[("x-forwarded-host", host)]).await, "{host}");
    }
    assert!(!is_console(&[]).await);

    let distrusting = TestApp::start_with(apart).await;
    let named = [("x-forwarded-host", "console.example.com")];
    assert_eq!(at(&distrusting, "backend:4000", "/console", &named).await.status, StatusCode::TEMPORARY_REDIRECT);
    let page = at(&distrusting, "backend:4000", "/console?redirected=host", &named).await.text();
    assert!(page.contains("listed in <code>server.trusted_proxies</code>"), "{page}");
}

/// 404 of the console's host; where the pane is not built, the add-in's says 503.
fn is_missing(answer: &Answer) -> bool {
    answer.status == StatusCode::NOT_FOUND
}

#[tokio::test]
async fn a_name_with_two_ports_is_two_hosts_and_a_missing_port_the_usual_one() {
    let app = TestApp::start_with(|config| {
        config.server.public_url = "https://paraph.example.com".into();
        config.console.public_url = "https://paraph.example.com:8443".into();
    })
    .await;
    let status = async |host: &str| at(&app, host, "/console", &[]).await.status;
    assert_ne!(status("paraph.example.com:8443").await, StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(status("paraph.example.com:443").await, StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(status("paraph.example.com").await, StatusCode::TEMPORARY_REDIRECT);
}

#[tokio::test]
async fn a_hidden_host_is_reported_until_it_is_passed_on() {
    let app = TestApp::start_with(|config| config.console.public_url = CONSOLE.into()).await;
    let code = app.setup_link().await;
    let body = json!({ "code": code, "email": "owner@example.com", "name": "Owner", "password": PASSWORD });
    let made = app.send(app.request("POST", paths::SETUP).header("origin", CONSOLE).json(&body)).await;
    let owner = Admin::begun(&app, &made);
    let path = paths::DEPLOYMENT.replace("{tenant}", &app.tenant_id(TENANT).await);
    let check = async |host: &str| {
        let request = app.request("GET", &path).header("cookie", &owner.cookie).header("host", host);
        let checks = app.send(request).await.json()["checks"].as_array().unwrap().clone();
        let name = "The console is reached at its own host name";
        checks.into_iter().find(|check| check["name"] == name).unwrap()
    };
    assert_eq!(check("console.example.com").await["passed"], true);
    assert_eq!(check("backend:4000").await["passed"], false);
    at(&app, "backend:4000", "/console?redirected=host", &[]).await;
    let reported = check("backend:4000").await;
    assert!(reported["detail"].as_str().unwrap().contains("backend:4000"), "{reported}");
    assert_eq!(check("console.example.com").await["passed"], true, "it is passed on again");
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
