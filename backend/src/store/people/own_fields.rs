//! Changes to a person's own and directory values, and linking of object ids.

use super::change_person::PersonKey;
use super::values;
use crate::store::audit::{self, By};
use crate::store::tenants::changes::About;
use crate::store::tenants::record;
use crate::store::{Error, Source, Store};
use serde_json::json;
use std::collections::BTreeMap;

/// Whether values of the source are entered by hand. Then an empty value means "show nothing"; from a directory or a database
/// it means "unknown", and the next source is used.
pub(in crate::store) fn by_hand(source: Source) -> bool {
    matches!(source, Source::Own | Source::Manual)
}

/// Parses the source of a row.
pub(in crate::store) fn source(text: &str) -> Result<Source, Error> {
    Source::parse(text).ok_or_else(|| Error::Corrupt(format!("{text:?} is not a source of a field's value")))
}

impl Store {
    /// Links a person to their Entra object id. [`Error::Conflict`] when they have another one, or another person has this
    /// one.
    pub async fn link_oid(&self, tenant: &str, person: &str, oid: &str, now_ms: i64) -> Result<(), Error> {
        let oid = oid.to_lowercase();
        let mut write = self.begin().await?;
        let version = record::next_version(&mut write, tenant).await?;
        let old: Option<String> = sqlx::query_scalar("select oid from people where tenant = $1 and id = $2")
            .bind(tenant)
            .bind(person)
            .fetch_optional(&mut *write)
            .await?
            .ok_or_else(no_such_person)?;
        match old {
            Some(old) if old == oid => return Ok(()),
            Some(_) => return Err(Error::Conflict("this person is linked to another Entra object id".into())),
            None => {}
        }
        sqlx::query("update people set oid = $3 where tenant = $1 and id = $2")
            .bind(tenant)
            .bind(person)
            .bind(&oid)
            .execute(&mut *write)
            .await?;
        let detail = json!({ "oid": oid });
        audit::note(
            &mut write,
            audit::Entry {
                tenant,
                version,
                about: About::People(&[person]),
                by: By::new(person, now_ms),
                action: "link",
                subject: person,
                detail,
            },
        )
        .await?;
        Ok(write.commit().await?)
    }

    /// Sets and removes a person's own values (source `self`). The caller has checked that they may edit the fields. `by`:
    /// the person's id, for the audit.
    pub async fn set_own_fields(
        &self,
        tenant: &str,
        person: &str,
        values: &BTreeMap<String, Option<String>>,
        by: By,
    ) -> Result<(), Error> {
        self.set_values(PersonKey { tenant, person }, Source::Own, values, by).await
    }

    /// Sets and removes (`None`) a person's values from one source, in one transaction with an audit entry. Values that are
    /// the same already are not changed.
    pub async fn set_values(
        &self,
        key: PersonKey<'_>,
        source: Source,
        values: &BTreeMap<String, Option<String>>,
        by: By,
    ) -> Result<(), Error> {
        let PersonKey { tenant, person } = key;
        let mut write = self.begin().await?;
        let version = record::next_version(&mut write, tenant).await?;
        let known: Option<i64> = sqlx::query_scalar("select shared from people where tenant = $1 and id = $2")
            .bind(tenant)
            .bind(person)
            .fetch_optional(&mut *write)
            .await?;
        known.ok_or_else(no_such_person)?;
        let mut changed = serde_json::Map::new();
        let mut said = values::read(&mut write, key, source).await?;
        for (token, value) in values {
            let old = said.set(token, value.as_deref().map(|value| (value, false)));
            if old != *value {
                changed.insert(token.clone(), json!({ "from": old, "to": value }));
            }
        }
        if changed.is_empty() {
            return Ok(());
        }
        values::put(&mut write, key, source, &said).await?;
        let detail = json!({ "source": source.as_str(), "fields": changed });
        audit::note(
            &mut write,
            audit::Entry {
                tenant,
                version,
                about: About::People(&[person]),
                by,
                action: "set_values",
                subject: person,
                detail,
            },
        )
        .await?;
        Ok(write.commit().await?)
    }
}

pub(in crate::store) fn no_such_person() -> Error {
    Error::NotFound("this person does not exist in this tenant".into())
}
