//! Imports on their way: files, states, and what their plans would change. None of it is the tenant's own until it is
//! applied, so the tenant's version stays as it is.

use super::audit::Actor;
use super::packed::Fields;
use super::{Engine, Error, Source, Store};
use api::console::{ImportColumn, RunPlan, RunState};
use futures_util::TryStreamExt;
use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Bytes of a file in one row: short enough for a short transaction.
const PIECE: usize = 1024 * 1024;
/// Rows that are deleted at once.
const RANGE: i64 = 20_000;

/// An import as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRecord {
    /// Its id.
    pub id: String,
    /// The file's name.
    pub name: String,
    /// Where it is.
    pub state: RunState,
    /// Rows done of `rows` in this state.
    pub done: i64,
    /// Rows in the file.
    pub rows: i64,
    /// How the file was read.
    pub encoding: String,
    /// Its delimiter.
    pub delimiter: String,
    /// Its columns, and where each goes.
    pub columns: Vec<ImportColumn>,
    /// Whose values these are.
    pub source: Source,
    /// Whether people who are not in the file lose what an earlier one said.
    pub complete: bool,
    /// What it would change, once that is known.
    pub plan: Option<RunPlan>,
    /// The tenant's version that the plan was made for.
    pub plan_version: i64,
    /// Why it failed, or has to be looked at again; else empty.
    pub failure: String,
    /// Who started it.
    pub actor: Actor,
    /// When.
    pub created_ms: i64,
}

const COLUMNS: &str = "id, name, state, done, row_count, encoding, delimiter, file_columns, source, complete, plan,
    plan_version, failure, actor, actor_name, address, created_ms";

/// Which import of which tenant.
pub type ImportKey<'a> = (&'a str, &'a str);

impl Store {
    /// Keeps a new import and its file. `node`: who works on it.
    pub async fn insert_import(&self, tenant: &str, new: &ImportRecord, text: &str, node: &str) -> Result<(), Error> {
        sqlx::query(
            "insert into imports (tenant, id, name, state, done, row_count, encoding, delimiter, file_columns, source,
                 complete, plan, plan_version, failure, node, beat_ms, actor, actor_name, address, created_ms)
             values ($1, $2, $3, $4, 0, $5, $6, $7, $8, $9, $10, '', 0, '', $11, $12, $13, $14, $15, $12)",
        )
        .bind(tenant)
        .bind(&new.id)
        .bind(&new.name)
        .bind(state_text(new.state))
        .bind(new.rows)
        .bind(&new.encoding)
        .bind(&new.delimiter)
        .bind(json!(new.columns).to_string())
        .bind(new.source.as_str())
        .bind(i64::from(new.complete))
        .bind(node)
        .bind(new.created_ms)
        .bind(&new.actor.id)
        .bind(&new.actor.name)
        .bind(&new.actor.address)
        .execute(self.writer()?)
        .await?;
        for (number, piece) in (0_i64..).zip(text.as_bytes().chunks(PIECE)) {
            sqlx::query("insert into import_files (tenant, import, number, bytes) values ($1, $2, $3, $4)")
                .bind(tenant)
                .bind(&new.id)
                .bind(number)
                .bind(piece)
                .execute(self.writer()?)
                .await?;
        }
        Ok(())
    }

    /// An import.
    pub async fn import_record(&self, (tenant, id): ImportKey<'_>) -> Result<Option<ImportRecord>, Error> {
        let sql = sqlx::AssertSqlSafe(format!("select {COLUMNS} from imports where tenant = $1 and id = $2"));
        let row = sqlx::query(sql).bind(tenant).bind(id).fetch_optional(self.reader()?).await?;
        row.as_ref().map(record).transpose()
    }

    /// The tenant's imports, the newest first.
    pub async fn list_imports(&self, tenant: &str) -> Result<Vec<ImportRecord>, Error> {
        let sql = format!("select {COLUMNS} from imports where tenant = $1 order by created_ms desc, id limit 100");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(tenant).fetch_all(self.reader()?).await?;
        rows.iter().map(record).collect()
    }

    /// The file's text; `None` when it is gone.
    pub async fn import_file(&self, (tenant, id): ImportKey<'_>) -> Result<Option<String>, Error> {
        let mut rows = sqlx::query("select bytes from import_files where tenant = $1 and import = $2 order by number")
            .bind(tenant)
            .bind(id)
            .fetch(self.reader()?);
        let mut file = Vec::new();
        while let Some(row) = rows.try_next().await? {
            file.extend(row.try_get::<Vec<u8>, _>(0)?);
        }
        let text = String::from_utf8(file).map_err(|_| Error::Corrupt("a staged file is not UTF-8".into()))?;
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// What a source says of everybody, by person.
    pub async fn source_values(&self, tenant: &str, source: Source) -> Result<HashMap<Box<str>, Fields>, Error> {
        let mut rows = sqlx::query(
            "select person, token, value from field_values where tenant = $1 and source = $2 order by person, token",
        )
        .bind(tenant)
        .bind(source.as_str())
        .fetch(self.reader()?);
        let mut all = HashMap::new();
        let mut tokens: HashSet<Arc<str>> = HashSet::new();
        let (mut person, mut values) = (String::new(), Vec::new());
        while let Some(row) = rows.try_next().await? {
            let (who, token): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            if who != person && !values.is_empty() {
                all.insert(person.as_str().into(), pack(&mut values));
            }
            person = who;
            let token = tokens.get(token.as_str()).cloned().unwrap_or_else(|| {
                let token: Arc<str> = token.into();
                tokens.insert(Arc::clone(&token));
                token
            });
            values.push((token, row.try_get(2)?));
        }
        if !values.is_empty() {
            all.insert(person.into(), pack(&mut values));
        }
        Ok(all)
    }

    /// Moves an import on and says whether it was in one of the states `from`. `failure`: why, or empty.
    pub async fn move_import(
        &self,
        (tenant, id): ImportKey<'_>,
        from: &[RunState],
        to: RunState,
        failure: &str,
        (node, now_ms): (&str, i64),
    ) -> Result<bool, Error> {
        let from: Vec<_> = from.iter().map(|state| format!("'{}'", state_text(*state))).collect();
        let sql = format!(
            "update imports set state = $3, failure = $4, node = $5, beat_ms = $6, done = 0
             where tenant = $1 and id = $2 and state in ({})",
            from.join(", ")
        );
        let moved = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant)
            .bind(id)
            .bind(state_text(to))
            .bind(failure)
            .bind(node)
            .bind(now_ms)
            .execute(self.writer()?)
            .await?;
        Ok(moved.rows_affected() > 0)
    }

    /// Gives a planned import another mapping; from now on it is being planned again. `false`: it is not planned.
    pub async fn remap_import(
        &self,
        (tenant, id): ImportKey<'_>,
        columns: &[ImportColumn],
        (source, complete): (Source, bool),
        (node, now_ms): (&str, i64),
    ) -> Result<bool, Error> {
        let moved = sqlx::query(
            "update imports set state = 'planning', file_columns = $3, source = $4, complete = $5, plan = '',
                 failure = '', done = 0, node = $6, beat_ms = $7
             where tenant = $1 and id = $2 and state = 'planned'",
        )
        .bind(tenant)
        .bind(id)
        .bind(json!(columns).to_string())
        .bind(source.as_str())
        .bind(i64::from(complete))
        .bind(node)
        .bind(now_ms)
        .execute(self.writer()?)
        .await?;
        Ok(moved.rows_affected() > 0)
    }

    /// Ends planning. `plan`: absent when no column has the addresses. `false`: it is not being planned any more.
    pub async fn finish_plan(
        &self,
        (tenant, id): ImportKey<'_>,
        plan: Option<&RunPlan>,
        version: i64,
        failure: &str,
    ) -> Result<bool, Error> {
        let moved = sqlx::query(
            "update imports set state = 'planned', plan = $3, plan_version = $4, failure = $5, done = row_count
             where tenant = $1 and id = $2 and state = 'planning'",
        )
        .bind(tenant)
        .bind(id)
        .bind(plan.map(|plan| json!(plan).to_string()).unwrap_or_default())
        .bind(version)
        .bind(failure)
        .execute(self.writer()?)
        .await?;
        Ok(moved.rows_affected() > 0)
    }

    /// Says that somebody still works on an import.
    pub async fn beat_import(&self, (tenant, id): ImportKey<'_>, done: u64, now_ms: i64) -> Result<(), Error> {
        sqlx::query(
            "update imports set beat_ms = $3, done = $4
             where tenant = $1 and id = $2 and state in ('planning', 'applying')",
        )
        .bind(tenant)
        .bind(id)
        .bind(now_ms)
        .bind(i64::try_from(done).unwrap_or(i64::MAX))
        .execute(self.writer()?)
        .await?;
        Ok(())
    }

    /// Fails the imports whose server is gone: of another process of a SQLite file, or one that has been silent since
    /// `silent_ms`. Nothing of them was applied.
    pub async fn fail_abandoned_imports(&self, tenant: &str, node: &str, silent_ms: i64) -> Result<(), Error> {
        let silent_ms = if matches!(self.engine, Engine::Sqlite(_)) { i64::MAX } else { silent_ms };
        let abandoned = "tenant = $1 and state in ('planning', 'applying') and node <> $2 and beat_ms < $3";
        let any: Option<i64> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select done from imports where {abandoned} limit 1")))
                .bind(tenant)
                .bind(node)
                .bind(silent_ms)
                .fetch_optional(self.reader()?)
                .await?;
        if any.is_some() {
            let sql = format!("update imports set state = 'failed', failure = $4 where {abandoned}");
            sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(tenant)
                .bind(node)
                .bind(silent_ms)
                .bind("the server stopped meanwhile; nothing was changed: upload the file again")
                .execute(self.writer()?)
                .await?;
        }
        Ok(())
    }

    /// Deletes what was staged of a plan, a little at a time.
    pub async fn clear_plan(&self, (tenant, id): ImportKey<'_>) -> Result<(), Error> {
        for table in ["import_people", "import_values"] {
            let highest = format!("select coalesce(max(number), -1) from {table} where tenant = $1 and import = $2");
            let highest: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(highest))
                .bind(tenant)
                .bind(id)
                .fetch_one(self.reader()?)
                .await?;
            let delete = format!("delete from {table} where tenant = $1 and import = $2 and number < $3");
            let mut end = 0;
            while end <= highest {
                end += RANGE;
                let query = sqlx::query(sqlx::AssertSqlSafe(delete.clone())).bind(tenant).bind(id).bind(end);
                query.execute(self.writer()?).await?;
            }
        }
        Ok(())
    }

    /// Deletes everything staged of an import that has ended, its file too.
    pub async fn clear_import(&self, (tenant, id): ImportKey<'_>) -> Result<(), Error> {
        self.clear_plan((tenant, id)).await?;
        let delete = sqlx::query("delete from import_files where tenant = $1 and import = $2");
        delete.bind(tenant).bind(id).execute(self.writer()?).await?;
        Ok(())
    }

    /// Ids of imports from before this time, whatever became of them, that nobody works on.
    pub async fn old_imports(&self, tenant: &str, before_ms: i64) -> Result<Vec<String>, Error> {
        Ok(sqlx::query_scalar(
            "select id from imports where tenant = $1 and created_ms < $2 and state not in ('planning', 'applying')",
        )
        .bind(tenant)
        .bind(before_ms)
        .fetch_all(self.reader()?)
        .await?)
    }

    /// Forgets an import; what it changed stays in the audit.
    pub async fn delete_import(&self, key: ImportKey<'_>) -> Result<(), Error> {
        self.clear_import(key).await?;
        let delete = sqlx::query("delete from imports where tenant = $1 and id = $2");
        delete.bind(key.0).bind(key.1).execute(self.writer()?).await?;
        Ok(())
    }
}

fn pack(values: &mut Vec<(Arc<str>, String)>) -> Fields {
    // Databases sort by rules of their own.
    values.sort();
    let packed = Fields::pack(values);
    values.clear();
    packed
}

const STATES: [(RunState, &str); 7] = [
    (RunState::Fetching, "fetching"),
    (RunState::Planning, "planning"),
    (RunState::Planned, "planned"),
    (RunState::Applying, "applying"),
    (RunState::Applied, "applied"),
    (RunState::Cancelled, "cancelled"),
    (RunState::Failed, "failed"),
];

fn state_text(state: RunState) -> &'static str {
    STATES.iter().find(|(known, _)| *known == state).map_or("failed", |(_, text)| text)
}

fn record(row: &AnyRow) -> Result<ImportRecord, Error> {
    let (state, columns, plan): (String, String, String) = (row.try_get(2)?, row.try_get(7)?, row.try_get(10)?);
    let corrupt = |error| Error::Corrupt(format!("a stored import cannot be read: {error}"));
    let plan = (!plan.is_empty()).then(|| serde_json::from_str(&plan)).transpose().map_err(corrupt)?;
    Ok(ImportRecord {
        id: row.try_get(0)?,
        name: row.try_get(1)?,
        state: STATES.iter().find(|(_, text)| *text == state).map_or(RunState::Failed, |(known, _)| *known),
        done: row.try_get(3)?,
        rows: row.try_get(4)?,
        encoding: row.try_get(5)?,
        delimiter: row.try_get(6)?,
        columns: serde_json::from_str(&columns).map_err(corrupt)?,
        source: super::people::source(row.try_get(8)?)?,
        complete: row.try_get::<i64, _>(9)? != 0,
        plan,
        plan_version: row.try_get(11)?,
        failure: row.try_get(12)?,
        actor: Actor { id: row.try_get(13)?, name: row.try_get(14)?, address: row.try_get(15)? },
        created_ms: row.try_get(16)?,
    })
}
