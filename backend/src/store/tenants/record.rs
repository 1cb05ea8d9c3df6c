//! The tenants themselves.

use crate::store::design::images;
use crate::store::leases;
use crate::store::{Error, Job, Store, Wanted, Write};
use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;

/// A tenant, without what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantSummary {
    /// Our id, which every other row names.
    pub id: String,
    /// The Entra tenant id, lower case.
    pub entra_id: String,
    /// The organisation's name.
    pub name: String,
    /// Its mail domains, lower case.
    pub domains: Vec<String>,
    /// Goes up with every change that a signature could show.
    pub version: i64,
}

impl Store {
    /// Every tenant, sorted by name.
    pub async fn list_tenants(&self) -> Result<Vec<TenantSummary>, Error> {
        let rows = sqlx::query("select id, entra_id, name, domains, version from tenants order by name, id")
            .fetch_all(self.reader()?)
            .await?;
        rows.iter().map(summary).collect()
    }

    /// The version of a tenant; `None` when there is no such tenant.
    pub async fn tenant_version(&self, id: &str) -> Result<Option<i64>, Error> {
        self.bounded(async {
            let version = sqlx::query_scalar("select version from tenants where id = $1");
            Ok(version.bind(id).fetch_optional(self.reader()?).await?)
        })
        .await
    }

    /// Our id of the tenant with this Entra id, lower case.
    pub async fn tenant_of_entra(&self, entra_id: &str) -> Result<Option<String>, Error> {
        self.bounded(async {
            let id = sqlx::query_scalar("select id from tenants where entra_id = $1");
            Ok(id.bind(entra_id).fetch_optional(self.reader()?).await?)
        })
        .await
    }

    /// Our id of the one tenant with this mail domain, lower case; `None` also when several have it.
    pub async fn tenant_of_domain(&self, domain: &str) -> Result<Option<String>, Error> {
        self.bounded(async {
            // Within a JSON array of texts, what stands between quotation marks is a whole text.
            let ids = sqlx::query_scalar("select id from tenants where replace(domains, $1, '') <> domains limit 2");
            let mut ids: Vec<String> = ids.bind(json!(domain).to_string()).fetch_all(self.reader()?).await?;
            Ok(if ids.len() == 1 { ids.pop() } else { None })
        })
        .await
    }

    /// A tenant.
    pub(super) async fn find_tenant(&self, id: &str) -> Result<Option<TenantSummary>, Error> {
        self.bounded(async {
            let row = sqlx::query("select id, entra_id, name, domains, version from tenants where id = $1")
                .bind(id)
                .fetch_optional(self.reader()?)
                .await?;
            row.as_ref().map(summary).transpose()
        })
        .await
    }
}

/// The tenant in a row: id, Entra id, name, domains, version, and whatever follows.
pub(in crate::store) fn summary(row: &AnyRow) -> Result<TenantSummary, Error> {
    let domains: String = row.try_get(3)?;
    Ok(TenantSummary {
        id: row.try_get(0)?,
        entra_id: row.try_get(1)?,
        name: row.try_get(2)?,
        domains: serde_json::from_str(&domains)
            .map_err(|error| Error::Corrupt(format!("a tenant's domains are no JSON array: {error}")))?,
        version: row.try_get(4)?,
    })
}

/// The tenant as it is stored, created when it is new (then the second part is true), and its row locked: every write in
/// a tenant starts here or with [`next_version`], so that writes come one after the other.
pub(in crate::store) async fn ensure(
    write: &mut Write,
    entra_id: &str,
    name: &str,
    domains: &[String],
    now_ms: i64,
) -> Result<(TenantSummary, bool), Error> {
    // Made from the Entra id, so that the same company has the same image addresses on every server.
    let id = images::hash(entra_id.as_bytes())[..16].to_owned();
    let created = sqlx::query(
        "insert into tenants (id, entra_id, name, domains, version, created_ms) values ($1, $2, $3, $4, 1, $5)
         on conflict do nothing",
    )
    .bind(&id)
    .bind(entra_id)
    .bind(name)
    .bind(json!(domains).to_string())
    .bind(now_ms)
    .execute(&mut **write)
    .await?
    .rows_affected();
    // Changes nothing, but takes the row's lock on PostgreSQL, where SQLite has the whole file's already.
    if created > 0 {
        leases::ask(write, &Wanted::job(&id, Job::Tidy, "", now_ms)).await?;
    }
    let row = sqlx::query(
        "update tenants set version = version where entra_id = $1 returning id, entra_id, name, domains, version",
    )
    .bind(entra_id)
    .fetch_one(&mut **write)
    .await?;
    Ok((summary(&row)?, created > 0))
}

/// Gives the tenant another name and other domains.
pub(in crate::store) async fn rename(
    write: &mut Write,
    tenant: &str,
    name: &str,
    domains: &[String],
) -> Result<(), Error> {
    sqlx::query("update tenants set name = $2, domains = $3 where id = $1")
        .bind(tenant)
        .bind(name)
        .bind(json!(domains).to_string())
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Keeps others from writing in the tenant until this transaction ends, without a new version: for what no signature shows.
pub(in crate::store) async fn lock(write: &mut Write, tenant: &str) -> Result<(), Error> {
    let locked = sqlx::query("update tenants set version = version where id = $1").bind(tenant);
    match locked.execute(&mut **write).await?.rows_affected() {
        0 => Err(Error::NotFound("there is no such tenant".into())),
        _ => Ok(()),
    }
}

/// The version that the change in this transaction makes.
pub(in crate::store) async fn next_version(write: &mut Write, tenant: &str) -> Result<i64, Error> {
    sqlx::query_scalar("update tenants set version = version + 1 where id = $1 returning version")
        .bind(tenant)
        .fetch_optional(&mut **write)
        .await?
        .ok_or_else(|| Error::NotFound("there is no such tenant".into()))
}
