//! `mailto:` addresses as mail programs understand them (RFC 6068): everything encoded that would end the address, begin a
//! header, or is not ASCII.

use super::values;
use ammonia::Url;
use std::borrow::Cow;

const SCHEME: &str = "mailto:";

/// Whether an address is a `mailto:`.
pub(super) fn is_mailto(url: &str) -> bool {
    url.get(..SCHEME.len()).is_some_and(|start| start.eq_ignore_ascii_case(SCHEME))
}

/// The `mailto:` of one mail address as people write it.
pub(super) fn address(text: &str) -> String {
    let mut url = SCHEME.to_owned();
    values::push_component(&mut url, text, b"@+");
    normal(&url)
}

/// A `mailto:` with what people leave unencoded, encoded; what is encoded already stays as it is.
pub(super) fn normal(url: &str) -> String {
    let rest = &url[SCHEME.len()..];
    let (recipients, headers) = rest.split_once('?').map_or((rest, None), |(to, headers)| (to, Some(headers)));
    let mut normal = SCHEME.to_owned();
    for (at, recipient) in recipients.split(',').enumerate() {
        normal.push_str(if at > 0 { "," } else { "" });
        match recipient.trim().rsplit_once('@') {
            Some((local, domain)) => {
                push(&mut normal, local);
                normal.push('@');
                push(&mut normal, &ascii_domain(domain));
            }
            None => push(&mut normal, recipient.trim()),
        }
    }
    if let Some(headers) = headers {
        normal.push('?');
        let from = normal.len();
        push(&mut normal, headers);
        // A line ends with both (§5).
        let lines = normal[from..].replace("%0D%0A", "%0A").replace("%0d%0a", "%0A").replace("%0A", "%0D%0A");
        normal.truncate(from);
        normal.push_str(&lines);
    }
    normal
}

/// The mail addresses of a `mailto:`, less its scheme, for people to read.
pub(super) fn shown(rest: &str) -> Cow<'_, str> {
    let address = rest.split_once('?').map_or(rest, |(address, _)| address);
    if address.contains('%') { Cow::Owned(decoded(address)) } else { Cow::Borrowed(address) }
}

/// Appends a piece: what may stand in it as it is, and `%` where it encodes something; the rest encoded.
fn push(url: &mut String, piece: &str) {
    let stays = b"!$&'()*+,-./:;=?@_~";
    let mut rest = piece;
    while let Some(at) = rest.find('%') {
        values::push_component(url, &without_breaks(&rest[..at]), stays);
        let is_code = rest.as_bytes().get(at + 1..at + 3).is_some_and(|code| code.iter().all(u8::is_ascii_hexdigit));
        url.push_str(if is_code { "%" } else { "%25" });
        rest = &rest[at + 1..];
    }
    values::push_component(url, &without_breaks(rest), stays);
}

/// Line breaks in an address are the template's own, and browsers read over them.
fn without_breaks(text: &str) -> Cow<'_, str> {
    if text.contains(['\n', '\r', '\t']) {
        Cow::Owned(text.replace(['\n', '\r', '\t'], ""))
    } else {
        Cow::Borrowed(text)
    }
}

/// A domain in the form that every mail server takes.
fn ascii_domain(domain: &str) -> Cow<'_, str> {
    if domain.is_ascii() && !domain.contains('%') {
        return Cow::Borrowed(domain);
    }
    let plain = decoded(domain);
    let host = Url::parse(&format!("https://{plain}/")).ok();
    match host.as_ref().and_then(Url::host_str) {
        Some(host) if !plain.is_ascii() && !plain.contains(['/', '?', '#', '\\', ':', '@']) => {
            Cow::Owned(host.to_owned())
        }
        _ => Cow::Borrowed(domain),
    }
}

/// A text with what is percent-encoded as it is meant; as it stands if that is not text.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let code = behind.get(..2).filter(|code| first == b'%' && code.iter().all(u8::is_ascii_hexdigit));
        let byte = code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        if let Some(byte) = byte {
            bytes.push(byte);
            rest = &behind[2..];
        } else {
            bytes.push(first);
            rest = behind;
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_written_becomes_an_address() {
        for (written, expected) in [
            ("mailto:ada@example.com", "mailto:ada@example.com"),
            ("MAILTO:ada+news@example.com", "mailto:ada+news@example.com"),
            ("mailto:100%@example.com", "mailto:100%25@example.com"),
            ("mailto:a%26b@example.com", "mailto:a%26b@example.com"),
            ("mailto:jörg@münchen.example", "mailto:j%C3%B6rg@xn--mnchen-3ya.example"),
            ("mailto:j%C3%B6rg@m%C3%BCnchen.example", "mailto:j%C3%B6rg@xn--mnchen-3ya.example"),
            ("mailto:a@example.com, b@example.com", "mailto:a@example.com,b@example.com"),
            (
                "mailto:a@example.com?subject=Größe & Preis\"&cc=b@example.com",
                "mailto:a@example.com?subject=Gr%C3%B6%C3%9Fe%20&%20Preis%22&cc=b@example.com",
            ),
            (
                "mailto:a@example.com?subject=Ticket #12 [new]",
                "mailto:a@example.com?subject=Ticket%20%2312%20%5Bnew%5D",
            ),
            ("mailto:a@example.com?subject=100 % sure", "mailto:a@example.com?subject=100%20%25%20sure"),
            ("mailto:a@example.com?body=a%0Ab%0D%0Ac\n  d", "mailto:a@example.com?body=a%0D%0Ab%0D%0Ac%20%20d"),
            ("mailto:?subject=Hi", "mailto:?subject=Hi"),
        ] {
            assert_eq!(normal(written), expected, "{written}");
            assert_eq!(normal(expected), expected, "twice");
        }
        assert_eq!(shown("a%2Bb@example.com?subject=x"), "a+b@example.com");
        assert_eq!(shown("a%FFb@example.com"), "a%FFb@example.com");
        assert_eq!(shown("a%+5%25@example.com"), "a%+5%@example.com");
    }
}
