//! Writing unpublished templates and rules. Writing one cancels its planned publishing.

use crate::store::audit::By;
use crate::store::{Error, Write};
use email_signature::{Rule, Template};
use serde_json::json;

pub(super) async fn put_template(write: &mut Write, tenant: &str, template: &Template, by: &By) -> Result<(), Error> {
    sqlx::query(
        "insert into unpublished_templates (tenant, template, document, actor_name, changed_ms) values ($1, $2, $3, $4, $5)
         on conflict (tenant, template) do update set document = excluded.document, actor_name = excluded.actor_name,
             changed_ms = excluded.changed_ms, publish_ms = null, publish_actor = null",
    )
    .bind(tenant)
    .bind(&template.id)
    .bind(json!(template).to_string())
    .bind(by.actor.words())
    .bind(by.at_ms)
    .execute(&mut **write)
    .await?;
    Ok(())
}

pub(super) async fn delete_template(write: &mut Write, tenant: &str, template: &str) -> Result<(), Error> {
    let delete = sqlx::query("delete from unpublished_templates where tenant = $1 and template = $2");
    delete.bind(tenant).bind(template).execute(&mut **write).await?;
    Ok(())
}

pub(super) async fn put_rules(write: &mut Write, tenant: &str, rules: &[Rule], by: &By) -> Result<(), Error> {
    sqlx::query(
        "insert into unpublished_rules (tenant, document, actor_name, changed_ms) values ($1, $2, $3, $4)
         on conflict (tenant) do update set document = excluded.document, actor_name = excluded.actor_name,
             changed_ms = excluded.changed_ms, publish_ms = null, publish_actor = null",
    )
    .bind(tenant)
    .bind(json!(rules).to_string())
    .bind(by.actor.words())
    .bind(by.at_ms)
    .execute(&mut **write)
    .await?;
    Ok(())
}

pub(super) async fn delete_rules(write: &mut Write, tenant: &str) -> Result<(), Error> {
    sqlx::query("delete from unpublished_rules where tenant = $1").bind(tenant).execute(&mut **write).await?;
    Ok(())
}
