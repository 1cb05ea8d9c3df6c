//! How many connections there may be at once, and who makes room.

use super::place::Place;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Descriptors that a process is to have in all, if it may.
const DESCRIPTORS: u64 = 10_000;
/// Those that connections leave to everything else: the database, files, calls to other systems.
const RESERVED: u64 = 96;
/// How long to wait for the place of a connection that was told to go.
const PATIENCE: Duration = Duration::from_millis(100);

/// The places of a listener.
#[derive(Debug)]
pub(super) struct Room {
    places: Arc<Semaphore>,
    most: usize,
    all: Mutex<Vec<Weak<Place>>>,
}

/// What a connection may stand on; given back when dropped.
#[derive(Debug)]
pub(super) struct Seat {
    _permit: OwnedSemaphorePermit,
}

impl Room {
    /// So many places, or as many as this process may open descriptors for.
    pub(super) fn new(wanted: u64) -> Self {
        let descriptors = descriptors();
        let most = wanted.min(descriptors - RESERVED.min(descriptors / 2));
        let most = usize::try_from(most).unwrap_or(usize::MAX).max(1);
        Self { places: Arc::new(Semaphore::new(most)), most, all: Mutex::default() }
    }

    /// A seat for the next connection, once there is one.
    pub(super) async fn seat(&self) -> Seat {
        loop {
            if let Ok(permit) = Arc::clone(&self.places).try_acquire_owned() {
                return Seat { _permit: permit };
            }
            self.evict();
            let freed = tokio::time::timeout(PATIENCE, Arc::clone(&self.places).acquire_owned());
            if let Ok(Ok(permit)) = freed.await {
                return Seat { _permit: permit };
            }
        }
    }

    /// The place of a connection that has just come: its time begins now, however long its seat stood empty.
    pub(super) fn place(&self, seat: Seat) -> Arc<Place> {
        let place = Arc::new(Place::new(Some(seat)));
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= 64.max(2 * self.taken()) {
            all.retain(|place| place.strong_count() > 0);
        }
        all.push(Arc::downgrade(&place));
        place
    }

    /// One beyond them, for a connection that the system has accepted in our name already.
    #[expect(clippy::unused_self, reason = "it is this room that it is beyond")]
    pub(super) fn overflow(&self) -> Arc<Place> {
        Arc::new(Place::new(None))
    }

    /// How many places are taken.
    pub(super) fn taken(&self) -> usize {
        self.most - self.places.available_permits()
    }

    /// Has the connection closed that has waited for longest.
    pub(super) fn evict(&self) {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = all.iter().filter_map(Weak::upgrade).filter_map(|place| Some((place.waiting_since()?, place)));
        if let Some((_, place)) = waiting.min_by_key(|(since, _)| *since) {
            place.evict();
        }
    }
}

/// How many descriptors this process may have, after raising that as far as it may.
#[cfg(unix)]
fn descriptors() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(DESCRIPTORS, |maximum| maximum.min(DESCRIPTORS));
    match limit.current {
        None => wanted,
        Some(current) if current >= wanted => current,
        Some(current) => {
            let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: limit.maximum });
            if raised.is_ok() { wanted } else { current }
        }
    }
}

#[cfg(not(unix))]
fn descriptors() -> u64 {
    DESCRIPTORS
}
