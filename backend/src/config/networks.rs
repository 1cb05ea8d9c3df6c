//! Lists of addresses and ranges, and the word `private`: `server.trusted_proxies` and `outbound.allow`.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// A list of addresses and networks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<Entry>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    Range(IpNet),
    /// Loopback, RFC 1918, link-local (RFC 3927, RFC 4291) and unique local addresses (RFC 4193).
    Private,
}

const PRIVATE: &str = "private";
/// What IPv4 addresses look like among IPv6 ones (RFC 4291, 2.5.5.2).
const MAPPED_BITS: u8 = 96;

impl Networks {
    /// Whether `address` is one of them.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|entry| match entry {
            Entry::Range(range) => range.contains(&address),
            Entry::Private => is_private(address),
        })
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every address of a family is one of them: then a client can say of itself what it likes.
    pub fn has_everybody(&self) -> bool {
        self.0.iter().any(|entry| matches!(entry, Entry::Range(range) if range.prefix_len() == 0))
    }
}

/// Whether an address is on this machine or in a network of one's own: loopback, RFC 1918, link-local, unique local.
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

impl Entry {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.eq_ignore_ascii_case(PRIVATE) {
            return Some(Self::Private);
        }
        let range = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))?;
        Some(Self::Range(canonical(range.trunc())))
    }
}

/// An IPv4 range that is written as an IPv6 one is an IPv4 range.
fn canonical(range: IpNet) -> IpNet {
    let mapped = Ipv6Net::new(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), MAPPED_BITS);
    match (range, mapped) {
        (IpNet::V6(v6), Ok(mapped)) if mapped.contains(&v6) => {
            let v4 = v6.addr().to_ipv4_mapped().and_then(|v4| Ipv4Net::new(v4, v6.prefix_len() - MAPPED_BITS).ok());
            v4.map_or(range, IpNet::V4)
        }
        _ => range,
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Range(range) if range.prefix_len() == range.max_prefix_len() => range.addr().fmt(f),
            Self::Range(range) => range.fmt(f),
            Self::Private => f.write_str(PRIVATE),
        }
    }
}

impl Serialize for Networks {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.iter().map(ToString::to_string))
    }
}

impl<'de> Deserialize<'de> for Networks {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Entries)
    }
}

/// A list, or one text with commas: what somebody writes into a variable of the environment.
struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Networks;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of addresses (10.0.0.5), ranges (10.0.0.0/8) and the word private")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Networks, E> {
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries.map(entry).collect::<Result<_, _>>().map(Networks)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Networks, A::Error> {
        let mut entries = Vec::new();
        while let Some(text) = list.next_element::<String>()? {
            entries.push(entry(&text)?);
        }
        Ok(Networks(entries))
    }
}

fn entry<E: serde::de::Error>(text: &str) -> Result<Entry, E> {
    Entry::parse(text).ok_or_else(|| {
        E::custom(format!(
            "{text:?} is not an address: write an address such as 10.0.0.5, a range such as 10.0.0.0/8 or fd00::/8, \
             or private"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(list: &[&str]) -> Networks {
        serde_json::from_value(serde_json::json!(list)).unwrap()
    }

    #[test]
    fn addresses_ranges_and_private_ones_are_told_from_others() {
        let check = |list: &[&str], trusted: &[&str], others: &[&str]| {
            let networks = networks(list);
            for address in trusted {
                assert!(networks.contains(address.parse().unwrap()), "{address} is in {list:?}");
            }
            for address in others {
                assert!(!networks.contains(address.parse().unwrap()), "{address} is not in {list:?}");
            }
        };
        check(&[], &[], &["127.0.0.1", "::1"]);
        check(&["10.0.0.5"], &["10.0.0.5", "::ffff:10.0.0.5"], &["10.0.0.6"]);
        check(&[" 10.1.2.3/8 "], &["10.0.0.0", "10.255.255.255"], &["11.0.0.0", "9.255.255.255"]);
        check(&["172.16.0.0/12"], &["172.31.255.255"], &["172.32.0.0"]);
        check(&["2001:db8::/32", "fd00::1"], &["2001:db8:ffff::1", "fd00::1"], &["2001:db9::1", "fd00::2"]);
        check(&["::ffff:10.0.0.0/104"], &["10.1.1.1"], &["11.1.1.1", "::1"]);
        let here = ["127.8.8.8", "::1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.1.1", "fe80::1", "fd12::1"];
        check(&["Private"], &here, &["100.64.0.1", "172.15.0.1", "203.0.113.1", "2001:db8::1", "::ffff:8.8.8.8"]);
    }

    #[test]
    fn the_list_is_written_as_it_is_read() {
        let list = ["10.0.0.5", "10.0.0.0/8", "2001:db8::/32", "::1", "private"];
        let written = serde_json::to_value(networks(&list)).unwrap();
        assert_eq!(written, serde_json::json!(list));
        let text: Networks = serde_json::from_str("\"10.0.0.5, private,\"").unwrap();
        assert_eq!(text, networks(&["10.0.0.5", "private"]));
    }

    #[test]
    fn what_is_no_address_is_refused_with_what_to_write() {
        for wrong in ["", "10.0.0", "10.0.0.0/33", "::1/129", "proxy.example.com", "10.0.0.0/", "all"] {
            let error = serde_json::from_value::<Networks>(serde_json::json!([wrong])).unwrap_err().to_string();
            assert!(error.contains("10.0.0.0/8") && error.contains("private"), "{wrong}: {error}");
        }
    }

    #[test]
    fn a_range_of_everybody_is_noticed() {
        assert!(networks(&["0.0.0.0/0"]).has_everybody() && networks(&["::/0"]).has_everybody());
        assert!(!networks(&["0.0.0.0/1", "private"]).has_everybody());
    }
}
