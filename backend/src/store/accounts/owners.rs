//! Owners of tenants. However a tenant is created, the accounts that own every tenant own it too, so that somebody can always
//! open it.

use super::account::AccountRecord;
use super::members::{self, Standing};
use crate::store::audit::{self, By};
use crate::store::tenants::changes::About;
use crate::store::tenants::record;
use crate::store::{Error, Role, Store, TenantSummary, Write};
use serde_json::json;
use sqlx::Row;

impl Store {
    /// The addresses of a tenant's owners.
    pub async fn owners(&self, tenant: &str) -> Result<Vec<String>, Error> {
        let sql = "select a.email from members m join accounts a on a.id = m.account
                   where m.tenant = $1 and m.role = 'owner' order by a.email";
        Ok(sqlx::query_scalar(sql).bind(tenant).fetch_all(self.reader()?).await?)
    }

    /// Tenants without an owner although accounts exist: nobody can open them in the console.
    pub async fn tenants_without_owner(&self) -> Result<Vec<TenantSummary>, Error> {
        let rows = sqlx::query(
            "select t.id, t.entra_id, t.name, t.domains, t.version, t.unread_external from tenants t
             where exists (select 1 from accounts)
                 and not exists (select 1 from members m where m.tenant = t.id and m.role = 'owner')
             order by t.name, t.id",
        )
        .fetch_all(self.reader()?)
        .await?;
        rows.iter().map(record::summary).collect()
    }

    /// Makes an account an owner of the tenant with this id, or of all existing and future tenants if there is none,
    /// with an audit entry. Returns the names of the tenants that it did not own before.
    pub async fn grant_ownership(
        &self,
        account: &AccountRecord,
        tenant: Option<&str>,
        by: &By,
    ) -> Result<Vec<String>, Error> {
        let mut write = self.begin().await?;
        let rows = sqlx::query(
            "select t.id, t.name, m.role from tenants t left join members m on m.tenant = t.id and m.account = $1
             where ($2 = '' or t.id = $2) and coalesce(m.role, '') <> 'owner' order by t.name, t.id",
        )
        .bind(&account.id)
        .bind(tenant.unwrap_or_default())
        .fetch_all(&mut *write)
        .await?;
        let mut names = Vec::with_capacity(rows.len());
        for row in &rows {
            let (id, before): (String, Option<String>) = (row.try_get(0)?, row.try_get(2)?);
            let version = record::next_version(&mut write, &id).await?;
            members::put(&mut write, &id, &account.id, &Standing::whole(Role::Owner)).await?;
            let detail = json!({ "role": { "from": before, "to": Role::Owner.as_str() } });
            audit::note(
                &mut write,
                audit::Entry {
                    tenant: &id,
                    version,
                    about: About::Nothing,
                    by: by.clone(),
                    action: "change_role",
                    subject: &account.email,
                    detail,
                },
            )
            .await?;
            names.push(row.try_get(1)?);
        }
        if tenant.is_none() {
            owns_all(&mut write, &account.id).await?;
        }
        write.commit().await?;
        Ok(names)
    }
}

/// Makes an account an owner of all future tenants.
pub(in crate::store) async fn owns_all(write: &mut Write, account: &str) -> Result<(), Error> {
    sqlx::query("update accounts set owns_all = 1 where id = $1").bind(account).execute(&mut **write).await?;
    Ok(())
}

/// Ends an account's ownership of future tenants, because it is no longer an owner of an existing one.
pub(in crate::store) async fn owns_all_no_more(write: &mut Write, account: &str) -> Result<(), Error> {
    sqlx::query("update accounts set owns_all = 0 where id = $1").bind(account).execute(&mut **write).await?;
    Ok(())
}

/// Makes the accounts that own every tenant owners of a tenant without an owner, such as a new one; returns whether there
/// were any.
pub(in crate::store) async fn adopt(write: &mut Write, tenant: &str) -> Result<bool, Error> {
    let given = sqlx::query(
        "insert into members (tenant, account, role)
         select $1, a.id, 'owner' from accounts a
         where a.owns_all = 1 and not exists (select 1 from members m where m.tenant = $1 and m.role = 'owner')
         on conflict (tenant, account) do update set role = excluded.role, limits = null",
    )
    .bind(tenant)
    .execute(&mut **write)
    .await?;
    Ok(given.rows_affected() > 0)
}

/// The addresses of the owners within a transaction, and whether any account exists.
pub(in crate::store) async fn of(write: &mut Write, tenant: &str) -> Result<Vec<String>, Error> {
    let sql = "select a.email from members m join accounts a on a.id = m.account
               where m.tenant = $1 and m.role = 'owner' order by a.email";
    Ok(sqlx::query_scalar(sql).bind(tenant).fetch_all(&mut **write).await?)
}
