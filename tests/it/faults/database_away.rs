//! The database is away: what is in memory is served, and nobody waits for what is not.

use api::paths::{CHOICES, ME, ME_FIELDS, SIGNATURE};
use axum::http::StatusCode;
use paraph::store::{By, Store};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::app::{ADA, Answer, GRACE, STRANGER, TENANT_ID, TestApp, company_file, example_company, other_company};
use tests::load::until;
use tests::postgres::{Private, connect};

/// Longest wait for an answer that needs no database.
const AT_ONCE: Duration = Duration::from_secs(4);

async fn sign(app: &TestApp) -> Answer {
    app.post(SIGNATURE, ADA, &json!({ "kind": "new" })).await
}

/// A server on a database of `postgres` whose first company has been served, but not the second.
async fn served(postgres: &Private) -> TestApp {
    let url = postgres.new_database("fault").await;
    let app = TestApp::start_with(|config| {
        config.database.url = url;
        config.database.timeout_ms = 1_000;
    })
    .await;
    served_once(&app).await;
    app
}

/// Returns the address of a hosted image that nobody has asked for.
async fn served_once(app: &TestApp) -> String {
    let answer = sign(app).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let html = answer.json()["html"].as_str().unwrap().to_owned();
    let image = html[html.find("/images/").unwrap()..].split('"').next().unwrap().to_owned();
    // It comes into memory by itself, so that nobody has to ask for it while the database is there.
    until("no image in memory", async || {
        let (tenant, hash) = (image.split('/').nth(2).unwrap(), image.split('/').nth(3).unwrap());
        app.app.tenants.has_image(tenant, hash)
    })
    .await;
    image
}

/// Everything that a person in Outlook and a recipient need goes on; what needs the database says so at once.
async fn goes_on_without(app: &TestApp, image: &str, readable: bool) {
    app.clock.advance_ms(1_000);
    for round in 0..20 {
        let start = Instant::now();
        let answer = sign(app).await;
        assert_eq!(answer.status, StatusCode::OK, "{round}: {}", answer.text());
        assert!(answer.text().contains("Ada Lovelace"), "{}", answer.text());
        assert!(start.elapsed() < AT_ONCE, "{round}: {:?}", start.elapsed());
        app.clock.advance_ms(1_000);
    }
    let me = app.get_with(ME, &app.token(ADA)).await;
    assert_eq!(me.status, StatusCode::OK, "{}", me.text());
    let choices = app.post(CHOICES, ADA, &json!({ "kind": "new" })).await;
    assert_eq!(choices.status, StatusCode::OK, "{}", choices.text());
    assert_eq!(app.get(image).await.status, StatusCode::OK);
    let edit = app.request("PATCH", ME_FIELDS).bearer_auth(app.token(GRACE));
    let edit = app.send(edit.json(&json!({ "fields": { "pronouns": "they" } }))).await;
    assert_eq!(edit.status, StatusCode::SERVICE_UNAVAILABLE, "{}", edit.text());
    if !readable {
        until("never found to be away", async || !app.get("/ready").await.json()["read"].as_bool().unwrap()).await;
        let start = Instant::now();
        let never_served = app.post(SIGNATURE, STRANGER, &json!({ "kind": "new" })).await;
        assert_eq!(never_served.status, StatusCode::SERVICE_UNAVAILABLE, "{}", never_served.text());
        assert!(!never_served.header("retry-after").is_empty());
        assert!(start.elapsed() < Duration::from_secs(1), "it waited {:?} for a dead database", start.elapsed());
    }
    let start = Instant::now();
    let ready = app.get("/ready").await;
    assert!(start.elapsed() < Duration::from_secs(2), "/ready took {:?}", start.elapsed());
    assert_eq!(ready.status, StatusCode::OK, "{}", ready.text());
    let body = ready.json();
    assert_eq!(
        (&body["read"], &body["write"], &body["sign"]),
        (&json!(readable), &json!(false), &json!(true)),
        "{body}"
    );
    assert!(body["reasons"]["write"].as_str().unwrap().starts_with("the database"), "{body}");
}

async fn comes_back(app: &TestApp) {
    until("the database stays away", async || app.get("/ready").await.json()["status"] == "ready").await;
    app.clock.advance_ms(1_000);
    let edit = app.request("PATCH", ME_FIELDS).bearer_auth(app.token(ADA));
    let edit = app.send(edit.json(&json!({ "fields": { "pronouns": "after" } }))).await;
    assert_eq!(edit.status, StatusCode::OK, "{}", edit.text());
    assert!(sign(app).await.text().contains("after"));
    assert_eq!(app.post(SIGNATURE, STRANGER, &json!({ "kind": "new" })).await.status, StatusCode::OK);
    assert_eq!(app.app.tenants.staleness().tenants, 0);
}

#[tokio::test]
async fn with_postgresql_stopped_signatures_go_on() {
    let postgres = Private::start(20).await;
    let app = served(&postgres).await;
    let image = served_once(&app).await;
    postgres.stop();
    goes_on_without(&app, &image, false).await;
    let stale = app.app.tenants.staleness();
    assert!(stale.tenants == 1 && stale.age > Duration::ZERO, "{stale:?}");
    let metrics = app.metrics().await;
    assert!(metrics.contains("paraph_stale_tenants ") && metrics.contains("paraph_stale_seconds "), "{metrics}");
    postgres.start_again();
    comes_back(&app).await;
}

#[tokio::test]
async fn with_postgresql_frozen_signatures_go_on() {
    let postgres = Private::start(20).await;
    let app = served(&postgres).await;
    let image = served_once(&app).await;
    postgres.freeze();
    goes_on_without(&app, &image, false).await;
    postgres.thaw();
    comes_back(&app).await;
}

#[tokio::test]
async fn with_postgresql_read_only_signatures_go_on_and_follow_it() {
    let postgres = Private::start(20).await;
    let app = served(&postgres).await;
    let image = served_once(&app).await;
    postgres.run("alter system set default_transaction_read_only = on").await;
    postgres.run("select pg_reload_conf()").await;
    until("never read only", async || !app.get("/ready").await.json()["write"].as_bool().unwrap()).await;
    goes_on_without(&app, &image, true).await;
    assert!(app.get("/ready").await.text().contains("read only"));
    assert_eq!(app.app.tenants.staleness().tenants, 0, "what is read is not stale");
    postgres.run("alter system reset default_transaction_read_only").await;
    postgres.run("select pg_reload_conf()").await;
    comes_back(&app).await;
}

#[tokio::test]
async fn with_postgresql_out_of_connections_signatures_go_on() {
    let postgres = Private::start(20).await;
    let app = served(&postgres).await;
    let image = served_once(&app).await;
    // Somebody else takes every connection that ours leave when they are ended.
    let mut others = vec![connect(&postgres.url("postgres")).await];
    let end = "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'fault'";
    sqlx::raw_sql(end).execute(&mut others[0]).await.unwrap();
    while let Ok(Ok(other)) = tokio::time::timeout(AT_ONCE, sqlx_connect(&postgres)).await {
        others.push(other);
    }
    goes_on_without(&app, &image, false).await;
    let ready = app.get("/ready").await.text();
    assert!(ready.contains("out of connections") || ready.contains("in time"), "{ready}");
    drop(others);
    comes_back(&app).await;
}

async fn sqlx_connect(postgres: &Private) -> sqlx::Result<sqlx::AnyConnection> {
    use sqlx::Connection as _;
    sqlx::AnyConnection::connect(&postgres.url("postgres")).await
}

#[tokio::test]
async fn with_the_sqlite_file_gone_signatures_go_on() {
    let app = TestApp::start_with(|config| config.database.timeout_ms = 1_000).await;
    let image = served_once(&app).await;
    let aside = |from: &str, to: &str| {
        for ending in ["", "-wal", "-shm"] {
            let (from, to) = (format!("test.db{from}{ending}"), format!("test.db{to}{ending}"));
            let _ = std::fs::rename(app.folder.path().join(from), app.folder.path().join(to));
        }
    };
    aside("", ".aside");
    goes_on_without(&app, &image, false).await;
    aside(".aside", "");
    comes_back(&app).await;
}

#[tokio::test]
async fn somebody_whom_the_directory_knows_by_address_gets_a_signature_before_they_can_be_linked() {
    let postgres = Private::start(20).await;
    let url = postgres.new_database("fault").await;
    let app = TestApp::start_with(|config| {
        config.database.url = url;
        config.database.timeout_ms = 1_000;
        config.identity.link_by_address = true;
    })
    .await;
    served_once(&app).await;
    postgres.stop();
    app.clock.advance_ms(1_000);
    let alan = app.post(SIGNATURE, tests::app::ALAN, &json!({ "kind": "new" })).await;
    assert_eq!(alan.status, StatusCode::OK, "{}", alan.text());
    assert!(alan.text().contains("Alan Turing"));
    let nobody = app.token_with(GRACE, |claims| {
        claims["oid"] = json!("aaaaaaaa-1111-4000-8000-00000000ffff");
        claims["preferred_username"] = json!("nobody@example.com");
    });
    let nobody = app.send(app.request("GET", ME).bearer_auth(nobody)).await;
    assert_eq!(nobody.status, StatusCode::FORBIDDEN, "{}", nobody.text());
}

#[tokio::test]
async fn a_tenant_that_was_deleted_is_not_kept_alive_by_memory() {
    let app = TestApp::start().await;
    let image = served_once(&app).await;
    let tenant = app.app.tenants.at_hand(TENANT_ID).unwrap();
    let url = format!("sqlite:{}", app.folder.path().join("test.db").display());
    let mut other = connect(&url).await;
    sqlx::raw_sql("pragma foreign_keys = off; delete from tenants where name = 'Example'; delete from image_files")
        .execute(&mut other)
        .await
        .unwrap();
    app.clock.advance_ms(1_000);
    assert_eq!(sign(&app).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(app.get(&image).await.status, StatusCode::NOT_FOUND, "{}", tenant.id);
}

#[tokio::test]
async fn a_node_that_starts_with_nothing_in_memory_says_that_it_cannot_sign() {
    let postgres = Private::start(20).await;
    let url = postgres.new_database("fault").await;
    let app = TestApp::start_with(|config| {
        config.database.url = url;
        config.database.timeout_ms = 500;
    })
    .await;
    postgres.freeze();
    let start = Instant::now();
    let ready = app.get("/ready").await;
    assert!(start.elapsed() < Duration::from_secs(2), "/ready took {:?}", start.elapsed());
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE, "{}", ready.text());
    assert_eq!(ready.json()["sign"], Value::Bool(false));
    assert!(!ready.header("retry-after").is_empty());
    postgres.thaw();
    until("never ready", async || app.get("/ready").await.status == StatusCode::OK).await;
}

#[tokio::test]
async fn what_clients_and_links_did_meanwhile_is_written_afterwards() {
    let app = TestApp::start_with(|config| config.database.timeout_ms = 500).await;
    served_once(&app).await;
    let file = app.folder.path().join("test.db");
    std::fs::rename(&file, file.with_extension("aside")).unwrap();
    app.clock.advance_ms(60_000);
    assert_eq!(app.post(SIGNATURE, GRACE, &json!({ "kind": "reply", "platform": "ios" })).await.status, StatusCode::OK);
    assert!(app.app.clients.write(&app.app.store).await.is_err());
    std::fs::rename(file.with_extension("aside"), &file).unwrap();
    until("never written", async || app.app.clients.write(&app.app.store).await.is_ok()).await;
    let mut other = connect(&format!("sqlite:{}", file.display())).await;
    let seen: i64 =
        sqlx::query_scalar("select count(*) from clients where platform = 'ios'").fetch_one(&mut other).await.unwrap();
    assert_eq!(seen, 1);
}

#[tokio::test]
async fn two_companies_are_stale_and_fresh_each_for_itself() {
    let postgres = Private::start(20).await;
    let app = served(&postgres).await;
    assert_eq!(app.post(SIGNATURE, STRANGER, &json!({ "kind": "new" })).await.status, StatusCode::OK);
    postgres.stop();
    app.clock.advance_ms(1_000);
    for _ in 0..3 {
        assert_eq!(sign(&app).await.status, StatusCode::OK);
    }
    assert_eq!(app.app.tenants.staleness().tenants, 1);
    until("the other company is never stale", async || {
        assert_eq!(app.post(SIGNATURE, STRANGER, &json!({ "kind": "new" })).await.status, StatusCode::OK);
        app.app.tenants.staleness().tenants == 2
    })
    .await;
    postgres.start_again();
    until("still stale", async || {
        app.app.tenants.confirm_stale().await;
        app.clock.advance_ms(1_000);
        app.app.tenants.staleness().tenants == 0
    })
    .await;
    let store: &Store = &app.app.store;
    for company in [example_company(), other_company()] {
        store.import(&company, company_file, By::new("test", app.clock.now_ms())).await.unwrap();
    }
}
