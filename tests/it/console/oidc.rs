//! Signing in with an identity provider, on its good days and its bad ones.

use api::console::{Role, paths};
use axum::http::StatusCode;
use paraph::config::Config;
use serde_json::json;
use std::time::Duration;
use tests::app::{Answer, TENANT, TestApp};
use tests::console::Admin;
use tests::fakes::oidc::{CLIENT, FakeOidc, Lie, SECRET};

async fn start() -> (TestApp, FakeOidc) {
    let provider = FakeOidc::start().await;
    (start_at(&provider, |_| {}).await, provider)
}

/// A server that signs in at `provider`, after `change` to its settings.
async fn start_at(provider: &FakeOidc, change: impl FnOnce(&mut Config)) -> TestApp {
    TestApp::start_with(|config| {
        config.console.oidc_issuer.clone_from(&provider.url);
        config.console.oidc_client_id = CLIENT.into();
        config.console.oidc_client_secret = SECRET.into();
        change(config);
    })
    .await
}

/// The browser's way there and back: the last answer. `cookie`: what it has besides.
async fn travel(app: &TestApp, provider: &FakeOidc, query: &str, subject: &str, cookie: &str) -> Answer {
    let there = app.request("GET", &format!("{}?{query}", paths::OIDC_START)).header("cookie", cookie);
    let there = app.send(there).await;
    assert_eq!(there.status, StatusCode::SEE_OTHER, "{}", there.text());
    let pending = there.header("set-cookie").split(';').next().unwrap().to_owned();
    let back = provider.sign_in(there.header("location"), subject, app.clock.now_ms());
    let back = app.request("GET", &format!("{}?{back}", paths::OIDC_CALLBACK));
    app.send(
        back.header("cookie", format!("{pending}; {cookie}"))
            .header("sec-fetch-site", "cross-site")
            .header("sec-fetch-mode", "navigate"),
    )
    .await
}

/// The session's cookie of an answer; empty when it begins none.
fn session(answer: &Answer) -> String {
    let mut cookies = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let session = cookies.find(|cookie| cookie.starts_with("paraph="));
    session.map_or("", |cookie| cookie.split(';').next().unwrap()).to_owned()
}

async fn who(app: &TestApp, cookie: &str) -> Answer {
    app.send(app.request("GET", paths::SESSION).header("cookie", cookie)).await
}

/// Grace, who accepted an invitation with the provider.
async fn invite_grace(app: &TestApp, provider: &FakeOidc) -> Answer {
    let owner: Admin<'_> = app.owner().await;
    let code = owner.invite(&app.tenant_id(TENANT).await, "grace@example.com", Role::Editor).await;
    travel(app, provider, &format!("invitation={code}&return=/console/people"), "grace-there", "").await
}

#[tokio::test]
async fn an_invitation_is_accepted_with_the_provider_and_the_next_sign_in_needs_none() {
    let (app, provider) = start().await;
    assert_eq!(app.get(paths::SIGN_IN).await.json()["provider"], "Entra ID");
    let accepted = invite_grace(&app, &provider).await;
    assert_eq!(accepted.header("location"), "/console/people");
    let session_of = who(&app, &session(&accepted)).await.json();
    assert_eq!(
        (&session_of["email"], &session_of["name"]),
        (&json!("grace@example.com"), &json!("Grace of the provider"))
    );
    let again = travel(&app, &provider, "", "grace-there", "").await;
    assert_eq!((again.header("location"), session(&again).is_empty()), ("/console", false));
}

#[tokio::test]
async fn who_is_known_to_the_provider_alone_is_not_let_in() {
    let (app, provider) = start().await;
    invite_grace(&app, &provider).await;
    let stranger = travel(&app, &provider, "", "somebody-else", "").await;
    assert!(stranger.header("location").ends_with("/console/sign-in?error=no_account"), "{:?}", stranger.headers);
    assert_eq!(session(&stranger), "");
}

#[tokio::test]
async fn a_provider_that_lies_or_is_away_signs_nobody_in() {
    let (app, provider) = start().await;
    invite_grace(&app, &provider).await;
    for (lie, error) in [
        (Lie::Audience, "invalid"),
        (Lie::Nonce, "invalid"),
        (Lie::Expired, "invalid"),
        (Lie::Future, "invalid"),
        (Lie::Key, "invalid"),
        (Lie::Half, "invalid"),
    ] {
        provider.lie(lie);
        let answer = travel(&app, &provider, "", "grace-there", "").await;
        assert!(answer.header("location").ends_with(&format!("error={error}")), "{lie:?}: {:?}", answer.headers);
        assert_eq!(session(&answer), "", "{lie:?}");
    }
    for lie in [Lie::Down, Lie::Issuer] {
        provider.lie(lie);
        let answer = app.get(paths::OIDC_START).await;
        assert!(answer.header("location").ends_with("error=unavailable"), "{lie:?}: {:?}", answer.headers);
    }
    provider.lie(Lie::None);
    assert_ne!(session(&travel(&app, &provider, "", "grace-there", "").await), "");
}

#[tokio::test]
async fn a_provider_that_is_slow_holds_nobody_up_for_longer_than_the_limit() {
    let (app, provider) = start().await;
    let there = app.get(paths::OIDC_START).await;
    let pending = there.header("set-cookie").split(';').next().unwrap().to_owned();
    let back = provider.sign_in(there.header("location"), "grace-there", app.clock.now_ms());
    // Another node, which is less patient: every node opens what one of them sealed.
    let app = start_at(&provider, |config| config.console.oidc_timeout_ms = 100).await;
    for lie in [Lie::Silent, Lie::Drip] {
        provider.lie(lie);
        let answers = async {
            let back = app.request("GET", &format!("{}?{back}", paths::OIDC_CALLBACK));
            [app.get(paths::OIDC_START).await, app.send(back.header("cookie", &pending)).await]
        };
        // Less than the usual limit, which must not be the one that ends it.
        let answers = tokio::time::timeout(Duration::from_secs(4), answers).await;
        for answer in answers.unwrap_or_else(|_| panic!("{lie:?} holds the sign-in up")) {
            assert!(answer.header("location").ends_with("error=unavailable"), "{lie:?}: {:?}", answer.headers);
        }
    }
}

#[tokio::test]
async fn what_comes_back_must_have_been_asked_for_here_and_now() {
    let (app, provider) = start().await;
    invite_grace(&app, &provider).await;
    let there = app.get(paths::OIDC_START).await;
    let pending = there.header("set-cookie").split(';').next().unwrap().to_owned();
    let back = provider.sign_in(there.header("location"), "grace-there", app.clock.now_ms());
    let callback = format!("{}?{back}", paths::OIDC_CALLBACK);
    // Somebody else's browser, which was made to follow the address.
    assert!(app.get(&callback).await.header("location").ends_with("error=expired"));
    let forged = format!("{}?code=x&state=another", paths::OIDC_CALLBACK);
    let forged = app.send(app.request("GET", &forged).header("cookie", &pending)).await;
    assert!(forged.header("location").ends_with("error=invalid"));
    app.clock.advance_ms(10 * 60_000);
    let late = app.send(app.request("GET", &callback).header("cookie", &pending)).await;
    assert!(late.header("location").ends_with("error=expired"));
    let denied = format!("{}?error=access_denied&state=x", paths::OIDC_CALLBACK);
    assert!(app.get(&denied).await.header("location").ends_with("error=expired"), "without having asked");
}

#[tokio::test]
async fn nobody_is_sent_elsewhere_after_signing_in() {
    let (app, provider) = start().await;
    invite_grace(&app, &provider).await;
    for back in ["https://evil.example", "//evil.example", "/\\evil.example", "/pane.html"] {
        let answer = travel(&app, &provider, &format!("return={back}"), "grace-there", "").await;
        assert_eq!(answer.header("location"), "/console", "{back}");
    }
}

#[tokio::test]
async fn an_account_is_linked_by_whoever_is_signed_in_to_it_and_never_by_address() {
    let (app, provider) = start().await;
    let owner = app.owner().await;
    assert!(travel(&app, &provider, "", "owner-there", "").await.header("location").ends_with("error=no_account"));
    let linked = travel(&app, &provider, "link=true&return=/console/account", "owner-there", &owner.cookie).await;
    assert_eq!(linked.header("location"), "/console/account");
    assert_eq!(owner.get(paths::ACCOUNT).await.json()["provider"], "Entra ID");
    let later = travel(&app, &provider, "", "owner-there", "").await;
    assert_eq!(who(&app, &session(&later)).await.json()["email"], "owner@example.com");
    // A second account cannot take the same identity.
    let tenant = app.tenant_id(TENANT).await;
    let viewer = app.member(&owner, &tenant, Role::Viewer).await;
    let taken = travel(&app, &provider, "link=true", "owner-there", &viewer.cookie).await;
    assert!(taken.header("location").ends_with("error=no_account"));
    let nobody = app.get(&format!("{}?link=true", paths::OIDC_START)).await;
    assert!(nobody.header("location").ends_with("error=expired"));
}
