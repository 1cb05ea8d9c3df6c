//! Outgoing requests: every request that this server sends goes through here.
//!
//! A `Client` sends one `Request` to a target that its `Reach` allows, within its `Limits`. A `Session` makes requests
//! with an identity (`AppOnly`, `Delegated`, `Password`), renews its credentials, and retries. A `Verdict` says what an
//! answer means.

mod address;
mod target;
mod resolve;
mod request;
mod send;
mod unreachable;
mod verdict;
mod patience;
mod session;
mod app_only;
mod delegated;
mod password;
#[cfg(test)]
mod tests;

pub use address::{Kind, classify};
pub use app_only::{AppOnly, Granted, Grantor, Ungranted};
pub use delegated::{Delegated, Provider};
pub use password::Password;
pub use patience::{Patience, date_ms, parse_retry_after};
pub use request::{Answer, Nonsense, Request};
pub use send::{Client, Limits, SendError};
pub use session::{Credentials, Route, Session};
pub use target::{Origin, Reach, Refusal, Why};
pub use unreachable::{Cause, Unreachable};
pub use verdict::{Failure, Verdict};

use patience::retry_after;

/// Longest text of theirs that is shown to people, in characters.
const MAX_QUOTE: usize = 300;

/// The beginning of a text of theirs, on one line.
pub fn quote(text: &str) -> String {
    let text = text.lines().next().unwrap_or_default();
    text.chars().filter(|letter| !letter.is_control()).take(MAX_QUOTE).collect::<String>().trim().to_owned()
}
