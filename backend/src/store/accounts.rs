//! Accounts of the console: who they are and how they prove it. Accounts belong to no tenant; what they may do in one is
//! a membership.

use super::{Error, Store, Write, owners};
use sqlx::Row;
use sqlx::any::AnyRow;

/// An account.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountRecord {
    /// Its id.
    pub id: String,
    /// Lower case.
    pub email: String,
    /// What it is called.
    pub name: String,
    /// Argon2id in PHC form; `None`: it signs in with the identity provider alone.
    pub password: Option<String>,
    /// The authenticator app's secret, sealed.
    pub totp: Option<String>,
    /// A secret that is not proven yet, sealed.
    pub totp_pending: Option<String>,
    /// The last step whose digits were taken.
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
    /// Whether anybody has an account.
    pub async fn has_accounts(&self) -> Result<bool, Error> {
        let first: Option<String> =
            sqlx::query_scalar("select id from accounts limit 1").fetch_optional(self.reader()?).await?;
        Ok(first.is_some())
    }

    /// The account with this id.
    pub async fn account(&self, id: &str) -> Result<Option<AccountRecord>, Error> {
        self.one_account("id", id).await
    }

    /// The account with this address, lower case.
    pub async fn account_by_email(&self, email: &str) -> Result<Option<AccountRecord>, Error> {
        self.one_account("email", email).await
    }

    async fn one_account(&self, column: &str, value: &str) -> Result<Option<AccountRecord>, Error> {
        let sql = format!("select {COLUMNS} from accounts where {column} = $1");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(value).fetch_optional(self.reader()?).await?;
        row.as_ref().map(account).transpose()
    }

    /// Whom the identity provider calls `subject`.
    pub async fn account_by_identity(&self, issuer: &str, subject: &str) -> Result<Option<String>, Error> {
        let found = sqlx::query_scalar("select account from identities where issuer = $1 and subject = $2")
            .bind(issuer)
            .bind(subject)
            .fetch_optional(self.reader()?)
            .await?;
        Ok(found)
    }

    /// Notes whom the provider calls `subject`.
    pub async fn link_identity(&self, account: &str, issuer: &str, subject: &str) -> Result<(), Error> {
        let mut write = self.begin().await?;
        link(&mut write, account, (issuer, subject)).await?;
        Ok(write.commit().await?)
    }

    /// Whether the account is linked with this provider.
    pub async fn has_identity(&self, account: &str, issuer: &str) -> Result<bool, Error> {
        let found: Option<String> =
            sqlx::query_scalar("select subject from identities where account = $1 and issuer = $2 limit 1")
                .bind(account)
                .bind(issuer)
                .fetch_optional(self.reader()?)
                .await?;
        Ok(found.is_some())
    }

    /// Makes the first account, which owns every tenant that there is and will be, and uses the set-up link up. [`Error::NotFound`] when the link
    /// is not this one or has run out, or somebody was faster.
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
            return Err(Error::NotFound("this set-up link is not valid any more".into()));
        }
        insert(&mut write, first, now_ms).await?;
        owners::owns_all(&mut write, &first.id).await?;
        sqlx::query("insert into members (tenant, account, role) select id, $1, 'owner' from tenants")
            .bind(&first.id)
            .execute(&mut *write)
            .await?;
        Ok(write.commit().await?)
    }

    /// Puts a set-up link in the place of the one before.
    pub async fn replace_setup(&self, hash: &str, expires_ms: i64) -> Result<(), Error> {
        sqlx::query(
            "insert into setup (id, hash, expires_ms) values (1, $1, $2)
             on conflict (id) do update set hash = excluded.hash, expires_ms = excluded.expires_ms",
        )
        .bind(hash)
        .bind(expires_ms)
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// Gives the account another name.
    pub async fn rename_account(&self, account: &str, name: &str) -> Result<(), Error> {
        let update = sqlx::query("update accounts set name = $2 where id = $1").bind(account).bind(name);
        update.execute(&self.writer).await?;
        Ok(())
    }

    /// Gives the account another password and ends its sessions but `keep`.
    pub async fn set_password(&self, account: &str, password: &str, keep: &str) -> Result<(), Error> {
        let mut write = self.begin().await?;
        let update = sqlx::query("update accounts set password = $2 where id = $1").bind(account).bind(password);
        update.execute(&mut *write).await?;
        let end = sqlx::query("delete from sessions where account = $1 and id <> $2").bind(account).bind(keep);
        end.execute(&mut *write).await?;
        Ok(write.commit().await?)
    }

    /// Keeps an authenticator app's secret until it is proven.
    pub async fn begin_totp(&self, account: &str, sealed: &str) -> Result<(), Error> {
        let update = sqlx::query("update accounts set totp_pending = $2 where id = $1").bind(account).bind(sealed);
        update.execute(&self.writer).await?;
        Ok(())
    }

    /// Makes the pending secret the one that counts, with recovery codes (hashed) in the place of those before, and ends
    /// the account's sessions but `keep`. `sealed`: the secret anew, for its own column.
    pub async fn confirm_totp(
        &self,
        account: &str,
        (sealed, step): (&str, i64),
        codes: &[String],
        keep: &str,
    ) -> Result<(), Error> {
        let mut write = self.begin().await?;
        sqlx::query("update accounts set totp = $2, totp_step = $3, totp_pending = null where id = $1")
            .bind(account)
            .bind(sealed)
            .bind(step)
            .execute(&mut *write)
            .await?;
        let end = sqlx::query("delete from sessions where account = $1 and id <> $2").bind(account).bind(keep);
        end.execute(&mut *write).await?;
        replace_codes(&mut write, account, codes).await?;
        Ok(write.commit().await?)
    }

    /// Takes authenticator app and recovery codes away.
    pub async fn remove_totp(&self, account: &str) -> Result<(), Error> {
        let mut write = self.begin().await?;
        let update = sqlx::query("update accounts set totp = null, totp_pending = null where id = $1").bind(account);
        update.execute(&mut *write).await?;
        replace_codes(&mut write, account, &[]).await?;
        Ok(write.commit().await?)
    }

    /// Other recovery codes (hashed).
    pub async fn set_recovery_codes(&self, account: &str, codes: &[String]) -> Result<(), Error> {
        let mut write = self.begin().await?;
        replace_codes(&mut write, account, codes).await?;
        Ok(write.commit().await?)
    }

    /// How many recovery codes are left.
    pub async fn recovery_codes(&self, account: &str) -> Result<i64, Error> {
        let count = sqlx::query_scalar("select count(*) from recovery_codes where account = $1").bind(account);
        Ok(count.fetch_one(self.reader()?).await?)
    }

    /// Uses a recovery code up; whether it was there.
    pub async fn use_recovery_code(&self, account: &str, hash: &str) -> Result<bool, Error> {
        let delete =
            sqlx::query("delete from recovery_codes where account = $1 and hash = $2").bind(account).bind(hash);
        Ok(delete.execute(&self.writer).await?.rows_affected() > 0)
    }

    /// Takes the digits of this step; whether they were not taken before.
    pub async fn use_totp_step(&self, account: &str, step: i64) -> Result<bool, Error> {
        let update =
            sqlx::query("update accounts set totp_step = $2 where id = $1 and totp_step < $2").bind(account).bind(step);
        Ok(update.execute(&self.writer).await?.rows_affected() > 0)
    }
}

/// Writes a new account.
pub(super) async fn insert(write: &mut Write, account: &AccountRecord, now_ms: i64) -> Result<(), Error> {
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

/// Notes whom an identity provider (issuer) calls what (subject); who was linked first stays.
pub(super) async fn link(write: &mut Write, account: &str, (issuer, subject): (&str, &str)) -> Result<(), Error> {
    sqlx::query(
        "insert into identities (issuer, subject, account) values ($1, $2, $3) on conflict (issuer, subject) do nothing",
    )
    .bind(issuer)
    .bind(subject)
    .bind(account)
    .execute(&mut **write)
    .await?;
    Ok(())
}

async fn replace_codes(write: &mut Write, account: &str, codes: &[String]) -> Result<(), Error> {
    sqlx::query("delete from recovery_codes where account = $1").bind(account).execute(&mut **write).await?;
    for hash in codes {
        sqlx::query("insert into recovery_codes (account, hash) values ($1, $2)")
            .bind(account)
            .bind(hash)
            .execute(&mut **write)
            .await?;
    }
    Ok(())
}
