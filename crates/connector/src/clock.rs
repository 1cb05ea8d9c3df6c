//! The clock: the system's, or a mock in tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A clock. Clones of a mock clock show the same time.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(None)
    }

    /// A mock clock that stays at `now_ms` until something sleeps on it.
    pub fn mock(now_ms: i64) -> Self {
        Self(Some(Arc::new(AtomicI64::new(now_ms))))
    }

    /// Milliseconds since 1970-01-01 UTC.
    #[expect(clippy::disallowed_methods, reason = "this is the connector's clock")]
    pub fn now_ms(&self) -> i64 {
        match &self.0 {
            Some(now) => now.load(Ordering::SeqCst),
            // A system clock before 1970 counts as 1970: the comparison with the server's time reports that it is wrong.
            None => SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, millis),
        }
    }

    /// Waits. A mock clock advances instead and yields to other tasks.
    pub async fn sleep(&self, time: Duration) {
        if let Some(now) = &self.0 {
            now.fetch_add(millis(time), Ordering::SeqCst);
            tokio::task::yield_now().await;
        } else {
            tokio::time::sleep(time).await;
        }
    }
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
