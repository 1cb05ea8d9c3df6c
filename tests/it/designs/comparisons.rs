//! Who gets what, and who would get something else.

use crate::people::{Desk, at_each_server};
use api::console::paths;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::TestApp;

impl Desk<'_> {
    pub(super) fn comparison_path(&self, path: &str, id: &str, person: &str) -> String {
        self.path(path, person).replace("{comparison}", id)
    }

    /// A comparison once it is finished.
    pub(super) async fn compare(&self, body: &Value) -> Value {
        let answer = self.owner.send("POST", &self.path(paths::COMPARISONS, ""), body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        let path = self.comparison_path(paths::COMPARISON, answer.json()["id"].as_str().unwrap(), "");
        let finished = async {
            loop {
                let comparison = self.owner.get(&path).await.json();
                if comparison["finished"] == true {
                    return comparison;
                }
            }
        };
        tokio::time::timeout(std::time::Duration::from_mins(1), finished).await.expect("it does not finish")
    }
}

#[tokio::test]
async fn somebody_gets_this_and_that_is_why() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let path = desk.path(paths::SIMULATION, "");
    let ask = async |body: Value| desk.owner.send("POST", &path, &body).await;
    let answer = ask(json!({ "person": "ada", "occasion": { "kind": "new", "recipients": ["x@example.org"] } })).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let simulated = answer.json();
    assert_eq!(simulated["parts"], json!({ "signature": "Long" }));
    assert!(simulated["signature"]["html"].as_str().unwrap().contains("Ada Lovelace"));
    assert_eq!(simulated["signature"]["because"][0]["applied"], true);
    // An unpublished rule that stops on another date.
    let rule = json!({ "id": "party", "name": "Party", "gives": { "signature": "short" },
        "schedule": { "from": "2027-01-01", "to": "2027-01-31", "time_zone": "Europe/Paris" } });
    let everyone = desk.rules().await.0["rules"][0]["rule"].clone();
    assert_eq!(desk.save_rules(&json!([rule, everyone])).await.status, StatusCode::OK);
    let then_ms: i64 = 1_800_000_000_000; // 2027-01-15
    for (changes, at_ms, expected) in [
        (json!({ "rules": true }), then_ms, "Short"),
        (json!({ "rules": true }), app.clock.now_ms(), "Long"),
        (json!({}), then_ms, "Long"),
    ] {
        let body = json!({ "person": "ada", "occasion": { "kind": "new", "at_ms": at_ms }, "changes": changes });
        assert_eq!(ask(body.clone()).await.json()["parts"]["signature"], expected, "{body}");
    }
    let shared = json!({ "person": "ada", "from": "desk@example.com", "occasion": { "kind": "new" } });
    assert!(ask(shared).await.json()["signature"]["html"].as_str().unwrap().contains("Help desk"));
    for (body, status, field) in [
        (json!({ "person": "nobody", "occasion": { "kind": "new" } }), 422, "person"),
        (json!({ "person": "ada", "occasion": { "kind": "new", "recipients": ["x"] } }), 422, "occasion.recipients[0]"),
        (json!({ "person": "ada", "occasion": { "kind": "new", "at_ms": 1 } }), 422, "occasion.at_ms"),
        (json!({ "person": "ada", "from": "grace@example.com", "occasion": { "kind": "new" } }), 403, "from"),
    ] {
        let answer = ask(body.clone()).await;
        assert_eq!((answer.status.as_u16(), answer.field().as_str()), (status, field), "{body}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_comparison_tells_who_gets_something_else() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let rule = json!({ "id": "engine", "name": "Engine", "gives": { "signature": "short" },
            "senders": { "any_of": [{ "is": "group", "id": "group-engine" }] } });
        let everyone = desk.rules().await.0["rules"][0]["rule"].clone();
        desk.save_rules(&json!([rule, everyone])).await;
        let comparison = desk.compare(&json!({ "occasion": { "kind": "new" }, "changes": { "rules": true } })).await;
        assert_eq!(
            (&comparison["total"], &comparison["done"], &comparison["affected"]),
            (&json!(4), &json!(4), &json!(1))
        );
        assert_eq!(comparison["groups"], json!([{ "id": "group-engine", "name": "Engine room", "affected": 1 }]));
        assert_eq!(
            comparison["combinations"],
            json!([
                { "parts": { "signature": "Long" }, "before": 4, "after": 3 },
                { "parts": { "signature": "Short" }, "before": 0, "after": 1 }
            ])
        );
        let id = comparison["id"].as_str().unwrap();
        let people = desk.comparison_path(paths::COMPARISON_PEOPLE, id, "");
        let affected = desk.owner.get(&format!("{people}?affected=true")).await.json();
        assert_eq!((&affected["total"], &affected["people"][0]["id"]), (&json!(1), &json!("ada")));
        assert_eq!(affected["people"][0]["after"]["signature"], "Short");
        assert_eq!(
            desk.owner.get(&format!("{people}?limit=2&offset=1")).await.json()["people"].as_array().unwrap().len(),
            2
        );
        assert_eq!(desk.owner.get(&format!("{people}?search=grace")).await.json()["total"], 1);
        assert_eq!(desk.owner.get(&format!("{people}?group=group-engine")).await.json()["total"], 1);
        let short = desk.owner.get(&format!("{people}?gets=1")).await.json();
        assert_eq!((&short["total"], &short["people"][0]["id"]), (&json!(1), &json!("ada")));
        assert_eq!(desk.owner.get(&format!("{people}?gets=0")).await.json()["total"], 3);
        assert_eq!(desk.owner.get(&format!("{people}?gets=2")).await.field(), "gets");
        let both = desk.owner.get(&desk.comparison_path(paths::COMPARISON_PERSON, id, "ada")).await.json();
        assert!(both["before"]["signature"]["html"].as_str().unwrap().contains("Analyst"));
        assert!(!both["after"]["signature"]["html"].as_str().unwrap().contains("Analyst"));
        let path = desk.comparison_path(paths::COMPARISON, id, "");
        assert_eq!(desk.owner.delete(&path).await.status, StatusCode::NO_CONTENT);
        assert_eq!(desk.owner.get(&path).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn a_comparison_is_answered_for_by_any_node() {
    let (app, database) = TestApp::start_on_postgres().await;
    let other = TestApp::start_with(|config| config.database.url = database).await;
    let desk = Desk::new(&app).await;
    let there = other.sign_in("owner@example.com").await;
    let rule = json!({ "id": "everyone", "name": "Everyone", "gives": { "signature": "short" } });
    assert_eq!(desk.save_rules(&json!([rule])).await.status, StatusCode::OK);
    let body = json!({ "occasion": { "kind": "new" }, "changes": { "rules": true } });
    let comparison = desk.compare(&body).await;
    let id = comparison["id"].as_str().unwrap();
    let path = desk.comparison_path(paths::COMPARISON, id, "");
    // At once: the page waits for the comparison, which runs there again.
    let people = there.get(&desk.comparison_path(paths::COMPARISON_PEOPLE, id, "")).await.json();
    assert_eq!(people["total"], 4, "{people}");
    assert_eq!(there.get(&path).await.json(), comparison, "the other node finds the same");
    let both = there.get(&desk.comparison_path(paths::COMPARISON_PERSON, id, "ada")).await.json();
    assert!(both["before"]["signature"]["html"].as_str().unwrap().contains("Analyst"), "{both}");
    assert_eq!(there.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(desk.owner.get(&path).await.status, StatusCode::NOT_FOUND, "ended for every node");
    // Of 21 the oldest is forgotten.
    let first = desk.compare(&body).await["id"].as_str().unwrap().to_owned();
    for _ in 0..20 {
        app.clock.advance_ms(1);
        desk.compare(&body).await;
    }
    assert_eq!(there.get(&desk.comparison_path(paths::COMPARISON, &first, "")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_first_rule_about_recipients_groups_finds_them_before_it_is_published() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let rule = json!({ "id": "engine", "name": "To the engine room", "gives": { "signature": "short" },
        "recipients": { "of": [{ "is": "group", "id": "group-engine" }] } });
    let everyone = desk.rules().await.0["rules"][0]["rule"].clone();
    desk.save_rules(&json!([rule, everyone])).await;
    let occasion = json!({ "kind": "new", "recipients": ["ada@example.com"] });
    let comparison = desk.compare(&json!({ "occasion": occasion, "changes": { "rules": true } })).await;
    assert_eq!(comparison["affected"], 4);
}

#[tokio::test]
async fn a_changed_template_affects_those_who_get_it() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    // Who has no pronouns gets what they got.
    desk.save_template("long", &json!({ "html": "<p>{{ display_name }}</p>" })).await;
    let body = json!({ "occasion": { "kind": "new" }, "changes": { "templates": ["long"] } });
    assert_eq!(desk.compare(&body).await["affected"], 4);
    desk.save_template("short", &json!({ "html": "<p>other</p>" })).await;
    let body = json!({ "occasion": { "kind": "new" }, "changes": { "templates": ["short"] } });
    assert_eq!(desk.compare(&body).await["affected"], 0);
    let none = desk.compare(&json!({ "occasion": { "kind": "new" } })).await;
    assert_eq!((&none["affected"], &none["combinations"][0]["after"]), (&json!(0), &json!(4)));
}
