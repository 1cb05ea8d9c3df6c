use super::*;
use proptest::prelude::*;

const SHEET: &str = "<style>table { border-collapse: collapse } td { font-family: Arial, sans-serif; font-size: 13px; line-height: 18px; mso-line-height-rule: exactly; color: #333333 } a { color: #333333; text-decoration: none } .image { mso-line-height-rule: at-least }</style>";
const TABLE: &str = "<table role=\"presentation\" border=\"0\" cellpadding=\"0\" cellspacing=\"0\" width=\"500\">";

fn table(cells: &str) -> String {
    format!("{SHEET}{TABLE}<tr>{cells}</tr></table>")
}

fn rules(html: &str) -> Vec<String> {
    lint(html).into_iter().filter_map(|finding| finding.rule).collect()
}

/// For each rule, something that breaks it and nothing else.
fn broken() -> Vec<(&'static str, String)> {
    let image = |attributes: &str| table(&format!("<td class=\"image\"><img {attributes}></td>"));
    let cell = |style: &str| table(&format!("<td style=\"{style}\">x</td>"));
    vec![
        ("layout", cell("display: flex")),
        ("layout", cell("float:left")),
        (
            "table-attributes",
            table(&format!("<td>{}<tr><td>x</td></tr></table></td>", TABLE.replace(" border=\"0\"", ""))),
        ),
        ("table-attributes", table("<td>x</td>").replace("border-collapse: collapse", "")),
        ("table-width", table("<td>x</td>").replace(" width=\"500\"", "")),
        ("table-width", table("<td>x</td>").replace("\"500\"", "\"900\"")),
        ("table-role", table("<td>x</td>").replace(" role=\"presentation\"", "")),
        ("font", table("<td>{{ name }}</td>").replace("font-size: 13px", "")),
        ("font", "{{ display_name }}".into()),
        ("web-font", cell("font-family: Poppins, sans-serif")),
        ("web-font", format!("<style>@import 'x';</style>{}", table("<td>x</td>"))),
        ("line-height", table("<td>x</td>").replace("mso-line-height-rule: exactly", "")),
        ("image-line-height", table("<td><img src=\"image:a.png\" width=\"20\" height=\"20\" alt=\"\"></td>")),
        ("image-size", image("src=\"image:a.png\" width=\"20px\" height=\"20\" alt=\"\"")),
        ("image-alt", image("src=\"image:a.png\" width=\"20\" height=\"20\"")),
        ("image-format", image("src=\"image:a.svg\" width=\"20\" height=\"20\" alt=\"\"")),
        ("image-format", image("src=\"data:image/png;base64,x\" width=\"20\" height=\"20\" alt=\"\"")),
        ("spacing", table("<td><p style=\"padding: 3px\">x</p></td>")),
        ("spacing", table("<td><span style=\"margin-left: 3px\">x</span></td>")),
        ("spacing", table("<td><div style=\"margin: 0 auto\">x</div></td>")),
        ("box-size", table("<td><div style=\"width: 3px\">x</div></td>")),
        ("max-width", cell("max-width: 300px")),
        ("background-image", cell("background: url(x.png)")),
        ("background-image", table("<td background=\"x.png\">x</td>")),
        ("decoration", cell("border-radius: 4px")),
        ("decoration", cell("background: linear-gradient(#ffffff, #eeeeee); color: #000000")),
        ("units", cell("font-size: 1.2rem")),
        ("units", cell("padding: calc(1px + 2px)")),
        ("colour", cell("color: rgba(0, 0, 0, .5)")),
        ("colour", table("<td bgcolor=\"#fff\">x</td>")),
        ("link-colour", table("<td><a href=\"https://example.com\" style=\"color: inherit\">x</a></td>")),
        ("link-colour", table("<td><a href=\"https://example.com\">x</a></td>").replace("text-decoration: none", "")),
        ("important", cell("color: #333333 !important")),
        ("contrast", cell("color: #aaaaaa")),
        ("dark-mode", table("<td><div style=\"background-color: #eeeeee\">x</div></td>")),
        ("style-sheet", format!("<style>@media print {{ td {{ color: red }} }}</style>{}", table("<td>x</td>"))),
        ("style-sheet", format!("<style>a:hover {{ color: red }}</style>{}", table("<td>x</td>"))),
        ("comment", format!("<!--[if mso]><b><![endif]-->{}", table("<td>x</td>"))),
        ("unclosed", table("<td><span>x</td>")),
        ("length", table(&"<td>x</td>".repeat(300))),
    ]
}

#[test]
fn each_rule_finds_what_breaks_it_and_nothing_else() {
    for (rule, html) in broken() {
        let found = rules(&html);
        assert!(!found.is_empty() && found.iter().all(|found| found == rule), "{rule}: {found:?} in {html}");
    }
}

#[test]
fn every_rule_is_documented_and_has_an_example() {
    let broken = broken();
    for rule in LINT_RULES {
        assert!(broken.iter().any(|(id, _)| *id == rule.id), "{}", rule.id);
        assert!(
            rule.source.starts_with("https://") && rule.why.ends_with('.') && !rule.title.ends_with('.'),
            "{}",
            rule.id
        );
    }
    for (id, _) in broken {
        assert!(LINT_RULES.iter().any(|rule| rule.id == id), "{id}");
    }
}

#[test]
fn what_is_well_made_passes() {
    let cells = "<td class=\"image\"><a href=\"https://example.com\"><img src=\"image:{{ photo }}\" width=\"{{ w }}\" height=\"80\" alt=\"\"></a></td>
        <td style=\"padding: 0 8px; color: {{ c }}\"><p style=\"margin: 0 0 4px 0\">{% if a < b %}<b>{{ x }}</b>{% endif %}</p>
        {% if y %}<div>{% else %}<div dir=\"rtl\">{% endif %}<a href=\"{{ website|url }}\">&nbsp;{{ website }}</a></div>
        <span style=\"font-family:&quot;Segoe UI&quot;, Arial\">x</span>";
    assert_eq!(lint(&table(cells)), []);
}

#[test]
fn a_finding_is_told_once_and_points_at_its_place() {
    let html = table("<td class=\"x\">a</td><td class=\"x\">b</td>").replace(".image", ".x { opacity: .5 } .image");
    let findings = lint(&html);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(&html[findings[0].at.clone().unwrap()], "opacity: .5");
}

#[test]
fn a_style_sheet_may_end_in_the_middle_of_anything() {
    let sheet = "<style>td { color: #ä } @media é { a { b: c } } p::after { content: '}ö' } ü { x: ä";
    for (end, _) in sheet.char_indices().skip("<style>".len()) {
        lint(&sheet[..end]);
        lint(&format!("{}</style><td>x</td>", &sheet[..end]));
    }
}

proptest! {
    #[test]
    fn anything_can_be_linted(html in "(<|>|/|=|\"|'|\\{\\{|\\}\\}|\\{%|%\\}|\\{#|;|:|&|[a-z]{1,3}|é|<td|<style>|</style>|<table|<img| style=\"|@|\\.|#|\\(|\\)|/\\*|<!--| ){0,60}") {
        for finding in lint(&html) {
            if let Some(at) = finding.at {
                prop_assert!(html.get(at).is_some());
            }
        }
    }
}

/// A hostile source of about so many bytes, and its name.
type Family = (&'static str, fn(usize) -> String);

const FAMILIES: &[Family] = &[
    ("rules times elements", |n| {
        format!("<style>{}</style>{}", "td{padding:1px}".repeat(n / 30), "<td>".repeat(n / 8))
    }),
    ("declarations times elements", |n| {
        format!("<style>td{{{}}}</style>{}", "width:1px;".repeat(n / 20), "<td>".repeat(n / 8))
    }),
    ("selectors times elements", |n| format!("<style>{}{{a:b}}</style>{}", "td,".repeat(n / 6), "<td>".repeat(n / 8))),
    ("descendants", |n| format!("<style>{}</style>{}", "a b c td{a:b}".repeat(n / 26), "<div>".repeat(n / 10))),
    ("long chains", |n| format!("<style>{}{{a:b}}</style>{}", "div ".repeat(n / 8), "<div>".repeat(n / 10))),
    ("classes", |n| format!("<style>{}{{a:b}}</style>{}", ".a".repeat(n / 4), "<td class='a a a a'>".repeat(n / 40))),
    ("texts in a long style", |n| format!("<td style='{}'>{}", "a:b;".repeat(n / 8), "x<br>".repeat(n / 10))),
    ("attributes", |n| format!("<td {}>", "x=1 ".repeat(n / 4))),
    ("placeholders that do not end", |n| "{{\n".repeat(n / 3)),
    ("placeholders with quotes that do not end", |n| "{{\"".repeat(n / 3)),
    ("placeholders with quoted ends", |n| "{{\"}}".repeat(n / 5)),
    ("statements that do not end", |n| "{%\"\n".repeat(n / 4)),
    ("style sheets", |n| "<style>td{a:b}</style>".repeat(n / 22)),
    ("at-rules", |n| format!("<style>{}</style>", "@x;".repeat(n / 3))),
    ("comments", |n| "<!--".repeat(n / 4)),
];

/// Just below what is looked at.
const LONG: usize = MAX_SOURCE / 10 * 9;

#[test]
fn no_source_takes_more_work_than_there_is_to_spend() {
    let work = |html: &str| {
        let masked = source::mask(html);
        let tokens = source::tokens(&masked.text);
        walked(&masked, &tokens).work
    };
    for (name, family) in FAMILIES {
        let most = work(&family(LONG));
        // The last step may go beyond, by what one element takes.
        assert!(most < page::MAX_WORK * 3 / 2, "{name}: {most}");
        assert!(lint(&family(LONG)).len() <= MAX_FINDINGS, "{name}");
    }
}

#[test]
fn what_was_not_looked_at_is_told() {
    let (_, family) = FAMILIES[1];
    let found = lint(&family(LONG));
    assert!(found.iter().any(|finding| finding.detail.contains("was not checked")), "{found:?}");
    // And what people write is looked at whole.
    assert!(lint(&family(2_000)).iter().all(|finding| !finding.detail.contains("was not checked")));
}

#[test]
fn the_length_of_a_signature_counts_what_a_style_sheet_adds_to_each_element() {
    let text = "x".repeat(30_000);
    let said = |sheet: &str| {
        let found = lint(&format!("{sheet}<p>{text}</p>"));
        let length = found.iter().find(|finding| finding.rule.as_deref() == Some("length")).expect("it is too long");
        length.detail.split_whitespace().find_map(|word| word.parse::<usize>().ok()).expect("a number")
    };
    let plain = said("");
    assert!((30_003..=30_007).contains(&plain), "{plain}");
    assert_eq!(said("<style>p { color:red }</style>"), plain + "color:red;".len());
    assert_eq!(said("<style>p { color:red; top:0 } b { color:blue }</style>"), plain + "color:red;top:0;".len());
}

#[test]
fn a_table_inside_another_needs_no_width_of_its_own() {
    let inner =
        "<table role=\"presentation\" border=\"0\" cellpadding=\"0\" cellspacing=\"0\"><tr><td>x</td></tr></table>";
    assert!(rules(&format!("{SHEET}{inner}")).contains(&"table-width".to_owned()));
    assert!(rules(&format!("{SHEET}{}", table(inner))).is_empty());
    assert!(!rules(&format!("{SHEET}<div>{}</div>", table("x"))).contains(&"table-width".to_owned()));
}

#[test]
fn text_without_a_font_is_told_where_it_can_be_seen() {
    let sheet = "<style>table { border-collapse: collapse }</style>";
    let told =
        |text: &str| rules(&format!("{sheet}{TABLE}<tr><td>{text}</td></tr></table>")).contains(&"font".to_owned());
    assert!(told("x") && told("{{ title }}") && told("–"));
    assert!(!told(" ") && !told("{% if title %}{% endif %}"));
}
