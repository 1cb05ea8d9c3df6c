//! Rules: their words, what is odd, how they differ.

use super::adas_signature;
use crate::people::{Desk, at_each_server};
use api::console::{MAX_RULES, paths};
use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::TestApp;

fn rule(id: &str, template: &str) -> Value {
    json!({ "id": id, "name": format!("Rule {id}"), "gives": { "signature": template } })
}

#[tokio::test]
async fn rules_come_with_their_words_what_is_odd_and_how_they_differ() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let mut only = rule("engine", "short");
        only["senders"] = json!({ "any_of": [{ "is": "group", "id": "group-engine" }] });
        let everyone = desk.rules().await.0["rules"][0]["rule"].clone();
        let answer = desk.save_rules(&json!([everyone, only])).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let list = answer.json();
        assert_eq!(list["changed"], true);
        assert_eq!((&list["rules"][0]["change"], &list["rules"][1]["change"]), (&Value::Null, &json!("added")));
        assert!(list["rules"][1]["words"].to_string().contains("Engine room"), "{list}");
        assert_eq!((&list["advice"][0]["rule"], &list["advice"][0]["kind"]), (&json!("engine"), &json!("shadowed")));
        assert_eq!(list["advice"][0]["other"], "everyone");
        let moved = desk.save_rules(&json!([only, everyone])).await.json();
        assert_eq!(moved["advice"], json!([]));
        assert!(adas_signature(app).await.contains("Analyst"), "not published yet");
        let changes = desk.changes().await.0;
        assert_eq!(changes["rules"]["added"], json!(["Rule engine"]));
        assert_eq!(desk.publish(&json!({ "changes": { "rules": true } })).await.status, StatusCode::OK);
        assert!(!adas_signature(app).await.contains("Analyst"));
        let versions = desk.owner.get(&desk.path(paths::RULES_VERSIONS, "")).await.json();
        let newest = versions["versions"][0]["version"].as_i64().unwrap();
        let before = desk.path(paths::RULES_VERSION, "").replace("{version}", &(newest - 1).to_string());
        assert_eq!(desk.owner.get(&before).await.json()["rules"].as_array().unwrap().len(), 1);
        let (list, _) = desk.rules().await;
        assert_eq!((list["changed"].clone(), list["version"].clone()), (json!(false), json!(newest)));
    })
    .await;
}

#[tokio::test]
async fn moving_one_rule_marks_that_one_alone() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let rules: Vec<_> = ["a", "b", "c", "d"].map(|id| rule(id, "short")).to_vec();
    desk.save_rules(&json!(rules)).await;
    assert_eq!(desk.publish(&json!({ "changes": { "rules": true } })).await.status, StatusCode::OK);
    let [a, b, c, d] = [&rules[0], &rules[1], &rules[2], &rules[3]];
    let list = desk.save_rules(&json!([d, a, b, c])).await.json();
    let changed: Vec<_> = list["rules"].as_array().unwrap().iter().filter(|rule| rule["change"] == "changed").collect();
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0]["rule"]["id"], "d");
    assert_eq!(desk.changes().await.0["rules"]["moved"], true);
    let back = desk.owner.delete(&desk.path(paths::UNPUBLISHED_RULES, "")).await.json();
    assert_eq!((&back["changed"], &back["rules"][0]["rule"]["id"]), (&json!(false), &json!("a")));
}

#[tokio::test]
async fn domains_are_kept_in_one_form() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let written = ["@Example.com", " *.XN--mnchen-3ya.example ", "*@*.example.org.", ".example.net"];
    let of: Vec<Value> = written.iter().map(|domain| json!({ "is": "domain", "domain": domain })).collect();
    let mut rule = rule("a", "short");
    rule["recipients"] = json!({ "of": of });
    assert_eq!(desk.save_rules(&json!([rule])).await.status, StatusCode::OK);
    let kept = desk.rules().await.0["rules"][0].clone();
    let domains: Vec<&Value> =
        kept["rule"]["recipients"]["of"].as_array().unwrap().iter().map(|condition| &condition["domain"]).collect();
    assert_eq!(domains, ["example.com", "*.münchen.example", "*.example.org", "*.example.net"]);
    let words = kept["words"].to_string();
    assert!(words.contains("recipients at example.com, recipients at münchen.example and its subdomains"), "{words}");
}

#[tokio::test]
async fn what_is_wrong_with_a_rule_is_named() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let with = |change: &dyn Fn(&mut Value)| {
        let mut rule = rule("x", "short");
        change(&mut rule);
        json!([rule])
    };
    let many: Vec<_> = (0..=MAX_RULES).map(|number| rule(&format!("r{number}"), "short")).collect();
    for (rules, field) in [
        (json!(many), "rules"),
        (json!([rule("x", "short"), rule("x", "short")]), "rules[1].id"),
        (with(&|rule| rule["id"] = json!("a b")), "rules[0].id"),
        (with(&|rule| rule["name"] = json!("")), "rules[0].name"),
        (with(&|rule| rule["folder"] = json!("x".repeat(101))), "rules[0].folder"),
        (with(&|rule| rule["gives"] = json!({ "signature": "nothing" })), "rules[0].gives.signature"),
        (with(&|rule| rule["gives"] = json!({ "disclaimer": "short" })), "rules[0].gives.disclaimer"),
        (with(&|rule| rule["schedule"] = json!({ "time_zone": "Mars/Base" })), "rules[0].schedule"),
        (with(&|rule| rule["schedule"] = json!({ "from": "2026-13-01" })), "rules[0].schedule"),
        (with(&|rule| rule["keywords"] = json!(vec!["x"; 201])), "rules[0].keywords"),
        (with(&|rule| rule["keywords"] = json!(["x".repeat(301)])), "rules[0].keywords"),
        (with(&|rule| rule["schedule"] = json!({ "day_from": "8am" })), "rules[0].schedule"),
        (with(&|rule| rule["schedule"] = json!({ "day_from": "08:00", "day_to": "08:00" })), "rules[0].schedule"),
        (with(&|rule| rule["schedule"] = json!({ "day_to": "24:00" })), "rules[0].schedule"),
        (
            with(&|rule| rule["senders"] = json!({ "except": [{ "is": "domain", "domain": "https://example.com" }] })),
            "rules[0].senders",
        ),
        (
            with(&|rule| rule["recipients"] = json!({ "of": [{ "is": "domain", "domain": "*example.com" }] })),
            "rules[0].recipients",
        ),
        (with(&|rule| rule["weight"] = json!(1001)), "rules[0].variants"),
        (
            with(&|rule| rule["senders"] = json!({ "any_of": [{ "is": "person", "address": "x" }] })),
            "rules[0].senders.any_of[0]",
        ),
    ] {
        let answer = desk.save_rules(&rules).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}: {}", answer.text());
        assert!(answer.field().starts_with(field), "{field}: {}", answer.text());
    }
    assert_eq!(desk.rules().await.0["changed"], false);
}
