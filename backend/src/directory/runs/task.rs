//! Continues a run from its current state until it needs a review or has ended.

use super::Runs;
use crate::clock::DAY_MS;
use crate::directory::fetched::FetchError;
use crate::leases::{Held, Outcome};
use crate::store::{self, Actor, Cause, Move, Mover, RunKey, RunRecord, RunState};
use crate::telemetry::series::{self, RunEnd};
use crate::tenant::Tenant;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::watch;

/// How often a run's progress is stored.
const NOTE_EVERY: Duration = Duration::from_secs(2);
/// Number of server crashes after which a run has failed.
const MAX_ATTEMPTS: i64 = 3;

/// A run that is planned or applied in this process.
#[derive(Debug)]
pub(super) struct Running {
    done: AtomicU64,
    cancelled: AtomicBool,
    ended: watch::Sender<bool>,
}

impl Running {
    /// Number of processed rows or steps.
    pub(super) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    pub(super) fn set_done(&self, done: u64) {
        self.done.store(done, Ordering::Relaxed);
    }

    /// Requests the run to stop.
    pub(super) fn cancel(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::SeqCst)
    }

    /// Returns when the run has ended.
    pub(super) async fn ended(&self) {
        let mut ended = self.ended.subscribe();
        let _ = ended.wait_for(|ended| *ended).await;
    }
}

/// Why a run failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    /// An error of the database.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// An error of the source.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// A bug in Paraph, or repeated crashes.
    #[error("{0}")]
    Ours(&'static str),
}

/// What follows a successful step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// Nothing: the result is stored already.
    Nothing,
    /// The plan is applied without a review.
    Apply,
    /// The plan is outdated.
    PlanAgain,
}

/// A run that this process works on.
pub(super) struct Work<'a> {
    pub(super) tenant: &'a Arc<Tenant>,
    pub(super) record: &'a RunRecord,
    pub(super) running: &'a Arc<Running>,
    pub(super) held: &'a Held,
}

impl Work<'_> {
    pub(super) fn key(&self) -> RunKey<'_> {
        RunKey { tenant: &self.tenant.id, run: &self.record.id }
    }
}

/// Removes a run from the list when this process stops working on it, for any reason.
struct Ending<'a>(&'a Runs, &'a str, Arc<Running>);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        let mut running = self.0.running();
        // Another one may have followed it already.
        if running.get(self.1).is_some_and(|listed| Arc::ptr_eq(listed, &self.2)) {
            running.remove(self.1);
        }
        drop(running);
        // Stops work in other threads, whose results are no longer needed.
        self.2.cancel();
        self.2.ended.send_replace(true);
    }
}

impl Runs {
    /// Continues the run of this lease.
    pub async fn go_on(&self, held: &Held) -> Outcome {
        let key = RunKey::of(&held.lease);
        let found = async {
            let Some(record) = self.0.store.run_record(key).await? else { return Ok(None) };
            Ok(self.0.tenants.get(key.tenant).await?.map(|tenant| (tenant, record)))
        };
        let (tenant, record) = match found.await {
            Ok(Some(found)) => found,
            Ok(None) => return Outcome::Done,
            Err(error) => return retry(&error),
        };
        let running = Arc::new(Running {
            done: AtomicU64::new(0),
            cancelled: AtomicBool::new(false),
            ended: watch::Sender::new(false),
        });
        self.running().insert(record.id.clone(), Arc::clone(&running));
        let _ending = Ending(self, key.run, Arc::clone(&running));
        let result = if held.lease.attempt >= MAX_ATTEMPTS {
            Err(Failure::Ours("the server stopped several times during this run"))
        } else {
            // In a separate task, so that a panic is reported as a failure of this run.
            let (runs, tenant, record) = (self.clone(), Arc::clone(&tenant), record.clone());
            let (now_running, held) = (Arc::clone(&running), held.clone());
            let steps = tokio::spawn(async move { runs.steps(&tenant, record, &now_running, &held).await });
            let stop = AbortOnDrop(steps.abort_handle());
            let result = self.noting(key, &running, steps).await;
            drop(stop);
            result.unwrap_or(Err(Failure::Ours("Paraph had an internal error: see its log")))
        };
        match result {
            Err(Failure::Store(store::Error::LeaseLost)) => Outcome::Cancelled,
            // The state is unchanged: received data is still stored, and a source can be fetched again.
            Err(Failure::Store(error @ store::Error::Unavailable(_))) if !running.is_cancelled() => retry(&error),
            result => match self.write_end(key, held, &running, &record, result).await {
                Ok(()) => Outcome::Done,
                Err(store::Error::LeaseLost) => Outcome::Cancelled,
                Err(error) => retry(&error),
            },
        }
    }

    /// Runs the steps one after the other.
    async fn steps(
        &self,
        tenant: &Arc<Tenant>,
        mut record: RunRecord,
        running: &Arc<Running>,
        held: &Held,
    ) -> Result<(), Failure> {
        let mut notice = String::new();
        loop {
            let work = Work { tenant, record: &record, running, held };
            let after = match record.state {
                RunState::Fetching if record.cause != Cause::Connector => self.fetch_and_plan(&work).await?,
                RunState::Planning => {
                    if matches!(record.cause, Cause::File | Cause::Connector) {
                        self.plan(&work, std::mem::take(&mut notice)).await?
                    } else {
                        // The fetched data was lost with its process: the source is fetched again.
                        self.move_held(&work, RunState::Planning, RunState::Fetching).await?;
                        After::Nothing
                    }
                }
                RunState::Applying => self.apply_plan(&work, applier(held, &record)).await?,
                _ => return Ok(()),
            };
            if after == After::PlanAgain {
                notice = self.plan_again(&work).await?;
            }
            let before = record.state;
            let Some(now) = self.0.store.run_record(work.key()).await? else { return Ok(()) };
            record = now;
            if record.state == before && after != After::PlanAgain || running.is_cancelled() {
                return Ok(());
            }
        }
    }

    /// Changes the state of a run whose lease this process holds.
    pub(super) async fn move_held(&self, work: &Work<'_>, from: RunState, to: RunState) -> Result<bool, store::Error> {
        let mover = Mover::Holder(&work.held.lease);
        let step = Move { from: &[from], to, failure: "", mover };
        self.0.store.move_run(work.key(), step, self.0.clock.now_ms()).await
    }

    /// Stores the result of a run, unless it succeeded, which is stored already.
    async fn write_end(
        &self,
        key: RunKey<'_>,
        held: &Held,
        running: &Running,
        record: &RunRecord,
        result: Result<(), Failure>,
    ) -> Result<(), store::Error> {
        let cancelled = running.is_cancelled();
        let (state, failure) = match &result {
            _ if cancelled => (RunState::Cancelled, String::new()),
            Ok(()) => return Ok(()),
            Err(error) => (RunState::Failed, format!("{error}; nothing was changed{}", advice(record, error))),
        };
        series::run_ended(record.source, if cancelled { RunEnd::Cancelled } else { RunEnd::Failed });
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
        let from = &[RunState::Fetching, RunState::Planning, RunState::Applying];
        let step = Move { from, to: state, failure: &failure, mover: Mover::Holder(&held.lease) };
        self.0.store.move_run(key, step, self.0.clock.now_ms()).await?;
        if state == RunState::Failed && record.cause != Cause::File && !record.preview {
            self.0.store.note_source(key.tenant, record.source, &failure, soon_ms).await?;
        }
        Ok(())
    }

    /// Stores the progress of `work` regularly, and cancels it if it was cancelled elsewhere.
    async fn noting<T>(&self, key: RunKey<'_>, running: &Running, work: impl Future<Output = T>) -> T {
        let note = async {
            let mut interval = tokio::time::interval(NOTE_EVERY);
            interval.tick().await;
            loop {
                interval.tick().await;
                // If the database fails now, the next update may succeed.
                if self.0.store.note_progress(key, running.done()).await == Ok(false) {
                    running.cancel();
                }
            }
        };
        tokio::select! {
            result = work => result,
            () = note => unreachable!("the loop does not end"),
        }
    }
}

/// Aborts a task on drop.
struct AbortOnDrop(tokio::task::AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What to do about a failure.
fn advice(record: &RunRecord, failure: &Failure) -> &'static str {
    match (failure, record.cause) {
        (Failure::Ours(_), Cause::File) => ": upload the file again",
        (Failure::Ours(_), Cause::Connector) => ": the connector uploads everything again in its next run",
        (Failure::Ours(_), Cause::Schedule | Cause::Button | Cause::Cli) => ": the next scheduled run tries again",
        _ => "",
    }
}

/// The actor of applying a plan: the user who pressed the button, or who started the run.
fn applier(held: &Held, record: &RunRecord) -> Actor {
    serde_json::from_str(&held.lease.payload).unwrap_or_else(|_| record.actor.clone())
}

fn retry(error: &store::Error) -> Outcome {
    Outcome::Retry(error.to_string())
}
