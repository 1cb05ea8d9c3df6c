//! Writes with an idempotency key: the key's mark is committed in the same transaction as the write.

use super::{Error, Store, Write};
use sqlx::Row;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

tokio::task_local! {
    /// The request of this task. Tasks that it spawns are not part of it.
    static CURRENT: Arc<KeyedWrite>;
}

/// A request's idempotency key, as it is stored.
pub struct Mark {
    /// Hash of sender and key.
    pub key: String,
    /// Role of the sender in the tenant, see [`crate::store::Role::as_str`]; empty outside a tenant.
    pub role: String,
    /// Random id of this request among those with the same key.
    pub attempt: String,
    /// Current time, in milliseconds UTC.
    pub now_ms: i64,
    /// When the key expires, in milliseconds UTC.
    pub expires_ms: i64,
    /// Computes the hash of method, path and body. Called when the write begins, because only then has the body been read.
    pub request: Box<dyn Fn() -> String + Send + Sync>,
}

/// A request that is carried out only once. Without a mark, its writes are ordinary ones.
#[derive(Default)]
pub struct KeyedWrite {
    mark: OnceLock<Mark>,
    attempted: AtomicBool,
    repeated: AtomicBool,
}

/// An earlier write with the same key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// Hash of its method, path and body.
    pub request: String,
    /// Role of the sender at that time, see [`Mark::role`].
    pub role: String,
    /// When the write began, in milliseconds UTC.
    pub at_ms: i64,
    /// Stored answer; `None` if it is not known (yet).
    pub answer: Option<KeptAnswer>,
    /// Message for a retry instead of the answer; empty if there is none.
    pub note: String,
}

/// A stored answer.
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
    /// Adds the mark to all later transactions of the request. Only the first call has an effect.
    pub fn arm(&self, mark: Mark) {
        let _ = self.mark.set(mark);
    }

    /// The mark.
    pub fn mark(&self) -> Option<&Mark> {
        self.mark.get()
    }

    /// Whether a transaction with the mark was started. It may have been rolled back.
    pub fn attempted(&self) -> bool {
        self.attempted.load(Ordering::Relaxed)
    }

    /// Whether another request with the same key has committed, so that this one wrote nothing.
    pub fn repeated(&self) -> bool {
        self.repeated.load(Ordering::Relaxed)
    }
}

/// Runs `work`, whose writes are part of `keyed`.
pub async fn carry_out<T>(keyed: Arc<KeyedWrite>, work: impl Future<Output = T>) -> T {
    CURRENT.scope(keyed, work).await
}

/// Runs `work`, whose writes do not count as carrying out the request: preparations that can be repeated without harm, and
/// counts.
pub async fn aside<T>(work: impl Future<Output = T>) -> T {
    CURRENT.scope(Arc::default(), work).await
}

/// Adds the mark of the current request, if there is one, to a new transaction. Of two transactions with the same key, one
/// waits here until the other has ended. [`Error::Conflict`] when that one committed.
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
        return Err(Error::Conflict("a request with this idempotency key was already carried out".into()));
    }
    Ok(())
}

impl Store {
    /// The earlier write with a key.
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

    /// Stores the answer to a write, or a note instead. Nothing is stored if the write was rolled back.
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
