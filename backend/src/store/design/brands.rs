//! Brands with their published versions and unpublished changes. Like the rules, they are one list.

use super::designs::{self, DesignState, Unpublished};
use super::versions::{self, Stamp};
use crate::store::audit::By;
use crate::store::tenants::load::document;
use crate::store::tenants::record;
use crate::store::{Error, Limits, Store, Write};
use email_signature::Brand;
use serde_json::{Value, json};
use sqlx::{Any, Executor};

/// The brands of a tenant, in order with the default last.
#[derive(Clone, Debug, Default)]
pub struct BrandState {
    /// Published brands.
    pub published: Vec<Brand>,
    /// Version of the published brands; `None` if there never were any.
    pub stamp: Option<Stamp>,
    /// Unpublished version.
    pub unpublished: Option<Unpublished<Vec<Brand>>>,
}

impl BrandState {
    /// The brands with their unpublished changes.
    pub fn current(&self) -> &[Brand] {
        self.unpublished.as_ref().map_or(&self.published, |unpublished| &unpublished.document)
    }
}

impl Store {
    /// Saves the unpublished version of the brands if `check` accepts the current state. If it equals the published brands,
    /// there are no unpublished changes; if it equals the unpublished ones, nothing changes.
    ///
    /// # Errors
    /// The error of `check`.
    pub async fn save_brands<E: From<Error>>(
        &self,
        tenant: &str,
        brands: &[Brand],
        check: impl FnOnce(&DesignState) -> Result<(), E>,
        by: &By,
    ) -> Result<(), E> {
        let mut write = self.begin().await?;
        record::lock(&mut write, tenant).await?;
        let state = designs::state(&mut write, tenant).await?;
        check(&state)?;
        if state.brands.current() == brands {
            return Ok(());
        }
        if state.brands.published == brands {
            delete_unpublished(&mut write, tenant).await?;
        } else {
            put_unpublished(&mut write, tenant, brands, by).await?;
        }
        Ok(write.commit().await.map_err(Error::from)?)
    }

    /// Discards the unpublished changes of the brands if `check` accepts the current state; of an editor with limits, those of
    /// their own brands. Planned publishing is cancelled.
    ///
    /// # Errors
    /// The error of `check`.
    pub async fn discard_brands<E: From<Error>>(
        &self,
        tenant: &str,
        limits: Option<&Limits>,
        check: impl FnOnce(&DesignState) -> Result<(), E>,
        by: &By,
    ) -> Result<(), E> {
        let mut write = self.begin().await?;
        record::lock(&mut write, tenant).await?;
        let state = designs::state(&mut write, tenant).await?;
        check(&state)?;
        let state = state.brands;
        let left = match limits {
            Some(limits) => limits.with_own(state.current(), &state.published),
            None => state.published.clone(),
        };
        if left == state.published {
            delete_unpublished(&mut write, tenant).await?;
        } else if left != state.current() {
            put_unpublished(&mut write, tenant, &left, by).await?;
        }
        Ok(write.commit().await.map_err(Error::from)?)
    }

    /// Lists of brands that were published, the newest first: at most `limit`.
    pub async fn list_brand_versions(&self, tenant: &str, limit: u32) -> Result<Vec<Stamp>, Error> {
        stamps(self.reader()?, tenant, limit).await
    }

    /// The brands as they were in this version.
    pub async fn brands_version(&self, tenant: &str, version: i64) -> Result<Option<Vec<Brand>>, Error> {
        let row = sqlx::query("select document from brand_versions where tenant = $1 and version = $2")
            .bind(tenant)
            .bind(version)
            .fetch_optional(self.reader()?)
            .await?;
        row.as_ref().map(|row| document(row, 0, "list of brands")).transpose()
    }
}

/// The published brands.
pub(in crate::store) async fn published(
    executor: impl Executor<'_, Database = Any>,
    tenant: &str,
) -> Result<Vec<Brand>, Error> {
    let row = sqlx::query("select document from brand_versions where tenant = $1 order by version desc limit 1")
        .bind(tenant)
        .fetch_optional(executor)
        .await?;
    Ok(row.as_ref().map(|row| document(row, 0, "list of brands")).transpose()?.unwrap_or_default())
}

/// Reads the state; if `connection` is in a transaction, as the transaction sees it.
pub(super) async fn state(connection: &mut sqlx::AnyConnection, tenant: &str) -> Result<BrandState, Error> {
    let published = published(&mut *connection, tenant).await?;
    let stamp = stamps(&mut *connection, tenant, 1).await?.pop();
    let row = sqlx::query(
        "select d.document, d.changed_ms, d.actor_name, d.publish_ms, d.publish_actor, d.publish_account, a.name, a.email,
                m.role, m.limits
         from unpublished_brands d
         left join accounts a on a.id = d.publish_account
         left join members m on m.tenant = d.tenant and m.account = d.publish_account
         where d.tenant = $1",
    )
    .bind(tenant)
    .fetch_optional(&mut *connection)
    .await?;
    let mut unpublished: Option<Unpublished<Vec<Brand>>> =
        row.as_ref().map(|row| designs::read_unpublished(row, 0, "list of brands")).transpose()?;
    if let Some(Unpublished { document, publish: Some(plan), .. }) = &mut unpublished {
        plan.planner = std::mem::take(&mut plan.planner).for_brands(&published, document);
    }
    Ok(BrandState { published, stamp, unpublished })
}

async fn stamps(executor: impl Executor<'_, Database = Any>, tenant: &str, limit: u32) -> Result<Vec<Stamp>, Error> {
    let sql =
        "select version, created_ms, actor_name from brand_versions where tenant = $1 order by version desc limit $2";
    versions::stamps(executor, sql, tenant, limit).await
}

/// Publishes the brands and returns the details for the audit, by brand. Other unpublished changes are kept.
pub(super) async fn publish(
    write: &mut Write,
    tenant: &str,
    brands: &[Brand],
    before: &BrandState,
    by: &By,
) -> Result<Vec<Value>, Error> {
    let version = before.stamp.as_ref().map_or(1, |stamp| stamp.version + 1);
    sqlx::query(
        "insert into brand_versions (tenant, version, document, actor_name, created_ms) values ($1, $2, $3, $4, $5)",
    )
    .bind(tenant)
    .bind(version)
    .bind(json!(brands).to_string())
    .bind(by.actor.words())
    .bind(by.at_ms)
    .execute(&mut **write)
    .await?;
    if before.current() == brands {
        delete_unpublished(write, tenant).await?;
    }
    Ok(told(&before.published, brands))
}

/// What became of each brand.
fn told(before: &[Brand], after: &[Brand]) -> Vec<Value> {
    let find = |brands: &'_ [Brand], id: &str| brands.iter().find(|brand| brand.id == id).cloned();
    let told = |name: &str, from: Option<Brand>, to: Option<&Brand>| json!({ "what": format!("Brand “{name}”"), "from": from, "to": to });
    let mut changes: Vec<Value> = Vec::new();
    for brand in after {
        let from = find(before, &brand.id);
        if from.as_ref() != Some(brand) {
            changes.push(told(&brand.name, from, Some(brand)));
        }
    }
    let gone = before.iter().filter(|brand| find(after, &brand.id).is_none());
    changes.extend(gone.map(|brand| told(&brand.name, Some(brand.clone()), None)));
    if changes.is_empty() {
        let order =
            |brands: &[Brand]| brands.iter().map(|brand| format!("“{}”", brand.name)).collect::<Vec<_>>().join(", ");
        changes.push(json!({ "what": "Order of the brands", "from": order(before), "to": order(after) }));
    }
    changes
}

async fn put_unpublished(write: &mut Write, tenant: &str, brands: &[Brand], by: &By) -> Result<(), Error> {
    sqlx::query(
        "insert into unpublished_brands (tenant, document, actor_name, changed_ms) values ($1, $2, $3, $4)
         on conflict (tenant) do update set document = excluded.document, actor_name = excluded.actor_name,
             changed_ms = excluded.changed_ms, publish_ms = null, publish_actor = null",
    )
    .bind(tenant)
    .bind(json!(brands).to_string())
    .bind(by.actor.words())
    .bind(by.at_ms)
    .execute(&mut **write)
    .await?;
    Ok(())
}

async fn delete_unpublished(write: &mut Write, tenant: &str) -> Result<(), Error> {
    sqlx::query("delete from unpublished_brands where tenant = $1").bind(tenant).execute(&mut **write).await?;
    Ok(())
}
