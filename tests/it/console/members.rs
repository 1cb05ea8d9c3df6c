//! Who may come in, and who may say so.

use api::console::{Role, paths};
use axum::http::StatusCode;
use serde_json::json;
use tests::app::{TENANT, TestApp};

#[tokio::test]
async fn nobody_gives_or_takes_a_role_above_their_own() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let tenant = app.tenant_id(TENANT).await;
    let admin = app.member(&owner, &tenant, Role::Admin).await;
    let invite = paths::INVITATIONS.replace("{tenant}", &tenant);
    let answer = admin.send("POST", &invite, &json!({ "email": "x@example.com", "role": "owner" })).await;
    assert_eq!((answer.status, answer.field().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "role"));

    let members = admin.get(&paths::MEMBERS.replace("{tenant}", &tenant)).await.json();
    let id = |email: &str| {
        let all = members["members"].as_array().unwrap();
        let one = all.iter().find(|one| one["email"].as_str().unwrap().starts_with(email)).unwrap();
        paths::MEMBER.replace("{tenant}", &tenant).replace("{account}", one["account"].as_str().unwrap())
    };
    let own = id("admin");
    assert_eq!(admin.send("PATCH", &own, &json!({ "role": "owner" })).await.status, StatusCode::CONFLICT);
    assert_eq!(admin.delete(&id("owner")).await.status, StatusCode::CONFLICT);
    assert_eq!(
        owner.send("PATCH", &id("owner"), &json!({ "role": "viewer" })).await.status,
        StatusCode::CONFLICT,
        "the last"
    );
    assert_eq!(owner.send("PATCH", &own, &json!({ "role": "owner" })).await.json()["role"], "owner");
    assert_eq!(owner.send("PATCH", &id("owner"), &json!({ "role": "viewer" })).await.json()["role"], "viewer");
    assert_eq!(owner.delete(&own).await.status, StatusCode::FORBIDDEN, "viewers remove nobody");
}

#[tokio::test]
async fn who_is_taken_out_sees_nothing_any_more() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let tenant = app.tenant_id(TENANT).await;
    let editor = app.member(&owner, &tenant, Role::Editor).await;
    let path = paths::TENANT.replace("{tenant}", &tenant);
    assert_eq!(editor.get(&path).await.status, StatusCode::OK);
    let account = editor.get(paths::SESSION).await.json()["account"].as_str().unwrap().to_owned();
    let member = paths::MEMBER.replace("{tenant}", &tenant).replace("{account}", &account);
    assert_eq!(owner.delete(&member).await.status, StatusCode::NO_CONTENT);
    assert_eq!(editor.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(owner.delete(&member).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_invitation_can_be_withdrawn() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let tenant = app.tenant_id(TENANT).await;
    let code = owner.invite(&tenant, "x@example.com", Role::Viewer).await;
    let open = owner.get(&paths::MEMBERS.replace("{tenant}", &tenant)).await.json();
    let id = open["invitations"][0]["id"].as_str().unwrap();
    let path = paths::ONE_INVITATION.replace("{tenant}", &tenant).replace("{invitation}", id);
    assert_eq!(owner.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(app.from_console("POST", paths::INVITATION, &json!({ "code": code })).await.field(), "code");
    assert_eq!(owner.delete(&path).await.status, StatusCode::NOT_FOUND);
}
