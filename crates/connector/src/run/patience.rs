//! Asking a server that may be away: again after a while, longer each time, as long as it makes sense.

use super::Step;
use crate::clock::Clock;
use crate::paraph::Trouble;
use crate::random;
use std::time::Duration;

/// The first pause; each is twice the one before.
const FIRST: Duration = Duration::from_secs(1);
/// The longest pause, unless the server asks for a longer one.
const LONGEST: Duration = Duration::from_mins(1);

/// How long a run puts up with a server that is away.
pub(super) struct Patience {
    pub(super) clock: Clock,
    whole: Duration,
}

impl Patience {
    pub(super) fn new(clock: Clock, whole: Duration) -> Self {
        Self { clock, whole }
    }

    /// Asks until there is an answer, or the server was away for too long.
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
            tracing::warn!(seconds = pause.as_secs_f32(), "paraph is away: {detail}");
            say(Step::Away);
            self.clock.sleep(pause).await;
        }
        // The loop has no end of its own.
        Err(Trouble::Refused("asked too often".into()))
    }
}

/// How long to wait after so many attempts: between half and all of what doubling gives, so that many programs that lost the
/// same server do not come back at the same moment.
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
