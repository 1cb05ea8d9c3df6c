//! Brands: chosen by sender, with the default's values for what they lack.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its cases has nothing better to do")]

use email_signature::{
    Address, BodyFormat, Brand, Brands, CompiledTemplate, Draft, ImageUrls, Kind, Organisation, Person, Signature,
    Template, check, render,
};
use serde_json::{Value, from_value, json};

fn brands(all: Value) -> Brands {
    Brands::compile(from_value::<Vec<Brand>>(all).unwrap())
}

/// Twelve brands and the default: ten by department, one by group, one by person.
fn company() -> Brands {
    let mut all: Vec<Value> = (1..=10)
        .map(|number| {
            json!({ "id": format!("b{number}"), "name": format!("Brand {number}"),
                "senders": [{ "is": "field", "field": "department", "comparison": "equals", "value": format!("D{number}") }],
                "colours": { "primary": format!("#0000{number:02}") } })
        })
        .collect();
    all.push(json!({ "id": "sales", "name": "Sales", "senders": [{ "is": "group", "id": "sales" }] }));
    all.push(json!({ "id": "boss", "name": "Boss", "senders": [{ "is": "person", "address": "boss@example.com" }] }));
    all.push(json!({ "id": "all", "name": "Example", "legal": "Example Ltd", "colours": { "primary": "#112233" },
        "logo": { "image": "logo.png", "width": 120, "height": 40 }, "values": { "slogan": "We <care>" } }));
    brands(json!(all))
}

#[expect(clippy::needless_pass_by_value, reason = "callers write it with json!")]
fn person(value: Value) -> Person {
    let mut whole = json!({ "id": "p", "address": "ada@example.com" });
    whole.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
    from_value(whole).unwrap()
}

fn chosen(brands: &Brands, person: &Person) -> String {
    brands.choose(person, &person.address).unwrap().brand().id.clone()
}

/// What somebody of that brand gets.
fn filled(html: &str, brands: &Brands, person: &Person) -> Signature {
    let template: Template = from_value(json!({ "id": "t", "name": "T", "part": "signature", "html": html })).unwrap();
    let images = ImageUrls([("logo.png".to_owned(), "https://example.com/logo.png".to_owned())].into());
    let mut person = person.clone();
    if let Some(brand) = brands.choose(&person, &person.address.clone()) {
        person.fields.extend(brand.values().iter().map(|(token, value)| (token.clone(), value.clone())));
    }
    let draft = Draft {
        kind: Kind::New,
        from: person.address.clone(),
        recipients: vec![],
        format: BodyFormat::Html,
        subject: String::new(),
        time_zone: None,
    };
    render(&[&CompiledTemplate::compile(&template, &images).0], &person, &draft)
}

#[test]
fn the_first_brand_that_fits_is_chosen_and_else_the_default() {
    let brands = company();
    for (value, expected) in [
        (json!({}), "all"),
        (json!({ "fields": { "department": "D7" } }), "b7"),
        (json!({ "fields": { "department": " d10 " } }), "b10"),
        (json!({ "groups": ["sales"] }), "sales"),
        (json!({ "groups": ["sales"], "fields": { "department": "D3" } }), "b3"),
        (json!({ "address": "boss@example.com", "groups": ["sales"] }), "sales"),
        (json!({ "aliases": ["boss@example.com"] }), "boss"),
    ] {
        assert_eq!(chosen(&brands, &person(value.clone())), expected, "{value}");
    }
    assert!(Brands::default().choose(&person(json!({})), &Address::parse("a@example.com").unwrap()).is_none());
}

#[test]
fn because_names_the_brand_and_those_that_fit_as_well() {
    let brands = company();
    let organisation = Organisation { domains: vec![], groups: [("sales".to_owned(), "Sales team".to_owned())].into() };
    let reason = |value: Value| {
        let person = person(value);
        let because = brands.explain(&person, &person.address, &organisation).unwrap();
        assert!(because.applied && because.rule.is_empty());
        (because.name, because.reason)
    };
    let (name, why) =
        reason(json!({ "groups": ["sales"], "fields": { "department": "D3" }, "aliases": ["boss@example.com"] }));
    assert_eq!(name, "Brand “Brand 3”");
    assert!(why.starts_with("This brand is for mail from "), "{why}");
    assert!(why.ends_with(" “Sales”, “Boss” fit, too, but come later in the order."), "{why}");
    let (_, why) = reason(json!({ "groups": ["sales"] }));
    assert!(why.contains("Sales team") && !why.contains("too"), "{why}");
    let (name, why) = reason(json!({}));
    assert_eq!(
        (name.as_str(), why.as_str()),
        ("Brand “Example”", "This is the default brand: no other brand fits the sender.")
    );
}

#[test]
fn what_a_brand_lacks_is_the_defaults() {
    let brands = company();
    let html = "<p style=\"color:{{ brand.primary }}\">{{ brand }}, {{ brand.legal }}, {{ brand.slogan }}</p>\
                <img src=\"image:{{ brand.logo }}\" alt=\"{{ brand.name }}\" width=\"{{ brand.logo_width }}\">";
    let shown = filled(html, &brands, &person(json!({ "fields": { "department": "D7" } })));
    assert!(shown.html.contains("color:#000007"), "{}", shown.html);
    assert!(shown.html.contains("Brand 7, Example Ltd, We &lt;care&gt;"), "{}", shown.html);
    assert!(shown.html.contains("src=\"https://example.com/logo.png\"") && shown.html.contains("width=\"120\""));
    assert!(shown.html.contains("alt=\"Brand 7\"") && shown.problems.is_empty(), "{:?}", shown.problems);
    let shown = filled(html, &brands, &person(json!({ "groups": ["sales"] })));
    assert!(shown.html.contains("color:#112233"), "{}", shown.html);
}

#[test]
fn a_value_that_no_brand_has_is_empty_and_a_problem() {
    let html = "<p>{{ brand.name }}</p><p>{{ brand.motto }}</p>";
    let shown = filled(html, &company(), &person(json!({})));
    assert_eq!(shown.text, "Example");
    assert!(shown.problems[0].detail.starts_with("“{{ brand.motto }}” is empty"), "{:?}", shown.problems);
    let shown = filled(html, &Brands::default(), &person(json!({})));
    assert!(shown.problems[0].detail.contains("there are no brands yet"), "{:?}", shown.problems);
    let template: Template = from_value(json!({ "id": "t", "name": "T", "part": "signature", "html": html })).unwrap();
    let found = check(&template, &ImageUrls::default(), &["brand.slogan"]);
    assert!(found.iter().any(|one| one.detail.starts_with("No brand has a value “motto”")), "{found:?}");
    assert!(
        check(&template, &ImageUrls::default(), &["brand.motto"])
            .iter()
            .all(|one| one.level == email_signature::Level::Advice)
    );
}

#[test]
fn a_brands_values_are_harmless_wherever_they_stand() {
    let evil = "red;background:url(javascript:alert(1))\"><script>alert(1)</script>";
    let brands = brands(json!([{ "id": "x", "name": evil, "legal": evil, "colours": { "primary": evil },
        "logo": { "image": "\"><script>" }, "values": { "site": "javascript:alert(1)" } }]));
    let html = "<p style=\"color:{{ brand.primary }}\" title=\"{{ brand.name }}\">{{ brand.legal }}</p>\
                <a href=\"{{ brand.site }}\">x</a><img src=\"image:{{ brand.logo }}\" alt=\"{{ brand.name }}\">";
    let shown = filled(html, &brands, &person(json!({})));
    assert!(!shown.html.contains("<script") && shown.html.contains("style=\"color:inherit\""), "{}", shown.html);
    assert!(!shown.html.contains("href") && !shown.html.contains("<img"), "{}", shown.html);
    assert!(shown.problems.len() >= 3, "{:?}", shown.problems);
}
