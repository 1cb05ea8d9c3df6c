//! Console sessions.

use crate::store::{Error, Store};
use sqlx::Row;
use sqlx::any::AnyRow;

/// A session with its account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    /// Id shown in lists, which is not the secret in the cookie.
    pub id: String,
    /// The account's id.
    pub account: String,
    /// The account's address.
    pub email: String,
    /// The account's name.
    pub name: String,
    /// When the session started, in milliseconds UTC.
    pub created_ms: i64,
    /// When the session was last used, to the minute.
    pub seen_ms: i64,
    /// Network address that the session was started from.
    pub address: String,
    /// Browser and system.
    pub agent: String,
}

const SELECT: &str = "select s.id, s.account, a.email, a.name, s.created_ms, s.seen_ms, s.address, s.agent
    from sessions s join accounts a on a.id = s.account";

fn session(row: &AnyRow) -> Result<SessionRecord, Error> {
    Ok(SessionRecord {
        id: row.try_get(0)?,
        account: row.try_get(1)?,
        email: row.try_get(2)?,
        name: row.try_get(3)?,
        created_ms: row.try_get(4)?,
        seen_ms: row.try_get(5)?,
        address: row.try_get(6)?,
        agent: row.try_get(7)?,
    })
}

impl Store {
    /// The session whose secret has this hash, ended or not.
    pub async fn find_session(&self, hash: &str) -> Result<Option<SessionRecord>, Error> {
        let sql = format!("{SELECT} where s.hash = $1");
        self.bounded(async {
            let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(hash).fetch_optional(self.reader()?).await?;
            row.as_ref().map(session).transpose()
        })
        .await
    }

    /// The account's sessions that started after `after_ms`, newest first.
    pub async fn list_sessions(&self, account: &str, after_ms: i64) -> Result<Vec<SessionRecord>, Error> {
        let sql =
            format!("{SELECT} where s.account = $1 and s.created_ms > $2 order by s.created_ms desc, s.id limit 200");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(account).bind(after_ms).fetch_all(self.reader()?).await?;
        rows.iter().map(session).collect()
    }

    /// Starts a session and deletes the account's sessions that started before `after_ms`.
    pub async fn insert_session(&self, hash: &str, new: &SessionRecord, after_ms: i64) -> Result<(), Error> {
        let mut write = self.begin().await?;
        let clear = sqlx::query("delete from sessions where created_ms <= $1").bind(after_ms);
        clear.execute(&mut *write).await?;
        sqlx::query(
            "insert into sessions (hash, id, account, created_ms, seen_ms, address, agent)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(hash)
        .bind(&new.id)
        .bind(&new.account)
        .bind(new.created_ms)
        .bind(new.seen_ms)
        .bind(&new.address)
        .bind(&new.agent)
        .execute(&mut *write)
        .await?;
        Ok(write.commit().await?)
    }

    /// Records that a session was used.
    pub async fn touch_session(&self, hash: &str, now_ms: i64) -> Result<(), Error> {
        let update = sqlx::query("update sessions set seen_ms = $2 where hash = $1").bind(hash).bind(now_ms);
        update.execute(&self.writer).await?;
        Ok(())
    }

    /// Ends one of the account's sessions; returns whether it existed.
    pub async fn delete_session(&self, account: &str, id: &str) -> Result<bool, Error> {
        let delete = sqlx::query("delete from sessions where account = $1 and id = $2").bind(account).bind(id);
        Ok(delete.execute(&self.writer).await?.rows_affected() > 0)
    }

    /// Ends all of the account's sessions but one.
    pub async fn delete_other_sessions(&self, account: &str, keep: &str) -> Result<(), Error> {
        let delete = sqlx::query("delete from sessions where account = $1 and id <> $2").bind(account).bind(keep);
        delete.execute(&self.writer).await?;
        Ok(())
    }
}
