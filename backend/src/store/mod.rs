//! All SQL. One text per statement for SQLite and PostgreSQL: `$1` placeholders, ids as text, times as milliseconds UTC,
//! documents as JSON text, truth values as integers. Every row has its tenant, and every query names it.

mod accounts;
mod audit;
mod clients;
mod database;
mod delegations;
mod design;
mod directory;
mod error;
mod import;
mod keyed;
mod leases;
mod nodes;
mod people;
mod rows;
mod sealed;
mod tenants;
mod weather;

pub use accounts::account::AccountRecord;
pub use accounts::attempts::{Limit, Reservation, Reserved};
pub use accounts::credentials::{Identity, Securing};
pub use accounts::limits::Limits;
pub use accounts::makers::Maker;
pub use accounts::members::{Accepting, InvitationRecord, MemberRecord, Membership, Standing, VOID_INVITATION};
pub use accounts::role::Role;
pub use accounts::scope::Scope;
pub use accounts::sessions::SessionRecord;
pub use accounts::tokens::{KnownToken, TokenRecord};
pub use audit::{Actor, AuditEntry, AuditFilter, AuditPlace, By, Deed};
pub use clients::ClientRecord;
pub use database::catalog::{Column, Kind as ColumnKind, Table};
pub use database::file::ServerLock;
pub use database::fill::Fill;
pub use database::health::{EXAMINE_EVERY, Health, Trouble};
pub use database::snapshot::{FullRow, Snapshot, Value};
pub use delegations::{DelegationKey, DelegationRecord};
pub use design::brands::BrandState;
pub use design::clicks::{ClickRecord, Clicked};
pub use design::designs::{DesignState, PublishPlan, TemplateEntry, Unpublished};
pub use design::images::{ImageDetail, NewImage, PutImage, StoredImage};
pub use design::publish::{Picked, Publishing};
pub use design::rules_diff::RulesDiff;
pub use design::versions::Stamp;
pub use directory::apply_run::Applied;
pub use directory::losses::{Held, LOST_FROM, Losses, REMEMBERED_MS};
pub use directory::outcome::{Drift, PlannedPerson, PlannedValue, RowIssue, RunPlan};
pub use directory::present::{Link, PresentRecord};
pub use directory::run_files::Received;
pub use directory::run_state::{Cause, RunState};
pub use directory::runs::{FileColumn, Move, Mover, Paging, Planned, RunKey, RunRecord, RunsOf, Upload};
pub use directory::source_settings::{Mapped, SentColumn, SourceSettings, SourceState};
pub use directory::sources::SourceRecord;
pub use directory::step::{Loss, Step};
pub use error::Error;
pub use import::document::{
    Company, CompanyField, CompanyGroup, CompanyImage, CompanyPerson, CompanyTemplate, CompanyTenant, Files, People,
};
pub use import::packed::Packed;
pub use import::wanted::{ImportError, check_token};
pub use import::{Counts, ImportReport};
pub use keyed::{Earlier, KeptAnswer, KeyedWrite, Mark, aside, carry_out};
pub use leases::{Due, Job, Lease, LeaseKey, Settled, Wanted};
pub use nodes::NodeBeat;
pub use people::change_person::{ByHand, ChangeError, NewPerson, PersonChange, PersonKey};
pub use people::fields::{all_fields, is_built_in};
pub use people::packed::{Fields, PersonRecord};
pub use people::person_detail::{GroupData, LinkData, PersonData, ValueData};
pub use people::source::{EditedBy, Source};
pub use sealed::{CHECK, Kind as SealedKind, LINKS, Reseal, SealedValue, key_place as secret_key_place};
pub use tenants::changes::Changed;
pub use tenants::load::{DesignRecord, FieldDefinition, ImageRecord, TemplateRecord, TenantRecord};
pub use tenants::record::TenantSummary;
pub use tenants::tenant_changes::{NewTenant, TenantChange, TenantOverview};
pub use weather::{BUCKETS, ByVersion, CallCounts, EventCounts, REST, WeatherCounts, WeatherKey};

use crate::config::Database;
use database::file::DatabaseFile;
use database::migrations::{MIGRATIONS, MIGRATIONS_TABLE};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{Any, AnyConnection, AnyPool, AssertSqlSafe, ConnectOptions, Connection, Transaction};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// How long a database server may take to accept a connection before it counts as unavailable.
const PROBE: Duration = Duration::from_secs(5);
/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    readers: AnyPool,
    /// For SQLite, one connection, because it allows one writer at a time: waiting in our own queue is fair, waiting for its
    /// lock is not. For PostgreSQL, the same pool as `readers`.
    writer: AnyPool,
    engine: Engine,
    timeout: Duration,
    watch: Arc<database::health::Watch>,
}

#[derive(Clone, Debug)]
enum Engine {
    /// With its file; `None` in memory.
    Sqlite(Option<Arc<DatabaseFile>>),
    Postgres,
}

/// A write transaction; it is rolled back if it is dropped without `commit`.
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
                    // The wait for another connection's lock is limited, a long statement of our own is not.
                    let set = AssertSqlSafe(format!("set lock_timeout = {milliseconds}"));
                    sqlx::raw_sql(set).execute(connection).await.map(drop)
                })
            })
            .connect_with(options(&database.url)?)
            .await?;
        Ok(Self { readers: pool.clone(), writer: pool, engine: Engine::Postgres, timeout, watch: Arc::default() })
    }

    /// A temporary reason why the database cannot be opened: its server does not answer, or the disk of its file is full.
    /// `None` if there is none.
    ///
    /// # Errors
    /// When waiting does not help: the database refuses the sign-in, or the address is wrong.
    pub async fn not_yet(database: &Database) -> Result<Option<String>, Error> {
        if database.url.starts_with("sqlite:") {
            let file = sqlite_file(&database.url).map(DatabaseFile::new);
            return Ok(file.and_then(|file| file.ensure_room().err()).map(|error| error.to_string()));
        }
        sqlx::any::install_default_drivers();
        let options = options(&database.url)?;
        match tokio::time::timeout(PROBE, options.connect()).await {
            Ok(Ok(connection)) => {
                drop(connection.close().await);
                Ok(None)
            }
            Ok(Err(error)) if error::passes(&error) => Ok(Some(Error::from(error).to_string())),
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Ok(Some("the database does not answer in time".into())),
        }
    }

    async fn open_sqlite(database: &Database, timeout: Duration) -> Result<Self, Error> {
        let file = sqlite_file(&database.url).map(|path| Arc::new(DatabaseFile::new(path)));
        let mut url = database.url.clone();
        if let Some(file) = file.as_ref().filter(|_| !url.contains("mode=")) {
            // Only opening creates the file. Were it created by any connection, a file that vanished later would come back
            // empty and look like a company without signatures.
            file.create()?;
            url = format!("{url}{}mode=rw", if url.contains('?') { '&' } else { '?' });
        }
        if let Some(file) = &file {
            file.ensure_room()?;
        }
        let options = options(&url)?;
        let milliseconds = database.timeout_ms;
        // A pool retries and finally reports only a timeout, so this finds the actual error.
        let mut first = options.connect().await?;
        set_up_sqlite(&mut first, milliseconds).await?;
        if let Some(file) = &file {
            file.opened();
        }
        let watch: Arc<database::health::Watch> = Arc::default();
        let pool = |connections: u32| {
            let watch = Arc::clone(&watch);
            AnyPoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(timeout)
                // A file does not hang up: asking before every use would double the cost of small reads.
                .test_before_acquire(false)
                // The last connection that closes takes the log's index with it, and a full disk cannot hold a new one.
                .idle_timeout(None)
                .max_lifetime(None)
                .after_connect(move |connection, _| Box::pin(set_up_sqlite(connection, milliseconds)))
                .after_release(move |connection, _| Box::pin(is_clean(connection, Arc::clone(&watch))))
        };
        let writer = pool(1).connect_with(options.clone()).await?;
        let readers =
            if file.is_some() { pool(database.max_connections).connect_with(options).await? } else { writer.clone() };
        first.close().await?;
        Ok(Self { readers, writer, engine: Engine::Sqlite(file), timeout, watch })
    }

    /// The SQLite file that [`Store::connect`] would create.
    pub fn missing_file(database: &Database) -> Option<PathBuf> {
        database.url.starts_with("sqlite:").then(|| sqlite_file(&database.url)).flatten().filter(|file| !file.exists())
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), Error> {
        self.bounded(async { Ok(sqlx::query("select 1").execute(self.reader()?).await.map(drop)?) }).await
    }

    /// Numbers of open and of idle connections: for reading, then for writing.
    pub fn connections(&self) -> [(usize, usize); 2] {
        [&self.readers, &self.writer].map(|pool| (pool.size() as usize, pool.num_idle()))
    }

    /// Closes all connections; later calls return [`Error::Unavailable`]. A SQLite file is then complete, so a copy of it
    /// alone is a complete database.
    pub async fn close(&self) {
        if let Err(error) = self.checkpoint().await {
            tracing::warn!(%error, "the write-ahead log stays beside the database file: a copy needs both");
        }
        // Waits for connections in use, but not forever.
        let closed = async { tokio::join!(self.readers.close(), self.writer.close()) };
        if tokio::time::timeout(self.timeout * 2, closed).await.is_err() {
            tracing::warn!("the database was still in use when it was closed");
        }
    }

    fn reader(&self) -> Result<&AnyPool, Error> {
        self.present()?;
        self.watch.check()?;
        Ok(&self.readers)
    }

    /// For writes of one statement.
    fn writer(&self) -> Result<&AnyPool, Error> {
        self.present()?;
        self.watch.check()?;
        Ok(&self.writer)
    }

    async fn begin(&self) -> Result<Write, Error> {
        self.present()?;
        self.watch.check()?;
        let begun = match self.engine {
            // Taking SQLite's write lock at once waits for it; turning a read into a write later would just fail.
            Engine::Sqlite(_) => self.writer.begin_with("begin immediate").await,
            Engine::Postgres => self.writer.begin().await,
        };
        if begun.is_err() {
            self.watch.doubt();
            self.suspect();
        }
        let mut write = begun?;
        keyed::mark(&mut write).await?;
        Ok(write)
    }

    fn present(&self) -> Result<(), Error> {
        match &self.engine {
            Engine::Sqlite(Some(file)) => file.present(),
            _ => Ok(()),
        }
    }

    /// Limits the time of a small read: a network that drops packets must not delay a request longer than a lock would.
    async fn bounded<T>(&self, read: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        // Twice: once for a connection, which has its own limit and the better message, once for the answer.
        let result = match tokio::time::timeout(self.timeout * 2, read).await {
            Ok(result) => result,
            Err(_) => Err(Error::Unavailable("the database does not answer in time".into())),
        };
        result.inspect_err(|error| {
            if matches!(error, Error::Unavailable(_)) {
                self.suspect();
            }
        })
    }
}

fn options(url: &str) -> Result<AnyConnectOptions, Error> {
    // Statements are not worth logging, and their parameters are people's data.
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
    // The read at the end opens the log's index. It stays for as long as one connection has it: a full disk has no room for
    // a new one.
    let set = format!(
        "pragma busy_timeout = {timeout_ms}; pragma journal_mode = wal; pragma synchronous = normal; pragma foreign_keys = on;
         select count(*) from sqlite_master;"
    );
    sqlx::raw_sql(AssertSqlSafe(set)).execute(connection).await.map(drop)
}

/// Whether a returned connection can be reused. SQLite itself rolls back some failed transactions, such as on a full disk,
/// but the driver still counts them, so later writes would be savepoints without a transaction. This check waits for the
/// rollback of a dropped transaction.
async fn is_clean(connection: &mut AnyConnection, watch: Arc<database::health::Watch>) -> sqlx::Result<bool> {
    connection.ping().await?;
    let is_clean = !connection.is_in_transaction();
    if !is_clean {
        watch.doubt();
    }
    Ok(is_clean)
}
