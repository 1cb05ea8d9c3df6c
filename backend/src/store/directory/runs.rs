//! Directory runs: their states and plans. They do not change the tenant's version, because nothing belongs to the tenant
//! until a run is applied.

use super::outcome::RunPlan;
use super::run_files;
use super::run_state::{Cause, RunState};
use crate::store::audit::Actor;
use crate::store::leases;
use crate::store::{Error, Job, Lease, Source, Store, Wanted};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;

/// A run as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    /// Run id.
    pub id: String,
    /// Source of the values.
    pub source: Source,
    /// Cause of the run.
    pub cause: Cause,
    /// Whether this is only a preview, which is never applied.
    pub preview: bool,
    /// Name of the file, or of the sender.
    pub name: String,
    /// State of the run.
    pub state: RunState,
    /// Rows processed in this state, out of `rows`.
    pub done: i64,
    /// Total number of rows.
    pub rows: i64,
    /// Encoding of the file.
    pub encoding: String,
    /// Delimiter of the file.
    pub delimiter: String,
    /// Columns of the file, and the field for each.
    pub columns: Vec<FileColumn>,
    /// Whether people who are missing from the data lose their values from the source.
    pub complete: bool,
    /// Progress of an upload.
    pub upload: Upload,
    /// Position from which the next fetch continues.
    pub read_to: String,
    /// The plan, once there is one.
    pub plan: Option<RunPlan>,
    /// The tenant's version that the plan is based on.
    pub plan_version: i64,
    /// Why the run failed or needs another review; otherwise empty.
    pub failure: String,
    /// Actor who started the run.
    pub actor: Actor,
    /// When the run started.
    pub created_ms: i64,
    /// When the run ended.
    pub ended_ms: Option<i64>,
}

/// A column of a file, and the field for its values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileColumn {
    /// Name in the file's header.
    pub name: String,
    /// Up to three sample values.
    pub samples: Vec<String>,
    /// Token of the field; `address` for the primary address, which identifies the person; `None` to ignore the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// Progress of an upload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Upload {
    /// Total number of parts.
    pub parts: i64,
    /// Number of parts received.
    pub received: i64,
    /// SHA-256 of all parts, in hexadecimal.
    pub digest: String,
}

const COLUMNS: &str =
    "id, source, cause, preview, name, state, done, row_count, encoding, delimiter, file_columns, complete,
    parts, received, digest, read_to, plan, plan_version, failure, actor, actor_name, address, created_ms, ended_ms";

/// Result of planning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The plan; `None` if no column has the addresses.
    pub plan: Option<RunPlan>,
    /// The tenant's version that the plan is based on.
    pub version: i64,
    /// The run's new state: waiting for review, or being applied.
    pub to: RunState,
    /// Why the plan needs another review; otherwise empty.
    pub notice: String,
    /// Total number of rows, if it was unknown before.
    pub rows: Option<i64>,
    /// Position from which the next fetch continues.
    pub read_to: String,
    /// Whether all people were returned, if that was unknown before.
    pub complete: Option<bool>,
}

impl Default for Planned {
    fn default() -> Self {
        let (version, notice, read_to) = (0, String::new(), String::new());
        Self { plan: None, version, to: RunState::Planned, notice, rows: None, read_to, complete: None }
    }
}

/// Filter for runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunsOf {
    /// All runs.
    All,
    /// Runs of a source.
    Source(Source),
    /// Runs of uploaded files, of any source, and runs that clear values of earlier files.
    Files,
}

/// Who changes a run's state.
#[derive(Clone, Copy, Debug)]
pub enum Mover<'a> {
    /// The node that works on the run, if it still holds the lease.
    Holder(&'a Lease),
    /// A user who asks to continue the run.
    Asking(&'a Actor),
    /// A user who ends the run; the node that works on it loses the lease.
    Ending,
}

/// Tenant id and run id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunKey<'a> {
    /// The tenant's id.
    pub tenant: &'a str,
    /// The run's id.
    pub run: &'a str,
}

impl<'a> RunKey<'a> {
    /// The run that a lease of [`Job::Run`] is for.
    pub fn of(lease: &'a Lease) -> Self {
        Self { tenant: &lease.key.tenant, run: &lease.key.subject }
    }
}

/// A step of a run from one state to another.
#[derive(Clone, Copy, Debug)]
pub struct Move<'a> {
    /// The states in which it may be.
    pub from: &'a [RunState],
    /// Where it is from now on.
    pub to: RunState,
    /// Why it failed or was cancelled; else empty.
    pub failure: &'a str,
    /// Who moves it.
    pub mover: Mover<'a>,
}

/// Which part of a list, the newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paging {
    /// How many entries come before it.
    pub offset: u32,
    /// How many it has at most.
    pub limit: u32,
}

impl Store {
    /// Stores a new run, with its data if that is complete, and schedules its continuation unless parts are still missing.
    pub async fn insert_run(&self, tenant: &str, new: &RunRecord, text: Option<&str>) -> Result<(), Error> {
        let key = RunKey { tenant, run: &new.id };
        let mut write = self.begin().await?;
        sqlx::query(
            "insert into runs (tenant, id, source, cause, preview, name, state, done, row_count, encoding, delimiter,
                 file_columns, complete, parts, received, digest, read_to, plan, plan_version, failure, actor, actor_name,
                 address, created_ms)
             values ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10, $11, $12, $13, $14, $15, $16, '', 0, '', $18, $19, $20,
                 $17)",
        )
        .bind(tenant)
        .bind(&new.id)
        .bind(new.source.as_str())
        .bind(new.cause.as_str())
        .bind(i64::from(new.preview))
        .bind(&new.name)
        .bind(new.state.as_str())
        .bind(new.rows)
        .bind(&new.encoding)
        .bind(&new.delimiter)
        .bind(json!(new.columns).to_string())
        .bind(i64::from(new.complete))
        .bind(new.upload.parts)
        .bind(new.upload.received)
        .bind(&new.upload.digest)
        .bind(&new.read_to)
        .bind(new.created_ms)
        .bind(&new.actor.id)
        .bind(&new.actor.name)
        .bind(&new.actor.address)
        .execute(&mut *write)
        .await?;
        if let Some(text) = text {
            run_files::put(&mut write, key, text).await?;
        }
        let waits_for_parts = new.cause == Cause::Connector && new.state == RunState::Fetching;
        if !waits_for_parts {
            leases::ask(&mut write, &go_on(key, new.created_ms)).await?;
        }
        Ok(write.commit().await?)
    }

    /// A run.
    pub async fn run_record(&self, key: RunKey<'_>) -> Result<Option<RunRecord>, Error> {
        let sql = sqlx::AssertSqlSafe(format!("select {COLUMNS} from runs where tenant = $1 and id = $2"));
        let row = sqlx::query(sql).bind(key.tenant).bind(key.run).fetch_optional(self.reader()?).await?;
        row.as_ref().map(record).transpose()
    }

    /// A page of the tenant's runs since then, newest first, and their total number.
    pub async fn list_runs(
        &self,
        tenant: &str,
        which: RunsOf,
        since_ms: i64,
        page: Paging,
    ) -> Result<(Vec<RunRecord>, u64), Error> {
        let (which, value) = match which {
            RunsOf::All => ("$3 = ''", ""),
            RunsOf::Source(source) => ("source = $3", source.as_str()),
            RunsOf::Files => ("(cause = 'file' or source = $3)", Source::Csv.as_str()),
        };
        let filter = format!("tenant = $1 and created_ms >= $2 and {which}");
        let sql = format!("select {COLUMNS} from runs where {filter} order by created_ms desc, id limit $4 offset $5");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant)
            .bind(since_ms)
            .bind(value)
            .bind(i64::from(page.limit))
            .bind(i64::from(page.offset))
            .fetch_all(self.reader()?)
            .await?;
        let total: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from runs where {filter}")))
            .bind(tenant)
            .bind(since_ms)
            .bind(value)
            .fetch_one(self.reader()?)
            .await?;
        let records = rows.iter().map(record).collect::<Result<_, _>>()?;
        Ok((records, u64::try_from(total).unwrap_or_default()))
    }

    /// Runs of a source that have not ended, newest first.
    pub async fn open_runs(&self, tenant: &str, source: Source) -> Result<Vec<RunRecord>, Error> {
        let sql = format!(
            "select {COLUMNS} from runs
             where tenant = $1 and source = $2 and state in ('fetching', 'planning', 'planned', 'applying')
             order by created_ms desc, id"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(tenant).bind(source.as_str());
        rows.fetch_all(self.reader()?).await?.iter().map(record).collect()
    }

    /// Changes a run's state; returns whether it was in one of the states that the move starts from.
    ///
    /// # Errors
    /// Errors of the database; [`Error::LeaseLost`] when the holder has lost the lease.
    pub async fn move_run(&self, key: RunKey<'_>, step: Move<'_>, now_ms: i64) -> Result<bool, Error> {
        let Move { from, to, failure, mover } = step;
        let from: Vec<_> = from.iter().map(|state| format!("'{}'", state.as_str())).collect();
        let sql = format!(
            "update runs set state = $3, failure = $4, done = 0, ended_ms = $5
             where tenant = $1 and id = $2 and state in ({})",
            from.join(", ")
        );
        let mut write = self.begin().await?;
        if let Mover::Holder(lease) = mover {
            leases::fence(&mut write, lease).await?;
        }
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(key.tenant)
            .bind(key.run)
            .bind(to.as_str())
            .bind(failure)
            .bind(matches!(to, RunState::Cancelled | RunState::Failed).then_some(now_ms))
            .execute(&mut *write)
            .await?
            .rows_affected();
        if rows > 0 {
            match mover {
                Mover::Holder(_) => {}
                Mover::Asking(actor) => {
                    let payload = json!(actor).to_string();
                    leases::ask(&mut write, &Wanted { payload, ..go_on(key, now_ms) }).await?;
                }
                Mover::Ending => leases::forget(&mut write, &go_on(key, now_ms).key).await?,
            }
        }
        write.commit().await?;
        Ok(rows > 0)
    }

    /// Gives a planned import the mapping in `run` and starts planning again. `false` if the import is not in the state
    /// `planned`.
    pub async fn remap_run(&self, tenant: &str, run: &RunRecord, now_ms: i64) -> Result<bool, Error> {
        let mut write = self.begin().await?;
        let moved = sqlx::query(
            "update runs set state = 'planning', file_columns = $3, source = $4, complete = $5, plan = '',
                 failure = '', done = 0
             where tenant = $1 and id = $2 and state = 'planned'",
        )
        .bind(tenant)
        .bind(&run.id)
        .bind(json!(run.columns).to_string())
        .bind(run.source.as_str())
        .bind(i64::from(run.complete))
        .execute(&mut *write)
        .await?
        .rows_affected();
        if moved > 0 {
            leases::ask(&mut write, &go_on(RunKey { tenant, run: &run.id }, now_ms)).await?;
        }
        write.commit().await?;
        Ok(moved > 0)
    }

    /// Ends planning. `false` if the run is no longer being planned.
    ///
    /// # Errors
    /// See [`Store::move_run`].
    pub async fn finish_plan(&self, key: RunKey<'_>, planned: &Planned, held: &Lease) -> Result<bool, Error> {
        let mut write = self.begin().await?;
        leases::fence(&mut write, held).await?;
        let moved = sqlx::query(
            "update runs set state = $6, plan = $3, plan_version = $4, failure = $5, row_count = coalesce($7, row_count),
                 done = coalesce($7, row_count), read_to = $8, complete = coalesce($9, complete)
             where tenant = $1 and id = $2 and state in ('fetching', 'planning')",
        )
        .bind(key.tenant)
        .bind(key.run)
        .bind(planned.plan.as_ref().map(|plan| json!(plan).to_string()).unwrap_or_default())
        .bind(planned.version)
        .bind(&planned.notice)
        .bind(planned.to.as_str())
        .bind(planned.rows)
        .bind(&planned.read_to)
        .bind(planned.complete.map(i64::from))
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        Ok(moved.rows_affected() > 0)
    }

    /// Stores a run's progress; `false` if the run is no longer in progress.
    pub async fn note_progress(&self, key: RunKey<'_>, done: u64) -> Result<bool, Error> {
        let noted = sqlx::query(
            "update runs set done = $3
             where tenant = $1 and id = $2 and state in ('fetching', 'planning', 'applying')",
        )
        .bind(key.tenant)
        .bind(key.run)
        .bind(i64::try_from(done).unwrap_or(i64::MAX))
        .execute(self.writer()?)
        .await?;
        Ok(noted.rows_affected() > 0)
    }
}

/// The lease request that continues a run.
pub(in crate::store) fn go_on(key: RunKey<'_>, now_ms: i64) -> Wanted {
    Wanted::job(key.tenant, Job::Run, key.run, now_ms)
}

fn record(row: &AnyRow) -> Result<RunRecord, Error> {
    let (state, columns, plan): (String, String, String) = (row.try_get(5)?, row.try_get(10)?, row.try_get(16)?);
    let corrupt = |error| Error::Corrupt(format!("a stored run cannot be read: {error}"));
    let plan = (!plan.is_empty()).then(|| serde_json::from_str(&plan)).transpose().map_err(corrupt)?;
    let cause: String = row.try_get(2)?;
    Ok(RunRecord {
        id: row.try_get(0)?,
        source: crate::store::people::own_fields::source(row.try_get::<String, _>(1)?.as_str())?,
        cause: Cause::parse(&cause).unwrap_or(Cause::Cli),
        preview: row.try_get::<i64, _>(3)? != 0,
        name: row.try_get(4)?,
        state: RunState::parse(&state).unwrap_or(RunState::Failed),
        done: row.try_get(6)?,
        rows: row.try_get(7)?,
        encoding: row.try_get(8)?,
        delimiter: row.try_get(9)?,
        columns: serde_json::from_str(&columns).map_err(corrupt)?,
        complete: row.try_get::<i64, _>(11)? != 0,
        upload: Upload { parts: row.try_get(12)?, received: row.try_get(13)?, digest: row.try_get(14)? },
        read_to: row.try_get(15)?,
        plan,
        plan_version: row.try_get(17)?,
        failure: row.try_get(18)?,
        actor: Actor { id: row.try_get(19)?, name: row.try_get(20)?, address: row.try_get(21)? },
        created_ms: row.try_get(22)?,
        ended_ms: row.try_get(23)?,
    })
}
