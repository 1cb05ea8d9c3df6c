//! A neighbour's own clock.

use std::fmt;
use std::sync::Arc;

/// The neighbour's time.
#[derive(Clone)]
pub struct Now(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Now {
    /// A clock that calls this function: milliseconds since 1970-01-01 UTC.
    pub fn new(now_ms: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now_ms))
    }

    /// A clock with a fixed time.
    pub fn fixed(now_ms: i64) -> Self {
        Self::new(move || now_ms)
    }

    /// Milliseconds since 1970-01-01 UTC.
    pub fn ms(&self) -> i64 {
        (self.0)()
    }
}

impl fmt::Debug for Now {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Now").field(&self.ms()).finish()
    }
}
