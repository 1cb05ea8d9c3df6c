//! Retries: how often, and after which pauses. Pure: time and randomness come from the caller.

use super::verdict::Failure;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};
use std::time::Duration;

/// Maximum number of attempts.
const TRIES: u32 = 8;
/// First pause if the server does not specify one; each later one is twice as long.
const FIRST: Duration = Duration::from_secs(1);
/// Longest of these pauses.
const LONGEST: Duration = Duration::from_mins(1);
/// Longest pause that a server may ask for within a task; for longer ones, the task ends and is run again.
const LONGEST_ASKED: Duration = Duration::from_mins(5);
/// Limit for the sum of all pauses.
const ALTOGETHER: Duration = Duration::from_mins(15);
/// Headers that some of Microsoft's servers send instead of `Retry-After`, in milliseconds.
const RETRY_AFTER_MS: [HeaderName; 2] =
    [HeaderName::from_static("x-ms-retry-after-ms"), HeaderName::from_static("retry-after-ms")];

/// State of the retries of one request.
#[derive(Debug, Default)]
pub struct Patience {
    tries: u32,
    waited: Duration,
}

impl Patience {
    /// How long to wait before the next attempt, or `otherwise` if a limit is reached. `asked`: the pause that the server
    /// asks for. `dice`: a random number from 0 to 1, so that clients that were throttled together do not retry together.
    pub fn next(&mut self, asked: Option<Duration>, otherwise: Failure, dice: f64) -> Result<Duration, Failure> {
        let own = FIRST.saturating_mul(1 << self.tries.min(16)).min(LONGEST);
        self.tries += 1;
        let pause = match asked {
            Some(asked) => asked.max(FIRST),
            None => own.div_f64(2.0) + own.div_f64(2.0).mul_f64(dice.clamp(0.0, 1.0)),
        };
        self.waited = self.waited.saturating_add(pause);
        if self.tries < TRIES && pause <= LONGEST_ASKED && self.waited <= ALTOGETHER {
            return Ok(pause);
        }
        Err(match otherwise {
            Failure::Throttled { .. } => {
                Failure::Throttled { retry_ms: u64::try_from(pause.as_millis()).unwrap_or(u64::MAX) }
            }
            other => other,
        })
    }
}

/// The pause that an answer asks for.
pub(super) fn retry_after(headers: &HeaderMap, now_ms: i64) -> Option<Duration> {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(milliseconds) = RETRY_AFTER_MS.iter().find_map(|name| text(name)?.trim().parse().ok()) {
        return Some(Duration::from_millis(milliseconds));
    }
    // A pause until a date is relative to the server's clock.
    parse_retry_after(text(&RETRY_AFTER)?, text(&DATE).and_then(date_ms).unwrap_or(now_ms))
}

/// The pause that `Retry-After` asks for (RFC 9110 §10.2.3): seconds, or a date. `now_ms`: the server's time.
pub fn parse_retry_after(header: &str, now_ms: i64) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse() {
        return Some(Duration::from_secs(seconds));
    }
    Some(Duration::from_millis(u64::try_from(date_ms(header)?.saturating_sub(now_ms)).unwrap_or(0)))
}

/// Parses the time in a header (RFC 9110 §5.6.7), in milliseconds since 1970.
pub fn date_ms(header: &str) -> Option<i64> {
    let at = DateTimeParser::new().relaxed_weekday(true).parse_timestamp(header.trim()).ok()?;
    Some(at.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn away() -> Failure {
        Failure::away("away")
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
        let pause = |dice| Patience { tries: 3, ..Patience::default() }.next(None, away(), dice).unwrap();
        assert_eq!((pause(0.0), pause(0.5)), (Duration::from_secs(4), Duration::from_secs(6)));
        assert_eq!(pause(f64::INFINITY), Duration::from_secs(8));
    }

    #[test]
    fn what_the_source_asks_for_holds_unless_it_is_too_long() {
        let throttled = Failure::Throttled { retry_ms: 0 };
        let next = |seconds| {
            let asked = Some(Duration::from_secs(seconds));
            Patience::default().next(asked, throttled.clone(), 0.3)
        };
        assert_eq!(next(7), Ok(Duration::from_secs(7)));
        assert_eq!(next(0), Ok(FIRST), "never at once");
        assert_eq!(next(3_600), Err(Failure::Throttled { retry_ms: 3_600_000 }));
        assert_eq!(next(u64::MAX), Err(Failure::Throttled { retry_ms: u64::MAX }));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now_ms = 1_795_262_400_000;
        for (header, seconds) in [
            ("120", Some(120)),
            (" 3 ", Some(3)),
            ("Sat, 21 Nov 2026 12:00:30 GMT", Some(30)),
            ("Sat, 21 Nov 2026 11:00:00 GMT", Some(0)),
            ("soon", None),
            ("-5", None),
            ("", None),
        ] {
            assert_eq!(parse_retry_after(header, now_ms), seconds.map(Duration::from_secs), "{header:?}");
        }
    }

    #[test]
    fn all_pauses_together_are_bounded() {
        let mut patience = Patience::default();
        let asked = Some(LONGEST_ASKED);
        let granted = (0..TRIES).map_while(|_| patience.next(asked, away(), 0.0).ok()).count();
        assert_eq!(granted, 3, "a quarter of an hour");
    }

    #[test]
    fn the_servers_own_clock_and_milliseconds_count() {
        let of = |pairs: &[(&'static str, &'static str)]| {
            let pair = |(name, value): &(&'static str, &'static str)| {
                (HeaderName::from_static(name), reqwest::header::HeaderValue::from_static(value))
            };
            retry_after(&pairs.iter().map(pair).collect(), 0)
        };
        assert_eq!(of(&[]), None);
        let there = [("date", "Sat, 21 Nov 2026 12:00:00 GMT"), ("retry-after", "Sat, 21 Nov 2026 12:00:30 GMT")];
        assert_eq!(of(&there), Some(Duration::from_secs(30)));
        assert_eq!(of(&[("x-ms-retry-after-ms", "1500"), ("retry-after", "2")]), Some(Duration::from_millis(1_500)));
    }
}
