//! Importing a company document in one transaction.
//!
//! The import changes only what the document contains. People, groups, templates and images that are not in the document are
//! unchanged; for people in the document, addresses, groups, grants and directory values are set exactly as in the document.
//! Rules and fields are ordered lists and are replaced completely. Other sources' values are never changed.

pub(in crate::store) mod document;
pub(in crate::store) mod packed;
mod people;
pub(in crate::store) mod wanted;

pub use super::rows::Counts;

use super::Company;
use super::accounts::owners;
use super::audit::{self, By};
use super::design::designs;
use super::design::versions;
use super::rows::{Cell, Difference, Rows, Table};
use super::tenants::record;
use super::{Error, Store, TenantSummary, Write};
use crate::pictures;
use crate::store::tenants::changes::About;
use document::People;
use email_signature::{Part, Template};
use serde_json::json;
use std::collections::BTreeMap;
use wanted::{DocumentRows, ImportError, check_rules, rows_of};

/// Result of an import; all counts are zero if nothing changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Our id of the tenant.
    pub tenant: String,
    /// The tenant's version afterwards.
    pub version: i64,
    /// Whether the tenant is new, or its name or domains changed.
    pub tenant_changed: bool,
    /// Whether the accounts that own every tenant became its first owners.
    pub owners_added: bool,
    /// Addresses of its owners; without any, nobody can open it in the console.
    pub owners: Vec<String>,
    /// People and shared mailboxes.
    pub people: Counts,
    /// Their addresses, groups, grants and values.
    pub details: Counts,
    /// Groups.
    pub groups: Counts,
    /// Fields.
    pub fields: Counts,
    /// Templates; a changed one has a new version.
    pub templates: Counts,
    /// Rules.
    pub rules: Counts,
    /// Images.
    pub images: Counts,
}

impl ImportReport {
    /// Whether anything changed.
    pub fn changed(&self) -> bool {
        self.tenant_changed || self.owners_added || self.sections().iter().any(|(_, counts)| counts.any())
    }

    /// The counts with their names, in reading order.
    pub fn sections(&self) -> [(&'static str, Counts); 7] {
        [
            ("people and mailboxes", self.people),
            ("addresses, memberships, grants and values", self.details),
            ("groups", self.groups),
            ("fields", self.fields),
            ("templates", self.templates),
            ("rules", self.rules),
            ("images", self.images),
        ]
    }
}

const FIELDS: Table =
    Table { name: "fields", key: &["token"], values: &["label", "position", "edited_by", "removed"], keep: true };
const GROUPS: Table = Table { name: "directory_groups", key: &["id"], values: &["name"], keep: true };
const GROUP_ADDRESSES: Table =
    Table { name: "group_addresses", key: &["group_id", "address"], values: &[], keep: false };
const RULES: Table = Table { name: "rules", key: &["id"], values: &["priority", "document"], keep: false };
const IMAGES: Table = Table { name: "images", key: &["name"], values: &["hash"], keep: false };

/// An import in progress.
struct Import<'a, P> {
    company: &'a Company<P>,
    rows: DocumentRows,
    by: By,
}

impl Store {
    /// Changes a tenant to match the document, in one transaction. `read` reads a file that the document names; `by` is
    /// for the audit.
    pub async fn import<P: People>(
        &self,
        company: &Company<P>,
        read: impl Fn(&str) -> Option<Vec<u8>>,
        by: By,
    ) -> Result<ImportReport, ImportError> {
        let import = Import { company, rows: rows_of(company, read)?, by };
        let mut write = self.begin().await?;
        let report = import.apply(&mut write).await?;
        write.commit().await.map_err(Error::from)?;
        Ok(report)
    }

    /// What [`Store::import`] would change, without changing it.
    pub async fn try_import<P: People>(
        &self,
        company: &Company<P>,
        read: impl Fn(&str) -> Option<Vec<u8>>,
    ) -> Result<ImportReport, ImportError> {
        let import = Import { company, rows: rows_of(company, read)?, by: By::new("dry run", 0) };
        let mut write = self.begin().await?;
        let report = import.apply(&mut write).await?;
        write.rollback().await.map_err(Error::from)?;
        Ok(report)
    }
}

impl<P: People> Import<'_, P> {
    async fn apply(&self, write: &mut Write) -> Result<ImportReport, ImportError> {
        let (tenant, created) = record::ensure(
            write,
            self.rows.entra_id.as_deref(),
            &self.company.tenant.name,
            &self.rows.domains,
            self.by.at_ms,
        )
        .await?;
        let mut report = ImportReport { tenant: tenant.id.clone(), version: tenant.version, ..ImportReport::default() };
        report.tenant_changed = created || self.rename(write, &tenant).await?;
        let id = tenant.id.as_str();
        report.owners_added = owners::adopt(write, id).await?;
        report.owners = owners::of(write, id).await?;
        report.groups = whole(write, &GROUPS, id, &self.rows.groups, |_, _| false).await?;
        let named = |key: &[Cell], _: &[Cell]| self.rows.groups.contains_key(&key[..1]);
        report.details = whole(write, &GROUP_ADDRESSES, id, &self.rows.group_addresses, named).await?;
        report.fields = whole(write, &FIELDS, id, &self.rows.fields, |_, _| true).await?;
        let (people, details) = self.everybody(write, id).await?;
        report.people = people;
        report.details += details;
        report.templates = self.templates(write, id).await?;
        report.rules = whole(write, &RULES, id, &self.rows.rules, |_, _| true).await?;
        if report.rules.any() {
            versions::note_rules(write, id, &self.company.rules, &self.by).await?;
        }
        self.image_files(write, id).await?;
        report.images = whole(write, &IMAGES, id, &self.rows.images, |_, _| false).await?;
        if report.changed() {
            report.version = record::next_version(write, id).await?;
            self.audit(write, &report).await?;
        }
        Ok(report)
    }

    async fn rename(&self, write: &mut Write, tenant: &TenantSummary) -> Result<bool, Error> {
        let (name, domains) = (&self.company.tenant.name, &self.rows.domains);
        if (name, domains) == (&tenant.name, &tenant.domains) {
            return Ok(false);
        }
        let renamed = TenantSummary { name: name.clone(), domains: domains.clone(), ..tenant.clone() };
        record::update(write, &renamed).await?;
        Ok(true)
    }

    /// New versions of the templates that differ from their current one.
    async fn templates(&self, write: &mut Write, tenant: &str) -> Result<Counts, ImportError> {
        let stored = current_templates(write, tenant).await?;
        let mut parts: BTreeMap<String, Part> = stored.iter().map(|(id, old)| (id.clone(), old.part)).collect();
        let mut counts = Counts::default();
        for template in &self.rows.templates {
            parts.insert(template.id.clone(), template.part);
            match stored.get(&template.id) {
                Some(old) if old == template => continue,
                Some(_) => counts.changed += 1,
                None => counts.added += 1,
            }
            versions::put_version(write, tenant, template, &self.by).await?;
        }
        check_rules(self.company, &parts)?;
        Ok(counts)
    }

    async fn image_files(&self, write: &mut Write, tenant: &str) -> Result<(), Error> {
        for (hash, (content_type, bytes)) in &self.rows.files {
            let (width, height) = pictures::size(bytes).unwrap_or_default();
            sqlx::query(
                "insert into image_files (tenant, hash, content_type, bytes, width, height)
                 values ($1, $2, $3, $4, $5, $6) on conflict (tenant, hash) do nothing",
            )
            .bind(tenant)
            .bind(hash)
            .bind(*content_type)
            .bind(bytes.as_slice())
            .bind(i64::from(width))
            .bind(i64::from(height))
            .execute(&mut **write)
            .await?;
        }
        Ok(())
    }

    async fn audit(&self, write: &mut Write, report: &ImportReport) -> Result<(), Error> {
        let counts: BTreeMap<_, _> = report
            .sections()
            .into_iter()
            .filter(|(_, counts)| counts.any())
            .map(|(name, counts)| (name, json!([counts.added, counts.changed, counts.removed])))
            .collect();
        let detail = json!({ "added_changed_removed": counts });
        audit::note(
            write,
            audit::Entry {
                tenant: &report.tenant,
                version: report.version,
                about: About::Everything,
                by: self.by.clone(),
                action: "import",
                subject: &report.tenant,
                detail,
            },
        )
        .await
    }
}

/// [`Table::reconcile`] with all stored rows of the table.
async fn whole(
    write: &mut Write,
    table: &Table,
    tenant: &str,
    wanted: &Rows,
    ours: impl Fn(&[Cell], &[Cell]) -> bool,
) -> Result<Counts, Error> {
    let stored = table.read(write, tenant).await?;
    table.reconcile(write, tenant, &Difference::new(&stored, wanted, ours)).await
}

async fn current_templates(write: &mut Write, tenant: &str) -> Result<BTreeMap<String, Template>, Error> {
    let entries = designs::state(write, tenant).await?.templates;
    Ok(entries.into_iter().filter_map(|entry| Some((entry.id, entry.published?.1))).collect())
}

fn text(cell: &Cell) -> &str {
    match cell {
        Cell::Text(text) => text,
        Cell::Int(_) | Cell::Null => "?",
    }
}
