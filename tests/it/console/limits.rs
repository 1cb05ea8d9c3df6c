//! How often somebody may guess, and whom that keeps out.

use api::console::{Role, paths};
use axum::http::StatusCode;
use futures_util::future::join_all;
use paraph::config::Config;
use serde_json::{Value, json};
use tests::app::{Answer, TENANT, TestApp};
use tests::console::{Admin, PASSWORD};

const WRONG: &str = "not the password, no";
const OWNER: &str = "owner@example.com";

/// The test itself is the proxy.
fn behind_a_proxy(config: &mut Config) {
    config.server.trusted_proxies = serde_json::from_value(json!(["private"])).unwrap();
}

/// Somebody's browser at a network address, with the cookies that it keeps.
struct Browser<'a> {
    app: &'a TestApp,
    address: String,
    cookies: String,
}

impl<'a> Browser<'a> {
    fn at(app: &'a TestApp, address: &str) -> Self {
        Self { app, address: address.to_owned(), cookies: String::new() }
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = self.app.request("POST", path).header("origin", &self.app.url);
        let request = request.header("x-forwarded-for", &self.address).header("cookie", &self.cookies);
        self.app.send(request.json(body)).await
    }

    async fn sign_in(&mut self, email: &str, password: &str) -> StatusCode {
        let answer = self.post(paths::SIGN_IN, &json!({ "email": email, "password": password })).await;
        self.keep(&answer);
        answer.status
    }

    fn keep(&mut self, answer: &Answer) {
        for cookie in answer.headers.get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
            let name = pair.split('=').next().unwrap().to_owned();
            let others =
                self.cookies.split("; ").filter(|other| !other.is_empty() && !other.starts_with(&format!("{name}=")));
            self.cookies = others.map(str::to_owned).chain([pair]).collect::<Vec<_>>().join("; ");
        }
    }
}

fn count(answers: &[Answer], status: StatusCode) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

#[tokio::test]
async fn of_many_guesses_at_once_as_few_are_looked_at_as_in_a_row() {
    for app in [TestApp::start().await, TestApp::start_on_postgres().await.0] {
        app.owner().await;
        let guess = |n: usize| {
            let body = json!({ "email": OWNER, "password": format!("guess number {n}") });
            let request = app.request("POST", paths::SIGN_IN).header("origin", &app.url).json(&body);
            app.send(request)
        };
        let answers = join_all((0..200).map(guess)).await;
        assert_eq!(count(&answers, StatusCode::UNAUTHORIZED), 5);
        assert_eq!(count(&answers, StatusCode::TOO_MANY_REQUESTS), 195);
    }
}

#[tokio::test]
async fn somebody_who_gets_in_makes_no_room_for_more_guesses_from_their_address() {
    let app = TestApp::start_with(behind_a_proxy).await;
    app.owner().await;
    let mut here = Browser::at(&app, "203.0.113.9");
    let mut looked_at = 0;
    // Whoever has an account of their own there signs in between any two guesses at others.
    for n in 0..40 {
        if here.sign_in(&format!("victim-{n}@example.com"), WRONG).await == StatusCode::UNAUTHORIZED {
            looked_at += 1;
        }
        let mut own = Browser::at(&app, "203.0.113.9");
        let status = own.sign_in(OWNER, PASSWORD).await;
        assert!([StatusCode::OK, StatusCode::TOO_MANY_REQUESTS].contains(&status), "{status}");
    }
    assert_eq!(looked_at, 20);
    assert_eq!(
        Browser::at(&app, "203.0.113.10").sign_in("victim-1@example.com", WRONG).await,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_sign_in_leaves_the_address_as_free_as_it_was() {
    let app = TestApp::start_with(behind_a_proxy).await;
    app.owner().await;
    for _ in 0..60 {
        assert_eq!(Browser::at(&app, "203.0.113.9").sign_in(OWNER, PASSWORD).await, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_stranger_locks_out_neither_a_known_device_nor_another_address() {
    let app = TestApp::start_with(behind_a_proxy).await;
    app.owner().await;
    let mut laptop = Browser::at(&app, "203.0.113.9");
    assert_eq!(laptop.sign_in(OWNER, PASSWORD).await, StatusCode::OK);
    let mut stranger = Browser::at(&app, "203.0.113.9");
    for n in 0..40 {
        stranger.sign_in(OWNER, WRONG).await;
        stranger.sign_in(&format!("other-{n}@example.com"), WRONG).await;
    }
    assert_eq!(stranger.sign_in(OWNER, PASSWORD).await, StatusCode::TOO_MANY_REQUESTS, "even the right one");
    assert_eq!(laptop.sign_in(OWNER, PASSWORD).await, StatusCode::OK, "behind the stranger's own address");
    assert_eq!(
        Browser::at(&app, "198.51.100.1").sign_in(OWNER, PASSWORD).await,
        StatusCode::OK,
        "a new device elsewhere"
    );
    assert_eq!(stranger.sign_in(OWNER, PASSWORD).await, StatusCode::TOO_MANY_REQUESTS, "that helps no stranger");
}

#[tokio::test]
async fn a_known_device_may_guess_no_more_than_a_stranger_and_is_one_accounts_alone() {
    let app = TestApp::start_with(behind_a_proxy).await;
    let owner = app.owner().await;
    let tenant = app.tenant_id(TENANT).await;
    app.member(&owner, &tenant, Role::Editor).await;
    let editor = format!("editor-{tenant}@example.com");
    let mut laptop = Browser::at(&app, "203.0.113.9");
    assert_eq!(laptop.sign_in(&editor, PASSWORD).await, StatusCode::OK);
    for _ in 0..5 {
        assert_eq!(laptop.sign_in(&editor, WRONG).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(laptop.sign_in(&editor, PASSWORD).await, StatusCode::TOO_MANY_REQUESTS);
    // For anybody else's account it is a stranger.
    for _ in 0..5 {
        assert_eq!(laptop.sign_in(OWNER, WRONG).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(laptop.sign_in(OWNER, PASSWORD).await, StatusCode::TOO_MANY_REQUESTS);
    // What somebody writes into the cookie is no proof.
    let mut forger = Browser::at(&app, "203.0.113.9");
    forger.cookies = laptop.cookies.replace("-device-", "-device-x");
    assert_eq!(forger.sign_in(&editor, WRONG).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn another_password_makes_every_other_device_a_stranger() {
    let app = TestApp::start_with(behind_a_proxy).await;
    let owner = app.owner().await;
    let mut old = Browser::at(&app, "203.0.113.9");
    let mut current = Browser::at(&app, "203.0.113.9");
    for browser in [&mut old, &mut current] {
        assert_eq!(browser.sign_in(OWNER, PASSWORD).await, StatusCode::OK);
    }
    let change = json!({ "current": PASSWORD, "new": "another long password" });
    let changed = owner.send("PUT", paths::PASSWORD, &change).await;
    assert_eq!(changed.status, StatusCode::NO_CONTENT, "{}", changed.text());
    current.keep(&changed);
    let mut stranger = Browser::at(&app, "203.0.113.9");
    for _ in 0..5 {
        stranger.sign_in(OWNER, WRONG).await;
    }
    assert_eq!(old.sign_in(OWNER, "another long password").await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(current.sign_in(OWNER, "another long password").await, StatusCode::OK, "where it was changed");
}

#[tokio::test]
async fn an_ipv6_network_counts_as_one_address() {
    let app = TestApp::start_with(behind_a_proxy).await;
    app.owner().await;
    for n in 0..5 {
        let address = format!("2001:db8:1:2:{n}::{n}");
        assert_eq!(Browser::at(&app, &address).sign_in(OWNER, WRONG).await, StatusCode::UNAUTHORIZED);
    }
    let next = Browser::at(&app, "2001:db8:1:2:ffff::1").sign_in(OWNER, PASSWORD).await;
    assert_eq!(next, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(Browser::at(&app, "2001:db8:1:3::1").sign_in(OWNER, PASSWORD).await, StatusCode::OK);
}

#[tokio::test]
async fn links_are_guessed_no_more_often_than_passwords() {
    let app = TestApp::start_with(behind_a_proxy).await;
    let code = app.setup_link().await;
    let set_up = |code: &str| json!({ "code": code, "email": OWNER, "name": "Owner", "password": PASSWORD });
    let stranger = Browser::at(&app, "203.0.113.9");
    for n in 0..5 {
        assert_eq!(stranger.post(paths::SETUP, &set_up(&format!("guess-{n}"))).await.field(), "code");
    }
    let refused = stranger.post(paths::SETUP, &set_up(&code)).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    let own = Browser::at(&app, "198.51.100.1");
    let made = own.post(paths::SETUP, &set_up(&code)).await;
    assert_eq!(made.status, StatusCode::OK, "whoever has the link gets in: {}", made.text());
    let owner = Admin::begun(&app, &made);

    let code = owner.invite(&app.tenant_id(TENANT).await, "new@example.com", Role::Viewer).await;
    let stranger = Browser::at(&app, "203.0.113.77");
    let look = |code: &str| (paths::INVITATION, json!({ "code": code }));
    let accept = |code: &str| (paths::ACCEPT, json!({ "code": code, "name": "New", "password": PASSWORD }));
    for (path, body) in [look("guess"), accept("guess"), look("other"), accept("other"), look("another")] {
        assert_eq!(stranger.post(path, &body).await.field(), "code", "{path}");
    }
    for (path, body) in [look(&code), accept(&code)] {
        assert_eq!(stranger.post(path, &body).await.status, StatusCode::TOO_MANY_REQUESTS, "{path}");
    }
    assert_eq!(own.post(paths::ACCEPT, &accept(&code).1).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_proven_again_within_a_session_is_limited_and_keeps_nobody_from_signing_in() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let guesses = (0..50).map(|n| {
        let body = json!({ "password": format!("guess number {n}") });
        app.send(owner.request("POST", paths::TOTP).json(&body))
    });
    let answers = join_all(guesses).await;
    assert_eq!(count(&answers, StatusCode::UNPROCESSABLE_ENTITY), 5);
    assert_eq!(count(&answers, StatusCode::TOO_MANY_REQUESTS), 45);
    let change = json!({ "current": PASSWORD, "new": "another long enough password" });
    let refused = owner.send("PUT", paths::PASSWORD, &change).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "one count for all of them");
    app.sign_in(OWNER).await;
    app.clock.advance_ms(2_000);
    assert_eq!(owner.send("POST", paths::TOTP, &json!({ "password": PASSWORD })).await.status, StatusCode::OK);
    for _ in 0..5 {
        assert_eq!(owner.send("PUT", paths::TOTP, &json!({ "code": "000000" })).await.field(), "code");
    }
    let refused = owner.send("PUT", paths::TOTP, &json!({ "code": "000000" })).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_clock_that_is_set_back_locks_nobody_out_for_longer() {
    let app = TestApp::start().await;
    app.owner().await;
    for _ in 0..5 {
        app.from_console("POST", paths::SIGN_IN, &json!({ "email": OWNER, "password": WRONG })).await;
    }
    app.clock.advance_ms(-30 * 86_400_000);
    let right = app.from_console("POST", paths::SIGN_IN, &json!({ "email": OWNER, "password": PASSWORD })).await;
    assert_eq!(right.status, StatusCode::OK, "{}", right.text());
}
