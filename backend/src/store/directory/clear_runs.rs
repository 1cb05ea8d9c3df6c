//! Runs that ended, or that nobody works on any more: what is cleared of them.

use super::runs::RunKey;
use crate::store::{Engine, Error, Source, Store};
use sqlx::Row;
use sqlx::any::AnyRow;

/// What is said of a run whose server is gone.
const ABANDONED: &str = "the server stopped meanwhile; nothing was changed: start it again, or upload the file again";
/// Rows that are deleted at once.
const RANGE: i64 = 20_000;

/// A run that another process works on, or did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunElsewhere {
    /// The tenant's id.
    pub tenant: String,
    /// The run's id.
    pub id: String,
    /// When that process last said that it works, by its own clock.
    pub beat_ms: i64,
}

impl Store {
    /// Runs that other processes work on, of a tenant or of all.
    pub async fn runs_elsewhere(&self, tenant: Option<&str>, node: &str) -> Result<Vec<RunElsewhere>, Error> {
        let rows = sqlx::query(
            "select tenant, id, beat_ms from runs
             where state in ('fetching', 'planning', 'applying') and node <> $1 and (state <> 'fetching' or cause <> 'connector')
                 and (tenant = $2 or $2 = '')",
        )
        .bind(node)
        .bind(tenant.unwrap_or_default())
        .fetch_all(self.reader()?)
        .await?;
        let run =
            |row: &AnyRow| Ok(RunElsewhere { tenant: row.try_get(0)?, id: row.try_get(1)?, beat_ms: row.try_get(2)? });
        rows.iter().map(run).collect()
    }

    /// Whether this database has one server at a time, so that what another one began before it started is abandoned.
    pub fn has_one_server(&self) -> bool {
        matches!(self.engine, Engine::Sqlite(_))
    }

    /// Fails a run whose process is gone, unless it was heard of since. Nothing of it was applied.
    pub async fn fail_abandoned_run(&self, run: &RunElsewhere) -> Result<(), Error> {
        sqlx::query(
            "update runs set state = 'failed', failure = $4, ended_ms = beat_ms
             where tenant = $1 and id = $2 and beat_ms = $3 and state in ('fetching', 'planning', 'applying')",
        )
        .bind(&run.tenant)
        .bind(&run.id)
        .bind(run.beat_ms)
        .bind(ABANDONED)
        .execute(self.writer()?)
        .await?;
        Ok(())
    }

    /// Deletes what was staged of a plan, a little at a time.
    pub async fn clear_plan(&self, (tenant, id): RunKey<'_>) -> Result<(), Error> {
        let highest = "select coalesce(max(number), -1) from run_steps where tenant = $1 and run = $2";
        let highest: i64 = sqlx::query_scalar(highest).bind(tenant).bind(id).fetch_one(self.reader()?).await?;
        let mut end = 0;
        while end <= highest {
            end += RANGE;
            let delete = sqlx::query("delete from run_steps where tenant = $1 and run = $2 and number < $3");
            delete.bind(tenant).bind(id).bind(end).execute(self.writer()?).await?;
        }
        Ok(())
    }

    /// Deletes everything staged of a run that has ended, what came too.
    pub async fn clear_run(&self, (tenant, id): RunKey<'_>) -> Result<(), Error> {
        self.clear_plan((tenant, id)).await?;
        let delete = sqlx::query("delete from run_files where tenant = $1 and run = $2");
        delete.bind(tenant).bind(id).execute(self.writer()?).await?;
        Ok(())
    }

    /// When a run of this source was last applied, in milliseconds UTC; `None`: none of those that are kept was.
    pub async fn last_success(&self, tenant: &str, source: Source) -> Result<Option<i64>, Error> {
        let applied = "select max(ended_ms) from runs where tenant = $1 and source = $2 and state = 'applied'";
        Ok(sqlx::query_scalar(applied).bind(tenant).bind(source.as_str()).fetch_one(self.reader()?).await?)
    }

    /// Ids of runs from before this time, whatever became of them, that nobody works on.
    pub async fn old_runs(&self, tenant: &str, before_ms: i64) -> Result<Vec<String>, Error> {
        Ok(sqlx::query_scalar(
            "select id from runs where tenant = $1 and created_ms < $2 and state not in ('planning', 'applying')",
        )
        .bind(tenant)
        .bind(before_ms)
        .fetch_all(self.reader()?)
        .await?)
    }

    /// Forgets a run; what it changed stays in the audit.
    pub async fn delete_run(&self, key: RunKey<'_>) -> Result<(), Error> {
        self.clear_run(key).await?;
        let delete = sqlx::query("delete from runs where tenant = $1 and id = $2");
        delete.bind(key.0).bind(key.1).execute(self.writer()?).await?;
        Ok(())
    }
}
