//! What one connection is waiting for, and since when. Written with every read and write, so it takes no lock.

use super::room::Seat;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// What times are counted from.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Nothing of a request has come yet, since the start or since the last answer.
const AT_START: u8 = 0;
const KEPT_ALIVE: u8 = 1;
/// The head of a request is coming.
const HEAD: u8 = 2;
/// A request is being answered.
const BUSY: u8 = 3;

/// One connection's place.
#[derive(Debug)]
pub(super) struct Place {
    phase: AtomicU8,
    /// Milliseconds since `START`: when the phase began, or, but for a head, when the last byte went either way.
    since: AtomicU64,
    evicted: Notify,
    /// Given back with the last reference.
    _seat: Option<Seat>,
}

/// Why a connection is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waiting {
    /// No request came, or its head did not end.
    Silent,
    /// Nothing happened after an answer, or its client did not take it.
    Idle,
    /// It was silent for longest when a place was needed.
    Evicted,
}

impl Place {
    pub(super) fn new(seat: Option<Seat>) -> Self {
        metrics::gauge!("paraph_http_connections").increment(1.0);
        Self { phase: AtomicU8::new(AT_START), since: AtomicU64::new(now()), evicted: Notify::new(), _seat: seat }
    }

    /// Bytes came.
    pub(super) fn read(&self) {
        match self.phase.load(Ordering::Relaxed) {
            AT_START | KEPT_ALIVE => {
                // From the start of the connection or from now: a head has its time once, however slowly it drips.
                if self.phase.swap(HEAD, Ordering::Relaxed) == KEPT_ALIVE {
                    self.since.store(now(), Ordering::Relaxed);
                }
            }
            HEAD => {}
            _ => self.since.store(now(), Ordering::Relaxed),
        }
    }

    /// Bytes went.
    pub(super) fn wrote(&self) {
        self.since.store(now(), Ordering::Relaxed);
    }

    /// A request's head is complete.
    pub(super) fn request(&self) {
        self.phase.store(BUSY, Ordering::Relaxed);
        self.since.store(now(), Ordering::Relaxed);
    }

    /// Its answer is there, though not all of it may have gone yet.
    pub(super) fn answered(&self) {
        self.phase.store(KEPT_ALIVE, Ordering::Relaxed);
        self.since.store(now(), Ordering::Relaxed);
    }

    /// Since when it has been waiting, to be compared with others; `None`: it is answering.
    pub(super) fn waiting_since(&self) -> Option<u64> {
        (self.phase.load(Ordering::Relaxed) != BUSY).then(|| self.since.load(Ordering::Relaxed))
    }

    pub(super) fn evict(&self) {
        self.evicted.notify_one();
    }

    /// Returns when the connection has waited for too long, or its place is needed.
    pub(super) async fn overdue(&self, header: Duration, idle: Duration) -> Waiting {
        let late = async {
            loop {
                let (limit, waiting) = match self.phase.load(Ordering::Relaxed) {
                    AT_START | HEAD => (header, Waiting::Silent),
                    _ => (idle, Waiting::Idle),
                };
                let waited = Duration::from_millis(now().saturating_sub(self.since.load(Ordering::Relaxed)));
                if waited >= limit {
                    return waiting;
                }
                // A head may begin meanwhile, which has less time.
                tokio::time::sleep(limit.saturating_sub(waited).min(header)).await;
            }
        };
        tokio::select! {
            waiting = late => waiting,
            () = self.evicted.notified() => Waiting::Evicted,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        metrics::gauge!("paraph_http_connections").decrement(1.0);
    }
}

fn now() -> u64 {
    u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX)
}
