//! Backoff after failures, and spreading of recurring tasks. Pure, and the same on every node.

use crate::store::LeaseKey;
use std::time::Duration;

/// Wait after the first failure.
const FIRST: Duration = Duration::from_secs(10);
/// Longest wait.
const LONGEST: Duration = Duration::from_hours(1);

/// How long to wait after this many consecutive attempts: doubled each time, and slightly different for each task, so that
/// tasks that failed together are not retried together.
pub fn backoff(attempt: i64, key: &LeaseKey) -> Duration {
    let doublings = u32::try_from(attempt.clamp(1, 20) - 1).unwrap_or(0);
    let base = FIRST.saturating_mul(1 << doublings).min(LONGEST);
    // Between a half and the whole of it.
    base / 2 + base.mul_f64(part(key) / 2.0)
}

/// A time offset within `period_ms`, different for each task.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a period has few milliseconds")]
pub fn spread(key: &LeaseKey, period_ms: i64) -> i64 {
    (part(key) * period_ms as f64) as i64
}

/// A number from 0 to 1 from the key's FNV-1a hash.
fn part(key: &LeaseKey) -> f64 {
    let bytes = [&key.tenant, "/", &key.kind, "/", &key.subject].map(str::as_bytes).concat();
    let hash = bytes.iter().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    // Its last bytes change most.
    f64::from(hash.wrapping_mul(2_654_435_769)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u32) -> LeaseKey {
        LeaseKey::new("tenant", "sync", &number.to_string())
    }

    #[test]
    fn each_failure_waits_longer_up_to_an_hour() {
        let waits: Vec<_> = (1..30).map(|attempt| backoff(attempt, &key(1))).collect();
        assert!(waits.is_sorted() && waits[0] >= FIRST / 2 && waits[0] <= FIRST, "{waits:?}");
        assert!(waits[28] <= LONGEST && waits[28] >= LONGEST / 2);
        assert!(waits[0] < waits[1] && waits[1] < waits[2]);
    }

    #[test]
    fn what_recurs_is_spread_over_its_period() {
        let mut tenths = [0; 10];
        for number in 0..10_000 {
            tenths[usize::try_from(spread(&key(number), 1_800_000) / 180_000).unwrap().min(9)] += 1;
        }
        assert!(tenths.iter().all(|count| (800..1_200).contains(count)), "{tenths:?}");
        assert_eq!(spread(&key(7), 1_000), spread(&key(7), 1_000));
    }
}
