use super::*;
use proptest::prelude::*;

fn signature(html: &str, text: &str) -> Signature {
    Signature { html: html.into(), text: text.into(), ..Signature::default() }
}

/// A text and its HTML.
fn written(text: &str) -> Signature {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    signature(&format!("<div id=\"paraph-signature\"><p>{escaped}</p></div>"), text)
}

#[test]
fn placeholders_of_every_vendor_are_found() {
    for placeholder in [
        "{{ display_name }}",
        "{{FirstName}}",
        "{{#if phone}}",
        "{% if x %}",
        "$MGivenName$",
        "$user.mail$",
        "%DisplayName%",
        "%%displayname%%",
        "%%First Name%%",
        "{Desk Phone}",
        "{rt}",
        "{/rt}",
        "{telephone}",
        "{Custom1}",
        "${name}",
        "[Name]",
        "[First Name]",
        "[Your job title]",
        "[FirstName]",
        "[job_title]",
        "[[Department]]",
        "<<Name>>",
        "<<E-mail>>",
        "«Vorname»",
        "«AddressBlock_1»",
        "<Your name>",
        "##NAME##",
        "@@mail@@",
        "#NAME#",
        "@FirstName@",
        "*|FNAME|*",
        "[%company%]",
        "[#Office#]",
        "{!Contact.Name}",
        "<%= name %>",
        "__FirstName__",
        "%{name}",
        "#{name}",
        "{ MERGEFIELD Title \\* MERGEFORMAT }",
        "[Insert phone]",
        "Lorem ipsum",
        "dolor sit amet",
        "{{ unclosed_name|upper }}",
    ] {
        for text in [placeholder.to_owned(), format!("Ada Lovelace\nT {placeholder}, London")] {
            let found = inspect(&written(&text));
            assert_eq!(found, [Remark::Placeholder(placeholder.into())], "{text}");
        }
    }
}

#[test]
fn what_people_write_is_no_placeholder() {
    for text in [
        "Ada Lovelace [she/her]",
        "Pronouns: [he/him/his]",
        "[External]",
        "[Confidential]",
        "«Bonjour»",
        "« Votre partenaire »",
        "«Votre partenaire»",
        "<ada@example.com>",
        "<https://example.com/name>",
        "US$ 100 or A$ 5",
        "$100 and $200",
        "100 % organic, 20 % off",
        "50%off%sale",
        "5% of 10% are",
        "{}",
        "[]",
        "[1]",
        "{1, 2}",
        "a < b > c",
        "<3",
        "C# and F# ## notes",
        "@ada @grace",
        "AT&T [AT&T]",
        "R&D | Sales",
        "[Berlin]",
        "Room {12}",
        "#1 ##",
        "Dr. A. Lovelace, M.Sc.",
        "2 << 3 >> 1",
        "[sic]",
        "[ PhD ]",
        "[PhD]",
        "[GitHub]",
        "#one#two #three",
        "Follow #jobs or #news #now",
        "__init__",
        "a@b@c",
        "[ Name ]",
    ] {
        assert_eq!(inspect(&written(text)), [], "{text}");
    }
}

#[test]
fn a_placeholder_is_found_where_it_is_split_and_in_addresses() {
    for (html, found) in [
        ("<p>{Desk <b>Pho</b>ne}</p>", "{Desk Phone}"),
        ("<p><span>{</span><span>{ name }}</span></p>", "{{ name }}"),
        ("<p><a href=\"mailto:{mail}\">x</a></p>", "{mail}"),
        ("<p><a href=\"mailto:%mail%\">x</a></p>", "%mail%"),
        ("<p><a href=\"mailto:%25mail%25\">x</a></p>", "%mail%"),
        ("<p><a href=\"https://example.com/%7B%7Bid%7D%7D\">x</a></p>", "{{id}}"),
        ("<p>x<img src=\"https://example.com/a.png\" alt=\"%%Company%%\"></p>", "%%Company%%"),
    ] {
        assert_eq!(inspect(&signature(html, "x")), [Remark::Placeholder(found.into())], "{html}");
    }
    for html in [
        "<p><a href=\"https://example.com/a%20b%DF%E4?x=%41B%43\">x</a></p>",
        "<p><a href=\"https://example.com/?q=$a&amp;r=$b\">x</a></p>",
        "<p><a href=\"https://example.com/%C3%BCber%20uns%20hier%C3%9F#a#b\">x</a></p>",
    ] {
        assert_eq!(inspect(&signature(html, "x")), [], "{html}");
    }
}

#[test]
fn nothing_to_see_is_empty() {
    for html in [
        "",
        "<div id=\"paraph-signature\"></div>",
        "<div><p> &nbsp;\u{a0}\u{200b} </p><table><tbody><tr><td></td></tr></tbody></table><br></div>",
        "<p style=\"width:900px\"></p>",
    ] {
        assert_eq!(inspect(&signature(html, "")), [Remark::Empty], "{html}");
    }
    assert_eq!(inspect(&signature("<p>x</p>", "x")), []);
}

#[test]
fn images_alone_are_nothing_to_read() {
    let image = "<p><img src=\"https://example.com/a.png\" alt=\"Ada\"></p>";
    assert_eq!(inspect(&signature(image, "")), [Remark::NoText]);
    let linked = "<p><a href=\"https://example.com\"><img src=\"https://example.com/a.png\"></a></p>";
    assert_eq!(inspect(&signature(linked, "https://example.com")), [Remark::OnlyImages]);
    assert_eq!(inspect(&signature("<p>Ada</p>", " \n")), [Remark::NoText]);
}

#[test]
fn what_is_wider_than_a_page_is_found() {
    for (html, width) in [
        ("<table width=\"900\"><tbody><tr><td>x</td></tr></tbody></table>", Some(900)),
        ("<table style=\"width:701px\"><tbody><tr><td>x</td></tr></tbody></table>", Some(701)),
        ("<div style=\"min-width: 600.0pt\">x</div>", Some(800)),
        ("<p>x<img src=\"https://example.com/a\" width=\"1200\"></p>", Some(1200)),
        ("<p style=\"width:1024px !important\">x</p>", Some(1024)),
        ("<table width=\"100%\"><tbody><tr><td>x</td></tr></tbody></table>", None),
        ("<table width=\"700\" style=\"width:100%;max-width:900px\"><tbody><tr><td>x</td></tr></tbody></table>", None),
        ("<p style=\"border-top-width:900px\">x</p>", None),
    ] {
        let expected: Vec<_> = width.map(Remark::Wide).into_iter().collect();
        assert_eq!(inspect(&signature(html, "x")), expected, "{html}");
    }
}

#[test]
fn words_that_only_a_style_keeps_apart_are_glued() {
    for (html, text, found) in [
        (
            "<p><span style=\"display:block\">Ada</span><span style=\"display:block\">Analyst</span></p>",
            "AdaAnalyst",
            "AdaAnalyst",
        ),
        ("<p>Ada<span style=\"padding-left:8px\">Analyst</span></p>", "AdaAnalyst", "AdaAnalyst"),
        ("<p>Phone<img src=\"https://example.com/a\">+44</p>", "Phone+44", ""),
        ("<p>Tel<img src=\"https://example.com/a\">Fax 1</p>", "TelFax 1", "TelFax"),
        ("<p>Ada<b style=\"margin:0 0px\">Analyst</b></p>", "AdaAnalyst", ""),
        ("<p><span style=\"display:block\">Ada</span><span>Analyst</span></p>", "Ada\nAnalyst", ""),
        ("<p>Mc<b>Donald</b></p>", "McDonald", ""),
    ] {
        let expected: Vec<_> = (!found.is_empty()).then(|| Remark::Glued(found.into())).into_iter().collect();
        assert_eq!(inspect(&signature(html, text)), expected, "{html}");
    }
}

#[test]
fn separators_that_separate_nothing_are_found() {
    for (text, found) in [
        ("Ada\n| +44 20", true),
        ("T 1 |", true),
        ("T 1 | | M 2", true),
        ("Ada · ", true),
        ("Ada ·  • Analyst", true),
        ("T 1 | M 2", false),
        ("• one\n• two", false),
        ("| | |", false),
        ("Kind regards,", false),
    ] {
        assert_eq!(
            inspect(&written(text)).iter().any(|remark| matches!(remark, Remark::Separator(_))),
            found,
            "{text}"
        );
    }
}

proptest! {
    #[test]
    fn anything_can_be_inspected(
        html in "(<p>|</p>|<b style=\"width:|\">|<img src=\"|\\{\\{|\\}\\}|%|\\$|<<|&lt;|«|»|\\[|\\]|é|[a-zA-Z]{1,4}| |\n|[0-9]|\\|){0,50}",
        text in "(\\{|\\}|%|\\$|<|>|«|»|\\[|\\]|#|@|é|[a-zA-Z]{1,4}| |\n|\\|){0,50}",
    ) {
        inspect(&signature(&html, &text));
    }
}
