//! Applying: what is staged, in one transaction; or planning again when the directory has overtaken it.

use super::Runs;
use super::task::{After, Running};
use crate::store::{self, Actor, Applied, RunRecord};
use crate::telemetry::series::{self, RunEnd};
use crate::tenant::Tenant;
use ::api::console::{Cause, RunState};
use std::sync::Arc;

impl Runs {
    /// Begins to apply a plan.
    pub(super) fn start_apply(&self, tenant: &Arc<Tenant>, record: RunRecord, actor: Actor) {
        let (runs, planned, of) = (self.clone(), record.clone(), Arc::clone(tenant));
        self.start(tenant, record, async move |running| {
            Ok(match runs.apply_plan(&of, &planned, &running, &actor).await? {
                Applied::Outdated => After::PlanAgain,
                Applied::Done | Applied::Cancelled => After::Nothing,
            })
        });
    }

    /// Applies a plan that nobody has to look at.
    pub(super) async fn apply_by_itself(&self, tenant: &Arc<Tenant>, id: &str) {
        match self.0.store.run_record((&tenant.id, id)).await {
            Ok(Some(record)) if record.state == RunState::Applying => {
                let actor = record.actor.clone();
                self.start_apply(tenant, record, actor);
            }
            Ok(_) => {}
            // It is silent from now on, so that it is taken for dead.
            Err(error) => tracing::warn!(%error, "a plan is not applied"),
        }
    }

    async fn apply_plan(
        &self,
        tenant: &Tenant,
        record: &RunRecord,
        running: &Running,
        actor: &Actor,
    ) -> Result<Applied, store::Error> {
        let go_on = |steps: u64| {
            running.set_done(steps);
            !running.is_cancelled()
        };
        let now_ms = self.0.clock.now_ms();
        let store = &self.0.store;
        let applied = store.apply_run(&tenant.id, record, &go_on, actor, now_ms).await?;
        if applied != Applied::Done {
            return Ok(applied);
        }
        self.0.signing.forget(tenant);
        series::run_ended(record.source, RunEnd::Applied);
        let key = (tenant.id.as_str(), record.id.as_str());
        let tidied = match record.cause {
            Cause::File => store.clear_run(key).await,
            // The next upload may have the same rows.
            Cause::Connector => store.clear_plan(key).await.and(store.clear_files_before(key).await),
            Cause::Schedule | Cause::Button | Cause::Cli => store.clear_plan(key).await,
        };
        let noted = if record.cause == Cause::File {
            Ok(())
        } else {
            store.note_source(&tenant.id, record.source, "", None).await
        };
        if let Err(error) = tidied.and(noted) {
            tracing::warn!(%error, "what was staged of a run stays until it is old");
        }
        Ok(applied)
    }

    /// After somebody changed what the plan was made from.
    pub(super) async fn plan_again(&self, tenant: &Arc<Tenant>, record: RunRecord) {
        let key = (tenant.id.as_str(), record.id.as_str());
        let is_kept = matches!(record.cause, Cause::File | Cause::Connector);
        let to = if is_kept { RunState::Planning } else { RunState::Fetching };
        let moved = self.0.store.move_run(key, &[RunState::Applying], to, "", self.now()).await;
        match (moved, is_kept) {
            (Ok(true), true) => {
                let notice = "the directory changed since the plan was made; nothing was applied: look at the new plan";
                self.start_plan(tenant, record, notice.to_owned());
            }
            (Ok(true), false) => self.start_fetch(tenant, record),
            _ => {}
        }
    }
}
