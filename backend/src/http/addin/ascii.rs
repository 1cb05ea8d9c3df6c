//! Answers in ASCII alone: builds of classic Outlook read our UTF-8 as windows-1252, and nobody can misread ASCII.

use email_signature::MAX_HTML;
use serde::Serialize;
use serde_json::ser::Formatter;
use std::fmt::Write as _;
use std::io;

/// The value as JSON of about `bytes` bytes, with everything that is not ASCII escaped by `\u`.
pub(in crate::http) fn to_json(value: &impl Serialize, bytes: usize) -> serde_json::Result<Vec<u8>> {
    let mut json = Vec::with_capacity(bytes);
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut json, Ascii))?;
    Ok(json)
}

struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        for (ascii, other) in runs(fragment) {
            writer.write_all(ascii.as_bytes())?;
            for unit in other.encode_utf16() {
                write!(writer, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }
}

/// The text cut into pieces: what is ASCII, and what follows it that is not.
fn runs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (ascii, from) = rest.split_at(rest.bytes().position(|byte| !byte.is_ascii()).unwrap_or(rest.len()));
        let (other, after) = from.split_at(from.bytes().position(|byte| byte.is_ascii()).unwrap_or(from.len()));
        rest = after;
        Some((ascii, other))
    })
}

/// HTML with everything that is not ASCII as character references, but for style sheets, which have none. HTML that would
/// become too long for Outlook stays as it is.
pub(in crate::http) fn references(html: String) -> String {
    if html.is_ascii() {
        return html;
    }
    let mut ascii = String::with_capacity(html.len() * 2);
    let mut rest = html.as_str();
    while let Some(at) = rest.find("<style") {
        let end = rest[at..].find("</style").map_or(rest.len(), |length| at + length);
        push_references(&mut ascii, &rest[..at]);
        ascii.push_str(&rest[at..end]);
        rest = &rest[end..];
    }
    push_references(&mut ascii, rest);
    if ascii.len() > MAX_HTML { html } else { ascii }
}

fn push_references(ascii: &mut String, html: &str) {
    for (plain, other) in runs(html) {
        ascii.push_str(plain);
        for letter in other.chars() {
            // Writing into a string cannot fail.
            let _ = write!(ascii, "&#x{:x};", u32::from(letter));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{references, to_json};

    #[test]
    fn json_is_ascii_and_says_the_same() {
        for text in ["", "Tomáš", "Ünï \"quoted\" \\ \u{1}", "陳美玲 👩‍🔬", "a\u{2028}b"] {
            let json = String::from_utf8(to_json(&text, 0).unwrap()).unwrap();
            assert!(json.is_ascii(), "{json}");
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
        assert_eq!(to_json(&"á😀", 0).unwrap(), br#""\u00e1\ud83d\ude00""#);
    }

    #[test]
    fn html_has_references_but_in_style_sheets() {
        let html = "<style>p{font-family:\"メイリオ\"}</style><p title=\"é\">Tomáš 😀</p><style>/*ü*/";
        let ascii =
            "<style>p{font-family:\"メイリオ\"}</style><p title=\"&#xe9;\">Tom&#xe1;&#x161; &#x1f600;</p><style>/*ü*/";
        assert_eq!(references(html.into()), ascii);
        assert_eq!(references("<p>Ada</p>".into()), "<p>Ada</p>");
    }

    #[test]
    fn html_that_would_be_too_long_stays_as_it_is() {
        let fits = "陳".repeat(3_750);
        assert!(references(fits.clone()).is_ascii());
        let long = "陳".repeat(3_751);
        assert_eq!(references(long.clone()), long);
    }
}
