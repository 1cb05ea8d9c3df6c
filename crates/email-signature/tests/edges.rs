//! Where one answer becomes another: what is just still fine, and what just is not.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use email_signature::{
    Address, BodyFormat, CompiledTemplate, Draft, Finding, ImageMode, ImageUrls, Kind, Level, MAX_HTML, Part, Person,
    Signature, Template, check, lint, render,
};
use serde_json::json;

fn template(html: &str) -> Template {
    Template {
        id: "t".into(),
        name: "Greeting".into(),
        folder: String::new(),
        part: Part::Signature,
        html: html.into(),
        text: None,
        images: ImageMode::Hosted,
        offered_to: None,
    }
}

fn images(all: &[(&str, &str)]) -> ImageUrls {
    ImageUrls(all.iter().map(|(name, url)| ((*name).to_owned(), (*url).to_owned())).collect())
}

fn person(fields: &serde_json::Value) -> Person {
    serde_json::from_value(json!({ "id": "ada", "address": "ada@example.com", "groups": [], "fields": fields }))
        .unwrap()
}

fn draft() -> Draft {
    let from = Address::parse("ada@example.com").unwrap();
    Draft {
        kind: Kind::New,
        from,
        recipients: Vec::new(),
        format: BodyFormat::Html,
        subject: String::new(),
        time_zone: None,
    }
}

fn sign(template: &Template, images: &ImageUrls) -> Signature {
    let (compiled, _) = CompiledTemplate::compile(template, images);
    render(&[&compiled], &person(&json!({ "title": "Analyst" })), &draft())
}

/// So many placeholders of names that differ.
fn placeholders(name: &str, count: usize) -> String {
    let all: Vec<String> = (0..count).map(|at| format!("{{{{ {name}_{at}_x }}}}")).collect();
    all.concat()
}

/// A cell that nothing is wrong with, with these attributes and this in it.
fn cell(attributes: &str, content: &str) -> String {
    format!(
        "<table role=\"presentation\" border=\"0\" cellpadding=\"0\" cellspacing=\"0\" width=\"500\" style=\"border-collapse: collapse\"><tr><td {attributes}>{content}</td></tr></table>"
    )
}

/// Text in a cell of this style.
fn text(style: &str) -> String {
    cell(&format!("style=\"font-family: Arial; {style}\""), "x")
}

/// The rules that a source breaks.
fn broken(html: &str) -> Vec<String> {
    lint(html).into_iter().filter_map(|finding| finding.rule).collect()
}

#[test]
fn text_needs_less_contrast_when_it_is_large() {
    // 4.54, 4.48, 3.03 and 2.99 to 1 on white.
    let contrasts = ["#767676", "#777777", "#949494", "#959595"];
    for (style, enough) in [
        ("font-size: 13px", 1),
        ("font-size: 23.9px", 1),
        ("font-size: 24px", 3),
        ("font-size: 18.5px; font-weight: bold", 1),
        ("font-size: 18.6px; font-weight: bold", 3),
        ("font-size: 18.6px; font-weight: 600", 3),
        ("font-size: 18.6px; font-weight: 599", 1),
        ("font-size: 18.6px; font-weight: normal", 1),
    ] {
        for (at, colour) in contrasts.into_iter().enumerate() {
            let found = broken(&text(&format!("{style}; color: {colour}")));
            let expected: &[&str] = if at < enough { &[] } else { &["contrast"] };
            assert_eq!(found, expected, "{style}, {colour}");
        }
    }
    for tag in ["b", "strong", "h1", "h2", "h3"] {
        let style = "style=\"font-family: Arial; font-size: 19px; color: #949494\"";
        assert!(broken(&cell(style, &format!("<{tag}>x</{tag}>"))).is_empty(), "{tag} is bold");
        assert_eq!(broken(&cell(style, "<i>x</i>")), ["contrast"]);
    }
}

#[test]
fn the_background_that_counts_is_the_nearest_one_and_white_where_there_is_none() {
    let on = |ground: &str| broken(&cell(ground, "<span style=\"font: 13px Arial; color: #ffffff\">x</span>"));
    assert_eq!(on(""), ["contrast"]);
    for dark in ["style=\"background-color: #000000\"", "style=\"background: #000000\"", "bgcolor=\"#000000\""] {
        assert!(on(dark).is_empty(), "{dark}: {:?}", on(dark));
    }
    for none in ["transparent", "none", "inherit"] {
        assert_eq!(on(&format!("style=\"background: {none}\"")), ["contrast"], "{none} is no background");
    }
}

#[test]
fn a_background_asks_for_a_colour_of_the_text_on_it() {
    let cell = |style: &str, content: &str| broken(&cell(&format!("style=\"font: 13px Arial; {style}\""), content));
    assert_eq!(cell("background: #eeeeee", "x"), ["dark-mode"]);
    assert!(cell("background: #eeeeee; color: #000000", "x").is_empty());
    assert!(cell("background: #eeeeee", "<span style=\"color: #000000\">x</span>").is_empty());
    assert_eq!(cell("color: #000000", "<div style=\"background: #eeeeee\">x</div>"), ["dark-mode"]);
    assert_eq!(cell("background: #eeeeee; color: inherit", "x"), ["dark-mode"], "that is no colour of its own");
}

#[test]
fn tables_are_seven_hundred_pixels_wide_at_most_and_only_the_outer_one_needs_a_width() {
    let wide = |width: &str| broken(&text("font-size: 13px").replace("width=\"500\"", width));
    assert!(wide("width=\"700\"").is_empty());
    assert_eq!(wide("width=\"701\""), ["table-width"]);
    assert!(wide("width=\"100%\"").is_empty(), "whatever that is");
    let inner = text("font-size: 13px").replace(" width=\"500\"", "");
    assert_eq!(broken(&inner), ["table-width"]);
    assert!(broken(&cell("", &inner)).is_empty());
}

#[test]
fn an_image_is_cut_off_by_lines_that_are_lower_than_it_is() {
    let image = |style: &str| {
        broken(&cell(&format!("style=\"{style}\""), "<img src=\"image:a.png\" width=\"20\" height=\"20\" alt=\"\">"))
    };
    assert_eq!(image("line-height: 19px; mso-line-height-rule: exactly"), ["image-line-height"]);
    assert!(image("line-height: 20px; mso-line-height-rule: exactly").is_empty());
    assert!(image("line-height: 10px; mso-line-height-rule: at-least").is_empty());
    assert_eq!(image("mso-line-height-rule: exactly"), ["image-line-height"], "nobody knows how high");
}

#[test]
fn outlook_shows_png_jpeg_and_gif_wherever_they_come_from() {
    let image =
        |source: &str| broken(&cell("", &format!("<img src=\"{source}\" width=\"20\" height=\"20\" alt=\"\">")));
    for shown in ["image:a.png", "image:svg.gif", "https://example.com/a.jpg?file=b.svg", "image:a.svg.png"] {
        assert!(image(shown).is_empty(), "{shown}");
    }
    for ending in ["svg", "SVG", "svgz", "webp", "avif", "tif", "tiff", "heic"] {
        assert_eq!(image(&format!("image:a.{ending}")), ["image-format"], "{ending}");
        assert_eq!(image(&format!("https://example.com/a.{ending}?v=1#x")), ["image-format"], "{ending}");
    }
    assert_eq!(image("DATA:image/png;base64,x"), ["image-format"]);
}

#[test]
fn a_link_needs_a_colour_and_a_decoration_of_its_own() {
    let link = |outside: &str, link: &str, inside: &str| {
        let content = format!("<a href=\"https://example.com\" style=\"{link}\"><b style=\"{inside}\">x</b></a>");
        broken(&cell(&format!("style=\"font: 13px Arial; {outside}\""), &content))
    };
    assert!(link("", "color: #000000; text-decoration: none", "").is_empty());
    assert!(link("", "", "color: #000000; text-decoration: none").is_empty(), "inside it counts, too");
    assert_eq!(link("color: #000000; text-decoration: none", "", ""), ["link-colour"], "outside it does not");
    assert_eq!(link("", "color: #000000", ""), ["link-colour"]);
    assert_eq!(link("", "text-decoration: none", ""), ["link-colour"]);
    let anchor = broken(&cell("style=\"font: 13px Arial\"", "<a name=\"x\">x</a>"));
    assert!(anchor.is_empty(), "an anchor leads nowhere: {anchor:?}");
}

#[test]
fn a_source_of_a_hundred_thousand_bytes_is_looked_at_and_a_longer_one_is_not() {
    let long = |bytes: usize| lint(&" ".repeat(bytes));
    assert_eq!(long(100_000), []);
    let [found] = long(100_001).try_into().unwrap();
    assert!(found.detail.contains("100000") && found.rule.as_deref() == Some("length"), "{found:?}");
}

#[test]
fn of_one_source_two_hundred_findings_are_told_in_its_order_each_once() {
    let images = |count: usize| lint(&cell("", &"<img src=\"image:a.png\" width=\"1\" height=\"1\">".repeat(count)));
    assert_eq!((images(199).len(), images(200).len(), images(230).len()), (199, 200, 200));
    let found = lint(&cell("style=\"display: flex\"", "<span>x<img src=\"a.svg\">"));
    let places: Vec<usize> = found.iter().map(|finding| finding.at.as_ref().unwrap().start).collect();
    assert!(places.is_sorted() && found.len() > 3, "{found:#?}");
    assert!(found.iter().enumerate().all(|(at, one)| !found[..at].contains(one)), "{found:#?}");
}

#[test]
fn a_signature_that_becomes_too_long_for_outlook_is_told_before_it_is() {
    let long = |characters: usize| {
        let html = cell("style=\"font: 13px Arial\"", &"x".repeat(characters));
        broken(&html).contains(&"length".to_owned())
    };
    assert!(!long(1_000) && long(MAX_HTML));
    let values = cell("style=\"font: 13px Arial\"", &"{{ title }} ".repeat(1_300));
    assert!(broken(&values).contains(&"length".to_owned()), "values count for more than their placeholders");
}

/// The problems of a source: what is said, and the place in it.
fn problems(html: &str) -> Vec<(String, String)> {
    let found = check(&template(html), &images(&[("logo.png", "https://example.com/l")]), &["booking_link"]);
    let problems = found.into_iter().filter(|finding| finding.level == Level::Problem);
    problems.map(|found| (found.detail, found.at.map_or(String::new(), |at| html[at].to_owned()))).collect()
}

#[test]
fn the_name_that_was_meant_is_guessed_from_names_that_are_like_it() {
    for (written, meant) in [
        ("titel", Some("title")),
        ("Title", Some("title")),
        ("tite", Some("title")),
        ("ttle", Some("title")),
        ("display_x_name", Some("display_name")),
        ("displayname", Some("display_name")),
        ("dispaly_name", Some("display_name")),
        ("disply_nam", Some("display_name")),
        ("dsply_nm", None),
        ("bookinglink", Some("booking_link")),
        ("mobil", Some("mobile")),
        ("fx", Some("fax")),
        ("xy", None),
        ("favourite_colour", None),
    ] {
        let found = problems(&format!("{{{{ {written} }}}}"));
        let [(detail, place)] = found.as_slice() else { panic!("{written}: {found:?}") };
        assert_eq!(place, written);
        let guess = detail.split_once(", did you mean “").map(|(_, rest)| rest.split_once('”').unwrap().0);
        assert_eq!(guess, meant, "{written}: {detail}");
    }
}

#[test]
fn a_hundred_of_one_kind_of_problem_are_told() {
    let names = |count: usize| problems(&placeholders("unknown", count));
    assert_eq!((names(99).len(), names(100).len(), names(140).len()), (99, 100, 100));
    let filters = |count: usize| problems(&"{{ title|shout }}".repeat(count)).len();
    assert_eq!((filters(100), filters(140)), (100, 100));
    let images = problems(&"<img alt=\"x\">".repeat(400));
    assert!((100..=110).contains(&images.len()), "{}", images.len());
    let styles = problems(&format!("<style>{}</style>", "p { background: url(x) }".repeat(400)));
    assert!((100..=110).contains(&styles.len()), "{}", styles.len());
}

#[test]
fn problems_come_before_advice_and_those_of_the_html_before_those_of_the_text() {
    let template = Template { text: Some("{{ nobody }}".into()), ..template("<b>x</b><img>{{ nothing }}") };
    let found = check(&template, &ImageUrls::default(), &[]);
    let order: Vec<_> = found.iter().map(|one: &Finding| (one.level == Level::Advice, one.in_text)).collect();
    assert!(order.is_sorted() && order.contains(&(false, true)) && order.contains(&(true, false)), "{found:#?}");
}

#[test]
fn what_is_quoted_is_shortened_after_eighty_characters_and_shows_values_as_dots() {
    let quoted = |address: &str| {
        let found = problems(&format!("<a href=\"{address}\">x</a>"));
        let [(detail, _)] = found.as_slice() else { panic!("{found:?}") };
        detail[3..].split_once('”').unwrap().0.to_owned()
    };
    let fits = format!("/{}", "ä".repeat(79));
    assert_eq!(quoted(&fits), fits);
    assert_eq!(quoted(&format!("{fits}ö")), format!("{fits}…"));
    assert_eq!(quoted("/a/{{ title }}/{{ phone }}/b&amp;c"), "/a/…/…/b&c");
}

#[test]
fn a_place_of_the_template_language_is_its_line_without_the_blanks_around_it() {
    for (html, line) in
        [("a\n\n   {{ title|replace(1) }}  \nb", "{{ title|replace(1) }}"), ("{% if x %}", "{% if x %}")]
    {
        assert_eq!(problems(html).first().map(|(_, place)| place.as_str()), Some(line), "{html:?}");
    }
}

#[test]
fn an_inline_image_has_one_plain_name_for_one_content() {
    let cid = |name: &str, url: &str| {
        let template = Template { images: ImageMode::Cid, ..template(&format!("<img src=\"image:{name}\" alt=\"\">")) };
        let signature = sign(&template, &images(&[(name, url)]));
        let [image] = signature.images.try_into().unwrap();
        let cid: String = image.cid.unwrap();
        assert!(signature.html.contains(&format!("src=\"cid:{cid}\"")), "{}", signature.html);
        cid
    };
    let url = "https://example.com/images/1";
    let logo = cid("logo.png", url);
    assert_eq!(logo, cid("logo.png", url));
    assert_ne!(logo, cid("logo.png", "https://example.com/images/2"));
    let hash = logo.strip_prefix("logo-").and_then(|rest| rest.strip_suffix(".png")).unwrap().to_owned();
    assert!(hash.len() == 8 && hash.bytes().all(|digit| digit.is_ascii_hexdigit()), "{logo}");
    for (name, expected) in [
        ("summer_2026-a.b.gif", format!("summer_2026-a.b-{hash}.gif")),
        ("Ünïcode(1).jpg", format!("-n-code-1--{hash}.jpg")),
        ("plain", format!("plain-{hash}.png")),
        (".png", format!(".png-{hash}.png")),
    ] {
        assert_eq!(cid(name, url), expected, "{name}");
    }
    let long = "x".repeat(70);
    assert_eq!(cid(&format!("{long}.png"), url), format!("{}-{hash}.png", &long[..60]));
}

#[test]
fn images_whose_address_is_no_web_address_are_not_there() {
    let shown = |url: &str| sign(&template("<p>x<img src=\"image:a.png\" alt=\"\"></p>"), &images(&[("a.png", url)]));
    assert!(shown("https://example.com/a").html.contains("src=\"https://example.com/a\""));
    for url in ["", "a", "javascript:alert(1)", "https://", "http://["] {
        assert!(!shown(url).html.contains("<img"), "{url:?}: {}", shown(url).html);
    }
}

#[test]
fn a_template_tells_what_it_uses_and_whether_it_can_be_used() {
    let compile = |html: &str, text: Option<&str>| {
        let template = Template { text: text.map(str::to_owned), ..template(html) };
        CompiledTemplate::compile(&template, &ImageUrls::default())
    };
    let (good, none) = compile("{{ title }}", Some("{{ phone }}"));
    assert_eq!(["title", "phone", "city"].map(|name| good.uses(name)), [true, true, false]);
    assert_eq!((good.usable(), good.problems(), none.len()), (Ok(()), [].as_slice(), 0));
    assert_eq!((good.id(), good.name(), good.part()), ("t", "Greeting", Part::Signature));
    let (bad, told) = compile("{{ title", Some("{% if %}"));
    assert!(bad.usable().is_err_and(|clause| clause.contains("Line 1") || clause.contains("line 1")), "{bad:?}");
    assert_eq!(bad.problems(), told);
    assert!(told[0].detail.starts_with("The template “Greeting” cannot be used: "), "{told:?}");
    assert!(told[1].detail.starts_with("The plain text of the template “Greeting” cannot be used: "), "{told:?}");
    assert!(!bad.uses("title"));
}

#[test]
fn a_custom_field_without_a_value_is_a_problem_unless_there_is_such_a_field() {
    let (compiled, _) =
        CompiledTemplate::compile(&template("{{ badge }}{{ floor }}{{ badge }}{{ title }}"), &ImageUrls::default());
    let told = |compiled: &CompiledTemplate, fields: serde_json::Value| {
        let signature = render(&[compiled], &person(&fields), &draft());
        signature.problems.into_iter().map(|problem| problem.detail).collect::<Vec<_>>()
    };
    let both = told(&compiled, json!({}));
    assert!(
        both.len() == 2 && both[0].starts_with("“{{ badge }}”") && both[1].starts_with("“{{ floor }}”"),
        "{both:?}"
    );
    assert!(both[0].contains("ada@example.com"), "{both:?}");
    assert_eq!(told(&compiled, json!({ "badge": "1", "floor": "2" })), [""; 0]);
    let compiled = compiled.knowing(["badge"]);
    assert_eq!(told(&compiled, json!({})), both[1..]);
}

#[test]
fn one_signature_tells_a_hundred_problems_at_most() {
    let told = |count: usize| sign(&template(&placeholders("custom", count)), &ImageUrls::default()).problems.len();
    assert_eq!((told(99), told(100), told(130)), (99, 100, 100));
}

#[test]
fn the_fingerprint_is_of_html_and_text_and_nothing_has_none() {
    let of = |html: &str, text: Option<&str>| {
        let template = Template { text: text.map(str::to_owned), ..template(html) };
        sign(&template, &ImageUrls::default()).fingerprint
    };
    let one = of("<p>{{ title }}</p>", Some("a"));
    assert!(one.len() == 32 && one.bytes().all(|digit| digit.is_ascii_hexdigit()), "{one}");
    assert_eq!(one, of("<p>{{ title }}</p>", Some("a")));
    assert_ne!(one, of("<p>{{ title }}</p>", Some("b")));
    assert_ne!(one, of("<p>{{ title }}!</p>", Some("a")));
    assert_eq!(of("{{ city }}", None), "");
}

#[test]
fn the_text_of_a_template_that_cannot_be_filled_is_derived_from_its_html() {
    let template = Template { text: Some("{{ title|replace(1) }}".into()), ..template("<p>{{ title }}</p>") };
    let signature = sign(&template, &ImageUrls::default());
    assert_eq!(signature.text, "Analyst");
    let told = "The plain text of the template “Greeting” is derived from its HTML: ";
    assert!(signature.problems.iter().any(|problem| problem.detail.starts_with(told)), "{:?}", signature.problems);
}

#[test]
fn email_and_kind_are_the_drafts_and_not_the_persons() {
    let (compiled, _) = CompiledTemplate::compile(&template("{{ email }} {{ kind }}"), &ImageUrls::default());
    let from = Address::parse("desk@example.com").unwrap();
    let draft = Draft { from, kind: Kind::Reply, ..draft() };
    let signature = render(&[&compiled], &person(&json!({ "email": "x@example.com", "kind": "x" })), &draft);
    assert_eq!(signature.text, "desk@example.com reply");
}

#[test]
fn phone_numbers_are_those_of_the_persons_country() {
    let html = "<p><a href=\"tel:{{ phone|tel }}\">{{ phone|phone }}</a> {{ phone|phone('national') }} \
                {{ phone|phone('typed') }}</p>";
    let (compiled, problems) = CompiledTemplate::compile(&template(html), &ImageUrls::default());
    assert_eq!(problems, []);
    for (phone, country, dialled, text) in [
        ("0044 (0)20 7946 0000", "", "+442079460000", "0044 (0)20 7946 0000 0044 (0)20 7946 0000 0044 (0)20 7946 0000"),
        ("030 1234567 x12", "Allemagne", "+49301234567;ext=12", "+49 30 1234567 x12 030 1234567 x12 030 1234567 x12"),
        ("030  1234567", "", "0301234567", "030 1234567 030 1234567 030 1234567"),
        ("1-800-FLOWERS", "U.S.A.", "+18003569377", "1-800-FLOWERS (+18003569377) 1-800-FLOWERS 1-800-FLOWERS"),
    ] {
        let signature = render(&[&compiled], &person(&json!({ "phone": phone, "country": country })), &draft());
        assert!(signature.html.contains(&format!("href=\"tel:{dialled}\"")), "{phone}: {}", signature.html);
        assert_eq!(signature.text, text, "{phone}");
    }
    // The template's own variable is not the person's country.
    let html = "{% set country = 'DE' %}<p>{{ phone|tel }}</p>";
    let (compiled, _) = CompiledTemplate::compile(&template(html), &ImageUrls::default());
    let signature = render(&[&compiled], &person(&json!({ "phone": "020 7946 0000", "country": "UK" })), &draft());
    assert_eq!(signature.text, "+442079460000");
}

#[test]
fn a_missing_value_takes_its_separator_with_it() {
    for (html, text, fields, expected) in [
        ("<p>{{ phone }} | {{ mobile }}</p>", None, json!({ "phone": "1" }), "1"),
        ("<p>{{ phone }} | {{ mobile }}</p>", None, json!({ "mobile": "2" }), "2"),
        ("<p>{{ phone }} | {{ mobile }}</p>", None, json!({ "phone": "1", "mobile": "2" }), "1 | 2"),
        (
            "<p>T {{ phone }} &middot; M {{ mobile }} &middot; F {{ fax }}</p>",
            None,
            json!({ "phone": "1", "fax": "3" }),
            "T 1 · F 3",
        ),
        (
            "<p><a href=\"tel:{{ phone|tel }}\">{{ phone }}</a><span>&nbsp;|&nbsp;</span><a href=\"{{ website|url }}\">{{ website }}</a></p>",
            None,
            json!({ "phone": "123456" }),
            "123456",
        ),
        ("<p><b>T</b> {{ phone }} – <b>M</b> {{ mobile }}</p>", None, json!({ "phone": "1" }), "T 1"),
        ("<p>{{ street }}, {{ postal_code }} {{ city }}, {{ country }}</p>", None, json!({ "city": "Bath" }), "Bath"),
        (
            "<p>x</p>",
            Some("{{ phone }} | {{ mobile }}\nT {{ title }}"),
            json!({ "mobile": "2", "title": "t" }),
            "2\nT t",
        ),
    ] {
        let template = Template { text: text.map(str::to_owned), ..template(html) };
        let (compiled, problems) = CompiledTemplate::compile(&template, &ImageUrls::default());
        assert_eq!(problems, []);
        let signature = render(&[&compiled], &person(&fields), &draft());
        assert_eq!(signature.text, expected, "{html}");
        assert!(expected.contains(['|', '·']) || !signature.html.contains(['|', '·', '–']), "{}", signature.html);
    }
}

#[test]
fn blocks_and_cells_are_apart_in_the_plain_text() {
    for (html, expected) in [
        (
            "<span style=\"display:block\">Ada</span><span style=\"Display: BLOCK !important\">Lovelace</span>",
            "Ada\nLovelace",
        ),
        ("<a href=\"https://e.example\" style=\"color:red;display:block\">e.example</a><b>x</b>", "e.example\nx"),
        ("<table><tr><td>Ada</td><td>Lovelace</td></tr><tr><td>x</td></tr></table>", "Ada  Lovelace\nx"),
        (
            "<div><span style=\"display:table-cell\">Ada</span><span style=\"display:table-cell\">Lovelace</span></div>",
            "Ada  Lovelace",
        ),
        ("<table><tr><td><span style=\"display:block\">a</span>b</td><td>c</td></tr></table>", "a\nb\nc"),
        ("<p>a<span style=\"display:inline\">b</span>c</p>", "abc"),
    ] {
        assert_eq!(sign(&template(html), &ImageUrls::default()).text, expected, "{html}");
    }
}

#[test]
fn mail_links_are_encoded() {
    let html = "<p><a href=\"mailto:{{ email }}?subject=Frage & Größe {{ title }}\">{{ email }}</a></p>";
    let (compiled, problems) = CompiledTemplate::compile(&template(html), &ImageUrls::default());
    assert_eq!(problems, []);
    let from = Address::parse("ada+50%&x@example.com").unwrap();
    let draft = Draft { from, ..draft() };
    let signature = render(&[&compiled], &person(&json!({ "title": "A&B?\n#1" })), &draft);
    let link = "href=\"mailto:ada+50%25%26x@example.com?subject=Frage%20&amp;%20Gr%C3%B6%C3%9Fe%20A%26B%3F%0D%0A%231\"";
    assert!(signature.html.contains(link), "{}", signature.html);
    assert_eq!(signature.text, "ada+50%&x@example.com");
}

#[test]
fn the_sender_the_manager_and_the_date_are_the_callers() {
    let html = "<p>{{ sender.display_name|upper }} {{ manager.email }} {{ manager }} {{ today|date('dd.MM.yyyy') }} \
                {% if manager.phone %}{{ manager[\"phone\"]|tel }}{% endif %}{% set m = manager %}{{ m.title|default('-') }}\
                {% if sender %}!{% endif %}</p>";
    let (compiled, problems) = CompiledTemplate::compile(&template(html), &ImageUrls::default());
    assert_eq!(problems, []);
    assert!(compiled.uses("sender") && compiled.uses("manager") && compiled.uses("today"));
    let fields = json!({
        "sender.display_name": "Ada", "manager.display_name": "Grace", "manager.email": "grace@example.com",
        "manager.phone": "020 1", "today": "2026-11-30",
    });
    let signature = render(&[&compiled], &person(&fields), &draft());
    assert_eq!(signature.text, "ADA grace@example.com Grace 30.11.2026 0201-!");
    assert_eq!(signature.problems, []);
    // A field of the tenant's own is what it was.
    let fields = json!({ "manager": "G. Hopper", "manager.display_name": "Grace" });
    let (compiled, _) =
        CompiledTemplate::compile(&template("{{ manager }} {{ manager.display_name }}"), &ImageUrls::default());
    assert_eq!(render(&[&compiled], &person(&fields), &draft()).text, "G. Hopper Grace");
    // Nobody there: the line goes.
    let (compiled, _) = CompiledTemplate::compile(
        &template("<p>x</p><p>Reports to {{ manager.display_name }}</p><p>{{ today|date }}</p>"),
        &ImageUrls::default(),
    );
    let signature = render(&[&compiled], &person(&json!({})), &draft());
    assert_eq!((&*signature.text, signature.problems.len()), ("x", 0));
    // In the language of the person.
    let (compiled, _) = CompiledTemplate::compile(&template("{{ today|date('full') }}"), &ImageUrls::default());
    let fields = json!({ "today": "2026-11-30", "preferred_language": "de-DE" });
    assert_eq!(render(&[&compiled], &person(&fields), &draft()).text, "Montag, 30. November 2026");
}

#[test]
fn parts_come_in_their_order_whatever_order_they_are_given_in() {
    let part = |part: Part, html: &str| {
        CompiledTemplate::compile(&Template { part, ..template(html) }, &ImageUrls::default()).0
    };
    let (signature, campaign) = (part(Part::Signature, "<p>one</p>"), part(Part::Campaign, "<p>two</p>"));
    let disclaimer = part(Part::Disclaimer, "<p>three</p>");
    let joined = render(&[&disclaimer, &campaign, &signature], &person(&json!({})), &draft());
    assert_eq!(joined.text, "one\n\ntwo\n\nthree");
    assert_eq!(render(&[], &person(&json!({})), &draft()).html, "");
}
