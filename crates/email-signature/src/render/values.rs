//! Values where they land: text, attributes, addresses, styles, each with its own way of being harmless.

use std::fmt::Write as _;

/// Appends a value as text; a line break in it becomes `<br>`.
pub(super) fn push_text(html: &mut String, value: &str) {
    push_escaped(html, value, true);
}

/// Appends a value inside a double-quoted attribute.
pub(super) fn push_attribute(html: &mut String, value: &str) {
    push_escaped(html, value, false);
}

fn push_escaped(html: &mut String, value: &str, breaks: bool) {
    let mut rest = value;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\n', '\t', '\u{a0}']) {
        html.push_str(&rest[..at]);
        html.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' if breaks => "\"",
            b'"' => "&quot;",
            b'\n' if breaks => "<br>",
            b'\n' | b'\t' => " ",
            _ => "&nbsp;",
        });
        let length = rest[at..].chars().next().map_or(1, char::len_utf8);
        rest = &rest[at + length..];
    }
    html.push_str(rest);
}

/// What may stand as a value inside a style: a word, a number with its unit, a colour. Anything with a bracket, quote,
/// backslash, colon or semicolon could end the declaration or call a function.
pub(super) fn style_value(value: &str) -> Option<&str> {
    let value = value.trim();
    let word = value.strip_prefix('#').unwrap_or(value);
    let safe = |c: char| c.is_ascii_alphanumeric() || " .,%-".contains(c);
    (word.starts_with(|c: char| c.is_ascii_alphanumeric()) && word.len() <= 100 && word.chars().all(safe))
        .then_some(value)
}

/// Schemes that a link may have.
const LINKS: &[&str] = &["https://", "http://", "mailto:", "tel:", "sms:", "sip:"];

/// Whether a text begins with a scheme that a link may have.
pub(super) fn may_start_link(text: &str) -> bool {
    starts_with_any(text, LINKS)
}

/// Whether a text begins with a scheme that an image may have.
pub(super) fn may_start_image(text: &str) -> bool {
    starts_with_any(text, &LINKS[..2])
}

fn starts_with_any(text: &str, schemes: &[&str]) -> bool {
    schemes.iter().any(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
}

/// Percent-encodes what can stand nowhere in an address and leaves the rest, `%` included, as it is.
pub(super) fn encode_unsafe(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    push_encoded(&mut encoded, text, |byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte));
    encoded
}

/// Appends a value as one component of an address: everything but letters, digits and `-._~` is encoded, save what
/// `keep` names.
pub(super) fn push_component(url: &mut String, value: &str, keep: &[u8]) {
    push_encoded(url, value, |byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || keep.contains(&byte));
}

fn push_encoded(url: &mut String, value: &str, plain: impl Fn(u8) -> bool) {
    let value = value.trim();
    if value.bytes().all(&plain) {
        return url.push_str(value);
    }
    for byte in value.bytes() {
        if plain(byte) {
            url.push(char::from(byte));
        } else {
            // Infallible: writing to a String.
            let _ = write!(url, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_attributes_are_escaped() {
        let escaped = |push: fn(&mut String, &str), value: &str| {
            let mut html = String::new();
            push(&mut html, value);
            html
        };
        assert_eq!(escaped(push_text, "a<b & \"c\"\nd\u{a0}é"), "a&lt;b &amp; \"c\"<br>d&nbsp;é");
        assert_eq!(escaped(push_attribute, "a<b & \"c\"\nd"), "a&lt;b &amp; &quot;c&quot; d");
    }

    #[test]
    fn only_plain_words_numbers_and_colours_stand_in_a_style() {
        for good in ["#ff8800", "red", "12px", "1.5", "50%", "Segoe UI, Arial, sans-serif", "bold"] {
            assert_eq!(style_value(good), Some(good));
        }
        for bad in ["", "red;x", "url(x)", "a:b", "\"x\"", "\\72 ed", "-", "rot 🔴", "expression(1)", "@import", "/**/"]
        {
            assert_eq!(style_value(bad), None, "{bad}");
        }
    }

    #[test]
    fn components_are_encoded() {
        let mut url = String::new();
        push_component(&mut url, "a b/ü&+@", b"@");
        assert_eq!(url, "a%20b%2F%C3%BC%26%2B@");
    }
}
