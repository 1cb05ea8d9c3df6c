//! Probes of the database.

use super::{Health, Trouble};
use crate::store::{Engine, Store};
use sqlx::{ConnectOptions as _, Connection as _};
use std::time::{Duration, Instant};

/// Time limit of each step of a probe, in addition to `database.timeout_ms`.
const STEP: Duration = Duration::from_secs(1);
/// How long a successful write counts as proof that writing works, unless something fails.
const WRITE_EVERY: Duration = Duration::from_secs(15);

impl Store {
    pub(super) async fn examine_once(&self) -> Health {
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

    /// Number of tenants; `None` if all connections are busy, which is not a problem of the database.
    async fn probe_read(&self) -> Result<Option<i64>, Trouble> {
        if self.present().is_err() {
            return Err(Trouble::Gone);
        }
        let count = sqlx::query_scalar::<_, i64>("select count(*) from tenants").fetch_one(&self.readers);
        match self.step(count).await {
            Ok(tenants) => match tokio::time::timeout(self.timeout.min(STEP), self.pending()).await {
                Ok(Ok(pending)) if pending.is_empty() => Ok(Some(tenants)),
                Ok(_) => Err(Trouble::Schema),
                // It has answered recently, so all connections are busy.
                Err(_) => Ok(Some(tenants)),
            },
            Err(Trouble::Silent) if matches!(self.engine, Engine::Sqlite(_)) => Ok(None),
            // The pool retries until its time limit and does not report the reason.
            Err(Trouble::Silent) => {
                let options = self.readers.connect_options();
                let connection = self.step(options.connect()).await?;
                // Closing the connection may take as long as everything else.
                self.step(connection.close()).await.map(|()| None)
            }
            Err(trouble) => Err(trouble),
        }
    }

    /// Why the database cannot be written, and whether the probe wrote something to find out.
    async fn probe_write(&self, before: Option<Trouble>) -> (Option<Trouble>, bool) {
        let recent = self.watch.state().wrote.is_some_and(|wrote| wrote.elapsed() < WRITE_EVERY);
        if self.is_writing() {
            return (before, false);
        }
        if recent && before.is_none() {
            return (self.is_read_only().await, false);
        }
        let written = async {
            let mut write = match self.engine {
                Engine::Sqlite(_) => self.writer.begin_with("begin immediate").await?,
                Engine::Postgres => self.writer.begin().await?,
            };
            sqlx::query("update write_probe set writes = writes + 1").execute(&mut *write).await?;
            write.commit().await
        };
        // Waiting for another program's lock, and the answer.
        match tokio::time::timeout(self.timeout * 2, written).await {
            Ok(Ok(())) => (None, true),
            // Every connection is busy, with writing as it may be.
            Ok(Err(sqlx::Error::PoolTimedOut)) => (before, false),
            Ok(Err(error)) => (Some(found(&error)), false),
            Err(_) => (Some(Trouble::Silent), false),
        }
    }

    /// What PostgreSQL reports without a write; nothing for SQLite.
    async fn is_read_only(&self) -> Option<Trouble> {
        if matches!(self.engine, Engine::Sqlite(_)) {
            return None;
        }
        let shown = sqlx::query_scalar::<_, String>("show transaction_read_only").fetch_one(&self.readers);
        match self.step(shown).await {
            Ok(shown) => (shown == "on").then_some(Trouble::ReadOnly),
            // Every connection is busy.
            Err(Trouble::Silent) => None,
            Err(trouble) => Some(trouble),
        }
    }

    /// Whether SQLite's only writer is in use: a long import does not mean that the database cannot be written.
    fn is_writing(&self) -> bool {
        matches!(self.engine, Engine::Sqlite(_)) && self.writer.size() > 0 && self.writer.num_idle() == 0
    }

    async fn step<T>(&self, call: impl Future<Output = sqlx::Result<T>>) -> Result<T, Trouble> {
        match tokio::time::timeout(self.timeout.min(STEP), call).await {
            Ok(result) => result.map_err(|error| found(&error)),
            Err(_) => Err(Trouble::Silent),
        }
    }
}

fn found(error: &sqlx::Error) -> Trouble {
    tracing::debug!(%error, "a probe of the database failed");
    Trouble::of(error)
}
