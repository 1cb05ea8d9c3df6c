//! Nothing that anybody writes makes the engine panic, go past its limits, or give out markup that a sanitiser would
//! still take away.

use super::html::markup::{self, NodeKind};
use super::*;
use crate::{
    Address, BodyFormat, Choice, Kind, Organisation, Recipient, RecipientType, Rule, Rules, Schedule, explain,
};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Pieces that templates and values are made of: placeholders, statements, markup, and what attacks are made of.
const PIECES: &[&str] = &[
    "{{ title }}",
    "{{ website }}",
    "{{ website|url }}",
    "{{ phone|tel }}",
    "{{ title|upper|replace('a', title) }}",
    "{{ [title, phone]|join(', ') }}",
    "{{ title ~ phone }}",
    "{{ title.x.y[0] }}",
    "{{ title[1:] }}",
    "{{ 1/0 }}",
    "{{ range(9)|length }}",
    "{{ unknown }}",
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "{% if title %}",
    "{% elif phone == 1 %}",
    "{% else %}",
    "{% endif %}",
    "{% for x in range(9) %}",
    "{% for x in title %}",
    "{{ x }}",
    "{{ loop.index }}",
    "{% endfor %}",
    "{% set x = title %}",
    "{% set x = x ~ x %}",
    "{% set x = [x, x] %}",
    "{% with y = x %}",
    "{% endwith %}",
    "{% raw %}",
    "{% endraw %}",
    "{% macro m(x) %}",
    "{% endmacro %}",
    "{% include 'x' %}",
    "<table>",
    "</table>",
    "<tr>",
    "<td>",
    "</td>",
    "<td style=\"",
    "<p>",
    "</p>",
    "<div title=\"",
    "\">",
    "\"",
    "'",
    "<a href=\"",
    "<a href='https://",
    "<a href=javascript:alert(1)>",
    "</a>",
    "<img src=\"image:logo.png\">",
    "<img src=\"image:",
    "<img src=x onerror=alert(1)>",
    "<br>",
    "<b><i>",
    "</b>",
    "<style>p{color:red;background:url(x)}</style>",
    "<style>",
    "</style>",
    "<script>",
    "</script>",
    "<svg><style><img src=x onerror=alert(1)>",
    "<math><mtext>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<textarea>",
    "<template>",
    "<select><option>",
    "<pre>\n",
    "<!--",
    "-->",
    "<![CDATA[",
    "<li>",
    "<hr>",
    "color:",
    "width:calc(min(1px,2px))",
    "expression(alert(1))",
    "url(https://x.example)",
    ";",
    "https://",
    "javascript:",
    "&lt;",
    "&#x6a;",
    "&",
    "<",
    ">",
    "\n",
    " ",
    "\u{0}",
    "\u{e000}",
    "\u{e001}",
    "\u{f0000}",
    "\u{100000}",
    "paraph-slot-0-x",
    "paraph-slot-",
    "é",
    "\u{202e}",
    "👩‍💻",
];

/// Whether a piece leaves a template as a whole correct, so that it gets as far as the sanitiser.
fn is_tame(piece: &&str) -> bool {
    let unclosed = ["{{", "}}", "{%", "%}", "{#", "#}"].contains(piece);
    !unclosed && !piece.starts_with("{%") && !["1/0", "loop", "[1:]"].iter().any(|word| piece.contains(word))
}

fn text() -> impl Strategy<Value = String> {
    let tame: Vec<&'static str> = PIECES.iter().copied().filter(is_tame).collect();
    let tame = proptest::sample::select(tame).prop_map(str::to_owned);
    let wild = prop_oneof![
        8 => proptest::sample::select(PIECES).prop_map(str::to_owned),
        1 => any::<String>(),
        1 => "[a-z<>\"'{}%&;:/ ]{0,12}",
    ];
    prop_oneof![
        3 => proptest::collection::vec(tame, 0..30).prop_map(|pieces| pieces.concat()),
        1 => proptest::collection::vec(wild, 0..24).prop_map(|pieces| pieces.concat()),
    ]
}

fn person(title: String, website: String, phone: String) -> Person {
    let fields = [("title", title), ("website", website), ("phone", phone)];
    Person {
        id: "p".into(),
        address: Address::parse("p@example.com").unwrap(),
        aliases: vec![],
        groups: vec![],
        fields: fields.into_iter().map(|(token, value)| (token.to_owned(), value)).collect(),
    }
}

fn draft(subject: String) -> Draft {
    Draft {
        kind: Kind::Reply,
        from: Address::parse("p@example.com").unwrap(),
        recipients: vec![Recipient {
            address: Address::parse("q@example.org").unwrap(),
            kind: RecipientType::Other,
            groups: vec![],
            list: None,
            aliases: Vec::new(),
        }],
        format: BodyFormat::Html,
        subject,
        time_zone: None,
    }
}

fn template(html: String, text: Option<String>, part: Part) -> Template {
    Template {
        id: format!("{part:?}"),
        name: "T".into(),
        folder: String::new(),
        part,
        html,
        text,
        images: ImageMode::Cid,
        offered_to: None,
    }
}

fn images() -> ImageUrls {
    ImageUrls([("logo.png".to_owned(), "https://sig.example.com/logo.png".to_owned())].into())
}

/// Every element and attribute of a fragment; of a style, its properties.
fn inventory(html: &str) -> BTreeSet<(String, String, String)> {
    let tree = markup::parse(html).expect("not nested too deeply");
    let mut found = BTreeSet::new();
    for node in &tree.nodes {
        let NodeKind::Element(name, attributes) = &node.kind else { continue };
        found.insert(((*name).to_owned(), String::new(), String::new()));
        for (attribute, value) in attributes {
            let value = markup::unescape(value).into_owned();
            if *attribute != "style" {
                found.insert(((*name).to_owned(), (*attribute).to_owned(), value));
                continue;
            }
            for declaration in super::css::styles::declarations(&value) {
                let property = match declaration {
                    super::css::styles::Declaration::Kept(property, _) => property,
                    super::css::styles::Declaration::Refused(refused) => refused.split_once(':').unwrap_or_default().0,
                };
                found.insert(((*name).to_owned(), "style".into(), property.to_owned()));
            }
        }
    }
    found
}

/// What ammonia makes of it with its own filter of styles besides.
fn sanitised_again(html: &str) -> String {
    let properties = super::css::styles::PROPERTIES.iter().copied().chain(["mso-line-height-rule"]).collect();
    super::html::policy::builder().filter_style_properties(properties).clean(html).to_string()
}

fn check_is_harmless(html: &str) -> Result<(), TestCaseError> {
    prop_assert!(html.encode_utf16().count() <= MAX_HTML);
    let Some(inner) = html.strip_prefix("<div id=\"paraph-signature\">").and_then(|rest| rest.strip_suffix("</div>"))
    else {
        prop_assert_eq!(html, "");
        return Ok(());
    };
    let again = sanitised_again(inner);
    let (before, after) = (inventory(inner), inventory(&again));
    let lost: Vec<_> = before.difference(&after).collect();
    prop_assert!(lost.is_empty(), "{:?} of\n{}\nis lost in\n{}", lost, inner, again);
    prop_assert!(!html.contains(slots::is_reserved), "{html}");
    for (_, attribute, value) in before {
        prop_assert!(!attribute.starts_with("on"));
        let link = values::may_start_link(&value) || value.starts_with("cid:");
        prop_assert!((attribute != "href" && attribute != "src") || link, "{attribute}={value}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn whatever_templates_and_people_hold_the_signature_is_harmless(
        html in text(), other in text(), own in proptest::option::of(text()),
        title in text(), website in text(), phone in text(),
    ) {
        let person = person(title, website, phone);
        let draft = draft(String::new());
        let (one, _) = CompiledTemplate::compile(&template(html, own, Part::Signature), &images());
        let (two, _) = CompiledTemplate::compile(&template(other, None, Part::Disclaimer), &images());
        let signature = render(&[&one, &two], &person, &draft);
        check_is_harmless(&signature.html)?;
        prop_assert!(signature.text.encode_utf16().count() <= MAX_HTML);
        prop_assert!(!signature.text.contains(slots::is_reserved));
        prop_assert_eq!(&signature, &render(&[&one, &two], &person, &draft));
    }

    #[test]
    fn whatever_values_stand_in_a_good_template_its_markup_stays(
        title in text(), website in text(), phone in text(),
    ) {
        let html = "<table><tr><td width=\"{{ phone }}\" style=\"color:{{ title }};height:1px\">x</td></tr></table>\
            <p title=\"{{ title }}\">y {{ title }}</p><p>z <a href=\"{{ website }}\">z</a> <a href=\"{{ website|url }}\">z</a>\
            <a href=\"https://{{ website }}/x\">z</a> <a href=\"https://e.example/{{ website }}?q={{ title }}\">z</a>\
            <a href=\"mailto:{{ title }}\">z</a> <a href=\"tel:{{ phone|tel }}\">z</a> <img src=\"{{ website }}\"> z</p>";
        let (template, problems) = CompiledTemplate::compile(&template(html.into(), None, Part::Signature), &images());
        prop_assert!(problems.is_empty());
        let signature = render(&[&template], &person(title.clone(), website, phone), &draft(String::new()));
        check_is_harmless(&signature.html)?;
        let inner = inventory(&signature.html);
        let known = ["", "a", "br", "div", "img", "p", "table", "tbody", "td", "tr"];
        prop_assert!(inner.iter().all(|(name, _, _)| known.contains(&&**name)), "{}", signature.html);
    }

    #[test]
    fn whatever_rules_say_each_gets_its_reason(
        keywords in proptest::collection::vec(text(), 0..3), subject in text(), from in proptest::option::of(".{0,20}"),
        zone in "(UTC|Europe/Paris|.{0,10})", own_zone in proptest::option::of("(America/New_York|.{0,10})"),
        hours in proptest::array::uniform2(proptest::option::of("([01][0-9]:[0-5][0-9]|.{0,6})")), now in any::<i64>(),
    ) {
        let [day_from, day_to] = hours;
        let schedule = Some(Schedule {
            from, to: Some("2026-12-01".into()), weekdays: vec![], day_from, day_to, time_zone: zone, own_time_zone: own_zone.is_some(),
        });
        let rule = |id: &str, schedule| Rule {
            id: id.into(), name: id.into(), enabled: true, senders: crate::Senders::default(), recipients: crate::Recipients::default(),
            kinds: vec![], keywords: keywords.clone(), keyword_match: crate::KeywordMatch::Prefix, schedule,
            gives: Choice { signature: Some("t".into()), ..Choice::default() }, flow: crate::Flow::Continue,
            folder: String::new(), variants: vec![], weight: 1,
        };
        let (rules, _) = Rules::compile(vec![rule("a", schedule), rule("b", None)]);
        let person = person(String::new(), String::new(), String::new());
        let (selection, because) = explain(&person, &Draft { time_zone: own_zone, ..draft(subject) }, &rules, &Organisation::default(), now);
        prop_assert_eq!(because.len(), 2);
        prop_assert!(because.iter().all(|because| because.reason.ends_with('.')));
        prop_assert_eq!(selection.choice.signature.is_some(), because.iter().any(|because| because.applied));
    }
}

#[test]
fn a_template_is_shared_between_threads() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<CompiledTemplate>();
    is_shared::<crate::Rules>();
}

#[test]
fn more_shapes_than_are_kept_still_render() {
    let lines: Vec<String> = (0..9).map(|n| format!("<p>{{{{ f{n} }}}}</p>")).collect();
    let html = lines.concat();
    let (template, _) = CompiledTemplate::compile(&template(html, None, Part::Signature), &ImageUrls::default());
    for bits in 0..512_u32 {
        let mut person = person(String::new(), String::new(), String::new());
        person.fields = (0..9)
            .map(|n| (format!("f{n}"), if bits >> n & 1 == 1 { "x".to_owned() } else { String::new() }))
            .collect();
        let signature = render(&[&template], &person, &draft(String::new()));
        assert_eq!(signature.html.matches("<p>").count(), bits.count_ones() as usize);
    }
}

#[test]
fn a_program_is_stopped_before_it_reads_and_writes_too_much() {
    let long = "x".repeat(8_000);
    let huge = "x".repeat(20_000);
    let nobody = person(String::new(), String::new(), String::new());
    let chain = "|title|upper|lower".repeat(25);
    for (name, html, told) in [
        (
            "loops",
            "{% for a in range(999) %}{% for b in range(999) %}{% endfor %}{% endfor %}".to_owned(),
            "too much work",
        ),
        (
            "filters on a long text",
            format!("{{% set x = \"{long}\" %}}{}", format!("{{{{ x{chain} }}}}").repeat(20)),
            "too much work",
        ),
        (
            "filters in a loop",
            format!(
                "{{% set x = \"{long}\" %}}{{% for a in range(999) %}}{{% if x|title == a %}}{{% endif %}}{{% endfor %}}"
            ),
            "too much work",
        ),
        (
            "filters on a list",
            "{% set x = range(999) %}{% for a in range(999) %}{{ x|length }}{% endfor %}".to_owned(),
            "too much work",
        ),
        ("a long text in a condition", format!("{{% if \"{huge}\" ~ \"{huge}\" %}}x{{% endif %}}"), "between quotes"),
        ("output", format!("{{% set x = \"{long}\" %}}{}", "{{ x }}".repeat(30)), "it writes more"),
    ] {
        let (compiled, problems) =
            CompiledTemplate::compile(&template(html, None, Part::Signature), &ImageUrls::default());
        let signature = render(&[&compiled], &nobody, &draft(String::new()));
        let all = problems.iter().chain(&signature.problems).map(|problem| &problem.detail);
        assert!(all.clone().any(|detail| detail.contains(told)), "{name}: {:?}", all.collect::<Vec<_>>());
    }
}

#[test]
fn literal_links_of_a_campaign_lead_elsewhere_and_nothing_else_does() {
    let html = "<p><a href=\"https://example.com/x\">a</a><a href=\"mailto:a@example.com\">b</a>\
        <a href=\"https://example.com/{{ title }}\">c</a><img src=\"https://example.com/i.png\" alt=\"i\"></p>";
    let compiled = |part| CompiledTemplate::compile(&template(html.to_owned(), None, part), &ImageUrls::default()).0;
    let person = person("boss".into(), String::new(), String::new());
    let lead = |target: &str| target.ends_with("/x").then(|| "https://sig.example.com/r/1".to_owned());
    let links = |part| {
        let signature = render_leading(&[&compiled(part)], &person, &draft(String::new()), &lead);
        assert!(
            signature.text.contains("https://example.com/x") && !signature.text.contains("/r/1"),
            "{}",
            signature.text
        );
        let addresses = inventory(&signature.html).into_iter().filter(|(_, name, _)| name == "href" || name == "src");
        addresses.map(|(.., address)| address).collect::<Vec<_>>()
    };
    let others = ["https://example.com/boss", "mailto:a@example.com"];
    let image = "https://example.com/i.png";
    assert_eq!(links(Part::Signature), [others[0], "https://example.com/x", others[1], image]);
    assert_eq!(links(Part::Campaign), [others[0], "https://sig.example.com/r/1", others[1], image]);
}
