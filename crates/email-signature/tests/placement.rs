//! A new rule is proposed a place where it takes nothing from what is narrower, and what it takes is told.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use email_signature::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// 2026-11-21 12:00 UTC.
const NOON_MS: i64 = 1_795_262_400_000;

/// Ada and Bob are in Sales, Ada also in the Laboratory; Cleo is in neither.
fn people() -> Vec<Person> {
    let person = |id: &str, groups: &[&str], department: &str| {
        serde_json::from_value(json!({ "id": id, "address": format!("{id}@example.com"), "groups": groups,
            "fields": { "department": department } }))
        .unwrap()
    };
    vec![person("ada", &["sales", "lab"], "Sales"), person("bob", &["sales"], "Sales"), person("cleo", &[], "Finance")]
}

fn rule(id: &str, more: &Value) -> Rule {
    let mut rule = json!({ "id": id, "name": id, "gives": { "signature": id } });
    rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(rule).unwrap()
}

fn group(id: &str) -> Value {
    json!({ "senders": { "any_of": [{ "is": "group", "id": id }] } })
}

fn person(id: &str) -> Value {
    json!({ "senders": { "any_of": [{ "is": "person", "address": format!("{id}@example.com") }] } })
}

fn both(one: &Value, other: &Value) -> Value {
    let mut all = one.clone();
    all.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
    all
}

/// The proposed place for a rule like the console makes it, what decides before it there, and what it takes away: each
/// with its people, and `!` where it is everything.
fn proposed(new: &Value, others: &[(&str, Value)]) -> (usize, String, String) {
    placed(new, others, None)
}

fn placed(new: &Value, others: &[(&str, Value)], at: Option<usize>) -> (usize, String, String) {
    let rules: Vec<Rule> = others.iter().map(|(id, more)| rule(id, more)).collect();
    let organisation = Organisation {
        domains: vec!["example.com".into()],
        groups: [("sales", "Sales"), ("lab", "Laboratory")].map(|(id, name)| (id.to_owned(), name.to_owned())).into(),
    };
    let known = Known {
        organisation: &organisation,
        templates: &BTreeMap::new(),
        fields: &BTreeSet::new(),
        has_address: &|_| true,
    };
    let people = people();
    let others = Others { rules: &rules, people: &people, known: &known, now_ms: NOON_MS };
    let new = rule("new", &both(&json!({ "flow": "continue", "enabled": false }), new));
    let at = at.unwrap_or_else(|| propose_place(&new, &others));
    let placement = place(&new, at, &others);
    let listed = |all: &[Beside]| {
        let one = |one: &Beside| format!("{} {}{}", one.rule, one.people, if one.entirely { "!" } else { "" });
        all.iter().map(one).collect::<Vec<_>>().join(", ")
    };
    (at, listed(&placement.first), listed(&placement.replaced))
}

fn expect(place: usize, first: &str, replaced: &str) -> (usize, String, String) {
    (place, first.to_owned(), replaced.to_owned())
}

#[test]
fn what_is_narrower_stays_first_and_what_is_wider_loses_its_share() {
    let everyone = json!({});
    let replies = json!({ "kinds": ["reply", "forward"] });
    let appointments = json!({ "kinds": ["appointment"] });
    let usual = [("replies", replies), ("appointments", appointments), ("everyone", everyone.clone())];
    // Replies and appointments of Sales stay as they are.
    assert_eq!(proposed(&group("sales"), &usual), expect(2, "replies 2, appointments 2", "everyone 2"));
    assert_eq!(proposed(&person("cleo"), &usual), expect(2, "replies 1, appointments 1", "everyone 1"));
    // Nothing is taken from a rule that is as wide.
    assert_eq!(proposed(&everyone, &usual), expect(2, "replies 3, appointments 3", "everyone 3!"));
    assert_eq!(placed(&everyone, &usual, Some(3)), expect(3, "replies 3, appointments 3, everyone 3!", ""));
    assert_eq!(placed(&everyone, &usual, Some(0)), expect(0, "", "replies 3!, appointments 3!, everyone 3!"));
    assert_eq!(proposed(&everyone, &[]), expect(0, "", ""));
}

#[test]
fn senders_are_compared_by_the_people_there_are() {
    let sales = group("sales");
    let (lab, everyone) = (group("lab"), json!({}));
    // Ada is one of Sales, which no condition says.
    assert_eq!(
        proposed(&person("ada"), &[("sales", sales.clone()), ("all", everyone.clone())]),
        expect(0, "", "sales 1")
    );
    // Whoever is in the laboratory is in Sales.
    assert_eq!(proposed(&lab, &[("sales", sales.clone()), ("all", everyone.clone())]), expect(0, "", "sales 1"));
    assert_eq!(proposed(&sales, &[("lab", lab.clone()), ("all", everyone.clone())]), expect(1, "lab 1", "all 1"));
    // Nobody of both: not named, whatever comes first.
    assert_eq!(
        proposed(&person("cleo"), &[("sales", sales.clone()), ("all", everyone.clone())]),
        expect(1, "", "all 1")
    );
    // The same people by a field: neither is wider.
    let field = json!({ "senders": { "any_of": [
        { "is": "field", "field": "department", "comparison": "equals", "value": "sales" }] } });
    assert_eq!(proposed(&field, &[("sales", sales), ("all", everyone.clone())]), expect(1, "sales 2!", ""));
    // An empty group: what can be proven remains.
    assert_eq!(proposed(&group("nobody"), &[("lab", lab), ("all", everyone)]), expect(1, "", ""));
}

#[test]
fn what_gives_another_part_or_nothing_is_looked_at_for_what_it_does() {
    let banner = json!({ "gives": { "campaign": "banner" }, "flow": "continue" });
    let small_print = json!({ "gives": { "disclaimer": "small-print" }, "flow": "continue" });
    let (off, everyone) = (json!({ "enabled": false }), json!({}));
    let over = json!({ "schedule": { "to": "2026-11-01" } });
    let others =
        [("banner", banner), ("print", small_print), ("off", off), ("over", over), ("everyone", everyone.clone())];
    assert_eq!(proposed(&group("sales"), &others), expect(4, "", "everyone 2"));
    // One that ends the search for some people and gives nothing is meant so.
    let silent = both(&group("lab"), &json!({ "gives": {} }));
    let others = [("silent", silent), ("everyone", everyone)];
    assert_eq!(proposed(&group("sales"), &others), expect(1, "silent 1", "everyone 1"));
    assert_eq!(placed(&group("sales"), &others, Some(0)), expect(0, "", "silent 1!, everyone 1"));
}

#[test]
fn recipients_keywords_and_kinds_make_a_rule_narrower() {
    let everyone = json!({});
    for narrow in [
        json!({ "recipients": { "of": [{ "is": "external" }] } }),
        json!({ "keywords": ["offer"] }),
        json!({ "kinds": ["new"] }),
        json!({ "schedule": { "weekdays": ["monday"] } }),
    ] {
        let others = [("narrow", narrow.clone()), ("all", everyone.clone())];
        assert_eq!(proposed(&group("sales"), &others), expect(1, "narrow 2", "all 2"), "{narrow}");
        // The other way round it is the narrow one that is new.
        assert_eq!(proposed(&narrow, &[("all", everyone.clone())]), expect(0, "", "all 3"), "{narrow}");
    }
    let (replies, new) = (json!({ "kinds": ["reply"] }), json!({ "kinds": ["new"] }));
    assert_eq!(proposed(&new, &[("replies", replies)]), expect(1, "", ""), "no mail is of both");
}

#[test]
fn a_place_without_effect_says_why() {
    let rules = vec![rule("everyone", &json!({}))];
    let organisation = Organisation::default();
    let known = Known {
        organisation: &organisation,
        templates: &BTreeMap::new(),
        fields: &BTreeSet::new(),
        has_address: &|_| true,
    };
    let people = people();
    let others = Others { rules: &rules, people: &people, known: &known, now_ms: NOON_MS };
    let new = rule("new", &json!({ "enabled": false }));
    assert_eq!(propose_place(&new, &others), 0, "behind its like it would be for nobody");
    assert!(place(&new, 1, &others).warning.contains("“everyone”"), "{:?}", place(&new, 1, &others));
    assert_eq!(place(&new, 0, &others).warning, "");
    // The laboratory's one person has a rule of her own, which no condition says.
    let rules = vec![rule("ada", &person("ada"))];
    let others = Others { rules: &rules, ..others };
    let lab = rule("new", &group("lab"));
    assert!(place(&lab, 1, &others).warning.starts_with("It has no effect"));
    assert_eq!((propose_place(&lab, &others), place(&lab, 0, &others).warning), (1, String::new()));
    let others = Others { rules: &[], ..others };
    assert_eq!(place(&new, 9, &others).at, 0, "no further than the end");
    assert_eq!(place(&new, 0, &others).people, 3);
}
