//! Whether the database can be read and written right now. While it is unavailable, one task probes it every second and all
//! other calls fail immediately instead of waiting for it.

mod probe;

use super::file::Replacement;
use crate::store::{Error, Store};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often [`Store::examine`] should be called while the database works.
pub const EXAMINE_EVERY: Duration = Duration::from_secs(5);
/// How often the database is probed while it has a problem.
const RETRY_EVERY: Duration = Duration::from_secs(1);
/// Time limit of a write in the background.
const IN_TIME: Duration = Duration::from_secs(30);

/// Result of the last probe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Why the database cannot be read; `None` if it can.
    pub read: Option<Trouble>,
    /// Why the database cannot be written; `None` if it can.
    pub write: Option<Trouble>,
    /// Number of tenants when the database could last be read.
    pub tenants: i64,
}

/// A problem with the database. The texts contain no names, addresses or paths, because `/ready` shows them to everyone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The database refuses connections, or the network is down.
    #[error("the database cannot be reached")]
    Unreachable,
    /// The database accepts requests but does not answer.
    #[error("the database does not answer in time")]
    Silent,
    /// All connections of the database are in use.
    #[error("the database is out of connections")]
    OutOfConnections,
    /// The database refuses the user or does not exist.
    #[error("the database refuses the sign-in")]
    Refused,
    /// The SQLite file is missing.
    #[error("the database file is missing")]
    Gone,
    /// The schema does not match this version.
    #[error("the database's schema does not match this version")]
    Schema,
    /// The database is read-only: a replica, or configured so.
    #[error("the database is read only")]
    ReadOnly,
    /// The disk is full.
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
    /// The problem if it prevents only writes.
    fn only_write(self) -> Option<Trouble> {
        self.write.filter(|_| self.read.is_none())
    }
}

impl Trouble {
    /// All problems.
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

    /// Name for metrics.
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

    /// Whether no call can succeed, so that none needs to try. With another schema, some still succeed.
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
            (_, "55P03") => Self::Locked,
            (_, "42P01" | "42703") => Self::Schema,
            ("25", _) => Self::ReadOnly,
            ("28" | "3D", _) => Self::Refused,
            ("08" | "57" | "58", _) => Self::Unreachable,
            _ => Self::Broken,
        }
    }
}

/// The database's health, shared by all clones of a store.
#[derive(Debug, Default)]
pub(in crate::store) struct Watch {
    state: Mutex<State>,
    /// Whether `state.health.read` is a reason to fail immediately; checked by every call.
    away: AtomicBool,
    /// Whether a task is probing repeatedly.
    retrying: AtomicBool,
    /// Lock for one probe at a time.
    probing: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    health: Health,
    /// Since when the database cannot be read, or written.
    read_since: Option<Instant>,
    write_since: Option<Instant>,
    wrote: Option<Instant>,
    /// The replacement of the database file that was found by the last check.
    replacement: Option<Replacement>,
}

impl Watch {
    /// Fails if the database is known to be unavailable.
    pub(in crate::store) fn check(&self) -> Result<(), Error> {
        if !self.away.load(Ordering::Relaxed) {
            return Ok(());
        }
        match self.state().health.read {
            Some(trouble) => Err(Error::Unavailable(format!("{trouble}; Paraph retries every second"))),
            None => Ok(()),
        }
    }

    /// Invalidates earlier successful writes after a failure.
    pub(in crate::store) fn doubt(&self) {
        self.state().wrote = None;
    }

    /// Stores the replacement of the database file and returns the previous one.
    pub(in crate::store) fn replaced(&self, found: Replacement) -> Option<Replacement> {
        self.state().replacement.replace(found)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores the result of a probe and logs problems that started or ended.
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
    /// The problem ended after this many seconds.
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
    /// Result of the last probe.
    pub fn health(&self) -> Health {
        self.watch.state().health
    }

    /// Probes the database, which takes at most a few seconds. A call during another probe gets the last known result. If
    /// there is a problem, the database is then probed every second.
    pub async fn examine(&self) -> Health {
        let health = self.examine_once().await;
        if health.read.is_some() || health.write.is_some() {
            self.suspect();
        }
        health
    }

    /// Checks that the database accepts writes, by a write that was committed a few seconds ago or now.
    ///
    /// # Errors
    /// The reason why writes fail.
    pub async fn can_write(&self) -> Result<(), Trouble> {
        let health = self.examine().await;
        health.read.or(health.write).map_or(Ok(()), Err)
    }

    /// Waits for a write in the background for at most 30 seconds: without the limit, it would wait forever for a database
    /// that stopped answering, and its data would be lost.
    ///
    /// # Errors
    /// The error of the write, or that its time is over; then nothing was written or, in the worst case, all of it.
    pub async fn in_time<T>(&self, write: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        match tokio::time::timeout(IN_TIME, write).await {
            Ok(result) => result,
            Err(_) => Err(Error::Unavailable("the database stopped answering during a write".into())),
        }
    }

    /// Called after a failed call: probes the database until it works again.
    pub(in crate::store) fn suspect(&self) {
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
}
