//! Sign-in with an identity provider, with and without faults of the provider.

use super::account::with_app;
use api::console::{Role, paths};
use axum::http::StatusCode;
use neighbours::Trouble;
use neighbours::oidc::{CLIENT, FakeOidc, Lie, SECRET};
use paraph::config::Config;
use serde_json::json;
use std::time::Duration;
use tests::app::{Answer, OTHER_TENANT, TENANT, TestApp};
use tests::console::{Admin, PASSWORD};

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

/// The browser's way there and back to sign in: the last answer. `cookie`: what it has besides.
async fn travel(app: &TestApp, provider: &FakeOidc, query: &str, subject: &str, cookie: &str) -> Answer {
    let there = app.request("GET", &format!("{}?{query}", paths::OIDC_START)).header("cookie", cookie);
    let there = app.send(there).await;
    assert_eq!(there.status, StatusCode::SEE_OTHER, "{}", there.text());
    come_back(app, (&there, there.header("location")), provider, subject, cookie).await
}

/// The same after a request that answered with the provider's address.
async fn travel_on(app: &TestApp, provider: &FakeOidc, there: &Answer, subject: &str, cookie: &str) -> Answer {
    assert_eq!(there.status, StatusCode::OK, "{}", there.text());
    let url = there.json()["url"].as_str().unwrap().to_owned();
    come_back(app, (there, &url), provider, subject, cookie).await
}

/// Back from the provider's page at `url`.
async fn come_back(
    app: &TestApp,
    (there, url): (&Answer, &str),
    provider: &FakeOidc,
    subject: &str,
    cookie: &str,
) -> Answer {
    let pending = there.header("set-cookie").split(';').next().unwrap().to_owned();
    let back = provider.sign_in(url, subject, app.clock.now_ms());
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
    let there = app.from_console("POST", paths::ACCEPT_WITH_PROVIDER, &json!({ "code": code })).await;
    travel_on(app, provider, &there, "grace-there", "").await
}

/// An account that accepted an invitation with the provider, in its browser.
async fn grace<'a>(app: &'a TestApp, provider: &FakeOidc) -> Admin<'a> {
    let cookie = session(&invite_grace(app, provider).await);
    let csrf = who(app, &cookie).await.json()["csrf"].as_str().unwrap().to_owned();
    Admin::with(app, cookie, csrf)
}

#[tokio::test]
async fn an_invitation_is_accepted_with_the_provider_and_the_next_sign_in_needs_none() {
    let (app, provider) = start().await;
    assert_eq!(app.get(paths::SIGN_IN).await.json()["provider"], "Entra ID");
    let accepted = invite_grace(&app, &provider).await;
    assert_eq!(accepted.header("location"), "/console");
    let session_of = who(&app, &session(&accepted)).await.json();
    assert_eq!(
        (&session_of["email"], &session_of["name"]),
        (&json!("grace@example.com"), &json!("Grace of the provider"))
    );
    let again = travel(&app, &provider, "", "grace-there", "").await;
    assert_eq!((again.header("location"), session(&again).is_empty()), ("/console", false));
}

#[tokio::test]
async fn who_came_by_the_provider_has_a_known_device() {
    let (app, provider) = start().await;
    let owner: Admin<'_> = app.owner().await;
    link(&app, &provider, &owner, "owner-there").await;
    let came = travel(&app, &provider, "", "owner-there", "").await;
    let cookies = came.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let mut device =
        cookies.filter(|cookie| cookie.contains("-device-")).map(|cookie| cookie.split(';').next().unwrap());
    let device = device.next_back().expect("a cookie of the device").to_owned();
    let sign_in = async |cookie: &str, password: &str| {
        let body = json!({ "email": "owner@example.com", "password": password });
        let request = app.request("POST", paths::SIGN_IN).header("origin", &app.url).header("cookie", cookie);
        app.send(request.json(&body)).await.status
    };
    for _ in 0..10 {
        sign_in("", "not the password, no").await;
    }
    assert_eq!(sign_in("", PASSWORD).await, StatusCode::TOO_MANY_REQUESTS, "a stranger's limit");
    assert_eq!(sign_in(&device, PASSWORD).await, StatusCode::OK, "it is another one here");
}

#[tokio::test]
async fn whoever_linked_an_account_that_is_recovered_comes_in_no_more() {
    let (app, provider) = start().await;
    let owner: Admin<'_> = app.owner().await;
    link(&app, &provider, &owner, "owner-there").await;
    assert!(!session(&travel(&app, &provider, "", "owner-there", "").await).is_empty());
    let options = paraph::cli::data::recover::RecoverOptions { email: "owner@example.com".into() };
    paraph::cli::data::recover::run(&app.app.config, &options).await.unwrap();
    let refused = travel(&app, &provider, "", "owner-there", "").await;
    assert!(refused.header("location").ends_with("error=no_account"), "{:?}", refused.headers);
    assert_eq!(session(&refused), "");
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
    let unavailable = async || {
        let answer = app.get(paths::OIDC_START).await;
        assert!(answer.header("location").ends_with("error=unavailable"), "{:?}", answer.headers);
    };
    provider.lie(Lie::Issuer);
    unavailable().await;
    provider.lie(Lie::None);
    provider.until_lifted(Trouble::Status(503));
    unavailable().await;
    provider.lift();
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
    for trouble in [Trouble::Silent, Trouble::Drip(Duration::from_millis(10))] {
        provider.until_lifted(trouble.clone());
        let answers = async {
            let back = app.request("GET", &format!("{}?{back}", paths::OIDC_CALLBACK));
            [app.get(paths::OIDC_START).await, app.send(back.header("cookie", &pending)).await]
        };
        // Less than the usual limit, which must not be the one that ends it.
        let answers = tokio::time::timeout(Duration::from_secs(4), answers).await;
        for answer in answers.unwrap_or_else(|_| panic!("{trouble:?} holds the sign-in up")) {
            assert!(answer.header("location").ends_with("error=unavailable"), "{trouble:?}: {:?}", answer.headers);
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

/// Links the account with `subject` at the provider: the last answer.
async fn link(app: &TestApp, provider: &FakeOidc, admin: &Admin<'_>, subject: &str) -> Answer {
    let there = admin.send("POST", paths::PROVIDER, &json!({ "password": PASSWORD })).await;
    travel_on(app, provider, &there, subject, &admin.cookie).await
}

/// What the tenant's audit says of the account's sign-in, the newest first.
async fn audited(app: &TestApp, tenant: &str) -> Vec<(String, String)> {
    let entries = app.app.store.list_audit(tenant, 50).await.unwrap();
    let of_sign_in = |action: &str| action.ends_with("_provider") || action.contains("password");
    entries.into_iter().filter(|entry| of_sign_in(&entry.action)).map(|entry| (entry.action, entry.detail)).collect()
}

#[tokio::test]
async fn an_account_is_linked_with_its_password_and_never_by_address() {
    let (app, provider) = start().await;
    let owner = app.owner().await;
    let elsewhere = app.sign_in("owner@example.com").await;
    assert!(travel(&app, &provider, "", "owner-there", "").await.header("location").ends_with("error=no_account"));
    assert_eq!(owner.get(paths::ACCOUNT).await.json()["linkable"], "Entra ID");
    let wrong = owner.send("POST", paths::PROVIDER, &json!({ "password": "not the password, no" })).await;
    assert_eq!((wrong.status, wrong.field().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "password"));
    let linked = link(&app, &provider, &owner, "owner-there").await;
    assert_eq!(linked.header("location"), "/console/account?provider=linked");
    assert_eq!(session(&linked), "", "the session stays the one that it is");
    let account = owner.get(paths::ACCOUNT).await.json();
    assert_eq!((&account["provider"], &account["linkable"]), (&json!("Entra ID"), &json!(null)));
    assert_eq!(account["provider_account"], "owner-there@provider.example");
    assert_eq!(elsewhere.get(paths::SESSION).await.status, StatusCode::UNAUTHORIZED, "other sessions are over");
    for tenant in [TENANT, OTHER_TENANT] {
        let told = audited(&app, &app.tenant_id(tenant).await).await;
        assert!(told[0].0 == "link_provider" && told[0].1.contains("owner-there@"), "every tenant of theirs: {told:?}");
    }
    let later = travel(&app, &provider, "", "owner-there", "").await;
    assert_eq!(who(&app, &session(&later)).await.json()["email"], "owner@example.com");
    let again = owner.send("POST", paths::PROVIDER, &json!({ "password": PASSWORD })).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "unlink first");
    // A second account cannot take the same identity.
    let viewer = app.member(&owner, &app.tenant_id(TENANT).await, Role::Viewer).await;
    let taken = link(&app, &provider, &viewer, "owner-there").await;
    assert!(taken.header("location").ends_with("/console/account?error=taken"), "{:?}", taken.headers);
    assert!(viewer.get(paths::ACCOUNT).await.json()["provider"].is_null());
}

#[tokio::test]
async fn no_other_site_can_begin_to_link_or_to_accept() {
    let (app, provider) = start().await;
    let owner = app.owner().await;
    // What a link or an image on another site can do: a GET with the browser's cookie.
    let tenant = app.tenant_id(TENANT).await;
    let code = owner.invite(&tenant, "mallory@example.com", Role::Owner).await;
    for query in ["link=true".to_owned(), format!("invitation={code}"), format!("link=true&invitation={code}")] {
        let lured = travel(&app, &provider, &query, "mallory-there", &owner.cookie).await;
        assert!(
            lured.header("location").ends_with("/console/sign-in?error=no_account"),
            "{query}: {:?}",
            lured.headers
        );
    }
    assert!(owner.get(paths::ACCOUNT).await.json()["provider"].is_null());
    let confirmation = json!({ "password": PASSWORD });
    for (path, body) in [
        (paths::PROVIDER, &confirmation),
        (paths::PROVIDER_PROOF, &confirmation),
        (paths::ACCEPT_WITH_PROVIDER, &json!({ "code": code })),
    ] {
        let got = app.send(app.request("GET", path).header("cookie", &owner.cookie)).await;
        assert_eq!(got.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        for origin in ["https://evil.example", "null"] {
            let forged = app.request("POST", path).header("cookie", &owner.cookie).header("origin", origin).json(body);
            assert_eq!(app.send(forged).await.status, StatusCode::FORBIDDEN, "{path} from {origin}");
        }
    }
    let bare = app.request("POST", paths::PROVIDER).header("cookie", &owner.cookie).header("origin", &app.url);
    let bare = app.send(bare.json(&json!({ "password": PASSWORD }))).await;
    assert_eq!(bare.status, StatusCode::FORBIDDEN, "without the CSRF token");
}

#[tokio::test]
async fn what_was_begun_in_one_session_is_not_finished_in_another() {
    let (app, provider) = start().await;
    let owner = app.owner().await;
    let elsewhere = app.sign_in("owner@example.com").await;
    let there = owner.send("POST", paths::PROVIDER, &json!({ "password": PASSWORD })).await;
    for cookie in [elsewhere.cookie.as_str(), ""] {
        let back = travel_on(&app, &provider, &there, "owner-there", cookie).await;
        assert!(back.header("location").ends_with("/console/account?error=expired"), "{:?}", back.headers);
    }
    // The session that began it is ended meanwhile.
    owner.delete(paths::SESSION).await;
    let back = travel_on(&app, &provider, &there, "owner-there", &owner.cookie).await;
    assert!(back.header("location").ends_with("/console/account?error=expired"), "{:?}", back.headers);
    let late = elsewhere.send("POST", paths::PROVIDER, &json!({ "password": PASSWORD })).await;
    app.clock.advance_ms(10 * 60_000);
    let late = travel_on(&app, &provider, &late, "owner-there", &elsewhere.cookie).await;
    assert!(late.header("location").ends_with("/console/account?error=expired"), "{:?}", late.headers);
    assert!(elsewhere.get(paths::ACCOUNT).await.json()["provider"].is_null());
}

#[tokio::test]
async fn an_account_is_unlinked_with_its_password_and_signs_in_with_the_provider_no_more() {
    let (app, provider) = start().await;
    let owner = app.owner().await;
    link(&app, &provider, &owner, "owner-there").await;
    let with_provider = session(&travel(&app, &provider, "", "owner-there", "").await);
    let wrong = owner.send("DELETE", paths::PROVIDER, &json!({ "password": "not the password, no" })).await;
    assert_eq!(wrong.field(), "password");
    let right = owner.send("DELETE", paths::PROVIDER, &json!({ "password": PASSWORD })).await;
    assert_eq!(right.status, StatusCode::NO_CONTENT, "{}", right.text());
    assert_eq!(who(&app, &with_provider).await.status, StatusCode::UNAUTHORIZED, "other sessions are over");
    assert_eq!(owner.get(paths::SESSION).await.status, StatusCode::OK);
    assert!(travel(&app, &provider, "", "owner-there", "").await.header("location").ends_with("error=no_account"));
    let told = audited(&app, &app.tenant_id(TENANT).await).await;
    assert_eq!((told[0].0.as_str(), told[1].0.as_str()), ("unlink_provider", "link_provider"));
    let again = owner.send("DELETE", paths::PROVIDER, &json!({ "password": PASSWORD })).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    // And linked once more, with another of theirs.
    link(&app, &provider, &owner, "owner-elsewhere").await;
    assert_eq!(owner.get(paths::ACCOUNT).await.json()["provider_account"], "owner-elsewhere@provider.example");
}

/// Has an account without a password prove at the provider that its person is there.
async fn prove(app: &TestApp, provider: &FakeOidc, admin: &Admin<'_>, subject: &str) -> String {
    let there = admin.send("POST", paths::PROVIDER_PROOF, &json!({})).await;
    let back = travel_on(app, provider, &there, subject, &admin.cookie).await;
    back.header("location").rsplit('?').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_account_without_a_password_chooses_one_only_after_signing_in_at_the_provider_again() {
    let (app, provider) = start().await;
    let grace = grace(&app, &provider).await;
    let choose = async |new: &str| grace.send("PUT", paths::PASSWORD, &json!({ "new": new })).await.status;
    assert_eq!(choose("a stolen session’s").await, StatusCode::FORBIDDEN);
    let unlinked = grace.send("DELETE", paths::PROVIDER, &json!({ "password": "" })).await;
    assert_eq!(unlinked.status, StatusCode::CONFLICT, "nobody could sign in any more");
    for (lie, told) in [(Lie::Remembers, "error=stale"), (Lie::NoAuthTime, "error=no_auth_time")] {
        provider.lie(lie);
        assert_eq!(prove(&app, &provider, &grace, "grace-there").await, told, "{lie:?}");
    }
    provider.lie(Lie::None);
    assert_eq!(prove(&app, &provider, &grace, "somebody-else").await, "error=another");
    assert_eq!(choose("a stolen session’s").await, StatusCode::FORBIDDEN);

    assert_eq!(prove(&app, &provider, &grace, "grace-there").await, "provider=proven");
    app.clock.advance_ms(5 * 60_000);
    assert_eq!(choose("five minutes later").await, StatusCode::FORBIDDEN, "proven too long ago");
    let elsewhere = session(&travel(&app, &provider, "", "grace-there", "").await);
    assert_eq!(prove(&app, &provider, &grace, "grace-there").await, "provider=proven");
    assert_eq!(grace.get(paths::ACCOUNT).await.json()["proven"], true);
    let other = who(&app, &elsewhere).await.json()["csrf"].as_str().unwrap().to_owned();
    let other = Admin::with(&app, elsewhere.clone(), other);
    let theirs = other.send("PUT", paths::PASSWORD, &json!({ "new": "another session’s password" })).await;
    assert_eq!(theirs.status, StatusCode::FORBIDDEN, "one session proves for itself alone");
    assert_eq!(choose("a password of her own").await, StatusCode::NO_CONTENT);
    assert_eq!(who(&app, &elsewhere).await.status, StatusCode::UNAUTHORIZED, "other sessions are over");
    assert_eq!(audited(&app, &app.tenant_id(TENANT).await).await[0].0, "change_password");
    assert_eq!(choose("once more, without the first").await, StatusCode::UNPROCESSABLE_ENTITY, "used up");
    let unlink = json!({ "password": "a password of her own" });
    assert_eq!(grace.send("DELETE", paths::PROVIDER, &unlink).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn the_first_owner_links_the_provider_with_password_and_code() {
    let (app, provider) = start().await;
    let owner = app.owner().await;
    let (_, codes) = with_app(&app, &owner).await;
    let asked = owner.send("POST", paths::PROVIDER, &json!({ "password": PASSWORD })).await;
    assert_eq!((asked.status, asked.field().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "code"));
    let proof = json!({ "password": PASSWORD, "code": codes[0] });
    let there = owner.send("POST", paths::PROVIDER, &proof).await;
    let linked = travel_on(&app, &provider, &there, "owner-there", &owner.cookie).await;
    assert_eq!(linked.header("location"), "/console/account?provider=linked");
    let used = owner.send("DELETE", paths::PROVIDER, &proof).await;
    assert_eq!(used.field(), "code", "a recovery code is good once");
    let proof = json!({ "password": PASSWORD, "code": codes[1] });
    assert_eq!(owner.send("DELETE", paths::PROVIDER, &proof).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn an_invitation_whose_sender_lost_the_role_is_not_accepted_with_the_provider_either() {
    let (app, provider) = start().await;
    let owner = app.owner().await;
    let tenant = app.tenant_id(TENANT).await;
    let admin = app.member(&owner, &tenant, Role::Admin).await;
    let code = admin.invite(&tenant, "grace@example.com", Role::Admin).await;
    let there = app.from_console("POST", paths::ACCEPT_WITH_PROVIDER, &json!({ "code": code })).await;
    let account = admin.get(paths::SESSION).await.json()["account"].as_str().unwrap().to_owned();
    owner.delete(&paths::MEMBER.replace("{tenant}", &tenant).replace("{account}", &account)).await;
    let back = travel_on(&app, &provider, &there, "grace-there", "").await;
    assert!(back.header("location").ends_with("/console/sign-in?error=void"), "{:?}", back.headers);
    let late = app.from_console("POST", paths::ACCEPT_WITH_PROVIDER, &json!({ "code": code })).await;
    assert_eq!((late.status, late.field().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "code"));
}

#[tokio::test]
async fn a_provider_that_is_away_is_said_in_words() {
    let (app, provider) = start().await;
    let owner = app.owner().await;
    provider.until_lifted(Trouble::Status(503));
    let away = owner.send("POST", paths::PROVIDER, &json!({ "password": PASSWORD })).await;
    assert_eq!(away.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(away.detail().contains("identity provider does not answer"), "{}", away.detail());
    let none = TestApp::start().await;
    let owner = none.owner().await;
    assert!(owner.get(paths::ACCOUNT).await.json()["linkable"].is_null());
    let none = owner.send("POST", paths::PROVIDER, &json!({ "password": PASSWORD })).await;
    assert_eq!(none.status, StatusCode::CONFLICT, "{}", none.text());
}
