//! The clock is set forward or back by a month while the server runs.

use crate::leases::Elsewhere;
use crate::people::{Desk, at_each_server};
use api::console::paths;
use axum::http::StatusCode;
use neighbours::entra::Key;
use paraph::app::App;
use paraph::clock::{Clock, DAY_MS};
use paraph::jobs::drain;
use paraph::store::{By, Deed, RunKey, RunState, Source, SourceState};
use serde_json::json;
use std::sync::Arc;
use tests::app::{ADA, Answer, TENANT, TestApp};
use tests::console::PASSWORD;
use tests::neighbourhood;

const MONTH_MS: i64 = 30 * DAY_MS;
const BOTH_WAYS: [i64; 2] = [MONTH_MS, -MONTH_MS];

async fn signature(app: &TestApp) -> Answer {
    app.post(api::paths::SIGNATURE, ADA, &json!({ "kind": "new" })).await
}

#[tokio::test]
async fn signatures_go_on_and_new_signing_keys_are_fetched() {
    for by in BOTH_WAYS {
        let app = TestApp::start().await;
        assert_eq!(signature(&app).await.status, StatusCode::OK);
        app.clock.jump_ms(by);
        assert_eq!(signature(&app).await.status, StatusCode::OK, "with a token of that time");
        app.entra.rotate();
        let rotated = || Key::Second.issuer().sign(&app.claims(ADA));
        // The least time between two look-ups: five minutes by default, of true time.
        app.clock.advance_ms(5 * 60_000);
        assert_eq!(app.get_with(api::paths::ME, &rotated()).await.status, StatusCode::OK, "{by}");
        app.clock.jump_ms(-by);
        assert_eq!(app.get_with(api::paths::ME, &rotated()).await.status, StatusCode::OK, "{by}");
        assert_eq!(app.entra.answered("keys"), 2, "no more than are due");
    }
}

#[tokio::test]
async fn nobody_is_locked_out_for_longer_than_a_quarter_of_an_hour() {
    for by in BOTH_WAYS {
        let app = TestApp::start().await;
        app.owner().await;
        let sign_in = async |password: &str| {
            let body = json!({ "email": "owner@example.com", "password": password });
            app.from_console("POST", paths::SIGN_IN, &body).await
        };
        for _ in 0..6 {
            sign_in("not the password, no").await;
        }
        assert_eq!(sign_in(PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
        app.clock.jump_ms(by);
        let answer = sign_in(PASSWORD).await;
        assert!(answer.status.is_success(), "{by}: {}", answer.text());
        let owner = tests::console::Admin::begun(&app, &answer);
        assert_eq!(owner.get(paths::SESSION).await.status, StatusCode::OK);
        app.clock.jump_ms(-by);
        let kept = owner.get(paths::SESSION).await.status;
        assert_eq!(kept, StatusCode::UNAUTHORIZED, "a session lasts no longer than its hours: {by}");
        assert!(sign_in(PASSWORD).await.status.is_success(), "{by}");
    }
}

#[tokio::test]
async fn a_code_that_was_used_while_the_clock_was_ahead_locks_nobody_out() {
    at_each_server(async |app| {
        let store = &app.app.store;
        app.owner().await;
        let account = store.account_by_email("owner@example.com").await.unwrap().unwrap().id;
        let step = |ms: i64| ms / 30_000;
        let now_ms = app.clock.now_ms();
        assert_eq!(store.use_totp_step(&account, step(now_ms + MONTH_MS)).await, Ok(true));
        assert_eq!(store.use_totp_step(&account, step(now_ms)).await, Ok(true), "the clock was corrected");
        assert_eq!(store.use_totp_step(&account, step(now_ms)).await, Ok(false), "each is good once");
        assert_eq!(store.use_totp_step(&account, step(now_ms) - 1).await, Ok(false));
    })
    .await;
}

#[tokio::test]
async fn sources_go_on_running() {
    for by in BOTH_WAYS {
        let graph = neighbourhood::graph(&Clock::mock(0)).await;
        let app = TestApp::start_with(|config| neighbourhood::ask_graph(config, &graph)).await;
        let desk = Desk::new(&app).await;
        let mut source = app.app.store.source(&desk.tenant, Source::Entra).await.unwrap();
        (source.state, source.next_ms) = (SourceState::On, Some(app.clock.now_ms()));
        let deed = Deed { action: "connect_source", detail: json!({}) };
        app.app.store.put_source(&desk.tenant, &source, deed, By::new("test", 0)).await.unwrap();
        let runs = async || {
            app.run_due().await;
            app.idle().await;
            graph.take_requests().iter().any(|asked| asked == "users")
        };
        assert!(runs().await, "it is due");
        assert!(!runs().await, "its hour has not passed");
        app.clock.jump_ms(by);
        assert!(runs().await, "at once, rather than in a month: {by}");
        app.clock.advance_ms(60 * 60_000);
        assert!(runs().await, "then each hour: {by}");
        app.clock.jump_ms(-by);
        assert!(runs().await, "{by}");
    }
}

#[tokio::test]
async fn what_another_server_works_on_is_left_to_it_and_what_it_left_is_taken_over() {
    let (app, _) = TestApp::start_on_postgres().await;
    let desk = Desk::new(&app).await;
    for by in BOTH_WAYS {
        let run = desk.planned("address,city\nada@example.com,x\n").await["id"].as_str().unwrap().to_owned();
        let other = Elsewhere::applies(&app, &desk.tenant, &run).await;
        let state =
            async || app.app.store.run_record(RunKey { tenant: &desk.tenant, run: &run }).await.unwrap().unwrap().state;
        let look = async || {
            app.app.leases.node().look_after_others().await.unwrap();
            app.run_due().await;
        };
        look().await;
        app.clock.jump_ms(by);
        for _ in 1..5 {
            other.leases.node().beat().await.unwrap();
            app.clock.advance_ms(10_000);
            look().await;
            assert_eq!(state().await, RunState::Applying, "it beats: {by}");
        }
        app.clock.advance_ms(31_000);
        look().await;
        assert_eq!(state().await, RunState::Applied, "it fell silent: {by}");
        app.clock.jump_ms(-by);
    }
}

/// Deletes the tenant, whose waiting time begins.
async fn delete_tenant(app: &TestApp, desk: &Desk<'_>) {
    let path = paths::TENANT.replace("{tenant}", &desk.tenant);
    let deleted = desk.owner.send("DELETE", &path, &json!({ "name": "Example" })).await;
    assert_eq!(deleted.status, StatusCode::OK, "{}", deleted.text());
    app.run_due().await;
    app.app.store.see_clock(app.clock.settled_ms()).await.unwrap();
}

#[tokio::test]
async fn nothing_is_deleted_or_published_before_its_time_because_the_clock_was_set_for_a_while() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        delete_tenant(app, &desk).await;
        app.run_due().await;
        app.clock.jump_ms(MONTH_MS);
        for _ in 0..3 {
            app.clock.advance_ms(15 * 60_000);
            app.run_due().await;
            assert!(app.app.store.tenant_of_entra(TENANT).await.unwrap().is_some());
        }
        app.clock.jump_ms(-MONTH_MS);
        app.run_due().await;
        assert!(app.app.store.tenant_of_entra(TENANT).await.unwrap().is_some(), "the clock was corrected");
        app.clock.advance_ms(15 * DAY_MS);
        app.run_due().await;
        assert_eq!(app.app.store.tenant_of_entra(TENANT).await.unwrap(), None, "now its time has come");
    })
    .await;
}

#[tokio::test]
async fn nothing_is_deleted_by_a_server_that_starts_with_a_clock_that_is_a_month_ahead() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        delete_tenant(app, &desk).await;
        let start = async |now_ms: i64| {
            App::new(app.app.config.clone(), app.app.store.clone(), Clock::mock(now_ms)).await.unwrap()
        };
        let ahead = Arc::new(start(app.clock.now_ms() + MONTH_MS).await);
        drain(&ahead).await.unwrap();
        assert!(app.app.store.tenant_of_entra(TENANT).await.unwrap().is_some(), "it may be wrong");
        let corrected = Arc::new(start(app.clock.now_ms()).await);
        drain(&corrected).await.unwrap();
        assert!(app.app.store.tenant_of_entra(TENANT).await.unwrap().is_some(), "it was");
        // After a month of rest the time has come all the same.
        let late = Arc::new(start(app.clock.now_ms() + MONTH_MS).await);
        late.clock.advance_ms(60 * 60_000);
        drain(&late).await.unwrap();
        assert_eq!(app.app.store.tenant_of_entra(TENANT).await.unwrap(), None, "it holds");
    })
    .await;
}

#[tokio::test]
async fn a_write_that_is_sent_again_after_the_clock_was_set_happens_once() {
    for by in BOTH_WAYS {
        let app = TestApp::start().await;
        let desk = Desk::new(&app).await;
        let connector = json!({ "name": "t", "scopes": ["people:write"], "days": 366 });
        let made = desk.owner.send("POST", &desk.path(paths::TOKENS, ""), &connector).await;
        let secret = made.json()["secret"].as_str().unwrap().to_owned();
        let add = async || {
            let request = app.request("POST", &desk.path(paths::PEOPLE, "")).bearer_auth(&secret);
            let person = json!({ "address": "new@example.com", "kind": "person" });
            app.send(request.header(api::console::IDEMPOTENCY_HEADER, "once").json(&person)).await
        };
        let first = add().await;
        assert_eq!(first.status, StatusCode::CREATED, "{}", first.text());
        app.clock.jump_ms(by);
        let second = add().await;
        assert_eq!((second.status, second.json()["id"].clone()), (first.status, first.json()["id"].clone()), "{by}");
    }
}
