//! What an answer means: what its caller does next.

use super::request::Answer;
use super::send::SendError;
use super::{Unreachable, quote};
use std::time::Duration;

/// What an answer means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the answer.
    Ok,
    /// Ask again, after a pause.
    Later {
        /// The pause that the server asks for.
        after: Option<Duration>,
        /// What it comes to when that was done often enough.
        otherwise: Failure,
    },
    /// What proves who asks is not accepted any more: get it anew and ask again, once. Otherwise it comes to this.
    Renew(Failure),
    /// Asking again does not help.
    Fail(Failure),
}

/// Why there is no usable answer; each variant is a decision.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Only the person whose account it is can help, by connecting it again.
    #[error("{detail}")]
    Reconnect {
        /// What the server says.
        detail: String,
    },
    /// It is not allowed until somebody changes something there or in our settings.
    #[error("{detail}")]
    Refused {
        /// What the server says, and what to do.
        detail: String,
    },
    /// It was changed since we last saw it (412): read it again.
    #[error("it has changed in the meantime")]
    Changed,
    /// It, or the link that the server gave, is not there (any more).
    #[error("it is gone")]
    Gone,
    /// The server has too much to do with us.
    #[error("the server asks for a pause")]
    Throttled {
        /// After how many milliseconds it may be asked again.
        retry_ms: u64,
    },
    /// The server cannot be reached or does not work: it may by itself, later.
    #[error("{detail}")]
    Away {
        /// What happened.
        detail: String,
    },
    /// What it answers makes no sense, so neither would asking again soon.
    #[error("{detail}")]
    Wrong {
        /// What happened.
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
    /// General meaning of a status (RFC 9110 §15); `None`: nothing in particular. `name`: the server's name for people.
    pub fn usual(answer: &Answer, name: &str) -> Option<Self> {
        let otherwise = match answer.status {
            200..300 => return Some(Self::Ok),
            412 => return Some(Self::Fail(Failure::Changed)),
            429 => Failure::Throttled { retry_ms: 0 },
            408 | 500..600 => Failure::away(format!("{name} does not work right now (HTTP {})", answer.status)),
            _ => return None,
        };
        Some(Self::Later { after: answer.after, otherwise })
    }

    /// The same for a request to a link that the server gave: a refusal that is not about identity or rate means the
    /// link itself.
    #[must_use]
    pub fn of_link(self, status: u16) -> Self {
        match self {
            Self::Fail(Failure::Wrong { .. } | Failure::Changed) if (400..500).contains(&status) => {
                Self::Fail(Failure::Gone)
            }
            verdict => verdict,
        }
    }

    /// The same of a request that may have done something before it failed: whoever sends it again does it twice. What the
    /// server did not begin (429, 503) can be asked again.
    pub(super) fn of_unrepeatable(self, status: u16) -> Self {
        match self {
            Self::Later { otherwise, .. } if !matches!(status, 429 | 503) => Self::Fail(otherwise),
            verdict => verdict,
        }
    }

    /// What it means that there is no answer.
    pub(super) fn of_error(error: &SendError, name: &str) -> Self {
        match error {
            SendError::Unreachable(Unreachable { host, cause, .. }) => {
                let detail = format!("{name} cannot be reached at {host}: {cause}");
                Self::Later { after: None, otherwise: Failure::away(detail) }
            }
            SendError::Refused(refusal) => Self::Fail(Failure::refused(format!("{name}: {refusal}"))),
            SendError::TooLarge(bytes) => {
                Self::Fail(Failure::wrong(format!("{name} answers with more than {bytes} bytes at once")))
            }
            other => Self::Fail(Failure::wrong(format!("{name}: {other}"))),
        }
    }

    /// A success that is not what the server documents may be a passing disturbance.
    pub fn nonsense(name: &str, what: &super::Nonsense) -> Self {
        let what = quote(&what.to_string());
        let otherwise = Failure::wrong(format!("{name} answers something that is not what it documents ({what})"));
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
