//! What runs by itself beside the doors, until it is told to stop.

use crate::app::App;
use crate::clock::DAY_MS;
use crate::directory::Importer;
use crate::{changes, clicks, clients, sealing, telemetry};
use ::api::console::{Cause, Role, StartRun};
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

/// The jobs under way.
pub struct Jobs(JoinSet<()>);

/// Starts every job; each ends soon after `stopped` becomes true.
#[must_use]
pub fn start(app: &Arc<App>, stopped: &watch::Receiver<bool>) -> Jobs {
    let mut jobs = JoinSet::new();
    jobs.spawn(every(telemetry::UPKEEP_EVERY, stopped.clone(), Arc::clone(app), async |app| app.metrics.run_upkeep()));
    jobs.spawn(every(clients::WRITE_EVERY, stopped.clone(), Arc::clone(app), async |app| {
        app.clients.write(&app.store).await;
    }));
    jobs.spawn(every(clicks::WRITE_EVERY, stopped.clone(), Arc::clone(app), async |app| {
        app.clicks.write(&app.store).await;
    }));
    jobs.spawn(every(DELETE_EVERY, stopped.clone(), Arc::clone(app), delete_due_tenants));
    jobs.spawn(every(PUBLISH_EVERY, stopped.clone(), Arc::clone(app), publish_due));
    jobs.spawn(every(RUN_EVERY, stopped.clone(), Arc::clone(app), run_due));
    jobs.spawn(every(sealing::watch::EVERY, stopped.clone(), Arc::clone(app), async |app| {
        sealing::watch::look(&app.sealer, &app.store, app.clock.now_ms()).await;
    }));
    Jobs(jobs)
}

impl Jobs {
    /// Waits until each has come to its end.
    pub async fn finish(self) {
        self.0.join_all().await;
    }
}

/// Runs `job` at once, then every `pause`, and a last time when it is told to stop.
async fn every<J>(pause: Duration, mut stopped: watch::Receiver<bool>, app: Arc<App>, job: J)
where
    J: AsyncFn(&App),
{
    let mut ticks = tokio::time::interval(pause);
    loop {
        let last = tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => true,
            _ = ticks.tick() => false,
        };
        job(&app).await;
        if last {
            return;
        }
    }
}

/// Publishes what is due.
pub async fn publish_due(app: &App) {
    match app.store.publish_due(changes::check, app.clock.now_ms()).await {
        Ok(due) => {
            for one in due {
                app.signing.forget_id(&one.entra_id);
                match one.refused {
                    None => tracing::info!(tenant = one.tenant, "published as planned"),
                    Some(reason) => tracing::warn!(tenant = one.tenant, reason, "not published as planned"),
                }
            }
        }
        Err(error) => tracing::warn!(%error, "what is due is not published yet"),
    }
}

/// Asks the sources whose time has come.
pub async fn run_due(app: &App) {
    let due = match app.store.claim_due_sources(app.clock.now_ms()).await {
        Ok(due) => due,
        Err(error) => return tracing::warn!(%error, "it is not known which sources are due"),
    };
    for one in due {
        let Ok(Some(tenant)) = app.signing.tenant(&one.entra_id).await else { continue };
        let who = Importer { actor: "schedule".into(), role: Role::Admin };
        let how = (Cause::Schedule, StartRun::default());
        if let Err(error) = app.runs.fetch(&tenant, one.source, how, who).await {
            // Somebody runs it by hand just now, or the database is away: its next time comes.
            tracing::info!(%error, tenant = one.tenant, source = one.source.as_str(), "a source is not asked this time");
        }
    }
}

async fn delete_due_tenants(app: &App) {
    match app.store.delete_gone_people(app.clock.now_ms() - GONE_MS).await {
        Ok(0) => {}
        Ok(people) => tracing::info!(people, "deleted 30 days after they left every source"),
        Err(error) => tracing::warn!(%error, "who left every source is not deleted yet"),
    }
    match app.store.delete_due_tenants(app.clock.now_ms()).await {
        Ok(names) => names.iter().for_each(|name| tracing::info!(tenant = name, "deleted after its waiting time")),
        Err(error) => tracing::warn!(%error, "tenants whose time has come are not deleted yet"),
    }
}
