//! Why a request got no answer. The underlying libraries report reasons only as texts.

use super::target::Refusal;
use std::error::Error;
use std::fmt;
use std::time::Duration;

/// A server that gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreachable {
    /// The host of the request.
    pub host: String,
    /// Why there is no answer.
    pub cause: Cause,
    /// Whether nothing of the request was sent, so that any request can be repeated.
    pub is_unsent: bool,
}

/// The reason of an [`Unreachable`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The name cannot be resolved.
    Name,
    /// Nothing listens at the address.
    Refused,
    /// No complete answer in this time.
    Timeout(Duration),
    /// The certificate is rejected for this reason.
    Certificate(&'static str),
    /// Any other error, with the underlying library's text.
    Other(String),
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cannot be reached: {}", self.host, self.cause)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => f.write_str("its name cannot be resolved"),
            Self::Refused => f.write_str("nothing listens there"),
            Self::Timeout(limit) => write!(f, "no answer in {} ms", limit.as_millis()),
            Self::Certificate(what) => write!(f, "its certificate is rejected: {what}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl Unreachable {
    pub(super) fn new(host: String, error: &reqwest::Error, limit: Duration) -> Self {
        Self { host, cause: cause(error, limit), is_unsent: error.is_connect() || error.is_builder() }
    }
}

/// The refusal of a name's addresses, which is reported as a connection error.
pub(super) fn refusal(error: &reqwest::Error) -> Option<Refusal> {
    chain(error).find_map(|error| error.downcast_ref::<Refusal>()).cloned()
}

fn cause(error: &reqwest::Error, limit: Duration) -> Cause {
    if error.is_timeout() {
        return Cause::Timeout(limit);
    }
    if error.is_dns() {
        return Cause::Name;
    }
    let texts: Vec<String> = chain(error).map(ToString::to_string).collect();
    let texts = texts.join(": ");
    let has = |part: &str| texts.contains(part);
    match () {
        () if has("Connection refused") => Cause::Refused,
        () if has("NotValidForName") || has("not valid for name") => Cause::Certificate("it is for another name"),
        () if has("Expired") || has("expired") => Cause::Certificate("it has expired"),
        () if has("NotValidYet") || has("not valid yet") => Cause::Certificate("it is not valid yet"),
        () if has("UnknownIssuer") || has("CaUsedAsEndEntity") => Cause::Certificate(
            "this machine does not trust its issuer, or the server does not send the intermediate certificates",
        ),
        () if has("certificate") => Cause::Certificate("it cannot be used"),
        () => Cause::Other(super::quote(&texts)),
    }
}

/// The causes of an error, without the error itself, which contains the address with its query.
fn chain<'a>(error: &'a reqwest::Error) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(error.source(), |error| {
        let error: &'a (dyn Error + 'static) = *error;
        error.source()
    })
}
