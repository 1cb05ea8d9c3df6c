//! The gate before publishing: changes rendered for everyone whom they concern.

use super::adas_signature;
use crate::people::{Desk, at_each_server};
use api::console::paths;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::{Answer, TestApp};

const MINUTE_MS: i64 = 60_000;

impl Desk<'_> {
    async fn ask_ready(&self, body: &Value) -> Answer {
        self.owner.send("POST", &self.path(paths::READY, ""), body).await
    }

    /// What is found in changes, once everybody has been looked at.
    async fn ready(&self, changes: &Value) -> Value {
        let body = json!({ "changes": changes });
        let finished = async {
            loop {
                let answer = self.ask_ready(&body).await;
                assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
                let readiness = answer.json();
                assert!(readiness["done"].as_u64() <= readiness["total"].as_u64(), "{readiness}");
                if readiness["finished"] == true {
                    return readiness;
                }
            }
        };
        tokio::time::timeout(std::time::Duration::from_mins(1), finished).await.expect("it does not finish")
    }

    /// What is found in the template that everyone gets once it is this HTML.
    async fn found_in(&self, html: &str) -> Value {
        assert_eq!(self.save_template("long", &json!({ "html": html })).await.status, StatusCode::OK);
        self.ready(&json!({ "templates": ["long"] })).await
    }

    async fn is_published(&self, id: &str) -> bool {
        self.template(id).await.0["state"]["changed"] == false
    }
}

/// Kind, level, and how many of how many people each finding concerns.
fn findings(readiness: &Value) -> Vec<(String, String, u64, u64)> {
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let number = |finding: &Value, key: &str| finding[key].as_u64().unwrap();
    let found = readiness["findings"].as_array().unwrap();
    found.iter().map(|one| (text(one, "kind"), text(one, "level"), number(one, "people"), number(one, "of"))).collect()
}

#[tokio::test]
async fn what_is_ready_is_published_without_a_question() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let readiness = desk.found_in("<p>{{ display_name }}, {{ email }}</p>").await;
    assert_eq!(
        (&readiness["findings"], &readiness["concerned"], &readiness["total"]),
        (&json!([]), &json!(4), &json!(4))
    );
    assert!(readiness["level"].is_null(), "{readiness}");
    assert_eq!(desk.publish(&json!({ "changes": { "templates": ["long"] } })).await.status, StatusCode::OK);
    assert!(desk.is_published("long").await);
}

#[tokio::test]
async fn what_shows_nothing_to_anybody_is_not_published() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let deep = format!("{}{{{{ display_name }}}}", "<div>".repeat(200));
        for html in
            ["<p>&nbsp;</p>", "<!-- {{ display_name }} --><style>p { color: red }</style>", "<p>{{ fax }}</p>", &deep]
        {
            let readiness = desk.found_in(html).await;
            let errors: Vec<_> = findings(&readiness).into_iter().filter(|one| one.1 == "error").collect();
            assert_eq!(errors, [("empty".into(), "error".into(), 4, 4)], "{html}: {readiness}");
            // Nothing accepts an error.
            for accepted in [Value::Null, readiness["fingerprint"].clone()] {
                for at_ms in [Value::Null, json!(app.clock.now_ms() + MINUTE_MS)] {
                    let body = json!({ "changes": { "templates": ["long"] }, "accepted": accepted, "at_ms": at_ms });
                    let answer = desk.publish(&body).await;
                    assert_eq!(
                        (answer.status.as_u16(), answer.field().as_str()),
                        (422, "changes"),
                        "{}",
                        answer.text()
                    );
                    assert!(answer.text().contains("shows nothing") && answer.text().contains("all 4 people"));
                }
            }
        }
        let why = desk.ready(&json!({ "templates": ["long"] })).await;
        assert!(why["findings"][0]["detail"].as_str().unwrap().contains("nested too deeply"), "{why}");
        let (template, _) = desk.template("long").await;
        assert_eq!((&template["template"]["html"], &template["state"]["version"]), (&json!(deep), &json!(1)));
        assert!(template["state"]["publish_ms"].is_null() && adas_signature(app).await.contains("Analyst"));
    })
    .await;
}

#[tokio::test]
async fn warnings_are_published_by_somebody_who_has_seen_them() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let grace = desk.change("grace", &json!({ "fields": { "fax": { "value": "[Your fax]" } } })).await;
    assert_eq!(grace.status, StatusCode::OK, "{}", grace.text());
    let readiness = desk.found_in("<p>{{ fax }}</p>").await;
    // Three of four people have no fax; Grace's is a placeholder.
    assert_eq!(
        findings(&readiness),
        [("empty".into(), "warning".into(), 3, 4), ("placeholder".into(), "warning".into(), 1, 4)]
    );
    let found = &readiness["findings"];
    assert_eq!(found[1]["some"], json!([{ "id": "grace", "name": "Grace Hopper" }]));
    assert_eq!((found[0]["template"].as_str(), found[0]["name"].as_str()), (Some("long"), Some("Long")));
    let ids: Vec<_> = found[0]["some"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["ada", "alan", "desk"]);
    assert!(found[1]["detail"].as_str().unwrap().contains("“[Your fax]”"));
    let changes = json!({ "templates": ["long"] });
    for accepted in [Value::Null, json!("something else")] {
        let answer = desk.publish(&json!({ "changes": changes, "accepted": accepted })).await;
        assert_eq!((answer.status.as_u16(), answer.field().as_str()), (409, "accepted"), "{}", answer.text());
        assert!(answer.text().contains("2 warnings") && answer.text().contains("for 3 of 4 people"));
        assert!(!desk.is_published("long").await);
    }
    // What was seen is not what there is now.
    let alan = desk.change("alan", &json!({ "fields": { "fax": { "value": "1" } } })).await;
    assert_eq!(alan.status, StatusCode::OK, "{}", alan.text());
    let body = json!({ "changes": changes, "accepted": readiness["fingerprint"] });
    assert_eq!(desk.publish(&body).await.status, StatusCode::CONFLICT);
    let seen = desk.ready(&changes).await;
    assert_eq!(findings(&seen)[0], ("empty".into(), "warning".into(), 2, 4));
    let body = json!({ "changes": changes, "accepted": seen["fingerprint"] });
    let answer = desk.publish(&body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert!(desk.is_published("long").await);
}

#[tokio::test]
async fn each_kind_of_trouble_is_found() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let ok = "{{ display_name }}";
    let long = format!(
        "<p>{ok}</p>{}",
        "<p style=\"color: #123456\">Twelve words that fill the page of a very long disclaimer.</p>".repeat(400)
    );
    for (html, kind, level, people) in [
        (format!("<p>{ok} $MGivenName$</p>"), "placeholder", "warning", 4),
        (format!("<p>{ok} {{Desk <b>Phone</b>}}</p>"), "placeholder", "warning", 4),
        (format!("<p>{ok} Lorem ipsum</p>"), "placeholder", "warning", 4),
        (format!("<p style=\"width: 900px\">{ok}</p>"), "wide", "warning", 4),
        (
            "<p><img src=\"https://example.com/a.png\" alt=\"Ada\" width=\"9\" height=\"9\"></p>".into(),
            "no_text",
            "warning",
            4,
        ),
        (format!("<p>{ok}<span style=\"padding-left: 9px\">Analyst</span></p>"), "glued", "warning", 4),
        (format!("<p>| {ok}</p>"), "separator", "advice", 4),
        (format!("<p>{ok} {{{{ no_such_field }}}}</p>"), "problem", "warning", 4),
        (format!("<p>{ok} <img src=\"image:nothing.png\" alt=\"\"></p>"), "problem", "warning", 4),
        (long, "too_long", "warning", 4),
        (format!("<p style=\"color: #123456 !important\">{ok}</p>"), "outlook", "advice", 0),
        (format!("<p>{ok}</p><!--[if mso]>x<![endif]-->"), "outlook", "advice", 0),
    ] {
        let readiness = desk.found_in(&html).await;
        let of = if people == 0 { 0 } else { 4 };
        let found = findings(&readiness);
        assert!(found.contains(&(kind.into(), level.into(), people, of)), "{kind}: {readiness}");
        assert!(found.iter().all(|one| one.0 == kind || one.1 == "advice"), "{kind}: {readiness}");
    }
    // Advice keeps nobody from publishing.
    assert_eq!(desk.publish(&json!({ "changes": { "templates": ["long"] } })).await.status, StatusCode::OK);
}

#[tokio::test]
async fn people_and_kinds_whom_a_change_does_not_concern_are_not_looked_at() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let rule = json!({ "id": "engine", "name": "Engine", "kinds": ["reply"], "gives": { "signature": "short" },
        "senders": { "any_of": [{ "is": "group", "id": "group-engine" }] } });
    let everyone = desk.rules().await.0["rules"][0]["rule"].clone();
    assert_eq!(desk.save_rules(&json!([rule, everyone])).await.status, StatusCode::OK);
    desk.save_template("short", &json!({ "html": "<p>{% if kind == 'new' %}x{% endif %}</p>" })).await;
    let both = json!({ "templates": ["short"], "rules": true });
    // Ada alone is in that group, and gets it in replies, where it shows nothing.
    let readiness = desk.ready(&both).await;
    assert_eq!(
        (findings(&readiness), &readiness["concerned"]),
        (vec![("empty".into(), "error".into(), 1, 1)], &json!(1))
    );
    assert_eq!(readiness["findings"][0]["some"][0]["id"], "ada");
    // What shows nothing in new mails alone, and is given for every kind, shows something.
    desk.save_template("short", &json!({ "html": "<p>{% if kind == 'reply' %}x{% endif %}</p>" })).await;
    assert_eq!(desk.ready(&both).await["findings"], json!([]));
    // The rules alone concern her too, with the template that is published.
    assert_eq!(desk.ready(&json!({ "rules": true })).await["concerned"], 1);
}

#[tokio::test]
async fn a_template_that_the_rules_give_to_nobody_is_looked_at_for_whom_it_is_meant() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let new = json!({ "name": "Fresh", "html": "<p>{{ fax }}</p>" });
    let id = desk.owner.send("POST", &desk.path(paths::TEMPLATES, ""), &new).await.json()["template"]["id"].clone();
    let id = id.as_str().unwrap();
    let changes = json!({ "templates": [id] });
    let readiness = desk.ready(&changes).await;
    assert_eq!(
        (findings(&readiness), &readiness["concerned"]),
        (vec![("empty".into(), "error".into(), 4, 4)], &json!(0))
    );
    let engine = json!([{ "is": "group", "id": "group-engine" }]);
    desk.save_template(id, &json!({ "offered_to": engine })).await;
    assert_eq!(findings(&desk.ready(&changes).await), [("empty".into(), "error".into(), 1, 1)]);
    // Nobody at all: a made-up person who has every value.
    desk.save_template(id, &json!({ "offered_to": [{ "is": "group", "id": "nobody" }] })).await;
    assert_eq!(desk.ready(&changes).await["findings"], json!([]));
    desk.save_template(id, &json!({ "html": "<p> </p>" })).await;
    assert_eq!(findings(&desk.ready(&changes).await), [("empty".into(), "error".into(), 0, 0)]);
    assert_eq!(desk.publish(&json!({ "changes": changes })).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn what_shows_nothing_by_its_time_is_not_published_then() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    assert_eq!(desk.change("ada", &json!({ "fields": { "fax": { "value": "1" } } })).await.status, StatusCode::OK);
    desk.save_template("long", &json!({ "html": "<p>{{ fax }}</p>" })).await;
    let changes = json!({ "templates": ["long"] });
    let at_ms = app.clock.now_ms() + MINUTE_MS;
    let asked = json!({ "changes": changes, "at_ms": at_ms });
    let mut readiness = desk.ask_ready(&asked).await.json();
    while readiness["finished"] == false {
        readiness = desk.ask_ready(&asked).await.json();
    }
    assert_eq!(findings(&readiness), [("empty".into(), "warning".into(), 3, 4)]);
    let body = json!({ "changes": changes, "at_ms": at_ms, "accepted": readiness["fingerprint"] });
    let answer = desk.publish(&body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    // By then Ada has none either.
    assert_eq!(desk.change("ada", &json!({ "fields": { "fax": null } })).await.status, StatusCode::OK);
    app.clock.advance_ms(2 * MINUTE_MS);
    app.run_due().await;
    let entry = app.app.store.list_audit(&desk.tenant, 1).await.unwrap().remove(0);
    assert_eq!(entry.action, "publishing_failed");
    let (template, _) = desk.template("long").await;
    assert_eq!((&template["template"]["html"], &template["state"]["version"]), (&json!("<p>{{ fax }}</p>"), &json!(1)));
    assert!(template["state"]["publish_ms"].is_null(), "{template}");
}

#[tokio::test]
async fn a_finding_is_corrected_with_one_request() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let html = "<p style=\"color: #123456 !important\">{{ display_name }}</p><!--[if mso]>x<![endif]-->";
    let readiness = desk.found_in(html).await;
    let mut fixes: Vec<_> =
        readiness["findings"].as_array().unwrap().iter().map(|one| one["fix"].as_str().unwrap()).collect();
    fixes.sort_unstable();
    assert_eq!(fixes, ["comment", "important"]);
    let path = desk.template_path(paths::TEMPLATE_FIX, "long");
    for fix in fixes {
        let answer = desk.owner.send("POST", &path, &json!({ "fix": fix })).await;
        assert_eq!(answer.status, StatusCode::OK, "{fix}: {}", answer.text());
        // Done twice.
        let again = desk.owner.send("POST", &path, &json!({ "fix": fix })).await;
        assert_eq!((again.status.as_u16(), again.field().as_str()), (422, "fix"), "{fix}");
    }
    let better = "<p style=\"color: #123456\">{{ display_name }}</p>";
    assert_eq!(desk.template("long").await.0["template"]["html"], better);
    assert_eq!(desk.ready(&json!({ "templates": ["long"] })).await["findings"], json!([]));
    let unknown = desk.owner.send("POST", &path, &json!({ "fix": "everything" })).await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    let nowhere = desk.template_path(paths::TEMPLATE_FIX, "nothing");
    assert_eq!(desk.owner.send("POST", &nowhere, &json!({ "fix": "comment" })).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn changes_that_are_not_there_are_not_checked() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    for (body, field) in [
        (json!({ "changes": {} }), "changes"),
        (json!({ "changes": { "templates": ["long"] } }), "changes"),
        (json!({ "changes": { "rules": true }, "at_ms": 1 }), "at_ms"),
    ] {
        let answer = desk.ask_ready(&body).await;
        assert_eq!((answer.status.as_u16(), answer.field().as_str()), (422, field), "{body}");
    }
}

#[tokio::test]
async fn every_ready_design_is_ready() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let gallery = desk.owner.get(&desk.path(paths::GALLERY, "")).await.json();
    for design in gallery["designs"].as_array().unwrap() {
        let new = json!({ "name": "Fresh", "design": design["id"] });
        let made = desk.owner.send("POST", &desk.path(paths::TEMPLATES, ""), &new).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        let id = made.json()["template"]["id"].clone();
        let readiness = desk.ready(&json!({ "templates": [id] })).await;
        assert_eq!(readiness["findings"], json!([]), "{}", design["id"]);
    }
}

#[tokio::test]
async fn rules_that_give_a_published_template_to_somebody_without_values_can_be_published() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    assert_eq!(desk.change("grace", &json!({ "fields": { "fax": { "value": "1" } } })).await.status, StatusCode::OK);
    desk.save_template("short", &json!({ "html": "<p>{{ fax }}</p>" })).await;
    let changes = json!({ "templates": ["short"] });
    let seen = desk.ready(&changes).await;
    assert_eq!(findings(&seen), [("empty".into(), "warning".into(), 3, 4)]);
    let body = json!({ "changes": changes, "accepted": seen["fingerprint"] });
    assert_eq!(desk.publish(&body).await.status, StatusCode::OK);
    let rule = json!({ "id": "engine", "name": "Engine", "gives": { "signature": "short" },
        "senders": { "any_of": [{ "is": "group", "id": "group-engine" }] } });
    let everyone = desk.rules().await.0["rules"][0]["rule"].clone();
    assert_eq!(desk.save_rules(&json!([rule, everyone])).await.status, StatusCode::OK);
    let found = desk.ready(&json!({ "rules": true })).await;
    assert_eq!(findings(&found), [("empty".into(), "warning".into(), 1, 1)]);
}
