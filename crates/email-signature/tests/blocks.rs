//! Blocks: HTML that templates share.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its cases has nothing better to do")]

use email_signature::{
    Address, Blocks, BodyFormat, CompiledTemplate, Draft, ImageMode, ImageUrls, Kind, Level, Part, Person, Signature,
    Template, blocks_of, check_with, render,
};
use std::collections::BTreeMap;

fn template(id: &str, part: Part, html: &str) -> Template {
    Template {
        id: id.into(),
        name: format!("The {id}"),
        folder: String::new(),
        part,
        html: html.into(),
        text: None,
        images: ImageMode::Hosted,
        offered_to: None,
    }
}

fn signature(html: &str) -> Template {
    template("sig", Part::Signature, html)
}

fn blocks(all: &[(&str, &str)]) -> Blocks {
    let all: Vec<Template> = all.iter().map(|(id, html)| template(id, Part::Block, html)).collect();
    Blocks::new(&all)
}

fn images() -> ImageUrls {
    ImageUrls([("logo.png".to_owned(), "https://example.com/logo.png".to_owned())].into())
}

fn filled(template: &Template, blocks: &Blocks) -> Signature {
    let address = Address::parse("ada@example.com").unwrap();
    let fields: BTreeMap<String, String> =
        [("display_name", "Ada <b>"), ("city", "Turin")].map(|(token, value)| (token.into(), value.into())).into();
    let person = Person { id: "ada".into(), address: address.clone(), aliases: vec![], groups: vec![], fields };
    let draft = Draft {
        kind: Kind::New,
        from: address,
        recipients: vec![],
        format: BodyFormat::Html,
        subject: String::new(),
        time_zone: None,
    };
    render(&[&CompiledTemplate::compile_with(template, blocks, &images()).0], &person, &draft)
}

fn details(signature: &Signature) -> Vec<&str> {
    signature.problems.iter().map(|problem| problem.detail.as_str()).collect()
}

#[test]
fn a_block_stands_where_it_is_named_and_is_filled_and_escaped_like_the_rest() {
    let blocks = blocks(&[("foot", "<p>{{ display_name }}, {{ city }}</p><img src=\"image:logo.png\" alt=\"x\">")]);
    for include in ["{% include \"foot\" %}", "{%include 'foot'%}", "{%- include \"foot\" -%}"] {
        let shown = filled(&signature(&format!("<div>a{include}b</div>")), &blocks);
        let expected = filled(
            &signature("<div>a<p>{{ display_name }}, {{ city }}</p><img src=\"image:logo.png\" alt=\"x\">b</div>"),
            &Blocks::default(),
        );
        assert_eq!((&shown.html, &shown.text), (&expected.html, &expected.text), "{include}");
        assert!(shown.html.contains("Ada &lt;b&gt;, Turin") && shown.images.len() == 1, "{}", shown.html);
        assert_eq!(details(&shown), Vec::<&str>::new());
    }
}

#[test]
fn what_only_looks_like_a_block_is_none() {
    for (html, shown) in [
        ("{# {% include \"foot\" %} #}<p>x</p>", "x"),
        ("<p>{{ '{% include \"foot\" %}' }}</p>", "{% include \"foot\" %}"),
        ("<p>include \"foot\"</p>", "include \"foot\""),
    ] {
        let template = signature(html);
        assert!(blocks_of(&template).is_empty(), "{html}");
        assert_eq!(filled(&template, &blocks(&[("foot", "<p>Foot</p>")])).text, shown, "{html}");
    }
}

#[test]
fn a_missing_block_is_a_problem_and_the_rest_is_shown() {
    let shown = filled(&signature("<p>{{ city }}</p>{% include \"gone\" %}"), &Blocks::default());
    assert_eq!(shown.text, "Turin");
    assert!(details(&shown)[0].starts_with("There is no block “gone”"), "{:?}", details(&shown));
    // A template of another part is no block.
    let others = Blocks::new(&[template("gone", Part::Disclaimer, "<p>Small print</p>")]);
    assert_eq!(filled(&signature("<p>x</p>{% include \"gone\" %}"), &others).text, "x");
}

#[test]
fn a_block_that_cannot_be_used_breaks_no_template() {
    for (html, why) in [
        ("{% if city %}<p>x</p>", "cannot be used"),
        ("{% macro x() %}{% endmacro %}", "cannot be used"),
        ("<p>{% include \"foot\" %}</p>", "it uses other blocks"),
        ("{% include \"other\" %}", "it uses other blocks"),
    ] {
        let blocks = blocks(&[("foot", html), ("other", "<p>Other</p>")]);
        let shown = filled(&signature("<p>{{ city }}</p>{% include \"foot\" %}"), &blocks);
        assert_eq!(shown.text, "Turin", "{html}");
        assert!(details(&shown)[0].contains(why), "{html}: {:?}", details(&shown));
    }
    let own = filled(
        &template("foot", Part::Block, "<p>x</p>{% include \"other\" %}"),
        &blocks(&[("other", "<p>Other</p>")]),
    );
    assert_eq!(own.text, "x");
    assert!(details(&own)[0].starts_with("A block cannot use other blocks"), "{:?}", details(&own));
}

#[test]
fn names_that_a_block_sets_are_its_own() {
    let blocks = blocks(&[("foot", "{% set city = 'Rome' %}<p>{{ city }}</p>")]);
    let shown = filled(&signature("{% include \"foot\" %}<p>{{ city }}</p>"), &blocks);
    assert_eq!(shown.text, "Rome\n\nTurin".replace("\n\n", if shown.text.contains("\n\n") { "\n\n" } else { "\n" }));
}

#[test]
fn many_blocks_are_refused_for_their_length_and_cost_nothing() {
    let blocks = blocks(&[("big", &"x".repeat(90_000))]);
    let template = signature(&"{% include \"big\" %}".repeat(4_000));
    let expanded = blocks.expand(&template);
    assert!(expanded.template.html.len() < 400_000);
    let (compiled, problems) = CompiledTemplate::compile_with(&template, &blocks, &images());
    assert!(compiled.usable().is_err());
    assert!(problems.iter().any(|problem| problem.detail.contains("longer than")), "{problems:?}");
}

#[test]
fn a_template_with_its_own_text_has_the_blocks_text() {
    let mut all = vec![template("foot", Part::Block, "<p>{{ city }} <a href=\"https://example.com\">Site</a></p>")];
    let own = Template { text: Some("--\n{% include \"foot\" %}\nEnd".into()), ..signature("<p>HTML</p>") };
    assert_eq!(filled(&own, &Blocks::new(&all)).text, "--\nTurin Site (https://example.com)\nEnd");
    all[0].text = Some("From {{ city }}".into());
    assert_eq!(filled(&own, &Blocks::new(&all)).text, "--\nFrom Turin\nEnd");
    // Nothing of it is shown: its line goes.
    all[0] = template("foot", Part::Block, "<p>{{ mobile }}</p>");
    let shown = filled(&own, &Blocks::new(&all));
    assert_eq!(shown.text, "--\nEnd");
    assert!(!details(&shown).iter().any(|detail| detail.contains("paraph_block")), "{:?}", details(&shown));
}

#[test]
fn fields_that_only_a_block_uses_are_known() {
    let blocks = blocks(&[("foot", "<p>{{ desk|tel }} {{ manager.title }}</p>")]);
    let own = Template { text: Some("{% include \"foot\" %}".into()), ..signature("<p>x</p>") };
    let compile = |template: &Template| CompiledTemplate::compile_with(template, &blocks, &images()).0;
    assert!(compile(&own).uses("manager"));
    let in_html = compile(&signature("{% include \"foot\" %}"));
    assert!(in_html.uses("manager"));
    assert_eq!(in_html.numbers().collect::<Vec<_>>(), ["desk"]);
}

#[test]
fn findings_stay_at_their_places_and_name_the_block() {
    let blocks = blocks(&[
        ("good", "<p>{{ city }}</p>\n\n<p>two lines</p>"),
        ("bad", "<p>{{ nobody }}</p>"),
        ("open", "{% if city %}"),
    ]);
    let html = "<p>x</p>\n{% include \"good\" %}{% include \"bad\" %}{% include \"none\" %}{% include \"open\" %}\n<p>{{ titel }}</p>";
    let found = check_with(&signature(html), &blocks, &images(), &[]);
    let found: Vec<(String, &str)> = found
        .into_iter()
        .filter(|finding| finding.level == Level::Problem)
        .map(|finding| (finding.detail, finding.at.map_or("", |at| &html[at])))
        .collect();
    for (detail, place) in [
        ("The block “The bad” has a problem: open it to see more.", "{% include \"bad\" %}"),
        ("There is no block “none”", "{% include \"none\" %}"),
        ("The block “The open” is left out", "{% include \"open\" %}"),
        ("There is no field “titel”", "titel"),
    ] {
        assert!(found.iter().any(|(found, at)| found.starts_with(detail) && *at == place), "{detail}: {found:?}");
    }
    assert_eq!(found.len(), 4, "{found:?}");
}

#[test]
fn a_mistake_is_told_by_the_templates_own_line() {
    let blocks = blocks(&[("foot", "<p>1</p>\n<p>2</p>\n<p>3</p>")]);
    let template = signature("{% include \"foot\" %}\n{{ city|shout }}\n{% if %}");
    let (_, problems) = CompiledTemplate::compile_with(&template, &blocks, &images());
    assert!(problems.iter().any(|problem| problem.detail.contains("line 3")), "{problems:?}");
    let (_, problems) = CompiledTemplate::compile_with(&signature("{% include foot %}"), &blocks, &images());
    assert!(problems[0].detail.contains("{% include \"ID\" %}"), "{problems:?}");
}

#[test]
fn a_block_behind_a_minified_style_sheet_is_found() {
    let blocks = blocks(&[("foot", "<p>{{ city }}</p>")]);
    let html = "<style>@media print{#logo{width:9px}}p{#x{color:red}}</style>{% include \"foot\" %}";
    let template = signature(html);
    assert_eq!(blocks_of(&template).into_iter().collect::<Vec<_>>(), ["foot"]);
    let shown = filled(&template, &blocks);
    assert!(shown.html.contains("Turin"), "{}", shown.html);
    assert_eq!(details(&shown), [""; 0]);
}
