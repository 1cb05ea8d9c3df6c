//! Limits on guesses of passwords, codes and links. Every guess is counted in the database before it is checked.

use crate::http::AppState;
use crate::http::Error;
use crate::http::request::access;
use crate::identity::digest;
use crate::store::{Limit, Reservation, Reserved};
use axum::http::request::Parts;
use std::net::IpAddr;

/// Failures without a wait for one account from one network address, and for one known device.
const FREE: i64 = 5;
/// The same for one network address, whatever it guesses at: people behind one address share this.
const FREE_ADDRESS: i64 = 20;
/// The same for one account from everywhere together, known devices aside (NIST SP 800-63B-4, 3.2.2).
const FREE_ACCOUNT: i64 = 100;
/// The part of an IPv6 address that one customer of a provider has (RFC 6177).
const NETWORK_BITS: u32 = 64;

/// A guess that is counted as a failure until it is said to be right, or none. Dropped, it was wrong.
#[must_use]
pub(in crate::http::console) struct Attempt(Vec<Reserved>);

impl Attempt {
    /// A sign-in: as a known device, or as anybody who has only the account's address.
    pub(in crate::http::console) async fn sign_in(
        app: &AppState,
        head: &Parts,
        email: &str,
        device: Option<&str>,
    ) -> Result<Self, Error> {
        if let Some(device) = device {
            // What strangers do, also behind the same network address, does not keep this one out.
            return Self::begin(app, &[limit(&format!("device {device}"), FREE, true)]).await;
        }
        let network = network(access::peer(head, app));
        let limits = [
            limit(&format!("account {email} from {network}"), FREE, true),
            limit(&format!("account {email}"), FREE_ACCOUNT, true),
            limit(&format!("address {network}"), FREE_ADDRESS, false),
        ];
        Self::begin(app, &limits).await
    }

    /// A link or code that lets in whoever has it. `what`: its kind.
    pub(in crate::http::console) async fn code(app: &AppState, head: &Parts, what: &str) -> Result<Self, Error> {
        let network = network(access::peer(head, app));
        let limits = [
            limit(&format!("{what} from {network}"), FREE, true),
            limit(&format!("address {network}"), FREE_ADDRESS, false),
        ];
        Self::begin(app, &limits).await
    }

    /// What somebody who is signed in proves again. It keeps nobody from signing in.
    pub(in crate::http::console) async fn confirmation(app: &AppState, account: &str) -> Result<Self, Error> {
        Self::begin(app, &[limit(&format!("confirmation {account}"), FREE, true)]).await
    }

    async fn begin(app: &AppState, limits: &[Limit]) -> Result<Self, Error> {
        let now_ms = app.clock.now_ms();
        match app.store.reserve_attempt(limits, now_ms).await? {
            Reservation::Granted(reserved) => Ok(Self(reserved)),
            Reservation::Refused(until_ms) => Err(Error::TooMany((until_ms - now_ms).div_euclid(1_000) + 1)),
        }
    }

    /// It was wrong: `error` is what is answered.
    #[expect(clippy::unused_self, reason = "the guess is used up: it stays counted")]
    pub(in crate::http::console) fn wrong(self, error: Error) -> Error {
        metrics::counter!("paraph_console_sign_in_failures_total").increment(1);
        error
    }

    /// It was right: failures before it are forgotten, but for those of the network address.
    pub(in crate::http::console) async fn right(self, app: &AppState) -> Result<(), Error> {
        Ok(app.store.release_attempt(&self.0, true, app.clock.now_ms()).await?)
    }

    /// It was no guess: something else was missing or failed. `error` is what is answered.
    pub(in crate::http::console) async fn none(self, app: &AppState, error: Error) -> Error {
        match app.store.release_attempt(&self.0, false, app.clock.now_ms()).await {
            Ok(()) => error,
            Err(failed) => failed.into(),
        }
    }
}

fn limit(what: &str, free: i64, forgiven: bool) -> Limit {
    Limit { key: digest(what), free, forgiven }
}

/// What counts as one place: an IPv4 address, or the network of an IPv6 address.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() >> NETWORK_BITS << NETWORK_BITS).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_network_is_one_place() {
        let network = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("2001:db8:1:2::"), network("2001:db8:1:2:ffff::1"));
        assert_ne!(network("2001:db8:1:3::"), network("2001:db8:1:2::"));
        assert_eq!(network("203.0.113.7"), "203.0.113.7");
    }
}
