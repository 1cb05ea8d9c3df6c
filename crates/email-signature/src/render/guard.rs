//! What is looked at before HTML goes to the parsers, whose work can grow with the square of hostile input; and styles.

use css_inline::{CSSInliner, InlineOptions};
use std::collections::BTreeMap;

/// Longest tag in bytes.
const MAX_TAG: usize = 16_000;
/// Elements that may be open at once.
const MAX_OPEN: usize = 100;
/// Formatting elements that may be open at once: the parser opens them again in every paragraph that follows.
const MAX_FORMATTING: usize = 32;
/// Declarations of style sheets times elements: each element gets a copy of each declaration that fits.
const MAX_STYLING: usize = 500_000;

/// Refuses HTML that the parsers would take too long over; `Err` is one clause.
pub(super) fn check(html: &str) -> Result<(), String> {
    let mut open: BTreeMap<String, usize> = BTreeMap::new();
    for (at, _) in html.match_indices('<') {
        let tag = &html[at + 1..];
        if tag.find('>').unwrap_or(tag.len()) > MAX_TAG {
            return Err(format!("it has a tag of more than {MAX_TAG} bytes"));
        }
        let closes = tag.starts_with('/');
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take(20)
            .take_while(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        if name.is_empty() || closes_itself(&name) {
            continue;
        }
        let count = open.entry(name).or_default();
        *count = if closes { count.saturating_sub(1) } else { *count + 1 };
        if closes {
            continue;
        }
        let formatting: usize = open.iter().filter(|(name, _)| is_formatting(name)).map(|(_, count)| count).sum();
        if open.values().sum::<usize>() > MAX_OPEN || formatting > MAX_FORMATTING {
            return Err("its elements are nested too deeply, or not closed".into());
        }
    }
    Ok(())
}

/// Elements that have no end tag, or whose end tag may be left out because the next one closes them.
fn closes_itself(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "dd"
            | "dt"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "li"
            | "link"
            | "meta"
            | "option"
            | "p"
            | "source"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "track"
            | "wbr"
    )
}

fn is_formatting(name: &str) -> bool {
    matches!(
        name,
        "a" | "b" | "big" | "code" | "em" | "font" | "i" | "nobr" | "s" | "small" | "strike" | "strong" | "tt" | "u"
    )
}

/// Whether there is a `<style>` to inline.
pub(super) fn has_stylesheet(html: &str) -> bool {
    html.as_bytes().windows(6).any(|window| window.eq_ignore_ascii_case(b"<style"))
}

/// Moves the rules of style sheets into the elements that they fit.
pub(super) fn inline_styles(html: &str) -> Result<String, String> {
    if html.matches(':').count().saturating_mul(html.matches('<').count()) > MAX_STYLING {
        return Err("its style sheet is too large".into());
    }
    let options: InlineOptions<'_> = CSSInliner::options()
        .load_remote_stylesheets(false)
        .keep_style_tags(false)
        .keep_link_tags(false)
        .keep_at_rules(false);
    options.build().inline(html).map_err(|error| format!("its style sheet cannot be read ({error})"))
}

/// The declarations of an unescaped, sanitised style, tidied; a `;` within a string ends none. A declaration whose
/// brackets do not match (the sanitiser leaves such when functions nest) would swallow those behind it, so it goes.
pub(super) fn declarations(style: &str) -> impl Iterator<Item = String> {
    let mut quote = None;
    let mut escaped = false;
    let split = style.split(move |c: char| {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if let Some(open) = quote {
            quote = (c != open).then_some(open);
        } else if c == '"' || c == '\'' {
            quote = Some(c);
        } else {
            return c == ';';
        }
        false
    });
    let balanced = |text: &&str| text.matches('(').count() == text.matches(')').count();
    split.map(str::trim).filter(|text| text.contains(':')).filter(balanced).map(tidied)
}

/// A declaration without the sanitiser's spaces before commas, and with quotes that need no escape in an attribute.
fn tidied(declaration: &str) -> String {
    if declaration.contains(['\'', '\\']) {
        return declaration.to_owned();
    }
    let mut tidied = String::with_capacity(declaration.len());
    for (at, piece) in declaration.split('"').enumerate() {
        if at % 2 == 1 {
            tidied.push('\'');
            tidied.push_str(piece);
            tidied.push('\'');
        } else {
            tidied.push_str(&piece.replace(" ,", ","));
        }
    }
    tidied
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_take_the_parsers_long_is_refused() {
        assert!(check(&"<div>".repeat(200)).is_err());
        assert!(check(&"<p><b>".repeat(200)).is_err());
        assert!(check(&format!("<a {}>", "x ".repeat(20_000))).is_err());
        assert!(check(&"<table><tr><td>x</table><br>".repeat(200)).is_ok());
    }

    #[test]
    fn declarations_are_split_outside_strings_and_tidied() {
        let split: Vec<String> = declarations("a:b; font:\"x;y\" , z;;c:d(e();g:'\\';h';i").collect();
        assert_eq!(split, ["a:b", "font:'x;y', z", "g:'\\';h'"]);
    }
}
