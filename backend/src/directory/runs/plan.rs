//! The plan: the file against what is stored, staged step by step.

use super::super::file::plan_file;
use super::super::mapping::ADDRESS;
use super::super::plan::Known;
use super::Imports;
use super::task::{After, Running};
use crate::signing::Tenant;
use crate::store::{self, ImportRecord};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Portions of steps that may wait for the database.
const WAITING: usize = 4;

impl Imports {
    /// Begins to plan an import. `notice`: what to say when the plan is there.
    pub(super) fn start_plan(&self, tenant: &Arc<Tenant>, record: ImportRecord, notice: String) {
        let (imports, planned, of) = (self.clone(), record.clone(), Arc::clone(tenant));
        self.start(tenant, record, async move |running| {
            imports.plan(&of, &planned, &running, &notice).await.map(|_| After::Nothing)
        });
    }

    /// Plans an import; `false`: it was stopped.
    async fn plan(
        &self,
        tenant: &Arc<Tenant>,
        record: &ImportRecord,
        running: &Running,
        notice: &str,
    ) -> Result<bool, store::Error> {
        let key = (tenant.id.as_str(), record.id.as_str());
        let store = &self.0.store;
        store.clear_plan(key).await?;
        if !record.columns.iter().any(|column| column.field.as_deref() == Some(ADDRESS)) {
            return store.finish_plan(key, None, 0, notice).await;
        }
        self.0.signing.forget(tenant);
        let gone = || store::Error::NotFound("what it needs is gone".into());
        let tenant = self.0.signing.tenant(&tenant.entra_id).await?.ok_or_else(gone)?;
        let values = store.source_values(&tenant.id, record.source).await?;
        let text = store.import_file(key).await?.ok_or_else(gone)?;
        let version = tenant.version;
        let (send, mut steps) = mpsc::channel(WAITING);
        let file = record.clone();
        let planning = tokio::task::spawn_blocking(move || {
            let known = Known { tenant: &tenant, values: &values };
            plan_file(&text, &file, known, |batch, done| send.blocking_send((batch, done)).is_ok())
        });
        let mut first = 0;
        while let Some((batch, done)) = steps.recv().await {
            running.set_done(done);
            let now_ms = self.0.clock.now_ms();
            let goes_on = !running.is_cancelled() && store.stage(key, &batch, first, (done, now_ms)).await?;
            if !goes_on {
                return Ok(false);
            }
            first += i64::try_from(batch.len()).unwrap_or(i64::MAX);
        }
        let plan = planning.await.map_err(|_| store::Error::Unavailable("planning stopped".into()))?;
        match plan {
            Some(plan) => store.finish_plan(key, Some(&plan), version, notice).await,
            None => Ok(false),
        }
    }
}
