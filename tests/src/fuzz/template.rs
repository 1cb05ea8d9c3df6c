//! Templates: whatever is in one, filling it ends, gives the same each time, and lets nothing into a mail that runs.

use email_signature::{
    Address, BodyFormat, CompiledTemplate, Draft, ImageMode, ImageUrls, Kind, Part, Person, Template,
    check as findings, render,
};
use serde_json::json;

pub(super) fn check(input: &[u8]) {
    let html = String::from_utf8_lossy(input).into_owned();
    let template = Template {
        id: "t".into(),
        name: "Template".into(),
        folder: String::new(),
        part: Part::Signature,
        html,
        text: None,
        images: ImageMode::Hosted,
        offered_to: None,
    };
    let images = ImageUrls([("logo.png".to_owned(), "https://example.com/logo.png".to_owned())].into());
    findings(&template, &images, &[]);
    let (compiled, _) = CompiledTemplate::compile(&template, &images);
    let (person, draft) = (person(), draft());
    let once = render(&[&compiled], &person, &draft);
    let again = render(&[&compiled], &person, &draft);
    assert_eq!((&once.html, &once.text), (&again.html, &again.text), "the second time it is another");
    let lower = once.html.to_lowercase();
    for tag in ["<script", "<iframe", "<object", "<embed", "<form", "<base", "<svg", "<link"] {
        assert!(!lower.contains(tag), "{tag} in {}", once.html);
    }
    assert!(!once.html.contains("<b>VALUE"), "a value became markup: {}", once.html);
}

/// Values that would be markup, addresses or styles if they were not escaped.
fn person() -> Person {
    let hostile = "\"'><b>VALUE</b>{{ 7*7 }}&amp;javascript:alert(1);}";
    let names = ["display_name", "title", "phone", "website", "email", "department", "company", "city"];
    let fields: serde_json::Map<_, _> = names.iter().map(|name| ((*name).to_owned(), json!(hostile))).collect();
    serde_json::from_value(json!({ "id": "p", "address": "ada@example.com", "groups": [], "fields": fields })).unwrap()
}

fn draft() -> Draft {
    let from = Address::parse("ada@example.com").unwrap();
    Draft {
        kind: Kind::New,
        from,
        recipients: Vec::new(),
        subject: String::new(),
        format: BodyFormat::Html,
        time_zone: None,
    }
}
