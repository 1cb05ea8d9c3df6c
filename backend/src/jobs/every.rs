//! Runs one job again and again: at its times, for no longer than it may, counted, and logged when it begins or ceases to
//! fail.

use crate::app::App;
use crate::clock::Clock;
use crate::store::Error;
use metrics::{counter, gauge, histogram};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How long a job may take. One that waits for something that never comes, such as a database whose host is gone, would
/// otherwise never run again.
const LIMIT: Duration = Duration::from_mins(10);

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It did what there was to do.
    Well,
    /// It did not, for this reason, and is to try again at its next time.
    Failed(String),
}

impl From<()> for Ended {
    fn from((): ()) -> Self {
        Self::Well
    }
}

impl From<Result<(), Error>> for Ended {
    fn from(result: Result<(), Error>) -> Self {
        result.map_or_else(|error| Self::Failed(error.to_string()), Self::from)
    }
}

/// Something that each process does again and again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Every {
    /// For metrics and log.
    pub(super) name: &'static str,
    /// From one end to the next beginning.
    pub(super) pause: Duration,
    /// Whether it is done once more when the process stops: what is kept in memory meanwhile would be lost.
    pub(super) at_stop: bool,
}

/// Runs `job` at once and then again and again, until it is told to stop.
pub(super) async fn every<J, F, E>(
    Every { name, pause, at_stop }: Every,
    mut stopped: watch::Receiver<bool>,
    app: Arc<App>,
    job: J,
) where
    J: Fn(Arc<App>) -> F,
    F: Future<Output = E> + Send + 'static,
    E: Into<Ended> + Send + 'static,
{
    counter!("paraph_job_failures_total", "job" => name).increment(0);
    let mut ticks = tokio::time::interval(pause);
    // After a job that took long, the next one waits its whole time.
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut failing: Option<Instant> = None;
    loop {
        let last = tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => true,
            _ = ticks.tick() => false,
        };
        if last && !at_stop {
            return;
        }
        let started = Instant::now();
        // In a task of its own: a mistake in it is a failure like any other, and it has its next time.
        let mut task = tokio::spawn(job(Arc::clone(&app)));
        let ended = match tokio::time::timeout(LIMIT, &mut task).await {
            Ok(Ok(ended)) => ended.into(),
            Ok(Err(_)) => {
                counter!("paraph_job_panics_total").increment(1);
                Ended::Failed("Paraph had an internal error: see its log".into())
            }
            Err(_) => {
                task.abort();
                Ended::Failed("it took too long and was stopped".into())
            }
        };
        histogram!("paraph_job_seconds", "job" => name).record(started.elapsed().as_secs_f64());
        note(name, &ended, &mut failing, &app.clock);
        if last {
            return;
        }
    }
}

fn note(job: &'static str, ended: &Ended, failing: &mut Option<Instant>, clock: &Clock) {
    #[expect(clippy::cast_precision_loss, reason = "a time in seconds has its place in a float")]
    let now = clock.now_ms() as f64 / 1_000.0;
    gauge!("paraph_job_last_run_timestamp_seconds", "job" => job).set(now);
    match ended {
        Ended::Well => {
            gauge!("paraph_job_last_success_timestamp_seconds", "job" => job).set(now);
            if let Some(since) = failing.take() {
                tracing::info!(job, seconds = since.elapsed().as_secs(), "a job works again");
            }
        }
        Ended::Failed(reason) => {
            counter!("paraph_job_failures_total", "job" => job).increment(1);
            if failing.is_none() {
                *failing = Some(Instant::now());
                tracing::warn!(job, reason, "a job failed: it is tried again");
            } else {
                tracing::debug!(job, reason, "a job failed again");
            }
        }
    }
}
