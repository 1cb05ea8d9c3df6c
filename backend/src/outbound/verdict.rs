//! Verdicts on answers: what the caller does next.

use super::request::Answer;
use super::send::SendError;
use super::{Unreachable, quote};
use std::time::Duration;

/// Verdict on an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The answer is usable.
    Ok,
    /// Retry after a pause.
    Later {
        /// The pause that the server asks for.
        after: Option<Duration>,
        /// Failure after too many retries.
        otherwise: Failure,
    },
    /// The credentials are no longer accepted: renew them and retry once; otherwise this failure.
    Renew(Failure),
    /// Retrying does not help.
    Fail(Failure),
}

/// Why there is no usable answer; each variant is a decision.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The account's owner has to connect it again.
    #[error("{detail}")]
    Reconnect {
        /// Message of the server.
        detail: String,
    },
    /// Not allowed until settings are changed there or here.
    #[error("{detail}")]
    Refused {
        /// Message of the server, and what to do.
        detail: String,
    },
    /// The resource has changed since it was last read (412): read it again.
    #[error("it has been changed in the meantime")]
    Changed,
    /// The resource or the server's link does not exist (any more).
    #[error("it no longer exists")]
    Gone,
    /// The server throttles our requests.
    #[error("the server asks for a pause")]
    Throttled {
        /// Milliseconds until the next allowed request.
        retry_ms: u64,
    },
    /// The server is unreachable or not working, possibly temporarily.
    #[error("{detail}")]
    Away {
        /// The problem.
        detail: String,
    },
    /// The server returned an invalid answer; retrying soon would not help.
    #[error("{detail}")]
    Wrong {
        /// The problem.
        detail: String,
    },
}

impl Failure {
    /// [`Failure::Reconnect`].
    pub fn reconnect(detail: impl Into<String>) -> Self {
        Self::Reconnect { detail: detail.into() }
    }

    /// [`Failure::Refused`].
    pub fn refused(detail: impl Into<String>) -> Self {
        Self::Refused { detail: detail.into() }
    }

    /// [`Failure::Away`].
    pub fn away(detail: impl Into<String>) -> Self {
        Self::Away { detail: detail.into() }
    }

    /// [`Failure::Wrong`].
    pub fn wrong(detail: impl Into<String>) -> Self {
        Self::Wrong { detail: detail.into() }
    }
}

impl Verdict {
    /// General meaning of a status (RFC 9110 §15); `None` if it has none. `name`: the server's name for people.
    pub fn usual(answer: &Answer, name: &str) -> Option<Self> {
        let otherwise = match answer.status {
            200..300 => return Some(Self::Ok),
            412 => return Some(Self::Fail(Failure::Changed)),
            429 => Failure::Throttled { retry_ms: 0 },
            408 | 500..600 => Failure::away(format!("{name} is not available right now (HTTP {})", answer.status)),
            _ => return None,
        };
        Some(Self::Later { after: answer.after, otherwise })
    }

    /// The same for a request to a link from the server: a refusal that is not about authentication or throttling means that
    /// the link is not valid.
    #[must_use]
    pub fn of_link(self, status: u16) -> Self {
        match self {
            Self::Fail(Failure::Wrong { .. } | Failure::Changed) if (400..500).contains(&status) => {
                Self::Fail(Failure::Gone)
            }
            verdict => verdict,
        }
    }

    /// The same for a request that may have taken effect before it failed, so that repeating it could apply it twice.
    /// Requests that the server did not start (429, 503) can be repeated.
    pub(super) fn of_unrepeatable(self, status: u16) -> Self {
        match self {
            Self::Later { otherwise, .. } if !matches!(status, 429 | 503) => Self::Fail(otherwise),
            verdict => verdict,
        }
    }

    /// Verdict for a missing answer.
    pub(super) fn of_error(error: &SendError, name: &str) -> Self {
        match error {
            SendError::Unreachable(Unreachable { host, cause, .. }) => {
                let detail = format!("{name} cannot be reached at {host}: {cause}");
                Self::Later { after: None, otherwise: Failure::away(detail) }
            }
            SendError::Refused(refusal) => Self::Fail(Failure::refused(format!("{name}: {refusal}"))),
            SendError::TooLarge(bytes) => {
                Self::Fail(Failure::wrong(format!("{name} returned more than {bytes} bytes at once")))
            }
            other => Self::Fail(Failure::wrong(format!("{name}: {other}"))),
        }
    }

    /// Verdict for a successful answer that does not match the server's documentation, which may be a temporary problem.
    pub fn nonsense(name: &str, what: &super::Nonsense) -> Self {
        let what = quote(&what.to_string());
        let otherwise =
            Failure::wrong(format!("{name} returned an answer that does not match its documentation ({what})"));
        Self::Later { after: None, otherwise }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_is_a_decision() {
        let usual = |status| Verdict::usual(&Answer::new(status, Vec::new()), "Graph");
        assert_eq!([200, 204].map(usual), [Some(Verdict::Ok), Some(Verdict::Ok)]);
        assert_eq!(usual(412), Some(Verdict::Fail(Failure::Changed)));
        assert!(matches!(usual(429), Some(Verdict::Later { otherwise: Failure::Throttled { .. }, .. })));
        for status in [408, 500, 502, 503, 504] {
            assert!(matches!(usual(status), Some(Verdict::Later { otherwise: Failure::Away { .. }, .. })), "{status}");
        }
        assert_eq!([301, 400, 401, 403, 404, 409].map(usual), [const { None }; 6]);
    }

    #[test]
    fn what_may_have_been_done_is_not_asked_for_twice() {
        let verdict = |status| Verdict::usual(&Answer::new(status, Vec::new()), "").unwrap().of_unrepeatable(status);
        assert!([429, 503].iter().all(|status| matches!(verdict(*status), Verdict::Later { .. })));
        assert!(
            [408, 500, 502, 504].iter().all(|status| matches!(verdict(*status), Verdict::Fail(Failure::Away { .. })))
        );
    }
}
