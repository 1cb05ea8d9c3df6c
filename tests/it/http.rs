//! What every client sees: headers, pages, files, readiness.

use api::paths::{ME, ME_FIELDS, SIGNATURE};
use axum::http::StatusCode;
use serde_json::json;
use sqlx::{Connection as _, Executor as _, SqliteConnection};
use std::io::Read as _;
use tests::app::{Answer, GRACE, TestApp};
use tests::load::until;
use tests::root;

/// Pages that Outlook frames.
const PAGES: [&str; 2] = ["/launchevent.html", "/pane.html"];

#[tokio::test]
async fn no_path_has_x_frame_options_and_every_path_has_nosniff() {
    let app = TestApp::start().await;
    let mut paths = vec!["/", "/manifest.xml", "/launchevent.js", "/health", "/ready", "/api/v1/no-such", "/no-such"];
    paths.extend(PAGES);
    paths.extend(["/assets/icons/icon-64.png", "/app/no-such.js", "/images/a/b/c.png", ME]);
    for path in paths {
        let answer = app.get(path).await;
        assert!(!answer.headers.contains_key("x-frame-options"), "{path}");
        assert!(!answer.headers.contains_key("cross-origin-opener-policy"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert!(!answer.header("content-security-policy").is_empty(), "{path}");
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
        assert!(!answer.headers.contains_key("strict-transport-security"), "{path}");
    }
}

#[tokio::test]
async fn behind_https_browsers_are_told_to_stay_there() {
    let app = TestApp::start_with(|config| config.server.public_url = "https://signatures.example.com".into()).await;
    assert!(app.get("/health").await.header("strict-transport-security").starts_with("max-age="));
}

#[tokio::test]
async fn a_page_may_be_framed_by_outlook_and_runs_only_its_own_scripts() {
    let app = TestApp::start().await;
    let pane_is_built = root().join("dist/pane.html").exists();
    for path in PAGES {
        let answer = app.get(path).await;
        if path == "/pane.html" && !pane_is_built {
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
            assert!(answer.detail().contains("cargo xtask"), "{path}: {}", answer.detail());
            continue;
        }
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "no-cache");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'"), "{policy}");
        assert!(policy.contains("frame-ancestors https://outlook.office.com "), "{policy}");
        assert!(policy.contains("https://appsforoffice.microsoft.com"), "{policy}");
        assert!(policy.contains("base-uri 'none'; object-src 'none'"), "{policy}");
        let scripts = policy.split("script-src").nth(1).unwrap().split(';').next().unwrap();
        assert!(!scripts.contains("'unsafe-inline'") && !scripts.contains("'unsafe-eval'"), "{policy}");
        assert!(!answer.text().contains("{{"), "{path} has a placeholder left");
    }
}

#[tokio::test]
async fn the_handler_knows_its_server() {
    let app = TestApp::start().await;
    let answer = app.get("/launchevent.js").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "public, max-age=60");
    let text = answer.text();
    let settings = text.split("/*settings*/").nth(1).unwrap().split("/*end settings*/").next().unwrap();
    let settings: api::Settings = serde_json::from_str(settings).unwrap();
    assert_eq!((settings.origin.as_str(), settings.client_id.as_str()), (app.url.as_str(), tests::app::CLIENT_ID));
    let host = app.url.strip_prefix("http://").unwrap();
    assert_eq!(settings.scope, format!("api://{host}/{}/access_as_user", tests::app::CLIENT_ID));
}

#[tokio::test]
async fn the_manifest_and_the_list_of_allowed_scripts_name_this_deployment() {
    let app = TestApp::start_with(|config| {
        config.server.public_url = "https://signatures.example.com".into();
        config.outlook.name = "R&D \"Paraph\" <1>".into();
    })
    .await;
    let manifest = app.get("/manifest.xml").await;
    assert_eq!(manifest.header("content-type"), "application/xml; charset=utf-8");
    let text = manifest.text();
    assert!(!text.contains("{{"), "a placeholder is left");
    assert!(text.contains("https://signatures.example.com/launchevent.js"), "{text}");
    assert!(text.contains(&format!("api://signatures.example.com/{}", tests::app::CLIENT_ID)), "{text}");
    assert!(text.contains("R&amp;D &quot;Paraph&quot; &lt;1&gt;"), "{text}");
    let allowed = app.get("/.well-known/microsoft-officeaddins-allowed.json").await;
    assert_eq!(allowed.header("content-type"), "application/json");
    assert_eq!(allowed.json(), json!({ "allowed": ["https://signatures.example.com/launchevent.js"] }));
}

#[tokio::test]
async fn files_are_sent_once_and_compressed() {
    let app = TestApp::start().await;
    let path = "/launchevent.js";
    let plain = app.get(path).await;
    let with = async |name: &str, value: &str| app.send(app.request("GET", path).header(name, value)).await;
    let brotli = with("accept-encoding", "gzip, deflate, br").await;
    assert_eq!(brotli.header("content-encoding"), "br");
    assert!(brotli.header("vary").contains("accept-encoding"));
    let mut text = Vec::new();
    brotli::Decompressor::new(&brotli.body[..], 4096).read_to_end(&mut text).unwrap();
    assert_eq!(text, plain.body);
    assert_eq!(with("accept-encoding", "gzip").await.header("content-encoding"), "gzip");
    let etag = plain.header("etag").to_owned();
    for known in [etag.clone(), format!("W/{etag}"), format!("\"x\", {etag}"), "*".into()] {
        let again = with("if-none-match", &known).await;
        assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0), "{known}");
        assert_eq!(again.header("etag"), etag);
    }
    assert_eq!(with("if-none-match", "\"other\"").await.status, StatusCode::OK);
}

#[tokio::test]
async fn icons_are_images_and_nothing_outside_the_folders_is_served() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/assets/icons/icon-64.png").await.header("content-type"), "image/png");
    for path in ["/assets/../Cargo.toml", "/assets/%2e%2e/Cargo.toml", "/app/..%2fCargo.toml", "/assets/launchevent.js"]
    {
        assert_eq!(app.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn an_image_is_public_and_never_changes() {
    let app = TestApp::start().await;
    let html = app.post(SIGNATURE, GRACE, &json!({ "kind": "new" })).await.json()["html"].as_str().unwrap().to_owned();
    let start = html.find("/images/").unwrap();
    let path = html[start..].split('"').next().unwrap();
    let image = app.get(path).await;
    assert_eq!((image.status, image.body.as_slice()), (StatusCode::OK, tests::app::PNG));
    assert_eq!(image.header("content-type"), "image/png");
    assert_eq!(image.header("cache-control"), "public, max-age=31536000, immutable");
    let again = app.send(app.request("GET", path).header("if-none-match", image.header("etag"))).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn an_address_that_is_no_images_is_not_found_whatever_it_holds() {
    let (app, _) = TestApp::start_on_postgres().await;
    for path in ["/images/a/%00/c.png", "/images/%00/b/c.png", "/images/a/b/%00.png", "/images/a/%22/c.png"] {
        assert_eq!(app.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn our_own_origin_may_call_with_and_without_its_slash_and_no_other() {
    let app = TestApp::start().await;
    for origin in [app.url.clone(), format!("{}/", app.url)] {
        let preflight = app
            .request("OPTIONS", SIGNATURE)
            .header("origin", &origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization, Content-Length, Content-Type");
        let answer = app.send(preflight).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        assert_eq!(answer.header("access-control-allow-origin"), origin);
        assert_eq!(answer.header("access-control-allow-headers"), "authorization, content-length, content-type");
        assert!(answer.header("access-control-allow-methods").contains("POST"));
        assert!(!answer.header("access-control-max-age").is_empty());
        // An error must be readable too, or the handler would only see that the network failed.
        let answer = app.send(app.request("GET", ME).header("origin", &origin)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.header("access-control-allow-origin"), origin);
        assert!(answer.headers.get_all("vary").iter().any(|name| name == "origin"));
    }
    for origin in ["https://example.org", "null", "http://127.0.0.1", "https://example.org/"] {
        for method in ["OPTIONS", "GET"] {
            let answer = app.send(app.request(method, ME).header("origin", origin)).await;
            assert!(!answer.headers.contains_key("access-control-allow-origin"), "{method} {origin}");
        }
    }
}

#[tokio::test]
async fn what_does_not_exist_is_said_in_the_envelope() {
    let app = TestApp::start().await;
    for path in ["/api/v1/no-such", "/api", "/no-such", "/app/no-such.js"] {
        let answer = app.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!answer.detail().is_empty(), "{path}");
    }
    let answer = app.get(SIGNATURE).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(!answer.detail().is_empty());
    let demo = app.send(app.request("POST", "/demo/token").json(&json!({ "address": GRACE.address }))).await;
    assert_eq!(demo.status, StatusCode::NOT_FOUND, "the demo's issuer answers in production");
}

#[tokio::test]
async fn answers_of_the_api_are_compressed_and_a_proxys_id_is_kept() {
    let app = TestApp::start().await;
    let request = app.request("POST", SIGNATURE).bearer_auth(app.token(GRACE)).json(&json!({ "kind": "new" }));
    let answer = app.send(request.header("accept-encoding", "gzip").header("x-request-id", "from-the-proxy")).await;
    assert_eq!(answer.header("content-encoding"), "gzip");
    assert_eq!(answer.header("x-request-id"), "from-the-proxy");
    let answer = app.send(app.request("GET", "/health").header("x-request-id", "a b\"c")).await;
    assert_ne!(answer.header("x-request-id"), "a b\"c");
}

#[tokio::test]
async fn alive_and_ready_are_two_things() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/health").await.json()["status"], "ok");
    let ready = app.get("/ready").await;
    assert_eq!((ready.status, ready.json()["tenants"].as_u64()), (StatusCode::OK, Some(2)), "{}", ready.text());
    // SQLite goes on with a deleted file, into nothing; that must not pass for a database.
    for name in ["test.db", "test.db-wal", "test.db-shm"] {
        let _ = std::fs::remove_file(app.folder.path().join(name));
    }
    let gone = app.get("/ready").await;
    assert_eq!(gone.status, StatusCode::SERVICE_UNAVAILABLE, "{}", gone.text());
    assert!(!gone.header("retry-after").is_empty());
    assert_eq!(app.get("/health").await.status, StatusCode::OK);
    app.clock.advance_ms(60_000);
    let signature = app.post(SIGNATURE, GRACE, &json!({ "kind": "new" })).await;
    assert!(matches!(signature.status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::OK), "{}", signature.text());
}

#[tokio::test]
async fn with_postgresql_gone_signatures_go_on_and_every_other_answer_says_try_again() {
    let (app, database) = TestApp::start_on_postgres().await;
    let sign = async || app.post(SIGNATURE, GRACE, &json!({ "kind": "new" })).await;
    assert_eq!(app.get("/ready").await.status, StatusCode::OK);
    assert_eq!(sign().await.status, StatusCode::OK);
    tests::postgres::drop_database(&database).await;
    app.clock.advance_ms(60_000);
    let edit = app.request("PATCH", ME_FIELDS).bearer_auth(app.token(GRACE));
    let edit = app.send(edit.json(&json!({ "fields": { "pronouns": "they" } }))).await;
    assert_eq!(sign().await.status, StatusCode::OK);
    // Who asks waits for no more than a second, and is told what was known until then.
    until("never noticed", async || app.get("/ready").await.json()["read"] == false).await;
    let ready = app.get("/ready").await;
    assert_eq!((ready.status, &ready.json()["read"]), (StatusCode::OK, &json!(false)), "{}", ready.text());
    assert!(!ready.text().contains("test_"), "the answer names the database: {}", ready.text());
    for answer in [edit, app.get("/images/a/b/c.png").await] {
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text());
        assert!(!answer.header("retry-after").is_empty());
        assert!(!answer.text().contains("test_"), "the answer names the database: {}", answer.text());
    }
}

#[tokio::test]
async fn a_locked_database_is_503_until_it_is_free_again() {
    let app = TestApp::start_with(|config| config.database.timeout_ms = 1_500).await;
    assert_eq!(app.get_with(ME, &app.token(GRACE)).await.status, StatusCode::OK);
    let edit = async || -> Answer {
        let request = app.request("PATCH", ME_FIELDS).bearer_auth(app.token(GRACE));
        app.send(request.json(&json!({ "fields": { "pronouns": "they" } }))).await
    };
    let url = format!("sqlite:{}", app.folder.path().join("test.db").display());
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    other.execute("begin immediate").await.unwrap();
    let answer = edit().await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text());
    assert!(!answer.header("retry-after").is_empty());
    // Who only writes mails notices nothing.
    let signature = app.post(SIGNATURE, GRACE, &json!({ "kind": "new" })).await;
    assert_eq!(signature.status, StatusCode::OK, "{}", signature.text());
    other.execute("rollback").await.unwrap();
    assert_eq!(edit().await.status, StatusCode::OK);
}
