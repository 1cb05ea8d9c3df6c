//! Comparisons of every kind of draft, to internal and to external recipients.

use crate::people::{Desk, at_each_server};
use api::console::paths;
use axum::http::StatusCode;
use paraph::design::changes;
use paraph::design::comparisons::Run;
use paraph::design::matrix::matrix;
use serde_json::{Value, json};
use std::sync::Arc;
use tests::app::TestApp;

/// What a comparison counts in each cell, in the order new, reply, forward, appointment, each internal, then external.
fn counts(comparison: &Value) -> Vec<u64> {
    let kinds = ["new", "reply", "forward", "appointment"];
    let expected = kinds.iter().flat_map(|kind| ["internal", "external"].map(|side| (*kind, side)));
    let cells = comparison["cells"].as_array().unwrap();
    assert_eq!(cells.len(), 8, "{comparison}");
    let count = |(cell, (kind, side)): (&Value, (&str, &str))| {
        assert_eq!((&cell["kind"], &cell["recipients"]), (&json!(kind), &json!(side)));
        cell["people"].as_u64().unwrap()
    };
    cells.iter().zip(expected).map(count).collect()
}

fn everyone() -> Value {
    json!({ "id": "everyone", "name": "Everyone", "gives": { "signature": "long" } })
}

impl Desk<'_> {
    /// The affected people of a comparison, with more of a query.
    async fn affected(&self, id: &str, query: &str) -> Value {
        let path = self.comparison_path(paths::COMPARISON_PEOPLE, id, "");
        self.owner.get(&format!("{path}?affected=true{query}")).await.json()
    }

    /// What a change of the rules changes.
    async fn compare_rules(&self, rules: &[Value]) -> Value {
        let saved = self.save_rules(&json!(rules)).await;
        assert_eq!(saved.status, StatusCode::OK, "{}", saved.text());
        self.compare(&json!({ "changes": { "rules": true } })).await
    }
}

#[tokio::test]
async fn a_change_of_one_kind_or_side_alone_is_counted_where_it_is() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let only = |more: Value| {
        let mut rule = json!({ "id": "only", "name": "Only", "gives": { "signature": "short" } });
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        rule
    };
    let external = json!({ "of": [{ "is": "external" }] });
    for (what, rule, expected) in [
        ("replies", only(json!({ "kinds": ["reply"] })), [0, 0, 4, 4, 0, 0, 0, 0]),
        ("appointments", only(json!({ "kinds": ["appointment"] })), [0, 0, 0, 0, 0, 0, 4, 4]),
        (
            "forwards to outsiders, of one group",
            only(json!({ "kinds": ["forward"], "recipients": external,
                "senders": { "any_of": [{ "is": "group", "id": "group-engine" }] } })),
            [0, 0, 0, 0, 0, 1, 0, 0],
        ),
        ("outsiders", only(json!({ "recipients": external })), [0, 4, 0, 4, 0, 4, 0, 4]),
        (
            "only when everybody is internal",
            only(json!({ "recipients": { "matching": "all", "of": [{ "is": "internal" }] } })),
            [4, 0, 4, 0, 4, 0, 4, 0],
        ),
        (
            "never to outsiders",
            only(json!({ "recipients": { "except": [{ "is": "external" }] }, "kinds": ["new", "appointment"] })),
            [4, 0, 0, 0, 0, 0, 4, 0],
        ),
        ("switched off", only(json!({ "enabled": false })), [0; 8]),
        ("everything", only(json!({})), [4; 8]),
    ] {
        let comparison = desk.compare_rules(&[rule, everyone()]).await;
        assert_eq!(counts(&comparison), expected, "{what}");
        assert_eq!(comparison["affected"], *expected.iter().max().unwrap(), "{what}: everyone counts once");
        assert_eq!((&comparison["done"], &comparison["total"]), (&json!(4), &json!(4)), "{what}");
    }
}

#[tokio::test]
async fn people_groups_and_combinations_tell_their_cells() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let replies = json!({ "id": "replies", "name": "Replies", "gives": { "signature": "short" },
            "kinds": ["reply", "forward"], "senders": { "any_of": [{ "is": "group", "id": "group-engine" }] } });
        let comparison = desk.compare_rules(&[replies, everyone()]).await;
        let count = |kind, side| json!({ "kind": kind, "recipients": side, "people": 1 });
        let changed = [("reply", "internal"), ("reply", "external"), ("forward", "internal"), ("forward", "external")];
        let counted: Vec<_> = changed.iter().map(|(kind, side)| count(kind, side)).collect();
        assert_eq!(
            comparison["groups"],
            json!([{ "id": "group-engine", "name": "Engine room", "affected": 1, "cells": counted }])
        );
        let combinations = comparison["combinations"].as_array().unwrap();
        // Ada has both, each in some cells.
        assert_eq!((&combinations[0]["parts"]["signature"], &combinations[0]["after"]), (&json!("Long"), &json!(4)));
        assert_eq!(combinations[0]["cells"][2], json!({ "kind": "reply", "recipients": "internal", "people": 3 }));
        assert_eq!((&combinations[1]["before"], &combinations[1]["after"]), (&json!(0), &json!(1)));
        assert_eq!(combinations[1]["cells"], json!(counted));

        let id = comparison["id"].as_str().unwrap();
        let affected = desk.affected(id, "").await;
        assert_eq!((&affected["total"], &affected["people"][0]["id"]), (&json!(1), &json!("ada")));
        let cell = |(kind, side): &(&str, &str)| json!({ "kind": kind, "recipients": side });
        let same = [("new", "internal"), ("new", "external"), ("appointment", "internal"), ("appointment", "external")];
        let (long, short) = (json!({ "signature": "Long" }), json!({ "signature": "Short" }));
        assert_eq!(
            affected["people"][0]["outcomes"],
            json!([
                { "cells": same.iter().map(cell).collect::<Vec<_>>(), "before": long, "after": long, "affected": false },
                { "cells": changed.iter().map(cell).collect::<Vec<_>>(), "before": long, "after": short,
                    "affected": true }
            ])
        );
        assert_eq!((&affected["people"][0]["before"], &affected["people"][0]["after"]), (&long, &short));
        for (query, total) in [
            ("&kind=reply", 1),
            ("&kind=new", 0),
            ("&recipients=external", 1),
            ("&kind=forward&recipients=internal", 1),
            ("&gets=1", 1),
        ] {
            assert_eq!(desk.affected(id, query).await["total"], total, "{query}");
        }
        let person = desk.comparison_path(paths::COMPARISON_PERSON, id, "ada");
        for (query, cell, is_short) in [
            ("", json!({ "kind": "reply", "recipients": "internal" }), true),
            ("?kind=forward&recipients=external", json!({ "kind": "forward", "recipients": "external" }), true),
            ("?kind=appointment", json!({ "kind": "appointment", "recipients": "internal" }), false),
        ] {
            let both = desk.owner.get(&format!("{person}{query}")).await.json();
            assert_eq!(both["cell"], cell);
            assert!(both["before"]["signature"]["html"].as_str().unwrap().contains("Analyst"), "{query}");
            assert_eq!(!both["after"]["signature"]["html"].as_str().unwrap().contains("Analyst"), is_short, "{query}");
            assert_eq!(both["outcomes"].as_array().unwrap().len(), 2);
        }
    })
    .await;
}

#[tokio::test]
async fn a_template_that_looks_at_the_kind_changes_only_where_it_does() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let logo = r#"<img src="image:logo.png" alt="Example">"#;
    let long = format!("<p><b>{{{{ display_name }}}}</b><br>{{{{ title }}}}<br>{{{{ pronouns }}}}<br>{logo}</p>");
    let html = format!("{long}{{% if kind == \"reply\" %}}<p>As agreed</p>{{% endif %}}");
    assert_eq!(desk.save_template("long", &json!({ "html": html })).await.status, StatusCode::OK);
    let comparison = desk.compare(&json!({ "changes": { "templates": ["long"] } })).await;
    assert_eq!(counts(&comparison), [0, 0, 4, 4, 0, 0, 0, 0]);
    assert_eq!(comparison["affected"], 4);
}

#[tokio::test]
async fn one_draft_stays_choosable_and_has_no_cells() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let replies = json!({ "id": "replies", "name": "Replies", "gives": { "signature": "short" }, "kinds": ["reply"] });
    assert_eq!(desk.save_rules(&json!([replies, everyone()])).await.status, StatusCode::OK);
    for (kind, affected) in [("new", 0), ("reply", 4)] {
        let body = json!({ "occasion": { "kind": kind }, "changes": { "rules": true } });
        let comparison = desk.compare(&body).await;
        assert_eq!(comparison["affected"], affected, "{kind}");
        assert_eq!(comparison.get("cells"), None, "{kind}");
        let id = comparison["id"].as_str().unwrap();
        let people = desk.affected(id, "").await;
        assert_eq!(people["people"].as_array().unwrap().len(), affected, "{kind}");
        let filtered = format!("{}?kind=new", desk.comparison_path(paths::COMPARISON_PEOPLE, id, ""));
        assert_eq!(desk.owner.get(&filtered).await.field(), "kind");
        let both = desk.owner.get(&desk.comparison_path(paths::COMPARISON_PERSON, id, "ada")).await.json();
        assert_eq!(both.get("cell"), None);
    }
    let list = desk.path(paths::COMPARISONS, "");
    for (body, field) in [
        (json!({ "at_ms": 1 }), "at_ms"),
        (json!({ "at_ms": i64::MIN }), "at_ms"),
        (json!({ "occasion": { "kind": "new" }, "at_ms": app.clock.now_ms() }), "at_ms"),
        (json!({ "occasion": { "kind": "new", "at_ms": 1 } }), "occasion.at_ms"),
    ] {
        let answer = desk.owner.send("POST", &list, &body).await;
        assert_eq!((answer.status.as_u16(), answer.field().as_str()), (422, field), "{body}");
    }
}

#[tokio::test]
async fn the_matrix_is_evaluated_at_its_own_time() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let party = json!({ "id": "party", "name": "Party", "gives": { "signature": "short" }, "kinds": ["forward"],
        "schedule": { "from": "2027-01-01", "to": "2027-01-31", "time_zone": "Europe/Paris" } });
    assert_eq!(desk.save_rules(&json!([party, everyone()])).await.status, StatusCode::OK);
    let then_ms: i64 = 1_800_000_000_000; // 2027-01-15
    for (at_ms, expected) in [(then_ms, [0, 0, 0, 0, 4, 4, 0, 0]), (app.clock.now_ms(), [0; 8])] {
        let comparison = desk.compare(&json!({ "at_ms": at_ms, "changes": { "rules": true } })).await;
        assert_eq!(counts(&comparison), expected);
    }
}

#[tokio::test]
async fn equal_choices_are_rendered_once() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let before = app.app.tenants.get(&desk.tenant).await.unwrap().unwrap();
    let rendered = async |rules: &[Value], template: Option<&str>| {
        desk.save_rules(&json!(rules)).await;
        if let Some(html) = template {
            desk.save_template("long", &json!({ "html": html })).await;
        }
        let state = app.app.store.design_state(&desk.tenant).await.unwrap();
        let templates = template.map(|_| "long".to_owned()).into_iter().collect();
        let picked = paraph::store::Picked { rules: true, templates, ..Default::default() };
        let after = Arc::new(before.trying(changes::picked(&state, &picked)));
        let anybody = before.records().next().unwrap().person();
        let cases = matrix(&before, &after, &anybody);
        let run = Run::new(Arc::clone(&before), after, cases, app.clock.now_ms());
        run.work();
        run.rendered()
    };
    let replies = json!({ "id": "replies", "name": "Replies", "gives": { "signature": "short" }, "kinds": ["reply"] });
    let external = json!({ "id": "external", "name": "External", "gives": { "signature": "short" },
        "recipients": { "of": [{ "is": "external" }] } });
    // Of four people each: nothing; the old and the new one of replies, however many recipients there are.
    assert_eq!(rendered(&[everyone()], None).await, 0);
    assert_eq!(rendered(&[replies.clone(), everyone()], None).await, 4 * 2);
    assert_eq!(rendered(&[replies.clone(), external, everyone()], None).await, 4 * 2);
    // Long as published, Long as changed, Short in replies.
    let changed = "<p>{{ display_name }}, changed</p>";
    assert_eq!(rendered(&[replies, everyone()], Some(changed)).await, 4 * 3);
    // What looks at the kind is rendered for each of the four, and the published one once.
    assert_eq!(rendered(&[everyone()], Some("<p>{{ display_name }}, {{ kind }}</p>")).await, 4 * (1 + 4));
}
