//! Sources: their connections, the positions of their fetches, and their next runs.

use super::source_settings::{SentColumn, SourceSettings, SourceState};
use crate::store::audit::{self, By, Deed};
use crate::store::leases;
use crate::store::tenants::changes::About;
use crate::store::tenants::record;
use crate::store::{Error, Job, Source, Store, Wanted};
use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;

/// A source of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceRecord {
    /// The source.
    pub source: Source,
    /// State of the source.
    pub state: SourceState,
    /// Settings of the source.
    pub settings: SourceSettings,
    /// Secret, sealed; empty if there is none.
    pub secret: String,
    /// Account of the connection.
    pub account: String,
    /// Position from which the next fetch continues; empty to fetch everyone.
    pub read_to: String,
    /// When the next run starts; `None` if none is scheduled.
    pub next_ms: Option<i64>,
    /// Number of failures since the last successful run.
    pub failures: i64,
    /// Message of the last failure.
    pub problem: String,
    /// Version of the connector.
    pub program: String,
    /// Columns that the connector sends.
    pub sent: Vec<SentColumn>,
    /// When the connector last called in.
    pub seen_ms: Option<i64>,
    /// When a full fetch was last applied; 0 if never.
    pub whole_ms: i64,
}

impl SourceRecord {
    /// A source that is not connected, with default settings.
    pub fn new(source: Source) -> Self {
        Self {
            source,
            state: SourceState::Off,
            settings: SourceSettings::default(),
            secret: String::new(),
            account: String::new(),
            read_to: String::new(),
            next_ms: None,
            failures: 0,
            problem: String::new(),
            program: String::new(),
            sent: Vec::new(),
            seen_ms: None,
            whole_ms: 0,
        }
    }
}

const COLUMNS: &str =
    "source, state, settings, secret, account, read_to,
    (select l.due_ms from leases l where l.tenant = sources.tenant and l.kind = 'source' and l.subject = sources.source),
    failures, problem, program, sent_columns, seen_ms, whole_ms";

impl Store {
    /// A source of a tenant; with defaults if it was never connected.
    pub async fn source(&self, tenant: &str, source: Source) -> Result<SourceRecord, Error> {
        let sql = format!("select {COLUMNS} from sources where tenant = $1 and source = $2");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant)
            .bind(source.as_str())
            .fetch_optional(self.reader()?)
            .await?;
        row.as_ref().map_or_else(|| Ok(SourceRecord::new(source)), record)
    }

    /// For each source of each tenant: tenant, source, time of the last applied run in milliseconds UTC, and number of
    /// failures since.
    pub async fn source_health(&self) -> Result<Vec<(String, String, Option<i64>, i64)>, Error> {
        let rows = sqlx::query(
            "select s.tenant, s.source, s.failures,
                 (select max(r.ended_ms) from runs r
                  where r.tenant = s.tenant and r.source = s.source and r.state = 'applied')
             from sources s",
        )
        .fetch_all(self.reader()?)
        .await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(3)?, row.try_get(2)?))).collect()
    }

    /// Number of people with values from each source.
    pub async fn source_people(&self, tenant: &str) -> Result<Vec<(Source, u64)>, Error> {
        let rows = sqlx::query("select source, count(*) from person_values where tenant = $1 group by source")
            .bind(tenant)
            .fetch_all(self.reader()?)
            .await?;
        rows.iter()
            .map(|row| {
                Ok((
                    crate::store::people::own_fields::source(row.try_get::<String, _>(0)?.as_str())?,
                    u64::try_from(row.try_get::<i64, _>(1)?).unwrap_or(0),
                ))
            })
            .collect()
    }

    /// Writes a source's connection and settings, with an audit entry; its progress and sent columns are unchanged. `deed`:
    /// `connect_source`, `change_source` or `disconnect_source`.
    pub async fn put_source(&self, tenant: &str, new: &SourceRecord, deed: Deed<'_>, by: By) -> Result<(), Error> {
        let mut write = self.begin().await?;
        let version = record::next_version(&mut write, tenant).await?;
        sqlx::query(
            "insert into sources (tenant, source, state, settings, secret, account, read_to, failures, problem, program,
                 sent_columns, seen_ms)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', '[]', null)
             on conflict (tenant, source) do update set state = excluded.state, settings = excluded.settings,
                 secret = excluded.secret, account = excluded.account, read_to = excluded.read_to,
                 failures = excluded.failures, problem = excluded.problem",
        )
        .bind(tenant)
        .bind(new.source.as_str())
        .bind(new.state.as_str())
        .bind(json!(new.settings).to_string())
        .bind(&new.secret)
        .bind(&new.account)
        .bind(&new.read_to)
        .bind(new.failures)
        .bind(&new.problem)
        .execute(&mut *write)
        .await?;
        let due_ms = new.next_ms.filter(|_| new.state == SourceState::On);
        let wanted = Wanted::job(tenant, Job::Source, new.source.as_str(), due_ms.unwrap_or_default());
        match due_ms {
            Some(_) => leases::ask(&mut write, &wanted).await?,
            None => leases::forget(&mut write, &wanted.key).await?,
        }
        audit::note(
            &mut write,
            audit::Entry {
                tenant,
                version,
                about: About::Nothing,
                by,
                action: deed.action,
                subject: new.source.as_str(),
                detail: deed.detail,
            },
        )
        .await?;
        Ok(write.commit().await?)
    }

    /// Stores what the connector reports about itself.
    pub async fn note_connector(
        &self,
        tenant: &str,
        program: &str,
        sent: Option<&[SentColumn]>,
        now_ms: i64,
    ) -> Result<(), Error> {
        let new = SourceRecord::new(Source::Database);
        sqlx::query(
            "insert into sources (tenant, source, state, settings, secret, account, read_to, failures, problem, program,
                 sent_columns, seen_ms)
             values ($1, 'database', 'on', $2, '', '', '', 0, '', $3, coalesce($4, '[]'), $5)
             on conflict (tenant, source) do update set seen_ms = excluded.seen_ms,
                 state = case when sources.state = 'off' then 'on' else sources.state end,
                 program = case when excluded.program = '' then sources.program else excluded.program end,
                 sent_columns = coalesce($4, sources.sent_columns)",
        )
        .bind(tenant)
        .bind(json!(new.settings).to_string())
        .bind(program)
        .bind(sent.map(|sent| json!(sent).to_string()))
        .bind(now_ms)
        .execute(self.writer()?)
        .await?;
        Ok(())
    }

    /// Stores the result of a source's run. `problem`: empty if it succeeded. `next_ms`: the next run, if it differs from the
    /// schedule.
    pub async fn note_source(
        &self,
        tenant: &str,
        source: Source,
        problem: &str,
        next_ms: Option<i64>,
    ) -> Result<(), Error> {
        let mut write = self.begin().await?;
        sqlx::query(
            "update sources set problem = $3, failures = case when $3 = '' then 0 else failures + 1 end
             where tenant = $1 and source = $2",
        )
        .bind(tenant)
        .bind(source.as_str())
        .bind(problem)
        .execute(&mut *write)
        .await?;
        if let Some(next_ms) = next_ms {
            let later = "update leases set due_ms = $3, asked = asked + 1
                where tenant = $1 and kind = 'source' and subject = $2";
            sqlx::query(later).bind(tenant).bind(source.as_str()).bind(next_ms).execute(&mut *write).await?;
        }
        Ok(write.commit().await?)
    }
}

fn record(row: &AnyRow) -> Result<SourceRecord, Error> {
    let (state, settings, sent): (String, String, String) = (row.try_get(1)?, row.try_get(2)?, row.try_get(10)?);
    let corrupt = |error| Error::Corrupt(format!("a stored source cannot be read: {error}"));
    Ok(SourceRecord {
        source: crate::store::people::own_fields::source(row.try_get::<String, _>(0)?.as_str())?,
        state: SourceState::parse(&state).unwrap_or(SourceState::Off),
        settings: serde_json::from_str(&settings).map_err(corrupt)?,
        secret: row.try_get(3)?,
        account: row.try_get(4)?,
        read_to: row.try_get(5)?,
        next_ms: row.try_get(6)?,
        failures: row.try_get(7)?,
        problem: row.try_get(8)?,
        program: row.try_get(9)?,
        sent: serde_json::from_str(&sent).map_err(corrupt)?,
        seen_ms: row.try_get(11)?,
        whole_ms: row.try_get(12)?,
    })
}
