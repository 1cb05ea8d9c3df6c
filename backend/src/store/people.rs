//! Writes about one person.

use super::{Error, Store};
use api::FieldChanges;
use std::collections::BTreeMap;

/// Where a field's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// The person.
    Own,
    /// An admin.
    Manual,
    /// A database, through the connector.
    Database,
    /// Entra ID.
    Entra,
    /// Google.
    Google,
}

impl Store {
    /// Gives a person their Entra object id. [`Error::Conflict`] when they have another one or somebody else has this one.
    pub async fn link_oid(&self, tenant: &str, person: &str, oid: &str, now_ms: i64) -> Result<(), Error> {
        let _ = (tenant, person, oid, now_ms);
        todo!()
    }

    /// Sets and removes a person's own values (source `self`). The caller has checked that they may edit the fields.
    /// `actor` is who did it, for the audit: the person's id.
    pub async fn set_own_fields(
        &self,
        tenant: &str,
        person: &str,
        changes: &FieldChanges,
        actor: &str,
        now_ms: i64,
    ) -> Result<(), Error> {
        self.set_values(tenant, person, Source::Own, &changes.fields, actor, now_ms).await
    }

    /// Sets and removes (`None`) a person's values from one source, in one transaction with its audit entry.
    pub async fn set_values(
        &self,
        tenant: &str,
        person: &str,
        source: Source,
        values: &BTreeMap<String, Option<String>>,
        actor: &str,
        now_ms: i64,
    ) -> Result<(), Error> {
        let _ = (tenant, person, source, values, actor, now_ms);
        todo!()
    }
}
