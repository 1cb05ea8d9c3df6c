//! Whether the database can be read and written right now. While it is away, one task asks it again every second and
//! every other call fails at once instead of waiting for it.

mod probe;

use super::file::Replacement;
use crate::store::{Error, Store};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often [`Store::examine`] is to be called while all is well.
pub const EXAMINE_EVERY: Duration = Duration::from_secs(5);
/// How often the database is asked while something is wrong with it.
const RETRY_EVERY: Duration = Duration::from_secs(1);
/// How long a write that runs by itself may take.
const IN_TIME: Duration = Duration::from_secs(30);

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
            (_, "55P03") => Self::Locked,
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
pub(in crate::store) struct Watch {
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
    /// What was found in the place of the database file when it was last looked at.
    replacement: Option<Replacement>,
}

impl Watch {
    /// That there is a point in asking the database.
    pub(in crate::store) fn check(&self) -> Result<(), Error> {
        if !self.away.load(Ordering::Relaxed) {
            return Ok(());
        }
        match self.state().health.read {
            Some(trouble) => Err(Error::Unavailable(format!("{trouble}; it is asked again every second"))),
            None => Ok(()),
        }
    }

    /// Something failed: what worked a moment ago proves nothing any more.
    pub(in crate::store) fn doubt(&self) {
        self.state().wrote = None;
    }

    /// Keeps what was found in the place of the database file; what that was before.
    pub(in crate::store) fn replaced(&self, found: Replacement) -> Option<Replacement> {
        self.state().replacement.replace(found)
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

    /// That the database takes writes, proven by one that is committed: seconds ago, or now.
    ///
    /// # Errors
    /// With the reason that writes fail for.
    pub async fn can_write(&self) -> Result<(), Trouble> {
        let health = self.examine().await;
        health.read.or(health.write).map_or(Ok(()), Err)
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
