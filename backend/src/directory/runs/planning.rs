//! Planning a run: the file is compared with stored data, and steps are staged.

use super::Runs;
use super::task::{After, Failure, Work};
use crate::directory::file::plan_file;
use crate::directory::losses::reasons;
use crate::directory::mapping::ADDRESS;
use crate::directory::rows::Known;
use crate::store::Step;
use crate::store::{self, Cause, Losses, RunState};
use crate::store::{Planned, Source};
use crate::telemetry::series::{self, RunEnd};
use crate::tenant::Tenant;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Number of portions of steps that are buffered for the database.
pub(super) const WAITING: usize = 4;

impl Runs {
    /// Plans the received data. `notice`: shown with the plan.
    pub(super) async fn plan(&self, work: &Work<'_>, notice: String) -> Result<After, Failure> {
        let (key, record, tenant) = (work.key(), work.record, work.tenant);
        let store = &self.0.store;
        store.clear_plan(key).await?;
        if !record.columns.iter().any(|column| column.field.as_deref() == Some(ADDRESS)) {
            let nothing = Planned { notice, ..Planned::default() };
            store.finish_plan(key, &nothing, &work.held.lease).await?;
            return Ok(After::Nothing);
        }
        let tenant = self.now_of(tenant).await?;
        let values = store.source_values(&tenant.id, record.source).await?;
        let settings = store.source(&tenant.id, record.source).await?.settings;
        let text = store.run_text(key).await?;
        let text = text.or_else(|| (record.cause == Cause::Connector).then(String::new)).ok_or_else(gone)?;
        let version = tenant.version;
        let (send, steps) = mpsc::channel(WAITING);
        let file = record.clone();
        let planning = tokio::task::spawn_blocking(move || {
            let known = Known { tenant: &tenant, values: &values };
            plan_file(&text, &file, &settings, known, |batch, done| send.blocking_send((batch, done)).is_ok())
        });
        if !self.stage(work, steps).await? {
            return Ok(After::Nothing);
        }
        let plan = planning.await.map_err(|_| store::Error::Unavailable("planning stopped".into()))?;
        let Some((mut plan, lost)) = plan else { return Ok(After::Nothing) };
        plan.reasons = self.reasons(key.tenant, record.source, &lost).await?;
        let planned = Planned { plan: Some(plan), version, notice, ..Planned::default() };
        Ok(self.finish_plan(work, planned).await?)
    }

    /// Stages steps as they arrive; `false` if the run was stopped.
    pub(super) async fn stage(
        &self,
        work: &Work<'_>,
        mut steps: mpsc::Receiver<(Vec<Step>, u64)>,
    ) -> Result<bool, store::Error> {
        let mut first = 0;
        while let Some((batch, done)) = steps.recv().await {
            work.running.set_done(done);
            let is_staged = async { self.0.store.stage(&work.held.lease, &batch, first, done).await };
            if work.running.is_cancelled() || !is_staged.await? {
                return Ok(false);
            }
            first += i64::try_from(batch.len()).unwrap_or(i64::MAX);
        }
        Ok(true)
    }

    /// Reasons why a plan with these losses must be confirmed.
    pub(super) async fn reasons(
        &self,
        tenant: &str,
        source: Source,
        lost: &Losses,
    ) -> Result<Vec<String>, store::Error> {
        if lost.is_none() {
            return Ok(Vec::new());
        }
        let held = self.0.store.held(tenant, source, lost, self.0.clock.now_ms()).await?;
        let settings = self.0.store.source(tenant, source).await?.settings;
        Ok(reasons(lost, &held, settings.guard_percent))
    }

    /// Stores a plan; if no review is needed, it is applied next.
    pub(super) async fn finish_plan(&self, work: &Work<'_>, mut planned: Planned) -> Result<After, store::Error> {
        let record = work.record;
        let mut asks = String::new();
        if let Some(plan) = &mut planned.plan {
            plan.needs_confirmation = !plan.reasons.is_empty();
            asks = plan.reasons.join("; ");
        }
        if record.cause != Cause::File && !record.preview {
            planned.to = if asks.is_empty() { RunState::Applying } else { RunState::Planned };
            if !asks.is_empty() {
                series::run_ended(record.source, RunEnd::Waiting);
                asks += "; nothing was applied: review the changes, then apply or cancel the run";
            }
            planned.notice = asks;
        }
        let goes_on = self.0.store.finish_plan(work.key(), &planned, &work.held.lease).await?;
        if record.preview {
            // A preview is only reviewed, never applied.
            self.0.store.clear_plan(work.key()).await?;
        }
        Ok(if goes_on && planned.to == RunState::Applying { After::Apply } else { After::Nothing })
    }

    /// The current tenant.
    pub(super) async fn now_of(&self, tenant: &Tenant) -> Result<Arc<Tenant>, store::Error> {
        self.0.tenants.forget(tenant);
        self.0.tenants.get(&tenant.id).await?.ok_or_else(gone)
    }
}

fn gone() -> store::Error {
    store::Error::NotFound("what it needs is gone".into())
}
