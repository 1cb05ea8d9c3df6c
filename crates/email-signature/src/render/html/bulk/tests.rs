use super::*;
use crate::render::html::measure::measure;
use crate::{BodyFormat, CompiledTemplate, Draft, ImageMode, ImageUrls, Kind, Part, Person, Template, render};
use proptest::prelude::*;

/// What Word 16 writes for each of its 376 latent styles.
fn latent_styles(n: usize) -> String {
    let style = |n: usize| {
        format!(
            "  <w:LsdException Locked=\"false\" Priority=\"{n}\" SemiHidden=\"true\"\n   \
             UnhideWhenUsed=\"true\" QFormat=\"true\" Name=\"Grid Table {n} Colorful\"/>\n"
        )
    };
    let styles: String = (0..n).map(style).collect();
    format!(
        "<xml>\n <w:LatentStyles DefLockedState=\"false\" DefUnhideWhenUsed=\"false\"\n  \
         LatentStyleCount=\"376\">\n{styles} </w:LatentStyles>\n</xml>"
    )
}

/// Settings that are not closed one by one, as Word 2003 and Outlook's reading pane leave them.
fn open_settings(n: usize) -> String {
    "<o:OfficeDocumentSettings><o:AllowPNG><w:ValidateAgainstSchemas>".repeat(n)
}

/// A document as Word saves it, with this between its head's tags and this in its body.
fn word(head: &str, body: &str) -> String {
    format!(
        "<html xmlns:v=\"urn:schemas-microsoft-com:vml\"\nxmlns:o=\"urn:schemas-microsoft-com:office:office\"\n\
         xmlns:w=\"urn:schemas-microsoft-com:office:word\"\nxmlns=\"http://www.w3.org/TR/REC-html40\">\n\n<head>\n\
         <meta http-equiv=Content-Type content=\"text/html; charset=windows-1252\">\n\
         <meta name=Generator content=\"Microsoft Word 15\">\n<title>Kind regards</title>\n{head}\n</head>\n\n\
         <body lang=EN-GB link=\"#0563C1\" style='tab-interval:36.0pt;word-wrap:break-word'>\n\n\
         <div class=WordSection1>\n\n<p class=MsoNormal><b><span lang=EN-US style='color:#1F3864;\n\
         mso-ansi-language:EN-US'>{{{{ display_name }}}}</span></b><span lang=EN-US><o:p></o:p></span></p>\n\n{body}\n\n\
         <p class=MsoNormal><span style='mso-no-proof:yes'>{{{{ title }}}}<o:p></o:p></span></p>\n\n</div>\n\n\
         </body>\n\n</html>\n"
    )
}

fn rendered(html: &str) -> crate::Signature {
    let template = Template {
        id: "word".into(),
        name: "Word".into(),
        folder: String::new(),
        part: Part::Signature,
        html: html.into(),
        text: None,
        images: ImageMode::Hosted,
        offered_to: None,
    };
    let (compiled, _) = CompiledTemplate::compile(&template, &ImageUrls::default());
    let fields = [("display_name", "Ada Lovelace"), ("title", "Analyst")];
    let person = Person {
        id: "ada".into(),
        address: crate::Address::parse("ada@example.com").unwrap(),
        aliases: Vec::new(),
        groups: Vec::new(),
        fields: fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
    };
    let draft = Draft {
        kind: Kind::New,
        from: person.address.clone(),
        recipients: Vec::new(),
        format: BodyFormat::Html,
        subject: String::new(),
        time_zone: None,
    };
    render(&[&compiled], &person, &draft)
}

/// Documents that exporters write, by what they are full of. Each is near the longest that a template may be.
fn documents() -> Vec<(&'static str, String)> {
    let base64 = "iVBORw0KGgoAAAANSUhEUgAAAoA".repeat(3_000);
    let shape = format!(
        "<v:shapetype id=\"_x0000_t75\" coordsize=\"21600,21600\" filled=\"f\" o:gfxdata=\"{base64}\"><v:stroke joinstyle=\"miter\"/>\
         <v:path o:extrusionok=\"f\"/></v:shapetype>"
    );
    let font =
        "@font-face\n\t{font-family:\"Cambria Math\";\n\tpanose-1:2 4 5 3 5 4 6 3 2 4;\n\tmso-font-charset:0;}\n";
    let fonts = font.repeat(400);
    let list =
        "@list l0:level1\n\t{mso-level-number-format:bullet;\n\tmso-level-text:\u{f0b7};\n\ttext-indent:-18.0pt;}\n";
    let lists = list.repeat(600);
    let bullet = "<p class=MsoListParagraph style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]>\
                  <span style='mso-list:Ignore'>\u{b7}<span>&nbsp;&nbsp; </span></span><![endif]>Line<o:p></o:p></p>\n";
    let drawing = format!(
        "<svg viewBox=\"0 0 600 200\"><path fill=\"#1f3864\" d=\"{}\"/></svg>",
        "M12.5 7c3 4 5 6 8 1z".repeat(4_000)
    );
    vec![
        ("latent styles in a comment", word(&format!("<!--[if gte mso 9]>{}<![endif]-->", latent_styles(150)), "")),
        ("all latent styles", word(&format!("<!--[if gte mso 9]>{}<![endif]-->", latent_styles(376)), "")),
        ("latent styles in a revealed comment", word(&format!("<![if gte mso 9]>{}<![endif]>", latent_styles(150)), "")),
        ("latent styles that every browser sees", word(&format!("<!--[if gte mso 9]><!-->{}<!--<![endif]-->", latent_styles(150)), "")),
        ("latent styles without a comment", word(&latent_styles(150), "")),
        ("latent styles in the body", word("", &latent_styles(376))),
        ("latent styles without their island", word("", &latent_styles(150).replace("<xml>", "").replace("</xml>", ""))),
        ("settings that are not closed", word("", &open_settings(500))),
        ("settings in many comments", word("", &"<!--[if gte mso 9]><xml><o:x/></xml><![endif]-->".repeat(1_900))),
        ("short comments", word("", &"<!---->".repeat(13_000))),
        ("a drawing's file in a comment", word("", &format!("<!--[if gte vml 1]>{shape}<![endif]--><![if !vml]><![endif]>"))),
        ("a drawing's file", word("", &shape)),
        ("an embedded image", word("", &format!("<p><img width=80 src=\"data:image/png;base64,{base64}\" alt=Logo></p>"))),
        ("an embedded background", word("", &format!("<p style=\"color:#333333;background:url(data:image/png;base64,{base64})\">Line</p>"))),
        ("an embedded font", word(&format!("<style>@font-face{{font-family:X;src:url(data:font/woff2;base64,{base64})}}</style>"), "")),
        ("a drawing", word("", &drawing)),
        ("fonts", word(&format!("<style>\n<!--\n /* Font Definitions */\n {fonts}-->\n</style>"), "")),
        ("lists", word(&format!("<style><!--{lists}--></style>"), &bullet.repeat(20))),
        ("list paragraphs", word("", &bullet.repeat(80))),
        ("empty spans", word("", &format!("<p>{}Line</p>", "<span lang=EN-GB style='mso-ansi-language:EN-GB'></span>".repeat(1_600)))),
        ("empty spans in spans", word("", &format!("<p>{}{}Line</p>", "<span>".repeat(3_000), "</span>".repeat(3_000)))),
        ("empty paragraphs' marks", word("", &"<span lang=EN-US><o:p></o:p></span>".repeat(2_500))),
        ("smart tags", word("", &format!("<p>{}Line</p>", "<st1:place w:st=\"on\"><st1:City w:st=\"on\">".repeat(1_000)))),
        ("declarations of namespaces", word("", &"<?xml:namespace prefix = o ns = \"urn:schemas-microsoft-com:office:office\" />".repeat(900))),
        ("styles of tables in a comment", word(&"<!--[if gte mso 10]><style>\n table.MsoNormalTable {mso-style-name:\"Table Normal\";}\n</style><![endif]-->".repeat(700), "")),
    ]
}

#[test]
fn what_exporters_write_empties_no_signature() {
    for (name, document) in documents() {
        assert!(document.len() <= crate::render::language::MAX_SOURCE, "{name}: {}", document.len());
        let signature = rendered(&document);
        let place = |text: &str| signature.text.find(text);
        assert!(place("Ada Lovelace") < place("Analyst") && signature.text.starts_with("Ada"), "{name}: {signature:?}");
        assert!(signature.html.contains(">Ada Lovelace<") && signature.html.contains(">Analyst<"), "{name}");
        assert!(
            !signature.problems.iter().any(|problem| problem.detail.contains("plain text")),
            "{name}: {signature:?}"
        );
        assert!(
            !signature.text.contains("Grid Table") && !signature.text.contains("Kind regards"),
            "{name}: {signature:?}"
        );
    }
}

#[test]
fn what_exporters_write_costs_the_parsers_little() {
    for (name, document) in documents() {
        let steps = measure(&stripped(&document)).unwrap_or_else(|error| panic!("{name}: {error}")).steps;
        // A tenth of the limit.
        assert!(steps <= 15_000, "{name}: {steps}");
    }
}

#[test]
fn what_is_shown_stays_and_what_is_not_goes() {
    for (html, left) in [
        ("a<!-- b -->c", "ac"),
        ("a<!-->b<!--->c<!---->d", "abcd"),
        ("a<!--b--!>c<!--d", "ac"),
        ("<![if !vml]><img src=x><![endif]>", "<img src=x>"),
        ("<!--[if !mso]><!--><b>x</b><!--<![endif]-->", "<b>x</b>"),
        ("<!--[if mso]><b>x</b><![endif]-->", ""),
        ("<!doctype html><?xml version='1.0'?></>x</ y>z", "xz"),
        ("<p title='<!--'>x</p><p title=\"-->\">y</p>", "<p title='<!--'>x</p><p title=\"-->\">y</p>"),
        ("<p title = '<!-- x -->'>", "<p title = '<!-- x -->'>"),
        ("<style><!-- p{} --></style>x", "<style><!-- p{} --></style>x"),
        ("<STYLE>a<!--</Style>x<!-- y -->", "<STYLE>a<!--</Style>x"),
        ("<xml><o:x/>y</xml>z<XML>a</XML >b", "zb"),
        ("<xml>x<p>y</p>", "x<p>y</p>"),
        ("<w:WordDocument/>x", "x"),
        ("<o:p>&nbsp;</o:p><st1:City w:st='on'>Berlin</st1:City>", "&nbsp;Berlin"),
        ("a<span></span>b<span lang=x><font></font><o:p></o:p></span>c", "abc"),
        (
            "<span> </span><span style='width:1px'></span><b></b>",
            "<span> </span><span style='width:1px'></span><b></b>",
        ),
        ("<p><span></p></span>", "<p><span></p></span>"),
        ("1 < 2 <3 <", "1 < 2 <3 <"),
        ("<a title=x", "<a title=x"),
    ] {
        assert_eq!(stripped(html), left, "{html}");
    }
}

#[test]
fn long_values_are_cut_to_what_means_something() {
    let long = "x".repeat(MAX_VALUE + 1);
    assert_eq!(stripped(&format!("<p title=\"{long}\" dir=rtl>")), "<p title=\"\" dir=rtl>");
    let image = format!("<img width=1 src='data:image/png;base64,{long}' alt=x>");
    assert_eq!(stripped(&image), "<img width=1 src='data:,' alt=x>");
    let style = format!("<p style=\"color:red;background:url(data:image/gif;base64,{long});width:1px\">");
    assert_eq!(stripped(&style), "<p style=\"color:red;background:url(data:,);width:1px\">");
}

#[test]
fn nothing_in_a_comment_is_reported_as_lost() {
    use crate::render::html::policy::lost;
    assert_eq!(lost("<!--[if mso]><script></script><img src='data:x'><![endif]--><xml><o:link/><base></xml>"), [""; 0]);
    assert_eq!(lost("{{ a }}<!-- <script> --><form>").len(), 1);
    let at = crate::render::html::policy::lost_at("ä<!-- é <form> --><form>").remove(0).1;
    assert_eq!(&"ä<!-- é <form> --><form>"[at], "<form");
}

proptest! {
    #[test]
    fn anything_can_be_read(html in "(<|>|=|\"|'|!|--|/|\\?|xml|o:p|style|span|p|é| |\u{f0000}|[a-z]{1,3}|<!--|-->|</|<span>|</span>|<xml>|</xml>){0,60}") {
        let once = stripped(&html);
        prop_assert!(once.len() <= html.len());
        prop_assert_eq!(blanked(&html).len(), html.len());
    }
}
