//! Writes that a client may send twice: the mark of an idempotency key commits in the transaction that it stands for.

use super::{Error, Store, Write};
use sqlx::Row;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

tokio::task_local! {
    /// The request that this task carries out. Tasks that it spawns are no part of it.
    static CURRENT: Arc<KeyedWrite>;
}

/// A request's idempotency key as the database knows it.
pub struct Mark {
    /// Sender and key, hashed.
    pub key: String,
    /// What the sender is in the tenant, as [`crate::store::Role::as_str`] writes it; empty outside a tenant.
    pub role: String,
    /// Random, unlike for any other request with the same key.
    pub attempt: String,
    /// Now, in milliseconds UTC.
    pub now_ms: i64,
    /// Until when the key is remembered, in milliseconds UTC.
    pub expires_ms: i64,
    /// Hash of method, path and body. Asked when the write begins: only then has the body been read.
    pub request: Box<dyn Fn() -> String + Send + Sync>,
}

/// A request that is carried out once. Until it has a mark its writes are like any others.
#[derive(Default)]
pub struct KeyedWrite {
    mark: OnceLock<Mark>,
    attempted: AtomicBool,
    repeated: AtomicBool,
}

/// A write that was carried out with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// Hash of its method, path and body.
    pub request: String,
    /// What its sender was then, see [`Mark::role`].
    pub role: String,
    /// When it began, in milliseconds UTC.
    pub at_ms: i64,
    /// Its answer; `None` where it is not known (yet).
    pub answer: Option<KeptAnswer>,
    /// What a retry is told in the place of the answer; empty: nothing.
    pub note: String,
}

/// An answer that is given again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// HTTP status.
    pub status: u16,
    /// JSON object of header names and values.
    pub headers: String,
    /// The sealed body.
    pub body: String,
}

impl KeyedWrite {
    /// Every transaction of the request carries the mark from now on. The first mark stays.
    pub fn arm(&self, mark: Mark) {
        let _ = self.mark.set(mark);
    }

    /// The mark.
    pub fn mark(&self) -> Option<&Mark> {
        self.mark.get()
    }

    /// Whether a transaction with the mark began. It may have been rolled back.
    pub fn attempted(&self) -> bool {
        self.attempted.load(Ordering::Relaxed)
    }

    /// Whether another request with the same key has committed, so that this one wrote nothing.
    pub fn repeated(&self) -> bool {
        self.repeated.load(Ordering::Relaxed)
    }
}

/// Runs `work`; what it writes is part of `keyed`.
pub async fn carry_out<T>(keyed: Arc<KeyedWrite>, work: impl Future<Output = T>) -> T {
    CURRENT.scope(keyed, work).await
}

/// Runs `work`, whose writes do not mean that the request was carried out: preparations that are harmless when they are
/// done twice, and counts.
pub async fn aside<T>(work: impl Future<Output = T>) -> T {
    CURRENT.scope(Arc::default(), work).await
}

/// Puts the mark of the running request, if there is one, into a transaction that begins. Of two transactions with the
/// same key one waits here until the other has ended. [`Error::Conflict`] when that one committed.
pub(super) async fn mark(write: &mut Write) -> Result<(), Error> {
    let Ok(keyed) = CURRENT.try_with(Arc::clone) else { return Ok(()) };
    let Some(mark) = keyed.mark.get() else { return Ok(()) };
    keyed.attempted.store(true, Ordering::Relaxed);
    let written = sqlx::query(
        "insert into idempotency (key, request, role, attempt, at_ms, expires_ms) values ($1, $2, $3, $4, $5, $6)
         on conflict (key) do update set request = excluded.request, role = excluded.role, attempt = excluded.attempt,
             at_ms = excluded.at_ms, expires_ms = excluded.expires_ms, status = null, headers = '', body = '', note = ''
         where idempotency.attempt = excluded.attempt or idempotency.expires_ms <= excluded.at_ms",
    )
    .bind(&mark.key)
    .bind((mark.request)())
    .bind(&mark.role)
    .bind(&mark.attempt)
    .bind(mark.now_ms)
    .bind(mark.expires_ms)
    .execute(&mut **write)
    .await?
    .rows_affected();
    if written == 0 {
        keyed.repeated.store(true, Ordering::Relaxed);
        return Err(Error::Conflict("this was carried out before with the same idempotency key".into()));
    }
    Ok(())
}

impl Store {
    /// What was carried out with a key.
    pub async fn earlier(&self, key: &str, now_ms: i64) -> Result<Option<Earlier>, Error> {
        let select = sqlx::query(
            "select request, role, at_ms, status, headers, body, note from idempotency where key = $1 and expires_ms > $2",
        );
        let row = select.bind(key).bind(now_ms).fetch_optional(self.reader()?).await?;
        let Some(row) = row else { return Ok(None) };
        let status: Option<i64> = row.try_get(3)?;
        let (headers, body) = (row.try_get(4)?, row.try_get(5)?);
        let answer = status.map(|status| KeptAnswer { status: u16::try_from(status).unwrap_or(500), headers, body });
        Ok(Some(Earlier {
            request: row.try_get(0)?,
            role: row.try_get(1)?,
            at_ms: row.try_get(2)?,
            answer,
            note: row.try_get(6)?,
        }))
    }

    /// Keeps the answer to a write, or a note in its place. Nothing is kept when the write was rolled back.
    pub async fn keep_answer(&self, mark: &Mark, answer: Option<&KeptAnswer>, note: &str) -> Result<(), Error> {
        aside(async {
            let mut write = self.begin().await?;
            let clear = sqlx::query("delete from idempotency where expires_ms <= $1").bind(mark.now_ms);
            clear.execute(&mut *write).await?;
            sqlx::query(
                "update idempotency set status = $3, headers = $4, body = $5, note = $6 where key = $1 and attempt = $2",
            )
            .bind(&mark.key)
            .bind(&mark.attempt)
            .bind(answer.map(|answer| i64::from(answer.status)))
            .bind(answer.map_or("", |answer| &answer.headers))
            .bind(answer.map_or("", |answer| &answer.body))
            .bind(note)
            .execute(&mut *write)
            .await?;
            Ok(write.commit().await?)
        })
        .await
    }
}
