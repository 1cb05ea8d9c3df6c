//! Background work that runs until it is told to stop.

mod every;
mod kinds;

pub use every::Ended;

use crate::app::App;
use crate::leases::{Duties, Lane, Outcome, Run, Workers};
use crate::outlook::{clients, weather};
use crate::store::{EXAMINE_EVERY, Error, Job, LeaseKey};
use crate::{clicks, sealing, telemetry};
use every::{Every, every};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How often it is looked for what is due, and so how late it may be.
const POLL: Duration = Duration::from_secs(1);

/// What takes moments, what cannot be undone, and what may take hours.
const LANES: [Lane; 3] = [
    Lane { name: Job::QUICK, places: 8, limit: Duration::from_mins(10), careful: false },
    Lane { name: Job::CAREFUL, places: 4, limit: Duration::from_mins(10), careful: true },
    SLOW,
];
const SLOW: Lane = Lane { name: Job::SLOW, places: 16, limit: Duration::from_hours(12), careful: false };

/// How often it is noted that this server's clock was relied on.
const CLOCK_EVERY: Duration = Duration::from_hours(1);

/// How late what is written is in the SQLite file itself, which somebody may copy.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(10);

/// How often it is looked whether the SQLite file was replaced.
const FOLLOW_EVERY: Duration = Duration::from_secs(1);

/// The jobs under way.
pub struct Jobs {
    every: JoinSet<()>,
    workers: Workers,
}

/// How often tenants that were served without the database are confirmed.
const CONFIRM_EVERY: Duration = Duration::from_secs(2);

/// How often the metrics learn when sources were last applied, and what is overdue.
const SOURCES_EVERY: Duration = Duration::from_mins(1);

/// Starts every job; each ends soon after `stopped` becomes true.
#[must_use]
pub fn start(app: &Arc<App>, stopped: &watch::Receiver<bool>) -> Jobs {
    let mut jobs = JoinSet::new();
    let (server, told) = (|| Arc::clone(app), || stopped.clone());
    let of = |name, pause| Every { name, pause, at_stop: false };
    let lasting = |name, pause| Every { name, pause, at_stop: true };
    jobs.spawn(every(of("metrics", telemetry::UPKEEP_EVERY), told(), server(), async |app| app.metrics.run_upkeep()));
    jobs.spawn(every(lasting("clients", clients::WRITE_EVERY), told(), server(), async |app| {
        app.clients.write(&app.store).await
    }));
    jobs.spawn(every(lasting("weather", weather::WRITE_EVERY), told(), server(), async |app| {
        app.weather.write(&app.store).await
    }));
    jobs.spawn(every(lasting("clicks", clicks::WRITE_EVERY), told(), server(), async |app| {
        app.clicks.write(&app.store).await
    }));
    jobs.spawn(every(of("clock", CLOCK_EVERY), told(), server(), async |app| {
        app.store.see_clock(app.clock.settled_ms()).await
    }));
    jobs.spawn(every(of("checkpoint", CHECKPOINT_EVERY), told(), server(), async |app| app.store.checkpoint().await));
    jobs.spawn(every(of("database_file", FOLLOW_EVERY), told(), server(), follow_file));
    jobs.spawn(every(of("database", EXAMINE_EVERY), told(), server(), examine));
    jobs.spawn(every(of("confirm", CONFIRM_EVERY), told(), server(), async |app| app.tenants.confirm_stale().await));
    jobs.spawn(every(of("source_metrics", SOURCES_EVERY), told(), server(), measure_sources));
    jobs.spawn(every(of("lease_metrics", SOURCES_EVERY), told(), server(), measure_leases));
    jobs.spawn(every(of("key", sealing::watch::EVERY), told(), server(), look_at_key));
    // The numbering plans and the names of countries are read with the first number: no draft is to wait for that.
    jobs.spawn_blocking(|| drop(email_signature::phone_number("+49 30 1234567", "Germany")));
    let (leases, living) = (app.leases.clone(), told());
    jobs.spawn(async move { leases.node().live(living).await });
    Jobs { every: jobs, workers: work(app, Some(POLL), stopped) }
}

/// Starts only the workers for leases. `poll`: how often they look for due work; `None`: only when this process is told
/// to.
#[must_use]
pub fn work(app: &Arc<App>, poll: Option<Duration>, stopped: &watch::Receiver<bool>) -> Workers {
    Workers::start(&app.leases, Duties { lanes: &LANES, run: &runner(app), poll }, stopped)
}

/// Does everything that is due, here and now; how much that was.
///
/// # Errors
/// The database's.
pub async fn drain(app: &Arc<App>) -> Result<usize, Error> {
    app.leases.drain(&LANES, &runner(app)).await
}

/// Goes on with a directory run here and now, unless another process does.
///
/// # Errors
/// The database's.
pub async fn go_on(app: Arc<App>, tenant: String, run: String) -> Result<Option<Outcome>, Error> {
    app.leases.do_one(&LeaseKey::new(&tenant, Job::Run.as_str(), &run), SLOW, &runner(&app)).await
}

fn runner(app: &Arc<App>) -> Run {
    let app = Arc::clone(app);
    Arc::new(move |held| Box::pin(kinds::run(Arc::clone(&app), held)))
}

impl Jobs {
    /// Waits until each has come to its end, but no longer than `limit`.
    pub async fn finish(mut self, limit: Duration) {
        self.workers.finish(limit).await;
        let all = async { while self.every.join_next().await.is_some() {} };
        if tokio::time::timeout(limit, all).await.is_err() {
            tracing::warn!(jobs = self.every.len(), "jobs were still under way at shutdown");
        }
    }
}

async fn follow_file(app: Arc<App>) -> Result<(), Error> {
    if app.store.follow_file().await? {
        tracing::warn!("the database file was replaced: it is open again");
    }
    Ok(())
}

/// Looks whether the database is sealed with this server's key.
async fn look_at_key(app: Arc<App>) {
    sealing::watch::look(&app.sealer, &app.store, app.clock.now_ms()).await;
}

/// Looks whether the database is there before somebody needs it.
async fn examine(app: Arc<App>) -> Ended {
    let health = app.store.examine().await;
    match health.read.or(health.write) {
        None => Ended::Well,
        Some(trouble) => Ended::Failed(trouble.to_string()),
    }
}

/// How much waits beyond its time, and how much this and other servers do.
#[expect(clippy::cast_precision_loss, reason = "a gauge is a float, and these are small")]
async fn measure_leases(app: Arc<App>) -> Result<(), Error> {
    let counted = app.store.count_leases(app.clock.now_ms()).await?;
    for lane in LANES {
        let (overdue, held) = counted.get(lane.name).copied().unwrap_or_default();
        metrics::gauge!("paraph_leases_overdue", "lane" => lane.name).set(overdue as f64);
        metrics::gauge!("paraph_leases_held", "lane" => lane.name).set(held as f64);
    }
    Ok(())
}

async fn measure_sources(app: Arc<App>) -> Result<(), Error> {
    for (tenant, source, applied_ms, failures) in app.store.source_health().await? {
        let labels = [("tenant", tenant), ("source", source)];
        #[expect(
            clippy::cast_precision_loss,
            reason = "times in seconds and small numbers have their place in a float"
        )]
        let (applied, failures) = (applied_ms.unwrap_or_default() as f64 / 1_000.0, failures as f64);
        metrics::gauge!("paraph_directory_last_success_timestamp_seconds", &labels).set(applied);
        metrics::gauge!("paraph_directory_failures", &labels).set(failures);
    }
    Ok(())
}
