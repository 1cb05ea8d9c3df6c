//! The tenant's fields in the admin's order: built-in and custom ones.

use crate::store::audit::{self, By};
use crate::store::tenants::changes::About;
use crate::store::tenants::load::{edited_by, precedence};
use crate::store::tenants::record;
use crate::store::{EditedBy, Error, FieldDefinition, Source, Store, Write};
use email_signature::BUILT_IN_FIELDS;
use futures_util::TryStreamExt;
use serde_json::{Value, json};
use sqlx::{Any, Executor, Row};

/// Whether a field is built in. `email` cannot be edited, because it is the address that a draft is sent from.
pub fn is_built_in(token: &str) -> bool {
    token != "email" && BUILT_IN_FIELDS.iter().any(|(known, _)| *known == token)
}

/// All fields: the stored ones, with unchanged built-in ones before the first custom one.
pub fn all_fields(stored: &[FieldDefinition]) -> Vec<FieldDefinition> {
    let untouched = BUILT_IN_FIELDS
        .iter()
        .filter(|(token, _)| is_built_in(token) && stored.iter().all(|field| field.token != *token))
        .map(|(token, label)| FieldDefinition {
            token: (*token).to_owned(),
            label: (*label).to_owned(),
            edited_by: EditedBy::Editor,
            precedence: Source::ALL.to_vec(),
        });
    untouched.chain(stored.iter().cloned()).collect()
}

impl Store {
    /// Replaces the tenant's fields with `wanted`, in this order, if `check` accepts the current ones. Values of removed
    /// fields stay stored but are ignored.
    ///
    /// # Errors
    /// The error of `check`, and errors of the database.
    pub async fn replace_fields<E: From<Error>>(
        &self,
        tenant: &str,
        wanted: &[FieldDefinition],
        check: impl FnOnce(&[FieldDefinition]) -> Result<(), E>,
        by: By,
    ) -> Result<(), E> {
        let mut write = self.begin().await?;
        let version = record::next_version(&mut write, tenant).await?;
        let before = all_fields(&read(&mut *write, tenant).await?);
        check(&before)?;
        let changes = changes(&before, wanted);
        if changes.is_empty() {
            return Ok(());
        }
        put(&mut write, tenant, wanted).await?;
        let detail = json!({ "changes": changes });
        audit::note(
            &mut write,
            audit::Entry {
                tenant,
                version,
                about: About::Everything,
                by,
                action: "change_fields",
                subject: tenant,
                detail,
            },
        )
        .await?;
        Ok(write.commit().await.map_err(Error::from)?)
    }
}

/// The stored fields, in their order.
pub(in crate::store) async fn read<'c>(
    executor: impl Executor<'c, Database = Any>,
    tenant: &str,
) -> Result<Vec<FieldDefinition>, Error> {
    let mut rows = sqlx::query(
        "select token, label, edited_by, precedence from fields
         where tenant = $1 and removed = 0 order by position, token",
    )
    .bind(tenant)
    .fetch(executor);
    let mut fields = Vec::new();
    while let Some(row) = rows.try_next().await? {
        fields.push(FieldDefinition {
            token: row.try_get(0)?,
            label: row.try_get(1)?,
            edited_by: edited_by(row.try_get(2)?)?,
            precedence: precedence(row.try_get(3)?)?,
        });
    }
    Ok(fields)
}

async fn put(write: &mut Write, tenant: &str, wanted: &[FieldDefinition]) -> Result<(), Error> {
    sqlx::query("update fields set removed = 1 where tenant = $1").bind(tenant).execute(&mut **write).await?;
    for (position, field) in (0_i64..).zip(wanted) {
        sqlx::query(
            "insert into fields (tenant, token, label, position, edited_by, precedence, removed)
             values ($1, $2, $3, $4, $5, $6, 0)
             on conflict (tenant, token) do update set label = excluded.label, position = excluded.position,
                 edited_by = excluded.edited_by, precedence = excluded.precedence, removed = 0",
        )
        .bind(tenant)
        .bind(&field.token)
        .bind(&field.label)
        .bind(position)
        .bind(field.edited_by.as_str())
        .bind(json!(field.precedence).to_string())
        .execute(&mut **write)
        .await?;
    }
    Ok(())
}

/// Details for the audit, by property.
fn changes(before: &[FieldDefinition], after: &[FieldDefinition]) -> Vec<Value> {
    let mut changes = Vec::new();
    let mut note = |what: String, from: Option<String>, to: Option<String>| {
        if from != to {
            changes.push(json!({ "what": what, "from": from, "to": to }));
        }
    };
    let find = |list: &[FieldDefinition], token: &str| list.iter().find(|field| field.token == token).cloned();
    for old in before.iter().filter(|old| find(after, &old.token).is_none()) {
        note(format!("Field {}", old.token), Some(old.label.clone()), None);
    }
    for new in after {
        let Some(old) = find(before, &new.token) else {
            note(format!("Field {}", new.token), None, Some(new.label.clone()));
            continue;
        };
        let order = |field: &FieldDefinition| {
            field.precedence.iter().map(|source| source.as_str()).collect::<Vec<_>>().join(", ")
        };
        note(format!("{}: label", old.label), Some(old.label.clone()), Some(new.label.clone()));
        let edited_by = |field: &FieldDefinition| Some(field.edited_by.as_str().to_owned());
        note(format!("{}: edited by", new.label), edited_by(&old), edited_by(new));
        note(format!("{}: precedence", new.label), Some(order(&old)), Some(order(new)));
    }
    let tokens = |list: &[FieldDefinition], other: &[FieldDefinition]| {
        let kept = list.iter().filter(|field| find(other, &field.token).is_some());
        kept.map(|field| field.token.as_str()).collect::<Vec<_>>().join(", ")
    };
    note("Order".into(), Some(tokens(before, after)), Some(tokens(after, before)));
    changes
}
