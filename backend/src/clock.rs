//! Where time comes from: the system, or a test that says what time it is.
//!
//! There are three kinds of time. `Clock::now_ms` is calendar time, which an administrator may change.
//! `Clock::passed_ms` advances evenly regardless of such changes: waits, ages and limits within this process use it.
//! `Clock::settled_ms` is for acts that cannot be undone, such as deleting: it follows a changed calendar only after
//! the change has held for a while.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

/// Milliseconds of a day.
pub const DAY_MS: i64 = 86_400_000;
/// How far the clocks of two nodes may be apart, in milliseconds.
pub const SKEW_MS: i64 = 5 * 60_000;
/// How long a clock that was set must hold before what cannot be taken back goes by it, in milliseconds.
const SETTLES_MS: i64 = 60 * 60_000;
/// How long a server is away at most before the clock of the next one counts as set, in milliseconds.
const LONG_AWAY_MS: i64 = 7 * DAY_MS;

/// The system's monotonic clock counts from here.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);
/// What the system's clock has settled on.
static SETTLED: Mutex<Settled> = Mutex::new(Settled { anchor: None, jumped: None });

/// A clock. Clones of a mock clock show the same time.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<Mock>>);

#[derive(Debug, Default)]
struct Mock {
    now_ms: AtomicI64,
    passed_ms: AtomicI64,
    settled: Mutex<Settled>,
    /// Whether waits last until somebody lets time pass.
    is_held: bool,
    /// How many wait, and when the monotonic time changes.
    waiting: watch::Sender<usize>,
    ticks: watch::Sender<i64>,
}

/// Which calendar time goes with which monotonic time.
#[derive(Clone, Copy, Debug, Default)]
struct Settled {
    /// Calendar and monotonic time, together, in milliseconds; `None`: nobody has looked yet.
    anchor: Option<(i64, i64)>,
    /// Since which monotonic time the calendar shows something else.
    jumped: Option<i64>,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stays at `now_ms` until a test advances it.
    pub fn mock(now_ms: i64) -> Self {
        Self(Some(Arc::new(Mock { now_ms: now_ms.into(), ..Mock::default() })))
    }

    /// As [`Clock::mock`], but waits last until [`Clock::advance_ms`] ends them.
    pub fn held(now_ms: i64) -> Self {
        Self(Some(Arc::new(Mock { now_ms: now_ms.into(), is_held: true, ..Mock::default() })))
    }

    /// Until so many wait on a held clock.
    pub async fn until_waiting(&self, count: usize) {
        if let Some(mock) = &self.0 {
            // The sender lives as long as the clock.
            let _ = mock.waiting.subscribe().wait_for(|waiting| *waiting >= count).await;
        }
    }

    /// Milliseconds since 1970-01-01 UTC, as far as the machine knows.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn now_ms(&self) -> i64 {
        match &self.0 {
            Some(mock) => mock.now_ms.load(Ordering::SeqCst),
            // A system clock before 1970 is as good as 1970: nothing here is that old.
            None => SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, millis),
        }
    }

    /// Milliseconds that passed since a moment before this was first asked. Means nothing to another process.
    pub fn passed_ms(&self) -> i64 {
        match &self.0 {
            Some(mock) => mock.passed_ms.load(Ordering::SeqCst),
            None => millis(START.elapsed()),
        }
    }

    /// Like [`Clock::now_ms`], but if the clock was changed since this process started or since [`Clock::seen_at`], the
    /// change counts only after it has held for an hour. Until then, time continues from the earlier value.
    pub fn settled_ms(&self) -> i64 {
        let settled = self.0.as_ref().map_or(&SETTLED, |mock| &mock.settled);
        let mut settled = settled.lock().unwrap_or_else(PoisonError::into_inner);
        settled.look(self.now_ms(), self.passed_ms())
    }

    /// Says what this clock showed when a server last relied on it. If that is more than a week ago, it may be wrong now, and
    /// counts for [`Clock::settled_ms`] only once it has held.
    pub fn seen_at(&self, seen_ms: i64) {
        let settled = self.0.as_ref().map_or(&SETTLED, |mock| &mock.settled);
        let mut settled = settled.lock().unwrap_or_else(PoisonError::into_inner);
        if self.now_ms() - seen_ms > LONG_AWAY_MS {
            *settled = Settled { anchor: Some((seen_ms, self.passed_ms())), jumped: Some(self.passed_ms()) };
        }
    }

    /// Lets time pass on a mock clock; the system's clock does not listen.
    pub fn advance_ms(&self, by: i64) {
        if let Some(mock) = &self.0 {
            let passed_ms = mock.passed_ms.fetch_add(by.max(0), Ordering::SeqCst) + by.max(0);
            mock.now_ms.fetch_add(by, Ordering::SeqCst);
            mock.ticks.send_replace(passed_ms);
        }
    }

    /// Sets a mock clock forward or back while no time passes; the system's clock does not listen.
    pub fn jump_ms(&self, by: i64) {
        if let Some(mock) = &self.0 {
            mock.now_ms.fetch_add(by, Ordering::SeqCst);
        }
    }

    /// Waits. A mock clock moves itself on by as much and returns, so that nothing sleeps in tests.
    pub async fn sleep(&self, time: Duration) {
        let Some(mock) = &self.0 else { return tokio::time::sleep(time).await };
        if mock.is_held {
            return mock.hold(millis(time)).await;
        }
        self.advance_ms(millis(time));
        tokio::task::yield_now().await;
    }
}

impl Mock {
    async fn hold(&self, time_ms: i64) {
        let mut ticks = self.ticks.subscribe();
        let until_ms = self.passed_ms.load(Ordering::SeqCst) + time_ms;
        let _waiting = Waiting::new(&self.waiting);
        let _ = ticks.wait_for(|passed_ms| *passed_ms >= until_ms).await;
    }
}

/// One who waits on a held clock, until it is dropped.
struct Waiting<'a>(&'a watch::Sender<usize>);

impl<'a> Waiting<'a> {
    fn new(count: &'a watch::Sender<usize>) -> Self {
        count.send_modify(|count| *count += 1);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

impl Settled {
    fn look(&mut self, now_ms: i64, passed_ms: i64) -> i64 {
        let (anchor_ms, anchor_passed_ms) = self.anchor.unwrap_or((now_ms, passed_ms));
        let expected_ms = anchor_ms + (passed_ms - anchor_passed_ms);
        if (now_ms - expected_ms).abs() > SKEW_MS {
            let since_ms = *self.jumped.get_or_insert(passed_ms);
            if passed_ms - since_ms < SETTLES_MS {
                return expected_ms;
            }
        }
        *self = Self { anchor: Some((now_ms, passed_ms)), jumped: None };
        now_ms
    }
}

/// Whether a stored time to come lies further away than it can, `longest_ms` from now at most: then it was written by a
/// clock that was ahead, or is read by one that was set back, and what waits for it need not wait.
pub fn is_beyond(at_ms: i64, now_ms: i64, longest_ms: i64) -> bool {
    at_ms > now_ms.saturating_add(longest_ms).saturating_add(SKEW_MS)
}

/// Whole milliseconds of a time.
pub(crate) fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON_MS: i64 = 1_795_262_400_000;

    #[test]
    fn a_clock_that_is_set_lets_no_time_pass() {
        let clock = Clock::mock(NOON_MS);
        clock.jump_ms(30 * DAY_MS);
        assert_eq!((clock.now_ms(), clock.passed_ms()), (NOON_MS + 30 * DAY_MS, 0));
        clock.advance_ms(5);
        clock.jump_ms(-60 * DAY_MS);
        assert_eq!((clock.now_ms(), clock.passed_ms()), (NOON_MS - 30 * DAY_MS + 5, 5));
    }

    #[test]
    fn a_clock_that_is_set_counts_once_it_has_held() {
        for by in [30 * DAY_MS, -30 * DAY_MS] {
            let clock = Clock::mock(NOON_MS);
            assert_eq!(clock.settled_ms(), NOON_MS);
            clock.advance_ms(90 * DAY_MS);
            assert_eq!(clock.settled_ms(), NOON_MS + 90 * DAY_MS, "nobody looked for long");
            clock.jump_ms(by);
            assert_eq!(clock.settled_ms(), NOON_MS + 90 * DAY_MS);
            clock.advance_ms(SETTLES_MS / 2);
            assert_eq!(clock.settled_ms(), NOON_MS + 90 * DAY_MS + SETTLES_MS / 2);
            clock.jump_ms(-by);
            assert_eq!(clock.settled_ms(), clock.now_ms(), "it was corrected");
            clock.jump_ms(by);
            clock.settled_ms();
            clock.advance_ms(SETTLES_MS);
            assert_eq!(clock.settled_ms(), clock.now_ms(), "it holds");
        }
    }

    #[test]
    fn a_clock_that_is_a_month_ahead_when_a_server_starts_counts_once_it_has_held() {
        for (away_ms, is_trusted) in [(3 * DAY_MS, true), (30 * DAY_MS, false), (-30 * DAY_MS, true)] {
            let clock = Clock::mock(NOON_MS + away_ms);
            clock.seen_at(NOON_MS);
            assert_eq!(clock.settled_ms(), if is_trusted { NOON_MS + away_ms } else { NOON_MS }, "{away_ms}");
            clock.advance_ms(SETTLES_MS);
            assert_eq!(clock.settled_ms(), clock.now_ms(), "it holds");
        }
    }

    #[test]
    fn a_time_further_away_than_it_can_be_is_no_reason_to_wait() {
        assert!(!is_beyond(NOON_MS + DAY_MS, NOON_MS, DAY_MS));
        assert!(!is_beyond(NOON_MS + DAY_MS + SKEW_MS, NOON_MS, DAY_MS), "another node's clock");
        assert!(is_beyond(NOON_MS + 30 * DAY_MS, NOON_MS, DAY_MS));
        assert!(!is_beyond(NOON_MS, NOON_MS, i64::MAX));
    }
}
