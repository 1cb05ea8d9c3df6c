//! Applying a staged plan in one transaction, or planning again if the directory has changed.

use super::Runs;
use super::task::{After, Failure, Work};
use crate::store::{self, Actor, Applied, By, Cause, RunState};
use crate::telemetry::series::{self, RunEnd};

impl Runs {
    /// Applies a plan.
    pub(super) async fn apply_plan(&self, work: &Work<'_>, actor: Actor) -> Result<After, Failure> {
        let (record, running, key) = (work.record, work.running, work.key());
        let go_on = |steps: u64| {
            running.set_done(steps);
            !running.is_cancelled()
        };
        let by = By::new(actor, self.0.clock.now_ms());
        let store = &self.0.store;
        match store.apply_run(record, &go_on, by, &work.held.lease).await? {
            Applied::Done => {}
            Applied::Outdated => return Ok(After::PlanAgain),
            Applied::Cancelled => return Ok(After::Nothing),
        }
        self.0.tenants.forget(work.tenant);
        series::run_ended(record.source, RunEnd::Applied);
        let tidied = match record.cause {
            Cause::File => store.clear_run(key).await,
            // The next upload may have the same rows.
            Cause::Connector => store.clear_plan(key).await.and(store.clear_files_before(key).await),
            Cause::Schedule | Cause::Button | Cause::Cli => store.clear_plan(key).await,
        };
        let noted = if record.cause == Cause::File {
            Ok(())
        } else {
            store.note_source(key.tenant, record.source, "", None).await
        };
        if let Err(error) = tidied.and(noted) {
            tracing::warn!(%error, "what was staged of a run stays until it is old");
        }
        Ok(After::Nothing)
    }

    /// Plans again after the directory has changed; the notice is shown with the new plan.
    pub(super) async fn plan_again(&self, work: &Work<'_>) -> Result<String, store::Error> {
        let is_kept = matches!(work.record.cause, Cause::File | Cause::Connector);
        let to = if is_kept { RunState::Planning } else { RunState::Fetching };
        self.move_held(work, RunState::Applying, to).await?;
        let notice = "the directory changed after the plan was made; nothing was applied: review the new plan";
        Ok(if is_kept { notice.to_owned() } else { String::new() })
    }
}
