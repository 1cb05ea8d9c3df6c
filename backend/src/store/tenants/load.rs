//! Loading a complete tenant, or all but its people, for the snapshot in memory.

use crate::store::{EditedBy, Error, PersonRecord, Role, Source, Store, TenantSummary};
use email_signature::{Brand, Rule, Template};
use futures_util::TryStreamExt;
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::BTreeMap;

/// All data of a tenant that signatures need.
#[derive(Clone, Debug)]
pub struct TenantRecord {
    /// The tenant itself.
    pub tenant: TenantSummary,
    /// All data except people.
    pub design: DesignRecord,
    /// All people, sorted by id.
    pub people: Vec<PersonRecord>,
}

/// All data of a tenant that signatures need, except people.
#[derive(Clone, Debug)]
pub struct DesignRecord {
    /// Fields that are custom or editable, in the admin's order.
    pub fields: Vec<FieldDefinition>,
    /// Names of groups by id.
    pub groups: BTreeMap<String, String>,
    /// Mail addresses of groups, in lower case: group id, address.
    pub group_addresses: Vec<(String, String)>,
    /// Addresses of members that are no people of the directory, of groups within the group too: group, address.
    pub group_outsiders: Vec<(String, String)>,
    /// The current version of every template, sorted by id.
    pub templates: Vec<TemplateRecord>,
    /// Rules in priority order.
    pub rules: Vec<Rule>,
    /// Brands in order, the default last.
    pub brands: Vec<Brand>,
    /// The current images, sorted by name.
    pub images: Vec<ImageRecord>,
    /// Whether links of campaigns lead through this server.
    pub count_clicks: bool,
}

/// A field that is custom or editable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDefinition {
    /// The token that templates use.
    pub token: String,
    /// Label that people see.
    pub label: String,
    /// Who may edit its values.
    pub edited_by: EditedBy,
    /// All sources, highest precedence first.
    pub precedence: Vec<Source>,
}

impl FieldDefinition {
    /// Whether people can set their own value.
    pub fn editable(&self) -> bool {
        self.edited_by == EditedBy::Person
    }

    /// Whether users with this role can edit people's values of the field.
    pub fn may_edit(&self, role: Role) -> bool {
        role >= if self.edited_by == EditedBy::Admin { Role::Admin } else { Role::Editor }
    }
}

/// The current version of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateRecord {
    /// Version number, from 1.
    pub version: i64,
    /// The template.
    pub template: Template,
}

/// A current image; its bytes are read with [`Store::image`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageRecord {
    /// The name that templates use after `image:`.
    pub name: String,
    /// Hash of the bytes, in lower-case hexadecimal.
    pub hash: String,
    /// `image/png`, `image/jpeg` or `image/gif`.
    pub content_type: String,
}

/// How often to read again if the tenant changes during the reading; the last result is used in any case.
const READINGS: usize = 3;

impl Store {
    /// Loads all data that signatures of the tenant with this Entra id need.
    pub async fn load_tenant(&self, id: &str) -> Result<Option<TenantRecord>, Error> {
        let read = async |tenant: String| {
            let design = self.read_design(&tenant).await?;
            let people = self.load_people(&tenant, None, &design.fields).await?;
            Ok((design, people))
        };
        let whole = self.whole(id, read).await?;
        Ok(whole.map(|(tenant, (design, people))| TenantRecord { tenant, design, people }))
    }

    /// Loads the same without people.
    pub async fn load_design(&self, id: &str) -> Result<Option<(TenantSummary, DesignRecord)>, Error> {
        self.whole(id, async |tenant: String| self.read_design(&tenant).await).await
    }

    /// The tenant with the result of `read`, from one version if other writers allow it.
    async fn whole<T, F: Future<Output = Result<T, Error>>>(
        &self,
        id: &str,
        read: impl Fn(String) -> F,
    ) -> Result<Option<(TenantSummary, T)>, Error> {
        let mut reading = 1;
        loop {
            let Some(tenant) = self.find_tenant(id).await? else { return Ok(None) };
            let record = read(tenant.id.clone()).await?;
            // The parts belong together when nobody wrote in between. Otherwise `version` is the older one, so that the
            // next look at the version loads once more.
            if reading == READINGS || self.tenant_version(id).await? == Some(tenant.version) {
                return Ok(Some((tenant, record)));
            }
            reading += 1;
        }
    }

    async fn read_design(&self, id: &str) -> Result<DesignRecord, Error> {
        let fields = crate::store::people::fields::read(self.reader()?, id).await?;
        let groups = self.pairs("select id, name from directory_groups where tenant = $1", id).await?;
        let group_addresses = self
            .pairs("select group_id, address from group_addresses where tenant = $1 order by group_id, address", id)
            .await?;
        // A group in a group brings its outsiders along.
        let group_outsiders = self
            .pairs(
                "with recursive outsiders (group_id, address) as (
                     select group_id, address from group_outsiders where tenant = $1
                     union
                     select n.group_id, o.address from outsiders o
                     join group_nesting n on n.tenant = $1 and n.member = o.group_id)
                 select group_id, address from outsiders order by group_id, address",
                id,
            )
            .await?;
        let mut templates = self
            .rows(
                "select v.version, v.document from templates t
                 join template_versions v on v.tenant = t.tenant and v.template = t.id and v.version = t.version
                 where t.tenant = $1 and t.deleted_ms is null",
                id,
                |row| Ok(TemplateRecord { version: row.try_get(0)?, template: document(row, 1, "template")? }),
            )
            .await?;
        templates.sort_by(|a, b| a.template.id.cmp(&b.template.id));
        let rules = self
            .rows("select document from rules where tenant = $1 order by priority", id, |row| document(row, 0, "rule"))
            .await?;
        let mut images = self
            .rows(
                "select i.name, i.hash, f.content_type from images i
                 join image_files f on f.tenant = i.tenant and f.hash = i.hash where i.tenant = $1",
                id,
                |row| Ok(ImageRecord { name: row.try_get(0)?, hash: row.try_get(1)?, content_type: row.try_get(2)? }),
            )
            .await?;
        images.sort_by(|a, b| a.name.cmp(&b.name));
        let brands = crate::store::design::brands::published(self.reader()?, id).await?;
        let count_clicks = self.counts_clicks(id).await?;
        Ok(DesignRecord {
            fields,
            groups,
            group_addresses,
            group_outsiders,
            templates,
            rules,
            brands,
            images,
            count_clicks,
        })
    }

    /// Runs `read` on every row of a query with the tenant as its only parameter, without keeping the rows.
    async fn each(
        &self,
        sql: &'static str,
        tenant: &str,
        mut read: impl FnMut(&AnyRow) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut rows = sqlx::query(sql).bind(tenant).fetch(self.reader()?);
        while let Some(row) = rows.try_next().await? {
            read(&row)?;
        }
        Ok(())
    }

    /// Two texts of every row.
    pub(in crate::store) async fn pairs<All: Default + Extend<(String, String)>>(
        &self,
        sql: &'static str,
        tenant: &str,
    ) -> Result<All, Error> {
        let mut all = All::default();
        self.each(sql, tenant, |row| {
            all.extend([(row.try_get(0)?, row.try_get(1)?)]);
            Ok(())
        })
        .await?;
        Ok(all)
    }

    /// What `read` makes of every row.
    async fn rows<T>(
        &self,
        sql: &'static str,
        tenant: &str,
        read: impl Fn(&AnyRow) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        self.each(sql, tenant, |row| {
            all.push(read(row)?);
            Ok(())
        })
        .await?;
        Ok(all)
    }
}

/// Parses who may edit a field.
pub(in crate::store) fn edited_by(text: &str) -> Result<EditedBy, Error> {
    [EditedBy::Admin, EditedBy::Editor, EditedBy::Person]
        .into_iter()
        .find(|who| who.as_str() == text)
        .ok_or_else(|| Error::Corrupt(format!("{text:?} may not edit a field")))
}

/// Parses the order of sources; newer sources that it does not contain come last.
pub(in crate::store) fn precedence(text: &str) -> Result<Vec<Source>, Error> {
    let mut order: Vec<Source> = if text.is_empty() {
        Vec::new()
    } else {
        serde_json::from_str(text)
            .map_err(|error| Error::Corrupt(format!("a field's precedence cannot be read: {error}")))?
    };
    let missing = Source::ALL.into_iter().filter(|source| !order.contains(source)).collect::<Vec<_>>();
    order.extend(missing);
    Ok(order)
}

pub(in crate::store) fn document<T: DeserializeOwned>(row: &AnyRow, column: usize, what: &str) -> Result<T, Error> {
    json(row.try_get(column)?, what)
}

/// Parses stored JSON; `what` names it in errors.
pub(in crate::store) fn json<T: DeserializeOwned>(text: &str, what: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::Corrupt(format!("a stored {what} cannot be read: {error}")))
}
