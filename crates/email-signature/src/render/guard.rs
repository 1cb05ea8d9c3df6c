//! What is looked at before HTML goes to the parsers, whose work can grow with the square of hostile input; and style sheets.

use super::markup::is_block;
use css_inline::{CSSInliner, InlineOptions};

/// Longest tag in bytes.
const MAX_TAG: usize = 16_000;
/// Elements that may be open at once.
const MAX_OPEN: usize = 100;
/// Formatting elements that may be open at once: the parser opens them again in every paragraph that follows.
const MAX_FORMATTING: usize = 32;
/// Declarations of style sheets times elements: each element gets a copy of each declaration that fits.
const MAX_STYLING: usize = 500_000;

/// Refuses HTML that the parsers would take too long over; `Err` is one clause.
pub(crate) fn check(html: &str) -> Result<(), String> {
    // How many of each element are open; few names occur, so a list is quicker than a map.
    let mut open: Vec<(Name, usize)> = Vec::new();
    let (mut total, mut formatting) = (0_usize, 0_usize);
    for (at, _) in html.match_indices('<') {
        let tag = &html[at + 1..];
        if tag.find('>').unwrap_or(tag.len()) > MAX_TAG {
            return Err(format!("it has a tag of more than {MAX_TAG} bytes"));
        }
        let closes = tag.starts_with('/');
        let Some(name) = name(tag.trim_start_matches('/')) else { continue };
        let place = open.iter().position(|(other, _)| *other == name).unwrap_or_else(|| {
            open.push((name, 0));
            open.len() - 1
        });
        let count = &mut open[place].1;
        if closes && *count == 0 {
            continue;
        }
        let sum = |sum: usize| if closes { sum.saturating_sub(1) } else { sum + 1 };
        *count = sum(*count);
        total = sum(total);
        if is_formatting(text(&name)) {
            formatting = sum(formatting);
        }
        if total > MAX_OPEN || formatting > MAX_FORMATTING {
            return Err("its elements are nested too deeply, or not closed".into());
        }
    }
    Ok(())
}

/// The first letters of a tag's name in lower case, with zeroes behind.
type Name = [u8; 16];

/// The name that a tag begins with, unless its element closes itself.
fn name(tag: &str) -> Option<Name> {
    let mut name = Name::default();
    let letters = tag.bytes().take(16).take_while(u8::is_ascii_alphanumeric);
    name.iter_mut().zip(letters).for_each(|(place, letter)| *place = letter.to_ascii_lowercase());
    (name[0] != 0 && !closes_itself(text(&name))).then_some(name)
}

fn text(name: &Name) -> &str {
    let end = name.iter().position(|&byte| byte == 0).unwrap_or(name.len());
    std::str::from_utf8(&name[..end]).unwrap_or_default()
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

/// Takes out the white space with which templates are indented, wherever it shows nothing: between a tag and that of a
/// block. It would become a node each, for both parsers.
pub(super) fn tightened(html: &str) -> String {
    let mut tight = String::with_capacity(html.len());
    let mut pieces = html.split('>');
    tight.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        tight.push('>');
        let rest = piece.trim_ascii_start();
        let tag = rest.strip_prefix('<').map(|tag| tag.strip_prefix('/').unwrap_or(tag));
        let name = tag.map_or("", |tag| &tag[..tag.bytes().take_while(u8::is_ascii_alphanumeric).count()]);
        tight.push_str(if is_block(name) { rest } else { piece });
    }
    tight
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
    fn indentation_goes_where_it_shows_nothing() {
        assert_eq!(tightened(" <p> a\n </p>\n <table> <tr>\n"), " <p> a\n </p><table><tr>\n");
        assert_eq!(tightened("<b>a</b> <i>b</i>>  x"), "<b>a</b> <i>b</i>>  x");
    }
}
