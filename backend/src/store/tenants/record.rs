//! Records of tenants.

use crate::store::design::images;
use crate::store::leases;
use crate::store::{Error, Job, Store, Wanted, Write};
use email_signature::DomainPattern;
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{Any, Executor, Row};

/// A tenant, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantSummary {
    /// Tenant id, which every other row contains.
    pub id: String,
    /// The Entra tenant id, lower case; `None` while the company has none.
    pub entra_id: Option<String>,
    /// The organisation's name.
    pub name: String,
    /// Its mail domains, as `DomainPattern` writes them.
    pub domains: Vec<String>,
    /// Whether recipients whom Outlook does not name in time count as external.
    pub unread_external: bool,
    /// Version number, which increases with every change that can affect signatures.
    pub version: i64,
}

impl TenantSummary {
    /// What names this tenant and no other on a command line: the Entra tenant id, or else our id.
    pub fn handle(&self) -> &str {
        self.entra_id.as_deref().unwrap_or(&self.id)
    }
}

impl Store {
    /// Every tenant, sorted by name.
    pub async fn list_tenants(&self) -> Result<Vec<TenantSummary>, Error> {
        let rows =
            sqlx::query("select id, entra_id, name, domains, version, unread_external from tenants order by name, id")
                .fetch_all(self.reader()?)
                .await?;
        rows.iter().map(summary).collect()
    }

    /// The version of a tenant; `None` if the tenant does not exist.
    pub async fn tenant_version(&self, id: &str) -> Result<Option<i64>, Error> {
        self.bounded(async {
            let version = sqlx::query_scalar("select version from tenants where id = $1");
            Ok(version.bind(id).fetch_optional(self.reader()?).await?)
        })
        .await
    }

    /// Id of the tenant with this Entra id, in lower case.
    pub async fn tenant_of_entra(&self, entra_id: &str) -> Result<Option<String>, Error> {
        self.bounded(async { of_entra(self.reader()?, entra_id).await }).await
    }

    /// Id of the only tenant with this mail domain, as addresses have it; `None` also if several tenants have it. A tenant that
    /// names the domain itself comes before one that has everything below another.
    pub async fn tenant_of_domain(&self, domain: &str) -> Result<Option<String>, Error> {
        self.bounded(async {
            for written in DomainPattern::all_of(domain) {
                let ids = of_domain(self.reader()?, &written).await?;
                if !ids.is_empty() {
                    return Ok(<[String; 1]>::try_from(ids).ok().map(|[id]| id));
                }
            }
            Ok(None)
        })
        .await
    }

    /// A tenant.
    pub(super) async fn find_tenant(&self, id: &str) -> Result<Option<TenantSummary>, Error> {
        self.bounded(async {
            let row =
                sqlx::query("select id, entra_id, name, domains, version, unread_external from tenants where id = $1")
                    .bind(id)
                    .fetch_optional(self.reader()?)
                    .await?;
            row.as_ref().map(summary).transpose()
        })
        .await
    }
}

async fn of_entra(database: impl Executor<'_, Database = Any>, entra_id: &str) -> Result<Option<String>, Error> {
    let id = sqlx::query_scalar("select id from tenants where entra_id = $1");
    Ok(id.bind(entra_id).fetch_optional(database).await?)
}

/// At most two ids of tenants with this domain: more are as ambiguous.
async fn of_domain(database: impl Executor<'_, Database = Any>, domain: &str) -> Result<Vec<String>, Error> {
    // Within a JSON array of texts, what stands between quotation marks is a whole text.
    let ids = sqlx::query_scalar("select id from tenants where replace(domains, $1, '') <> domains limit 2");
    Ok(ids.bind(json!(domain).to_string()).fetch_all(database).await?)
}

/// Reads a tenant from a row: id, Entra id, name, domains, version, side of unread recipients, and possibly further columns.
pub(in crate::store) fn summary(row: &AnyRow) -> Result<TenantSummary, Error> {
    let domains: String = row.try_get(3)?;
    Ok(TenantSummary {
        id: row.try_get(0)?,
        entra_id: row.try_get(1)?,
        name: row.try_get(2)?,
        domains: serde_json::from_str(&domains)
            .map_err(|error| Error::Corrupt(format!("a tenant's domains are not a JSON array: {error}")))?,
        version: row.try_get(4)?,
        unread_external: row.try_get::<i64, _>(5)? != 0,
    })
}

/// Loads the tenant with this Entra id, or without one the tenant with the first of these domains, or creates it (then the
/// second value is true), and locks its row. Every write in a tenant starts with this or [`next_version`], so that writes
/// are sequential.
pub(in crate::store) async fn ensure(
    write: &mut Write,
    entra_id: Option<&str>,
    name: &str,
    domains: &[String],
    now_ms: i64,
) -> Result<(TenantSummary, bool), Error> {
    // Made from one of these, so that the same company has the same image addresses on every server.
    let origin = entra_id.or(domains.first().map(String::as_str)).unwrap_or_default();
    let known = match entra_id {
        Some(_) => of_entra(&mut **write, origin).await?,
        None => match <[String; 1]>::try_from(of_domain(&mut **write, origin).await?) {
            Ok([id]) => Some(id),
            Err(none) if none.is_empty() => None,
            Err(_) => {
                let detail = format!("several tenants have the mail domain {origin}: give the Entra tenant id as well");
                return Err(Error::Conflict(detail));
            }
        },
    };
    let id = known.unwrap_or_else(|| images::hash(origin.as_bytes())[..16].to_owned());
    let created = sqlx::query(
        "insert into tenants (id, origin, entra_id, name, domains, version, created_ms) values ($1, $2, $3, $4, $5, 1, $6)
         on conflict do nothing",
    )
    .bind(&id)
    .bind(origin)
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
        "update tenants set version = version where id = $1 returning id, entra_id, name, domains, version, unread_external",
    )
    .bind(&id)
    .fetch_one(&mut **write)
    .await?;
    Ok((summary(&row)?, created > 0))
}

/// Writes the tenant's name, domains, Entra tenant id and settings. [`Error::Conflict`] when another tenant has that id.
pub(in crate::store) async fn update(write: &mut Write, tenant: &TenantSummary) -> Result<(), Error> {
    if let Some(entra_id) = &tenant.entra_id
        && of_entra(&mut **write, entra_id).await?.is_some_and(|id| id != tenant.id)
    {
        return Err(Error::Conflict("another tenant has this Entra tenant id: check it".into()));
    }
    sqlx::query("update tenants set name = $2, domains = $3, entra_id = $4, unread_external = $5 where id = $1")
        .bind(&tenant.id)
        .bind(&tenant.name)
        .bind(json!(tenant.domains).to_string())
        .bind(&tenant.entra_id)
        .bind(i64::from(tenant.unread_external))
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Prevents other writes in the tenant until this transaction ends, without a new version: for changes that do not affect
/// signatures.
pub(in crate::store) async fn lock(write: &mut Write, tenant: &str) -> Result<(), Error> {
    let locked = sqlx::query("update tenants set version = version where id = $1").bind(tenant);
    match locked.execute(&mut **write).await?.rows_affected() {
        0 => Err(Error::NotFound("this tenant does not exist".into())),
        _ => Ok(()),
    }
}

/// Starts a change: returns the tenant's new version and locks its row.
pub(in crate::store) async fn next_version(write: &mut Write, tenant: &str) -> Result<i64, Error> {
    sqlx::query_scalar("update tenants set version = version + 1 where id = $1 returning version")
        .bind(tenant)
        .fetch_optional(&mut **write)
        .await?
        .ok_or_else(|| Error::NotFound("this tenant does not exist".into()))
}
