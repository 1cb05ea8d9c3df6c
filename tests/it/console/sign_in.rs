//! Coming in, and everything that must not.

use api::console::{CSRF_HEADER, Role, paths};
use axum::http::StatusCode;
use serde_json::json;
use tests::app::{TENANT, TestApp};
use tests::console::{Admin, PASSWORD};

#[tokio::test]
async fn the_set_up_link_makes_one_owner_and_no_second() {
    let app = TestApp::start().await;
    assert_eq!(app.get(paths::SIGN_IN).await.json()["needs_setup"], true);
    let code = app.setup_link().await;
    let body =
        json!({ "code": code, "email": "Owner@Example.com", "name": "Owner", "password": "a long enough password" });
    let answer = app.from_console("POST", paths::SETUP, &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("HttpOnly; SameSite=Lax"), "{cookie}");
    let session = answer.json();
    assert_eq!((&session["email"], session["tenants"].as_array().unwrap().len()), (&json!("owner@example.com"), 2));
    assert!(session["tenants"].as_array().unwrap().iter().all(|tenant| tenant["role"] == "owner"));
    assert_eq!(app.get(paths::SIGN_IN).await.json()["needs_setup"], false);

    let again = app.from_console("POST", paths::SETUP, &body).await;
    assert_eq!((again.status, again.field().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "code"));
    let another = app.setup_link().await;
    let body = json!({ "code": another, "email": "thief@example.com", "name": "Thief", "password": PASSWORD });
    let thief = app.from_console("POST", paths::SETUP, &body).await;
    assert_eq!(thief.status, StatusCode::UNPROCESSABLE_ENTITY, "an owner is there already: {}", thief.text());
}

#[tokio::test]
async fn every_nodes_set_up_link_works_until_one_is_used() {
    let app = TestApp::start().await;
    let (first, second) = (app.setup_link().await, app.setup_link().await);
    let body = |code: &str, email: &str| json!({ "code": code, "email": email, "name": "Owner", "password": PASSWORD });
    let answer = app.from_console("POST", paths::SETUP, &body(&first, "owner@example.com")).await;
    assert_eq!(answer.status, StatusCode::OK, "an earlier link is as good: {}", answer.text());
    let late = app.from_console("POST", paths::SETUP, &body(&second, "thief@example.com")).await;
    assert_eq!((late.status, late.field().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "code"));
}

#[tokio::test]
async fn a_set_up_link_runs_out() {
    let app = TestApp::start().await;
    let code = app.setup_link().await;
    app.clock.advance_ms(86_400_001);
    let body = json!({ "code": code, "email": "owner@example.com", "name": "Owner", "password": PASSWORD });
    assert_eq!(app.from_console("POST", paths::SETUP, &body).await.field(), "code");
}

#[tokio::test]
async fn an_account_needs_an_address_a_name_and_a_long_password() {
    let app = TestApp::start().await;
    let code = app.setup_link().await;
    let good = json!({ "code": code, "email": "owner@example.com", "name": "Owner", "password": PASSWORD });
    for (field, value) in [
        ("email", json!("nobody")),
        ("name", json!("  ")),
        ("name", json!("x".repeat(101))),
        ("password", json!("short")),
        ("password", json!("aaaaaaaaaaaaaaaaaaaa")),
        ("password", json!("x y ".repeat(100))),
    ] {
        let mut body = good.clone();
        body[field] = value;
        let answer = app.from_console("POST", paths::SETUP, &body).await;
        assert_eq!((answer.status, answer.field().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, field));
    }
    assert!(app.from_console("POST", paths::SETUP, &good).await.status.is_success(), "nothing was half-done");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_look_the_same() {
    let app = TestApp::start().await;
    app.owner().await;
    let wrong = json!({ "email": "owner@example.com", "password": "not the password, no" });
    let unknown = json!({ "email": "nobody@example.com", "password": "not the password, no" });
    let (wrong, unknown) = (
        app.from_console("POST", paths::SIGN_IN, &wrong).await,
        app.from_console("POST", paths::SIGN_IN, &unknown).await,
    );
    assert_eq!((wrong.status, wrong.text()), (unknown.status, unknown.text()));
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert_eq!(wrong.header("set-cookie"), "");
}

#[tokio::test]
async fn guessing_makes_one_wait_longer_and_longer_and_the_right_password_too() {
    let app = TestApp::start().await;
    app.owner().await;
    let wrong = json!({ "email": "owner@example.com", "password": "not the password, no" });
    for _ in 0..5 {
        assert_eq!(app.from_console("POST", paths::SIGN_IN, &wrong).await.status, StatusCode::UNAUTHORIZED);
    }
    let right = json!({ "email": "owner@example.com", "password": PASSWORD });
    let refused = app.from_console("POST", paths::SIGN_IN, &right).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    let wait: i64 = refused.header("retry-after").parse().unwrap();
    app.clock.advance_ms(wait * 1_000);
    assert_eq!(app.from_console("POST", paths::SIGN_IN, &wrong).await.status, StatusCode::UNAUTHORIZED);
    let longer: i64 = app.from_console("POST", paths::SIGN_IN, &right).await.header("retry-after").parse().unwrap();
    assert!(longer > wait, "{wait} {longer}");
    app.clock.advance_ms(longer * 1_000);
    assert!(app.from_console("POST", paths::SIGN_IN, &right).await.status.is_success());
    // Being in forgets the failures of the account.
    assert_eq!(app.from_console("POST", paths::SIGN_IN, &wrong).await.status, StatusCode::UNAUTHORIZED);
    assert!(app.from_console("POST", paths::SIGN_IN, &right).await.status.is_success());
}

#[tokio::test]
async fn a_page_elsewhere_signs_nobody_in() {
    let app = TestApp::start().await;
    app.owner().await;
    let body = json!({ "email": "owner@example.com", "password": PASSWORD });
    for origin in ["https://evil.example", "null"] {
        let answer = app.send(app.request("POST", paths::SIGN_IN).header("origin", origin).json(&body)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{origin}");
    }
    assert_eq!(app.send(app.request("POST", paths::SIGN_IN).json(&body)).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_and_when_it_is_old() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    for _ in 0..12 {
        app.clock.advance_ms(59 * 60_000);
        assert_eq!(owner.get(paths::SESSION).await.status, StatusCode::OK);
    }
    app.clock.advance_ms(13 * 60_000);
    assert_eq!(owner.get(paths::SESSION).await.status, StatusCode::UNAUTHORIZED, "twelve hours are over");
    let owner = app.sign_in("owner@example.com").await;
    app.clock.advance_ms(60 * 60_000);
    assert_eq!(owner.get(paths::SESSION).await.status, StatusCode::UNAUTHORIZED, "an hour without a request");
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let out = owner.delete(paths::SESSION).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert!(out.header("set-cookie").contains("Max-Age=0"), "{:?}", out.headers);
    assert_eq!(
        owner.get(paths::SESSION).await.status,
        StatusCode::UNAUTHORIZED,
        "a copy of the cookie is worth nothing"
    );
}

#[tokio::test]
async fn a_cookie_alone_changes_nothing() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let body = json!({ "name": "Stolen" });
    let bare = app.request("PATCH", paths::ACCOUNT).header("cookie", &owner.cookie).json(&body);
    assert_eq!(app.send(bare).await.status, StatusCode::FORBIDDEN, "without origin and token");
    let elsewhere = app.request("PATCH", paths::ACCOUNT).header("cookie", &owner.cookie);
    let elsewhere = elsewhere.header("origin", "https://evil.example").header(CSRF_HEADER, &owner.csrf);
    assert_eq!(app.send(elsewhere.json(&body)).await.status, StatusCode::FORBIDDEN, "from another origin");
    let forged = app.request("PATCH", paths::ACCOUNT).header("cookie", &owner.cookie).header("origin", &app.url);
    assert_eq!(app.send(forged.header(CSRF_HEADER, "0")).await.status, StatusCode::FORBIDDEN, "with a wrong token");
    let read =
        app.request("GET", paths::SESSION).header("cookie", &owner.cookie).header("sec-fetch-site", "cross-site");
    assert_eq!(app.send(read).await.status, StatusCode::FORBIDDEN, "even reading");
    assert_eq!(owner.get(paths::SESSION).await.json()["name"], "Owner");
}

#[tokio::test]
async fn sessions_are_listed_and_one_can_end_the_others() {
    let app = TestApp::start().await;
    let first = app.owner().await;
    app.clock.advance_ms(1);
    let second = app.sign_in("owner@example.com").await;
    let list = first.get(paths::SESSIONS).await.json();
    let current: Vec<_> = list["sessions"].as_array().unwrap().iter().map(|one| &one["current"]).collect();
    assert_eq!(current, [false, true], "the newest first");
    assert!(!first.cookie.contains(list["sessions"][1]["id"].as_str().unwrap()));
    let one = paths::ONE_SESSION.replace("{session}", list["sessions"][0]["id"].as_str().unwrap());
    assert_eq!(first.delete(&one).await.status, StatusCode::NO_CONTENT);
    assert_eq!(second.get(paths::SESSION).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(first.delete(&one).await.status, StatusCode::NOT_FOUND);
    let third = app.sign_in("owner@example.com").await;
    assert_eq!(first.delete(paths::SESSIONS).await.status, StatusCode::NO_CONTENT);
    assert_eq!(third.get(paths::SESSION).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(first.get(paths::SESSION).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_invitation_lets_one_person_in_once() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let tenant = app.tenant_id(TENANT).await;
    let code = owner.invite(&tenant, "Grace@Example.com", Role::Editor).await;
    let shown = app.from_console("POST", paths::INVITATION, &json!({ "code": code })).await.json();
    assert_eq!(
        shown,
        json!({ "email": "grace@example.com", "tenant": "Example", "role": "editor", "has_account": false })
    );
    let body = json!({ "code": code, "name": "Grace", "password": PASSWORD });
    let grace = Admin::begun(&app, &app.from_console("POST", paths::ACCEPT, &body).await);
    let session = grace.get(paths::SESSION).await.json();
    assert_eq!(session["tenants"], json!([{ "id": tenant, "name": "Example", "role": "editor" }]));
    assert_eq!(app.from_console("POST", paths::ACCEPT, &body).await.field(), "code");

    // Somebody else with a link for an account that exists does not become that account.
    let other = app.tenant_id(tests::app::OTHER_TENANT).await;
    let code = owner.invite(&other, "grace@example.com", Role::Viewer).await;
    let body = json!({ "code": code, "name": "Thief", "password": "another long password" });
    assert_eq!(app.from_console("POST", paths::ACCEPT, &body).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(owner.send("POST", paths::ACCEPT, &body).await.status, StatusCode::FORBIDDEN);
    let accepted = grace.send("POST", paths::ACCEPT, &json!({ "code": code })).await;
    assert_eq!(accepted.json()["tenants"].as_array().unwrap().len(), 2, "{}", accepted.text());

    let late = owner.invite(&tenant, "late@example.com", Role::Viewer).await;
    app.clock.advance_ms(7 * 86_400_000);
    assert_eq!(app.from_console("POST", paths::INVITATION, &json!({ "code": late })).await.field(), "code");
}
