//! Templates and rules with their published versions and unpublished changes.

use super::brands::{self, BrandState};
use super::unpublished;
use super::versions::{self, Stamp, template_stamp};
use crate::store::accounts::makers::{self, Maker};
use crate::store::audit::{self, By};
use crate::store::tenants::changes::About;
use crate::store::tenants::load::document;
use crate::store::tenants::record;
use crate::store::{Error, Role, Store};
use email_signature::{Rule, Template};
use serde::Serialize;
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{Any, Executor, Row};

/// All templates, the rules and the brands of a tenant.
#[derive(Clone, Debug, Default)]
pub struct DesignState {
    /// Sorted by id, without deleted ones.
    pub templates: Vec<TemplateEntry>,
    /// Published rules, in priority order.
    pub rules: Vec<Rule>,
    /// Version of the published rules; `None` if they were never published here.
    pub rules_stamp: Option<Stamp>,
    /// Unpublished version of the rules.
    pub unpublished_rules: Option<Unpublished<Vec<Rule>>>,
    /// The brands.
    pub brands: BrandState,
}

/// A template with its published and unpublished versions, at least one of which exists.
#[derive(Clone, Debug)]
pub struct TemplateEntry {
    /// Template id.
    pub id: String,
    /// Published version.
    pub published: Option<(Stamp, Template)>,
    /// Unpublished version.
    pub unpublished: Option<Unpublished<Template>>,
}

/// An unpublished version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpublished<T> {
    /// Content of the unpublished version.
    pub document: T,
    /// When it was last changed, in milliseconds UTC.
    pub changed_ms: i64,
    /// Name of the user who last changed it.
    pub by: String,
    /// Planned publishing.
    pub publish: Option<PublishPlan>,
}

/// Planned publishing, and the user who planned it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublishPlan {
    /// Planned time, in milliseconds UTC.
    pub at_ms: i64,
    /// Name of the user who planned it.
    pub by: String,
    /// The account whose role is checked at the planned time.
    #[serde(skip)]
    pub planner: Maker,
}

impl PublishPlan {
    /// Why it will not be published at the planned time, as a sentence; `None` if it will.
    pub fn trouble(&self) -> Option<String> {
        let who = if self.planner.name.is_empty() { &self.by } else { &self.planner.name };
        Some(format!("{who}, who planned this, {}: plan it again", self.planner.lacks(MAY_PUBLISH)?))
    }
}

/// The lowest role that can publish.
const MAY_PUBLISH: Role = Role::Editor;

impl TemplateEntry {
    /// The template with its unpublished changes.
    pub fn current(&self) -> Option<&Template> {
        self.unpublished
            .as_ref()
            .map(|unpublished| &unpublished.document)
            .or(self.published.as_ref().map(|(_, template)| template))
    }

    /// Its published and unpublished versions.
    pub fn versions(&self) -> impl Iterator<Item = &Template> {
        let published = self.published.iter().map(|(_, template)| template);
        published.chain(self.unpublished.iter().map(|unpublished| &unpublished.document))
    }

    /// The folders of these.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.versions().map(|template| template.folder.as_str())
    }

    /// When the template was last changed, and by whom.
    pub fn changed(&self) -> (i64, &str) {
        let published = self.published.as_ref().map(|(stamp, _)| (stamp.at_ms, stamp.by.as_str()));
        self.unpublished
            .as_ref()
            .map(|unpublished| (unpublished.changed_ms, unpublished.by.as_str()))
            .or(published)
            .unwrap_or_default()
    }
}

impl DesignState {
    /// The rules with their unpublished changes.
    pub fn current_rules(&self) -> &[Rule] {
        self.unpublished_rules.as_ref().map_or(&self.rules, |unpublished| &unpublished.document)
    }

    /// All published and unpublished rules.
    pub fn all_rules(&self) -> impl Iterator<Item = &Rule> {
        let unpublished = self.unpublished_rules.iter().flat_map(|unpublished| &unpublished.document);
        self.rules.iter().chain(unpublished)
    }

    /// A template by id.
    pub fn template(&self, id: &str) -> Option<&TemplateEntry> {
        self.templates.iter().find(|entry| entry.id == id)
    }
}

impl Store {
    /// All templates and the rules.
    pub async fn design_state(&self, tenant: &str) -> Result<DesignState, Error> {
        let mut connection = self.reader()?.acquire().await.map_err(Error::from)?;
        state(&mut connection, tenant).await
    }

    /// A template; `None` if it does not exist or was deleted.
    pub async fn template_entry(&self, tenant: &str, template: &str) -> Result<Option<TemplateEntry>, Error> {
        Ok(templates(self.reader()?, tenant, template).await?.pop())
    }

    /// Adds an unpublished template if `check` accepts the current state, and returns the new state.
    ///
    /// # Errors
    /// The error of `check`.
    pub async fn create_template<E: From<Error>>(
        &self,
        tenant: &str,
        template: &Template,
        check: impl FnOnce(&DesignState) -> Result<(), E>,
        by: By,
    ) -> Result<DesignState, E> {
        let mut write = self.begin().await?;
        let version = record::next_version(&mut write, tenant).await?;
        sqlx::query("insert into templates (tenant, id, version) values ($1, $2, 0)")
            .bind(tenant)
            .bind(&template.id)
            .execute(&mut *write)
            .await
            .map_err(Error::from)?;
        unpublished::put_template(&mut write, tenant, template, &by).await?;
        let state = state(&mut write, tenant).await?;
        check(&state)?;
        let detail = json!({ "name": template.name });
        audit::note(
            &mut write,
            audit::Entry {
                tenant,
                version,
                about: About::Nothing,
                by,
                action: "create_template",
                subject: &template.id,
                detail,
            },
        )
        .await?;
        write.commit().await.map_err(Error::from)?;
        Ok(state)
    }

    /// Saves a template's unpublished version if `check` accepts the current state, and cancels its planned publishing. If it
    /// equals the published version, there are no unpublished changes.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the template does not exist, and the error of `check`.
    pub async fn save_template<E: From<Error>>(
        &self,
        tenant: &str,
        template: &Template,
        check: impl FnOnce(&TemplateEntry, &DesignState) -> Result<(), E>,
        by: &By,
    ) -> Result<(), E> {
        let mut write = self.begin().await?;
        record::lock(&mut write, tenant).await?;
        let state = state(&mut write, tenant).await?;
        let entry = state.template(&template.id).ok_or_else(|| missing_template(&template.id))?;
        check(entry, &state)?;
        if entry.published.as_ref().is_some_and(|(_, published)| published == template) {
            unpublished::delete_template(&mut write, tenant, &template.id).await?;
        } else {
            unpublished::put_template(&mut write, tenant, template, by).await?;
        }
        Ok(write.commit().await.map_err(Error::from)?)
    }

    /// Discards a template's unpublished changes if `check` accepts the current state.
    ///
    /// # Errors
    /// [`Error::Conflict`] when it was never published, and the error of `check`.
    pub async fn discard_template<E: From<Error>>(
        &self,
        tenant: &str,
        template: &str,
        check: impl FnOnce(&TemplateEntry) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut write = self.begin().await?;
        record::lock(&mut write, tenant).await?;
        let entry = templates(&mut *write, tenant, template).await?.pop().ok_or_else(|| missing_template(template))?;
        check(&entry)?;
        if entry.published.is_none() {
            let detail = "it was never published, so discarding would leave nothing: delete it instead";
            return Err(Error::Conflict(detail.into()).into());
        }
        unpublished::delete_template(&mut write, tenant, template).await?;
        Ok(write.commit().await.map_err(Error::from)?)
    }

    /// Deletes a template if `check` accepts the current state. Its versions are kept.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the template does not exist, and the error of `check`.
    pub async fn delete_template<E: From<Error>>(
        &self,
        tenant: &str,
        template: &str,
        check: impl FnOnce(&TemplateEntry, &DesignState) -> Result<(), E>,
        by: By,
    ) -> Result<(), E> {
        let mut write = self.begin().await?;
        let version = record::next_version(&mut write, tenant).await?;
        let state = state(&mut write, tenant).await?;
        let entry = state.template(template).ok_or_else(|| missing_template(template))?;
        check(entry, &state)?;
        unpublished::delete_template(&mut write, tenant, template).await?;
        sqlx::query("update templates set deleted_ms = $3 where tenant = $1 and id = $2")
            .bind(tenant)
            .bind(template)
            .bind(by.at_ms)
            .execute(&mut *write)
            .await
            .map_err(Error::from)?;
        let name = entry.current().map(|template| template.name.clone());
        let detail = json!({ "name": name });
        audit::note(
            &mut write,
            audit::Entry {
                tenant,
                version,
                about: About::Design,
                by,
                action: "delete_template",
                subject: template,
                detail,
            },
        )
        .await?;
        Ok(write.commit().await.map_err(Error::from)?)
    }

    /// Saves the unpublished version of the rules if `check` accepts the current state. If it equals the published rules,
    /// there are no unpublished changes.
    ///
    /// # Errors
    /// The error of `check`.
    pub async fn save_rules<E: From<Error>>(
        &self,
        tenant: &str,
        rules: &[Rule],
        check: impl FnOnce(&DesignState) -> Result<(), E>,
        by: &By,
    ) -> Result<(), E> {
        let mut write = self.begin().await?;
        record::lock(&mut write, tenant).await?;
        let state = state(&mut write, tenant).await?;
        check(&state)?;
        if state.rules == rules {
            unpublished::delete_rules(&mut write, tenant).await?;
        } else {
            unpublished::put_rules(&mut write, tenant, rules, by).await?;
        }
        Ok(write.commit().await.map_err(Error::from)?)
    }

    /// Discards the unpublished changes of the rules.
    pub async fn discard_rules(&self, tenant: &str) -> Result<(), Error> {
        let mut write = self.begin().await?;
        record::lock(&mut write, tenant).await?;
        unpublished::delete_rules(&mut write, tenant).await?;
        Ok(write.commit().await?)
    }
}

fn missing_template(id: &str) -> Error {
    Error::NotFound(format!("there is no template {id:?}"))
}

/// Reads the state; if `connection` is in a transaction, as the transaction sees it.
pub(in crate::store) async fn state(connection: &mut sqlx::AnyConnection, tenant: &str) -> Result<DesignState, Error> {
    let templates = templates(&mut *connection, tenant, "").await?;
    let rows = sqlx::query("select document from rules where tenant = $1 order by priority")
        .bind(tenant)
        .fetch_all(&mut *connection)
        .await?;
    let rules = rows.iter().map(|row| document(row, 0, "rule")).collect::<Result<_, _>>()?;
    let rules_stamp = versions::rule_stamps(&mut *connection, tenant, 1).await?.pop();
    let row = sqlx::query(
        "select d.document, d.changed_ms, d.actor_name, d.publish_ms, d.publish_actor, d.publish_account, a.name, a.email,
                m.role, m.limits
         from unpublished_rules d
         left join accounts a on a.id = d.publish_account
         left join members m on m.tenant = d.tenant and m.account = d.publish_account
         where d.tenant = $1",
    )
    .bind(tenant)
    .fetch_optional(&mut *connection)
    .await?;
    let unpublished_rules = row.as_ref().map(|row| read_unpublished(row, 0, "list of rules")).transpose()?;
    let brands = brands::state(&mut *connection, tenant).await?;
    Ok(DesignState { templates, rules, rules_stamp, unpublished_rules, brands })
}

/// Reads document, time, name, planned time, name and account of the planner from a row's columns, starting at `at`.
pub(super) fn read_unpublished<T: serde::de::DeserializeOwned>(
    row: &AnyRow,
    at: usize,
    what: &str,
) -> Result<Unpublished<T>, Error> {
    let publish_ms: Option<i64> = row.try_get(at + 3)?;
    let publish = match publish_ms {
        Some(at_ms) => {
            let by: Option<String> = row.try_get(at + 4)?;
            Some(PublishPlan { at_ms, by: by.unwrap_or_default(), planner: makers::maker(row, at + 5)? })
        }
        None => None,
    };
    Ok(Unpublished {
        document: document(row, at, what)?,
        changed_ms: row.try_get(at + 1)?,
        by: row.try_get(at + 2)?,
        publish,
    })
}

/// Templates sorted by id: the one with the id `only`, or all if it is empty.
async fn templates<'c>(
    executor: impl Executor<'c, Database = Any>,
    tenant: &str,
    only: &str,
) -> Result<Vec<TemplateEntry>, Error> {
    let rows = sqlx::query(
        "select t.id, v.version, v.created_ms, v.actor_name, v.actor, v.document,
                d.document, d.changed_ms, d.actor_name, d.publish_ms, d.publish_actor, d.publish_account, a.name, a.email,
                m.role, m.limits
         from templates t
         left join template_versions v on v.tenant = t.tenant and v.template = t.id and v.version = t.version
         left join unpublished_templates d on d.tenant = t.tenant and d.template = t.id
         left join accounts a on a.id = d.publish_account
         left join members m on m.tenant = d.tenant and m.account = d.publish_account
         where t.tenant = $1 and t.deleted_ms is null and ($2 = '' or t.id = $2)",
    )
    .bind(tenant)
    .bind(only)
    .fetch_all(executor)
    .await?;
    let mut entries = rows.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
    entries.retain(|entry| entry.current().is_some());
    entries.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(entries)
}

fn entry(row: &AnyRow) -> Result<TemplateEntry, Error> {
    let version: Option<i64> = row.try_get(1)?;
    let published = match version {
        Some(_) => Some((template_stamp(row, 1)?, document(row, 5, "template")?)),
        None => None,
    };
    let document: Option<String> = row.try_get(6)?;
    let unpublished = document.is_some().then(|| read_unpublished(row, 6, "template")).transpose()?;
    let mut entry = TemplateEntry { id: row.try_get(0)?, published, unpublished };
    let folders: Vec<String> = entry.folders().map(str::to_owned).collect();
    if let Some(plan) = entry.unpublished.as_mut().and_then(|unpublished| unpublished.publish.as_mut()) {
        plan.planner = std::mem::take(&mut plan.planner).for_template(folders.iter().map(String::as_str));
    }
    Ok(entry)
}
