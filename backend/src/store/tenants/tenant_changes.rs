//! Creating, changing and deleting tenants.

use super::record;
use crate::store::accounts::makers;
use crate::store::accounts::members::{self, Standing};
use crate::store::accounts::owners;
use crate::store::audit::{self, By};
use crate::store::leases;
use crate::store::tenants::changes::About;
use crate::store::{Error, Job, Role, Store, TenantSummary, Wanted, Write};
use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;

/// A tenant in an admin's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantOverview {
    /// The tenant itself.
    pub tenant: TenantSummary,
    /// When the tenant was created, in milliseconds UTC.
    pub created_ms: i64,
    /// When the tenant will be deleted, in milliseconds UTC.
    pub delete_ms: Option<i64>,
    /// Number of people and shared mailboxes.
    pub people: i64,
    /// Number of rules.
    pub rules: i64,
}

/// All tables with data of a tenant, in the order in which rows can be deleted.
const TABLES: [&str; 40] = [
    "leases",
    "changes",
    "clicks",
    "weather",
    "weather_calls",
    "weather_failures",
    "comparisons",
    "unpublished_rules",
    "rule_versions",
    "unpublished_brands",
    "brand_versions",
    "unpublished_templates",
    "run_steps",
    "run_files",
    "runs",
    "source_people",
    "source_waiting",
    "source_photos",
    "source_losses",
    "delegations",
    "sources",
    "group_nesting",
    "api_tokens",
    "invitations",
    "members",
    "audit",
    "images",
    "image_files",
    "rules",
    "template_versions",
    "templates",
    "person_values",
    "send_as",
    "memberships",
    "addresses",
    "people",
    "group_addresses",
    "group_outsiders",
    "directory_groups",
    "fields",
];

const SELECT: &str = "select t.id, t.entra_id, t.name, t.domains, t.version, t.unread_external, t.created_ms, t.delete_ms,
    (select count(*) from people p where p.tenant = t.id and p.gone_ms is null), (select count(*) from rules r where r.tenant = t.id)
    from tenants t";

fn overview(row: &AnyRow) -> Result<TenantOverview, Error> {
    Ok(TenantOverview {
        tenant: record::summary(row)?,
        created_ms: row.try_get(6)?,
        delete_ms: row.try_get(7)?,
        people: row.try_get(8)?,
        rules: row.try_get(9)?,
    })
}

/// A tenant to be created.
#[derive(Clone, Copy, Debug)]
pub struct NewTenant<'a> {
    /// The Entra tenant id, lower case, if the company has one.
    pub entra_id: Option<&'a str>,
    /// The organisation's name.
    pub name: &'a str,
    /// Its mail domains, lower case.
    pub domains: &'a [String],
    /// Account id of its owner.
    pub owner: &'a str,
}

/// What a tenant is to have instead; `None` changes nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct TenantChange<'a> {
    /// The organisation's name.
    pub name: Option<&'a str>,
    /// Its mail domains, lower case.
    pub domains: Option<&'a [String]>,
    /// The Entra tenant id, lower case, of a tenant without one.
    pub entra_id: Option<&'a str>,
    /// Whether recipients whom Outlook does not name in time count as external.
    pub unread_external: Option<bool>,
}

impl Store {
    /// The tenant with this id.
    pub async fn tenant_overview(&self, tenant: &str) -> Result<Option<TenantOverview>, Error> {
        let sql = format!("{SELECT} where t.id = $1");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(tenant).fetch_optional(self.reader()?).await?;
        row.as_ref().map(overview).transpose()
    }

    /// Creates a tenant with its owner; accounts that own every tenant own it too. [`Error::Conflict`] when a tenant with
    /// this Entra id exists, or for a company without one, a tenant with its first domain.
    pub async fn create_tenant(&self, new: NewTenant<'_>, by: By) -> Result<String, Error> {
        let NewTenant { entra_id, name, domains, owner } = new;
        let mut write = self.begin().await?;
        let (tenant, created) = record::ensure(&mut write, entra_id, name, domains, by.at_ms).await?;
        if !created {
            return Err(Error::Conflict(format!(
                "a tenant with this {} already exists: ask its owner to invite you",
                if entra_id.is_some() { "Entra tenant id" } else { "mail domain" }
            )));
        }
        owners::adopt(&mut write, &tenant.id).await?;
        members::put(&mut write, &tenant.id, owner, &Standing::whole(Role::Owner)).await?;
        let detail =
            json!({ "name": { "from": null, "to": name }, "domains": { "from": null, "to": domains.join(", ") } });
        audit::note(
            &mut write,
            audit::Entry {
                tenant: &tenant.id,
                version: tenant.version,
                about: About::Everything,
                by,
                action: "create_tenant",
                subject: &tenant.id,
                detail,
            },
        )
        .await?;
        write.commit().await?;
        Ok(tenant.id)
    }

    /// Changes a tenant if `is_current` accepts the stored tenant; otherwise returns `false`.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the tenant has another Entra tenant id already, or another tenant has this one.
    pub async fn change_tenant(
        &self,
        tenant: &str,
        change: TenantChange<'_>,
        is_current: impl FnOnce(&TenantSummary) -> bool,
        by: By,
    ) -> Result<bool, Error> {
        let mut write = self.begin().await?;
        let old = locked(&mut write, tenant).await?;
        if !is_current(&old) {
            return Ok(false);
        }
        let TenantChange { name, domains, entra_id, unread_external } = change;
        if old.entra_id.is_some() && entra_id.is_some_and(|id| old.entra_id.as_deref() != Some(id)) {
            let detail = "the Entra tenant id is set and cannot change: create another tenant for another organisation";
            return Err(Error::Conflict(detail.into()));
        }
        let new = TenantSummary {
            name: name.unwrap_or(&old.name).to_owned(),
            domains: domains.unwrap_or(&old.domains).to_vec(),
            entra_id: entra_id.map(str::to_owned).or_else(|| old.entra_id.clone()),
            unread_external: unread_external.unwrap_or(old.unread_external),
            ..old.clone()
        };
        let parts = |of: &TenantSummary| {
            [
                ("name", Some(of.name.clone())),
                ("domains", Some(of.domains.join(", "))),
                ("entra_id", of.entra_id.clone()),
                ("unread_recipients", Some(if of.unread_external { "external" } else { "internal" }.to_owned())),
            ]
        };
        let mut detail = serde_json::Map::new();
        for ((part, from), (_, to)) in parts(&old).into_iter().zip(parts(&new)) {
            if from != to {
                detail.insert(part.into(), json!({ "from": from, "to": to }));
            }
        }
        if detail.is_empty() {
            return Ok(true);
        }
        record::update(&mut write, &new).await?;
        audit::note(
            &mut write,
            audit::Entry {
                tenant,
                version: old.version,
                about: About::Design,
                by,
                action: "change_tenant",
                subject: tenant,
                detail: detail.into(),
            },
        )
        .await?;
        write.commit().await?;
        Ok(true)
    }

    /// Sets when a tenant will be deleted; `None` cancels the deletion.
    pub async fn set_deletion(&self, tenant: &str, delete_ms: Option<i64>, by: By) -> Result<(), Error> {
        let mut write = self.begin().await?;
        let old = locked(&mut write, tenant).await?;
        let account = makers::account_of(&mut write, tenant, &by.actor).await?;
        let account = if delete_ms.is_some() { account } else { String::new() };
        let update = sqlx::query("update tenants set delete_ms = $2, delete_account = $3 where id = $1");
        update.bind(tenant).bind(delete_ms).bind(account).execute(&mut *write).await?;
        let wanted = Wanted::job(tenant, Job::Delete, "", delete_ms.unwrap_or_default());
        match delete_ms {
            Some(_) => leases::ask(&mut write, &wanted).await?,
            None => leases::forget(&mut write, &wanted.key).await?,
        }
        let action = if delete_ms.is_some() { "delete_tenant" } else { "restore_tenant" };
        audit::note(
            &mut write,
            audit::Entry {
                tenant,
                version: old.version,
                about: About::Nothing,
                by,
                action,
                subject: tenant,
                detail: json!({}),
            },
        )
        .await?;
        Ok(write.commit().await?)
    }

    /// Deletes a tenant that is due, with all its data, and returns its name; `None` if nothing was deleted. If the account
    /// that requested the deletion is no longer an owner, the deletion is cancelled instead, and an owner has to request it
    /// again.
    pub async fn delete_due_tenant(&self, id: &str, now_ms: i64) -> Result<Option<String>, Error> {
        let mut write = self.begin().await?;
        // Inside the transaction: somebody may have restored it.
        let still = sqlx::query(
            "update tenants set version = version + 1 where id = $1 and delete_ms <= $2
             returning version, delete_account, name",
        )
        .bind(id)
        .bind(now_ms)
        .fetch_optional(&mut *write)
        .await?;
        let Some(still) = still else { return Ok(None) };
        let (version, account, name): (i64, String, String) = (still.try_get(0)?, still.try_get(1)?, still.try_get(2)?);
        let asker = makers::find(&mut write, id, &account).await?;
        if let Some(lacks) = asker.lacks(Role::Owner) {
            let undo = "update tenants set delete_ms = null, delete_account = '' where id = $1";
            sqlx::query(undo).bind(id).execute(&mut *write).await?;
            let reason = format!("{}, who asked for the deletion, {lacks}", asker.words());
            let detail = json!({ "reason": reason });
            audit::note(
                &mut write,
                audit::Entry {
                    tenant: id,
                    version,
                    about: About::Nothing,
                    by: By::new("deletion", now_ms),
                    action: "restore_tenant",
                    subject: id,
                    detail,
                },
            )
            .await?;
            write.commit().await?;
            return Ok(None);
        }
        for table in TABLES {
            let sql = format!("delete from {table} where tenant = $1");
            sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id).execute(&mut *write).await?;
        }
        sqlx::query("delete from tenants where id = $1").bind(id).execute(&mut *write).await?;
        write.commit().await?;
        Ok(Some(name))
    }
}

/// The tenant with its new version, with its row locked.
async fn locked(write: &mut Write, tenant: &str) -> Result<TenantSummary, Error> {
    record::next_version(write, tenant).await?;
    let row = sqlx::query("select id, entra_id, name, domains, version, unread_external from tenants where id = $1")
        .bind(tenant)
        .fetch_one(&mut **write)
        .await?;
    record::summary(&row)
}
