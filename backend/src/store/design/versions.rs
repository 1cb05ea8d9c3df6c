//! Published versions of templates and rules.

use crate::store::audit::By;
use crate::store::tenants::load::document;
use crate::store::{Error, Store, Write};
use email_signature::{Rule, Template};
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{Any, Executor, Row};

/// A published version: its number, time and author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Version number, from 1.
    pub version: i64,
    /// Time of publishing, in milliseconds UTC.
    pub at_ms: i64,
    /// Name of the user who published it.
    pub by: String,
}

impl Store {
    /// A template's published versions, newest first: at most `limit`.
    pub async fn list_template_versions(&self, tenant: &str, template: &str, limit: u32) -> Result<Vec<Stamp>, Error> {
        let rows = sqlx::query(
            "select version, created_ms, actor_name, actor from template_versions
             where tenant = $1 and template = $2 order by version desc limit $3",
        )
        .bind(tenant)
        .bind(template)
        .bind(i64::from(limit))
        .fetch_all(self.reader()?)
        .await?;
        rows.iter().map(|row| template_stamp(row, 0)).collect()
    }

    /// A template in this version; versions are kept forever.
    pub async fn template_version(
        &self,
        tenant: &str,
        template: &str,
        version: i64,
    ) -> Result<Option<Template>, Error> {
        let row =
            sqlx::query("select document from template_versions where tenant = $1 and template = $2 and version = $3")
                .bind(tenant)
                .bind(template)
                .bind(version)
                .fetch_optional(self.reader()?)
                .await?;
        row.as_ref().map(|row| document(row, 0, "template")).transpose()
    }

    /// Lists of rules that were published, the newest first: at most `limit`.
    pub async fn list_rule_versions(&self, tenant: &str, limit: u32) -> Result<Vec<Stamp>, Error> {
        rule_stamps(self.reader()?, tenant, limit).await
    }

    /// The rules as they were in this version.
    pub async fn rules_version(&self, tenant: &str, version: i64) -> Result<Option<Vec<Rule>>, Error> {
        let row = sqlx::query("select document from rule_versions where tenant = $1 and version = $2")
            .bind(tenant)
            .bind(version)
            .fetch_optional(self.reader()?)
            .await?;
        row.as_ref().map(|row| document(row, 0, "list of rules")).transpose()
    }
}

/// Reads version, time, name and id of the author from a template's row, starting at column `at`.
pub(in crate::store) fn template_stamp(row: &AnyRow, at: usize) -> Result<Stamp, Error> {
    let (name, id): (String, String) = (row.try_get(at + 2)?, row.try_get(at + 3)?);
    let by = if name.is_empty() { id } else { name };
    Ok(Stamp { version: row.try_get(at)?, at_ms: row.try_get(at + 1)?, by })
}

/// Lists of rules that were published, the newest first: at most `limit`.
pub(in crate::store) async fn rule_stamps(
    executor: impl Executor<'_, Database = Any>,
    tenant: &str,
    limit: u32,
) -> Result<Vec<Stamp>, Error> {
    let sql =
        "select version, created_ms, actor_name from rule_versions where tenant = $1 order by version desc limit $2";
    stamps(executor, sql, tenant, limit).await
}

/// Versions of a list that a tenant has once, by a query for version, time and name. `$1`: the tenant, `$2`: the limit.
pub(super) async fn stamps(
    executor: impl Executor<'_, Database = Any>,
    sql: &'static str,
    tenant: &str,
    limit: u32,
) -> Result<Vec<Stamp>, Error> {
    let rows = sqlx::query(sql).bind(tenant).bind(i64::from(limit)).fetch_all(executor).await?;
    let stamp = |row: &AnyRow| Ok(Stamp { version: row.try_get(0)?, at_ms: row.try_get(1)?, by: row.try_get(2)? });
    rows.iter().map(stamp).collect()
}

/// Publishes this version of the template and returns its number.
pub(in crate::store) async fn put_version(
    write: &mut Write,
    tenant: &str,
    template: &Template,
    by: &By,
) -> Result<i64, Error> {
    let version: i64 = sqlx::query_scalar(
        "select coalesce(max(version), 0) + 1 from template_versions where tenant = $1 and template = $2",
    )
    .bind(tenant)
    .bind(&template.id)
    .fetch_one(&mut **write)
    .await?;
    sqlx::query(
        "insert into templates (tenant, id, version) values ($1, $2, $3)
         on conflict (tenant, id) do update set version = excluded.version, deleted_ms = null",
    )
    .bind(tenant)
    .bind(&template.id)
    .bind(version)
    .execute(&mut **write)
    .await?;
    sqlx::query(
        "insert into template_versions (tenant, template, version, document, actor, actor_name, created_ms)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(tenant)
    .bind(&template.id)
    .bind(version)
    .bind(json!(template).to_string())
    .bind(&by.actor.id)
    .bind(&by.actor.name)
    .bind(by.at_ms)
    .execute(&mut **write)
    .await?;
    Ok(version)
}

/// Records a published list of rules and returns its version number.
pub(in crate::store) async fn note_rules(
    write: &mut Write,
    tenant: &str,
    rules: &[Rule],
    by: &By,
) -> Result<i64, Error> {
    let version: i64 = sqlx::query_scalar("select coalesce(max(version), 0) + 1 from rule_versions where tenant = $1")
        .bind(tenant)
        .fetch_one(&mut **write)
        .await?;
    sqlx::query(
        "insert into rule_versions (tenant, version, document, actor_name, created_ms) values ($1, $2, $3, $4, $5)",
    )
    .bind(tenant)
    .bind(version)
    .bind(json!(rules).to_string())
    .bind(by.actor.words())
    .bind(by.at_ms)
    .execute(&mut **write)
    .await?;
    Ok(version)
}
