//! The key that seals secrets is lost, damaged, another one, or replaced.

use api::console::paths;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use paraph::app::App;
use paraph::cli::data::key::{self, KeyAction, KeyOptions};
use paraph::clock::Clock;
use paraph::config::Config;
use paraph::sealing::{self, watch};
use paraph::sealing::{Key, Ring};
use paraph::store::{SealedKind, Store};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tests::app::{ADA, TestApp};
use tests::console::{Admin, PASSWORD};
use tests::postgres::new_database;
use tests::serving::Serving;

fn base64_key(byte: u8) -> String {
    STANDARD.encode([byte; 32])
}

fn settings(database: &str, key: u8, previous: Option<u8>) -> Config {
    let mut config = Config::default();
    config.database.url = database.into();
    config.database.timeout_ms = 10_000;
    config.secrets.key = base64_key(key);
    config.secrets.previous_key = previous.map(base64_key).unwrap_or_default();
    config.identity.client_id = tests::app::CLIENT_ID.into();
    config
}

async fn key_command(config: &Config, action: KeyAction) -> anyhow::Result<String> {
    key::run(config, &KeyOptions { action }).await
}

/// What an authenticator app shows.
fn digits(secret: &str, now_ms: i64) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let app = totp_rs::Builder::new().with_secret(secret).with_account_name("me").build().unwrap();
    app.generate(u64::try_from(now_ms / 1_000).unwrap()).to_string()
}

/// The owner with an authenticator app: its secret, and a recovery code.
async fn with_second_factor(app: &TestApp) -> (Admin<'_>, String, String) {
    let owner = app.owner().await;
    let setup = owner.send("POST", paths::TOTP, &json!({ "password": PASSWORD })).await.json();
    let secret = setup["secret"].as_str().unwrap().to_owned();
    let confirm = owner.send("PUT", paths::TOTP, &json!({ "code": digits(&secret, app.clock.now_ms()) })).await;
    let code = confirm.json()["codes"][0].as_str().unwrap().to_owned();
    app.clock.advance_ms(30_000);
    (owner, secret, code)
}

async fn sign_in(app: &TestApp, code: &str) -> tests::app::Answer {
    let body = json!({ "email": "owner@example.com", "password": PASSWORD, "code": code });
    app.from_console("POST", paths::SIGN_IN, &body).await
}

#[tokio::test]
async fn key_lost_the_server_refuses_to_start_until_the_key_is_back() {
    let mut server = Serving::new();
    server.start().await;
    server.stop();
    let (file, away) = (server.folder.path().join("paraph.key"), server.folder.path().join("elsewhere"));
    std::fs::rename(&file, &away).unwrap();
    let refused = |server: &Serving, what: &str| {
        for command in [&["serve"][..], &["key", "check"], &["key", "rotate"]] {
            let output = server.run(command);
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!output.status.success(), "{what}: {command:?}");
            assert!(text.contains("backup"), "{what}: {command:?}: {text}");
        }
        let doctor = server.run(&["doctor", "--offline"]);
        let text = String::from_utf8_lossy(&doctor.stdout).into_owned();
        assert!(!doctor.status.success() && text.contains("FAIL  secrets: "), "{what}: {text}");
    };
    refused(&server, "missing");
    assert!(!file.exists(), "no new key is made beside a database of another one");
    let key = std::fs::read_to_string(&away).unwrap();
    let others =
        ["", "\n", &key[..20], "something else", &base64_key(3), &format!("{}\n{}\n", base64_key(3), base64_key(4))];
    for other in others {
        std::fs::write(&file, other).unwrap();
        private(&file);
        refused(&server, &format!("{other:?}"));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), other, "it was not touched");
    }
    std::fs::rename(&away, &file).unwrap();
    server.start().await;
    assert!(server.run(&["key", "check"]).status.success());
}

fn private(file: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[tokio::test]
async fn what_is_lost_with_the_key_is_named_and_given_up_only_when_confirmed() {
    for url in ["", &new_database().await] {
        let app = TestApp::start_with(|config| {
            if !url.is_empty() {
                config.database.url = url.into();
            }
        })
        .await;
        let (_owner, _, code) = with_second_factor(&app).await;
        let other = settings(&app.app.config.database.url, 9, None);
        let store = Store::connect(&other.database).await.unwrap();
        let refused = sealing::unlock(&other, &store, &Clock::system()).await.err().unwrap();
        assert!(format!("{refused:#}").contains("paraph key reset"), "{refused:#}");
        let listed = key_command(&other, KeyAction::Reset { confirm: false }).await.unwrap();
        for lost in ["owner@example.com", "QR codes", "Nothing was changed", "--confirm"] {
            assert!(listed.contains(lost), "{lost}: {listed}");
        }
        assert!(key_command(&other, KeyAction::Check).await.is_err());
        assert!(key_command(&app.app.config, KeyAction::Check).await.is_ok());

        let given_up = key_command(&other, KeyAction::Reset { confirm: true }).await.unwrap();
        assert!(given_up.contains("Deleted") && given_up.contains("owner@example.com"), "{given_up}");
        sealing::unlock(&other, &store, &Clock::system()).await.unwrap();
        let account = store.account_by_email("owner@example.com").await.unwrap().unwrap();
        assert_eq!((account.totp, store.recovery_codes(&account.id).await.unwrap()), (None, 0), "{code}");
        assert!(key_command(&other, KeyAction::Check).await.unwrap().contains("opens every secret"));
        let again = key_command(&other, KeyAction::Reset { confirm: true }).await.unwrap();
        assert!(again.contains("nothing was changed"), "{again}");

        // The server that still runs with the lost key notices, and serves signatures all the same.
        watch::look(&app.app.sealer, &app.app.store, 0).await;
        let refused = sign_in(&app, "000000").await;
        assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{}", refused.text());
        assert!(refused.text().contains("paraph doctor"), "{}", refused.text());
        let signature = app.post(api::paths::SIGNATURE, ADA, &json!({ "kind": "new" })).await;
        assert_eq!(signature.status, StatusCode::OK, "{}", signature.text());
    }
}

#[tokio::test]
async fn nodes_with_different_keys_are_detected_at_start() {
    let url = new_database().await;
    let (ours, theirs) = (settings(&url, 1, None), settings(&url, 2, None));
    let store = Store::connect(&ours.database).await.unwrap();
    store.migrate().await.unwrap();
    // Both start for the first time, at once: one of them begins, the other one is told.
    let (first, second) = tokio::join!(
        App::new(ours.clone(), store.clone(), Clock::system()),
        App::new(theirs.clone(), store.clone(), Clock::system())
    );
    assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1);
    let loser = if first.is_ok() { second.err() } else { first.err() };
    let text = format!("{:#}", loser.unwrap());
    assert!(text.contains("secrets.key") && text.contains("other nodes"), "{text}");
}

#[tokio::test]
async fn an_app_that_cannot_be_checked_any_more_is_no_server_error_and_recovery_codes_still_work() {
    let app = TestApp::start().await;
    let (_owner, _, code) = with_second_factor(&app).await;
    // As after a key was lost under a version that did not notice: this one secret is of another key.
    let account = app.app.store.account_by_email("owner@example.com").await.unwrap().unwrap();
    let lost =
        Key::parse(&base64_key(9)).unwrap().seal(b"12345678901234567890", &format!("accounts.totp/{}", account.id));
    app.app
        .store
        .reseal(
            |value| {
                Ok(match value.kind {
                    SealedKind::SecondFactor => paraph::store::Reseal::Put(lost.clone()),
                    _ => paraph::store::Reseal::Keep,
                })
            },
            &[],
            0,
        )
        .await
        .unwrap();
    let answer = sign_in(&app, "123456").await;
    assert_eq!((answer.status, answer.field().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "code"));
    assert!(answer.text().contains("recovery code"), "{}", answer.text());
    let report = paraph::cli::server::doctor::run(
        Ok(app.app.config.clone()),
        &paraph::cli::server::doctor::DoctorOptions { offline: true },
    )
    .await;
    assert!(report.to_string().contains("authenticator app of owner@example.com"), "{report}");
    assert!(
        format!("{:#}", key_command(&app.app.config, KeyAction::Rotate).await.unwrap_err())
            .contains("secrets.previous_key")
    );
    assert_eq!(sign_in(&app, &code).await.status, StatusCode::OK);
}

/// Settings with a key file, whose server runs with a clock of its own.
fn with_key_file(config: &mut Config) {
    config.secrets.key.clear();
}

#[tokio::test]
async fn a_key_is_rotated_under_a_running_server_and_nobody_notices() {
    let app = TestApp::start_with(with_key_file).await;
    let (owner, mut secret, _) = with_second_factor(&app).await;
    let config = &app.app.config;
    let link = app.app.links.link("t", "campaign", "banner", "https://example.com/").unwrap();
    let file = app.folder.path().join("paraph.key");
    for round in 1..=3 {
        let before = std::fs::read_to_string(&file).unwrap();
        let text = key_command(config, KeyAction::Rotate).await.unwrap();
        assert!(text.contains("Back up"), "{text}");
        let after = std::fs::read_to_string(&file).unwrap();
        assert_eq!(after.lines().nth(1), before.lines().next(), "the key before still opens older backups");
        // At once, before the server has noticed by itself.
        app.clock.advance_ms(30_000);
        let answer = sign_in(&app, &digits(&secret, app.clock.now_ms())).await;
        assert_eq!(answer.status, StatusCode::OK, "round {round}: {}", answer.text());
        // What it seals with the earlier key until it does, is not lost.
        app.clock.advance_ms(30_000);
        let proof = json!({ "password": PASSWORD, "code": digits(&secret, app.clock.now_ms()) });
        let setup = owner.send("POST", paths::TOTP, &proof).await.json();
        watch::look(&app.app.sealer, &app.app.store, 0).await;
        setup["secret"].as_str().unwrap().clone_into(&mut secret);
        app.clock.advance_ms(30_000);
        let code = json!({ "code": digits(&secret, app.clock.now_ms()) });
        let confirmed = owner.send("PUT", paths::TOTP, &code).await;
        assert_eq!(confirmed.status, StatusCode::OK, "round {round}: {}", confirmed.text());
        let current = app.app.sealer.ring().current().start();
        let values = app.app.store.sealed_values().await.unwrap();
        assert!(values.iter().all(|value| value.sealed.starts_with(&current)), "round {round}");
        let new = Store::connect(&config.database).await.unwrap();
        let unlocked = sealing::unlock(config, &new, &Clock::system()).await.unwrap();
        let signer = paraph::clicks::links::Signer::new(&unlocked.links);
        let written = link.rsplit('/').next().unwrap();
        assert_eq!(signer.destination("t", "campaign", "banner", written).as_deref(), Some("https://example.com/"));
    }
}

#[tokio::test]
async fn an_app_that_is_being_set_up_while_the_key_is_rotated_is_begun_again() {
    let app = TestApp::start_with(with_key_file).await;
    let owner = app.owner().await;
    let setup = owner.send("POST", paths::TOTP, &json!({ "password": PASSWORD })).await.json();
    key_command(&app.app.config, KeyAction::Rotate).await.unwrap();
    let code = json!({ "code": digits(setup["secret"].as_str().unwrap(), app.clock.now_ms()) });
    let refused = owner.send("PUT", paths::TOTP, &code).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text());
    assert!(refused.text().contains("start again"), "{}", refused.text());
}

#[tokio::test]
async fn nodes_change_their_key_one_after_the_other() {
    let url = new_database().await;
    let app = TestApp::start_with(|config| config.database.url.clone_from(&url)).await;
    let (_owner, secret, _) = with_second_factor(&app).await;
    let store = Store::connect(&app.app.config.database).await.unwrap();
    // 7 is the test server's own. The next node knows both, and seals with the present one until it is told.
    let both = settings(&url, 8, Some(7));
    let unlocked = sealing::unlock(&both, &store, &Clock::system()).await.unwrap();
    assert_eq!(unlocked.sealer.ring().current().id(), Key::parse(&base64_key(7)).unwrap().id());
    let text = key_command(&both, KeyAction::Rotate).await.unwrap();
    assert!(text.contains("secrets.previous_key"), "{text}");
    assert!(key_command(&both, KeyAction::Rotate).await.unwrap_err().to_string().contains("already"));
    // The node with both goes on.
    watch::look(&unlocked.sealer, &store, 0).await;
    assert!(!unlocked.sealer.is_mismatched());
    assert_eq!(unlocked.sealer.ring().current().id(), Key::parse(&base64_key(8)).unwrap().id());
    // The one with the earlier key alone says so.
    watch::look(&app.app.sealer, &app.app.store, 0).await;
    assert!(app.app.sealer.is_mismatched());
    assert!(app.metrics().await.contains("paraph_secrets_key_mismatch"));
    let alone = settings(&url, 8, None);
    assert!(sealing::unlock(&alone, &store, &Clock::system()).await.is_ok());
    let sealed = store.account_by_email("owner@example.com").await.unwrap().unwrap();
    let place = format!("accounts.totp/{}", sealed.id);
    let ring = Ring::new(vec![Arc::new(Key::parse(&base64_key(8)).unwrap())]).unwrap();
    assert!(ring.open(&sealed.totp.unwrap(), &place).is_some(), "{secret}");
}

#[tokio::test]
async fn a_rotation_that_fails_leaves_everything_openable() {
    let app = TestApp::start_with(with_key_file).await;
    let (_owner, secret, _) = with_second_factor(&app).await;
    let config = &app.app.config;
    // Somewhere that nobody thought of.
    let stray = app.app.sealer.seal(b"secret", "somewhere");
    let mut database = tests::postgres::connect(&config.database.url).await;
    sqlx::query("update accounts set name = $1").bind(&stray).execute(&mut database).await.unwrap();
    let error = key_command(config, KeyAction::Rotate).await.unwrap_err();
    assert!(format!("{error:#}").contains("accounts.name"), "{error:#}");
    assert!(key_command(config, KeyAction::Check).await.is_ok());
    app.clock.advance_ms(30_000);
    assert_eq!(sign_in(&app, &digits(&secret, app.clock.now_ms())).await.status, StatusCode::OK);
    sqlx::query("update accounts set name = 'Owner'").execute(&mut database).await.unwrap();
    key_command(config, KeyAction::Rotate).await.unwrap();
    app.clock.advance_ms(30_000);
    assert_eq!(sign_in(&app, &digits(&secret, app.clock.now_ms())).await.status, StatusCode::OK);
}

/// A database as versions left it that knew nothing of the check: no row in `secret_keys`, and sealed texts that do not
/// name their key.
async fn as_before(store: &Store, url: &str) {
    let values = store.sealed_values().await.unwrap();
    let mut database = tests::postgres::connect(url).await;
    for value in values.iter().filter(|value| value.kind == SealedKind::SecondFactor) {
        let unnamed = format!("1.{}", value.sealed.rsplit('.').next().unwrap());
        sqlx::query("update accounts set totp = $1").bind(unnamed).execute(&mut database).await.unwrap();
    }
    sqlx::raw_sql("delete from secret_keys").execute(&mut database).await.unwrap();
}

#[tokio::test]
async fn a_database_from_before_the_check_is_taken_over_by_its_own_key_only() {
    let app = TestApp::start_with(with_key_file).await;
    let (_owner, secret, _) = with_second_factor(&app).await;
    let (config, url) = (&app.app.config, &app.app.config.database.url);
    as_before(&app.app.store, url).await;
    let (file, away) = (app.folder.path().join("paraph.key"), app.folder.path().join("away"));
    std::fs::rename(&file, &away).unwrap();
    let missing = sealing::unlock(config, &app.app.store, &Clock::system()).await.err().unwrap();
    assert!(format!("{missing:#}").contains("missing") && !file.exists(), "{missing:#}");
    std::fs::write(&file, base64_key(3)).unwrap();
    private(&file);
    let other = sealing::unlock(config, &app.app.store, &Clock::system()).await.err().unwrap();
    assert!(format!("{other:#}").contains("not the key"), "{other:#}");
    assert_eq!(app.app.store.secret_key("check").await, Ok(None), "a wrong key seals nothing");
    std::fs::rename(&away, &file).unwrap();
    let own = sealing::unlock(config, &app.app.store, &Clock::system()).await.unwrap();
    assert_eq!(own.links, own.sealer.ring().current().derive("links"), "links in mails that were sent go on");
    assert_eq!(sign_in(&app, &digits(&secret, app.clock.now_ms())).await.status, StatusCode::OK);
    // Without any secret, a server has still been here, and signed addresses with its key.
    let mut database = tests::postgres::connect(url).await;
    sqlx::raw_sql("delete from secret_keys; update accounts set totp = null").execute(&mut database).await.unwrap();
    std::fs::remove_file(&file).unwrap();
    assert!(sealing::unlock(config, &app.app.store, &Clock::system()).await.is_err());
    assert!(!file.exists());
}

#[tokio::test]
async fn a_new_database_gets_its_key_once() {
    let folder: TempDir = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.database.url = format!("sqlite:{}", folder.path().join("paraph.db").display());
    let store = Store::connect(&config.database).await.unwrap();
    store.migrate().await.unwrap();
    assert!(key_command(&config, KeyAction::Check).await.unwrap().contains("will create"), "looking makes nothing");
    assert!(!folder.path().join("paraph.key").exists());
    let starts = (0..4).map(|_| {
        let (config, store) = (config.clone(), store.clone());
        tokio::spawn(async move { sealing::unlock(&config, &store, &Clock::system()).await.unwrap().links })
    });
    let mut links = std::collections::BTreeSet::new();
    for start in starts.collect::<Vec<_>>() {
        links.insert(start.await.unwrap());
    }
    assert_eq!(links.len(), 1, "whoever starts first makes the key for all");
    assert_eq!(std::fs::read_to_string(folder.path().join("paraph.key")).unwrap().lines().count(), 1);
}
