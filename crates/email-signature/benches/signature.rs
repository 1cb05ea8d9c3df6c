//! What one signature costs: `select` over 50 rules and `render` from a compiled template (bar: 30 µs median), and the
//! first render of a template, sanitising included (bar: 300 µs). With a style sheet to inline the first render parses the
//! HTML twice, which is measured apart.

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use email_signature::{
    Address, BodyFormat, Choice, CompiledTemplate, Draft, ImageMode, ImageUrls, Kind, Organisation, Part, Person,
    Recipient, RecipientType, Rule, Rules, Template, check, explain, render, select,
};
use std::collections::BTreeMap;
use std::hint::black_box;

/// A designer's signature with its styles in the elements, as mail templates mostly have them.
const DESIGNER: &str = include_str!("designer.html");
/// The same, with a style sheet.
const STYLE_SHEET: &str = include_str!("style-sheet.html");

fn template(html: &str) -> Template {
    Template {
        id: "designer".into(),
        name: "Designer".into(),
        folder: String::new(),
        part: Part::Signature,
        html: html.into(),
        text: None,
        images: ImageMode::Hosted,
        offered_to: None,
    }
}

fn images() -> ImageUrls {
    let names = ["logo.png", "linkedin.png", "web.png", "rule.png"];
    ImageUrls(
        names
            .into_iter()
            .map(|name| (name.into(), format!("https://sig.example.com/images/t/0a1b2c3d/{name}")))
            .collect(),
    )
}

fn person() -> Person {
    let fields = [
        ("display_name", "Ada Lovelace"),
        ("given_name", "Ada"),
        ("surname", "Lovelace"),
        ("pronouns", "she/her"),
        ("title", "Head of Analytical Engines"),
        ("department", "Research & Development"),
        ("company", "Difference Ltd"),
        ("office", "London Bridge"),
        ("phone", "+44 (0)20 7946 0018"),
        ("mobile", "+44 7700 900123"),
        ("fax", "+44 20 7946 0019"),
        ("website", "www.difference.example"),
        ("street", "12 St James’s Square"),
        ("city", "London"),
        ("state", "Greater London"),
        ("postal_code", "SW1Y 4JH"),
        ("country", "United Kingdom"),
        ("linkedin", "https://www.linkedin.com/in/ada"),
        ("booking", "https://book.difference.example/ada"),
        ("registered", "Registered in England 01234567"),
    ];
    Person {
        id: "ada".into(),
        address: Address::parse("ada@difference.example").unwrap_or_else(|error| panic!("{error}")),
        aliases: vec![],
        groups: (0..8).map(|n| format!("group-{n}")).collect(),
        fields: fields.into_iter().map(|(token, value)| (token.into(), value.into())).collect(),
    }
}

fn address(text: &str) -> Address {
    Address::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

fn draft() -> Draft {
    let recipient =
        |text: &str, kind| Recipient { address: address(text), kind, groups: vec![], list: None, aliases: Vec::new() };
    Draft {
        kind: Kind::New,
        from: address("ada@difference.example"),
        recipients: vec![
            recipient("charles@difference.example", RecipientType::User),
            recipient("mary@somerville.example", RecipientType::ExternalUser),
            recipient("augustus@demorgan.example", RecipientType::ExternalUser),
        ],
        format: BodyFormat::Html,
        subject: "Notes on the engine, and what it may weave".into(),
        time_zone: None,
    }
}

/// 50 rules of every sort; the last one is for everybody.
fn rules() -> Rules {
    many_rules(50)
}

fn many_rules(count: usize) -> Rules {
    let rules: Vec<Rule> = (0..count)
        .map(|n| {
            let conditions = match n % 7 {
                0 => serde_json::json!({"senders": {"any_of": [{"is": "group", "id": format!("other-{n}")}]}}),
                1 => serde_json::json!({"kinds": ["reply", "forward"]}),
                2 => serde_json::json!({"senders": {"any_of": [{"is": "field", "field": "department", "comparison": "contains", "value": "sales"}]}}),
                3 => serde_json::json!({"recipients": {"matching": "all", "of": [{"is": "internal"}]}}),
                4 => serde_json::json!({"keywords": ["webinar", "event"], "flow": "continue"}),
                5 => serde_json::json!({"schedule": {"from": "2026-12-01", "to": "2026-12-24", "time_zone": "Europe/London"}}),
                _ => serde_json::json!({"recipients": {"of": [{"is": "domain", "domain": "nowhere.example"}]}}),
            };
            let mut rule = if n + 1 == count { serde_json::json!({}) } else { conditions };
            rule["id"] = format!("rule-{n}").into();
            rule["name"] = format!("Rule {n}").into();
            rule["gives"] = serde_json::json!({"signature": "designer"});
            serde_json::from_value(rule).unwrap_or_else(|error| panic!("{error}"))
        })
        .collect();
    Rules::compile(rules).0
}

fn benches(c: &mut Criterion) {
    let (person, draft, rules) = (person(), draft(), rules());
    let groups = (0..8).map(|n| (format!("group-{n}"), format!("Group {n}"))).collect();
    let organisation = Organisation { domains: vec!["difference.example".into()], groups };
    let now_ms = 1_795_000_000_000;
    let (compiled, problems) = CompiledTemplate::compile(&template(DESIGNER), &images());
    assert!(problems.is_empty(), "{problems:?}");
    let signature = render(&[&compiled], &person, &draft);
    assert!(signature.problems.is_empty(), "{:?}", signature.problems);
    assert!(signature.html.len() > 4_000, "{}", signature.html.len());
    let choice = select(&person, &draft, &rules, &organisation, now_ms).choice;
    assert_eq!(choice, Choice { signature: Some("designer".into()), ..Choice::default() });

    c.bench_function("select_50_rules_and_render_warm", |b| {
        b.iter(|| {
            let (_, because) = explain(black_box(&person), black_box(&draft), &rules, &organisation, now_ms);
            let mut signature = render(&[&compiled], black_box(&person), black_box(&draft));
            signature.because = because;
            signature
        });
    });
    c.bench_function("explain_50_rules", |b| {
        b.iter(|| explain(black_box(&person), black_box(&draft), &rules, &organisation, now_ms));
    });
    // A large company: 500 rules, of 200 templates the one that they choose.
    let many = many_rules(500);
    let templates: BTreeMap<String, CompiledTemplate> = (0..200)
        .map(|n| {
            let mut template = template(DESIGNER);
            template.id = if n == 199 { "designer".into() } else { format!("designer-{n}") };
            (template.id.clone(), CompiledTemplate::compile(&template, &images()).0)
        })
        .collect();
    c.bench_function("select_500_rules_200_templates_and_render_warm", |b| {
        b.iter(|| {
            let choice = select(black_box(&person), black_box(&draft), &many, &organisation, now_ms).choice;
            let chosen = choice.signature.as_deref().and_then(|id| templates.get(id));
            chosen.map(|template| render(&[template], black_box(&person), black_box(&draft)))
        });
    });
    c.bench_function("select_500_rules", |b| {
        b.iter(|| select(black_box(&person), black_box(&draft), &many, &organisation, now_ms));
    });
    c.bench_function("explain_500_rules", |b| {
        b.iter(|| explain(black_box(&person), black_box(&draft), &many, &organisation, now_ms));
    });
    c.bench_function("render_warm", |b| b.iter(|| render(&[&compiled], black_box(&person), black_box(&draft))));
    for (name, html) in [("first_render_with_sanitising", DESIGNER), ("first_render_with_style_sheet", STYLE_SHEET)] {
        c.bench_function(name, |b| {
            b.iter_batched(
                || CompiledTemplate::compile(&template(html), &images()).0,
                |fresh| {
                    let signature = render(&[&fresh], black_box(&person), black_box(&draft));
                    (fresh, signature)
                },
                BatchSize::SmallInput,
            );
        });
    }
    c.bench_function("first_render_of_another_shape", |b| {
        let mut other = person.clone();
        other.fields.remove("fax");
        b.iter_batched(
            || {
                let fresh = CompiledTemplate::compile(&template(DESIGNER), &images()).0;
                render(&[&fresh], &person, &draft);
                fresh
            },
            |fresh| {
                let signature = render(&[&fresh], black_box(&other), black_box(&draft));
                (fresh, signature)
            },
            BatchSize::SmallInput,
        );
    });
    c.bench_function("compile", |b| b.iter(|| CompiledTemplate::compile(black_box(&template(DESIGNER)), &images())));

    // While somebody types: everything that is wrong with a template of 20 KB.
    let long = template(&STYLE_SHEET.repeat(20_000_usize.div_ceil(STYLE_SHEET.len())));
    c.bench_function("check 20 KB", |b| b.iter(|| check(black_box(&long), &images(), &[]).len()));
}

/// What takes the parsers longest for its size. Tests count its work; here is what that work takes.
fn hostile(c: &mut Criterion) {
    let mut group = c.benchmark_group("hostile");
    group.sample_size(10);
    for (name, html) in [
        ("rules without declarations", format!("<style>{}</style><b>x</b>", "b{color}".repeat(37_000))),
        ("ampersands", "&".repeat(390_000)),
        ("entities", "&amp;&nbsp;&#x41;&unknown;".repeat(15_000)),
        ("rules times elements", format!("<style>{}</style>{}", "p{color:red}".repeat(2_000), "<p>x".repeat(9_000))),
        ("descendants", format!("<style>{}</style>{}", "p p p{color:red}".repeat(2_000), "<p>x".repeat(9_000))),
        ("siblings", format!("<style>{}</style>{}", "p~b{color:red}".repeat(500), "<p>x</p><b>y</b>".repeat(4_000))),
        (
            "one long style on many elements",
            format!("<style>p{{{}}}</style>{}", "color:red;".repeat(3_000), "<p>x".repeat(9_000)),
        ),
        ("text moved out of tables", format!("<table>{}", "<p>x</p>y".repeat(3_000))),
        ("elements", "<b>x</b>".repeat(9_900)),
        ("attributes", format!("<p {}>", "x ".repeat(190)).repeat(900)),
        ("long words", "x".repeat(390_000)),
    ] {
        group.bench_function(name, |b| {
            b.iter(|| email_signature::tidy(black_box(&html)).map(|tidied| tidied.html.len()));
        });
    }
    group.finish();
}

criterion_group!(signature, benches, hostile);
criterion_main!(signature);
