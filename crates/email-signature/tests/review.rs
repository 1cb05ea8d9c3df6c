//! What is said to be odd about rules is true, and what is odd is said.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use email_signature::*;
use proptest::prelude::*;
use proptest::sample::{select as one_of, subsequence};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// 2026-11-21 12:00 UTC, a Saturday.
const NOON_MS: i64 = 1_795_262_400_000;
const HOUR_MS: i64 = 3_600_000;

fn organisation() -> Organisation {
    let groups = [("sales", "Sales"), ("lab", "Laboratory")];
    Organisation {
        domains: vec!["example.com".into()],
        groups: groups.map(|(id, name)| (id.to_owned(), name.to_owned())).into(),
    }
}

fn with_known<T>(ask: impl FnOnce(&Known<'_>) -> T) -> T {
    let template = |id: &str, part| (id.to_owned(), (format!("The {id}"), part));
    let templates: BTreeMap<_, _> = [
        template("long", Part::Signature),
        template("short", Part::Signature),
        template("banner", Part::Campaign),
        template("other-banner", Part::Campaign),
        template("small-print", Part::Disclaimer),
    ]
    .into();
    let known = Known {
        organisation: &organisation(),
        templates: &templates,
        fields: &BTreeSet::from(["badge".to_owned()]),
        has_address: &|address| address.as_str() == "ada@example.com",
    };
    ask(&known)
}

/// Rules with the ids `0`, `1`, …; what is not said is as usual.
fn rules(rules: Value) -> Vec<Rule> {
    let with_id = |(at, mut rule): (usize, Value)| {
        rule["id"] = json!(at.to_string());
        rule["name"] = json!(format!("Rule {at}"));
        rule["gives"] = rule.get("gives").cloned().unwrap_or(json!({ "signature": "long" }));
        serde_json::from_value(rule).unwrap()
    };
    let Value::Array(rules) = rules else { panic!("no list") };
    rules.into_iter().enumerate().map(with_id).collect()
}

fn check(written: &Value, expected: &[(&str, OddityKind, &str)]) {
    let found = with_known(|known| review(&rules(written.clone()), known, NOON_MS));
    let told: Vec<_> = found.iter().map(|oddity| (oddity.rule.as_str(), oddity.kind)).collect();
    let wanted: Vec<_> = expected.iter().map(|(rule, kind, _)| (*rule, *kind)).collect();
    assert_eq!(told, wanted, "{written:#}: {found:#?}");
    for (oddity, (_, _, word)) in found.iter().zip(expected) {
        assert!(oddity.detail.contains(word), "{word:?} is not in {:?}", oddity.detail);
    }
}

#[test]
fn a_rule_that_can_never_apply_is_told_with_the_reason() {
    use OddityKind::Never;
    let external = json!([{ "is": "external" }]);
    let sales = json!({ "is": "group", "id": "sales" });
    let domain = |domain: &str| json!({ "is": "domain", "domain": domain });
    let field = |comparison: &str, value: &str| json!({ "is": "field", "field": "title", "comparison": comparison, "value": value });
    for (rule, word) in [
        (json!({ "schedule": { "to": "2026-11-20" } }), "ended on 2026-11-20"),
        (json!({ "schedule": { "from": "2026-12-02", "to": "2026-12-01" } }), "ends before it starts"),
        (json!({ "schedule": { "from": "soon" } }), "not a date"),
        (json!({ "schedule": { "time_zone": "Mars/Olympus" } }), "not a time zone"),
        (json!({ "schedule": { "from": "2026-11-23", "to": "2026-11-24", "weekdays": ["sunday"] } }), "no Sunday"),
        (json!({ "schedule": { "to": "2026-11-22", "weekdays": ["friday", "monday"] } }), "no Friday or Monday"),
        (json!({ "senders": { "any_of": [sales], "except": [sales] } }), "exceptions"),
        (json!({ "senders": { "any_of": [domain("Example.com")], "except": [domain("@example.com")] } }), "exceptions"),
        (
            json!({ "senders": { "any_of": [field("equals", "Sales lead")], "except": [field("contains", "SALES")] } }),
            "exceptions",
        ),
        (json!({ "senders": { "any_of": [field("contains", " ")] } }), "compared with an empty value"),
        (json!({ "senders": { "except": [field("is_empty", ""), field("is_not_empty", "")] } }), "exceptions"),
        (json!({ "recipients": { "matching": "all", "of": external, "except": external } }), "every recipient"),
        (
            json!({ "recipients": { "of": [domain("example.com")], "except": [{ "is": "internal" }] } }),
            "every recipient",
        ),
        (
            json!({ "recipients": { "of": [sales], "except": [{ "is": "internal" }, { "is": "external" }] } }),
            "every recipient",
        ),
        (json!({ "gives": {}, "flow": "continue" }), "no effect"),
        (
            json!({ "gives": {}, "variants": [{ "template": "banner", "weight": 0 }], "flow": "continue" }),
            "weights are 0",
        ),
        (
            json!({ "gives": { "signature": "long", "campaign": "banner" }, "weight": 0,
            "variants": [{ "template": "other-banner", "weight": 0 }] }),
            "weights are 0",
        ),
    ] {
        check(&json!([rule]), &[("0", Never, word)]);
    }
}

#[test]
fn nothing_is_said_of_rules_that_can_apply() {
    let sales = json!({ "is": "group", "id": "sales" });
    for rule in [
        json!({}),
        json!({ "enabled": false, "schedule": { "to": "2020-01-01" } }),
        json!({ "gives": {} }),
        json!({ "schedule": { "to": "2026-11-21" } }),
        json!({ "schedule": { "from": "2026-11-20", "to": "2026-11-22", "weekdays": ["sunday"] } }),
        json!({ "schedule": { "to": "2026-11-22", "weekdays": ["sunday"], "time_zone": "Pacific/Auckland" } }),
        json!({ "senders": { "any_of": [sales], "except": [{ "is": "person", "address": "ada@example.com" }] } }),
        json!({ "recipients": { "matching": "all", "of": [{ "is": "external" }], "except": [{ "is": "internal" }] } }),
        json!({ "recipients": { "except": [{ "is": "internal" }, { "is": "external" }] } }),
        json!({ "senders": { "any_of": [{ "is": "field", "field": "badge", "comparison": "is_empty" }] } }),
    ] {
        check(&json!([rule]), &[]);
    }
}

#[test]
fn a_rule_behind_one_that_decides_all_its_mail_is_told() {
    use OddityKind::{Conflict, Shadowed};
    let sales = json!({ "any_of": [{ "is": "group", "id": "sales" }] });
    check(&json!([{}, { "senders": sales }]), &[("1", Shadowed, "“Rule 0”")]);
    check(&json!([{ "senders": sales }, {}]), &[]);
    check(&json!([{ "enabled": false }, {}]), &[]);
    check(&json!([{ "schedule": { "to": "2026-11-20" } }, {}]), &[("0", OddityKind::Never, "ended")]);
    let subject = |word: &str| json!({ "keywords": [word] });
    check(&json!([subject("Webinar"), subject("our webinar")]), &[("1", Shadowed, "ends the search")]);
    check(&json!([subject("web"), subject("our webinar")]), &[]);
    let until = |day: &str| json!({ "schedule": { "from": "2026-01-01", "to": day } });
    check(&json!([until("2026-12-31"), until("2026-12-24")]), &[("1", Shadowed, "")]);
    check(&json!([until("2026-12-24"), until("2026-12-31")]), &[]);
    let to = |matching: &str, of: Value| json!({ "recipients": { "matching": matching, "of": [of] } });
    let domain = json!({ "is": "domain", "domain": "example.com" });
    check(&json!([to("any", json!({ "is": "internal" })), to("all", domain.clone())]), &[("1", Shadowed, "")]);
    check(&json!([to("all", json!({ "is": "internal" })), to("any", domain)]), &[]);
    let gives = |gives: Value| json!({ "gives": gives, "flow": "continue" });
    let (long, short) = (json!({ "signature": "long" }), json!({ "signature": "short" }));
    check(&json!([gives(long.clone()), gives(short)]), &[("1", Conflict, "the same mail")]);
    check(&json!([gives(long.clone()), gives(long.clone())]), &[("1", Shadowed, "no effect")]);
    let both = json!({ "signature": "short", "disclaimer": "small-print" });
    check(
        &json!([gives(long.clone()), { "senders": sales, "gives": both }]),
        &[("1", Conflict, "Its signature is never used")],
    );
    check(&json!([gives(long), gives(json!({ "disclaimer": "small-print" }))]), &[]);
}

#[test]
fn what_a_rule_names_and_is_not_there_is_told() {
    use OddityKind::Missing;
    for (rule, word) in [
        (json!({ "gives": { "signature": "gone" } }), "“gone”"),
        (json!({ "gives": { "signature": "banner" } }), "“The banner” as signature"),
        (json!({ "variants": [{ "template": "gone", "weight": 1 }] }), "“gone” as campaign"),
        (json!({ "senders": { "except": [{ "is": "group", "id": "gone" }] } }), "(gone)"),
        (json!({ "recipients": { "of": [{ "is": "group", "id": "gone" }] } }), "(gone)"),
        (json!({ "senders": { "any_of": [{ "is": "person", "address": "x@example.com" }] } }), "x@example.com"),
        (json!({ "senders": { "any_of": [{ "is": "field", "field": "gone", "comparison": "is_empty" }] } }), "“gone”"),
        (json!({ "enabled": false, "gives": { "signature": "gone" } }), "“gone”"),
    ] {
        check(&json!([rule]), &[("0", Missing, word)]);
    }
}

#[test]
fn a_rule_is_told_in_words() {
    let rules = rules(json!([
        {},
        { "senders": { "any_of": [{ "is": "group", "id": "sales" }, { "is": "domain", "domain": "example.com" }],
                       "except": [{ "is": "person", "address": "ada@example.com" }] },
          "recipients": { "matching": "all", "of": [{ "is": "external" }], "except": [{ "is": "group", "id": "gone" }] },
          "kinds": ["new", "reply"], "keywords": ["offer", "price list"],
          "schedule": { "from": "2026-12-01T08:00", "to": "2026-12-24", "weekdays": ["monday", "friday"], "time_zone": "Europe/Paris" },
          "gives": { "signature": "gone", "campaign": "banner" }, "weight": 2,
          "variants": [{ "template": "other-banner", "weight": 1 }], "flow": "continue" }
    ]));
    let words: Vec<Words> = with_known(|known| rules.iter().map(|rule| describe(rule, known)).collect());
    assert_eq!(words[0].conditions, ["For every mail."]);
    assert_eq!(words[0].gives, ["Adds the signature “The long”.", "Later rules are ignored."]);
    assert_eq!(
        words[1].conditions,
        [
            "For mail from people in “Sales” or addresses at example.com.",
            "Not for mail from ada@example.com.",
            "For mail that goes only to external recipients.",
            "Not for mail to members of a group that no longer exists (gone).",
            "For new mails and replies.",
            "For subjects with “offer” or “price list”.",
            "From 2026-12-01 08:00 to 2026-12-24, on Monday and Friday (Europe/Paris).",
        ]
    );
    assert_eq!(
        words[1].gives,
        [
            "Adds the signature “gone”, which does not exist.",
            "Adds the campaign “The banner” to 66.6 % or “The other-banner” to 33.3 % of the people, each person always the same one.",
            "Later rules can fill the remaining parts.",
        ]
    );
}

#[test]
fn a_thousand_rules_are_reviewed_in_well_under_a_second() {
    let rule = |at: usize| {
        let senders: Vec<Value> =
            (0..10).map(|group| json!({ "is": "group", "id": format!("group-{}", at * 7 + group) })).collect();
        json!({ "senders": { "any_of": senders }, "recipients": { "of": [{ "is": "external" }] }, "keywords": [format!("word{at}")],
                "schedule": { "from": "2026-11-01", "to": "2026-11-30", "weekdays": ["sunday"] } })
    };
    let rules = rules((0..1000).map(rule).collect());
    let start = Instant::now();
    with_known(|known| review(&rules, known, NOON_MS));
    let took = start.elapsed();
    assert!(took.as_millis() < 900, "{took:?}");
}

fn sender() -> impl Strategy<Value = Value> {
    let text = one_of(vec!["", "a", "ab", "b", "abc"]);
    let comparison =
        one_of(vec!["equals", "not_equals", "contains", "starts_with", "ends_with", "is_empty", "is_not_empty"]);
    prop_oneof![
        one_of(vec!["ada@example.com", "alias@example.com"]).prop_map(|address| json!({ "is": "person", "address": address })),
        one_of(vec!["sales", "lab"]).prop_map(|id| json!({ "is": "group", "id": id })),
        one_of(vec!["example.com", "@Example.org", "*.example.org", "lab.example.org", "*.org"])
            .prop_map(|domain| json!({ "is": "domain", "domain": domain })),
        (one_of(vec!["title", "badge"]), comparison, text)
            .prop_map(|(field, comparison, value)| json!({ "is": "field", "field": field, "comparison": comparison, "value": value })),
    ]
}

fn recipient() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({ "is": "internal" })),
        Just(json!({ "is": "external" })),
        one_of(vec!["x@example.com", "y@example.net"])
            .prop_map(|address| json!({ "is": "address", "address": address })),
        one_of(vec!["sales", "lab"]).prop_map(|id| json!({ "is": "group", "id": id })),
        one_of(vec!["example.com", "example.net", "*.example.net", "*.example.com", "post.example.net"])
            .prop_map(|domain| json!({ "is": "domain", "domain": domain })),
    ]
}

/// Usually none, else one or two.
fn few(of: impl Strategy<Value = Value> + 'static) -> impl Strategy<Value = Vec<Value>> {
    prop_oneof![6 => Just(Vec::new()), 2 => prop::collection::vec(of, 1..3)]
}

fn schedule() -> impl Strategy<Value = Value> {
    let bound =
        || one_of(vec![None, Some("2026-11-20"), Some("2026-11-21T13:00"), Some("2026-11-22"), Some("2026-11-24")]);
    let days = subsequence(vec!["saturday", "sunday", "monday"], 0..3);
    let hour = || one_of(vec![None, Some("08:00"), Some("13:00"), Some("22:00")]);
    let zone = (one_of(vec!["UTC", "Europe/Paris"]), prop::bool::weighted(0.3));
    (bound(), bound(), days, hour(), hour(), zone).prop_map(|(from, to, weekdays, day_from, day_to, (time_zone, own))| {
        json!({
            "from": from, "to": to, "weekdays": weekdays, "day_from": day_from, "day_to": day_to, "time_zone": time_zone,
            "own_time_zone": own,
        })
    })
}

fn any_rule() -> impl Strategy<Value = Value> {
    let senders = (few(sender()), few(sender()));
    let recipients = (one_of(vec!["any", "all"]), few(recipient()), few(recipient()));
    let kinds = subsequence(vec!["new", "reply"], 0..=2);
    let found = one_of(vec!["whole", "prefix", "part"]);
    let keywords = (subsequence(vec!["big offer", "offer", "off"], 0..=2), found);
    let schedule = prop::option::weighted(0.15, schedule());
    let gives = (prop::bool::weighted(0.8), 0..4_u8, any::<bool>(), any::<bool>());
    (senders, recipients, kinds, keywords, schedule, gives).prop_map(
        |((any_of, except), (matching, of, to_except), kinds, (keywords, found), schedule, (signature, campaign, disclaimer, go_on))| {
            json!({
                "senders": { "any_of": any_of, "except": except },
                "recipients": { "matching": matching, "of": of, "except": to_except },
                "kinds": kinds, "keywords": keywords, "keyword_match": found, "schedule": schedule,
                "gives": {
                    "signature": signature.then_some("long"),
                    "campaign": (campaign == 1).then_some("banner"),
                    "disclaimer": disclaimer.then_some("small-print"),
                },
                "variants": if campaign == 2 { json!([{ "template": "other-banner", "weight": 1 }]) } else { json!([]) },
                "flow": if go_on { "continue" } else { "stop" },
            })
        },
    )
}

fn any_draft() -> impl Strategy<Value = (Person, Draft, i64)> {
    let text = || one_of(vec!["", "a", "ab", "b", "xabc", "abc", "c"]);
    let person = (subsequence(vec!["sales", "lab"], 0..=2), any::<bool>(), text(), text());
    let to = (
        one_of(vec!["x@example.com", "y@example.net", "z@post.example.net", "z@example.net"]),
        subsequence(vec!["sales", "lab"], 0..=2),
        any::<bool>(),
    );
    let recipients = prop::collection::vec(to, 0..3);
    let subject = one_of(vec!["", "a big offer", "offer", "off we go", "coffers", "offers", "a big offering"]);
    let from = one_of(vec!["ada@example.com", "ada@example.org", "ada@lab.example.org"]);
    let zone = one_of(vec![None, Some("Pacific/Auckland"), Some("America/New_York")]);
    let kind = one_of(vec![Kind::New, Kind::Reply, Kind::Forward]);
    (person, recipients, subject, (from, zone), kind, 0..100_i64).prop_map(
        |((groups, alias, title, badge), recipients, subject, (from, zone), kind, hours)| {
            let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect::<Vec<_>>();
            let person = Person {
                id: "ada".into(),
                address: Address::parse("ada@example.com").unwrap(),
                aliases: alias.then(|| Address::parse("alias@example.com").unwrap()).into_iter().collect(),
                groups: owned(groups),
                fields: [("title", title), ("badge", badge)]
                    .map(|(token, value)| (token.to_owned(), value.to_owned()))
                    .into(),
            };
            let recipient = |(address, groups, user): (&str, Vec<&str>, bool)| Recipient {
                address: Address::parse(address).unwrap(),
                kind: if user { RecipientType::User } else { RecipientType::Other },
                groups: owned(groups),
                list: None,
                aliases: Vec::new(),
            };
            let draft = Draft {
                kind,
                from: Address::parse(from).unwrap(),
                recipients: recipients.into_iter().map(recipient).collect(),
                format: BodyFormat::Html,
                subject: subject.to_owned(),
                time_zone: zone.map(str::to_owned),
            };
            (person, draft, NOON_MS + hours * HOUR_MS)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    /// Taking a rule away that is said to do nothing changes nothing, for nobody, ever.
    #[test]
    fn what_is_said_never_to_decide_never_decides(
        written in prop::collection::vec(any_rule(), 2..6),
        drafts in prop::collection::vec(any_draft(), 30),
    ) {
        let written = rules(Value::Array(written));
        let organisation = organisation();
        let odd = with_known(|known| review(&written, known, NOON_MS));
        let (all, _) = Rules::compile(written.clone());
        for oddity in odd.iter().filter(|oddity| matches!(oddity.kind, OddityKind::Never | OddityKind::Shadowed)) {
            let rest = written.iter().filter(|rule| rule.id != oddity.rule).cloned().collect();
            let (rest, _) = Rules::compile(rest);
            for (person, draft, now_ms) in &drafts {
                let with = select(person, draft, &all, &organisation, *now_ms);
                let without = select(person, draft, &rest, &organisation, *now_ms);
                prop_assert_eq!(
                    (&with.choice, &with.campaign), (&without.choice, &without.campaign),
                    "{:?}: {:?} {:?}", oddity, explain(person, draft, &all, &organisation, *now_ms).1, draft
                );
            }
        }
    }
}

#[test]
fn compiled_rules_are_those_that_were_given_in_their_order() {
    let written = rules(json!([{ "keywords": ["offer", " "] }, { "enabled": false }, {}]));
    let (compiled, problems) = Rules::compile(written.clone());
    assert!(problems.is_empty(), "{problems:?}");
    let mut expected = written;
    expected[0].keywords.pop();
    assert_eq!(compiled.iter().cloned().collect::<Vec<_>>(), expected, "without the blank keyword");
    assert_eq!((compiled.len(), compiled.is_empty()), (3, false));
    assert!(Rules::default().is_empty());
}
