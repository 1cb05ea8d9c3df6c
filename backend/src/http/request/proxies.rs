//! Proxies between a client and us: listed proxies, whose word on the client's address is trusted, and unlisted ones,
//! which are reported.

use super::forwarded;
use crate::clock::DAY_MS;
use crate::config::Networks;
use arc_swap::ArcSwap;
use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName, header};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Headers that proxies alone send.
const SIGNS: [HeaderName; 6] = [
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-real-ip"),
    header::FORWARDED,
    header::VIA,
];
/// So many unnamed proxies are remembered.
const MAX_NOTICED: usize = 8;
/// For so long after they were last seen, in milliseconds.
const NOTICED_MS: i64 = DAY_MS;

/// The proxies in front of this server.
pub(crate) struct Proxies {
    trusted: ArcSwap<Networks>,
    noticed: Mutex<Noticed>,
}

#[derive(Default)]
struct Noticed {
    /// Peers that send what proxies send though nobody named them, with the time in milliseconds UTC.
    unnamed: BTreeMap<IpAddr, i64>,
    /// The host under which the console was last looked for in a circle.
    circle: Option<String>,
}

impl Proxies {
    /// With those that are believed.
    pub(crate) fn new(trusted: Networks) -> Self {
        Self { trusted: ArcSwap::from_pointee(trusted), noticed: Mutex::default() }
    }

    /// Believes others from now on.
    pub(crate) fn replace(&self, trusted: Networks) {
        self.noticed().unnamed.retain(|peer, _| !trusted.contains(*peer));
        self.trusted.store(trusted.into());
    }

    /// Where a request comes from: the peer, or whom the trusted proxies before it name.
    pub(in crate::http) fn client(&self, parts: &Parts) -> IpAddr {
        let (trusted, peer) = (self.trusted.load(), peer(&parts.extensions));
        if !trusted.contains(peer) {
            return peer;
        }
        let walk = |hops: Vec<Option<IpAddr>>| {
            let mut address = peer;
            for hop in hops.into_iter().rev() {
                match hop {
                    Some(next) if trusted.contains(address) => address = next,
                    _ => break,
                }
            }
            address
        };
        let usual = forwarded::list(&parts.headers, "x-forwarded-for").map(forwarded::address).collect::<Vec<_>>();
        let standard = forwarded::elements(&parts.headers).into_iter().filter_map(|element| element.client);
        let standard: Vec<_> = standard.map(|client| forwarded::address(&client)).collect();
        match (usual.is_empty(), standard.is_empty()) {
            (true, _) => walk(standard),
            (false, true) => walk(usual),
            // A proxy writes one of the two and may pass on the other as a client wrote it.
            (false, false) => {
                let (usual, standard) = (walk(usual), walk(standard));
                if usual == standard { usual } else { peer }
            }
        }
    }

    /// The hosts that a request was meant for, as trusted proxies say and as it says itself, the likeliest first: name in
    /// lower case, port where there is one.
    pub(in crate::http) fn hosts(&self, parts: &Parts) -> Vec<(String, Option<u16>)> {
        let headers = &parts.headers;
        let mut hosts = Vec::new();
        if self.trusted.load().contains(peer(&parts.extensions)) {
            hosts.extend(forwarded::list(headers, "x-forwarded-host").filter_map(forwarded::host));
            hosts.extend(
                forwarded::elements(headers).iter().filter_map(|element| forwarded::host(element.host.as_deref()?)),
            );
        }
        let own = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        hosts.extend(
            own.or_else(|| parts.uri.authority().map(hyper::http::uri::Authority::as_str)).and_then(forwarded::host),
        );
        hosts
    }

    /// The scheme that the client used, as a trusted proxy says; `None`: none says.
    pub(in crate::http) fn scheme(&self, parts: &Parts) -> Option<String> {
        if !self.trusted.load().contains(peer(&parts.extensions)) {
            return None;
        }
        let usual = forwarded::list(&parts.headers, "x-forwarded-proto").next().map(str::to_ascii_lowercase);
        usual.or_else(|| forwarded::elements(&parts.headers).into_iter().find_map(|element| element.proto))
    }

    /// Whether a request comes from a proxy that is believed.
    pub(in crate::http) fn trusts(&self, parts: &Parts) -> bool {
        self.trusted.load().contains(peer(&parts.extensions))
    }

    /// Remembers the peer when it is a proxy that nobody named. Said in the log once.
    pub(in crate::http) fn notice(&self, extensions: &Extensions, headers: &HeaderMap, now_ms: i64) {
        if !SIGNS.iter().any(|sign| headers.contains_key(sign)) {
            return;
        }
        let peer = peer(extensions);
        if self.trusted.load().contains(peer) {
            return;
        }
        let mut noticed = self.noticed();
        if noticed.unnamed.is_empty() {
            tracing::warn!(
                %peer,
                "requests come through a proxy that server.trusted_proxies does not list: everyone behind it counts \
                 as one address when sign-ins are limited"
            );
        }
        if noticed.unnamed.len() < MAX_NOTICED || noticed.unnamed.contains_key(&peer) {
            noticed.unnamed.insert(peer, now_ms);
        }
    }

    /// Proxies that were seen lately and that nobody named.
    pub(in crate::http) fn unnamed(&self, now_ms: i64) -> Vec<IpAddr> {
        let noticed = self.noticed();
        let lately = noticed.unnamed.iter().filter(|(_, seen_ms)| now_ms - **seen_ms < NOTICED_MS);
        lately.map(|(peer, _)| *peer).collect()
    }

    /// Remembers the host under which the console was looked for in a circle; `None`: it is found again.
    pub(in crate::http) fn note_circle(&self, host: Option<&str>) {
        let mut noticed = self.noticed();
        if noticed.circle.as_deref() != host {
            noticed.circle = host.map(str::to_owned);
        }
    }

    /// The host under which the console is looked for in a circle.
    pub(in crate::http) fn circle(&self) -> Option<String> {
        self.noticed().circle.clone()
    }

    fn noticed(&self) -> MutexGuard<'_, Noticed> {
        self.noticed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The other end of the connection.
fn peer(extensions: &Extensions) -> IpAddr {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    peer.unwrap_or(IpAddr::from([0, 0, 0, 0])).to_canonical()
}
