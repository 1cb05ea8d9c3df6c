//! Links that are refused, changes that nobody told of, and groups that empty themselves.

use super::entra::{EVERYBODY, KATHERINE, at_each, company, on_sqlite};
use super::{HOUR_MS, counts};
use crate::people::{Desk, field};
use api::console::paths;
use axum::http::StatusCode;
use neighbours::Trouble;
use neighbours::graph::{FakeGraph, GONE};
use paraph::clock::Clock;
use serde_json::{Value, json};
use tests::app::{ADA, GRACE, NOON_MS, TestApp};
use tests::neighbourhood;

const DAY_MS: i64 = 24 * HOUR_MS;

/// A server at which nobody is signed out for days, and its Entra ID.
async fn for_days() -> (TestApp, FakeGraph) {
    let graph = neighbourhood::graph(&Clock::mock(NOON_MS)).await;
    company(&graph);
    let app = TestApp::start_with(|config| {
        neighbourhood::ask_graph(config, &graph);
        (config.console.idle_minutes, config.console.session_hours) = (1_440, 168);
    });
    (app.await, graph)
}

/// The newest run of Entra ID, once it has ended.
async fn newest(desk: &Desk<'_>) -> Value {
    let runs = desk.owner.get(&format!("{}?source=entra", desk.path(paths::RUNS, ""))).await.json();
    desk.ended(runs["runs"][0]["id"].as_str().unwrap()).await
}

#[tokio::test]
async fn a_refused_link_leads_to_a_fresh_start_in_the_same_run() {
    at_each(async |app, graph| {
        let desk = Desk::new(app).await;
        desk.connect(app).await;
        desk.run_through("entra").await;
        let old =
            || Trouble::Refused(400, "Request_UnsupportedQuery", "DeltaLink older than 30 days is not supported.");
        // Of users, of groups, and of groups when everybody was fetched already.
        let fine = || Trouble::Fine;
        for (days, title) in [
            (vec![old()], "One"),
            (vec![fine(), old()], "Two"),
            (vec![Trouble::Refused(404, "UnknownError", "")], "Three"),
            (vec![old(), fine(), GONE], "Four"),
        ] {
            graph.change_user(ADA.oid, &json!({ "jobTitle": title }));
            graph.then(days);
            let run = desk.run("entra", &json!({})).await;
            assert_eq!((&run["state"], counts(&run)), (&json!("applied"), [0, 1, 3, 0, 0, 0, 0]), "{title}: {run}");
            assert_eq!(field(&desk.person("ada").await.0, "title")["value"], title);
            let next = desk.run("entra", &json!({})).await;
            assert_eq!(counts(&next), [0; 7], "the next one goes on from the new link: {next}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_source_that_refuses_every_link_is_not_asked_for_ever() {
    let (app, graph) = on_sqlite().await;
    let desk = Desk::new(&app).await;
    desk.connect(&app).await;
    desk.run_through("entra").await;
    graph.take_requests();
    graph.then(vec![GONE; 50]);
    let run = desk.run("entra", &json!({})).await;
    assert_eq!(run["state"], "failed", "{run}");
    assert!(run["failure"].as_str().unwrap().contains("fetches everything"), "{run}");
    let asked = graph.take_requests().iter().filter(|name| *name == "users").count();
    assert!(asked <= 3, "{asked} times");
    graph.lift();
    for (day, words) in [
        (Trouble::Refused(403, "Authorization_RequestDenied", "Insufficient privileges."), "permission"),
        (Trouble::Refused(401, "InvalidAuthenticationToken", "Lifetime validation failed."), "token"),
    ] {
        graph.take_requests();
        graph.then(vec![day; 20]);
        let run = desk.run("entra", &json!({})).await;
        assert!(run["failure"].as_str().unwrap().contains(words), "{run}");
        let asked = graph.take_requests().iter().filter(|name| *name == "users").count();
        assert!(asked <= 2, "it is not about the link: {asked} times");
        graph.lift();
    }
    assert_eq!(desk.run("entra", &json!({})).await["state"], "applied");
}

/// Lets the directory change without a word of it in any delta query.
fn drift(graph: &FakeGraph) {
    graph.change_user(GRACE.oid, &json!({ "jobTitle": "Commodore" }));
    graph.set_group(EVERYBODY, "The whole company");
    graph.set_member(EVERYBODY, "user", GRACE.oid, true);
    graph.set_member(EVERYBODY, "user", KATHERINE, false);
    graph.lose_changes();
}

#[tokio::test]
async fn a_run_of_everybody_corrects_what_drifted_and_says_what() {
    at_each(async |app, graph| {
        let desk = Desk::new(app).await;
        desk.connect(app).await;
        desk.run_through("entra").await;
        drift(graph);
        graph.change_user(ADA.oid, &json!({ "jobTitle": "Told" }));
        let run = desk.run("entra", &json!({})).await;
        assert_eq!((counts(&run)[1], &run["plan"]["drift"]), (1, &Value::Null), "changes alone: {run}");
        graph.change_user(ADA.oid, &json!({ "jobTitle": "Told again" }));
        let run = desk.run("entra", &json!({ "whole": true })).await;
        assert_eq!(run["state"], "applied", "{run}");
        assert_eq!(counts(&run)[1], 2, "{run}");
        let sample = json!(["grace@example.com", "The whole company"]);
        let drift = json!({ "people": 1, "groups": 1, "members": 2, "sample": sample });
        assert_eq!(run["plan"]["drift"], drift, "without Ada, of whom was told: {run}");
        assert_eq!(field(&desk.person("grace").await.0, "title")["value"], "Commodore");
        assert_eq!(desk.groups_of(GRACE.address).await, ["The whole company"]);
        let run = desk.run("entra", &json!({ "whole": true })).await;
        let nothing = json!({ "people": 0, "groups": 0, "members": 0, "sample": [] });
        assert_eq!(run["plan"]["drift"], nothing, "{run}");
    })
    .await;
}

#[tokio::test]
async fn once_a_night_a_scheduled_run_fetches_everybody() {
    let (app, graph) = for_days().await;
    let desk = Desk::new(&app).await;
    desk.connect(&app).await;
    desk.run_through("entra").await;
    drift(&graph);
    let mut whole = Vec::new();
    for _ in 0..48 {
        app.clock.advance_ms(HOUR_MS);
        app.run_due().await;
        let run = newest(&desk).await;
        assert_eq!((&run["state"], &run["cause"]), (&json!("applied"), &json!("schedule")), "{run}");
        if run["plan"]["drift"].is_object() {
            whole.push(run);
        }
    }
    assert_eq!(whole.len(), 2, "{whole:?}");
    for run in &whole {
        let hour = run["created_ms"].as_i64().unwrap() % DAY_MS / HOUR_MS;
        assert!((0..=5).contains(&hour), "at {hour}: {run}");
    }
    assert_eq!((&whole[0]["plan"]["drift"]["people"], &whole[1]["plan"]["drift"]["people"]), (&json!(1), &json!(0)));
    assert_eq!(field(&desk.person("grace").await.0, "title")["value"], "Commodore");
}

#[tokio::test]
async fn a_night_that_failed_is_made_up_for_and_the_changes_come_meanwhile() {
    let (app, graph) = for_days().await;
    let desk = Desk::new(&app).await;
    desk.connect(&app).await;
    desk.run_through("entra").await;
    app.clock.advance_ms(23 * HOUR_MS);
    graph.then(vec![Trouble::Html; 8]);
    app.run_due().await;
    let failed = newest(&desk).await;
    assert_eq!(failed["state"], "failed", "{failed}");
    graph.lift();
    for is_whole in [false, true, false] {
        app.clock.advance_ms(HOUR_MS);
        app.run_due().await;
        let run = newest(&desk).await;
        assert_eq!((&run["state"], run["plan"]["drift"].is_object()), (&json!("applied"), is_whole), "{run}");
    }
}

#[tokio::test]
async fn groups_that_are_suddenly_empty_or_gone_wait_for_somebody() {
    let (app, graph) = on_sqlite().await;
    let desk = Desk::new(&app).await;
    desk.connect(&app).await;
    desk.run_through("entra").await;
    for id in [ADA.oid, GRACE.oid, KATHERINE] {
        graph.set_member(EVERYBODY, "user", id, true);
    }
    assert_eq!(desk.run("entra", &json!({})).await["state"], "applied", "coming in asks nobody");
    graph.set_member(EVERYBODY, "user", GRACE.oid, false);
    assert_eq!(desk.run("entra", &json!({})).await["state"], "applied", "nor does one who leaves");
    for id in [ADA.oid, KATHERINE] {
        graph.set_member(EVERYBODY, "user", id, false);
    }
    let run = desk.run("entra", &json!({})).await;
    assert_eq!(run["state"], "planned", "{run}");
    assert!(run["failure"].as_str().unwrap().contains("in groups of this source"), "{run}");
    assert_eq!(desk.groups_of("katherine@example.com").await, ["Everybody"]);
    graph.remove_group(EVERYBODY);
    let run = desk.run("entra", &json!({})).await;
    assert_eq!(run["state"], "planned", "{run}");
    let path = desk.path(paths::APPLY_RUN, run["id"].as_str().unwrap());
    assert_eq!(desk.owner.send("POST", &path, &json!({ "confirmed": true })).await.status, StatusCode::OK);
    assert_eq!(desk.ended(run["id"].as_str().unwrap()).await["state"], "applied");
}
