//! One's own account: password, authenticator app, recovery codes.

use api::console::paths;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::{OTHER_TENANT, TENANT, TestApp};
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
pub(super) async fn with_app(app: &TestApp, owner: &Admin<'_>) -> (String, Vec<String>) {
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
    let (secret, codes) = with_app(&app, &owner).await;
    let stored = app.app.store.account_by_email("owner@example.com").await.unwrap().unwrap();
    let sealed = stored.totp.unwrap();
    assert!(sealed.starts_with("2.") && !sealed.contains(&secret), "{sealed}");
    assert!(stored.password.unwrap().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    let proof = json!({ "password": PASSWORD, "code": codes[0] });
    assert_eq!(owner.send("DELETE", paths::TOTP, &proof).await.status, StatusCode::NO_CONTENT);
    assert_eq!(sign_in(&app, None).await.status, StatusCode::OK);
    assert_eq!(owner.get(paths::ACCOUNT).await.json()["recovery_codes"], 0);
}

/// Every request that changes how somebody signs in, with what it carries besides password and code.
const SECURING: [(&str, &str); 5] = [
    ("PUT", paths::PASSWORD),
    ("POST", paths::TOTP),
    ("POST", paths::RECOVERY_CODES),
    ("DELETE", paths::PROVIDER),
    ("DELETE", paths::TOTP),
];

/// Such a request with this proof.
async fn secure(
    owner: &Admin<'_>,
    (method, path): (&str, &str),
    password: &str,
    code: Option<&str>,
) -> tests::app::Answer {
    let mut body = match path {
        paths::PASSWORD => json!({ "current": password, "new": "another long password" }),
        _ => json!({ "password": password }),
    };
    if let Some(code) = code {
        body["code"] = json!(code);
    }
    owner.send(method, path, &body).await
}

#[tokio::test]
async fn the_password_alone_changes_nothing_where_there_is_a_second_factor() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (secret, codes) = with_app(&app, &owner).await;
    let used = digits(&secret, app.clock.now_ms());
    for what in SECURING {
        let without = secure(&owner, what, PASSWORD, None).await;
        assert_eq!((without.status, without.field().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "code"), "{what:?}");
        let empty = secure(&owner, what, PASSWORD, Some(" ")).await;
        assert_eq!(empty.field(), "code", "{what:?}");
    }
    let (wrong, used) = (
        secure(&owner, SECURING[4], PASSWORD, Some("000000")).await,
        secure(&owner, SECURING[4], PASSWORD, Some(&used)).await,
    );
    assert_eq!((wrong.field().as_str(), used.field().as_str()), ("code", "code"));
    let wrong = secure(&owner, SECURING[4], "not the password, no", Some(&codes[0])).await;
    assert_ne!(wrong.status, StatusCode::NO_CONTENT);
    assert_eq!(owner.get(paths::ACCOUNT).await.json()["recovery_codes"], 10, "no code is used up before the password");
    assert_eq!(secure(&owner, SECURING[4], PASSWORD, Some(&codes[0])).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn guessing_in_a_stolen_session_counts_as_guessing_to_sign_in() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    with_app(&app, &owner).await;
    for _ in 0..5 {
        assert_eq!(secure(&owner, ("DELETE", paths::TOTP), PASSWORD, Some("000000")).await.field(), "code");
    }
    let more = secure(&owner, ("DELETE", paths::TOTP), PASSWORD, Some("000000")).await;
    assert_eq!(more.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn every_change_of_how_somebody_signs_in_ends_other_sessions_and_is_in_the_audit_of_each_tenant() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let elsewhere = app.sign_in("owner@example.com").await;
    let (secret, codes) = with_app(&app, &owner).await;
    assert_eq!(elsewhere.get(paths::SESSION).await.status, StatusCode::UNAUTHORIZED, "the app is set up");
    let mut code = codes[0].clone();
    for (method, path) in [("POST", paths::RECOVERY_CODES), ("PUT", paths::PASSWORD)] {
        app.clock.advance_ms(30_000);
        let signed_in = sign_in(&app, Some(&digits(&secret, app.clock.now_ms()))).await;
        let elsewhere = Admin::begun(&app, &signed_in);
        let done = secure(&owner, (method, path), PASSWORD, Some(&code)).await;
        assert!(done.status.is_success(), "{path}: {}", done.text());
        assert_eq!(elsewhere.get(paths::SESSION).await.status, StatusCode::UNAUTHORIZED, "{method} {path}");
        assert_eq!(owner.get(paths::SESSION).await.status, StatusCode::OK, "{method} {path}");
        if path == paths::RECOVERY_CODES {
            code = done.json()["codes"][0].as_str().unwrap().to_owned();
        }
    }
    for tenant in [TENANT, OTHER_TENANT] {
        let entries = app.app.store.list_audit(&app.tenant_id(tenant).await, 3).await.unwrap();
        let told: Vec<_> = entries.iter().map(|entry| (entry.action.as_str(), entry.subject.as_str())).collect();
        let expected = ["change_password", "new_recovery_codes", "set_second_factor"];
        assert_eq!(told, expected.map(|action| (action, "owner@example.com")), "{tenant}");
        assert!(entries[0].actor.name.contains("owner@example.com") && !entries[0].actor.address.is_empty());
    }
}

#[tokio::test]
async fn an_app_that_somebody_began_to_set_up_is_confirmed_in_the_same_session_alone() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let elsewhere = app.sign_in("owner@example.com").await;
    let setup = owner.send("POST", paths::TOTP, &json!({ "password": PASSWORD })).await.json();
    let code = digits(setup["secret"].as_str().unwrap(), app.clock.now_ms());
    let confirmed = elsewhere.send("PUT", paths::TOTP, &json!({ "code": code })).await;
    assert_eq!(confirmed.status, StatusCode::CONFLICT, "{}", confirmed.text());
    // Nor after another change: it was begun with the old password.
    let change = json!({ "current": PASSWORD, "new": "another long password" });
    assert_eq!(owner.send("PUT", paths::PASSWORD, &change).await.status, StatusCode::NO_CONTENT);
    assert_eq!(owner.send("PUT", paths::TOTP, &json!({ "code": code })).await.status, StatusCode::CONFLICT);
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
        let options = paraph::cli::data::recover::RecoverOptions { email: email.into() };
        paraph::cli::data::recover::run(&app.app.config, &options).await
    };
    assert!(recover("nobody@example.com").await.unwrap_err().to_string().contains("there is no account"));
    let text = recover("Owner@example.com").await.unwrap();
    let password = text.split_once("shown once: ").unwrap().1.lines().next().unwrap();
    assert_eq!(owner.get(paths::SESSION).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in(&app, None).await.status, StatusCode::UNAUTHORIZED);
    let body = json!({ "email": "owner@example.com", "password": password });
    assert_eq!(app.from_console("POST", paths::SIGN_IN, &body).await.status, StatusCode::OK, "without a code");
    let entries = app.app.store.list_audit(&app.tenant_id(TENANT).await, 1).await.unwrap();
    assert_eq!((entries[0].action.as_str(), entries[0].actor.id.as_str()), ("recover_account", "cli"));
}
