//! API tokens, and answers to writes that clients may send twice.

use super::audit::{self, Actor};
use super::{Error, Store, tenants};
use crate::clock::SKEW_MS;
use ::api::console::Scope;
use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;

/// A token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRecord {
    /// The tenant's id.
    pub tenant: String,
    /// The tenant's Entra id.
    pub entra_id: String,
    /// Its own id.
    pub id: String,
    /// The secret's first characters.
    pub start: String,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// The account that made it.
    pub account: String,
    /// What that account was called then.
    pub created_by: String,
    /// When it was made, in milliseconds UTC.
    pub created_ms: i64,
    /// When it runs out, in milliseconds UTC.
    pub expires_ms: i64,
    /// When it was last used, to the minute.
    pub used_ms: Option<i64>,
}

/// What is known of a write that came before with the same key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// Nothing: it is noted now and may go on.
    New,
    /// It was another request.
    Other,
    /// It is still under way.
    Running,
    /// Its answer: status, `ETag`, body.
    Done(u16, String, String),
}

const SELECT: &str = "select k.tenant, t.entra_id, k.id, k.start, k.name, k.scopes, k.account, k.created_by,
    k.created_ms, k.expires_ms, k.used_ms from api_tokens k join tenants t on t.id = k.tenant";

fn token(row: &AnyRow) -> Result<TokenRecord, Error> {
    let scopes: String = row.try_get(5)?;
    Ok(TokenRecord {
        tenant: row.try_get(0)?,
        entra_id: row.try_get(1)?,
        id: row.try_get(2)?,
        start: row.try_get(3)?,
        name: row.try_get(4)?,
        // A scope of a newer version is no scope here.
        scopes: serde_json::from_str::<Vec<String>>(&scopes)
            .map_err(|error| Error::Corrupt(format!("a token's scopes cannot be read: {error}")))?
            .iter()
            .filter_map(|scope| Scope::parse(scope))
            .collect(),
        account: row.try_get(6)?,
        created_by: row.try_get(7)?,
        created_ms: row.try_get(8)?,
        expires_ms: row.try_get(9)?,
        used_ms: row.try_get(10)?,
    })
}

impl Store {
    /// The token whose secret has this hash, run out or not.
    pub async fn find_token(&self, hash: &str) -> Result<Option<TokenRecord>, Error> {
        let sql = format!("{SELECT} where k.hash = $1");
        self.bounded(async {
            let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(hash).fetch_optional(self.reader()?).await?;
            row.as_ref().map(token).transpose()
        })
        .await
    }

    /// The tenant's tokens, the newest first.
    pub async fn list_tokens(&self, tenant: &str) -> Result<Vec<TokenRecord>, Error> {
        let sql = format!("{SELECT} where k.tenant = $1 order by k.created_ms desc, k.id");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(tenant).fetch_all(self.reader()?).await?;
        rows.iter().map(token).collect()
    }

    /// Notes that a token was used, and that it does not run out before then.
    pub async fn touch_token(&self, tenant: &str, id: &str, now_ms: i64, until_ms: i64) -> Result<(), Error> {
        let update = sqlx::query(
            "update api_tokens set used_ms = $3, expires_ms = case when expires_ms < $4 then $4 else expires_ms end
             where tenant = $1 and id = $2",
        );
        update.bind(tenant).bind(id).bind(now_ms).bind(until_ms).execute(&self.writer).await?;
        Ok(())
    }

    /// Writes a new token.
    pub async fn insert_token(&self, new: &TokenRecord, hash: &str, actor: Actor) -> Result<(), Error> {
        let mut write = self.begin().await?;
        let version = tenants::next_version(&mut write, &new.tenant).await?;
        let scopes: Vec<_> = new.scopes.iter().map(|scope| scope.as_str()).collect();
        sqlx::query(
            "insert into api_tokens
                 (tenant, id, hash, start, name, scopes, account, created_by, created_ms, expires_ms, used_ms)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, null)",
        )
        .bind(&new.tenant)
        .bind(&new.id)
        .bind(hash)
        .bind(&new.start)
        .bind(&new.name)
        .bind(json!(scopes).to_string())
        .bind(&new.account)
        .bind(&new.created_by)
        .bind(new.created_ms)
        .bind(new.expires_ms)
        .execute(&mut *write)
        .await?;
        let detail = json!({ "scopes": { "from": null, "to": scopes.join(", ") } });
        audit::note(&mut write, (&new.tenant, version), (actor, new.created_ms), ("create_token", &new.name), detail)
            .await?;
        Ok(write.commit().await?)
    }

    /// Takes a token back.
    pub async fn delete_token(&self, tenant: &str, id: &str, actor: Actor, now_ms: i64) -> Result<(), Error> {
        let mut write = self.begin().await?;
        let version = tenants::next_version(&mut write, tenant).await?;
        let name: String = sqlx::query_scalar("delete from api_tokens where tenant = $1 and id = $2 returning name")
            .bind(tenant)
            .bind(id)
            .fetch_optional(&mut *write)
            .await?
            .ok_or_else(|| Error::NotFound("there is no such token".into()))?;
        audit::note(&mut write, (tenant, version), (actor, now_ms), ("revoke_token", &name), json!({})).await?;
        Ok(write.commit().await?)
    }

    /// Notes a write with this key, unless there was one.
    pub async fn begin_once(&self, key: &str, request: &str, now_ms: i64, expires_ms: i64) -> Result<Earlier, Error> {
        let mut write = self.begin().await?;
        // What is under way for longer than it can be was begun while the clock was ahead.
        let clear = sqlx::query("delete from idempotency where expires_ms <= $1 or status is null and expires_ms > $2")
            .bind(now_ms)
            .bind(expires_ms + SKEW_MS);
        clear.execute(&mut *write).await?;
        let inserted = sqlx::query(
            "insert into idempotency (key, request, status, body, etag, expires_ms) values ($1, $2, null, '', '', $3)
             on conflict (key) do nothing",
        )
        .bind(key)
        .bind(request)
        .bind(expires_ms)
        .execute(&mut *write)
        .await?
        .rows_affected();
        let row = sqlx::query("select request, status, etag, body from idempotency where key = $1")
            .bind(key)
            .fetch_one(&mut *write)
            .await?;
        let (known, status): (String, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
        write.commit().await?;
        if inserted > 0 {
            return Ok(Earlier::New);
        }
        if known != request {
            return Ok(Earlier::Other);
        }
        let Some(status) = status else { return Ok(Earlier::Running) };
        Ok(Earlier::Done(u16::try_from(status).unwrap_or(500), row.try_get(2)?, row.try_get(3)?))
    }

    /// Keeps the answer to a write: status, `ETag`, body.
    pub async fn finish_once(
        &self,
        key: &str,
        (status, etag, body): (u16, &str, &str),
        expires_ms: i64,
    ) -> Result<(), Error> {
        sqlx::query("update idempotency set status = $2, etag = $3, body = $4, expires_ms = $5 where key = $1")
            .bind(key)
            .bind(i64::from(status))
            .bind(etag)
            .bind(body)
            .bind(expires_ms)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Forgets a write that did not happen, so that it may be tried again.
    pub async fn forget_once(&self, key: &str) -> Result<(), Error> {
        sqlx::query("delete from idempotency where key = $1").bind(key).execute(&self.writer).await?;
        Ok(())
    }
}
