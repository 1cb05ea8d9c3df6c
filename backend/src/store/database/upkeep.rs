//! Maintenance of an open SQLite file: checkpoints, and following a file that was replaced.

use super::file;
use crate::config::Database;
use crate::store::{Engine, Error, ServerLock, Store, sqlite_file};

impl Store {
    /// The time of the last irreversible action, in milliseconds UTC; `None` if there was none.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn clock_seen(&self) -> Result<Option<i64>, Error> {
        Ok(sqlx::query_scalar("select seen_ms from clock").fetch_optional(self.reader()?).await?)
    }

    /// Stores the current time for [`Store::clock_seen`].
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn see_clock(&self, now_ms: i64) -> Result<(), Error> {
        let sql =
            "insert into clock (id, seen_ms) values (1, $1) on conflict (id) do update set seen_ms = excluded.seen_ms";
        sqlx::query(sql).bind(now_ms).execute(self.writer()?).await?;
        Ok(())
    }

    /// Moves the write-ahead log into the SQLite file as far as other connections allow, so that a copy of that file alone is
    /// a recent database. It neither waits for other connections nor blocks them.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub async fn checkpoint(&self) -> Result<(), Error> {
        if let Engine::Sqlite(Some(_)) = &self.engine {
            sqlx::raw_sql("pragma wal_checkpoint(passive)").execute(self.reader()?).await?;
        }
        Ok(())
    }

    /// Opens a SQLite file that replaced the opened one, once it is unchanged between two calls: until then, it may still be
    /// copied. Returns whether it was opened.
    ///
    /// The old connections are closed first, so that they write nothing into the new file. Commits in a write-ahead log that
    /// stayed in its place become part of a file that was put back.
    ///
    /// # Errors
    /// When the old connections are still in use.
    pub async fn follow_file(&self) -> Result<bool, Error> {
        let Engine::Sqlite(Some(file)) = &self.engine else { return Ok(false) };
        let Some(found) = file.replacement() else { return Ok(false) };
        let before = self.watch.replaced(found.clone());
        if before.as_ref() != Some(&found) {
            return Ok(false);
        }
        for pool in [&self.writer, &self.readers] {
            while let Some(connection) = pool.try_acquire() {
                let _ = connection.close().await;
            }
        }
        if self.writer.size() + self.readers.size() > 0 {
            return Err(Error::Unavailable("the replaced database file is still in use".into()));
        }
        file.accept(&found);
        self.watch.doubt();
        Ok(true)
    }

    /// Takes the lock for the one server that a SQLite file can have; other programs can still use the file. It is released
    /// when the lock is dropped or the process ends. With PostgreSQL, any number of servers can run.
    ///
    /// # Errors
    /// When another server has it.
    pub fn lock_for_server(database: &Database) -> Result<ServerLock, Error> {
        let file = database.url.starts_with("sqlite:").then(|| sqlite_file(&database.url)).flatten();
        file.map_or(Ok(file::ServerLock::none()), |file| file::ServerLock::take(&file))
    }
}
