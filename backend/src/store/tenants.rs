//! Tenants: the rows themselves, and everything of one at once.

use super::{Error, Store};
use email_signature::{Person, Rule, Template};
use std::collections::BTreeMap;

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

/// Everything of a tenant that signatures need.
#[derive(Clone, Debug)]
pub struct TenantRecord {
    /// The tenant itself.
    pub tenant: TenantSummary,
    /// Fields that are custom or editable, in the admin's order.
    pub fields: Vec<FieldDefinition>,
    /// Names of groups by id.
    pub groups: BTreeMap<String, String>,
    /// Everybody, sorted by id.
    pub people: Vec<PersonRecord>,
    /// The current version of every template, sorted by id.
    pub templates: Vec<TemplateRecord>,
    /// In priority order.
    pub rules: Vec<Rule>,
    /// The current images, sorted by name.
    pub images: Vec<ImageRecord>,
}

/// A field that is custom or editable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDefinition {
    /// The token that templates use.
    pub token: String,
    /// What people see.
    pub label: String,
    /// Whether people may give it their own value.
    pub editable: bool,
}

/// Somebody, with what signing must know beyond [`Person`].
#[derive(Clone, Debug)]
pub struct PersonRecord {
    /// With the effective value of every field.
    pub person: Person,
    /// The Entra object id once they are linked.
    pub oid: Option<String>,
    /// Whether this is a shared mailbox.
    pub shared: bool,
    /// Their own values (source `self`), by token.
    pub own: BTreeMap<String, String>,
    /// Ids of the people who may send from this mailbox.
    pub send_as: Vec<String>,
}

/// The current version of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateRecord {
    /// Counts from 1.
    pub version: i64,
    /// The template.
    pub template: Template,
}

/// A current image; its bytes are read with [`Store::image`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageRecord {
    /// The name behind `image:` in templates.
    pub name: String,
    /// Of its bytes, lower-case hex.
    pub hash: String,
    /// `image/png`, `image/jpeg` or `image/gif`.
    pub content_type: String,
}

impl Store {
    /// Our id of the tenant with this Entra id, which is created when it is new; name and domains are brought up to date.
    pub async fn ensure_tenant(
        &self,
        entra_id: &str,
        name: &str,
        domains: &[String],
        now_ms: i64,
    ) -> Result<TenantSummary, Error> {
        let _ = (entra_id, name, domains, now_ms);
        todo!()
    }

    /// Every tenant, sorted by name.
    pub async fn list_tenants(&self) -> Result<Vec<TenantSummary>, Error> {
        todo!()
    }

    /// The tenant's version; `None` when there is no such tenant.
    pub async fn tenant_version(&self, tenant: &str) -> Result<Option<i64>, Error> {
        let _ = tenant;
        todo!()
    }

    /// Everything that signatures of the tenant with this Entra id need.
    pub async fn load_tenant(&self, entra_id: &str) -> Result<Option<TenantRecord>, Error> {
        let _ = entra_id;
        todo!()
    }
}
