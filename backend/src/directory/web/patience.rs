//! How often and after how long something is asked again. Pure: time and dice come from the caller.

use crate::directory::fetched::FetchError;
use jiff::fmt::rfc2822::DateTimeParser;
use std::time::Duration;

/// How often one thing is asked in all.
const TRIES: u32 = 8;
/// First pause where the source names none; each is twice the one before.
const FIRST: Duration = Duration::from_secs(1);
/// Longest such pause.
const LONGEST: Duration = Duration::from_mins(1);
/// Longest pause that a source may ask for while a run waits: with longer ones the run ends and comes again.
const LONGEST_ASKED: Duration = Duration::from_mins(5);

/// Asking one thing until there is an answer.
#[derive(Debug, Default)]
pub(in super::super) struct Patience {
    tries: u32,
}

impl Patience {
    /// How long to wait before the next try, or `otherwise` when it was enough. `asked`: the pause that the source asked
    /// for. `dice`: 0 to 1, so that those who were stopped together do not come back together.
    pub(in super::super) fn next(
        &mut self,
        asked: Option<Duration>,
        otherwise: FetchError,
        dice: f64,
    ) -> Result<Duration, FetchError> {
        let own = FIRST.saturating_mul(1 << self.tries.min(16)).min(LONGEST);
        self.tries += 1;
        let pause = match asked {
            Some(asked) => asked.max(FIRST),
            None => own.div_f64(2.0) + own.div_f64(2.0).mul_f64(dice.clamp(0.0, 1.0)),
        };
        if self.tries < TRIES && pause <= LONGEST_ASKED {
            return Ok(pause);
        }
        Err(match otherwise {
            FetchError::Throttled { .. } => {
                FetchError::Throttled { retry_ms: u64::try_from(pause.as_millis()).unwrap_or(u64::MAX) }
            }
            other => other,
        })
    }
}

/// The pause that `Retry-After` asks for (RFC 9110 §10.2.3): seconds, or a date.
pub(in super::super) fn retry_after(header: Option<&str>, now_ms: i64) -> Option<Duration> {
    let header = header?.trim();
    if let Ok(seconds) = header.parse() {
        return Some(Duration::from_secs(seconds));
    }
    Some(Duration::from_millis(u64::try_from(date_ms(header)?.saturating_sub(now_ms)).unwrap_or(0)))
}

/// The time that a header names (RFC 9110 §5.6.7), in milliseconds.
pub(super) fn date_ms(header: &str) -> Option<i64> {
    let at = DateTimeParser::new().relaxed_weekday(true).parse_timestamp(header.trim()).ok()?;
    Some(at.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn away() -> FetchError {
        FetchError::away("away")
    }

    #[test]
    fn pauses_double_up_to_a_minute_and_then_it_is_enough() {
        let mut patience = Patience::default();
        let pauses: Vec<_> = (1..TRIES).map(|_| patience.next(None, away(), 1.0).unwrap().as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60]);
        assert_eq!(patience.next(None, away(), 1.0), Err(away()));
    }

    #[test]
    fn dice_shorten_a_pause_by_half_at_most() {
        let pause = |dice| Patience { tries: 3 }.next(None, away(), dice).unwrap();
        assert_eq!((pause(0.0), pause(0.5)), (Duration::from_secs(4), Duration::from_secs(6)));
        assert_eq!(pause(f64::INFINITY), Duration::from_secs(8));
    }

    #[test]
    fn what_the_source_asks_for_holds_unless_it_is_too_long() {
        let throttled = FetchError::Throttled { retry_ms: 0 };
        let next = |seconds| {
            let asked = Some(Duration::from_secs(seconds));
            Patience::default().next(asked, throttled.clone(), 0.3)
        };
        assert_eq!(next(7), Ok(Duration::from_secs(7)));
        assert_eq!(next(0), Ok(FIRST), "never at once");
        assert_eq!(next(3_600), Err(FetchError::Throttled { retry_ms: 3_600_000 }));
        assert_eq!(next(u64::MAX), Err(FetchError::Throttled { retry_ms: u64::MAX }));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now_ms = 1_795_262_400_000;
        for (header, seconds) in [
            (Some("120"), Some(120)),
            (Some(" 3 "), Some(3)),
            (Some("Sat, 21 Nov 2026 12:00:30 GMT"), Some(30)),
            (Some("Sat, 21 Nov 2026 11:00:00 GMT"), Some(0)),
            (Some("soon"), None),
            (Some("-5"), None),
            (Some(""), None),
            (None, None),
        ] {
            assert_eq!(retry_after(header, now_ms), seconds.map(Duration::from_secs), "{header:?}");
        }
    }
}
