//! Making, renaming and deleting tenants.

use api::console::{Role, paths};
use axum::http::StatusCode;
use serde_json::json;
use tests::app::{TENANT, TestApp};
use tests::console::Admin;

fn path(tenant: &str) -> String {
    paths::TENANT.replace("{tenant}", tenant)
}

#[tokio::test]
async fn an_owner_makes_a_tenant_and_its_state_says_what_is_missing() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let new = json!({ "name": "New", "entra_id": "CCCCCCCC-0000-4000-8000-000000000003", "domains": ["New.example"] });
    let made = owner.send("POST", paths::TENANTS, &new).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    assert_eq!(made.json()["state"], json!(["no_people", "no_rules", "no_clients", "connectors_pending"]));
    assert_eq!(made.json()["domains"], json!(["new.example"]));
    assert_eq!(owner.send("POST", paths::TENANTS, &new).await.status, StatusCode::CONFLICT, "twice");
    let viewer = app.member(&owner, &app.tenant_id(TENANT).await, Role::Admin).await;
    assert_eq!(viewer.send("POST", paths::TENANTS, &new).await.status, StatusCode::FORBIDDEN);
    for (field, value) in
        [("name", json!("")), ("entra_id", json!("x")), ("domains", json!([])), ("domains[0]", json!(["nodot"]))]
    {
        let mut body = new.clone();
        body[field.split('[').next().unwrap()] = value;
        assert_eq!(owner.send("POST", paths::TENANTS, &body).await.field(), field);
    }
}

#[tokio::test]
async fn a_company_without_entra_id_is_known_by_its_domain_and_can_get_an_entra_id_later() {
    const ENTRA: &str = "DDDDDDDD-0000-4000-8000-000000000004";
    for app in [TestApp::start().await, TestApp::start_on_postgres().await.0] {
        let owner = app.owner().await;
        let new = json!({ "name": "Paper Mill", "domains": ["mill.example", "paper.example"] });
        let made = owner.send("POST", paths::TENANTS, &new).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        assert_eq!(made.json()["entra_id"], json!(null));
        let id = made.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(app.app.tenants.of_domain("Paper.example").await.unwrap().unwrap().id, id);
        let again = owner.send("POST", paths::TENANTS, &new).await;
        assert_eq!(again.status, StatusCode::CONFLICT, "the same domain");
        let below = json!({ "name": "Press", "domains": ["*.XN--mnchen-3ya.example"] });
        let below = owner.send("POST", paths::TENANTS, &below).await;
        assert_eq!(below.json()["domains"], json!(["*.münchen.example"]), "{}", below.text());
        for domain in ["münchen.example", "post.xn--mnchen-3ya.example", "A.B.München.example"] {
            let found = app.app.tenants.of_domain(domain).await.unwrap().expect(domain);
            assert_eq!(json!(found.id), below.json()["id"], "{domain}");
        }
        assert!(app.app.tenants.of_domain("xmünchen.example").await.unwrap().is_none());
        assert!(again.text().contains("mail domain"), "{}", again.text());
        let taken = json!({ "name": "Branch", "domains": ["example.com"] });
        let taken = owner.send("POST", paths::TENANTS, &taken).await;
        assert_eq!(taken.status, StatusCode::CONFLICT, "the domain of a tenant with an Entra tenant id");
        let other = json!({ "name": "Other", "domains": ["other.example"] });
        assert_eq!(owner.send("POST", paths::TENANTS, &other).await.status, StatusCode::CREATED, "a second one");

        let consent = owner.send("POST", &paths::ENTRA_CONSENT.replace("{tenant}", &id), &json!({})).await;
        assert_eq!(consent.status, StatusCode::CONFLICT);
        assert!(consent.text().contains("no Entra tenant id: enter it under Settings"), "{}", consent.text());

        assert!(app.app.tenants.of_entra(ENTRA).await.unwrap().is_none());
        let change = async |to: &str| {
            let etag = owner.get(&path(&id)).await.header("etag").to_owned();
            owner.change("PATCH", &path(&id), &etag, &json!({ "entra_id": to })).await
        };
        assert_eq!(change("x").await.field(), "entra_id");
        assert_eq!(change(TENANT).await.status, StatusCode::CONFLICT, "that of another tenant");
        let changed = change(ENTRA).await;
        assert_eq!(changed.json()["entra_id"], json!(ENTRA.to_lowercase()), "{}", changed.text());
        assert_eq!(app.app.tenants.of_entra(ENTRA).await.unwrap().unwrap().id, id);
        assert_eq!(change(ENTRA).await.status, StatusCode::OK, "the same once more");
        let refused = change("eeeeeeee-0000-4000-8000-000000000005").await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "it is set: {}", refused.text());
        let audit = owner.get(&paths::AUDIT.replace("{tenant}", &id)).await;
        assert!(audit.text().contains(&ENTRA.to_lowercase()), "{}", audit.text());
    }
}

#[tokio::test]
async fn the_second_of_two_admins_is_told_and_nothing_is_lost() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let tenant = app.tenant_id(TENANT).await;
    let etag = owner.get(&path(&tenant)).await.header("etag").to_owned();
    assert_eq!(
        owner.send("PATCH", &path(&tenant), &json!({ "name": "X" })).await.status,
        StatusCode::PRECONDITION_REQUIRED
    );
    let first = owner.change("PATCH", &path(&tenant), &etag, &json!({ "name": "First" })).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.text());
    let second = owner.change("PATCH", &path(&tenant), &etag, &json!({ "name": "Second" })).await;
    assert_eq!(second.status, StatusCode::PRECONDITION_FAILED);
    let now = owner.get(&path(&tenant)).await;
    assert_eq!(now.json()["name"], "First");
    assert_eq!(now.header("etag"), first.header("etag"));
    let again = owner.change("PATCH", &path(&tenant), now.header("etag"), &json!({ "domains": ["a.example"] })).await;
    assert_eq!((&again.json()["name"], &again.json()["domains"]), (&json!("First"), &json!(["a.example"])));
    assert_eq!(again.json()["unread_recipients"], "external", "unless somebody chooses otherwise");
    let inside = json!({ "unread_recipients": "internal" });
    let inside = owner.change("PATCH", &path(&tenant), again.header("etag"), &inside).await;
    assert_eq!(inside.json()["unread_recipients"], "internal", "{}", inside.text());
    assert_eq!(inside.json()["domains"], json!(["a.example"]));
    assert_ne!(inside.header("etag"), again.header("etag"));
    let outside = json!({ "unread_recipients": "outside" });
    let outside = owner.change("PATCH", &path(&tenant), inside.header("etag"), &outside).await;
    assert_eq!(outside.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_tenant_is_deleted_after_two_weeks_unless_somebody_takes_it_back() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let tenant = app.tenant_id(TENANT).await;
    let delete = async |name: &str| owner.send("DELETE", &path(&tenant), &json!({ "name": name })).await;
    assert_eq!(delete("example").await.field(), "name", "typed wrongly");
    assert_eq!(delete("Example").await.json()["state"][0], "deleting");
    app.clock.advance_ms(13 * 86_400_000);
    app.run_due().await;
    let owner = app.sign_in("owner@example.com").await;
    let restored = owner.send("POST", &paths::RESTORE_TENANT.replace("{tenant}", &tenant), &json!({})).await;
    assert_eq!(restored.json()["delete_ms"], json!(null), "{}", restored.text());
    app.clock.advance_ms(2 * 86_400_000);
    app.run_due().await;
}

#[tokio::test]
async fn a_deleted_tenant_leaves_nothing_behind_and_the_others_alone() {
    for app in [TestApp::start().await, TestApp::start_on_postgres().await.0] {
        let owner = app.owner().await;
        let tenant = app.tenant_id(TENANT).await;
        app.member(&owner, &tenant, Role::Viewer).await;
        owner.invite(&tenant, "x@example.com", Role::Viewer).await;
        let token = json!({ "name": "t", "scopes": ["people:read"], "days": 1 });
        owner.send("POST", &paths::TOKENS.replace("{tenant}", &tenant), &token).await;
        owner.send("DELETE", &path(&tenant), &json!({ "name": "Example" })).await;
        app.clock.advance_ms(14 * 86_400_000);
        app.run_due().await;
        assert_eq!(app.app.store.tenant_of_entra(TENANT).await, Ok(None));
        let owner: Admin<'_> = app.sign_in("owner@example.com").await;
        assert_eq!(owner.get(&path(&tenant)).await.status, StatusCode::NOT_FOUND);
        let left = owner.get(paths::SESSION).await.json()["tenants"].clone();
        assert_eq!((left.as_array().unwrap().len(), &left[0]["name"]), (1, &json!("Elsewhere")));
    }
}
