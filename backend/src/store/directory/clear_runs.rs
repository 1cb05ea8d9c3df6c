//! Clean-up of ended runs, and deletion of old ones.

use super::runs::RunKey;
use crate::store::{Error, Source, Store};

/// Number of rows that are deleted at once.
const RANGE: i64 = 20_000;

impl Store {
    /// Deletes a plan's staged steps in small batches.
    pub async fn clear_plan(&self, RunKey { tenant, run }: RunKey<'_>) -> Result<(), Error> {
        let highest = "select coalesce(max(number), -1) from run_steps where tenant = $1 and run = $2";
        let highest: i64 = sqlx::query_scalar(highest).bind(tenant).bind(run).fetch_one(self.reader()?).await?;
        let mut end = 0;
        while end <= highest {
            end += RANGE;
            let delete = sqlx::query("delete from run_steps where tenant = $1 and run = $2 and number < $3");
            delete.bind(tenant).bind(run).bind(end).execute(self.writer()?).await?;
        }
        Ok(())
    }

    /// Deletes the staged steps and the received data of a run that has ended.
    pub async fn clear_run(&self, key: RunKey<'_>) -> Result<(), Error> {
        self.clear_plan(key).await?;
        let delete = sqlx::query("delete from run_files where tenant = $1 and run = $2");
        delete.bind(key.tenant).bind(key.run).execute(self.writer()?).await?;
        Ok(())
    }

    /// When a run of this source was last applied, in milliseconds UTC; `None` if no stored run was.
    pub async fn last_success(&self, tenant: &str, source: Source) -> Result<Option<i64>, Error> {
        let applied = "select max(ended_ms) from runs where tenant = $1 and source = $2 and state = 'applied'";
        Ok(sqlx::query_scalar(applied).bind(tenant).bind(source.as_str()).fetch_one(self.reader()?).await?)
    }

    /// Ids of runs from before this time, in any state, that no node is working on.
    pub async fn old_runs(&self, tenant: &str, before_ms: i64) -> Result<Vec<String>, Error> {
        Ok(sqlx::query_scalar(
            "select id from runs where tenant = $1 and created_ms < $2 and state not in ('planning', 'applying')",
        )
        .bind(tenant)
        .bind(before_ms)
        .fetch_all(self.reader()?)
        .await?)
    }

    /// Deletes a run; its changes remain in the audit.
    pub async fn delete_run(&self, key: RunKey<'_>) -> Result<(), Error> {
        self.clear_run(key).await?;
        let delete = sqlx::query("delete from runs where tenant = $1 and id = $2");
        delete.bind(key.tenant).bind(key.run).execute(self.writer()?).await?;
        Ok(())
    }
}
