//! Retries for a server that may be unavailable, with growing pauses, up to a limit.

use super::Step;
use crate::clock::Clock;
use crate::paraph::Trouble;
use crate::random;
use std::time::Duration;

/// First pause; each later one is twice as long.
const FIRST: Duration = Duration::from_secs(1);
/// Longest pause, unless the server asks for a longer one.
const LONGEST: Duration = Duration::from_mins(1);

/// How long a run waits for an unavailable server.
pub(super) struct Patience {
    pub(super) clock: Clock,
    whole: Duration,
}

impl Patience {
    pub(super) fn new(clock: Clock, whole: Duration) -> Self {
        Self { clock, whole }
    }

    /// Asks until there is an answer, or until the server has been unavailable for too long.
    pub(super) async fn ask<T, Asked>(
        &self,
        say: &mut (dyn FnMut(Step) + Send),
        ask: impl Fn() -> Asked,
    ) -> Result<T, Trouble>
    where
        Asked: Future<Output = Result<T, Trouble>>,
    {
        let mut waited = Duration::ZERO;
        for attempt in 0.. {
            let (detail, least) = match ask().await {
                Err(Trouble::Away { detail, wait }) => (detail, wait),
                answer => return answer,
            };
            let pause = pause(attempt, random::share()).max(least.unwrap_or_default());
            waited += pause;
            if waited > self.whole {
                return Err(Trouble::Away { detail, wait: least });
            }
            tracing::warn!(seconds = pause.as_secs_f32(), "paraph is unavailable: {detail}");
            say(Step::Away);
            self.clock.sleep(pause).await;
        }
        // The loop has no end of its own.
        Err(Trouble::Refused("asked too often".into()))
    }
}

/// How long to wait after this many attempts: between half and all of the doubled pause, so that many programs that lost the
/// same server do not return at the same moment.
fn pause(attempt: u32, share: f64) -> Duration {
    let whole = FIRST.saturating_mul(2_u32.saturating_pow(attempt)).min(LONGEST);
    whole.mul_f64(0.5 + share / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_minute_and_differ() {
        assert_eq!(pause(0, 1.0), Duration::from_secs(1));
        assert_eq!(pause(3, 1.0), Duration::from_secs(8));
        assert_eq!(pause(3, 0.0), Duration::from_secs(4));
        assert_eq!(pause(40, 1.0), LONGEST);
    }
}
