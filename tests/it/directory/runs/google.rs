//! From Google Workspace.

use super::counts;
use crate::people::{Desk, field};
use api::console::paths;
use axum::http::StatusCode;
use neighbours::Trouble;
use neighbours::google::{ADMIN, FakeGoogle};
use paraph::clock::Clock;
use serde_json::json;
use tests::app::{ADA, GRACE, NOON_MS, TestApp};
use tests::neighbourhood;

/// Ada, whom we know; Katherine, whom we do not; a group.
pub(super) fn workspace(google: &FakeGoogle) {
    let user = |id, name: &str, address: &str, title: &str| {
        let organizations = json!([{ "title": title, "primary": true }]);
        google.set_user(
            id,
            &json!({ "primaryEmail": address, "name": { "fullName": name }, "organizations": organizations }),
        );
    };
    user("1", "Ada King", ADA.address, "Countess");
    user("2", "Grace Hopper", GRACE.address, "Rear admiral");
    user("3", "Katherine Johnson", "katherine@example.com", "Computer");
    google.add_group("engine", "Engines", &[("USER", "1"), ("USER", "3")]);
}

#[tokio::test]
async fn google_people_and_groups_come_and_one_who_is_suspended_leaves() {
    let google = neighbourhood::google(&Clock::mock(NOON_MS)).await;
    workspace(&google);
    let app = TestApp::start_with(|config| neighbourhood::ask_google(config, &google)).await;
    let desk = Desk::new(&app).await;
    let connect = async |key: &str, admin: &str| {
        let key = json!({ "key": key, "admin": admin });
        desk.owner.send("PUT", &desk.path(paths::GOOGLE_KEY, ""), &key).await
    };
    assert_eq!(desk.begin("google", &json!({})).await.status, StatusCode::CONFLICT, "it is not connected");
    for (key, admin, field) in [("{}", ADMIN, "key"), (FakeGoogle::key_file().as_str(), "nobody", "admin")] {
        let refused = connect(key, admin).await;
        assert_eq!((refused.status, refused.field().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, field));
    }
    let connected = connect(&FakeGoogle::key_file(), ADMIN).await;
    assert_eq!((connected.status, &connected.json()["state"]), (StatusCode::OK, &json!("on")), "{}", connected.text());
    assert!(!connected.text().contains("PRIVATE"), "the key cannot be read again");

    assert_eq!(counts(&desk.run_through("google").await), [1, 2, 0, 0, 0, 1, 0]);
    let (ada, _) = desk.person("ada").await;
    let title = field(&ada, "title");
    assert_eq!((&title["value"], &title["source"]), (&json!("Analyst"), &json!("entra")), "Entra ID comes first");
    let said = title["values"].as_array().unwrap().iter().find(|value| value["source"] == "google");
    assert_eq!(said.unwrap()["value"], "Countess");
    assert_eq!(desk.groups_of(ADA.address).await, ["Engine room", "Engines"]);
    assert_eq!(field(&desk.found("katherine@example.com").await.unwrap(), "title")["value"], "Computer");
    let again = desk.run("google", &json!({})).await;
    assert_eq!((&again["state"], counts(&again)), (&json!("applied"), [0, 0, 3, 0, 0, 0, 0]), "{again}");

    google.set_user("3", &json!({ "primaryEmail": "katherine@example.com", "suspended": true }));
    assert_eq!(counts(&desk.run_through("google").await), [0, 0, 2, 1, 1, 0, 0]);
    assert!(desk.found("katherine@example.com").await.is_none());

    // A page token that was given and is refused: from the start, in the same run.
    google.set_page_size(1);
    google.take_requests();
    google.then([Trouble::Fine, Trouble::Refused(400, "invalid", "Invalid Input: pageToken")]);
    assert_eq!(counts(&desk.run("google", &json!({})).await), [0, 0, 2, 0, 0, 0, 0]);
    google.then(vec![Trouble::Refused(410, "expired", "Gone."); 20]);
    let failed = desk.run("google", &json!({})).await;
    assert_eq!(failed["state"], "failed", "{failed}");
    google.lift();
    google.set_page_size(500);

    google.revoke_key();
    let failed = desk.run("google", &json!({})).await;
    assert_eq!(failed["state"], "failed", "{failed}");
    let source = desk.source("google").await.json();
    assert!(source["problem"].as_str().is_some_and(|problem| problem.contains("key")), "{source}");
    assert_eq!(desk.groups_of(ADA.address).await, ["Engine room", "Engines"], "nothing is lost by that");
}

#[tokio::test]
async fn a_workspace_that_is_suddenly_empty_waits_for_somebody_whatever_the_guard() {
    let google = neighbourhood::google(&Clock::mock(NOON_MS)).await;
    workspace(&google);
    let app = TestApp::start_with(|config| neighbourhood::ask_google(config, &google)).await;
    let desk = Desk::new(&app).await;
    let key = json!({ "key": FakeGoogle::key_file(), "admin": ADMIN });
    assert_eq!(desk.owner.send("PUT", &desk.path(paths::GOOGLE_KEY, ""), &key).await.status, StatusCode::OK);
    desk.run_through("google").await;
    let mut settings = desk.source("google").await.json()["settings"].clone();
    settings["guard_percent"] = json!(100);
    let changes = json!({ "settings": settings });
    assert_eq!(
        desk.owner.change("PATCH", &desk.path(paths::SOURCE, "google"), "*", &changes).await.status,
        StatusCode::OK
    );
    google.remove_users();
    let run = desk.run("google", &json!({})).await;
    assert_eq!(run["state"], "planned", "{run}");
    assert!(run["failure"].as_str().unwrap().contains("none of the 3 people"), "{run}");
    assert!(desk.found("katherine@example.com").await.is_some());
}
