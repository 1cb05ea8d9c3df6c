//! What keeps the database usable while it is open: whether it can be written, checkpoints, and a file that was replaced.

use super::file::Replacement;
use super::{Engine, Error, ServerLock, Store, file, sqlite_file};
use crate::config::Database;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a write that worked proves that writing works.
const WORKED: Duration = Duration::from_secs(5);
/// How long a write that failed is not tried again: asking often must not burden a database that is in trouble.
const FAILED: Duration = Duration::from_secs(1);

/// What is known of writing.
#[derive(Debug, Default)]
pub(super) struct Writing {
    /// When it was last tried, and how that ended.
    last: Mutex<Option<(Instant, Result<(), Error>)>>,
    /// Something failed since.
    suspect: AtomicBool,
    /// Somebody is trying just now.
    probing: tokio::sync::Mutex<()>,
    /// What was found in the place of the database file when it was last looked at.
    seen: Mutex<Option<Replacement>>,
}

impl Writing {
    /// A write failed: the next who asks gets a fresh answer.
    pub(super) fn suspect(&self) {
        self.suspect.store(true, Ordering::Relaxed);
    }

    fn known(&self) -> Option<Result<(), Error>> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, result) = last.as_ref()?;
        let lasts = match result {
            Ok(()) if self.suspect.load(Ordering::Relaxed) => return None,
            Ok(()) => WORKED,
            Err(_) => FAILED,
        };
        (at.elapsed() < lasts).then(|| result.clone())
    }

    /// The last answer, however old; before the first: that it works.
    fn last(&self) -> Result<(), Error> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().map_or(Ok(()), |(_, result)| result.clone())
    }
}

impl Store {
    /// That the database takes writes, proven by one that is committed: seconds ago, or now. Cheap enough for a readiness
    /// check that anybody may call as often as they like.
    ///
    /// # Errors
    /// With the reason that writes fail for.
    pub async fn can_write(&self) -> Result<(), Error> {
        self.present()?;
        if let Some(known) = self.writing.known() {
            return known;
        }
        let Ok(_probing) = self.writing.probing.try_lock() else { return self.writing.last() };
        if self.is_writing() {
            return self.writing.last();
        }
        self.writing.suspect.store(false, Ordering::Relaxed);
        let result = self.probe().await;
        *self.writing.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), result.clone()));
        result
    }

    /// Whether SQLite's only writer is in use: a long import is no reason to say that nothing can be written.
    fn is_writing(&self) -> bool {
        matches!(self.engine, Engine::Sqlite(_)) && self.writer.size() > 0 && self.writer.num_idle() == 0
    }

    async fn probe(&self) -> Result<(), Error> {
        self.bounded(async {
            let mut write = self.begin().await?;
            sqlx::query("update write_probe set writes = writes + 1").execute(&mut *write).await?;
            Ok(write.commit().await?)
        })
        .await
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
        let before = self.writing.seen.lock().unwrap_or_else(PoisonError::into_inner).replace(found.clone());
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
        self.writing.suspect();
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
