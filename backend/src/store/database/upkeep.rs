//! What keeps a SQLite file usable while it is open: checkpoints, and a file that was replaced.

use super::file;
use crate::config::Database;
use crate::store::{Engine, Error, ServerLock, Store, sqlite_file};

impl Store {
    /// What the clock showed, in milliseconds UTC, when something was last done that cannot be taken back; `None`: never.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn clock_seen(&self) -> Result<Option<i64>, Error> {
        Ok(sqlx::query_scalar("select seen_ms from clock").fetch_optional(self.reader()?).await?)
    }

    /// Keeps what the clock shows for [`Store::clock_seen`].
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn see_clock(&self, now_ms: i64) -> Result<(), Error> {
        let sql =
            "insert into clock (id, seen_ms) values (1, $1) on conflict (id) do update set seen_ms = excluded.seen_ms";
        sqlx::query(sql).bind(now_ms).execute(self.writer()?).await?;
        Ok(())
    }

    /// Moves what the write-ahead log holds into the SQLite file as far as nobody is in the way, so that a copy of that file
    /// alone is a recent database. Does not wait for anybody, and nobody waits for it.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub async fn checkpoint(&self) -> Result<(), Error> {
        if let Engine::Sqlite(Some(_)) = &self.engine {
            sqlx::raw_sql("pragma wal_checkpoint(passive)").execute(self.reader()?).await?;
        }
        Ok(())
    }

    /// Opens a SQLite file that was put in the place of the opened one, as soon as it has stayed the same between two calls:
    /// until then somebody may be copying it. Returns whether it did.
    ///
    /// The old connections are closed first. They write nothing more into a file that is no longer theirs, and what is
    /// committed in a write-ahead log that stayed in its place becomes part of the file that came back.
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

    /// Takes the place of the one server that a SQLite file may have; other programs may still work with the file. It is kept
    /// until the lock is dropped or the process ends. Any number of servers may work with PostgreSQL.
    ///
    /// # Errors
    /// When another server has it.
    pub fn lock_for_server(database: &Database) -> Result<ServerLock, Error> {
        let file = database.url.starts_with("sqlite:").then(|| sqlite_file(&database.url)).flatten();
        file.map_or(Ok(file::ServerLock::none()), |file| file::ServerLock::take(&file))
    }
}
