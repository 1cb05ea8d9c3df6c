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
    let mut plain = 0;
    for (at, byte) in value.bytes().enumerate() {
        let (escape, length) = match byte {
            b'&' => ("&amp;", 1),
            b'<' => ("&lt;", 1),
            b'>' => ("&gt;", 1),
            b'"' if !breaks => ("&quot;", 1),
            b'\n' if breaks => ("<br>", 1),
            b'\n' | b'\t' => (" ", 1),
            // U+00A0, as the serialiser of the sanitiser writes it.
            0xc2 if value.as_bytes().get(at + 1) == Some(&0xa0) => ("&nbsp;", 2),
            _ => continue,
        };
        html.push_str(&value[plain..at]);
        html.push_str(escape);
        plain = at + length;
    }
    html.push_str(&value[plain..]);
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

/// Which bytes can stand somewhere in an address.
const ANYWHERE: [bool; 256] = table(b"!#$%&'()*+,-./:;=?@[]_~");
/// Which bytes stand for nothing but themselves wherever they are.
const UNRESERVED: [bool; 256] = table(b"-._~");

/// Letters, digits and `others`.
const fn table(others: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128_u8 {
        table[byte as usize] = byte.is_ascii_alphanumeric();
        byte += 1;
    }
    let mut at = 0;
    while at < others.len() {
        table[others[at] as usize] = true;
        at += 1;
    }
    table
}

/// Percent-encodes what can stand nowhere in an address and leaves the rest, `%` included, as it is.
pub(super) fn encode_unsafe(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    push_unsafe(&mut encoded, text);
    encoded
}

/// Appends what [`encode_unsafe`] gives.
pub(super) fn push_unsafe(url: &mut String, value: &str) {
    push_encoded(url, value, |byte| ANYWHERE[usize::from(byte)]);
}

/// Appends a value as one component of an address: everything but letters, digits and `-._~` is encoded, save what
/// `keep` names.
pub(super) fn push_component(url: &mut String, value: &str, keep: &[u8]) {
    push_encoded(url, value, |byte| UNRESERVED[usize::from(byte)] || keep.contains(&byte));
}

fn push_encoded(url: &mut String, value: &str, stays: impl Fn(u8) -> bool) {
    let mut plain = 0;
    for (at, byte) in value.bytes().enumerate() {
        if !stays(byte) {
            // Everything that is not ASCII is encoded byte by byte, so a plain run ends and starts between characters.
            url.push_str(value.get(plain..at).unwrap_or_default());
            // Infallible: writing to a String.
            let _ = write!(url, "%{byte:02X}");
            plain = at + 1;
        }
    }
    url.push_str(value.get(plain..).unwrap_or_default());
}

/// Whether an `http(s)` address is so plain that a parser of addresses need not be asked: a host of letters that begins
/// each label and ends the last with one, and a path or query of what may stand anywhere.
pub(super) fn is_plain_http(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or(url.strip_prefix("http://")).unwrap_or_default();
    let host = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let label = |label: &str| {
        let bytes = label.as_bytes();
        bytes.first().is_some_and(u8::is_ascii_alphabetic)
            && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
            && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
    };
    host.contains('.') && !host.contains("--") && host.split('.').all(label) && !url.contains('%')
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
    fn plain_addresses_are_addresses() {
        for plain in ["https://example.com", "http://a.b-c.example/x?y=z#w", "https://www.e.com/a:b@c"] {
            assert!(is_plain_http(plain) && ammonia::Url::parse(plain).is_ok(), "{plain}");
        }
        for other in [
            "https://",
            "https://a",
            "https://1.2.3.4.5",
            "https://a b.c",
            "https://a@b.c",
            "https://xn--a.b",
            "https://a..b",
            "ftp://a.b",
            "https://a.b:99999",
        ] {
            assert!(!is_plain_http(other), "{other}");
        }
    }

    #[test]
    fn components_are_encoded() {
        let mut url = String::new();
        push_component(&mut url, "a b/ü&+@", b"@");
        assert_eq!(url, "a%20b%2F%C3%BC%26%2B@");
    }
}
