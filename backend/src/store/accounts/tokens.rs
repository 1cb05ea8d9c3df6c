//! API tokens.

use super::makers::{self, Maker};
use crate::store::audit::{self, Actor, By};
use crate::store::tenants::changes::About;
use crate::store::tenants::record;
use crate::store::{Error, Scope, Store};
use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;

/// A token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRecord {
    /// The tenant's id.
    pub tenant: String,
    /// The tenant's Entra id, if it has one.
    pub entra_id: Option<String>,
    /// Token id.
    pub id: String,
    /// The secret's first characters.
    pub start: String,
    /// Name of the token.
    pub name: String,
    /// Scopes of the token.
    pub scopes: Vec<Scope>,
    /// The account whose role limits the token: its creator, or the account that took it over; empty for the server's
    /// operator.
    pub account: String,
    /// Name of the creator at the time of creation.
    pub created_by: String,
    /// When the token was created, in milliseconds UTC.
    pub created_ms: i64,
    /// When the token expires, in milliseconds UTC.
    pub expires_ms: i64,
    /// When the token was last used, to the minute.
    pub used_ms: Option<i64>,
}

/// A token and the account behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownToken {
    /// The token.
    pub record: TokenRecord,
    /// The account whose role limits the token.
    pub maker: Maker,
}

impl KnownToken {
    /// The scopes that its maker's current role does not include.
    pub fn lost(&self) -> Vec<Scope> {
        self.record.scopes.iter().copied().filter(|scope| !self.maker.may(scope.least_role())).collect()
    }

    /// Why some scopes of the token do not work, as a sentence; `None` if all work.
    pub fn trouble(&self) -> Option<String> {
        let least = self.lost().into_iter().map(Scope::least_role).max()?;
        Some(format!("{} {}", self.maker.words(), self.maker.lacks(least)?))
    }
}

const SELECT: &str = "select k.tenant, t.entra_id, k.id, k.start, k.name, k.scopes, k.account, k.created_by,
    k.created_ms, k.expires_ms, k.used_ms, k.account, a.name, a.email, m.role,
        m.limits
    from api_tokens k join tenants t on t.id = k.tenant
    left join accounts a on a.id = k.account
    left join members m on m.tenant = k.tenant and m.account = k.account";

fn token(row: &AnyRow) -> Result<KnownToken, Error> {
    let scopes: String = row.try_get(5)?;
    let record = TokenRecord {
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
    };
    Ok(KnownToken { record, maker: makers::maker(row, 11)? })
}

impl Store {
    /// The token whose secret has this hash, whether expired or not.
    pub async fn find_token(&self, hash: &str) -> Result<Option<KnownToken>, Error> {
        let sql = format!("{SELECT} where k.hash = $1");
        self.bounded(async {
            let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(hash).fetch_optional(self.reader()?).await?;
            row.as_ref().map(token).transpose()
        })
        .await
    }

    /// The tenant's tokens, newest first.
    pub async fn list_tokens(&self, tenant: &str) -> Result<Vec<KnownToken>, Error> {
        let sql = format!("{SELECT} where k.tenant = $1 order by k.created_ms desc, k.id");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(tenant).fetch_all(self.reader()?).await?;
        rows.iter().map(token).collect()
    }

    /// Records that a token was used, and extends its expiry.
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
        let version = record::next_version(&mut write, &new.tenant).await?;
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
        audit::note(
            &mut write,
            audit::Entry {
                tenant: &new.tenant,
                version,
                about: About::Nothing,
                by: By::new(actor, new.created_ms),
                action: "create_token",
                subject: &new.name,
                detail,
            },
        )
        .await?;
        Ok(write.commit().await?)
    }

    /// Revokes a token.
    pub async fn delete_token(&self, tenant: &str, id: &str, by: By) -> Result<(), Error> {
        let mut write = self.begin().await?;
        let version = record::next_version(&mut write, tenant).await?;
        let name: String = sqlx::query_scalar("delete from api_tokens where tenant = $1 and id = $2 returning name")
            .bind(tenant)
            .bind(id)
            .fetch_optional(&mut *write)
            .await?
            .ok_or_else(|| Error::NotFound("this token does not exist".into()))?;
        audit::note(
            &mut write,
            audit::Entry {
                tenant,
                version,
                about: About::Nothing,
                by,
                action: "revoke_token",
                subject: &name,
                detail: json!({}),
            },
        )
        .await?;
        Ok(write.commit().await?)
    }

    /// Puts another account behind a token; the secret stays the same.
    pub async fn take_over_token(&self, tenant: &str, id: &str, account: &str, by: By) -> Result<(), Error> {
        let mut write = self.begin().await?;
        let version = record::next_version(&mut write, tenant).await?;
        let row = sqlx::query("select name, account from api_tokens where tenant = $1 and id = $2")
            .bind(tenant)
            .bind(id)
            .fetch_optional(&mut *write)
            .await?
            .ok_or_else(|| Error::NotFound("this token does not exist".into()))?;
        let (name, before): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let from = makers::find(&mut write, tenant, &before).await?;
        let to = makers::find(&mut write, tenant, account).await?;
        sqlx::query("update api_tokens set account = $3 where tenant = $1 and id = $2")
            .bind(tenant)
            .bind(id)
            .bind(account)
            .execute(&mut *write)
            .await?;
        let detail = json!({ "behind it": { "from": from.words(), "to": to.words() } });
        audit::note(
            &mut write,
            audit::Entry {
                tenant,
                version,
                about: About::Nothing,
                by,
                action: "take_over_token",
                subject: &name,
                detail,
            },
        )
        .await?;
        Ok(write.commit().await?)
    }
}
