//! The task in which a run is planned or applied: that it is alive, and how it ended, whatever ended it.

use super::super::fetched::FetchError;
use super::Runs;
use crate::clock::DAY_MS;
use crate::store::{self, RunRecord};
use crate::telemetry::series::{self, RunEnd};
use crate::tenant::Tenant;
use ::api::console::{Cause, RunState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::watch;

/// How often a run tells the database that it is alive.
const BEAT: Duration = Duration::from_secs(2);

/// One that is planned or applied here right now.
#[derive(Debug)]
pub(super) struct Running {
    done: AtomicU64,
    cancelled: AtomicBool,
    ended: watch::Sender<bool>,
}

impl Running {
    /// Rows or steps that are done.
    pub(super) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    pub(super) fn set_done(&self, done: u64) {
        self.done.store(done, Ordering::Relaxed);
    }

    /// Asks it to stop where it is.
    pub(super) fn cancel(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::SeqCst)
    }

    /// Returns when it has ended.
    pub(super) async fn ended(&self) {
        let mut ended = self.ended.subscribe();
        let _ = ended.wait_for(|ended| *ended).await;
    }
}

/// Why a run failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    /// The database.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The source.
    #[error(transparent)]
    Fetch(#[from] FetchError),
}

/// What follows a run that went well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// Nothing: what there is to say is written already.
    Nothing,
    /// The plan is to be applied without anybody looking at it.
    Apply,
    /// The plan was made from what is not so any more.
    PlanAgain,
}

/// Takes a run off the list when it ends, however it ends.
struct Ending<'a>(&'a Runs, &'a str, Arc<Running>);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        let mut running = self.0.running();
        // Another one may have followed it already.
        if running.get(self.1).is_some_and(|listed| Arc::ptr_eq(listed, &self.2)) {
            running.remove(self.1);
        }
        drop(running);
        self.2.ended.send_replace(true);
    }
}

impl Runs {
    /// Does `work` on an import in a task of its own.
    pub(super) fn start<F>(&self, tenant: &Arc<Tenant>, record: RunRecord, work: impl FnOnce(Arc<Running>) -> F)
    where
        F: Future<Output = Result<After, Failure>> + Send + 'static,
    {
        let running = Arc::new(Running {
            done: AtomicU64::new(0),
            cancelled: AtomicBool::new(false),
            ended: watch::Sender::new(false),
        });
        self.running().insert(record.id.clone(), Arc::clone(&running));
        // Two tasks: the outer one is there to tell when the inner one panics.
        let work = tokio::spawn(work(Arc::clone(&running)));
        let (runs, tenant) = (self.clone(), Arc::clone(tenant));
        tokio::spawn(async move {
            let _ending = Ending(&runs, &record.id, Arc::clone(&running));
            let key = (tenant.id.as_str(), record.id.as_str());
            let result = runs.beating(key, &running, work).await.unwrap_or_else(|_| {
                Err(Failure::Store(store::Error::Unavailable(
                    "the server made a mistake, which its log shows: upload the file again".into(),
                )))
            });
            runs.write_end(key, &running, &record, result.clone().map(drop)).await;
            match result {
                Ok(After::PlanAgain) => runs.plan_again(&tenant, record.clone()).await,
                Ok(After::Apply) => runs.apply_by_itself(&tenant, &record.id).await,
                Ok(After::Nothing) | Err(_) => {}
            }
        });
    }

    /// Writes down how a run ended, unless it went well: then that is written already.
    async fn write_end(
        &self,
        key: store::RunKey<'_>,
        running: &Running,
        record: &RunRecord,
        result: Result<(), Failure>,
    ) {
        let cancelled = running.is_cancelled();
        let (state, failure) = match result {
            _ if cancelled => (RunState::Cancelled, String::new()),
            Ok(()) => return,
            Err(ref error) => (RunState::Failed, format!("{error}; nothing was changed")),
        };
        let end = if cancelled { RunEnd::Cancelled } else { RunEnd::Failed };
        series::run_ended(record.source, end);
        let soon_ms = match result {
            Err(Failure::Fetch(FetchError::Throttled { retry_ms })) => {
                let retry_ms = i64::try_from(retry_ms).unwrap_or(i64::MAX).min(DAY_MS);
                Some(self.0.clock.now_ms() + retry_ms)
            }
            _ => None,
        };
        if state == RunState::Failed {
            tracing::warn!(reason = failure, source = record.source.as_str(), "a run failed");
        }
        let states = [RunState::Fetching, RunState::Planning, RunState::Applying];
        let mut written = self.0.store.move_run(key, &states, state, &failure, self.now()).await.map(drop);
        if written.is_ok() && state == RunState::Failed && record.cause != Cause::File && !record.preview {
            written = self.0.store.note_source(key.0, record.source, &failure, soon_ms).await;
        }
        if let Err(error) = written {
            tracing::warn!(%error, "a run's end could not be written down");
        }
    }

    /// Tells the database now and then that `work` goes on.
    async fn beating<T>(&self, key: store::RunKey<'_>, running: &Running, work: impl Future<Output = T>) -> T {
        let beat = async {
            let mut interval = tokio::time::interval(BEAT);
            interval.tick().await;
            loop {
                interval.tick().await;
                let done = running.done();
                // A database that does not take it now may take the next one.
                let _ = self.0.store.beat_run(key, done, self.0.clock.now_ms()).await;
            }
        };
        tokio::select! {
            result = work => result,
            () = beat => unreachable!("the loop does not end"),
        }
    }
}
