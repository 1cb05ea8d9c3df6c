//! Applying: what is staged, in one transaction; or planning again when the directory has overtaken it.

use super::Imports;
use super::task::{After, Running};
use crate::signing::Tenant;
use crate::store::{self, Actor, Applied, ImportRecord};
use ::api::console::RunState;
use std::sync::Arc;

impl Imports {
    /// Begins to apply a plan.
    pub(super) fn start_apply(&self, tenant: &Arc<Tenant>, record: ImportRecord, actor: Actor) {
        let (imports, planned, of) = (self.clone(), record.clone(), Arc::clone(tenant));
        self.start(tenant, record, async move |running| {
            Ok(match imports.apply_plan(&of, &planned, &running, &actor).await? {
                Applied::Outdated => After::PlanAgain,
                Applied::Done | Applied::Cancelled => After::Nothing,
            })
        });
    }

    async fn apply_plan(
        &self,
        tenant: &Tenant,
        record: &ImportRecord,
        running: &Running,
        actor: &Actor,
    ) -> Result<Applied, store::Error> {
        let go_on = |steps: u64| {
            running.set_done(steps);
            !running.is_cancelled()
        };
        let now_ms = self.0.clock.now_ms();
        let applied = self.0.store.apply_import(&tenant.id, record, &go_on, actor, now_ms).await?;
        if applied == Applied::Done {
            self.0.signing.forget(tenant);
            if let Err(error) = self.0.store.clear_import((&tenant.id, &record.id)).await {
                tracing::warn!(%error, "what was staged of an import stays until it is old");
            }
        }
        Ok(applied)
    }

    /// After somebody changed what the plan was made from.
    pub(super) async fn plan_again(&self, tenant: &Arc<Tenant>, record: ImportRecord) {
        let key = (tenant.id.as_str(), record.id.as_str());
        let states = [RunState::Applying];
        let moved = self.0.store.move_import(key, &states, RunState::Planning, "", self.now()).await;
        if moved == Ok(true) {
            let notice = "the directory changed since the plan was made; nothing was applied: look at the new plan";
            self.start_plan(tenant, record, notice.to_owned());
        }
    }
}
