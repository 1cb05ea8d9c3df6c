//! Whether the database can be read and written right now. While it is away, one task asks it again every second and
//! every other call fails at once instead of waiting for it.

use super::{Engine, Error, Store};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often [`Store::examine`] is to be called while all is well.
pub const EXAMINE_EVERY: Duration = Duration::from_secs(5);
/// How often the database is asked while something is wrong with it.
const RETRY_EVERY: Duration = Duration::from_secs(1);
/// How long each step of a probe may take; no longer than `database.timeout_ms` either.
const STEP: Duration = Duration::from_secs(1);
/// How long a write that runs by itself may take.
const IN_TIME: Duration = Duration::from_secs(30);
/// A SQLite file is written to by a probe no more often than this while all is well.
const WRITE_EVERY: Duration = Duration::from_secs(15);

/// What the database could do when it was last asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Why it cannot be read; `None`: it can.
    pub read: Option<Trouble>,
    /// Why it cannot be written; `None`: it can.
    pub write: Option<Trouble>,
    /// How many tenants it has; of the last time that it could be read.
    pub tenants: i64,
}

/// What is wrong with the database. The texts hold no name, address or path: `/ready` shows them to everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// It refuses connections, or the network to it is down.
    #[error("the database cannot be reached")]
    Unreachable,
    /// It takes requests and never answers.
    #[error("the database does not answer in time")]
    Silent,
    /// It has no connection left for us.
    #[error("the database is out of connections")]
    OutOfConnections,
    /// It knows no such user or database.
    #[error("the database does not let us in")]
    Refused,
    /// The SQLite file is gone.
    #[error("the database file is gone")]
    Gone,
    /// Its schema is another version's.
    #[error("the database's schema is not this version's")]
    Schema,
    /// It takes no writes: a replica, or set so.
    #[error("the database is read only")]
    ReadOnly,
    /// Its disk is full.
    #[error("the disk with the database is full")]
    Full,
    /// Another program holds SQLite's write lock.
    #[error("the database is locked by another program")]
    Locked,
    /// Anything else, such as a damaged file.
    #[error("the database reports an error, which the log shows")]
    Broken,
}

impl Health {
    /// Why it cannot be written although it can be read.
    fn only_write(self) -> Option<Trouble> {
        self.write.filter(|_| self.read.is_none())
    }
}

impl Trouble {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Unreachable,
        Self::Silent,
        Self::OutOfConnections,
        Self::Refused,
        Self::Gone,
        Self::Schema,
        Self::ReadOnly,
        Self::Full,
        Self::Locked,
        Self::Broken,
    ];

    /// One word, for metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Silent => "silent",
            Self::OutOfConnections => "out_of_connections",
            Self::Refused => "refused",
            Self::Gone => "gone",
            Self::Schema => "schema",
            Self::ReadOnly => "read_only",
            Self::Full => "full",
            Self::Locked => "locked",
            Self::Broken => "broken",
        }
    }

    /// Whether no call can succeed, so that none needs to try. With another schema some still do.
    fn is_away(self) -> bool {
        !matches!(self, Self::Schema | Self::Broken)
    }

    fn of(error: &sqlx::Error) -> Self {
        let sqlx::Error::Database(database) = error else {
            return match error {
                sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => Self::Unreachable,
                sqlx::Error::PoolTimedOut => Self::Silent,
                _ => Self::Broken,
            };
        };
        let code = database.code().unwrap_or_default();
        if code.len() == 5 {
            return Self::of_postgres(&code);
        }
        // SQLite's extended codes keep the primary one in the lowest byte.
        match code.parse::<i32>().map(|code| code & 0xff) {
            Ok(5 | 6) => Self::Locked,
            Ok(8) => Self::ReadOnly,
            Ok(13) => Self::Full,
            Ok(14) => Self::Gone,
            Ok(1) if database.message().contains("no such table") => Self::Schema,
            _ => Self::Broken,
        }
    }

    /// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
    fn of_postgres(code: &str) -> Self {
        match (code.get(..2).unwrap_or_default(), code) {
            (_, "53300") => Self::OutOfConnections,
            (_, "53100") => Self::Full,
            (_, "42P01" | "42703") => Self::Schema,
            ("25", _) => Self::ReadOnly,
            ("28" | "3D", _) => Self::Refused,
            ("08" | "57" | "58", _) => Self::Unreachable,
            _ => Self::Broken,
        }
    }
}

/// What is known of the database's health, shared by every clone of a store.
#[derive(Debug, Default)]
pub(super) struct Watch {
    state: Mutex<State>,
    /// `state.health.read` is a reason not to try: looked at by every call.
    away: AtomicBool,
    /// A task is asking again and again.
    retrying: AtomicBool,
    /// Held by whoever probes.
    probing: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    health: Health,
    /// Since when it cannot be read, or written.
    read_since: Option<Instant>,
    write_since: Option<Instant>,
    wrote: Option<Instant>,
}

impl Watch {
    /// That there is a point in asking the database.
    pub(super) fn check(&self) -> Result<(), Error> {
        if !self.away.load(Ordering::Relaxed) {
            return Ok(());
        }
        match self.state().health.read {
            Some(trouble) => Err(Error::Unavailable(format!("{trouble}; it is asked again every second"))),
            None => Ok(()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what a probe found, and logs what began or ended with it.
    fn found(&self, health: Health, has_written: bool) {
        let mut state = self.state();
        let now = Instant::now();
        let before = std::mem::replace(&mut state.health, health);
        if has_written {
            state.wrote = Some(now);
        }
        self.away.store(health.read.is_some_and(Trouble::is_away), Ordering::Relaxed);
        let read = turned(&mut state.read_since, before.read, health.read, now);
        let write = turned(&mut state.write_since, before.only_write(), health.only_write(), now);
        drop(state);
        match read {
            Turn::Began(reason) => tracing::warn!(%reason, "the database cannot be read"),
            Turn::Ended(seconds) => tracing::info!(seconds, "the database can be read again"),
            Turn::Same => {}
        }
        match write {
            Turn::Began(reason) => tracing::warn!(%reason, "the database cannot be written"),
            Turn::Ended(seconds) if health.read.is_none() => {
                tracing::info!(seconds, "the database can be written again");
            }
            Turn::Ended(_) | Turn::Same => {}
        }
        record(health);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Began(Trouble),
    /// After so many seconds.
    Ended(u64),
    Same,
}

fn turned(since: &mut Option<Instant>, before: Option<Trouble>, now: Option<Trouble>, at: Instant) -> Turn {
    match (before, now) {
        (Some(_), None) => Turn::Ended(since.take().map_or(0, |since| (at - since).as_secs())),
        (None, Some(reason)) => {
            *since = Some(at);
            Turn::Began(reason)
        }
        _ => Turn::Same,
    }
}

fn record(health: Health) {
    let set = |name: &'static str, trouble: Option<Trouble>| {
        metrics::gauge!(name).set(if trouble.is_none() { 1.0 } else { 0.0 });
    };
    set("paraph_database_readable", health.read);
    set("paraph_database_writable", health.write);
    for reason in [health.read, health.write].into_iter().flatten() {
        metrics::counter!("paraph_database_probe_failures_total", "reason" => reason.as_str()).increment(1);
    }
}

impl Store {
    /// What the database could do when it was last asked.
    pub fn health(&self) -> Health {
        self.watch.state().health
    }

    /// Asks the database what it can do, in at most a few seconds. Whoever asks while somebody else does gets the last
    /// known answer. Something wrong is asked for again every second from then on.
    pub async fn examine(&self) -> Health {
        let health = self.examine_once().await;
        if health.read.is_some() || health.write.is_some() {
            self.suspect();
        }
        health
    }

    /// Waits for a write that runs by itself, for half a minute: in a database that stopped answering it would wait for ever,
    /// and what it holds would be lost with it.
    ///
    /// # Errors
    /// As the write, and when its time is over; then nothing of it is kept, or, in the worst case, all of it.
    pub async fn in_time<T>(&self, write: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        match tokio::time::timeout(IN_TIME, write).await {
            Ok(result) => result,
            Err(_) => Err(Error::Unavailable("the database stopped answering during a write".into())),
        }
    }

    /// After a call that failed: has the database asked until it is well.
    pub(super) fn suspect(&self) {
        if self.watch.retrying.swap(true, Ordering::AcqRel) {
            return;
        }
        let store = self.clone();
        tokio::spawn(async move {
            loop {
                let health = store.examine_once().await;
                if (health.read.is_none() && health.write.is_none()) || store.readers.is_closed() {
                    break;
                }
                tokio::time::sleep(RETRY_EVERY).await;
            }
            store.watch.retrying.store(false, Ordering::Release);
        });
    }

    async fn examine_once(&self) -> Health {
        let Ok(_probing) = self.watch.probing.try_lock() else { return self.health() };
        let before = self.health();
        let started = Instant::now();
        let (read, tenants) = match self.probe_read().await {
            Ok(tenants) => (None, tenants.unwrap_or(before.tenants)),
            Err(trouble) => (Some(trouble), before.tenants),
        };
        metrics::histogram!("paraph_database_probe_seconds").record(started.elapsed().as_secs_f64());
        let (write, has_written) = match read {
            Some(trouble) => (Some(trouble), false),
            None => self.probe_write(before.write).await,
        };
        let health = Health { read, write, tenants };
        self.watch.found(health, has_written);
        health
    }

    /// How many tenants there are; `None`: all connections are busy, which is no fault of the database's.
    async fn probe_read(&self) -> Result<Option<i64>, Trouble> {
        if self.present().is_err() {
            return Err(Trouble::Gone);
        }
        let count = sqlx::query_scalar::<_, i64>("select count(*) from tenants").fetch_one(&self.readers);
        match self.step(count).await {
            Ok(tenants) => match tokio::time::timeout(self.timeout.min(STEP), self.pending()).await {
                Ok(Ok(pending)) if pending.is_empty() => Ok(Some(tenants)),
                Ok(_) => Err(Trouble::Schema),
                // It has just answered: this time every connection is busy.
                Err(_) => Ok(Some(tenants)),
            },
            Err(Trouble::Silent) if matches!(self.engine, Engine::Sqlite(_)) => Ok(None),
            // The pool tries to connect until its time is over and keeps the reason to itself.
            Err(Trouble::Silent) => {
                let options = self.readers.connect_options();
                let connection = self.step(options.connect()).await?;
                // To hang up politely may take as long as everything else.
                self.step(connection.close()).await.map(|()| None)
            }
            Err(trouble) => Err(trouble),
        }
    }

    /// Why the database cannot be written, and whether something was written to find that out.
    async fn probe_write(&self, before: Option<Trouble>) -> (Option<Trouble>, bool) {
        if matches!(self.engine, Engine::Postgres) {
            let shown = sqlx::query_scalar::<_, String>("show transaction_read_only").fetch_one(&self.readers);
            return match self.step(shown).await {
                Ok(shown) => ((shown == "on").then_some(Trouble::ReadOnly), false),
                // Every connection is busy, with writing as it may be.
                Err(Trouble::Silent) => (before, false),
                Err(trouble) => (Some(trouble), false),
            };
        }
        let recent = self.watch.state().wrote.is_some_and(|wrote| wrote.elapsed() < WRITE_EVERY);
        if recent && before.is_none() {
            return (before, false);
        }
        // The one write that changes nothing: a number in the file's header, which nobody else uses.
        let written = async {
            let version: i64 = sqlx::query_scalar("pragma user_version").fetch_one(&self.writer).await?;
            let set = AssertSqlSafe(format!("pragma user_version = {version}"));
            sqlx::raw_sql(set).execute(&self.writer).await.map(drop)
        };
        match self.step(written).await {
            Ok(()) => (None, true),
            // A long write of our own is under way.
            Err(Trouble::Silent) => (before, false),
            Err(trouble) => (Some(trouble), false),
        }
    }

    async fn step<T>(&self, call: impl Future<Output = sqlx::Result<T>>) -> Result<T, Trouble> {
        match tokio::time::timeout(self.timeout.min(STEP), call).await {
            Ok(result) => result.map_err(|error| {
                let trouble = Trouble::of(&error);
                tracing::debug!(%error, "a probe of the database failed");
                trouble
            }),
            Err(_) => Err(Trouble::Silent),
        }
    }
}
