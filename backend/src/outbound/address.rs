//! Addresses that requests to user-entered targets can reach: a table from the address registries. Pure.
//!
//! <https://www.iana.org/assignments/iana-ipv4-special-registry>, <https://www.iana.org/assignments/iana-ipv6-special-registry>

use crate::config::Networks;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Kind {
    /// `0.0.0.0/8`, `::`.
    #[error("an unspecified address")]
    Unspecified,
    /// `127.0.0.0/8`, `::1`.
    #[error("an address of this machine")]
    Loopback,
    /// RFC 1918.
    #[error("a private address")]
    Private,
    /// RFC 6598: carrier-grade NAT.
    #[error("a shared address of a provider's network")]
    Shared,
    /// RFC 3927, RFC 4291.
    #[error("a link-local address")]
    LinkLocal,
    /// RFC 4193.
    #[error("a unique local address")]
    UniqueLocal,
    /// Metadata services, which give cloud machines their credentials.
    #[error("the address of a cloud's metadata service")]
    Metadata,
    /// RFC 1112, RFC 4291.
    #[error("a multicast address")]
    Multicast,
    /// `255.255.255.255`.
    #[error("a broadcast address")]
    Broadcast,
    /// RFC 5737, RFC 3849, RFC 9637.
    #[error("an address for documentation")]
    Documentation,
    /// RFC 3056: reaches an IPv4 address through a public relay.
    #[error("a 6to4 address")]
    SixToFour,
    /// RFC 4380: the same through tunnels.
    #[error("a Teredo address")]
    Teredo,
    /// RFC 4291 §2.5.5.1.
    #[error("an IPv4-compatible address")]
    Compatible,
    /// RFC 6052 and RFC 8215: translates to an IPv4 address that is not allowed or unknown.
    #[error("an address that NAT64 translates to an internal one")]
    Nat64,
    /// All other addresses that are not used on the internet.
    #[error("a reserved address")]
    Reserved,
}

impl Kind {
    /// Whether `outbound.allow` can allow the address. Metadata services cannot be allowed.
    pub(super) fn can_be_allowed(self) -> bool {
        self != Self::Metadata
    }
}

/// Metadata services: AWS, Azure and most others; AWS's containers; Oracle; Alibaba; Azure's wire server.
const METADATA_V4: [Ipv4Addr; 6] = [
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(169, 254, 170, 2),
    Ipv4Addr::new(169, 254, 170, 23),
    Ipv4Addr::new(192, 0, 0, 192),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(168, 63, 129, 16),
];
/// The same in IPv6: AWS, AWS's containers and Google.
const METADATA_V6: [Ipv6Addr; 3] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
];

/// Checks that an address is public or in `allow`.
///
/// # Errors
/// The kind of the address.
pub fn classify(address: IpAddr, allow: &Networks) -> Result<(), Kind> {
    // An IPv4 address among IPv6 ones (RFC 4291 §2.5.5.2) is that IPv4 address.
    let address = address.to_canonical();
    let found = match address {
        IpAddr::V4(v4) => public_v4(v4),
        IpAddr::V6(v6) => public_v6(v6),
    };
    found.or_else(|kind| if kind.can_be_allowed() && allow.contains(address) { Ok(()) } else { Err(kind) })
}

fn public_v4(address: Ipv4Addr) -> Result<(), Kind> {
    if METADATA_V4.contains(&address) {
        return Err(Kind::Metadata);
    }
    Err(match address.octets() {
        [0, ..] => Kind::Unspecified,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Kind::Private,
        [100, 64..=127, ..] => Kind::Shared,
        [127, ..] => Kind::Loopback,
        [169, 254, ..] => Kind::LinkLocal,
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Kind::Documentation,
        [224..=239, ..] => Kind::Multicast,
        [255, 255, 255, 255] => Kind::Broadcast,
        // Protocols, 6to4 relays, benchmarks, and what was never given out.
        [192, 0, 0, _] | [192, 88, 99, _] | [198, 18..=19, ..] | [240..=255, ..] => Kind::Reserved,
        _ => return Ok(()),
    })
}

fn public_v6(address: Ipv6Addr) -> Result<(), Kind> {
    if METADATA_V6.contains(&address) {
        return Err(Kind::Metadata);
    }
    Err(match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Kind::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => Kind::Loopback,
        [0, 0, 0, 0, 0, 0, ..] => Kind::Compatible,
        // Where a network has IPv6 alone, every IPv4 server has such an address.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let [[a, b], [c, d]] = [high, low].map(u16::to_be_bytes);
            return public_v4(Ipv4Addr::new(a, b, c, d)).map_err(|kind| match kind {
                Kind::Metadata => kind,
                _ => Kind::Nat64,
            });
        }
        [0x64, 0xff9b, 1, ..] => Kind::Nat64,
        [0x2001, 0, ..] => Kind::Teredo,
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0x0fff, ..] => Kind::Documentation,
        [0x2002, ..] => Kind::SixToFour,
        [0xfc00..=0xfdff, ..] => Kind::UniqueLocal,
        [0xfe80..=0xfebf, ..] => Kind::LinkLocal,
        [0xff00..=0xffff, ..] => Kind::Multicast,
        // RFC 2928: protocols and benchmarks.
        [0x2001, 0..=0x01ff, ..] => Kind::Reserved,
        // RFC 4291 §2.4: global unicast addresses begin with the bits 001.
        [0x2000..=0x3fff, ..] => return Ok(()),
        _ => Kind::Reserved,
    })
}

#[cfg(test)]
mod tests {
    use super::Kind::{
        Broadcast, Compatible, Documentation, LinkLocal, Loopback, Metadata, Multicast, Nat64, Private, Reserved,
        Shared, SixToFour, Teredo, UniqueLocal, Unspecified,
    };
    use super::*;

    fn networks(list: &[&str]) -> Networks {
        serde_json::from_value(serde_json::json!(list)).unwrap()
    }

    #[test]
    fn every_address_that_is_not_public_is_refused_for_what_it_is() {
        let check = |kind: Kind, addresses: &[&str]| {
            for address in addresses {
                let found = classify(address.parse().unwrap(), &Networks::default());
                assert_eq!(found, Err(kind), "{address}");
            }
        };
        check(Unspecified, &["0.0.0.0", "0.1.2.3", "::", "::ffff:0.0.0.0"]);
        check(Loopback, &["127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1"]);
        check(
            Private,
            &["10.0.0.0", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.1.1", "::ffff:10.1.2.3"],
        );
        check(Shared, &["100.64.0.0", "100.127.255.255", "::ffff:100.64.0.1"]);
        check(LinkLocal, &["169.254.0.1", "169.254.255.255", "fe80::1", "febf:ffff::1", "::ffff:169.254.1.1"]);
        check(UniqueLocal, &["fc00::1", "fdff:ffff::1"]);
        check(
            Metadata,
            &[
                "169.254.169.254",
                "::ffff:a9fe:a9fe",
                "100.100.100.200",
                "168.63.129.16",
                "fd00:ec2::254",
                "64:ff9b::a9fe:a9fe",
            ],
        );
        check(Multicast, &["224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"]);
        check(Broadcast, &["255.255.255.255", "::ffff:255.255.255.255"]);
        check(Documentation, &["192.0.2.1", "198.51.100.7", "203.0.113.255", "2001:db8::1", "3fff:fff::1"]);
        check(SixToFour, &["2002:7f00:1::", "2002:808:808::1"]);
        check(Teredo, &["2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"]);
        check(Compatible, &["::127.0.0.1", "::8.8.8.8", "::2"]);
        check(Nat64, &["64:ff9b::10.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b:1::8.8.8.8"]);
        check(
            Reserved,
            &[
                "192.0.0.8",
                "192.88.99.1",
                "198.18.0.1",
                "240.0.0.1",
                "2001:2::1",
                "2001:10::1",
                "100::1",
                "fec0::1",
                "::ffff:0:127.0.0.1",
                "4000::1",
                "5f00::1",
            ],
        );
    }

    #[test]
    fn public_addresses_pass_up_to_the_edges_of_what_is_refused() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2001:200::1",
            "2001:4860::8888",
            "2003::1",
            "2606:4700::1",
            "3ffe::1",
        ] {
            assert_eq!(classify(address.parse().unwrap(), &Networks::default()), Ok(()), "{address}");
        }
    }

    #[test]
    fn the_configuration_allows_networks_but_never_a_metadata_service() {
        let allow = networks(&["10.0.0.0/8", "169.254.0.0/16", "fd00::/8", "private"]);
        for address in ["10.1.2.3", "::ffff:10.1.2.3", "192.168.1.1", "127.0.0.1", "fd12::1"] {
            assert_eq!(classify(address.parse().unwrap(), &allow), Ok(()), "{address}");
        }
        for (address, kind) in [
            ("169.254.169.254", Metadata),
            ("::ffff:169.254.169.254", Metadata),
            ("fd00:ec2::254", Metadata),
            ("100.64.0.1", Shared),
            ("64:ff9b::10.1.2.3", Nat64),
        ] {
            assert_eq!(classify(address.parse().unwrap(), &allow), Err(kind), "{address}");
        }
    }
}
