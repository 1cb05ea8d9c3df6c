//! Parses listen addresses as people write them: accepts what is clearly meant, otherwise says what to write instead.

use serde::de::{Deserializer, Error, Unexpected, Visitor};
use serde::{Deserialize as _, Serializer};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// An address and a port. `localhost` is 127.0.0.1: no name server is asked.
pub(super) fn one<'de, D: Deserializer<'de>>(from: D) -> Result<SocketAddr, D::Error> {
    parse(&Text::deserialize(from)?.0).map_err(D::Error::custom)
}

/// The same, or nothing: TOML has no null, so an empty text stands for "nowhere".
pub(super) fn maybe<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SocketAddr>, D::Error> {
    let Text(text) = Text::deserialize(from)?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    parse(&text).map(Some).map_err(|detail| D::Error::custom(format!("{detail}, or \"\" for none")))
}

#[expect(clippy::ref_option, reason = "serde gives a reference to the field")]
pub(super) fn or_empty<S: Serializer>(value: &Option<SocketAddr>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&value.map(|address| address.to_string()).unwrap_or_default())
}

/// A text; also a lone port, which TOML and the environment read as a number, and `[::1]:4000`, which the environment
/// reads as a list.
struct Text(String);

impl<'de> serde::Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Any;
        impl Visitor<'_> for Any {
            type Value = Text;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an address and a port such as \"127.0.0.1:4000\"")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text(text.to_owned()))
            }
            fn visit_u64<E: Error>(self, port: u64) -> Result<Text, E> {
                Ok(Text(port.to_string()))
            }
            fn visit_i64<E: Error>(self, port: i64) -> Result<Text, E> {
                u64::try_from(port)
                    .map_err(|_| E::invalid_type(Unexpected::Signed(port), &self))
                    .and_then(|port| self.visit_u64(port))
            }
        }
        from.deserialize_any(Any)
    }
}

/// The address that `text` means, or an instruction.
fn parse(text: &str) -> Result<SocketAddr, String> {
    let text = text.trim();
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let bare = text.split_once("://").map_or(text, |(_, rest)| rest.trim_end_matches('/'));
    let (host, port) = parts(bare);
    let number = match port {
        Some(port) => match port.parse::<u16>() {
            Ok(number) => number,
            Err(_) => {
                return Err(format!(
                    "{text:?} has the port {port:?}: write one from 1 to 65535, such as 127.0.0.1:4000"
                ));
            }
        },
        None => 4000,
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() || host == "*" {
        return Err(format!(
            "{text:?} names no address: write 127.0.0.1:{number} to be reached only from this machine (by a proxy on \
             it), or [::]:{number} to be reached from everywhere"
        ));
    }
    let ip = match host.parse::<IpAddr>() {
        Ok(ip) => ip,
        Err(_) if host.eq_ignore_ascii_case("localhost") => IpAddr::V4(Ipv4Addr::LOCALHOST),
        Err(_) => {
            return Err(format!(
                "{text:?} is a name: write an address of this machine, such as 127.0.0.1:{number}, or [::]:{number} for all of them"
            ));
        }
    };
    let address = SocketAddr::new(ip, number);
    if bare == text && port.is_some() {
        // `localhost:4000`.
        return Ok(address);
    }
    let lacks = if port.is_none() { "has no port" } else { "is not just an address and a port" };
    Err(format!("{text:?} {lacks}: write {address}"))
}

/// Host and port of `text`; a lone number is a port, and an IPv6 address without brackets has none.
fn parts(text: &str) -> (&str, Option<&str>) {
    if text.parse::<Ipv6Addr>().is_ok() {
        return (text, None);
    }
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return ("", Some(text));
    }
    match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_certain_is_taken() {
        for (written, meant) in [
            ("127.0.0.1:4158", "127.0.0.1:4158"),
            ("localhost:4158", "127.0.0.1:4158"),
            ("LOCALHOST:80", "127.0.0.1:80"),
            (" [::1]:4158 ", "[::1]:4158"),
            ("0.0.0.0:0", "0.0.0.0:0"),
        ] {
            assert_eq!(parse(written).map(|address| address.to_string()), Ok(meant.to_owned()), "{written}");
        }
    }

    #[test]
    fn what_is_not_certain_gets_the_line_to_write() {
        for (written, say) in [
            (":4158", "127.0.0.1:4158"),
            ("*:4158", "[::]:4158"),
            ("4158", "127.0.0.1:4158"),
            ("", "names no address"),
            ("0.0.0.0", "has no port: write 0.0.0.0:4000"),
            ("::1", "has no port: write [::1]:4000"),
            ("[::1]", "has no port: write [::1]:4000"),
            ("localhost", "has no port: write 127.0.0.1:4000"),
            ("127.0.0.1:99999", "from 1 to 65535"),
            ("127.0.0.1:", "from 1 to 65535"),
            ("localhost:http", "from 1 to 65535"),
            ("http://127.0.0.1:4158", "write 127.0.0.1:4158"),
            ("https://localhost:4158/", "write 127.0.0.1:4158"),
            ("paraph.example.com:443", "is a name"),
            ("2001:db8::1:70000", "from 1 to 65535"),
        ] {
            let error = parse(written).unwrap_err();
            assert!(error.contains(say), "{written}: {error}");
        }
    }
}
