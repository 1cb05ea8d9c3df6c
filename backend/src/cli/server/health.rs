//! `paraph health`: asks the server on this machine, for containers and scripts.
//!
//! It checks only the process, not its database: restarting a server because its database is unavailable would end the
//! signatures that it still serves from memory. `--ready` asks for readiness instead.

use crate::clock::Clock;
use crate::config::Config;
use crate::outbound::{Cause, Client, Limits, Reach, Request, SendError, Unreachable};
use anyhow::{Context as _, bail};
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// Longest time for the answer; container engines wait for thirty seconds at most, and often less.
const TIMEOUT: Duration = Duration::from_secs(3);
/// Largest answer in bytes; ours have some hundred.
const MAX_ANSWER: usize = 1024 * 1024;

/// Options of `paraph health`.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct HealthOptions {
    /// Also fail when the server cannot sign, that is, when the database is away and nothing is in memory
    #[arg(long)]
    pub ready: bool,
}

/// The state that the server at `server.listen` reports, in words.
///
/// # Errors
/// When the server does not answer, or reports that it cannot do its work.
pub async fn run(config: &Config, options: &HealthOptions) -> anyhow::Result<String> {
    let client = Client::direct(&Clock::system());
    let limits = Limits { time: TIMEOUT, bytes: MAX_ANSWER, redirects: 0 };
    let path = if options.ready { "/ready" } else { "/health" };
    let mut refused = None;
    for address in reachable(config.server.listen) {
        let url = format!("http://{address}{path}");
        let answer = match client.send(&Request::get(&url), &Reach::fixed([url.as_str()]), limits).await {
            Ok(answer) => answer,
            Err(error) => {
                refused.get_or_insert((address, error));
                continue;
            }
        };
        let body: Value = serde_json::from_slice(&answer.body)
            .with_context(|| format!("{address} answers, but is not a Paraph server: check server.listen"))?;
        if !answer.is_success() {
            bail!("the server at {address} says {}: {}", answer.status, reasons(&body));
        }
        return Ok(format!("{}: the server at {address} answers", body["status"].as_str().unwrap_or("ok")));
    }
    let (address, error) = refused.context("server.listen has no address")?;
    if let SendError::Unreachable(Unreachable { cause: Cause::Timeout(_), .. }) = error {
        bail!(
            "the server at {address} does not answer within {} seconds: it is stuck or overloaded",
            TIMEOUT.as_secs()
        );
    }
    if let SendError::Unreachable(Unreachable { is_unsent: true, .. }) = error {
        bail!("no server listens at {address}: start `paraph serve`, or correct server.listen");
    }
    Err(anyhow::Error::from(error).context(format!("the server at {address} cannot be asked")))
}

/// Where a server that listens on `listen` can be reached from this machine.
fn reachable(listen: SocketAddr) -> Vec<SocketAddr> {
    let at = |address: IpAddr| SocketAddr::new(address, listen.port());
    match listen.ip() {
        IpAddr::V4(address) if address.is_unspecified() => vec![at(Ipv4Addr::LOCALHOST.into())],
        // Without IPv6 on the loopback interface, as in some containers, it is reached by IPv4.
        IpAddr::V6(address) if address.is_unspecified() => {
            vec![at(Ipv6Addr::LOCALHOST.into()), at(Ipv4Addr::LOCALHOST.into())]
        }
        _ => vec![listen],
    }
}

/// The reasons in an answer of `/ready`, or its errors.
fn reasons(body: &Value) -> String {
    let reasons: Vec<String> = body["reasons"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(what, reason)| format!("{what}: {}", reason.as_str().unwrap_or_default()))
        .collect();
    if reasons.is_empty() { body.to_string() } else { reasons.join("; ") }
}

#[cfg(test)]
mod tests {
    use super::reachable;

    #[test]
    fn a_server_that_listens_everywhere_is_asked_on_loopback() {
        let ask = |listen: &str| reachable(listen.parse().unwrap()).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(ask("0.0.0.0:4000"), ["127.0.0.1:4000"]);
        assert_eq!(ask("[::]:4000"), ["[::1]:4000", "127.0.0.1:4000"]);
        assert_eq!(ask("192.0.2.7:80"), ["192.0.2.7:80"]);
        assert_eq!(ask("[::1]:80"), ["[::1]:80"]);
    }
}
