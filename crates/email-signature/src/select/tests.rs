use super::*;
use crate::{Address, BodyFormat, Kind, Recipient, RecipientType};
use serde_json::{Value, json};

fn ada() -> Person {
    serde_json::from_value(json!({
        "id": "ada", "address": "ada@xn--mnchen-3ya.example",
        "fields": { "country": "Österreich", "city": "Giessen" },
    }))
    .unwrap_or_else(|error| panic!("{error}"))
}

fn draft(to: &str, subject: &str) -> Draft {
    let address = |text| Address::parse(text).unwrap_or_else(|error| panic!("{error}"));
    Draft {
        kind: Kind::New,
        from: address("Ada@MÜNCHEN.example"),
        recipients: vec![Recipient {
            address: address(to),
            kind: RecipientType::Other,
            groups: Vec::new(),
            list: None,
            aliases: Vec::new(),
        }],
        format: BodyFormat::Html,
        subject: subject.into(),
        time_zone: None,
    }
}

/// Whether a rule with these conditions applies, for a company with these domains.
fn applies(conditions: &Value, domains: &[&str], draft: &Draft) -> bool {
    let mut rule = json!({ "id": "a", "name": "A", "gives": { "signature": "t" } });
    for (name, value) in conditions.as_object().into_iter().flatten() {
        rule[name] = value.clone();
    }
    let rule = serde_json::from_value(rule).unwrap_or_else(|error| panic!("{error}"));
    let domains = domains.iter().map(|&domain| domain.to_owned()).collect();
    let organisation = Organisation { domains, groups: BTreeMap::new() };
    select(&ada(), draft, &Rules::compile(vec![rule]).0, &organisation, 0).choice.signature.is_some()
}

#[test]
fn a_domain_is_one_however_it_is_written() {
    let external = || json!({ "recipients": { "of": [{ "is": "external" }] } });
    for (own, to, is_external) in [
        ("münchen.example", "grace@xn--mnchen-3ya.example", false),
        ("xn--mnchen-3ya.example", "grace@München.Example", false),
        ("münchen.example", "grace@munchen.example", true),
        ("example.com", "grace@mail.example.com", true),
        ("*.example.com", "grace@mail.example.com", false),
        ("*.example.com", "grace@example.com", false),
        ("*.example.com", "grace@badexample.com", true),
    ] {
        assert_eq!(applies(&external(), &[own], &draft(to, "")), is_external, "{to} of {own}");
    }
    let to = |domain: &str| json!({ "recipients": { "of": [{ "is": "domain", "domain": domain }] } });
    for (domain, address, holds) in [
        ("*.bücher.example", "a@shop.xn--bcher-kva.example", true),
        ("xn--bcher-kva.example", "a@BÜCHER.example", true),
        ("bücher.example", "a@shop.bücher.example", false),
    ] {
        assert_eq!(applies(&to(domain), &[], &draft(address, "")), holds, "{address} in {domain}");
    }
    let from = json!({ "senders": { "any_of": [{ "is": "domain", "domain": "xn--mnchen-3ya.example" }] } });
    assert!(applies(&from, &[], &draft("x@example.com", "")));
    let person = json!({ "senders": { "any_of": [{ "is": "person", "address": "ada@münchen.example" }] } });
    assert!(applies(&person, &[], &draft("x@example.com", "")));
}

#[test]
fn texts_are_one_however_they_are_composed() {
    let field = |field: &str, comparison: &str, value: &str| json!({ "senders": { "any_of": [{ "is": "field", "field": field, "comparison": comparison, "value": value }] } });
    for (token, comparison, value, holds) in [
        ("country", "equals", "O\u{308}STERREICH", true),
        ("country", "starts_with", "o\u{308}ster", true),
        ("country", "equals", "Osterreich", false),
        ("city", "equals", "Gießen", true),
        ("city", "contains", "EẞE", true),
    ] {
        let found = applies(&field(token, comparison, value), &[], &draft("x@example.com", ""));
        assert_eq!(found, holds, "{token} {comparison} {value}");
    }
    for (keyword, how, subject, holds) in [
        ("Grüße", "whole", "VIELE GRU\u{308}SSE", true),
        ("Grüße", "whole", "Grüßen", false),
        ("Grüße", "prefix", "Grüßen", true),
        ("frage", "part", "Anfragen", true),
        ("frage", "prefix", "Anfragen", false),
    ] {
        let conditions = json!({ "keywords": [keyword], "keyword_match": how });
        assert_eq!(applies(&conditions, &[], &draft("x@example.com", subject)), holds, "{keyword} in {subject}");
    }
}

#[test]
fn a_rule_may_follow_the_senders_clock() {
    let evening = json!({ "schedule": { "day_from": "18:00", "time_zone": "UTC", "own_time_zone": true } });
    // At 0 ms UTC it is midnight; in Los Angeles 16:00, in Honolulu 14:00, in Chicago 18:00.
    for (zone, holds) in
        [(None, false), (Some("America/Los_Angeles"), false), (Some("America/Chicago"), true), (Some("?"), false)]
    {
        let draft = Draft { time_zone: zone.map(str::to_owned), ..draft("x@example.com", "") };
        assert_eq!(applies(&evening, &[], &draft), holds, "{zone:?}");
    }
}
