//! Runs that nobody works on any more, because their process is gone.

use super::{RunError, Runs};
use crate::store::RunElsewhere;
use std::collections::HashMap;
use std::sync::{MutexGuard, PoisonError};

/// For how long a run's process is not heard of before it is taken for dead, in milliseconds. Counted here, for the other
/// one's clock may differ from ours.
const SILENT_MS: i64 = 15_000;

/// What was last heard of runs of other processes: the run's tenant and id, then what it said and when we heard of it.
pub(super) type Heard = HashMap<(String, String), (i64, i64)>;

impl Runs {
    /// Fails the runs of all tenants whose process is gone.
    ///
    /// # Errors
    /// The database's.
    pub async fn fail_abandoned_everywhere(&self) -> Result<(), RunError> {
        let elsewhere = self.0.store.runs_elsewhere(None, &self.0.node).await?;
        self.heard().retain(|key, _| elsewhere.iter().any(|run| (&run.tenant, &run.id) == (&key.0, &key.1)));
        self.fail_silent(elsewhere).await
    }

    /// The same of a tenant.
    pub(super) async fn fail_abandoned(&self, tenant: &str) -> Result<(), RunError> {
        self.fail_silent(self.0.store.runs_elsewhere(Some(tenant), &self.0.node).await?).await
    }

    async fn fail_silent(&self, elsewhere: Vec<RunElsewhere>) -> Result<(), RunError> {
        for run in elsewhere.into_iter().filter(|run| self.is_silent(run)) {
            self.0.store.fail_abandoned_run(&run).await?;
        }
        Ok(())
    }

    fn is_silent(&self, run: &RunElsewhere) -> bool {
        if self.0.store.has_one_server() && run.beat_ms < self.0.started_ms {
            return true;
        }
        let passed_ms = self.0.clock.passed_ms();
        let mut heard = self.heard();
        let last = heard.entry((run.tenant.clone(), run.id.clone())).or_insert((run.beat_ms, passed_ms));
        if last.0 != run.beat_ms {
            *last = (run.beat_ms, passed_ms);
        }
        passed_ms - last.1 > SILENT_MS
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
