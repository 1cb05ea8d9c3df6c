//! An account's credentials: password, authenticator app with recovery codes, identity provider. Every change ends the
//! account's other sessions. It is recorded in the audit of every tenant in which the account has a role, because accounts
//! belong to no tenant and the admins of each must be able to see it.

use crate::store::audit::{self, By};
use crate::store::tenants::changes::About;
use crate::store::tenants::record;
use crate::store::{Error, Store, Write};
use serde_json::{Value, json};
use sqlx::Row;

/// An account at an identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Issuer URL of the provider.
    pub issuer: String,
    /// The provider's subject for the account, which is stable, unlike an address.
    pub subject: String,
    /// Name of the account at the provider for people, such as an address.
    pub label: String,
}

/// Context of a change to an account's credentials.
#[derive(Clone, Debug)]
pub struct Securing<'a> {
    /// The account.
    pub account: &'a str,
    /// The session to keep; empty to end all sessions.
    pub keep: &'a str,
    /// Who makes the change and when, for the audit.
    pub by: By,
}

impl Store {
    /// Sets the account's password.
    pub async fn set_password(&self, how: &Securing<'_>, password: &str) -> Result<(), Error> {
        let mut write = self.secure(how, "change_password", &json!({})).await?;
        // An authenticator app that somebody began to set up with the old password has to be begun again.
        sqlx::query("update accounts set password = $2, totp_pending = null where id = $1")
            .bind(how.account)
            .bind(password)
            .execute(&mut *write)
            .await?;
        Ok(write.commit().await?)
    }

    /// Activates the pending secret and replaces the recovery codes (hashed). `sealed`: the secret, sealed again for its own
    /// column; `step`: time step of the code that confirmed it.
    pub async fn confirm_totp(
        &self,
        how: &Securing<'_>,
        sealed: &str,
        step: i64,
        codes: &[String],
    ) -> Result<(), Error> {
        let mut write = self.secure(how, "set_second_factor", &json!({})).await?;
        sqlx::query("update accounts set totp = $2, totp_step = $3, totp_pending = null where id = $1")
            .bind(how.account)
            .bind(sealed)
            .bind(step)
            .execute(&mut *write)
            .await?;
        replace_codes(&mut write, how.account, codes).await?;
        Ok(write.commit().await?)
    }

    /// Removes the authenticator app and the recovery codes.
    pub async fn remove_totp(&self, how: &Securing<'_>) -> Result<(), Error> {
        let mut write = self.secure(how, "remove_second_factor", &json!({})).await?;
        forget_totp(&mut write, how.account).await?;
        Ok(write.commit().await?)
    }

    /// Replaces the recovery codes (hashed).
    pub async fn set_recovery_codes(&self, how: &Securing<'_>, codes: &[String]) -> Result<(), Error> {
        let mut write = self.secure(how, "new_recovery_codes", &json!({})).await?;
        replace_codes(&mut write, how.account, codes).await?;
        Ok(write.commit().await?)
    }

    /// Sets a new password and removes the authenticator app and the identity provider, for users who have lost them.
    pub async fn recover_account(&self, how: &Securing<'_>, password: &str) -> Result<(), Error> {
        let mut write = self.secure(how, "recover_account", &json!({})).await?;
        let update = sqlx::query("update accounts set password = $2 where id = $1").bind(how.account).bind(password);
        update.execute(&mut *write).await?;
        forget_totp(&mut write, how.account).await?;
        let unlink = sqlx::query("delete from identities where account = $1").bind(how.account);
        unlink.execute(&mut *write).await?;
        Ok(write.commit().await?)
    }

    /// Links the account to one at an identity provider. [`Error::Conflict`] when either is linked already.
    pub async fn link_identity(&self, how: &Securing<'_>, identity: &Identity) -> Result<(), Error> {
        let detail = json!({ "provider": { "from": null, "to": identity.label } });
        let mut write = self.secure(how, "link_provider", &detail).await?;
        let linked: i64 = sqlx::query_scalar("select count(*) from identities where account = $1 and issuer = $2")
            .bind(how.account)
            .bind(&identity.issuer)
            .fetch_one(&mut *write)
            .await?;
        if linked > 0 {
            return Err(Error::Conflict("this account is already linked: unlink it first".into()));
        }
        link(&mut write, how.account, identity).await?;
        Ok(write.commit().await?)
    }

    /// Unlinks the account from every identity provider. [`Error::Conflict`] when it has no password, because nobody could
    /// sign in to it any more; [`Error::NotFound`] when it is not linked.
    pub async fn unlink_identities(&self, how: &Securing<'_>) -> Result<(), Error> {
        let mut write = self.begin().await?;
        let deleted = sqlx::query("delete from identities where account = $1 returning label")
            .bind(how.account)
            .fetch_all(&mut *write)
            .await?;
        let labels = deleted.iter().map(|row| row.try_get::<String, _>(0)).collect::<Result<Vec<_>, _>>()?;
        if labels.is_empty() {
            return Err(Error::NotFound("this account is not linked to an identity provider".into()));
        }
        let password: Option<String> = sqlx::query_scalar("select password from accounts where id = $1")
            .bind(how.account)
            .fetch_one(&mut *write)
            .await?;
        if password.is_none() {
            let detail = "this account has no password, so nobody could sign in to it any more: set a password first";
            return Err(Error::Conflict(detail.into()));
        }
        let detail = json!({ "provider": { "from": labels.join(", "), "to": null } });
        secured(&mut write, how, "unlink_provider", &detail).await?;
        Ok(write.commit().await?)
    }

    /// Name of the account at this provider; `None` if it is not linked, empty if the name is unknown.
    pub async fn linked_identity(&self, account: &str, issuer: &str) -> Result<Option<String>, Error> {
        let label = sqlx::query_scalar("select label from identities where account = $1 and issuer = $2 limit 1");
        Ok(label.bind(account).bind(issuer).fetch_optional(self.reader()?).await?)
    }

    /// The account that is linked to this subject at the identity provider.
    pub async fn account_by_identity(&self, issuer: &str, subject: &str) -> Result<Option<String>, Error> {
        let found = sqlx::query_scalar("select account from identities where issuer = $1 and subject = $2");
        Ok(found.bind(issuer).bind(subject).fetch_optional(self.reader()?).await?)
    }

    /// Records that the user of a session has just signed in at the provider again.
    pub async fn prove_session(&self, account: &str, session: &str, now_ms: i64) -> Result<(), Error> {
        let update = sqlx::query("update sessions set proven_ms = $3 where account = $1 and id = $2");
        update.bind(account).bind(session).bind(now_ms).execute(self.writer()?).await?;
        Ok(())
    }

    /// When the user last signed in at the provider again, in milliseconds UTC; `None` if never, or before the last change of
    /// the account's credentials.
    pub async fn proven_ms(&self, account: &str, session: &str) -> Result<Option<i64>, Error> {
        let proven = sqlx::query_scalar("select proven_ms from sessions where account = $1 and id = $2");
        let proven: Option<Option<i64>> = proven.bind(account).bind(session).fetch_optional(self.reader()?).await?;
        Ok(proven.flatten())
    }

    /// A transaction that already contains the audit entries of the change and the end of the other sessions.
    async fn secure(&self, how: &Securing<'_>, action: &str, detail: &Value) -> Result<Write, Error> {
        let mut write = self.begin().await?;
        secured(&mut write, how, action, detail).await?;
        Ok(write)
    }
}

/// Records the change in every tenant of the account and ends its other sessions.
async fn secured(write: &mut Write, how: &Securing<'_>, action: &str, detail: &Value) -> Result<(), Error> {
    let email: String = sqlx::query_scalar("select email from accounts where id = $1")
        .bind(how.account)
        .fetch_one(&mut **write)
        .await?;
    // In one order, so that two such changes cannot wait for each other.
    let tenants: Vec<String> = sqlx::query_scalar("select tenant from members where account = $1 order by tenant")
        .bind(how.account)
        .fetch_all(&mut **write)
        .await?;
    for tenant in &tenants {
        let version = record::next_version(write, tenant).await?;
        audit::note(
            write,
            audit::Entry {
                tenant,
                version,
                about: About::Nothing,
                by: how.by.clone(),
                action,
                subject: &email,
                detail: detail.clone(),
            },
        )
        .await?;
    }
    let end = sqlx::query("delete from sessions where account = $1 and id <> $2").bind(how.account).bind(how.keep);
    end.execute(&mut **write).await?;
    // A confirmation is valid for one change.
    sqlx::query("update sessions set proven_ms = null where account = $1")
        .bind(how.account)
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Links an account to one at an identity provider. [`Error::Conflict`] when that one is linked to another account.
pub(in crate::store) async fn link(write: &mut Write, account: &str, identity: &Identity) -> Result<(), Error> {
    sqlx::query(
        "insert into identities (issuer, subject, account, label) values ($1, $2, $3, $4)
         on conflict (issuer, subject) do nothing",
    )
    .bind(&identity.issuer)
    .bind(&identity.subject)
    .bind(account)
    .bind(&identity.label)
    .execute(&mut **write)
    .await?;
    let owner: String = sqlx::query_scalar("select account from identities where issuer = $1 and subject = $2")
        .bind(&identity.issuer)
        .bind(&identity.subject)
        .fetch_one(&mut **write)
        .await?;
    if owner == account {
        Ok(())
    } else {
        Err(Error::Conflict("this account at the identity provider is linked to another Paraph account".into()))
    }
}

async fn forget_totp(write: &mut Write, account: &str) -> Result<(), Error> {
    let update = sqlx::query("update accounts set totp = null, totp_pending = null where id = $1").bind(account);
    update.execute(&mut **write).await?;
    replace_codes(write, account, &[]).await
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
