use super::*;
use api::console::{Confidence, ImageFound, MigrationFile};
use std::io::Write as _;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A pixel.
const PNG: &[u8] = include_bytes!("../../../../assets/icons/icon-16.png");
const OTHER: &[u8] = include_bytes!("../../../../assets/icons/icon-32.png");

fn file(name: &str, bytes: &[u8]) -> MigrationFile {
    MigrationFile { name: name.to_owned(), data: STANDARD.encode(bytes) }
}

fn files(all: &[(&str, &[u8])]) -> MigrationSource {
    MigrationSource { files: all.iter().map(|(name, bytes)| file(name, bytes)).collect(), ..MigrationSource::default() }
}

fn pasted(html: &str) -> MigrationSource {
    MigrationSource { html: Some(html.to_owned()), ..MigrationSource::default() }
}

fn zipped(all: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in all {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn made(source: MigrationSource) -> Migrated {
    migrate(source, &BTreeSet::from(["cost_centre".to_owned()]), &BTreeMap::new()).unwrap()
}

/// Each placeholder and what it becomes.
fn table(migrated: &Migrated) -> Vec<(&str, String)> {
    let becomes = |row: &ForeignPlaceholder| match (&row.becomes, &row.condition) {
        (Some(PlaceholderUse::Field(field)), _) => field.clone(),
        (Some(other), _) => format!("{other:?}"),
        (None, Some(_)) => "condition".into(),
        (None, None) => "?".into(),
    };
    migrated.placeholders.iter().map(|row| (row.written.as_str(), becomes(row))).collect()
}

#[test]
fn every_vendors_placeholders_are_in_the_table() {
    for (html, expected) in [
        // Exchange's transport rules.
        (
            "<p>%%DisplayName%%, %%Title%%<br>%%PhoneNumber%% %%CustomAttribute3%%</p>",
            "%%DisplayName%%=display_name %%Title%%=title %%PhoneNumber%%=phone %%CustomAttribute3%%=?",
        ),
        // CodeTwo.
        (
            "<p>{First name} {Last name}{rt}, {Title}{/rt}</p><p>{rt}Fax <b>{Fax number}</b>{/rt}</p>",
            "{First name}=given_name {Last name}=surname {rt}=condition {Title}=title {/rt}=condition {Fax number}=fax",
        ),
        // Exclaimer's on-premises products, and its cloud.
        ("<p>%DisplayName%<br><a href=\"mailto:%mail%\">%mail%</a></p>", "%DisplayName%=display_name %mail%=email"),
        (
            "<p>{Display Name}, {Desk Phone}, {Custom Attribute 1}</p>",
            "{Display Name}=display_name {Desk Phone}=phone {Custom Attribute 1}=?",
        ),
        // Set-OutlookSignatures.
        (
            "<p>$CurrentUserGivenName$ $CURRENTUSERSURNAME$ $MGivenName$ $CurrentUserManagerMail$</p>",
            "$CurrentUserGivenName$=given_name $CURRENTUSERSURNAME$=? $MGivenName$=given_name $CurrentUserManagerMail$=manager.email",
        ),
        // Programs with double braces, WiseStamp among them.
        (
            "<p>{{FirstName}} {{user.lastName}} {{ Job Title }} {{#if Mobile}}M {{Mobile}}{{/if}}</p>",
            "{{FirstName}}=given_name {{user.lastName}}=surname {{ Job Title }}=title {{#if Mobile}}=condition {{Mobile}}=mobile {{/if}}=condition",
        ),
        // Word's mail merge.
        (
            "<p>«Vorname» &laquo;Nachname&raquo; <<Department>> &lt;&lt;City&gt;&gt;</p>",
            "«Vorname»=given_name «Nachname»=surname <<Department>>=department <<City>>=city",
        ),
        // Others.
        (
            "<p>[[Mobile Phone]] @@mail@@ ##NAME## #TITLE# *|FNAME|* ${user.city} [%company%] [#Office#]</p>",
            "[[Mobile Phone]]=mobile @@mail@@=email ##NAME##=display_name #TITLE#=title *|FNAME|*=given_name ${user.city}=city [%company%]=company [#Office#]=office",
        ),
        // Torn apart by Word, with signs that have no shape.
        (
            "<p><span>$</span><span class=SpellE>MGiven</span><b>Name</b>$ {Desk&nbsp;Pho<o:p></o:p>ne} %%Display&#8203;Name%%</p>",
            "$MGivenName$=given_name {Desk Phone}=phone %%DisplayName%%=display_name",
        ),
        // In attributes, encoded or not.
        (
            "<p><a href=\"tel:%7BMobile%7D\" title=\"%Title%\">x</a><img src=\"https://x.example/%25City%25.png\" alt=\"[Company]\"></p>",
            "{Mobile}=mobile %Title%=title %City%=city [Company]=company",
        ),
        // What only looks like one.
        (
            "<style>p{color:red}td{margin:0}</style><p>100 % organic, $5 or $10, 20 % off, he/him, <a href=\"https://x.example/a%20b%C3%BCc%20d\">C# and F#</a> [he/him]</p>",
            "",
        ),
    ] {
        let migrated = made(pasted(html));
        let told: Vec<String> =
            table(&migrated).into_iter().map(|(written, becomes)| format!("{written}={becomes}")).collect();
        assert_eq!(told.join(" "), expected, "{html}: {}", migrated.html);
        assert_eq!(migrated.unusable, None, "{html}: {}", migrated.html);
    }
}

#[test]
fn a_placeholder_becomes_what_was_chosen() {
    let mapping = BTreeMap::from([
        ("{Badge}".to_owned(), PlaceholderUse::Field("cost_centre".into())),
        ("{Title}".to_owned(), PlaceholderUse::Remove),
        ("{Company}".to_owned(), PlaceholderUse::Text),
    ]);
    let html = "<p>{Badge} {Title}x {Company} {Nothing} {City}</p>";
    let migrated = migrate(pasted(html), &BTreeSet::from(["cost_centre".to_owned()]), &mapping).unwrap();
    assert_eq!(migrated.html, "<p>{{ cost_centre }} x &#0123;Company&#0125; {Nothing} {{ city }}</p>");
    let last = migrated.placeholders.iter().find(|row| row.written == "{City}").unwrap();
    assert_eq!(last.suggestion.as_ref().map(|suggestion| suggestion.confidence), Some(Confidence::Sure));
    assert_eq!(migrated.placeholders.iter().find(|row| row.written == "{Nothing}").unwrap().becomes, None);
}

#[test]
fn text_that_is_removed_with_its_value_keeps_its_condition() {
    for (html, expected) in [
        ("<p>{rt}Fax {Fax}{/rt} end</p>", "<p>{% if fax %}Fax {{ fax }}{% endif %} end</p>"),
        ("<p>{rt}<b>Fax</b> {Fax}{/rt}</p>", "<p>{% if fax %}<b>Fax</b> {{ fax }}{% endif %}</p>"),
        // It would tear elements apart: lines without values are dropped anyway.
        ("<p>{rt}<b>Fax {Fax}{/rt}</b></p>", "<p><b>Fax {{ fax }}</b></p>"),
        ("<p>{rt}Fax</p><p>{Fax}{/rt}</p>", "<p>Fax</p>\n<p>{{ fax }}</p>"),
        ("<p>{rt}only text{/rt}</p>", "<p>only text</p>"),
    ] {
        assert_eq!(made(pasted(html)).html, expected, "{html}");
    }
}

/// What Outlook saves for a signature called `Sales`, with a folder of images.
fn outlook(charset: &str, reference: &str) -> String {
    format!(
        "<html xmlns:v=\"urn:schemas-microsoft-com:vml\"><head><meta http-equiv=Content-Type content=\"text/html; charset={charset}\">\
         <title>Sales</title><style><!-- p.MsoNormal{{margin:0cm;font-family:Calibri}} --></style></head><body lang=DE>\
         <p class=MsoNormal><b>%%DisplayName%%</b> Grüße</p><p class=MsoNormal><!--[if gte vml 1]><v:shape>\
         <v:imagedata src=\"{reference}\" o:title=\"x\"/></v:shape><![endif]--><![if !vml]><img width=16 height=16 \
         src=\"{reference}\" v:shapes=\"x\"><![endif]></p></body></html>"
    )
}

#[test]
fn images_are_found_wherever_the_html_says_they_are() {
    for reference in [
        "Sales_files/image001.png",
        "./Sales_files/image001.png",
        "Sales%5Ffiles/image001.png",
        "Sales_files\\image001.png",
        "file:///C:/Users/ada/AppData/Roaming/Microsoft/Signatures/Sales_files/image001.png",
        "file:///C:\\Users\\ada\\Sales_files\\image001.png",
        "SALES_FILES/IMAGE001.PNG",
        "cid:image001.png@01D9A2B3.4C5D6E70",
        "Sales_files/image001.png?x=1#y",
    ] {
        let html = outlook("utf-8", reference);
        let migrated = made(files(&[
            ("Sales.htm", html.as_bytes()),
            ("Sales_files/image001.png", PNG),
            ("Sales_files/filelist.xml", b"<xml/>"),
        ]));
        assert!(migrated.html.contains("src=\"image:image001.png\""), "{reference}: {}", migrated.html);
        assert_eq!(migrated.images.len(), 1, "{reference}: {:?}", migrated.images);
        assert_eq!((migrated.images[0].found, migrated.images[0].width), (ImageFound::File, Some(16)), "{reference}");
        assert!(migrated.before.contains("data:image/png;base64,"), "{reference}");
        assert_eq!(migrated.files, [("image001.png".to_owned(), PNG.to_vec())]);
        assert_eq!(migrated.name, "Sales");
    }
}

#[test]
fn a_zip_holds_the_same_as_its_files() {
    let html = outlook("utf-8", "Sales-Dateien/image001.png");
    let all: &[(&str, &[u8])] = &[
        ("Signatures/Sales.htm", html.as_bytes()),
        ("Signatures/Sales-Dateien/image001.png", PNG),
        ("Signatures/Sales.txt", b"Grace"),
        ("Signatures/Sales.rtf", b"{\\rtf}"),
        ("__MACOSX/Signatures/._Sales.htm", b"x"),
        ("Signatures/.DS_Store", b"x"),
    ];
    let migrated = made(files(&[("signature.zip", &zipped(all))]));
    assert_eq!((migrated.pages.as_slice(), migrated.images.len()), (&["Signatures/Sales.htm".to_owned()][..], 1));
    assert!(migrated.notes.iter().any(|note| note.contains("RTF")), "{:?}", migrated.notes);
    assert_eq!(migrated.html, made(files(all)).html);
}

#[test]
fn one_of_several_pages_is_chosen() {
    let all: &[(&str, &[u8])] = &[
        ("B.htm", b"<p>B</p>"),
        ("A.htm", b"<p>A</p>"),
        ("A_files/header.htm", b"<p>no</p>"),
        ("deep/C.html", b"<p>C</p>"),
    ];
    let source = files(all);
    assert_eq!(made(source.clone()).pages, ["A.htm", "B.htm", "deep/C.html", "A_files/header.htm"]);
    assert_eq!(made(source.clone()).html, "<p>A</p>");
    assert_eq!(made(MigrationSource { page: Some("B.htm".into()), ..source.clone() }).html, "<p>B</p>");
    let missing = migrate(MigrationSource { page: Some("D.htm".into()), ..source }, &BTreeSet::new(), &BTreeMap::new());
    assert_eq!(missing.unwrap_err().0, "source.page");
}

#[test]
fn images_of_one_name_are_told_apart_by_their_content() {
    let html = "<p><img src='a/logo.png'><img src='b/logo.png'><img src='c/logo.png'><img src='a/logo.png'></p>";
    let migrated =
        made(files(&[("x.htm", html.as_bytes()), ("a/logo.png", PNG), ("b/logo.png", OTHER), ("c/logo.png", PNG)]));
    let names: Vec<_> = migrated.html.split("image:").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(names, ["logo.png", "logo-2.png", "logo.png", "logo.png"], "{}", migrated.html);
    assert_eq!(migrated.files.len(), 2);
}

#[test]
fn embedded_remote_and_missing_images_are_listed() {
    let data = format!("data:image/png;base64,{}", STANDARD.encode(PNG));
    let html = format!(
        "<p><img src=\"{data}\"><img src='{data}'><img src=\"https://cdn.example/logo.png\" width=20><img src=gone/banner.png>\
         <img src=\"data:image/svg+xml;base64,{}\"><img src=\"{{{{Photo}}}}\"></p>",
        STANDARD.encode("<svg xmlns='http://www.w3.org/2000/svg'/>")
    );
    let migrated = made(pasted(&html));
    let told: Vec<_> =
        migrated.images.iter().map(|image| (image.name.as_str(), image.found, image.problem.is_some())).collect();
    assert_eq!(
        told,
        [
            ("image.png", ImageFound::Embedded, false),
            ("https://cdn.example/logo.png", ImageFound::Remote, false),
            ("banner.png", ImageFound::Missing, true),
            ("image-2.png", ImageFound::Embedded, true),
        ]
    );
    assert!(
        migrated.html.contains("image:{{ photo }}") && migrated.html.contains("https://cdn.example/logo.png"),
        "{}",
        migrated.html
    );
    assert!(!migrated.html.contains("data:"), "{}", migrated.html);
}

#[test]
fn pages_are_read_in_the_encoding_that_they_are_in() {
    let text = |charset: &str| outlook(charset, "x.png");
    let utf16 = |big: bool| -> Vec<u8> {
        let units = text("unicode")
            .encode_utf16()
            .flat_map(move |unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect::<Vec<u8>>();
        [if big { &[0xfe, 0xff][..] } else { &[0xff, 0xfe][..] }, &units].concat()
    };
    let latin =
        |charset: &str| -> Vec<u8> { text(charset).chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect() };
    for (name, bytes) in [
        ("UTF-8", text("utf-8").into_bytes()),
        ("UTF-8 with a mark", [&[0xef, 0xbb, 0xbf][..], text("windows-1252").as_bytes()].concat()),
        ("windows-1252", latin("windows-1252")),
        ("windows-1252, called UTF-8", latin("utf-8")),
        ("UTF-16 LE", utf16(false)),
        ("UTF-16 BE", utf16(true)),
        ("UTF-16 LE without a mark", utf16(false)[2..].to_vec()),
    ] {
        let migrated = made(files(&[("x.htm", &bytes)]));
        assert!(migrated.html.contains("Grüße"), "{name}: {}", migrated.html);
    }
}

#[test]
fn what_word_alone_would_have_shown_is_kept_or_named() {
    let button = "<p>Hi</p><!--[if mso]><v:roundrect xmlns:v=\"urn:schemas-microsoft-com:vml\" href=\"https://meet.example/ada?a=1&amp;b=2\" \
        style=\"height:40px;v-text-anchor:middle;width:200px;\" arcsize=\"10%\" fillcolor=\"#0563C1\"><w:anchorlock/>\
        <center style=\"color:#fffffe;font-weight:bold\">Book a call</center></v:roundrect><![endif]--><!--[if !mso]><!-->\
        <a href=\"https://meet.example/ada?a=1&amp;b=2\" style=\"background-color:#0563C1;border-radius:4px;padding:10px\">Book a call</a><!--<![endif]-->";
    let migrated = made(pasted(button));
    assert_eq!(migrated.html.matches("Book a call").count(), 1, "{}", migrated.html);
    for kept in [
        "bgcolor=\"#0563C1\"",
        "https://meet.example/ada?a=1&amp;b=2",
        "color: #fffffe",
        "border-radius: 4px",
        "padding: 10px 20px",
    ] {
        assert!(migrated.html.contains(kept), "{kept}: {}", migrated.html);
    }
    for (html, word) in [
        (button, "“Book a call”"),
        ("<!--[if mso]><p>Only for Outlook</p><![endif]--><p>x</p>", "“Only for Outlook”"),
        ("<body bgcolor=\"#123456\"><p>x</p></body>", "#123456"),
        ("<table background=\"x.png\"><tr><td>x</td></tr></table>", "background image"),
        (
            "<style>.dark{display:none}@media (prefers-color-scheme:dark){.dark{display:block!important}}</style><p>x<img class=\"dark\" src=\"d.png\"></p>",
            "dark mode",
        ),
    ] {
        let migrated = made(pasted(html));
        assert!(migrated.notes.iter().any(|note| note.contains(word)), "{html}: {:?}", migrated.notes);
    }
    for html in [
        "<!--[if mso]><table><tr><td><![endif]--><p>x</p><!--[if mso]></td></tr></table><![endif]-->",
        "<!--[if mso]><style>p{color:red}</style><![endif]--><p>x</p>",
        "<!--[if gte mso 9]><xml><o:OfficeDocumentSettings><o:AllowPNG/>x</o:OfficeDocumentSettings></xml><![endif]--><p>x</p>",
        "<p>x</p><!--[if mso]><p>x</p><![endif]-->",
    ] {
        let migrated = made(pasted(html));
        assert!(migrated.notes.iter().all(|note| !note.contains("Only Word")), "{html}: {:?}", migrated.notes);
    }
    let cell = "<table><tr><td bgcolor=\"#eeeeee\" style=\"background-color:#eeeeee\">x</td></tr></table>";
    assert!(made(pasted(cell)).html.contains("bgcolor=\"#eeeeee\" style=\"background-color: #eeeeee\""));
}

#[test]
fn a_field_of_a_mail_merge_is_found_behind_its_value() {
    let html = "<p><!--[if supportFields]><span style='mso-element:field-begin'></span> MERGEFIELD Vorname <span \
        style='mso-element:field-separator'></span><![endif]-->Max<!--[if supportFields]><span style='mso-element:field-end'></span><![endif]--> \
        { MERGEFIELD Nachname \\* MERGEFORMAT }</p>";
    assert_eq!(made(pasted(html)).html, "<p>{{ given_name }} {{ surname }}</p>");
}

#[test]
fn what_cannot_be_read_is_refused_with_what_to_do() {
    let bomb = zipped(&[("x.htm", &vec![b'x'; 60_000_000])]);
    let many: Vec<(String, Vec<u8>)> = (0..500).map(|at| (format!("{at}.png"), Vec::new())).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    assert!(bomb.len() < 200_000);
    for (name, source, word) in [
        ("nothing", MigrationSource::default(), "choose"),
        ("no page", files(&[("logo.png", PNG)]), "no .htm"),
        ("a page that is none", files(&[("x.docx", b"PK\x03\x04")]), "Web Page, Filtered"),
        ("a broken zip", files(&[("x.zip", b"PK\x03\x04abc")]), "damaged"),
        ("a bomb", files(&[("x.zip", &bomb)]), "more than 40 MB"),
        ("many files", files(&[("x.zip", &zipped(&many))]), "more than 200 files"),
        ("a name that leads out", files(&[("x.zip", &zipped(&[("../x.htm", b"<p>x")]))]), "leads out"),
        ("an absolute name", files(&[("C:\\x.htm", b"<p>x")]), "leads out"),
        (
            "no base64",
            MigrationSource {
                files: vec![MigrationFile { name: "x.htm".into(), data: "!".into() }],
                ..MigrationSource::default()
            },
            "base64",
        ),
        ("a whole mail", pasted(&"<p>x</p>".repeat(200_000)), "longer than"),
        ("deep", pasted(&"<div>".repeat(10_000)), "nested"),
        ("both", MigrationSource { html: Some("x".into()), ..files(&[("x.htm", b"x")]) }, "either"),
    ] {
        let refused = migrate(source, &BTreeSet::new(), &BTreeMap::new()).unwrap_err();
        assert!(refused.1.contains(word), "{name}: {refused:?}");
    }
}

#[test]
fn nothing_runs_or_loads_in_what_is_shown_of_before() {
    let html = "<html><head><base href='https://evil.example'><meta http-equiv=refresh content='0;url=https://evil.example'>\
        <link rel=stylesheet href=x><script>alert('<p>')</script></head><body><iframe src=x></iframe><form><p>kept</p></form></body></html>";
    let before = made(pasted(html)).before;
    assert!(
        before.starts_with("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'"),
        "{before}"
    );
    let rest = &before[NOTHING_ELSE.len()..];
    for gone in ["<base", "<meta", "<link", "<script", "alert", "<iframe", "<form"] {
        assert!(!rest.contains(gone), "{gone}: {rest}");
    }
    assert!(rest.contains("kept"));
}

#[test]
fn anything_is_read_in_time() {
    let start = std::time::Instant::now();
    for html in [
        "<img src=".repeat(80_000),
        "<!--[if mso]>".repeat(70_000),
        "<!--[if mso]><v:roundrect href=x>y<![endif]-->".repeat(20_000),
        "MERGEFIELD x".repeat(80_000),
        "{rt}".repeat(200_000),
        "<<a".repeat(300_000),
        "{{Foo}} %%Bar%% $Baz$ ".repeat(40_000),
        "<a href=\"%".repeat(90_000),
        "&#".repeat(400_000),
    ] {
        let _ = migrate(pasted(&html), &BTreeSet::new(), &BTreeMap::new());
    }
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

#[test]
fn what_does_not_end_is_looked_through_once() {
    let image = "<img ".repeat(400_000);
    // Each byte is read a few times, which takes milliseconds; quadratic work would take minutes.
    let refused = migrate(pasted(&image), &BTreeSet::new(), &BTreeMap::new()).map(|_| ()).unwrap_err();
    assert!(refused.1.contains("longer than"), "{}", refused.1);
    let scripts = before(&format!("<p>x</p>{}", "<script>".repeat(1_000_000)));
    assert!(scripts.ends_with("<p>x</p>"), "{} bytes", scripts.len());
}

#[test]
fn text_that_only_looks_like_a_placeholder_can_be_marked_as_text_for_good() {
    let mapping = |written: &str| BTreeMap::from([(written.to_owned(), PlaceholderUse::Text)]);
    for written in ["{Company}", "%%Company%%", "$MCompany$", "[[Company]]", "«Company»", "%Company%"] {
        let html = format!("<p>{written}</p>");
        let found =
            migrate(pasted(&html), &BTreeSet::new(), &mapping(written)).unwrap_or_else(|error| panic!("{error:?}"));
        assert_eq!(email_signature::foreign(&found.html), [], "{written}: {}", found.html);
    }
}

#[test]
fn strange_letters_in_conditions_and_hidden_images_break_nothing() {
    for html in [
        "<p>{{if \u{212a}}}x</p>",
        "<p>{{#if \u{130}ndex}}x{{/if}}</p>",
        "<p>{% set x=\"&lt;img&lt;img display:none\" %}</p>",
        "<p><img <img style=\"display:none\"> x</p>",
    ] {
        let _ = migrate(pasted(html), &BTreeSet::new(), &BTreeMap::new());
    }
}
