//! Everything of one tenant at once: what the snapshot in memory is made of.

use super::people::Source;
use super::{Error, Store, TenantSummary};
use email_signature::{Address, Person, Rule, Template};
use futures_util::TryStreamExt;
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

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
    /// The Entra object id once they are linked, lower case.
    pub oid: Option<String>,
    /// Whether this is a shared mailbox.
    pub shared: bool,
    /// Their own values (source `self`), by token, whether in effect or not.
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

/// How often to read again when somebody writes meanwhile; the last reading is taken as it is.
const READINGS: usize = 3;

impl Store {
    /// Everything that signatures of the tenant with this Entra id need.
    pub async fn load_tenant(&self, entra_id: &str) -> Result<Option<TenantRecord>, Error> {
        let mut reading = 1;
        loop {
            let Some(tenant) = self.find_tenant(entra_id).await? else { return Ok(None) };
            let version = tenant.version;
            let record = self.load(tenant).await?;
            // The parts belong together when nobody wrote in between. Otherwise `version` is the older one, so that the
            // next look at the version loads once more.
            if reading == READINGS || self.tenant_version(entra_id).await? == Some(version) {
                return Ok(Some(record));
            }
            reading += 1;
        }
    }

    /// A template as it was in this version; versions are kept for ever.
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

    async fn load(&self, tenant: TenantSummary) -> Result<TenantRecord, Error> {
        let id = tenant.id.clone();
        let fields = self.load_fields(&id).await?;
        let editable = fields.iter().filter(|field| field.editable).map(|field| field.token.as_str()).collect();
        let people = self.load_people(&id, &editable).await?;
        let groups = self
            .rows("select id, name from directory_groups where tenant = $1", &id, |row| {
                Ok((row.try_get(0)?, row.try_get(1)?))
            })
            .await?;
        let mut templates = self
            .rows(
                "select v.version, v.document from templates t
                 join template_versions v on v.tenant = t.tenant and v.template = t.id and v.version = t.version
                 where t.tenant = $1",
                &id,
                |row| Ok(TemplateRecord { version: row.try_get(0)?, template: document(row, 1, "template")? }),
            )
            .await?;
        templates.sort_by(|a, b| a.template.id.cmp(&b.template.id));
        let rules = self
            .rows("select document from rules where tenant = $1 order by priority", &id, |row| document(row, 0, "rule"))
            .await?;
        let mut images = self
            .rows(
                "select i.name, i.hash, f.content_type from images i
                 join image_files f on f.tenant = i.tenant and f.hash = i.hash where i.tenant = $1",
                &id,
                |row| Ok(ImageRecord { name: row.try_get(0)?, hash: row.try_get(1)?, content_type: row.try_get(2)? }),
            )
            .await?;
        images.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(TenantRecord { tenant, fields, groups: groups.into_iter().collect(), people, templates, rules, images })
    }

    async fn load_fields(&self, tenant: &str) -> Result<Vec<FieldDefinition>, Error> {
        self.rows("select token, label, editable from fields where tenant = $1 order by position", tenant, |row| {
            Ok(FieldDefinition {
                token: row.try_get(0)?,
                label: row.try_get(1)?,
                editable: row.try_get::<i64, _>(2)? != 0,
            })
        })
        .await
    }

    async fn load_people(&self, tenant: &str, editable: &BTreeSet<&str>) -> Result<Vec<PersonRecord>, Error> {
        let mut people = People::default();
        self.each(
            "select p.id, a.address, p.oid, p.shared from people p
             join addresses a on a.tenant = p.tenant and a.person = p.id and a.position = 0 where p.tenant = $1",
            tenant,
            |row| people.add(row),
        )
        .await?;
        self.each(
            "select person, address from addresses where tenant = $1 and position > 0 order by person, position",
            tenant,
            |row| {
                people.with(row, |record, alias| {
                    record.person.aliases.push(address(alias)?);
                    Ok(())
                })
            },
        )
        .await?;
        self.each("select person, group_id from memberships where tenant = $1", tenant, |row| {
            people.with(row, |record, group| {
                record.person.groups.push(group);
                Ok(())
            })
        })
        .await?;
        self.each("select mailbox, person from send_as where tenant = $1", tenant, |row| {
            people.with(row, |record, person| {
                record.send_as.push(person);
                Ok(())
            })
        })
        .await?;
        let mut best = Best::default();
        self.each(
            "select person, token, source, value from field_values where tenant = $1 order by person, token",
            tenant,
            |row| best.take(row, editable, &mut people),
        )
        .await?;
        best.put(&mut people);
        Ok(people.sorted())
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

/// People while their rows come in.
#[derive(Default)]
struct People {
    records: Vec<PersonRecord>,
    positions: HashMap<String, usize>,
}

impl People {
    fn add(&mut self, row: &AnyRow) -> Result<(), Error> {
        let id: String = row.try_get(0)?;
        let person = Person {
            id: id.clone(),
            address: address(row.try_get(1)?)?,
            aliases: Vec::new(),
            groups: Vec::new(),
            fields: BTreeMap::new(),
        };
        self.positions.insert(id, self.records.len());
        self.records.push(PersonRecord {
            person,
            oid: row.try_get(2)?,
            shared: row.try_get::<i64, _>(3)? != 0,
            own: BTreeMap::new(),
            send_as: Vec::new(),
        });
        Ok(())
    }

    /// Gives the second column to the person whom the first names. Somebody who was added since the people were read is
    /// passed over: the version tells that they are missing.
    fn with(
        &mut self,
        row: &AnyRow,
        put: impl FnOnce(&mut PersonRecord, String) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let id: String = row.try_get(0)?;
        match self.find(&id) {
            Some(record) => put(record, row.try_get(1)?),
            None => Ok(()),
        }
    }

    fn find(&mut self, id: &str) -> Option<&mut PersonRecord> {
        self.positions.get(id).and_then(|at| self.records.get_mut(*at))
    }

    fn sorted(self) -> Vec<PersonRecord> {
        let mut records = self.records;
        records.sort_by(|a, b| a.person.id.cmp(&b.person.id));
        for record in &mut records {
            // Databases sort by their own rules and keep no order without one: the same tenant is to load the same.
            record.person.groups.sort();
            record.send_as.sort();
            record.person.groups.shrink_to_fit();
        }
        records.shrink_to_fit();
        records
    }
}

/// The value in effect of the field whose rows are coming in.
#[derive(Default)]
struct Best {
    person: String,
    token: String,
    value: Option<(Source, String)>,
}

impl Best {
    fn take(&mut self, row: &AnyRow, editable: &BTreeSet<&str>, people: &mut People) -> Result<(), Error> {
        let (person, token): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        if (&person, &token) != (&self.person, &self.token) {
            self.put(people);
            (self.person, self.token) = (person, token);
        }
        let source = Source::parse(row.try_get(2)?)?;
        let value: String = row.try_get(3)?;
        if source == Source::Own
            && let Some(record) = people.find(&self.person)
        {
            record.own.insert(self.token.clone(), value.clone());
        }
        let counts = (source != Source::Own || editable.contains(self.token.as_str()))
            && (source.by_hand() || !value.is_empty());
        if counts && self.value.as_ref().is_none_or(|(best, _)| source < *best) {
            self.value = Some((source, value));
        }
        Ok(())
    }

    fn put(&mut self, people: &mut People) {
        if let Some((_, value)) = self.value.take()
            && !value.is_empty()
            && let Some(record) = people.find(&self.person)
        {
            record.person.fields.insert(std::mem::take(&mut self.token), value);
        }
    }
}

fn address(text: String) -> Result<Address, Error> {
    Address::try_from(text).map_err(|error| Error::Corrupt(format!("a stored address is none: {error}")))
}

fn document<T: DeserializeOwned>(row: &AnyRow, column: usize, what: &str) -> Result<T, Error> {
    let text: String = row.try_get(column)?;
    serde_json::from_str(&text).map_err(|error| Error::Corrupt(format!("a stored {what} cannot be read: {error}")))
}
