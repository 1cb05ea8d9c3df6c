//! When runs start: once at start-up, then at multiples of the interval counted from start-up. Pure.

/// Milliseconds of a minute.
const MINUTE_MS: i64 = 60_000;

/// When the next run after `now_ms` starts. For a service started at 08:10 with 60 minutes, runs start at ten past each hour,
/// however long they take; missed runs are skipped.
pub fn next(started_ms: i64, every_minutes: u32, now_ms: i64) -> i64 {
    let every = i64::from(every_minutes.max(1)) * MINUTE_MS;
    // Also correct if the clock was set back.
    let passed = now_ms.saturating_sub(started_ms).div_euclid(every);
    started_ms + (passed + 1) * every
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Minutes since midnight as milliseconds.
    fn at(hour: i64, minute: i64) -> i64 {
        (hour * 60 + minute) * MINUTE_MS
    }

    #[test]
    fn started_at_ten_past_eight_runs_begin_at_ten_past_each_hour() {
        let start = at(8, 10);
        for (now, expected) in [
            (at(8, 10), at(9, 10)),
            (at(8, 12), at(9, 10)),
            (at(9, 10), at(10, 10)),
            (at(9, 10) - 1, at(9, 10)),
            // A run that took two hours and a half.
            (at(11, 40), at(12, 10)),
            // The clock was set back.
            (at(7, 0), at(7, 10)),
        ] {
            assert_eq!(next(start, 60, now), expected, "{now}");
        }
        assert_eq!(next(start, 5, at(8, 12)), at(8, 15));
        assert_eq!(next(start, 1440, at(20, 0)), at(32, 10));
    }
}
