//! Values of people's fields by source: one row per person and source, with the values as JSON by token.

use super::change_person::PersonKey;
use crate::store::tenants::load;
use crate::store::{Error, Source, Write};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// A person's values from one source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::store) struct Said {
    /// Values by token.
    pub(in crate::store) fields: BTreeMap<String, String>,
    /// Tokens whose values also take precedence over the person's own.
    pub(in crate::store) locked: BTreeSet<String>,
}

impl Said {
    /// Sets a value and whether it is locked, or removes it (`None`); returns the previous value.
    pub(in crate::store) fn set(&mut self, token: &str, new: Option<(&str, bool)>) -> Option<String> {
        self.locked.remove(token);
        let Some((value, locked)) = new else { return self.fields.remove(token) };
        if locked {
            self.locked.insert(token.to_owned());
        }
        self.fields.insert(token.to_owned(), value.to_owned())
    }

    /// Parses the columns `fields` and `locked`.
    pub(in crate::store) fn parse(fields: &str, locked: &str) -> Result<Self, Error> {
        let locked = if locked == "[]" { BTreeSet::new() } else { load::json(locked, "list of locked values")? };
        // Only values that were moved here from older tables may have control characters; no mail shows them.
        let is_clean = !fields.contains(|letter: char| letter.is_ascii_control());
        let clean =
            if is_clean { Cow::Borrowed(fields) } else { fields.replace(|c: char| c.is_ascii_control(), "").into() };
        Ok(Self { fields: load::json(&clean, "person's values")?, locked })
    }
}

/// Values for the column `fields`; `None` if there are none, so that no row is needed.
pub(in crate::store) fn to_json(values: &BTreeMap<String, String>) -> Option<String> {
    (!values.is_empty()).then(|| serde_json::json!(values).to_string())
}

/// Reads a person's values from a source, for an update in the same transaction.
pub(in crate::store) async fn read(write: &mut Write, key: PersonKey<'_>, source: Source) -> Result<Said, Error> {
    let row: Option<(String, String)> =
        sqlx::query_as("select fields, locked from person_values where tenant = $1 and person = $2 and source = $3")
            .bind(key.tenant)
            .bind(key.person)
            .bind(source.as_str())
            .fetch_optional(&mut **write)
            .await?;
    row.map_or_else(|| Ok(Said::default()), |(fields, locked)| Said::parse(&fields, &locked))
}

/// Writes all of a person's values from a source.
pub(in crate::store) async fn put(
    write: &mut Write,
    key: PersonKey<'_>,
    source: Source,
    said: &Said,
) -> Result<(), Error> {
    let Some(fields) = to_json(&said.fields) else {
        sqlx::query("delete from person_values where tenant = $1 and person = $2 and source = $3")
            .bind(key.tenant)
            .bind(key.person)
            .bind(source.as_str())
            .execute(&mut **write)
            .await?;
        return Ok(());
    };
    sqlx::query(
        "insert into person_values (tenant, person, source, fields, locked) values ($1, $2, $3, $4, $5)
         on conflict (tenant, person, source) do update set fields = excluded.fields, locked = excluded.locked",
    )
    .bind(key.tenant)
    .bind(key.person)
    .bind(source.as_str())
    .bind(fields)
    .bind(serde_json::json!(said.locked).to_string())
    .execute(&mut **write)
    .await?;
    Ok(())
}
