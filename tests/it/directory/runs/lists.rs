//! Members of distribution lists who are no people of the directory.

use super::entra::{self, EVERYBODY};
use super::google;
use crate::people::Desk;
use api::console::paths;
use axum::http::StatusCode;
use neighbours::google::{ADMIN, FakeGoogle};
use paraph::clock::Clock;
use serde_json::json;
use tests::app::{NOON_MS, TestApp};
use tests::neighbourhood;

/// A contact's id at Entra ID.
const CONTACT: &str = "dddddddd-0000-4000-8000-000000000001";
const INNER: &str = "cccccccc-0000-4000-8000-000000000003";

/// Why a rule for external recipients applies, or does not, to Ada's mail to this list.
async fn outside(desk: &Desk<'_>, list: &str) -> (bool, String) {
    let rules = desk.path(paths::RULES, "");
    let shown = desk.owner.get(&rules).await;
    let rule = json!({ "id": "outside", "name": "Outside", "gives": { "signature": "short" },
        "recipients": { "of": [{ "is": "external" }] } });
    let everyone = shown.json()["rules"].as_array().unwrap().last().unwrap()["rule"].clone();
    let body = json!({ "rules": [rule, everyone] });
    let saved = desk.owner.change("PUT", &rules, shown.header("etag"), &body).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text());
    let body = json!({ "person": "ada", "changes": { "rules": true },
        "occasion": { "kind": "new", "recipients": [list] } });
    let answer = desk.owner.send("POST", &desk.path(paths::SIMULATION, ""), &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let because = answer.json()["signature"]["because"][0].clone();
    (because["applied"] == true, because["reason"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_contact_in_a_list_of_entra_id_is_outside() {
    entra::at_each(async |app, graph| {
        let desk = Desk::new(app).await;
        desk.connect(app).await;
        desk.run_through("entra").await;
        assert!(!outside(&desk, "all@example.com").await.0, "colleagues alone");
        graph.set_member(EVERYBODY, "orgContact", CONTACT, true);
        desk.run_through("entra").await;
        let (is_outside, reason) = outside(&desk, "all@example.com").await;
        assert!(is_outside, "{reason}");
        assert!(reason.contains("an outside contact (a member of all@example.com)"), "{reason}");
        graph.set_member(EVERYBODY, "orgContact", CONTACT, false);
        desk.run_through("entra").await;
        assert!(!outside(&desk, "all@example.com").await.0, "it has left");

        // A group in the list brings its contacts, as long as it is in it.
        graph.set_group(INNER, "Suppliers");
        graph.set_member(INNER, "orgContact", CONTACT, true);
        graph.set_member(EVERYBODY, "group", INNER, true);
        desk.run_through("entra").await;
        assert!(outside(&desk, "all@example.com").await.0);
        graph.set_member(EVERYBODY, "group", INNER, false);
        desk.run_through("entra").await;
        assert!(!outside(&desk, "all@example.com").await.0);
    })
    .await;
}

#[tokio::test]
async fn an_external_member_of_a_list_of_google_is_outside() {
    let fake = neighbourhood::google(&Clock::mock(NOON_MS)).await;
    google::workspace(&fake);
    fake.add_group("mixed", "Mixed", &[("USER", "1"), ("EXTERNAL", "Guest@partner.example")]);
    fake.add_group("own", "Own", &[("USER", "1"), ("USER", "former@example.com")]);
    let app = TestApp::start_with(|config| neighbourhood::ask_google(config, &fake)).await;
    let desk = Desk::new(&app).await;
    let key = json!({ "key": FakeGoogle::key_file(), "admin": ADMIN });
    let connected = desk.owner.send("PUT", &desk.path(paths::GOOGLE_KEY, ""), &key).await;
    assert_eq!(connected.status, StatusCode::OK, "{}", connected.text());
    desk.run_through("google").await;
    let (is_outside, reason) = outside(&desk, "mixed@example.com").await;
    assert!(is_outside, "{reason}");
    assert!(reason.contains("guest@partner.example (a member of mixed@example.com)"), "{reason}");
    let (is_outside, reason) = outside(&desk, "own@example.com").await;
    assert!(!is_outside, "an account of the company that is not included: {reason}");
    fake.set_members("mixed", &[("USER", "1")]);
    desk.run_through("google").await;
    assert!(!outside(&desk, "mixed@example.com").await.0, "it has left");
}
