//! Work that takes more than a moment, away from the threads that answer: so much at a time, and no more.
//!
//! The core has no clock and bounds its work by counting, so every task ends soon by itself; only many tasks at once
//! could pile up. As many run as there are processors, some more wait, and further clients are told to try again. A
//! client that hangs up frees its place in the queue. A running task keeps its processor until it ends, so impatient
//! clients cannot keep more processors busy.

use super::Error;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Fewest pieces that run at the same time.
const MIN_RUNNING: usize = 2;
/// Most pieces that run or wait. Each takes a tenth of a second when it is hostile, so the last waits some seconds.
const MAX_PLACES: usize = 64;

/// Places for work.
#[derive(Debug)]
pub(crate) struct Work {
    running: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

impl Default for Work {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(MIN_RUNNING, usize::from);
        Self::with(processors.max(MIN_RUNNING), MAX_PLACES)
    }
}

impl Work {
    fn with(running: usize, places: usize) -> Self {
        Self { running: Arc::new(Semaphore::new(running)), places: Arc::new(Semaphore::new(places)) }
    }

    /// Work that takes much memory: a picture up to 256 MB.
    pub(crate) fn on_pictures() -> Self {
        Self::with(2, 16)
    }

    /// A place in the queue. Take it before a write, so that a full queue refuses a request before anything changes.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when too much waits already.
    pub(crate) fn place(&self) -> Result<Place, Error> {
        let busy = Error::Unavailable("the server is busy with other requests: try again in a few seconds");
        let held = Arc::clone(&self.places).try_acquire_owned().map_err(|_| busy)?;
        Ok(Place { held, running: Arc::clone(&self.running) })
    }

    /// Runs `work` when its turn comes.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when too much waits already; [`Error::Internal`] when it panicked.
    pub(crate) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        self.place()?.run(work).await
    }
}

/// A place in the queue.
#[derive(Debug)]
pub(crate) struct Place {
    held: OwnedSemaphorePermit,
    running: Arc<Semaphore>,
}

impl Place {
    /// Runs `work` when its turn comes.
    ///
    /// # Errors
    /// [`Error::Internal`] when it panicked.
    pub(crate) async fn run<T: Send + 'static>(self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let Self { held, running } = self;
        let turn = running.acquire_owned().await.map_err(|_| Error::Internal)?;
        let done = tokio::task::spawn_blocking(move || {
            // Held until the work has ended, whoever still waits for it.
            let _held = (held, turn);
            work()
        });
        done.await.map_err(|_| Error::Internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[tokio::test]
    async fn beyond_the_places_is_refused_and_a_place_comes_back() {
        let work = Arc::new(Work::with(1, 2));
        let (finish, wait) = mpsc::channel::<()>();
        let start = |wait: mpsc::Receiver<()>| {
            let work = Arc::clone(&work);
            tokio::spawn(async move { work.run(move || wait.recv().is_ok()).await })
        };
        let running = start(wait);
        let (_also, wait) = mpsc::channel::<()>();
        let waiting = start(wait);
        while work.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(matches!(work.run(|| ()).await, Err(Error::Unavailable(_))));
        // One that waits and hangs up gives its place back; the one that runs keeps its own.
        waiting.abort();
        assert!(waiting.await.is_err());
        assert_eq!((work.places.available_permits(), work.running.available_permits()), (1, 0));
        finish.send(()).unwrap();
        assert!(running.await.unwrap().unwrap());
        assert_eq!(work.run(|| 7).await.ok(), Some(7));
    }

    #[tokio::test]
    async fn what_runs_keeps_its_place_after_its_client_hung_up() {
        let work = Arc::new(Work::with(1, 2));
        let (finish, wait) = mpsc::channel::<()>();
        let (began, begins) = tokio::sync::oneshot::channel();
        let ours = Arc::clone(&work);
        let client = tokio::spawn(async move {
            ours.run(move || {
                let _ = began.send(());
                wait.recv().is_ok()
            })
            .await
        });
        begins.await.unwrap();
        client.abort();
        assert!(client.await.is_err());
        assert_eq!(work.running.available_permits(), 0);
        finish.send(()).unwrap();
        assert_eq!(work.run(|| 7).await.ok(), Some(7));
    }

    #[tokio::test]
    async fn a_panic_is_an_error_and_frees_its_place() {
        let work = Work::with(1, 1);
        assert!(matches!(work.run::<()>(|| panic!("on purpose")).await, Err(Error::Internal)));
        assert_eq!(work.run(|| 7).await.ok(), Some(7));
    }
}
