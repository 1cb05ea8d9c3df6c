//! All SQL. One text per statement for SQLite and PostgreSQL: `$1` placeholders, ids as text, times as milliseconds UTC,
//! documents as JSON text, truth values as integers. Every row has its tenant, and every query names it.

mod accounts;
mod apply_run;
mod audit;
mod catalog;
mod clicks;
mod clients;
mod change_person;
mod designs;
mod ended_runs;
mod error;
mod fields;
mod fill;
mod images;
mod import;
mod load;
mod load_people;
mod members;
mod owners;
mod packed;
mod people;
mod person_detail;
mod photos;
mod plan;
mod present;
mod publish;
mod rows;
mod run_files;
mod runs;
mod sealed;
mod sessions;
mod snapshot;
mod sources;
mod steps;
mod tenant_changes;
mod tenants;
mod tokens;
mod values;
mod versions;

pub use accounts::AccountRecord;
pub use api::console::{EditedBy, Source};
pub use apply_run::Applied;
pub use audit::{Actor, AuditEntry, AuditFilter, AuditPlace};
pub use catalog::{Column, Kind as ColumnKind, Table};
pub use change_person::{ChangeError, PersonChange};
pub use clicks::{ClickRecord, Clicked};
pub use clients::ClientRecord;
pub use designs::{DesignState, Draft, TemplateEntry};
pub use error::Error;
pub use fields::{all_fields, is_built_in};
pub use fill::Fill;
pub use images::{ImageDetail, NewImage, PutImage, StoredImage};
pub use import::{Counts, ImportReport};
pub use load::{DesignRecord, FieldDefinition, ImageRecord, TemplateRecord, TenantRecord};
pub use load_people::Changed;
pub use members::{InvitationRecord, MemberRecord, Membership};
pub use packed::{Fields, PersonRecord};
pub use person_detail::{GroupData, LinkData, PersonData, ValueData};
pub use plan::{ImportError, check_token};
pub use present::PresentRecord;
pub use publish::{Due, RulesDiff};
pub use run_files::Received;
pub use runs::{Planned, RunKey, RunRecord, RunsOf, Upload};
pub use sealed::{CHECK, Kind as SealedKind, LINKS, Reseal, SealedValue, key_place as secret_key_place};
pub use sessions::SessionRecord;
pub use snapshot::{FullRow, Snapshot, Value};
pub use sources::{DueSource, SourceRecord};
pub use tenant_changes::TenantOverview;
pub use tenants::TenantSummary;
pub use tokens::{Earlier, TokenRecord};
pub use versions::Stamp;

use crate::config::Database;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator};
use sqlx::{Any, AnyConnection, AnyPool, AssertSqlSafe, ConnectOptions, Connection, SqlSafeStr, Transaction};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::LazyLock;
use std::time::Duration;

/// Every migration, embedded. Released ones never change: the database remembers their hashes.
static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let migration = |(version, name, sql): (i64, &'static str, &'static str)| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    let all = [
        (1, "tenants", include_str!("../../migrations/0001_tenants.sql")),
        (2, "console", include_str!("../../migrations/0002_console.sql")),
        (3, "imports", include_str!("../../migrations/0003_imports.sql")),
        (4, "clients", include_str!("../../migrations/0004_clients.sql")),
        (5, "design", include_str!("../../migrations/0005_design.sql")),
        (6, "clicks", include_str!("../../migrations/0006_clicks.sql")),
        (7, "directory", include_str!("../../migrations/0007_directory.sql")),
        (8, "values", include_str!("../../migrations/0008_values.sql")),
        (11, "keys", include_str!("../../migrations/0011_keys.sql")),
    ];
    Migrator::with_migrations(all.into_iter().map(migration).collect())
});
/// Where sqlx notes which migrations it ran.
const MIGRATIONS_TABLE: &str = "_sqlx_migrations";

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    readers: AnyPool,
    /// SQLite has one writer at a time, so here is one connection for it: waiting in our own queue is fair, waiting for
    /// its lock is not. PostgreSQL: the same pool as `readers`.
    writer: AnyPool,
    engine: Engine,
    timeout: Duration,
}

#[derive(Clone, Debug)]
enum Engine {
    /// With its file; `None` in memory.
    Sqlite(Option<PathBuf>),
    Postgres,
}

/// A write transaction: dropped without `commit`, it is undone.
type Write = Transaction<'static, Any>;

impl Store {
    /// Opens the database; a SQLite file that does not exist is created. No table is touched before [`Store::migrate`].
    pub async fn connect(database: &Database) -> Result<Self, Error> {
        sqlx::any::install_default_drivers();
        let timeout = Duration::from_millis(database.timeout_ms);
        if database.url.starts_with("sqlite:") {
            return Self::open_sqlite(database, timeout).await;
        }
        let milliseconds = database.timeout_ms;
        let pool = AnyPoolOptions::new()
            .max_connections(database.max_connections)
            .acquire_timeout(timeout)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    // Waiting for somebody else's lock is bounded, a long statement of our own is not.
                    let set = AssertSqlSafe(format!("set lock_timeout = {milliseconds}"));
                    sqlx::raw_sql(set).execute(connection).await.map(drop)
                })
            })
            .connect_with(options(&database.url)?)
            .await?;
        Ok(Self { readers: pool.clone(), writer: pool, engine: Engine::Postgres, timeout })
    }

    async fn open_sqlite(database: &Database, timeout: Duration) -> Result<Self, Error> {
        let file = sqlite_file(&database.url);
        let with_mode = |mode: &str| match (&file, database.url.contains("mode=")) {
            (None, _) | (_, true) => database.url.clone(),
            (Some(_), false) => {
                format!("{}{}mode={mode}", database.url, if database.url.contains('?') { '&' } else { '?' })
            }
        };
        // Only opening creates the file. Were it created by any connection, a file that vanished later would come back
        // empty and look like a company without signatures.
        options(&with_mode("rwc"))?.connect().await?.close().await?;
        let milliseconds = database.timeout_ms;
        let pool = |connections: u32| {
            AnyPoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(timeout)
                // A file does not hang up: asking before every use would double the cost of small reads.
                .test_before_acquire(false)
                .after_connect(move |connection, _| Box::pin(set_up_sqlite(connection, milliseconds)))
        };
        let options = options(&with_mode("rw"))?;
        let writer = pool(1).connect_with(options.clone()).await?;
        let readers =
            if file.is_some() { pool(database.max_connections).connect_with(options).await? } else { writer.clone() };
        Ok(Self { readers, writer, engine: Engine::Sqlite(file), timeout })
    }

    /// The SQLite file that [`Store::connect`] would create.
    pub fn missing_file(database: &Database) -> Option<PathBuf> {
        database.url.starts_with("sqlite:").then(|| sqlite_file(&database.url)).flatten().filter(|file| !file.exists())
    }

    /// Brings the schema up to date and says which migrations it ran, by name; none when it was.
    pub async fn migrate(&self) -> Result<Vec<String>, Error> {
        let pending = self.pending().await?;
        if !pending.is_empty() {
            MIGRATIONS.run(&self.writer).await?;
        }
        Ok(pending)
    }

    /// How many migrations [`Store::migrate`] would run.
    pub async fn pending_migrations(&self) -> Result<usize, Error> {
        Ok(self.pending().await?.len())
    }

    async fn pending(&self) -> Result<Vec<String>, Error> {
        self.present()?;
        let mut connection = self.readers.acquire().await?;
        // Without the table nothing was ever run. It is not made here: whoever only looks must not write.
        let done = match connection.list_applied_migrations(MIGRATIONS_TABLE).await {
            Err(error) if error::is_missing_table(&error) => Vec::new(),
            done => done?,
        };
        if let Some(newer) = done.iter().find(|applied| !MIGRATIONS.version_exists(applied.version)) {
            return Err(MigrateError::VersionMissing(newer.version).into());
        }
        Ok(MIGRATIONS
            .iter()
            .filter(|migration| done.iter().all(|applied| applied.version != migration.version))
            .map(|migration| format!("{:04} {}", migration.version, migration.description))
            .collect())
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), Error> {
        self.bounded(async { Ok(sqlx::query("select 1").execute(self.reader()?).await.map(drop)?) }).await
    }

    /// Closes every connection; what is called afterwards is [`Error::Unavailable`].
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    fn reader(&self) -> Result<&AnyPool, Error> {
        self.present()?;
        Ok(&self.readers)
    }

    /// For writes of one statement.
    fn writer(&self) -> Result<&AnyPool, Error> {
        self.present()?;
        Ok(&self.writer)
    }

    async fn begin(&self) -> Result<Write, Error> {
        self.present()?;
        Ok(match self.engine {
            // Taking SQLite's write lock at once waits for it; turning a read into a write later would just fail.
            Engine::Sqlite(_) => self.writer.begin_with("begin immediate").await?,
            Engine::Postgres => self.writer.begin().await?,
        })
    }

    /// An open SQLite file that somebody deletes goes on working, into nothing: better to say so.
    fn present(&self) -> Result<(), Error> {
        match &self.engine {
            Engine::Sqlite(Some(file)) if !file.exists() => Err(Error::Unavailable(format!(
                "the database file {} is gone: put it back, from a backup if need be, and start Paraph again",
                file.display()
            ))),
            _ => Ok(()),
        }
    }

    /// For small reads: a network that swallows everything must not hold a request for longer than a lock would.
    async fn bounded<T>(&self, read: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        // Twice: once for a connection, which has its own limit and the better message, once for the answer.
        match tokio::time::timeout(self.timeout * 2, read).await {
            Ok(result) => result,
            Err(_) => Err(Error::Unavailable("the database does not answer in time".into())),
        }
    }
}

fn options(url: &str) -> Result<AnyConnectOptions, Error> {
    // Statements are not news, and their parameters are people's data.
    Ok(AnyConnectOptions::from_str(url)?.disable_statement_logging())
}

/// The file that a SQLite URL names; `None` in memory.
fn sqlite_file(url: &str) -> Option<PathBuf> {
    let rest = url.trim_start_matches("sqlite://").trim_start_matches("sqlite:");
    let name = rest.split('?').next().unwrap_or_default();
    (!name.is_empty() && name != ":memory:" && !rest.contains("mode=memory")).then(|| PathBuf::from(name))
}

async fn set_up_sqlite(connection: &mut AnyConnection, timeout_ms: u64) -> sqlx::Result<()> {
    // The time-out first: the switch to write-ahead logging may already have to wait. `normal` loses nothing when the
    // process dies, and at most the last transactions, never the file, when the machine does.
    let set = format!(
        "pragma busy_timeout = {timeout_ms}; pragma journal_mode = wal; pragma synchronous = normal; pragma foreign_keys = on;"
    );
    sqlx::raw_sql(AssertSqlSafe(set)).execute(connection).await.map(drop)
}
