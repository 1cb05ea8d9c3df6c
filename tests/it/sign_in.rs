//! Who is let in, and what the others are told.

use api::console::paths;
use api::paths::ME;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use neighbours::Trouble;
use neighbours::entra::Key;
use serde_json::{Value, json};
use std::future::{Future as _, poll_fn};
use std::task::Poll;
use tests::app::{ADA, ALAN, Answer, GRACE, NOON_MS, OTHER_TENANT, STRANGER, TENANT, TestApp};
use tests::load::until;

const FIVE_MINUTES_MS: i64 = 5 * 60 * 1000;

/// 401, in the envelope and in the challenge, saying `reason` and nothing from the token.
fn assert_refused(answer: &Answer, reason: &str, token: &str) {
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{reason}: {}", answer.text());
    assert!(answer.detail().contains(reason), "{reason} is not in {}", answer.detail());
    let challenge = answer.header("www-authenticate");
    assert!(challenge.starts_with("Bearer error=\"invalid_token\", error_description=\""), "{challenge}");
    assert!(challenge.contains(reason), "{challenge}");
    for part in token.split('.').filter(|part| part.len() > 8) {
        assert!(!answer.text().contains(part) && !challenge.contains(part), "the answer holds a part of the token");
    }
    for secret in [ADA.address, ADA.oid, ADA.tid, "Lovelace"] {
        assert!(!answer.text().contains(secret) && !challenge.contains(secret), "the answer holds {secret}");
    }
}

async fn check(app: &TestApp, token: &str, reason: &str) {
    let answer = app.get_with(ME, token).await;
    assert_refused(&answer, reason, token);
}

#[tokio::test]
async fn a_good_token_is_let_in() {
    let app = TestApp::start().await;
    let answer = app.get_with(ME, &app.token(ADA)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.json()["address"], "ada@example.com");
    assert_eq!(answer.json()["senders"], json!(["ada@example.com", "countess@example.com", "desk@example.com"]));
}

#[tokio::test]
async fn a_token_with_one_wrong_claim_is_refused_with_its_reason() {
    let app = TestApp::start().await;
    let now = app.clock.now_ms() / 1000;
    let elsewhere = format!("{}/{OTHER_TENANT}/v2.0", app.entra.url);
    let cases: Vec<(&str, Value, &str)> = vec![
        ("aud", json!("77777777-7777-4888-9999-aaaaaaaaaaaa"), "audience"),
        ("aud", json!("api://example.com/66666666-7777-4888-9999-aaaaaaaaaaaa"), "audience"),
        ("aud", json!(["66666666-7777-4888-9999-aaaaaaaaaaaa"]), "well-formed"),
        ("aud", Value::Null, "audience"),
        ("iss", json!("https://login.microsoftonline.com/x/v2.0"), "issuer"),
        ("iss", json!(elsewhere), "issuer"),
        ("iss", Value::Null, "issuer"),
        ("tid", json!(OTHER_TENANT), "issuer"),
        ("tid", Value::Null, "does not name a user"),
        ("oid", Value::Null, "does not name a user"),
        ("oid", json!("ada"), "does not name a user"),
        ("exp", json!(now - 301), "expired"),
        ("exp", Value::Null, "well-formed"),
        ("exp", json!("soon"), "well-formed"),
        ("exp", json!(i64::MIN), "expired"),
        ("nbf", json!(now + 301), "not valid yet"),
        ("nbf", json!(i64::MAX), "not valid yet"),
        ("nbf", Value::Null, "well-formed"),
        ("ver", json!("1.0"), "version 2.0"),
        ("scp", Value::Null, "belongs to an application"),
        ("idtyp", json!("app"), "belongs to an application"),
        ("scp", json!("User.Read"), "access_as_user"),
        ("scp", json!("access_as_user.all"), "access_as_user"),
        ("azp", json!("99999999-0000-4000-8000-000000000000"), "neither this add-in nor Office"),
        ("azp", Value::Null, "neither this add-in nor Office"),
    ];
    for (claim, value, reason) in cases {
        let token = app.token_with(ADA, |claims| {
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(claim);
            } else {
                claims[claim] = value.clone();
            }
        });
        check(&app, &token, reason).await;
    }
}

#[tokio::test]
async fn clocks_may_differ_by_five_minutes() {
    let app = TestApp::start().await;
    let now = app.clock.now_ms() / 1000;
    for (claim, value) in [("exp", now - 299), ("nbf", now + 299)] {
        let token = app.token_with(ADA, |claims| claims[claim] = json!(value));
        assert_eq!(app.get_with(ME, &token).await.status, StatusCode::OK, "{claim}");
    }
}

#[tokio::test]
async fn office_itself_and_further_scopes_are_let_in() {
    let app = TestApp::start().await;
    let outlook_on_the_web = "bc59ab01-8403-45c6-8796-ac3ef710b3e3";
    let office = ["d3590ed6-52b3-4102-aeff-aad2292ab01c", "93d53678-613d-4013-afc1-62e9e444a0a5"];
    for azp in office.into_iter().chain([outlook_on_the_web, &outlook_on_the_web.to_uppercase()]) {
        let token = app.token_with(ADA, |claims| {
            claims["azp"] = json!(azp);
            claims["scp"] = json!("profile access_as_user openid");
            claims.as_object_mut().unwrap().remove("idtyp");
        });
        assert_eq!(app.get_with(ME, &token).await.status, StatusCode::OK, "{azp}");
    }
}

#[tokio::test]
async fn the_admin_says_which_applications_of_microsoft_may_ask() {
    let app = TestApp::start_with(|config| config.identity.office_clients = vec![OTHER_TENANT.into()]).await;
    let token = |azp: &str| app.token_with(ADA, |claims| claims["azp"] = json!(azp));
    assert_eq!(app.get_with(ME, &token(OTHER_TENANT)).await.status, StatusCode::OK);
    check(&app, &token("d3590ed6-52b3-4102-aeff-aad2292ab01c"), "neither this add-in nor Office").await;
    assert_eq!(app.get_with(ME, &app.token(ADA)).await.status, StatusCode::OK, "the add-in itself always may");
}

#[tokio::test]
async fn tokens_of_tenants_that_are_not_here_are_refused_although_microsoft_signed_them() {
    let app = TestApp::start().await;
    let check_tenant = async |tid: &str, reason: &str| {
        let token = app.token_with(ADA, |claims| {
            claims["tid"] = json!(tid);
            claims["iss"] = json!(format!("{}/{tid}/v2.0", app.entra.url));
        });
        check(&app, &token, reason).await;
    };
    check_tenant("cccccccc-0000-4000-8000-000000000003", "tenant is unknown").await;
    check_tenant("9188040d-6c67-4c5b-b112-36a304b66dad", "personal Microsoft accounts").await;
}

#[tokio::test]
async fn a_v1_token_says_what_to_change_in_the_app_registration() {
    let app = TestApp::start().await;
    let token = app.token_with(ADA, |claims| {
        let appid = claims["azp"].take();
        *claims = json!({
            "aud": format!("api://example.com/{}", tests::app::CLIENT_ID),
            "iss": format!("https://sts.windows.net/{}/", ADA.tid),
            "ver": "1.0", "appid": appid, "tid": ADA.tid, "oid": ADA.oid, "scp": "access_as_user",
            "exp": claims["exp"], "nbf": claims["nbf"],
        });
    });
    check(&app, &token, "requestedAccessTokenVersion").await;
}

#[tokio::test]
async fn only_rs256_by_a_published_key_counts() {
    let app = TestApp::start().await;
    let claims = app.claims(ADA);
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let unsigned = format!("{}.{}.", part(&json!({ "alg": "none", "kid": "first" })), part(&claims));
    check(&app, &unsigned, "RS256").await;

    let public = Key::First.issuer().jwk();
    let secret = jsonwebtoken::EncodingKey::from_secret(public["n"].as_str().unwrap().as_bytes());
    let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
    header.kid = Some("first".into());
    let confused = jsonwebtoken::encode(&header, &claims, &secret).unwrap();
    check(&app, &confused, "RS256").await;

    let sign = |key: Key, header: Value| key.issuer().sign_with(&header, &claims);
    check(&app, &sign(Key::First, json!({ "alg": "RS512", "kid": "first" })), "RS256").await;
    check(&app, &sign(Key::First, json!({ "alg": "RS256" })), "no kid").await;
    check(&app, &sign(Key::First, json!({ "alg": "RS256", "kid": "" })), "no kid").await;
    check(&app, &sign(Key::First, json!({ "alg": "RS256", "kid": "first", "crit": ["x"] })), "well-formed").await;
    check(&app, &sign(Key::Stranger, json!({ "alg": "RS256", "kid": "stranger" })), "does not publish").await;
    check(&app, &sign(Key::Stranger, json!({ "alg": "RS256", "kid": "first" })), "signature is wrong").await;
    check(&app, &sign(Key::First, json!({ "alg": "RS256", "kid": "encryption" })), "does not publish").await;
}

#[tokio::test]
async fn a_changed_token_is_refused() {
    let app = TestApp::start().await;
    let token = app.token(GRACE);
    let (header, rest) = token.split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    let claims = URL_SAFE_NO_PAD.encode(app.claims(ADA).to_string());
    check(&app, &format!("{header}.{claims}.{signature}"), "signature is wrong").await;
    check(&app, &format!("{header}.{claims}."), "signature is wrong").await;
    let other = app.token(ADA);
    let (signed, _) = other.rsplit_once('.').unwrap();
    check(&app, &format!("{signed}.{signature}"), "signature is wrong").await;
}

#[tokio::test]
async fn noise_is_refused() {
    let app = TestApp::start().await;
    let noise = URL_SAFE_NO_PAD
        .encode((0..7_680_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect::<Vec<u8>>());
    assert_eq!(noise.len(), 10 * 1024);
    check(&app, &noise, "well-formed").await;
    check(&app, &format!("{0}.{0}.{0}", &noise[..3_000]), "well-formed").await;
    check(&app, &noise.repeat(2), "longer than any").await;
    for token in ["x", "..", "a.b", "a.b.c", "a.b.c.d", "e30.e30.e30"] {
        check(&app, token, "well-formed").await;
    }
}

#[tokio::test]
async fn without_a_bearer_token_the_answer_says_how_to_send_one() {
    let app = TestApp::start().await;
    let answer = app.get(ME).await;
    assert_eq!((answer.status, answer.header("www-authenticate")), (StatusCode::UNAUTHORIZED, "Bearer"));
    assert!(answer.detail().contains("Authorization: Bearer"));
    for value in ["Bearer", "Bearer ", "Basic YTpi", "bearer"] {
        let answer = app.send(app.request("GET", ME).header("authorization", value)).await;
        assert_refused(&answer, "no bearer token", "");
    }
}

#[tokio::test]
async fn a_rotated_key_is_picked_up_once_and_made_up_keys_do_not_ask_again() {
    let app = TestApp::start().await;
    assert_eq!(app.get_with(ME, &app.token(ADA)).await.status, StatusCode::OK);
    assert_eq!(app.entra.answered("keys"), 1);
    app.entra.rotate();
    let rotated = Key::Second.issuer().sign(&app.claims(ADA));
    check(&app, &rotated, "does not publish").await;
    assert_eq!(app.entra.answered("keys"), 1, "asked again within five minutes");
    app.clock.advance_ms(FIVE_MINUTES_MS);
    assert_eq!(app.get_with(ME, &rotated).await.status, StatusCode::OK);
    check(&app, &app.token(ADA), "does not publish").await;
    let stranger = Key::Stranger.issuer().sign(&app.claims(ADA));
    for _ in 0..5 {
        check(&app, &stranger, "does not publish").await;
    }
    assert_eq!(app.entra.answered("keys"), 2);
}

#[tokio::test]
async fn a_token_that_was_good_ends_when_it_expires() {
    let app = TestApp::start().await;
    let token = app.token_with(ADA, |claims| claims["exp"] = json!(NOON_MS / 1000 + 600));
    assert_eq!(app.get_with(ME, &token).await.status, StatusCode::OK);
    // With the five minutes that clocks may differ.
    app.clock.advance_ms(600_000 + FIVE_MINUTES_MS - 1_000);
    assert_eq!(app.get_with(ME, &token).await.status, StatusCode::OK);
    app.clock.advance_ms(2_000);
    check(&app, &token, "expired").await;
}

#[tokio::test]
async fn a_withdrawn_key_counts_for_a_day_at_most() {
    let app = TestApp::start().await;
    let day_ms = 24 * 60 * 60 * 1000;
    // Valid for longer than the keys are kept.
    let token = app.token_with(ADA, |claims| claims["exp"] = json!((NOON_MS + 2 * day_ms) / 1000));
    assert_eq!(app.get_with(ME, &token).await.status, StatusCode::OK);
    app.entra.rotate();
    app.clock.advance_ms(day_ms);
    assert_eq!(app.get_with(ME, &token).await.status, StatusCode::OK);
    assert_eq!(app.entra.answered("keys"), 1, "fetched before a day has passed");
    app.clock.advance_ms(1);
    // Nobody waits for the new keys while there are old ones.
    assert_eq!(app.get_with(ME, &token).await.status, StatusCode::OK);
    until("not fetched", async || app.entra.answered("keys") == 2).await;
    until("still let in", async || app.get_with(ME, &token).await.status == StatusCode::UNAUTHORIZED).await;
    check(&app, &token, "does not publish").await;
}

#[tokio::test]
async fn many_first_requests_fetch_the_keys_once() {
    let app = TestApp::start().await;
    app.entra.until_lifted(Trouble::Held);
    let token = app.token(ADA);
    let requests: Vec<_> = (0..8).map(|_| tokio::spawn(app.request("GET", ME).bearer_auth(&token).send())).collect();
    app.entra.lift();
    for request in requests {
        assert_eq!(request.await.unwrap().unwrap().status(), StatusCode::OK);
    }
    assert_eq!(app.entra.answered("keys"), 1);
}

#[tokio::test]
async fn who_gives_up_during_the_first_look_up_does_not_take_it_from_the_others() {
    let app = TestApp::start().await;
    app.entra.until_lifted(Trouble::Held);
    let token = app.token(ADA);
    let mut first = Box::pin(app.app.verifier.as_ref().unwrap().verify(&token, &app.clock));
    assert!(poll_fn(|context| Poll::Ready(first.as_mut().poll(context).is_pending())).await);
    drop(first);
    app.entra.lift();
    assert_eq!(app.get_with(ME, &token).await.status, StatusCode::OK);
    assert_eq!(app.entra.answered("keys"), 1);
}

#[tokio::test]
async fn with_the_authority_away_the_keys_at_hand_go_on_and_without_any_the_answer_is_503() {
    let app = TestApp::start().await;
    app.entra.until_lifted(Trouble::Status(503));
    let answer = app.get_with(ME, &app.token(ADA)).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text());
    assert!(!answer.header("retry-after").is_empty());

    app.entra.lift();
    app.clock.advance_ms(5_000);
    assert_eq!(app.get_with(ME, &app.token(ADA)).await.status, StatusCode::OK);

    app.entra.until_lifted(Trouble::Status(503));
    app.clock.advance_ms(2 * 24 * 60 * 60 * 1000);
    assert_eq!(app.get_with(ME, &app.token(ADA)).await.status, StatusCode::OK);
    let stranger = Key::Stranger.issuer().sign(&app.claims(ADA));
    check(&app, &stranger, "does not publish").await;
}

#[tokio::test]
async fn who_is_not_in_the_directory_is_told_so() {
    let app = TestApp::start().await;
    let unknown = app.token_with(ADA, |claims| claims["oid"] = json!("dddddddd-0000-4000-8000-000000000004"));
    let answer = app.get_with(ME, &unknown).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.detail().contains("not in the directory"), "{}", answer.detail());
}

#[tokio::test]
async fn a_first_sign_in_is_linked_by_address_only_where_the_admin_allows_it() {
    let app = TestApp::start().await;
    assert_eq!(app.get_with(ME, &app.token(ALAN)).await.status, StatusCode::FORBIDDEN);

    let app = TestApp::start_with(|config| config.identity.link_by_address = true).await;
    let answer = app.get_with(ME, &app.token(ALAN)).await;
    assert_eq!(answer.json()["name"], "Alan Turing");
    assert_eq!(app.get_with(ME, &app.token(ALAN)).await.status, StatusCode::OK);
    // Linked is linked: the same address under another object id is somebody else.
    let impostor = app.token_with(ALAN, |claims| claims["oid"] = json!("dddddddd-0000-4000-8000-000000000004"));
    assert_eq!(app.get_with(ME, &impostor).await.status, StatusCode::FORBIDDEN);
    // And an address of one tenant says nothing in another.
    let elsewhere = app.token_with(STRANGER, |claims| {
        claims["oid"] = json!("dddddddd-0000-4000-8000-000000000005");
        claims["preferred_username"] = json!(ADA.address);
    });
    assert_eq!(app.get_with(ME, &elsewhere).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn without_a_client_id_the_add_in_is_told_so_and_the_console_works() {
    let app = TestApp::start_with(|config| config.identity.client_id.clear()).await;
    for token in [app.token(ADA), "no token at all".to_owned()] {
        let answer = app.get_with(ME, &token).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.text().contains("identity.client_id"), "{}", answer.text());
    }
    assert_eq!(app.get(ME).await.status, StatusCode::UNAUTHORIZED, "whoever sends none is asked for one first");
    assert_eq!(app.entra.answered("keys"), 0);

    let owner = app.owner().await;
    let tenant = app.tenant_id(TENANT).await;
    let of = |path: &str| path.replace("{tenant}", &tenant);
    let shown = owner.get(&of(paths::TENANT)).await.json();
    assert!(shown["state"].as_array().unwrap().contains(&json!("no_client_id")), "{shown}");
    let checks = owner.get(&of(paths::DEPLOYMENT)).await.json()["checks"].clone();
    let check =
        checks.as_array().unwrap().iter().find(|check| check["name"] == "The app registration is configured").unwrap();
    assert!(check["detail"].as_str().unwrap().contains("Outlook gets no signatures"), "{check}");
    let person = owner.get(&of(paths::PERSON_SIGNATURE).replace("{person}", "ada")).await;
    assert!(person.text().contains("Ada Lovelace"), "the console shows what she would get: {}", person.text());
}
