//! Reading from databases: connect, report the query's columns, then return rows as text. Nothing is ever written: the
//! statement is checked first, the session is read-only, and rows, bytes and time are limited.

mod access;
mod cell;
mod mysql;
mod odbc;
mod postgres;
mod server;
mod sqlite;
mod sqlserver;
mod tls;
mod trouble;

pub use cell::{Cell, Row};
pub use trouble::{Cannot, Trouble, Wrong};

use crate::config::{Config, Database, Kind};
use crate::sealed::{Sealer, Secret};
use crate::statement::{self, Language};
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// A query and its database.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The connection.
    pub database: Database,
    /// Password, if there is one.
    pub password: Option<Secret>,
    /// One SELECT.
    pub sql: String,
    /// Time limit in minutes.
    pub minutes: u32,
    /// Folder for temporary copies while the query runs (Access).
    pub scratch: PathBuf,
}

impl Settings {
    /// Creates them from the program's settings.
    ///
    /// # Errors
    /// When a setting is missing or the password cannot be decrypted.
    pub fn new(config: &Config, sealer: &Sealer, scratch: PathBuf) -> Result<Self, Trouble> {
        config.check_source().map_err(Trouble::Settings)?;
        let password = sealer.open(&config.database.password, "database.password");
        Ok(Self {
            database: config.database.clone(),
            password: password.map_err(|error| Trouble::Settings(error.to_string()))?,
            sql: config.query.sql.clone(),
            minutes: config.query.minutes,
            scratch,
        })
    }

    fn time(&self) -> Duration {
        Duration::from_secs(u64::from(self.minutes) * 60)
    }

    fn port(&self) -> u16 {
        if self.database.port == 0 { self.database.kind.usual_port() } else { self.database.port }
    }

    fn password(&self) -> &str {
        self.password.as_ref().map_or("", Secret::expose)
    }
}

/// A running query. Dropping it stops the query.
pub struct Reading {
    /// Names of the result's columns, in order.
    pub columns: Vec<String>,
    /// Warnings about permissions of the login beyond reading, as far as the database reports them.
    pub warnings: Vec<String>,
    picks: oneshot::Sender<Vec<usize>>,
    batches: mpsc::Receiver<Result<Vec<Row>, Trouble>>,
    driver: Driver,
}

/// The rows of a query.
pub struct Rows {
    batches: mpsc::Receiver<Result<Vec<Row>, Trouble>>,
    _driver: Driver,
}

/// The task that reads from the database; it is aborted on drop.
struct Driver(JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Reading {
    /// The rows, with the columns at these indexes.
    pub fn rows(self, picks: Vec<usize>) -> Rows {
        // If the task has ended already, an error comes instead of rows.
        let _ = self.picks.send(picks);
        Rows { batches: self.batches, _driver: self.driver }
    }
}

impl Rows {
    /// The next rows; `None` after the last.
    ///
    /// # Errors
    /// Why reading stopped; the rows so far are incomplete.
    pub async fn next(&mut self) -> Result<Option<Vec<Row>>, Trouble> {
        self.batches.recv().await.transpose()
    }
}

/// Connects and starts the query.
///
/// # Errors
/// When the query is refused, the connection fails, or the database rejects the query.
pub async fn open(settings: &Settings) -> Result<Reading, Trouble> {
    statement::check(language(settings.database.kind), &settings.sql)?;
    let (columns, mut known) = mpsc::channel(1);
    let (picks, picked) = oneshot::channel();
    let (batches, received) = mpsc::channel(2);
    let mut outlet = Outlet { columns, picked: Some(picked), picks: Vec::new(), batches, batch: Vec::new(), bytes: 0 };
    let settings = settings.clone();
    let driver = Driver(tokio::spawn(async move {
        let read = tokio::time::timeout(settings.time(), read(&settings, &mut outlet)).await;
        outlet.end(read.unwrap_or(Err(Trouble::Slow(settings.minutes)))).await;
    }));
    let mut batches = received;
    match known.recv().await {
        Some(Known { columns, warnings }) => Ok(Reading { columns, warnings, picks, batches, driver }),
        // It ended before the columns were known.
        None => Err(match batches.recv().await {
            Some(Err(trouble)) => trouble,
            _ => Trouble::Lost("the database sent no answer".into()),
        }),
    }
}

/// Connects, runs the query and returns the first rows.
///
/// # Errors
/// See [`open`].
pub async fn look(settings: &Settings, rows: usize) -> Result<Look, Trouble> {
    let reading = open(settings).await?;
    let (columns, warnings) = (reading.columns.clone(), reading.warnings.clone());
    let mut all = reading.rows((0..columns.len()).collect());
    let mut sample = all.next().await?.unwrap_or_default();
    sample.truncate(rows);
    Ok(Look { columns, warnings, sample })
}

/// Columns and first rows of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Names of the columns, in order.
    pub columns: Vec<String>,
    /// See [`Reading::warnings`].
    pub warnings: Vec<String>,
    /// First rows.
    pub sample: Vec<Row>,
}

/// Data that is available before the first row.
struct Known {
    columns: Vec<String>,
    warnings: Vec<String>,
}

/// Receives what a driver reads.
struct Outlet {
    columns: mpsc::Sender<Known>,
    picked: Option<oneshot::Receiver<Vec<usize>>>,
    picks: Vec<usize>,
    batches: mpsc::Sender<Result<Vec<Row>, Trouble>>,
    batch: Vec<Row>,
    bytes: usize,
}

/// Whether a driver should continue.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Yes,
    No,
}

impl Outlet {
    /// Reports the columns and waits for the choice of columns to read.
    async fn columns(&mut self, columns: Vec<String>, warnings: Vec<String>) -> Wanted {
        // The second call has nothing to report.
        let Some(picked) = self.picked.take() else { return Wanted::Yes };
        if self.columns.send(Known { columns, warnings }).await.is_err() {
            return Wanted::No;
        }
        match picked.await {
            Ok(picks) => {
                self.picks = picks;
                Wanted::Yes
            }
            Err(_) => Wanted::No,
        }
    }

    /// Adds a row; `cell` returns the value of a column.
    async fn row(&mut self, mut cell: impl FnMut(usize) -> Cell) -> Wanted {
        /// Size of a batch: large enough to make passing it on cheap, small enough to keep memory low.
        const BATCH_ROWS: usize = 256;
        const BATCH_BYTES: usize = 256 * 1024;
        let row: Row = self.picks.iter().map(|column| cell(*column)).collect();
        self.bytes += row.iter().flatten().map(String::len).sum::<usize>();
        self.batch.push(row);
        if self.batch.len() < BATCH_ROWS && self.bytes < BATCH_BYTES {
            return Wanted::Yes;
        }
        self.flush().await
    }

    async fn flush(&mut self) -> Wanted {
        self.bytes = 0;
        let batch = std::mem::take(&mut self.batch);
        if batch.is_empty() || self.batches.send(Ok(batch)).await.is_ok() { Wanted::Yes } else { Wanted::No }
    }

    async fn end(mut self, read: Result<(), Trouble>) {
        self.flush().await;
        if let Err(trouble) = read {
            // The receiver may have been dropped.
            let _ = self.batches.send(Err(trouble)).await;
        }
    }
}

async fn read(settings: &Settings, outlet: &mut Outlet) -> Result<(), Trouble> {
    match settings.database.kind {
        Kind::Postgres => postgres::read(settings, outlet).await,
        Kind::MySql => mysql::read(settings, outlet).await,
        Kind::Sqlite => sqlite::read(settings, outlet).await,
        Kind::SqlServer => Box::pin(sqlserver::read(settings, outlet)).await,
        Kind::Access => access::read(settings, outlet).await,
        Kind::Odbc => odbc::read(settings, outlet).await,
    }
}

/// The SQL dialect of a kind of database.
fn language(kind: Kind) -> Language {
    match kind {
        Kind::SqlServer | Kind::Access => Language::SqlServer,
        Kind::Postgres => Language::Postgres,
        Kind::MySql => Language::MySql,
        Kind::Sqlite => Language::Sqlite,
        Kind::Odbc => Language::Any,
    }
}
