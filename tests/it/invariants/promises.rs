//! What is promised whoever asks and whatever happens.

use super::{assert_only_in, sources, uses};
use crate::launchevent::{NEW, Scene};
use crate::people::{Desk, at_each_server};
use api::console::{Role, paths};
use axum::http::StatusCode;
use clap::Parser as _;
use paraph::cli::trial::render;
use paraph::cli::{Cli, Command};
use paraph::config::Config;
use paraph::http::api_routes;
use serde_json::{Value, json};
use tests::app::{ADA, TestApp};
use tests::console::{Admin, PASSWORD};
use tests::postgres::connect;

#[tokio::test]
async fn invariant_3_add_in_console_and_command_line_give_the_same_signature() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let asked = json!({ "kind": "reply", "recipients": [{ "address": "somebody@example.org" }] });
    let in_the_pane = app.post(api::paths::SIGNATURE, ADA, &asked).await.json();
    let occasion = json!({ "kind": "reply", "recipients": ["somebody@example.org"] });
    let simulate = json!({ "person": "ada", "occasion": occasion });
    let in_the_console = desk.owner.send("POST", &desk.path(paths::SIMULATION, ""), &simulate).await.json();
    let arguments = [
        "paraph",
        "render",
        "--from",
        ADA.address,
        "--kind",
        "reply",
        "--to",
        "somebody@example.org",
        "--format",
        "json",
    ];
    let Command::Render(options) = Cli::try_parse_from(arguments).unwrap().command else { panic!("another command") };
    let printed = render::run(&app.app.config, &options).await.unwrap().signature;
    let at_the_terminal: Value = serde_json::from_str(&printed).unwrap();
    assert!(in_the_pane["html"].as_str().unwrap().contains("Ada Lovelace"), "{in_the_pane}");
    for part in ["html", "text", "fingerprint"] {
        assert_eq!(in_the_pane[part], in_the_console["signature"][part], "{part} in the console");
        assert_eq!(in_the_pane[part], at_the_terminal[part], "{part} at the terminal");
    }
}

#[test]
fn invariant_3_one_room_chooses_and_fills() {
    let signs = |name: &str| name.starts_with("backend/src/signing/");
    assert_only_in(&["backend/src"], "render_leading", signs);
    assert_only_in(&["backend/src"], "email_signature::select", signs);
    assert!(sources("backend/src/signing").iter().any(|(_, text)| text.contains("render_leading(")));
}

#[test]
fn invariant_4_whatever_the_server_does_the_event_is_completed() {
    let servers = [
        "return { status: 500, body: {}, after: 20 };",
        "return { status: 200, body: 'no JSON', after: 20 };",
        "return { status: 200, body: null, after: 20 };",
        "return { status: 429, body: {}, after: 4000 };",
        "return { status: 200, body: world.answer, after: 600000 };",
        "throw new Error('no network');",
    ];
    for server in servers {
        // Once it is dropped the scene sees to it that the event was completed once, within 5 s.
        let mut scene = Scene::new(&format!("world.server = function () {{ {server} }};"));
        scene.fire(NEW);
    }
}

#[test]
fn invariant_6_foreign_systems_are_named_in_the_configuration_alone() {
    let config = Config::default();
    let (identity, directory) = (config.identity, config.directory);
    let urls = [
        identity.authority,
        identity.authority_host,
        directory.graph_url,
        directory.google_url,
        directory.google_token_url,
    ];
    for url in urls {
        let host = url.split('/').nth(2).unwrap().to_owned();
        assert!(host.contains('.'), "{url}");
        for (name, text) in sources("backend/src") {
            let code = text.split("#[cfg(test)]").next().unwrap();
            assert!(
                name.starts_with("backend/src/config/") || !uses(code, &format!("//{host}")),
                "{name} names {host}"
            );
        }
    }
}

#[tokio::test]
async fn invariant_8_a_plan_that_takes_much_away_waits_and_changes_nothing() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let everybody = "address,title\nada@example.com,x\ngrace@example.com,x\nalan@example.com,x\n";
        let mapping = |fields: Value| json!({ "fields": fields, "source": "csv", "complete": true });
        let titles = async || {
            let mut titles = Vec::new();
            for person in ["ada", "grace", "alan"] {
                titles.push(crate::people::field(&desk.person(person).await.0, "title")["value"].clone());
            }
            titles
        };
        let plan = async |file: &str| {
            let planned = desk.planned(file.to_owned()).await;
            let mapped = desk.remap(&planned, &mapping(json!(["address", "title"]))).await;
            assert_eq!(mapped.status, StatusCode::OK, "{}", mapped.text());
            desk.settled(planned["id"].as_str().unwrap()).await
        };
        let first = plan(everybody).await;
        assert_eq!(desk.applied(&first).await["state"], "applied");
        let before = titles().await;
        let ada_alone = plan("address,title\nada@example.com,x\n").await;
        assert_eq!(ada_alone["plan"]["needs_confirmation"], true, "{ada_alone}");
        assert_eq!(ada_alone["plan"]["cleared"], 2, "{ada_alone}");
        assert_eq!(desk.apply(&ada_alone, &json!({ "skip_wrong": true })).await.field(), "confirmed");
        assert_eq!(titles().await, before);
    })
    .await;
}

#[tokio::test]
async fn invariant_10_no_answer_and_no_row_has_a_secret() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let wanted = json!({ "name": "Integration", "scopes": ["people:read"], "days": 30 });
    let made = desk.owner.send("POST", &desk.path(paths::TOKENS, ""), &wanted).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let token = made.json()["secret"].as_str().unwrap().to_owned();
    let invitation = desk.owner.invite(&desk.tenant, "new@example.com", Role::Viewer).await;
    let secrets = [PASSWORD, &token, &invitation, desk.owner.cookie.split('=').nth(1).unwrap()];
    for (method, path, _) in api_routes() {
        if method != "GET" {
            continue;
        }
        let path = ["{person}", "{id}"]
            .iter()
            .fold(path.replace("{tenant}", &desk.tenant), |path, part| path.replace(part, "ada"));
        let answer = desk.owner.get(&path).await;
        for secret in secrets {
            assert!(!answer.text().contains(secret), "{path} shows {secret}");
        }
    }
    app.app.store.checkpoint().await.unwrap();
    for file in ["test.db", "test.db-wal"] {
        let bytes = std::fs::read(app.folder.path().join(file)).unwrap_or_default();
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{file} holds {secret}");
        }
    }
}

#[tokio::test]
async fn invariant_10_a_token_is_worth_no_more_than_its_makers_role() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let admin = app.member(&desk.owner, &desk.tenant, Role::Admin).await;
    let wanted = json!({ "name": "Integration", "scopes": ["people:write"], "days": 30 });
    let token = admin.send("POST", &desk.path(paths::TOKENS, ""), &wanted).await.json()["secret"].clone();
    let change = async || {
        let new = json!({ "address": "new@example.com", "kind": "person" });
        let path = desk.path(paths::PEOPLE, "");
        app.send(app.request("POST", &path).bearer_auth(token.as_str().unwrap()).json(&new)).await.status
    };
    let mut database = connect(&app.app.config.database.url).await;
    sqlx::raw_sql("update members set role = 'viewer' where role = 'admin'").execute(&mut database).await.unwrap();
    assert_eq!(change().await, StatusCode::FORBIDDEN);
    sqlx::raw_sql("update members set role = 'admin' where role = 'viewer'").execute(&mut database).await.unwrap();
    assert_eq!(change().await, StatusCode::CREATED);
}

#[tokio::test]
async fn invariant_11_what_one_node_begins_another_goes_on_with() {
    let (app, database) = TestApp::start_on_postgres().await;
    let other = TestApp::start_with(|config| config.database.url = database).await;
    let desk = Desk::new(&app).await;
    let planned = desk.planned("address,city\nada@example.com,London\n").await;
    // The same session, at another node.
    let there = Admin::with(&other, desk.owner.cookie.clone(), desk.owner.csrf.clone());
    let id = planned["id"].as_str().unwrap();
    assert_eq!(there.get(&desk.path(paths::RUN, id)).await.json()["plan"], planned["plan"]);
    let applied = there.send("POST", &desk.path(paths::APPLY_RUN, id), &json!({})).await;
    assert_eq!(applied.status, StatusCode::OK, "{}", applied.text());
    assert_eq!(there.settled(&desk.path(paths::RUN, id)).await["state"], "applied");
    app.clock.advance_ms(1_000);
    assert_eq!(crate::people::field(&desk.person("ada").await.0, "city")["value"], "London");
}
