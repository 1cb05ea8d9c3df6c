//! When everyone is fetched again even though the changes are known: once a night, at a different time for each tenant.

use crate::clock::DAY_MS;

const HOUR_MS: i64 = 3_600_000;

/// The hours of a day, UTC, over which tenants are spread; `None`: at no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nightly(Option<(i64, i64)>);

impl Nightly {
    /// From `directory.reconcile_hours`, such as `0-5` or `22-4`; `None` when it is neither that nor empty.
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self(None));
        }
        let (from, to) = text.split_once('-')?;
        let hour = |text: &str| text.trim().parse::<i64>().ok().filter(|hour| (0..=24).contains(hour));
        let (from, to) = (hour(from)?, hour(to)?);
        let hours = (to - from).rem_euclid(24);
        let hours = if hours == 0 && (from, to) == (0, 24) { 24 } else { hours };
        (hours > 0).then_some(Self(Some((from % 24 * HOUR_MS, hours * HOUR_MS))))
    }

    /// Whether the next run of a tenant must fetch everyone. `whole_ms`: when such a run was last applied.
    pub fn is_due(self, tenant: &str, whole_ms: i64, now_ms: i64) -> bool {
        let Some((from_ms, length_ms)) = self.0 else { return false };
        let at_ms = from_ms + spread(tenant) % length_ms;
        let last_ms = at_ms + (now_ms - at_ms).div_euclid(DAY_MS) * DAY_MS;
        // A time to come was written by a clock that was wrong.
        whole_ms < last_ms || whole_ms > now_ms
    }
}

/// A number of its own for each tenant, the same on every node.
fn spread(tenant: &str) -> i64 {
    let number = tenant.bytes().fold(7_u32, |number, byte| number.wrapping_mul(31).wrapping_add(byte.into()));
    i64::from(number.wrapping_mul(2_654_435_769))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_two_numbers_and_may_go_over_midnight() {
        let hours =
            |text: &str| Nightly::parse(text).map(|nightly| nightly.0.map(|(from, to)| (from / HOUR_MS, to / HOUR_MS)));
        assert_eq!(hours(""), Some(None));
        assert_eq!(hours("0-5"), Some(Some((0, 5))));
        assert_eq!(hours("22-4"), Some(Some((22, 6))));
        assert_eq!(hours("0-24"), Some(Some((0, 24))));
        for wrong in ["5", "5-5", "-1-4", "1-25", "a-b", "1:00-2:00"] {
            assert_eq!(hours(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn it_is_due_once_a_night_within_the_hours() {
        let nightly = Nightly::parse("22-4").unwrap();
        let midnight_ms = 20_000 * DAY_MS;
        for tenant in ["a", "b", "0190b0d2", "another"] {
            let due = |whole_ms, hours| nightly.is_due(tenant, whole_ms, midnight_ms + hours * HOUR_MS);
            assert!(due(0, 0) && due(midnight_ms - 3 * HOUR_MS, 4), "{tenant}");
            assert!(!due(midnight_ms + 4 * HOUR_MS, 21), "{tenant}");
            assert!(due(midnight_ms + 4 * HOUR_MS, 28), "{tenant}");
            assert!(due(midnight_ms + 30 * DAY_MS, 4), "written by a clock that was ahead: {tenant}");
        }
        assert!(!Nightly(None).is_due("a", 0, midnight_ms));
    }

    #[test]
    fn tenants_are_spread() {
        let hours: std::collections::HashSet<_> =
            (0..100).map(|number| spread(&format!("tenant-{number}")) % (5 * HOUR_MS) / HOUR_MS).collect();
        assert_eq!(hours.len(), 5);
    }
}
