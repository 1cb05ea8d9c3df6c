//! Errors of the database, by what the caller can do about them.

use sqlx::error::ErrorKind;
use sqlx::migrate::MigrateError;

/// An error of the database, by what the caller can do about it. The texts are for the log and the command line; they contain
/// no data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The database is locked, full, gone, too slow or not migrated: the same call may work later (HTTP 503).
    #[error("{0}")]
    Unavailable(String),
    /// The write conflicts with stored data, such as an address that belongs to another person.
    #[error("{0}")]
    Conflict(String),
    /// Another node has taken over this task; nothing was written.
    #[error("another server has taken over this task")]
    LeaseLost,
    /// The object of the write does not exist in this tenant.
    #[error("{0}")]
    NotFound(String),
    /// The database cannot store a value from the caller, such as a NUL in a text (HTTP 422).
    #[error("{0}")]
    Value(String),
    /// The database contains a value that this version cannot read, or rejects a statement.
    #[error("{0}")]
    Corrupt(String),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) => from_database(database.as_ref()),
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => Self::Unavailable(format!(
                "the database cannot be reached: {error}. Check database.url and that the database is running"
            )),
            sqlx::Error::Configuration(_) | sqlx::Error::InvalidArgument(_) => {
                Self::Unavailable(format!("database.url cannot be used: {error}"))
            }
            sqlx::Error::PoolTimedOut => Self::Unavailable(
                "no connection to the database in time: check that it is running. If the log names no other reason, \
                 all connections are in use: raise database.max_connections"
                    .into(),
            ),
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed | sqlx::Error::BeginFailed => {
                Self::Unavailable(format!("the database is closed: {error}"))
            }
            sqlx::Error::RowNotFound => Self::NotFound("the database has no such row".into()),
            _ => Self::Corrupt(format!("the database contains a value that this version cannot read: {error}")),
        }
        .counted()
    }
}

impl Error {
    fn counted(self) -> Self {
        if matches!(self, Self::Unavailable(_) | Self::Corrupt(_)) {
            metrics::counter!("paraph_database_errors_total").increment(1);
        }
        self
    }
}

/// Whether a failure to connect may be temporary: nothing listens yet, or the server is starting, stopping or full.
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
pub(super) fn passes(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => true,
        sqlx::Error::Database(error) => {
            error.code().is_some_and(|code| ["08", "53", "57"].iter().any(|class| code.starts_with(class)))
        }
        _ => false,
    }
}

fn from_database(error: &dyn sqlx::error::DatabaseError) -> Error {
    match error.kind() {
        ErrorKind::UniqueViolation => {
            return Error::Conflict("this already exists".into());
        }
        ErrorKind::ForeignKeyViolation => {
            return Error::NotFound("this refers to something that does not exist".into());
        }
        ErrorKind::NotNullViolation | ErrorKind::CheckViolation | ErrorKind::ExclusionViolation => {
            return Error::Corrupt(format!("the database rejected a value: {}", error.message()));
        }
        _ => {}
    }
    let message = error.message();
    let code = error.code().unwrap_or_default();
    match code.parse::<i32>() {
        Ok(SHM_SIZE) => Error::Unavailable(FULL.into()),
        // SQLite's extended codes keep the primary one in the lowest byte. PostgreSQL's have five characters.
        Ok(number) if code.len() != 5 => from_sqlite(number & 0xff, message),
        _ => from_postgres(&code, message),
    }
}

/// `SQLITE_IOERR_SHMSIZE`: the disk has no room for the index of the write-ahead log.
const SHM_SIZE: i32 = 4874;

/// <https://www.sqlite.org/rescode.html>
fn from_sqlite(code: i32, message: &str) -> Error {
    Error::Unavailable(match code {
        5 | 6 => "the database is locked by another program: stop it, or try again later".into(),
        8 => "the database file cannot be written: give the server's user write access to it and its folder".into(),
        13 => FULL.into(),
        10 => format!("the database file cannot be read or written: {message}. Check the disk"),
        14 => format!("the database file cannot be opened: {message}. Check that its folder exists and is writable"),
        11 | 26 => return Error::Corrupt(format!("the database file is damaged: {message}. Restore it from a backup")),
        1 if message.contains("no such table") || message.contains("no such column") => not_migrated(),
        _ => return Error::Corrupt(format!("the database rejected a statement: {message}")),
    })
}

/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
fn from_postgres(code: &str, message: &str) -> Error {
    let class = code.get(..2).unwrap_or_default();
    Error::Unavailable(match (class, code) {
        (_, "42P01" | "42703") => not_migrated(),
        // Its message contains the value.
        ("22", _) => return Error::Value("the database cannot store this value".into()),
        ("28", _) => format!("the database refuses the sign-in: {message}. Check user and password in database.url"),
        ("3D", _) => format!("{message}: create it with createdb, or correct database.url"),
        ("53", _) => format!("the database is out of resources: {message}"),
        ("08" | "57" | "58", _) => format!("the database is shutting down or unreachable: {message}"),
        // Locks, deadlocks and serialization failures: all of them are temporary.
        ("40" | "55", _) => format!("the database is locked: {message}"),
        ("25", _) => format!("the database is read only: {message}. Connect to its primary server"),
        _ => return Error::Corrupt(format!("the database rejected a statement: {message}")),
    })
}

/// Message for a full disk.
pub(super) const FULL: &str = "the disk with the database is full: free some space";

fn not_migrated() -> String {
    "the database is not up to date: run `paraph migrate`".into()
}

/// Whether a statement failed because its table does not exist (yet).
pub(super) fn is_missing_table(error: &MigrateError) -> bool {
    let (MigrateError::Execute(sqlx::Error::Database(error))
    | MigrateError::ExecuteMigration(sqlx::Error::Database(error), _)) = error
    else {
        return false;
    };
    error.code().is_some_and(|code| code == "42P01") || error.message().contains("no such table")
}

impl From<MigrateError> for Error {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            MigrateError::VersionMissing(version) => Self::Unavailable(format!(
                "the database was created by a newer Paraph (migration {version} is unknown to this one): run that \
                 version or a newer one"
            )),
            MigrateError::VersionMismatch(version) => Self::Unavailable(format!(
                "migration {version} in the database differs from this version's: run the Paraph version that created \
                 the database"
            )),
            MigrateError::Dirty(version) => Self::Unavailable(format!(
                "migration {version} stopped half-way: restore the database from a backup and run `paraph migrate` again"
            )),
            other => Self::Corrupt(format!("the database cannot be migrated: {other}")),
        }
    }
}
