//! Writes about one person, and which of a field's values is in effect.

use super::change_person::PersonKey;
use super::values;
use crate::store::audit::{self, By};
use crate::store::tenants::changes::About;
use crate::store::tenants::record;
use crate::store::{Error, Source, Store};
use serde_json::json;
use std::collections::BTreeMap;

/// Whether somebody wrote the value by hand. Then an empty one means "show nothing"; from a directory or a database it
/// means "not known", and the next source is asked.
pub(in crate::store) fn by_hand(source: Source) -> bool {
    matches!(source, Source::Own | Source::Manual)
}

/// The source that a row names.
pub(in crate::store) fn source(text: &str) -> Result<Source, Error> {
    Source::parse(text).ok_or_else(|| Error::Corrupt(format!("{text:?} is no source of a field's value")))
}

impl Store {
    /// Gives a person their Entra object id. [`Error::Conflict`] when they have another one or somebody else has this one.
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
            Some(_) => return Err(Error::Conflict("this person is linked with another Entra object id".into())),
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

    /// Sets and removes a person's own values (source `self`). The caller has checked that they may edit the fields.
    /// `by` is who did it, for the audit: the person's id.
    pub async fn set_own_fields(
        &self,
        tenant: &str,
        person: &str,
        values: &BTreeMap<String, Option<String>>,
        by: By,
    ) -> Result<(), Error> {
        self.set_values(PersonKey { tenant, person }, Source::Own, values, by).await
    }

    /// Sets and removes (`None`) a person's values from one source, in one transaction with its audit entry. Values that
    /// are so already are no change.
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
    Error::NotFound("there is no such person in this tenant".into())
}
