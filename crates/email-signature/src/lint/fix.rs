//! Corrections that need no decision: what a rule asks for can be written without knowing what the design is meant to be.

use super::source::{self, Token};
use super::{MAX_SOURCE, lint};
use std::ops::Range;

/// A correction: it makes a better source of a source; `None`: it changes nothing.
type Fix = fn(&str) -> Option<String>;

/// Corrections of lint rules, by the rule's id.
const FIXES: &[(&str, Fix)] = &[
    ("table-attributes", table_attributes),
    ("table-role", |html| at_tags(html, "table-role", |tag| insert(tag, " role=\"presentation\""))),
    ("line-height", line_height),
    ("image-line-height", image_line_height),
    ("image-alt", |html| at_tags(html, "image-alt", |tag| insert(tag, " alt=\"\""))),
    ("important", important),
    ("comment", comments),
];

/// The rule's id, its first finding in words, and how many there are, for each rule whose findings [`fixed`] corrects.
pub fn fixes(html: &str) -> Vec<(&'static str, String, usize)> {
    let findings = lint(html);
    let of_rule = |(id, fix): &(&'static str, Fix)| {
        let mut found = findings.iter().filter(|finding| finding.rule.as_deref() == Some(*id));
        let first = found.next()?.detail.clone();
        fix(html)?;
        Some((*id, first, 1 + found.count()))
    };
    FIXES.iter().filter_map(of_rule).collect()
}

/// A template's HTML with everything corrected that a lint rule finds, by its id; `None`: there is nothing that can be
/// corrected.
pub fn fixed(html: &str, fix: &str) -> Option<String> {
    if html.len() > MAX_SOURCE {
        return None;
    }
    let (_, apply) = FIXES.iter().find(|(id, _)| *id == fix)?;
    apply(html).filter(|fixed| fixed != html && fixed.len() <= MAX_SOURCE)
}

/// Where the findings of a rule are, the last first, so that changes move none of them.
fn places(html: &str, rule: &str) -> Vec<Range<usize>> {
    let findings = lint(html).into_iter().filter(|finding| finding.rule.as_deref() == Some(rule));
    let mut places: Vec<_> = findings.filter_map(|finding| finding.at).collect();
    places.sort_by_key(|at| std::cmp::Reverse(at.start));
    places.dedup();
    places
}

/// Changes the pieces that a rule points at.
fn changed(html: &str, rule: &str, change: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut out = html.to_owned();
    for at in places(html, rule) {
        if let Some(piece) = html.get(at.clone()).and_then(&change) {
            out.replace_range(at, &piece);
        }
    }
    (out != html).then_some(out)
}

fn at_tags(html: &str, rule: &str, change: impl Fn(&str) -> Option<String>) -> Option<String> {
    changed(html, rule, |tag| if tag.starts_with('<') { change(tag) } else { None })
}

/// Writes an attribute behind a tag's name.
fn insert(tag: &str, attribute: &str) -> Option<String> {
    let name = 1 + tag.get(1..)?.bytes().take_while(u8::is_ascii_alphanumeric).count();
    Some([&tag[..name], attribute, &tag[name..]].concat())
}

fn table_attributes(html: &str) -> Option<String> {
    let once = |html: &str| {
        at_tags(html, "table-attributes", |tag| {
            let tokens = source::tokens(tag);
            let Some(Token::Open(read)) = tokens.first() else { return None };
            let missing =
                ["border", "cellpadding", "cellspacing"].into_iter().filter(|name| read.attribute(name).is_none());
            let missing: String = missing.map(|name| [" ", name, "=\"0\""].concat()).collect();
            if !missing.is_empty() {
                return insert(tag, &missing);
            }
            match read.attribute("style") {
                None => insert(tag, " style=\"border-collapse: collapse\""),
                Some(style) if style.value.contains("border-collapse") => None,
                Some(style) => {
                    let at = style.value_at.start;
                    Some([&tag[..at], "border-collapse: collapse; ", &tag[at..]].concat())
                }
            }
        })
    };
    // What is behind a missing attribute shows once it is there. The source was blanked out for the tag alone, so a tag
    // with placeholders in it is read as it is written.
    let first = once(html)?;
    Some(once(&first).unwrap_or(first))
}

fn line_height(html: &str) -> Option<String> {
    let with = |rule: &str| {
        changed(html, "line-height", |declaration| Some(["mso-line-height-rule: ", rule, "; ", declaration].concat()))
    };
    let exact = with("exactly")?;
    // Lines of an exact height cut off images that are higher.
    let cut = |html: &str| places(html, "image-line-height").len();
    if cut(&exact) > cut(html) { with("at-least") } else { Some(exact) }
}

fn image_line_height(html: &str) -> Option<String> {
    const EXACT: &str = "exactly";
    let cut = |html: &str| places(html, "image-line-height").len();
    let mut out = html.to_owned();
    let mut left = cut(html);
    for (at, _) in html.match_indices(EXACT).collect::<Vec<_>>().into_iter().rev() {
        let before = html[..at].trim_end().strip_suffix(':').map_or("", str::trim_end);
        if left == 0 || !before.ends_with("mso-line-height-rule") {
            continue;
        }
        let mut tried = out.clone();
        tried.replace_range(at..at + EXACT.len(), "at-least");
        let now = cut(&tried);
        if now < left {
            (out, left) = (tried, now);
        }
    }
    (out != html).then_some(out)
}

fn important(html: &str) -> Option<String> {
    changed(html, "important", |declaration| {
        let at = declaration.rfind('!')?;
        Some(declaration[..at].trim_end().to_owned())
    })
}

fn comments(html: &str) -> Option<String> {
    changed(html, "comment", |comment| comment.starts_with("<!").then(String::new))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_correction_changes_what_it_names_and_nothing_else() {
        for (fix, html, better) in [
            ("image-alt", "<img src=\"image:a.png\">", "<img alt=\"\" src=\"image:a.png\">"),
            ("table-role", "<table>", "<table role=\"presentation\">"),
            (
                "table-attributes",
                "<table border=\"1\" style=\"color: red\">",
                "<table cellpadding=\"0\" cellspacing=\"0\" border=\"1\" style=\"border-collapse: collapse; color: red\">",
            ),
            (
                "line-height",
                "<p style=\"line-height: 18px\">x",
                "<p style=\"mso-line-height-rule: exactly; line-height: 18px\">x",
            ),
            (
                "line-height",
                "<td style=\"line-height: 18px\"><img height=\"40\" width=\"4\" alt=\"\" src=\"image:a.png\">",
                "<td style=\"mso-line-height-rule: at-least; line-height: 18px\"><img height=\"40\" width=\"4\" alt=\"\" src=\"image:a.png\">",
            ),
            (
                "image-line-height",
                "<td style=\"mso-line-height-rule: exactly; line-height: 18px\"><img height=\"40\">",
                "<td style=\"mso-line-height-rule: at-least; line-height: 18px\"><img height=\"40\">",
            ),
            ("important", "<p style=\"color: red !important; width: 1px\">x", "<p style=\"color: red; width: 1px\">x"),
            ("important", "<style>p { color: red!important }</style><p>x", "<style>p { color: red }</style><p>x"),
            ("comment", "<!--[if mso]><b>x</b><![endif]--><p>y</p>", "<p>y</p>"),
        ] {
            assert_eq!(fixed(html, fix).as_deref(), Some(better), "{html}");
            assert_eq!(fixed(better, fix), None, "{better}");
            assert!(fixes(html).iter().any(|(id, ..)| *id == fix), "{html}");
            assert!(!fixes(better).iter().any(|(id, ..)| *id == fix), "{better}");
        }
        assert_eq!(fixed("<p>x</p>", "no such rule"), None);
    }

    proptest! {
        #[test]
        fn anything_can_be_corrected(html in "(<|>|=|\"|\\{\\{|\\}\\}|\\{%|%\\}|;|:|\\||,|[a-z]{1,3}|é|<td|<style>|<table|<img|<!--| style=\"|line-height: 1px|!important| ){0,40}") {
            for (fix, _) in FIXES {
                fixed(&html, fix);
            }
            fixes(&html);
        }
    }
}
