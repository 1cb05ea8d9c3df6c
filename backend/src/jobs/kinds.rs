//! Scheduled work for tenants, done by one node at a time: one function for each [`Job`].

use crate::app::App;
use crate::clock::DAY_MS;
use crate::config::Nightly;
use crate::design::changes;
use crate::design::ready::{self, Refused, Wanted};
use crate::directory::Starter;
use crate::leases::{Held, Outcome, spread};
use crate::outlook::weather::KEPT_DAYS;
use crate::store::{Cause, DesignState, Error, Job, Lease, Picked, Source, SourceState};
use ::api::console::StartRun;
use std::sync::Arc;

/// How long people who are gone from every source are kept, with what was written of them by hand.
const GONE_MS: i64 = 30 * DAY_MS;

/// Does what a lease is for.
pub(super) async fn run(app: Arc<App>, held: Held) -> Outcome {
    let lease = &held.lease;
    let done = match Job::parse(&lease.key.kind) {
        Some(Job::Run) => return app.runs.go_on(&held).await,
        Some(Job::Source) => ask_source(&app, lease).await,
        Some(Job::Publish) => publish(&app, lease).await,
        Some(Job::Delete) => delete(&app, lease).await,
        Some(Job::Tidy) => tidy(&app, lease).await,
        None => return Outcome::Fail(format!("this version knows no job {:?}", lease.key.kind)),
    };
    done.unwrap_or_else(|error| Outcome::Retry(error.to_string()))
}

/// Begins to ask a source whose time has come.
async fn ask_source(app: &Arc<App>, lease: &Lease) -> Result<Outcome, Error> {
    let tenant_id = &lease.key.tenant;
    let Some(source) = Source::parse(&lease.key.subject) else {
        return Ok(Outcome::Fail(format!("there is no source {:?}", lease.key.subject)));
    };
    let record = app.store.source(tenant_id, source).await?;
    if record.state != SourceState::On {
        return Ok(Outcome::Done);
    }
    let now_ms = app.clock.now_ms();
    let pause_ms = i64::from(record.settings.every_minutes.max(1)) * 60_000;
    // Counted from when it was due, without catching up on what was missed.
    let next_ms = match lease.due_ms {
        due_ms if due_ms > now_ms => now_ms + pause_ms,
        due_ms => due_ms + pause_ms * ((now_ms - due_ms) / pause_ms + 1),
    };
    let Some(tenant) = app.tenants.get(tenant_id).await? else { return Ok(Outcome::Done) };
    let nightly = Nightly::parse(&app.config.directory.reconcile_hours);
    // After a failure the changes alone are asked for first: they cost less.
    let whole = source == Source::Entra
        && record.failures == 0
        && nightly.is_some_and(|nightly| nightly.is_due(tenant_id, record.whole_ms, now_ms));
    let how = StartRun { whole, ..StartRun::default() };
    let starter = Starter { cause: Cause::Schedule, actor: "schedule".into() };
    if let Err(error) = app.runs.fetch(&tenant, source, how, starter).await {
        // Somebody runs it by hand just now, or the database is away: its next time comes.
        tracing::info!(%error, tenant = tenant_id, source = source.as_str(), "a source is not fetched this time");
    }
    Ok(Outcome::Snooze(next_ms))
}

/// Publishes what is due.
async fn publish(app: &App, lease: &Lease) -> Result<Outcome, Error> {
    let (tenant, settled_ms) = (&lease.key.tenant, app.clock.settled_ms());
    let empty = empty(app, tenant, settled_ms).await?;
    let check = |state: &DesignState, picked: &Picked| {
        changes::check(state, picked)?;
        match &empty {
            Some((content, reason)) if *content == ready::content(state, picked) => Err(reason.clone()),
            _ => Ok(()),
        }
    };
    for refused in app.store.publish_planned(tenant, check, settled_ms).await? {
        app.tenants.forget_id(tenant);
        match refused {
            None => tracing::info!(tenant, "published as planned"),
            Some(reason) => tracing::warn!(tenant, reason, "not published as planned"),
        }
    }
    Ok(Outcome::Done)
}

/// What is due and renders as nothing by now, for people may have come and gone since it was planned, with the reason for
/// not publishing it. Warnings were accepted then.
async fn empty(app: &App, tenant_id: &str, settled_ms: i64) -> Result<Option<(String, String)>, Error> {
    let state = app.store.design_state(tenant_id).await?;
    let picked = state.due(settled_ms);
    if changes::check(&state, &picked).is_err() {
        return Ok(None);
    }
    let Some(before) = app.tenants.get(tenant_id).await? else { return Ok(None) };
    let wanted = Wanted { before, changes: changes::picked(&state, &picked), at_ms: None };
    let run = app.readies.check(wanted, app.clock.now_ms());
    run.ended().await;
    let readiness = run.describe();
    Ok(match ready::gate(&readiness, Some(&readiness.fingerprint)) {
        Err(Refused::Blocked(reason)) => Some((ready::content(&state, &picked), reason)),
        Err(Refused::Unseen(_)) | Ok(()) => None,
    })
}

/// Deletes a tenant whose waiting time is over.
async fn delete(app: &App, lease: &Lease) -> Result<Outcome, Error> {
    if let Some(name) = app.store.delete_due_tenant(&lease.key.tenant, app.clock.settled_ms()).await? {
        tracing::info!(tenant = name, "deleted after its waiting time");
    }
    Ok(Outcome::Done)
}

/// Deletes people who left every source long ago, and runs and measurements that were kept long enough.
async fn tidy(app: &App, lease: &Lease) -> Result<Outcome, Error> {
    let (tenant, now_ms) = (&lease.key.tenant, app.clock.now_ms());
    let people = app.store.delete_gone_people(tenant, app.clock.settled_ms() - GONE_MS, now_ms).await?;
    if people > 0 {
        tracing::info!(tenant, people, "deleted 30 days after they left every source");
    }
    app.runs.tidy(tenant, now_ms).await?;
    app.store.forget_changes(tenant).await?;
    app.store.forget_comparisons(tenant, app.clock.settled_ms()).await?;
    app.store.forget_weather(tenant, app.clock.settled_ms().div_euclid(DAY_MS) - KEPT_DAYS).await?;
    // Each tenant has an hour of its own.
    let today_ms = now_ms - now_ms.rem_euclid(DAY_MS) + spread(&lease.key, DAY_MS);
    Ok(Outcome::Snooze(if today_ms > now_ms { today_ms } else { today_ms + DAY_MS }))
}
