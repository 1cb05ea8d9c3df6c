//! Console accounts. An account belongs to no tenant; a membership says what it can do in one.

use super::owners;
use crate::clock::SKEW_MS;
use crate::store::{Error, Store, Write};
use sqlx::Row;
use sqlx::any::AnyRow;

/// An account.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountRecord {
    /// Account id.
    pub id: String,
    /// Address, in lower case.
    pub email: String,
    /// Name of the user.
    pub name: String,
    /// Password as Argon2id in PHC format; `None` if the account only signs in with the identity provider.
    pub password: Option<String>,
    /// Secret of the authenticator app, sealed.
    pub totp: Option<String>,
    /// Secret that is not confirmed with a code yet, sealed.
    pub totp_pending: Option<String>,
    /// Last time step whose code was accepted.
    pub totp_step: i64,
}

const COLUMNS: &str = "id, email, name, password, totp, totp_pending, totp_step";

fn account(row: &AnyRow) -> Result<AccountRecord, Error> {
    Ok(AccountRecord {
        id: row.try_get(0)?,
        email: row.try_get(1)?,
        name: row.try_get(2)?,
        password: row.try_get(3)?,
        totp: row.try_get(4)?,
        totp_pending: row.try_get(5)?,
        totp_step: row.try_get(6)?,
    })
}

impl Store {
    /// Whether any account exists.
    pub async fn has_accounts(&self) -> Result<bool, Error> {
        let first: Option<String> =
            sqlx::query_scalar("select id from accounts limit 1").fetch_optional(self.reader()?).await?;
        Ok(first.is_some())
    }

    /// The account with this id.
    pub async fn account(&self, id: &str) -> Result<Option<AccountRecord>, Error> {
        self.one_account("id", id).await
    }

    /// The account with this lower-case address.
    pub async fn account_by_email(&self, email: &str) -> Result<Option<AccountRecord>, Error> {
        self.one_account("email", email).await
    }

    async fn one_account(&self, column: &str, value: &str) -> Result<Option<AccountRecord>, Error> {
        let sql = format!("select {COLUMNS} from accounts where {column} = $1");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(value).fetch_optional(self.reader()?).await?;
        row.as_ref().map(account).transpose()
    }

    /// Creates the first account, which owns all existing and future tenants, and uses up the set-up link.
    /// [`Error::NotFound`] when the link is wrong or expired, or was used by another request in the meantime.
    pub async fn set_up(&self, link: &str, first: &AccountRecord, now_ms: i64) -> Result<(), Error> {
        let mut write = self.begin().await?;
        let used = sqlx::query("delete from setup where hash = $1 and expires_ms > $2")
            .bind(link)
            .bind(now_ms)
            .execute(&mut *write)
            .await?
            .rows_affected();
        let taken: Option<String> =
            sqlx::query_scalar("select id from accounts limit 1").fetch_optional(&mut *write).await?;
        if used == 0 || taken.is_some() {
            return Err(Error::NotFound("this set-up link is no longer valid".into()));
        }
        sqlx::query("delete from setup").execute(&mut *write).await?;
        insert(&mut write, first, now_ms).await?;
        owners::owns_all(&mut write, &first.id).await?;
        sqlx::query("insert into members (tenant, account, role) select id, $1, 'owner' from tenants")
            .bind(&first.id)
            .execute(&mut *write)
            .await?;
        Ok(write.commit().await?)
    }

    /// Adds a set-up link, by its hash. Every node prints one at start-up; using one invalidates all others.
    pub async fn insert_setup(&self, hash: &str, expires_ms: i64, now_ms: i64) -> Result<(), Error> {
        let mut write = self.begin().await?;
        sqlx::query("delete from setup where expires_ms <= $1").bind(now_ms).execute(&mut *write).await?;
        let insert = sqlx::query("insert into setup (hash, expires_ms) values ($1, $2)").bind(hash).bind(expires_ms);
        insert.execute(&mut *write).await?;
        Ok(write.commit().await?)
    }

    /// Renames the account.
    pub async fn rename_account(&self, account: &str, name: &str) -> Result<(), Error> {
        let update = sqlx::query("update accounts set name = $2 where id = $1").bind(account).bind(name);
        update.execute(&self.writer).await?;
        Ok(())
    }

    /// Stores an authenticator app's secret until it is confirmed with a code.
    pub async fn begin_totp(&self, account: &str, sealed: &str) -> Result<(), Error> {
        let mut write = self.begin().await?;
        let update = sqlx::query("update accounts set totp_pending = $2 where id = $1").bind(account).bind(sealed);
        update.execute(&mut *write).await?;
        Ok(write.commit().await?)
    }

    /// Number of unused recovery codes.
    pub async fn recovery_codes(&self, account: &str) -> Result<i64, Error> {
        let count = sqlx::query_scalar("select count(*) from recovery_codes where account = $1").bind(account);
        Ok(count.fetch_one(self.reader()?).await?)
    }

    /// Uses up a recovery code; returns whether it existed.
    pub async fn use_recovery_code(&self, account: &str, hash: &str) -> Result<bool, Error> {
        let delete =
            sqlx::query("delete from recovery_codes where account = $1 and hash = $2").bind(account).bind(hash);
        Ok(delete.execute(&self.writer).await?.rows_affected() > 0)
    }

    /// Accepts the code of this time step; returns whether it was not accepted before.
    pub async fn use_totp_step(&self, account: &str, step: i64) -> Result<bool, Error> {
        let update =
            sqlx::query("update accounts set totp_step = $2 where id = $1 and (totp_step < $2 or totp_step > $3)")
                .bind(account)
                .bind(step)
                // A step further ahead was accepted while the clock was ahead.
                .bind(step + MOST_STEPS_AHEAD);
        Ok(update.execute(&self.writer).await?.rows_affected() > 0)
    }
}

/// Maximum number of time steps that another node's clock may be ahead.
const MOST_STEPS_AHEAD: i64 = SKEW_MS / 30_000;

/// Writes a new account.
pub(in crate::store) async fn insert(write: &mut Write, account: &AccountRecord, now_ms: i64) -> Result<(), Error> {
    sqlx::query(
        "insert into accounts (id, email, name, password, totp, totp_pending, totp_step, created_ms)
         values ($1, $2, $3, $4, null, null, 0, $5)",
    )
    .bind(&account.id)
    .bind(&account.email)
    .bind(&account.name)
    .bind(&account.password)
    .bind(now_ms)
    .execute(&mut **write)
    .await?;
    Ok(())
}
