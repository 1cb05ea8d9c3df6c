//! Where time comes from: the system, or a test that says what time it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Milliseconds of a day.
pub const DAY_MS: i64 = 86_400_000;

/// A clock. Clones of a mock clock show the same time.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands at `now_ms` until it is told otherwise.
    pub fn mock(now_ms: i64) -> Self {
        Self(Some(Arc::new(AtomicI64::new(now_ms))))
    }

    /// Milliseconds since 1970-01-01 UTC.
    pub fn now_ms(&self) -> i64 {
        match &self.0 {
            Some(now) => now.load(Ordering::SeqCst),
            // A system clock before 1970 is as good as 1970: nothing here is that old.
            None => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |passed| i64::try_from(passed.as_millis()).unwrap_or(i64::MAX)),
        }
    }

    /// Moves a mock clock on; the system's clock does not listen.
    pub fn advance_ms(&self, by: i64) {
        if let Some(now) = &self.0 {
            now.fetch_add(by, Ordering::SeqCst);
        }
    }

    /// Waits. A mock clock moves itself on by as much and returns, so that nothing sleeps in tests.
    pub async fn sleep(&self, time: Duration) {
        if self.0.is_none() {
            return tokio::time::sleep(time).await;
        }
        self.advance_ms(i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
        tokio::task::yield_now().await;
    }
}
