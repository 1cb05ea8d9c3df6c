//! Outcomes of tasks.

use super::backoff;
use crate::clock::{DAY_MS, millis};
use crate::store::{Lease, Settled};

/// Maximum number of consecutive attempts; then the task fails.
const MAX_ATTEMPTS: i64 = 8;

/// Outcome of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The task is done.
    Done,
    /// Run again at this time, in milliseconds UTC. Does not count as an attempt.
    Snooze(i64),
    /// Failed temporarily, for this reason. After several attempts, the task fails.
    Retry(String),
    /// Failed permanently, for this reason.
    Fail(String),
    /// Stopped on request; another worker runs the task again. Does not count as an attempt.
    Cancelled,
}

impl Outcome {
    /// Name for metrics.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Snooze(_) => "snoozed",
            Self::Retry(_) => "retried",
            Self::Fail(_) => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reason of the failure.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Retry(reason) | Self::Fail(reason) => Some(reason),
            Self::Done | Self::Snooze(_) | Self::Cancelled => None,
        }
    }

    /// How the lease is returned. After too many attempts or a permanent failure, the task is retried a day later.
    pub(super) fn settled(&self, lease: &Lease, now_ms: i64) -> Settled {
        let attempt = lease.attempt + 1;
        match self {
            Self::Done => Settled::Done,
            Self::Snooze(due_ms) => Settled::Again { due_ms: *due_ms, attempt: 0 },
            Self::Cancelled => Settled::Again { due_ms: now_ms, attempt: lease.attempt },
            Self::Retry(_) if attempt < MAX_ATTEMPTS => {
                Settled::Again { due_ms: now_ms + millis(backoff(attempt, &lease.key)), attempt }
            }
            Self::Retry(_) | Self::Fail(_) => Settled::Again { due_ms: now_ms + DAY_MS, attempt: 0 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::LeaseKey;

    fn lease(attempt: i64) -> Lease {
        Lease::example(LeaseKey::new("t", "kind", "subject"), attempt)
    }

    #[test]
    fn only_what_failed_costs_an_attempt() {
        assert_eq!(Outcome::Done.settled(&lease(3), 0), Settled::Done);
        assert_eq!(Outcome::Snooze(7).settled(&lease(3), 0), Settled::Again { due_ms: 7, attempt: 0 });
        assert_eq!(Outcome::Cancelled.settled(&lease(3), 5), Settled::Again { due_ms: 5, attempt: 3 });
        let Settled::Again { due_ms, attempt } = Outcome::Retry("away".into()).settled(&lease(3), 0) else { panic!() };
        assert_eq!((attempt, due_ms > 0 && due_ms < DAY_MS), (4, true));
    }

    #[test]
    fn attempts_end() {
        let last = Outcome::Retry("away".into()).settled(&lease(MAX_ATTEMPTS - 1), 0);
        assert_eq!(last, Settled::Again { due_ms: DAY_MS, attempt: 0 });
        assert_eq!(Outcome::Fail("never".into()).settled(&lease(0), 0), last);
    }
}
