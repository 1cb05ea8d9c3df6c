//! Every route of the document, walked as everybody who must be refused.

use api::console::{CSRF_HEADER, Role, paths};
use axum::http::StatusCode;
use paraph::http::api_routes;
use serde_json::json;
use tests::app::{OTHER_TENANT, TENANT, TestApp};
use tests::console::Admin;
use tests::root;

/// A route with its path parameters filled in for a tenant.
fn filled(path: &str, tenant: &str) -> String {
    let mut path = path.replace("{tenant}", tenant);
    while let Some((start, rest)) = path.clone().split_once('{') {
        let (_, end) = rest.split_once('}').unwrap();
        path = format!("{start}nothing-of-this-id{end}");
    }
    path
}

/// What an editor who is limited to folders or brands may ask for; `designs/limited.rs` tests that it is refused elsewhere.
const WITHIN_LIMITS: [(&str, &str); 14] = [
    ("POST", paths::TEMPLATES),
    ("PUT", paths::TEMPLATE),
    ("DELETE", paths::TEMPLATE),
    ("DELETE", paths::UNPUBLISHED_TEMPLATE),
    ("POST", paths::TEMPLATE_IMPORT),
    ("POST", paths::MIGRATION_PLAN),
    ("POST", paths::MIGRATIONS),
    ("PUT", paths::BRANDS),
    ("DELETE", paths::UNPUBLISHED_BRANDS),
    ("POST", paths::TEMPLATE_FIX),
    ("POST", paths::CLEAN),
    ("POST", paths::IMAGES),
    ("POST", paths::PUBLISH),
    ("POST", paths::CALL_OFF),
];

async fn status(app: &TestApp, request: reqwest::RequestBuilder) -> StatusCode {
    app.send(request.header("if-match", "*").json(&json!({}))).await.status
}

#[tokio::test]
async fn every_route_refuses_whoever_may_not() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (tenant, other) = (app.tenant_id(TENANT).await, app.tenant_id(OTHER_TENANT).await);
    let mut members: Vec<(Role, Admin<'_>)> = Vec::new();
    for role in [Role::Viewer, Role::Editor, Role::Admin] {
        members.push((role, app.member(&owner, &tenant, role).await));
    }
    let limited = app.limited_editor(&owner, &tenant, &json!({ "folders": ["Nordic"] })).await;
    let elsewhere = app.member(&owner, &other, Role::Admin).await;
    let gone = app.sign_in("owner@example.com").await;
    gone.delete(api::console::paths::SESSION).await;

    let routes = api_routes();
    let guarded: Vec<_> = routes.iter().filter(|(_, _, who)| who == "account" || Role::parse(who).is_some()).collect();
    assert!(guarded.len() > 30, "{}", guarded.len());
    for (method, path, who) in guarded {
        let at = filled(path, &tenant);
        let what = format!("{method} {path} ({who})");
        assert_eq!(status(&app, app.request(method, &at)).await, StatusCode::UNAUTHORIZED, "{what} as nobody");
        assert_eq!(status(&app, gone.request(method, &at)).await, StatusCode::UNAUTHORIZED, "{what}, session ended");
        let revoked = app.request(method, &at).bearer_auth("paraph_revoked");
        assert_eq!(status(&app, revoked).await, StatusCode::UNAUTHORIZED, "{what} with a revoked token");
        if method != "GET" {
            let wrong = app.request(method, &at).header("cookie", &owner.cookie).header(CSRF_HEADER, &owner.csrf);
            let wrong = wrong.header("origin", "https://evil.example");
            assert_eq!(status(&app, wrong).await, StatusCode::FORBIDDEN, "{what} from another origin");
            let bare = app.request(method, &at).header("cookie", &owner.cookie).header("origin", &app.url);
            assert_eq!(status(&app, bare).await, StatusCode::FORBIDDEN, "{what} without the CSRF header");
        }
        // None: no role below a tenant.
        let Some(needed) = Role::parse(who) else { continue };
        assert_eq!(status(&app, elsewhere.request(method, &at)).await, StatusCode::NOT_FOUND, "{what} from elsewhere");
        if needed >= Role::Editor && !WITHIN_LIMITS.contains(&(method.as_str(), path.as_str())) {
            assert_eq!(status(&app, limited.request(method, &at)).await, StatusCode::FORBIDDEN, "{what} in a folder");
        }
        for (has, member) in &members {
            if *has < needed {
                assert_eq!(status(&app, member.request(method, &at)).await, StatusCode::FORBIDDEN, "{what} as {has:?}");
            }
        }
    }
    for (method, path, _) in routes.iter().filter(|(_, _, who)| who == "connector") {
        let (at, what) = (filled(path, &tenant), format!("{method} {path}"));
        assert_eq!(status(&app, app.request(method, &at)).await, StatusCode::UNAUTHORIZED, "{what} as nobody");
        assert_eq!(status(&app, owner.request(method, &at)).await, StatusCode::UNAUTHORIZED, "{what} with a session");
        let revoked = app.request(method, &at).bearer_auth("paraph_revoked");
        assert_eq!(status(&app, revoked).await, StatusCode::UNAUTHORIZED, "{what} with a revoked token");
    }
    // The walk changed nothing: whoever was refused was refused before anything happened.
    assert_eq!(members[0].1.get(&filled(api::console::paths::TENANT, &tenant)).await.json()["name"], "Example");
}

#[tokio::test]
async fn no_route_is_missing_from_the_document() {
    let app = TestApp::start().await;
    let document = app.get(api::console::paths::OPENAPI).await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let text = document.to_string();
    assert!(!text.contains("[`") && !text.contains("crate::"), "links of doc comments lead nowhere here");
    let documented: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    // Whatever has a path in the contract is served and documented; the document itself and the two addresses that a
    // browser is sent to are no part of it.
    for source in ["crates/api/src/lib.rs", "crates/api/src/connector.rs", "crates/api/src/console/mod.rs"] {
        let text = std::fs::read_to_string(root().join(source)).unwrap();
        for line in text.lines().filter(|line| line.trim_start().starts_with("pub const") && line.contains("\"/api/")) {
            let path = line.split('"').nth(1).unwrap();
            if path != api::console::paths::OPENAPI {
                assert!(documented.iter().any(|known| *known == path), "{path} is not served or not documented");
            }
        }
    }
    // And nothing below /api is served but what comes from the documented router.
    let text = std::fs::read_to_string(root().join("backend/src/http/mod.rs")).unwrap();
    let undocumented: Vec<_> = text.lines().filter(|line| line.contains(".route(") && line.contains("/api")).collect();
    assert_eq!(undocumented.len(), 1, "only the fallback: {undocumented:?}");
    for (method, path, who) in api_routes() {
        assert!(
            ["public", "person", "account", "connector"].contains(&who.as_str()) || Role::parse(&who).is_some(),
            "{method} {path}: {who}"
        );
    }
}
