//! What proxies write of the client: `X-Forwarded-*` as they are found in the wild, and `Forwarded` (RFC 7239).

use axum::http::uri::Authority;
use axum::http::{HeaderMap, header};
use std::net::IpAddr;

/// What one proxy says in `Forwarded`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::http) struct Element {
    /// `for`: who asked the proxy, to be read with [`address`].
    pub(in crate::http) client: Option<String>,
    /// `host`, as it asked.
    pub(in crate::http) host: Option<String>,
    /// `proto`, in lower case.
    pub(in crate::http) proto: Option<String>,
}

/// The entries of a header that is a list with commas, over all its lines, the first proxy's first.
pub(in crate::http) fn list<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a str> + use<'a> {
    let lines = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim).filter(|entry| !entry.is_empty())
}

/// The elements of `Forwarded`, the first proxy's first. What cannot be read is left out.
pub(in crate::http) fn elements(headers: &HeaderMap) -> Vec<Element> {
    let lines = headers.get_all(header::FORWARDED).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| split(line, ',')).map(element).filter(|element| *element != Element::default()).collect()
}

fn element(text: &str) -> Element {
    let mut element = Element::default();
    for pair in split(text, ';') {
        let Some((name, value)) = pair.split_once('=') else { continue };
        let value = Some(unquoted(value).replace('\\', "")).filter(|value| !value.is_empty());
        match name.trim().to_ascii_lowercase().as_str() {
            "for" => element.client = value,
            "host" => element.host = value,
            "proto" => element.proto = value.map(|proto| proto.to_ascii_lowercase()),
            _ => {}
        }
    }
    element
}

/// Splits at `separator` where it is not in quotes.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c| {
        quoted ^= c == '"';
        c == separator && !quoted
    })
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches('"').trim()
}

/// The address of a hop: `203.0.113.30`, `203.0.113.30:40000`, `2001:db8::9`, `[2001:db8::9]:443`, in quotes or not, with
/// a zone or not. `None`: `unknown`, a made-up name, or nothing of the kind.
pub(in crate::http) fn address(entry: &str) -> Option<IpAddr> {
    let text = unquoted(entry);
    if let Some(bracketed) = text.strip_prefix('[') {
        return ip(bracketed.split_once(']')?.0);
    }
    ip(text).or_else(|| {
        let (host, port) = text.rsplit_once(':')?;
        // Without brackets a port can stand behind an IPv4 address alone.
        ip(host).filter(|ip| ip.is_ipv4() && port.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

fn ip(text: &str) -> Option<IpAddr> {
    let without_zone = text.split('%').next().unwrap_or_default();
    Some(without_zone.parse::<IpAddr>().ok()?.to_canonical())
}

/// A host with its port, the name in lower case and without the root's dot.
pub(in crate::http) fn host(entry: &str) -> Option<(String, Option<u16>)> {
    let authority: Authority = unquoted(entry).parse().ok()?;
    let name = authority.host().trim_end_matches('.').to_ascii_lowercase();
    (!name.is_empty()).then(|| (name, authority.port_u16()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(name: &'static str, lines: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(name, HeaderValue::from_static(line));
        }
        headers
    }

    #[test]
    fn an_address_is_read_in_every_spelling() {
        for (text, expected) in [
            ("203.0.113.30", "203.0.113.30"),
            (" 203.0.113.30:40000 ", "203.0.113.30"),
            ("\"203.0.113.30:40000\"", "203.0.113.30"),
            ("2001:db8::9", "2001:db8::9"),
            ("[2001:db8::9]", "2001:db8::9"),
            ("\"[2001:DB8::9]:443\"", "2001:db8::9"),
            ("fe80::1%eth0", "fe80::1"),
            ("[fe80::1%25eth0]:443", "fe80::1"),
            ("::ffff:203.0.113.30", "203.0.113.30"),
            ("[::ffff:203.0.113.30]:1", "203.0.113.30"),
        ] {
            assert_eq!(address(text), Some(expected.parse().unwrap()), "{text}");
        }
        for text in
            ["", "unknown", "_hidden", "_SEVKISEK:1", "203.0.113.30:", "203.0.113", "[2001:db8::9", "a:b:c", "x:1"]
        {
            let expected = (text == "203.0.113.30:").then(|| "203.0.113.30".parse().unwrap());
            assert_eq!(address(text), expected, "{text}");
        }
    }

    #[test]
    fn lists_go_on_over_several_lines() {
        let headers = headers("x-forwarded-for", &["1.1.1.1, ,2.2.2.2", "3.3.3.3,"]);
        assert_eq!(list(&headers, "x-forwarded-for").collect::<Vec<_>>(), ["1.1.1.1", "2.2.2.2", "3.3.3.3"]);
    }

    #[test]
    fn forwarded_is_read_as_the_rfc_writes_it() {
        let headers = headers(
            "forwarded",
            &[
                "for=192.0.2.60;proto=HTTPS;by=203.0.113.43, For=\"[2001:db8:cafe::17]:4711\"",
                "for=unknown;host=\"a.example:8443\"",
            ],
        );
        let elements = elements(&headers);
        let addresses: Vec<_> = elements.iter().map(|element| address(element.client.as_deref().unwrap())).collect();
        let known = |text: &str| Some(text.parse().unwrap());
        assert_eq!(addresses, [known("192.0.2.60"), known("2001:db8:cafe::17"), None]);
        assert_eq!(
            (elements[0].proto.as_deref(), elements[2].host.as_deref()),
            (Some("https"), Some("a.example:8443"))
        );
    }

    #[test]
    fn a_host_is_a_name_in_lower_case_with_its_port() {
        for (text, name, port) in [
            ("Console.Example.com", "console.example.com", None),
            ("console.example.com.:443", "console.example.com", Some(443)),
            ("\"[::1]:4000\"", "[::1]", Some(4000)),
        ] {
            assert_eq!(host(text), Some((name.to_owned(), port)), "{text}");
        }
        for text in ["", " ", "a b", "/x", "."] {
            assert_eq!(host(text), None, "{text:?}");
        }
    }
}
