//! Connecting Entra ID, and when it is asked from then on.

use super::HOUR_MS;
use super::entra::on_sqlite;
use crate::people::Desk;
use api::console::{Role, paths};
use axum::http::StatusCode;
use serde_json::json;
use tests::app::TENANT;

#[tokio::test]
async fn consent_counts_from_our_own_organisation_and_from_whoever_was_sent_there() {
    let (app, graph) = on_sqlite().await;
    let desk = Desk::new(&app).await;
    let elsewhere = desk.consent(&app, "99999999-0000-4000-8000-000000000009", "admin_consent=True").await;
    assert!(elsewhere.ends_with("consent=refused&reason=other_organisation"), "{elsewhere}");
    let denied = desk.consent(&app, TENANT, "error=access_denied").await;
    assert!(denied.ends_with("consent=refused&reason=denied"), "{denied}");
    let forged = app.get(&format!("{}?tenant={TENANT}&state=x&admin_consent=True", paths::CONSENT_CALLBACK)).await;
    assert_eq!(forged.header("location"), "/console");
    assert_eq!(desk.source("entra").await.json()["state"], "off");

    let connect = async || desk.owner.send("POST", &desk.path(paths::ENTRA_CONNECT, ""), &json!({})).await;
    graph.set_roles(&["Mail.ReadWrite", "User.Read.All"]);
    let missing = connect().await;
    assert_eq!((missing.status, missing.detail().contains("GroupMember.Read.All")), (StatusCode::CONFLICT, true));
    let check = desk.owner.send("POST", &desk.path(paths::SOURCE_CHECK, "entra"), &json!({})).await.json();
    let states: Vec<_> = check["permissions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].as_str().unwrap(), &one["state"]))
        .collect();
    let wanted = [("User.Read.All", "granted"), ("GroupMember.Read.All", "missing"), ("Mail.ReadWrite", "superfluous")];
    assert_eq!(
        states,
        wanted.map(|(name, state)| (name, json!(state))).iter().map(|(name, state)| (*name, state)).collect::<Vec<_>>()
    );
    graph.set_roles(&["User.Read.All", "GroupMember.Read.All"]);
    let connected = connect().await;
    assert_eq!((connected.status, &connected.json()["state"]), (StatusCode::OK, &json!("on")), "{}", connected.text());

    // It is asked at once, then every hour, and not while it is paused.
    app.run_due().await;
    let runs = async || desk.owner.get(&desk.path(paths::RUNS, "")).await.json();
    let first = runs().await["runs"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(desk.ended(&first).await["cause"], "schedule");
    app.run_due().await;
    assert_eq!(runs().await["total"], 1);
    app.clock.advance_ms(HOUR_MS / 2);
    let path = desk.path(paths::SOURCE, "entra");
    let paused = desk.owner.change("PATCH", &path, "*", &json!({ "paused": true })).await;
    assert_eq!(paused.json()["state"], "paused", "{}", paused.text());
    app.clock.advance_ms(HOUR_MS / 2 + 1);
    let again = app.sign_in("owner@example.com").await;
    app.run_due().await;
    let resumed = again.change("PATCH", &path, "*", &json!({ "paused": false })).await;
    assert_eq!(resumed.json()["state"], "on", "{}", resumed.text());
    let total = again.get(&desk.path(paths::RUNS, "")).await.json()["total"].clone();
    assert_eq!(total, 1, "nothing ran while it was paused");
    app.run_due().await;
    let viewer = app.member(&again, &desk.tenant, Role::Viewer).await;
    assert_eq!(viewer.get(&desk.path(paths::RUNS, "")).await.json()["total"], 2);
    let begin = viewer.send("POST", &desk.path(paths::SOURCE_RUNS, "entra"), &json!({})).await;
    assert_eq!(begin.status, StatusCode::FORBIDDEN);
}
