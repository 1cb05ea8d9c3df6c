//! Publishing of unpublished templates, rules and brands, now or at a set time. Picked changes are published together or not at all.

use super::brands;
use super::designs::{self, DesignState, PublishPlan};
use super::rules_diff::RulesDiff;
use super::unpublished;
use super::versions;
use crate::store::accounts::makers;
use crate::store::audit::{self, Actor, By};
use crate::store::leases;
use crate::store::tenants::changes::About;
use crate::store::tenants::record;
use crate::store::{Error, Job, Limits, Store, Wanted, Write};
use email_signature::{Brand, Part, Rule, Template};
use serde_json::{Value, json};

/// A selection of unpublished changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picked {
    /// Templates by id.
    pub templates: Vec<String>,
    /// The rules.
    pub rules: bool,
    /// The brands.
    pub brands: bool,
    /// An editor's limits: of the brands, only their own changes.
    pub within: Option<Limits>,
}

/// Changes to publish, and when.
#[derive(Clone, Copy, Debug)]
pub struct Publishing<'a> {
    /// Which changes.
    pub picked: &'a Picked,
    /// When, in milliseconds UTC; `None`: now.
    pub at_ms: Option<i64>,
}

impl Store {
    /// Publishes changes if `check` accepts the current state; with a time, only plans the publishing.
    ///
    /// # Errors
    /// The error of `check`, which must ensure that all picked changes exist.
    pub async fn publish<E: From<Error>>(
        &self,
        tenant: &str,
        publishing: Publishing<'_>,
        check: impl FnOnce(&DesignState) -> Result<(), E>,
        by: By,
    ) -> Result<(), E> {
        let mut write = self.begin().await?;
        let version = record::next_version(&mut write, tenant).await?;
        let state = designs::state(&mut write, tenant).await?;
        check(&state)?;
        let chosen = Chosen { tenant, state: &state, picked: publishing.picked };
        let (action, about, detail) = match publishing.at_ms {
            None => ("publish", About::Design, chosen.publish(&mut write, &by).await?),
            Some(at_ms) => {
                chosen.set_time(&mut write, Some((at_ms, &by.actor))).await?;
                let at = jiff::Timestamp::from_millisecond(at_ms).map(|at| at.to_string()).unwrap_or_default();
                ("plan_publishing", About::Nothing, json!({ "changes": chosen.names(), "at": at }))
            }
        };
        audit::note(&mut write, audit::Entry { tenant, version, about, by, action, subject: tenant, detail }).await?;
        Ok(write.commit().await.map_err(Error::from)?)
    }

    /// Cancels planned publishing if `check` accepts the current state; returns whether any was planned.
    ///
    /// # Errors
    /// The error of `check`.
    pub async fn call_off<E: From<Error>>(
        &self,
        tenant: &str,
        picked: &Picked,
        check: impl FnOnce(&DesignState) -> Result<(), E>,
        by: By,
    ) -> Result<bool, E> {
        let mut write = self.begin().await?;
        let version = record::next_version(&mut write, tenant).await?;
        let state = designs::state(&mut write, tenant).await?;
        check(&state)?;
        let (all, _) = due(&state, |_| true);
        let planned = Picked {
            templates: all.templates.into_iter().filter(|id| picked.templates.contains(id)).collect(),
            rules: all.rules && picked.rules,
            brands: all.brands && picked.brands,
            within: None,
        };
        if planned == Picked::default() {
            return Ok(false);
        }
        let chosen = Chosen { tenant, state: &state, picked: &planned };
        chosen.set_time(&mut write, None).await?;
        let detail = json!({ "changes": chosen.names() });
        audit::note(
            &mut write,
            audit::Entry {
                tenant,
                version,
                about: About::Nothing,
                by,
                action: "call_off_publishing",
                subject: tenant,
                detail,
            },
        )
        .await?;
        write.commit().await.map_err(Error::from)?;
        Ok(true)
    }

    /// Publishes a tenant's due changes and returns the reason for each refused plan. If `check` refuses changes, they stay
    /// unpublished and their planned time is removed. The same applies to changes whose planner's current role cannot
    /// publish.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn publish_planned(
        &self,
        tenant: &str,
        check: impl Fn(&DesignState, &Picked) -> Result<(), String>,
        now_ms: i64,
    ) -> Result<Vec<Option<String>>, Error> {
        let mut write = self.begin().await?;
        let version = record::next_version(&mut write, tenant).await?;
        // Inside the transaction: another node may have been quicker, and roles change.
        let state = designs::state(&mut write, tenant).await?;
        let is_due = |planned: &PublishPlan| planned.at_ms <= now_ms;
        let (void, broken) = due(&state, |planned| is_due(planned) && planned.trouble().is_some());
        let (picked, planned) = due(&state, |planned| is_due(planned) && planned.trouble().is_none());
        let mut outcomes = Vec::new();
        if let Some(broken) = broken {
            let reason = broken.trouble().unwrap_or_default();
            let chosen = Chosen { tenant, state: &state, picked: &void };
            let by = By::new(publisher(broken), now_ms);
            chosen.give_up(&mut write, version, by, &reason).await?;
            outcomes.push(Some(reason));
        }
        if let Some(planned) = planned {
            // Each version has one audit entry.
            let version = if outcomes.is_empty() { version } else { record::next_version(&mut write, tenant).await? };
            let (chosen, by) = (Chosen { tenant, state: &state, picked: &picked }, By::new(publisher(planned), now_ms));
            let refused = check(&state, &picked).err();
            if let Some(reason) = &refused {
                chosen.give_up(&mut write, version, by, reason).await?;
            } else {
                let detail = chosen.publish(&mut write, &by).await?;
                audit::note(
                    &mut write,
                    audit::Entry {
                        tenant,
                        version,
                        about: About::Design,
                        by,
                        action: "publish",
                        subject: tenant,
                        detail,
                    },
                )
                .await?;
            }
            outcomes.push(refused);
        }
        if !outcomes.is_empty() {
            write.commit().await?;
        }
        Ok(outcomes)
    }
}

impl DesignState {
    /// The brands as they are once the picked changes are published; `None` if that changes nothing.
    pub fn picked_brands(&self, picked: &Picked) -> Option<Vec<Brand>> {
        let unpublished = &self.brands.unpublished.as_ref().filter(|_| picked.brands)?.document;
        let brands = match &picked.within {
            Some(limits) => limits.with_own(&self.brands.published, unpublished),
            None => unpublished.clone(),
        };
        (brands != self.brands.published).then_some(brands)
    }

    /// The planned changes whose time has come and whose planner can still publish.
    pub fn due(&self, now_ms: i64) -> Picked {
        due(self, |planned| planned.at_ms <= now_ms && planned.trouble().is_none()).0
    }
}

/// The planned changes that are `wanted`, and the first of these plans.
fn due(state: &DesignState, wanted: impl Fn(&PublishPlan) -> bool) -> (Picked, Option<&PublishPlan>) {
    let unpublished =
        state.templates.iter().filter_map(|entry| Some((&entry.id, entry.unpublished.as_ref()?.publish.as_ref()?)));
    let templates: Vec<_> = unpublished.filter(|(_, planned)| wanted(planned)).collect();
    let rules = state
        .unpublished_rules
        .as_ref()
        .and_then(|unpublished| unpublished.publish.as_ref())
        .filter(|planned| wanted(planned));
    let brands = state.brands.unpublished.as_ref().and_then(|unpublished| unpublished.publish.as_ref());
    let brands = brands.filter(|planned| wanted(planned));
    let picked = Picked {
        templates: templates.iter().map(|(id, _)| (*id).clone()).collect(),
        rules: rules.is_some(),
        brands: brands.is_some(),
        within: None,
    };
    (picked, templates.first().map(|(_, planned)| *planned).or(rules).or(brands))
}

/// The actor of planned publishing, for the audit.
fn publisher(planned: &PublishPlan) -> Actor {
    Actor { id: "publishing".into(), name: planned.by.clone(), address: String::new() }
}

/// Changes that are published, planned or cancelled together.
struct Chosen<'a> {
    tenant: &'a str,
    state: &'a DesignState,
    picked: &'a Picked,
}

impl Chosen<'_> {
    /// Publishes the changes and returns the details for the audit.
    async fn publish(&self, write: &mut Write, by: &By) -> Result<Value, Error> {
        let Self { tenant, state, picked } = *self;
        let mut changes = Vec::new();
        for entry in state.templates.iter().filter(|entry| picked.templates.contains(&entry.id)) {
            let Some(unpublished) = &entry.unpublished else { continue };
            let version = versions::put_version(write, tenant, &unpublished.document, by).await?;
            unpublished::delete_template(write, tenant, &entry.id).await?;
            let from = entry.published.as_ref().map(|(stamp, _)| format!("version {}", stamp.version));
            let what = named(&unpublished.document);
            changes.push(json!({ "what": what, "from": from, "to": format!("version {version}") }));
        }
        if let Some(unpublished) = state.unpublished_rules.as_ref().filter(|_| picked.rules) {
            if state.rules_stamp.is_none() {
                // Records the previous version, too, so that it can be restored.
                versions::note_rules(write, tenant, &state.rules, &By::new("before", by.at_ms)).await?;
            }
            put_rules(write, tenant, &unpublished.document).await?;
            versions::note_rules(write, tenant, &unpublished.document, by).await?;
            unpublished::delete_rules(write, tenant).await?;
            changes.extend(RulesDiff::new(&state.rules, &unpublished.document).told());
        }
        if let Some(brands) = state.picked_brands(picked) {
            changes.extend(brands::publish(write, tenant, &brands, &state.brands, by).await?);
        }
        schedule(write, tenant).await?;
        Ok(json!({ "changes": changes }))
    }

    /// Cancels the planned publishing and records the reason in the audit. `version`: the tenant's after cancelling.
    async fn give_up(&self, write: &mut Write, version: i64, by: By, reason: &str) -> Result<(), Error> {
        self.set_time(write, None).await?;
        let entry = audit::Entry {
            tenant: self.tenant,
            version,
            about: About::Nothing,
            by,
            action: "publishing_failed",
            subject: self.tenant,
            detail: json!({ "changes": self.names(), "reason": reason }),
        };
        audit::note(write, entry).await
    }

    /// Sets or removes their planned time.
    async fn set_time(&self, write: &mut Write, time: Option<(i64, &Actor)>) -> Result<(), Error> {
        let (at_ms, actor) = (time.map(|(at_ms, _)| at_ms), time.map(|(_, actor)| actor.words()));
        let account = match time {
            Some((_, actor)) => makers::account_of(write, self.tenant, actor).await?,
            None => String::new(),
        };
        for template in &self.picked.templates {
            sqlx::query(
                "update unpublished_templates set publish_ms = $3, publish_actor = $4, publish_account = $5
                 where tenant = $1 and template = $2",
            )
            .bind(self.tenant)
            .bind(template)
            .bind(at_ms)
            .bind(actor)
            .bind(&account)
            .execute(&mut **write)
            .await?;
        }
        if self.picked.rules {
            sqlx::query(
                "update unpublished_rules set publish_ms = $2, publish_actor = $3, publish_account = $4 where tenant = $1",
            )
            .bind(self.tenant)
            .bind(at_ms)
            .bind(actor)
            .bind(&account)
            .execute(&mut **write)
            .await?;
        }
        if self.picked.brands {
            sqlx::query(
                "update unpublished_brands set publish_ms = $2, publish_actor = $3, publish_account = $4 where tenant = $1",
            )
            .bind(self.tenant)
            .bind(at_ms)
            .bind(actor)
            .bind(&account)
            .execute(&mut **write)
            .await?;
        }
        schedule(write, self.tenant).await
    }

    /// Their names.
    fn names(&self) -> Vec<Value> {
        let name = |id: &String| self.state.template(id)?.current().map(named);
        let templates = self.picked.templates.iter().filter_map(name);
        let rules = self.picked.rules.then(|| "Rules".to_owned());
        let all = templates.chain(rules).chain(self.picked.brands.then(|| "Brands".to_owned()));
        all.map(|what| json!({ "what": what, "from": null, "to": null })).collect()
    }
}

/// A template or block as the audit names it.
fn named(template: &Template) -> String {
    let noun = if template.part == Part::Block { "Block" } else { "Template" };
    format!("{noun} “{}”", template.name)
}

async fn put_rules(write: &mut Write, tenant: &str, rules: &[Rule]) -> Result<(), Error> {
    sqlx::query("delete from rules where tenant = $1").bind(tenant).execute(&mut **write).await?;
    for (priority, rule) in (0_i64..).zip(rules) {
        sqlx::query("insert into rules (tenant, id, priority, document) values ($1, $2, $3, $4)")
            .bind(tenant)
            .bind(&rule.id)
            .bind(priority)
            .bind(json!(rule).to_string())
            .execute(&mut **write)
            .await?;
    }
    Ok(())
}

/// Schedules the earliest planned publishing, or removes the schedule if there is none.
async fn schedule(write: &mut Write, tenant: &str) -> Result<(), Error> {
    let next_ms: Option<i64> = sqlx::query_scalar(
        "select min(publish_ms) from (
             select publish_ms from unpublished_templates where tenant = $1
             union all select publish_ms from unpublished_rules where tenant = $1
             union all select publish_ms from unpublished_brands where tenant = $1) as planned",
    )
    .bind(tenant)
    .fetch_one(&mut **write)
    .await?;
    let wanted = Wanted::job(tenant, Job::Publish, "", next_ms.unwrap_or_default());
    match next_ms {
        Some(_) => leases::ask(write, &wanted).await,
        None => leases::forget(write, &wanted.key).await,
    }
}
