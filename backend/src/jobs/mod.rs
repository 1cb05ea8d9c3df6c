//! What runs by itself beside the doors, until it is told to stop.

mod every;

pub use every::Ended;

use crate::app::App;
use crate::clock::DAY_MS;
use crate::config::Nightly;
use crate::design::changes;
use crate::directory::Importer;
use crate::outlook::clients;
use crate::store::{EXAMINE_EVERY, Error, Source};
use crate::{clicks, sealing, telemetry};
use ::api::console::{Cause, Role, StartRun};
use every::every;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How often it is looked whether a tenant's waiting time is over.
const DELETE_EVERY: Duration = Duration::from_hours(1);

/// How late a source may be asked.
const RUN_EVERY: Duration = Duration::from_secs(15);

/// How long who is gone from every source is kept, with what was written of them by hand.
const GONE_MS: i64 = 30 * DAY_MS;

/// How late what is to be published at a time may be published.
const PUBLISH_EVERY: Duration = Duration::from_secs(15);

/// How late what is written is in the SQLite file itself, which somebody may copy.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(10);

/// How often it is looked whether the SQLite file was replaced.
const FOLLOW_EVERY: Duration = Duration::from_secs(1);

/// The jobs under way.
pub struct Jobs(JoinSet<()>);

/// How often tenants that were served without the database are confirmed.
const CONFIRM_EVERY: Duration = Duration::from_secs(2);

/// How often the metrics learn when sources were last applied.
const SOURCES_EVERY: Duration = Duration::from_mins(1);

/// Starts every job; each ends soon after `stopped` becomes true.
#[must_use]
pub fn start(app: &Arc<App>, stopped: &watch::Receiver<bool>) -> Jobs {
    let mut jobs = JoinSet::new();
    let (app, stopped) = (|| Arc::clone(app), || stopped.clone());
    jobs.spawn(every(("metrics", telemetry::UPKEEP_EVERY), stopped(), app(), async |app| app.metrics.run_upkeep()));
    jobs.spawn(every(("clients", clients::WRITE_EVERY), stopped(), app(), async |app| {
        app.clients.write(&app.store).await
    }));
    jobs.spawn(every(("clicks", clicks::WRITE_EVERY), stopped(), app(), async |app| {
        app.clicks.write(&app.store).await
    }));
    jobs.spawn(every(("delete", DELETE_EVERY), stopped(), app(), delete_due));
    jobs.spawn(every(("checkpoint", CHECKPOINT_EVERY), stopped(), app(), async |app| app.store.checkpoint().await));
    jobs.spawn(every(("database_file", FOLLOW_EVERY), stopped(), app(), follow_file));
    jobs.spawn(every(("publish", PUBLISH_EVERY), stopped(), app(), publish_due));
    jobs.spawn(every(("sources", RUN_EVERY), stopped(), app(), run_due));
    jobs.spawn(every(("database", EXAMINE_EVERY), stopped(), app(), examine));
    jobs.spawn(every(("confirm", CONFIRM_EVERY), stopped(), app(), async |app| app.tenants.confirm_stale().await));
    jobs.spawn(every(("source_metrics", SOURCES_EVERY), stopped(), app(), measure_sources));
    jobs.spawn(every(("key", sealing::watch::EVERY), stopped(), app(), look_at_key));
    Jobs(jobs)
}

impl Jobs {
    /// Waits until each has come to its end, but no longer than `limit`.
    pub async fn finish(mut self, limit: Duration) {
        let all = async { while self.0.join_next().await.is_some() {} };
        if tokio::time::timeout(limit, all).await.is_err() {
            tracing::warn!(jobs = self.0.len(), "jobs were still under way at shutdown");
        }
    }
}

/// Publishes what is due.
pub async fn publish_due(app: &App) -> Ended {
    match app.store.publish_due(changes::check, app.clock.settled_ms()).await {
        Ok(due) => {
            for one in due {
                app.tenants.forget_id(&one.entra_id);
                match one.refused {
                    None => tracing::info!(tenant = one.tenant, "published as planned"),
                    Some(reason) => tracing::warn!(tenant = one.tenant, reason, "not published as planned"),
                }
            }
            Ended::Well
        }
        Err(error) => Ended::Failed(error.to_string()),
    }
}

/// Asks the sources whose time has come, and looks after runs of nodes that are gone.
pub async fn run_due(app: &App) -> Ended {
    if let Err(error) = app.runs.fail_abandoned_everywhere().await {
        return Ended::Failed(error.to_string());
    }
    let due = match app.store.claim_due_sources(app.clock.now_ms()).await {
        Ok(due) => due,
        Err(error) => return Ended::Failed(error.to_string()),
    };
    let nightly = Nightly::parse(&app.config.directory.reconcile_hours);
    for one in due {
        let Ok(Some(tenant)) = app.tenants.tenant(&one.entra_id).await else { continue };
        let who = Importer { actor: "schedule".into(), role: Role::Admin };
        // After a failure the changes alone are asked for first: they cost less.
        let whole = one.source == Source::Entra
            && one.failures == 0
            && nightly.is_some_and(|nightly| nightly.is_due(&one.tenant, one.whole_ms, app.clock.now_ms()));
        let how = (Cause::Schedule, StartRun { whole, ..StartRun::default() });
        if let Err(error) = app.runs.fetch(&tenant, one.source, how, who).await {
            // Somebody runs it by hand just now, or the database is away: its next time comes.
            tracing::info!(%error, tenant = one.tenant, source = one.source.as_str(), "a source is not asked this time");
        }
    }
    Ended::Well
}

async fn follow_file(app: &App) -> Result<(), Error> {
    if app.store.follow_file().await? {
        tracing::warn!("the database file was replaced: it is open again");
    }
    Ok(())
}

/// Looks whether the database is sealed with this server's key.
async fn look_at_key(app: &App) {
    sealing::watch::look(&app.sealer, &app.store, app.clock.now_ms()).await;
}

/// Looks whether the database is there before somebody needs it.
async fn examine(app: &App) -> Ended {
    let health = app.store.examine().await;
    match health.read.or(health.write) {
        None => Ended::Well,
        Some(trouble) => Ended::Failed(trouble.to_string()),
    }
}

async fn measure_sources(app: &App) -> Result<(), Error> {
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

/// Deletes tenants whose waiting time is over, and people who left every source long ago.
pub async fn delete_due(app: &App) -> Result<(), Error> {
    let people = app.store.delete_gone_people(app.clock.settled_ms() - GONE_MS).await?;
    if people > 0 {
        tracing::info!(people, "deleted 30 days after they left every source");
    }
    for name in app.store.delete_due_tenants(app.clock.settled_ms()).await? {
        tracing::info!(tenant = name, "deleted after its waiting time");
    }
    app.store.see_clock(app.clock.settled_ms()).await
}
