//! One's own account: password, authenticator app, recovery codes.

use api::console::paths;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::console::{Admin, PASSWORD};

/// What an authenticator app shows.
fn digits(secret: &str, now_ms: i64) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let app = totp_rs::Builder::new().with_secret(secret).with_account_name("me").build().unwrap();
    app.generate(u64::try_from(now_ms / 1_000).unwrap()).to_string()
}

async fn sign_in(app: &TestApp, code: Option<&str>) -> tests::app::Answer {
    let mut body = json!({ "email": "owner@example.com", "password": PASSWORD });
    if let Some(code) = code {
        body["code"] = json!(code);
    }
    app.from_console("POST", paths::SIGN_IN, &body).await
}

/// Sets an authenticator app up: its secret and the recovery codes.
async fn with_app(app: &TestApp, owner: &Admin<'_>) -> (String, Vec<String>) {
    let setup = owner.send("POST", paths::TOTP, &json!({ "password": PASSWORD })).await.json();
    let secret = setup["secret"].as_str().unwrap().to_owned();
    assert!(setup["url"].as_str().unwrap().starts_with("otpauth://totp/Paraph:owner"), "{setup}");
    assert!(setup["qr"].as_str().unwrap().contains("<svg"), "{setup}");
    let confirm = owner.send("PUT", paths::TOTP, &json!({ "code": digits(&secret, app.clock.now_ms()) })).await;
    let codes =
        confirm.json()["codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect();
    (secret, codes)
}

#[tokio::test]
async fn an_authenticator_app_is_asked_for_and_each_of_its_codes_is_good_once() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (secret, codes) = with_app(&app, &owner).await;
    assert_eq!(codes.len(), 10);
    let account = owner.get(paths::ACCOUNT).await.json();
    assert_eq!((&account["has_totp"], &account["recovery_codes"]), (&json!(true), &json!(10)));

    let asked = sign_in(&app, None).await;
    assert_eq!((asked.status, asked.field().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "code"));
    let used = sign_in(&app, Some(&digits(&secret, app.clock.now_ms()))).await;
    assert_eq!(used.field(), "code", "the digits that proved the app are used up");
    app.clock.advance_ms(30_000);
    let now = digits(&secret, app.clock.now_ms());
    assert_eq!(sign_in(&app, Some(&now)).await.status, StatusCode::OK);
    assert_eq!(sign_in(&app, Some(&now)).await.field(), "code", "somebody looked over the shoulder");
    assert_eq!(sign_in(&app, Some(&codes[0].to_uppercase())).await.status, StatusCode::OK);
    assert_eq!(sign_in(&app, Some(&codes[0])).await.field(), "code");
    assert_eq!(owner.get(paths::ACCOUNT).await.json()["recovery_codes"], 9);
}

#[tokio::test]
async fn guessing_the_code_counts_as_guessing_the_password() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    with_app(&app, &owner).await;
    for _ in 0..5 {
        assert_eq!(sign_in(&app, Some("000000")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(sign_in(&app, Some("000000")).await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn the_secret_is_sealed_in_the_database_and_gone_with_the_app() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (secret, _) = with_app(&app, &owner).await;
    let stored = app.app.store.account_by_email("owner@example.com").await.unwrap().unwrap();
    let sealed = stored.totp.unwrap();
    assert!(sealed.starts_with("2.") && !sealed.contains(&secret), "{sealed}");
    assert!(stored.password.unwrap().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    let wrong = owner.send("DELETE", paths::TOTP, &json!({ "password": "not the password, no" })).await;
    assert_eq!(wrong.field(), "password");
    assert_eq!(
        owner.send("DELETE", paths::TOTP, &json!({ "password": PASSWORD })).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(sign_in(&app, None).await.status, StatusCode::OK);
    assert_eq!(owner.get(paths::ACCOUNT).await.json()["recovery_codes"], 0);
}

#[tokio::test]
async fn a_new_password_ends_every_other_session() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let elsewhere = app.sign_in("owner@example.com").await;
    let change = |current: &str, new: &str| -> Value { json!({ "current": current, "new": new }) };
    let wrong = owner.send("PUT", paths::PASSWORD, &change("not the password, no", "another long password")).await;
    assert_eq!(wrong.field(), "current");
    let short = owner.send("PUT", paths::PASSWORD, &change(PASSWORD, "short")).await;
    assert_eq!(short.field(), "new");
    let done = owner.send("PUT", paths::PASSWORD, &change(PASSWORD, "another long password")).await;
    assert_eq!(done.status, StatusCode::NO_CONTENT, "{}", done.text());
    assert_eq!(owner.get(paths::SESSION).await.status, StatusCode::OK);
    assert_eq!(elsewhere.get(paths::SESSION).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in(&app, None).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn who_lost_everything_is_let_in_again_by_whoever_runs_the_server() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    with_app(&app, &owner).await;
    let recover = async |email: &str| {
        let options = paraph::cli::recover::RecoverOptions { email: email.into() };
        paraph::cli::recover::run(&app.app.config, &options).await
    };
    assert!(recover("nobody@example.com").await.unwrap_err().to_string().contains("nobody has an account"));
    let text = recover("Owner@example.com").await.unwrap();
    let password = text.split_once("shown once: ").unwrap().1.lines().next().unwrap();
    assert_eq!(owner.get(paths::SESSION).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in(&app, None).await.status, StatusCode::UNAUTHORIZED);
    let body = json!({ "email": "owner@example.com", "password": password });
    assert_eq!(app.from_console("POST", paths::SIGN_IN, &body).await.status, StatusCode::OK, "without a code");
}
