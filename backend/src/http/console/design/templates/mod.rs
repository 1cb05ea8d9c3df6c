//! Templates: the list, one being edited, its versions.

mod blocks;
mod clean;
mod files;
mod gallery;
mod migrations;

use self::blocks::{check_block, check_part, with_blocks};
use self::files::adopt;
use crate::design::changes::{current_blocks, used_in, users};
use crate::http::AppState;
use crate::http::api::doc;
use crate::http::console::account::session::{checked_name, checked_text};
use crate::http::request::access::{Access, ReadDesign, WriteWithinLimits};
use crate::http::request::io::{Created, IfMatch, Query, Tagged, etag_of};
use crate::http::{Body, Error, Place};
use crate::random;
use crate::signing::{fill_one, preview_person};
use crate::store::{Actor, By, DesignState, PersonRecord, Stamp, TemplateEntry};
use crate::tenant::{Changes, Tenant};
use ::api::console::{
    MAX_CONDITIONS, MAX_TEMPLATE, MAX_TEMPLATES, NewTemplate, PreviewPerson, PreviewQuery, RuleLink, TemplateDetail,
    TemplateLink, TemplatePreview, TemplateRow, TemplateState, TemplateVersion, Templates, UnpublishedTemplate,
    VersionRow, Versions, paths,
};
use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with};
use axum::Json;
use axum::extract::State;
use axum::response::NoContent;
use email_signature::{Address, Blocks, BodyFormat, Draft, Kind, Part, Rule, Template};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Most versions that are listed.
const MAX_VERSIONS: u32 = 200;
/// Among how many people somebody with many values is looked for.
const SAMPLES: usize = 200;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "Templates";
    ApiRouter::new()
        .merge(blocks::routes())
        .merge(clean::routes())
        .merge(files::routes())
        .merge(gallery::routes())
        .merge(migrations::routes())
        .api_route(
            paths::TEMPLATES,
            get_with(list, doc(tag, "Every template")).post_with(create, doc(tag, "Creates an unpublished template")),
        )
        .api_route(
            paths::TEMPLATE,
            get_with(show, doc(tag, "A template with its unpublished changes"))
                .put_with(save, doc(tag, "Saves a template's unpublished version"))
                .delete_with(delete, doc(tag, "Deletes a template or block that is not used; its versions stay")),
        )
        .api_route(paths::TEMPLATE_PREVIEW, get_with(preview, doc(tag, "A template filled for a person")))
        .api_route(paths::UNPUBLISHED_TEMPLATE, delete_with(discard, doc(tag, "Discards unpublished changes")))
        .api_route(paths::TEMPLATE_VERSIONS, get_with(versions, doc(tag, "Published versions")))
        .api_route(paths::TEMPLATE_VERSION, get_with(version, doc(tag, "A published version of a template")))
        .api_route(paths::PREVIEW_PERSON, get_with(person, doc(tag, "A person as templates see them")))
}

async fn list(State(app): State<Arc<AppState>>, access: Access<ReadDesign>) -> Result<Json<Templates>, Error> {
    let state = app.store.design_state(&access.tenant.id).await?;
    let rows = app.work.run(move || {
        let shared = Shared { blocks: current_blocks(&state), users: users(&state) };
        let row = |entry| row(&access.tenant, &state, &shared, entry);
        let mut rows: Vec<_> = state.templates.iter().filter_map(row).collect();
        rows.sort_by(|a, b| (a.name.to_lowercase(), &a.id).cmp(&(b.name.to_lowercase(), &b.id)));
        rows
    });
    Ok(Json(Templates { templates: rows.await? }))
}

/// The blocks, and which templates use each.
struct Shared {
    blocks: Blocks,
    users: BTreeMap<String, Vec<TemplateLink>>,
}

fn row(tenant: &Tenant, state: &DesignState, shared: &Shared, entry: &TemplateEntry) -> Option<TemplateRow> {
    let template = entry.current()?;
    let (changed_ms, by) = entry.changed();
    Some(TemplateRow {
        id: entry.id.clone(),
        name: template.name.clone(),
        folder: template.folder.clone(),
        part: template.part,
        state: state_of(entry),
        changed_ms,
        changed_by: by.to_owned(),
        used_by: used_by(state, &entry.id),
        used_in: shared.users.get(&entry.id).cloned().unwrap_or_default(),
        problems: u32::try_from(tenant.problems_of(template, &shared.blocks).len()).unwrap_or(u32::MAX),
        offered_to: template.offered_to.clone(),
    })
}

fn state_of(entry: &TemplateEntry) -> TemplateState {
    let stamp = entry.published.as_ref().map(|(stamp, _)| stamp);
    TemplateState {
        version: stamp.map(|stamp| stamp.version),
        published_ms: stamp.map(|stamp| stamp.at_ms),
        changed: entry.unpublished.is_some(),
        publish_ms: entry
            .unpublished
            .as_ref()
            .and_then(|unpublished| unpublished.publish.as_ref())
            .map(|planned| planned.at_ms),
    }
}

/// The rules that give a template, published or not, each once.
fn used_by(state: &DesignState, template: &str) -> Vec<RuleLink> {
    let unpublished =
        state.unpublished_rules.as_ref().map(|unpublished| unpublished.document.as_slice()).unwrap_or_default();
    let mut seen = BTreeSet::new();
    let uses = |rule: &&Rule| gives(rule, template).is_some() && seen.insert(rule.id.clone());
    let link = |rule: &Rule| RuleLink { id: rule.id.clone(), name: rule.name.clone() };
    unpublished.iter().chain(&state.rules).filter(uses).map(link).collect()
}

/// The part for which a rule gives a template.
pub(super) fn gives(rule: &Rule, template: &str) -> Option<Part> {
    Part::ALL.into_iter().find(|part| rule.templates(*part).any(|given| given == template))
}

async fn show(State(app): State<Arc<AppState>>, access: Access<ReadDesign>) -> Result<Tagged<TemplateDetail>, Error> {
    detail(&app, &access.tenant, access.part("template"), app.work.place()?).await
}

/// A template with its unpublished changes, as it is stored now.
pub(super) async fn detail(
    app: &AppState,
    tenant: &Arc<Tenant>,
    id: &str,
    place: Place,
) -> Result<Tagged<TemplateDetail>, Error> {
    let state = app.store.design_state(&tenant.id).await?;
    let (tenant, id) = (Arc::clone(tenant), id.to_owned());
    place.run(move || described(&tenant, &state, &id)).await?
}

fn described(tenant: &Tenant, state: &DesignState, id: &str) -> Result<Tagged<TemplateDetail>, Error> {
    let entry = state.template(id).ok_or(Error::NotFound)?;
    let template = entry.current().ok_or(Error::NotFound)?.clone();
    let (changed_ms, by) = entry.changed();
    let tag = tag(entry);
    let detail = TemplateDetail {
        problems: tenant.problems_of(&template, &current_blocks(state)),
        template,
        state: state_of(entry),
        changed_ms,
        changed_by: by.to_owned(),
        used_by: used_by(state, id),
        used_in: used_in(state, id),
    };
    Ok(Tagged::by(detail, &tag))
}

/// What the `ETag` is made from: who uses it does not count.
fn tag(entry: &TemplateEntry) -> impl Serialize + use<> {
    let state = state_of(entry);
    (entry.current().cloned(), state.version, state.publish_ms)
}

async fn create(
    State(app): State<Arc<AppState>>,
    access: Access<WriteWithinLimits>,
    Body(new): Body<NewTemplate>,
) -> Result<Created<TemplateDetail>, Error> {
    access.may_change([new.folder.trim()])?;
    let tenant = &access.tenant;
    let (template, files) = if let Some(design) = new.design.as_deref() {
        gallery::copy(design)?
    } else {
        let (part, html, text, images) = (new.part, new.html, new.text, new.images);
        let (id, name, folder) = (String::new(), String::new(), String::new());
        (Template { id, name, folder, part, html, text, images, offered_to: None }, Vec::new())
    };
    let template = checked(Template { id: random::id(), name: new.name, folder: new.folder, ..template })?;
    let template = adopt(&app, tenant, template, files, &access.actor).await?;
    add(&app, tenant, template, access.actor.clone()).await
}

/// Adds a template.
pub(in crate::http::console) async fn add(
    app: &AppState,
    tenant: &Arc<Tenant>,
    template: Template,
    actor: Actor,
) -> Result<Created<TemplateDetail>, Error> {
    let check = |state: &DesignState| {
        if state.templates.len() > MAX_TEMPLATES {
            return Err(Error::Conflict(format!("there are already {MAX_TEMPLATES} templates: delete one first")));
        }
        Ok(())
    };
    let place = app.work.place()?;
    let state = app.store.create_template(&tenant.id, &template, check, By::new(actor, app.clock.now_ms())).await?;
    let (tenant, id) = (Arc::clone(tenant), template.id);
    let detail = place.run(move || described(&tenant, &state, &id)).await??;
    Ok(Created(detail.into_inner()))
}

async fn save(
    State(app): State<Arc<AppState>>,
    access: Access<WriteWithinLimits>,
    version: IfMatch,
    Body(wanted): Body<UnpublishedTemplate>,
) -> Result<Tagged<TemplateDetail>, Error> {
    let id = access.part("template");
    let template = checked(Template {
        id: id.to_owned(),
        name: wanted.name,
        folder: wanted.folder,
        part: wanted.part,
        html: wanted.html,
        text: wanted.text,
        images: wanted.images,
        offered_to: wanted.offered_to,
    })?;
    let check = |entry: &TemplateEntry, state: &DesignState| {
        access.may_change(entry.folders().chain([template.folder.as_str()]))?;
        if !version.names(&etag_of(&tag(entry))) {
            return Err(Error::Changed);
        }
        check_part(&template, state)
    };
    let place = app.work.place()?;
    app.store.save_template(&access.tenant.id, &template, check, &access.by(&app)).await?;
    detail(&app, &access.tenant, id, place).await
}

/// A template whose every part is within its limits.
pub(in crate::http::console) fn checked(mut template: Template) -> Result<Template, Error> {
    template.name = checked_name(&template.name)?;
    template.folder = folder("folder", &template.folder)?;
    for (field, text) in [("html", Some(&template.html)), ("text", template.text.as_ref())] {
        if text.is_some_and(|text| text.len() > MAX_TEMPLATE) {
            let detail = format!("write at most {MAX_TEMPLATE} bytes: Outlook accepts 30,000 characters");
            return Err(Error::invalid(field, detail));
        }
    }
    check_block(&template)?;
    if template.offered_to.as_ref().is_some_and(|conditions| conditions.len() > MAX_CONDITIONS) {
        return Err(Error::invalid("offered_to", format!("write at most {MAX_CONDITIONS} conditions")));
    }
    Ok(template)
}

/// A folder's name, which may be empty.
pub(in crate::http::console) fn folder(field: &str, text: &str) -> Result<String, Error> {
    if text.trim().is_empty() { Ok(String::new()) } else { checked_text(field, text) }
}

async fn delete(State(app): State<Arc<AppState>>, access: Access<WriteWithinLimits>) -> Result<NoContent, Error> {
    let id = access.part("template");
    let check = |entry: &TemplateEntry, state: &DesignState| {
        access.may_change(entry.folders())?;
        let rules: BTreeSet<String> =
            state.all_rules().filter(|rule| gives(rule, id).is_some()).map(|rule| rule.name.clone()).collect();
        let templates: BTreeSet<String> = used_in(state, id).into_iter().map(|one| one.name).collect();
        let (using, what) = match (rules.is_empty(), templates.is_empty()) {
            (true, true) => return Ok(()),
            (false, _) => (rules, "rules use this template"),
            (true, false) => (templates, "templates use this block"),
        };
        let names = using.into_iter().map(|name| format!("“{name}”")).collect::<Vec<_>>().join(", ");
        Err(Error::Conflict(format!("{what}: first change or delete {names}, and publish that")))
    };
    app.store.delete_template(&access.tenant.id, id, check, access.by(&app)).await?;
    app.tenants.forget(&access.tenant);
    Ok(NoContent)
}

async fn discard(
    State(app): State<Arc<AppState>>,
    access: Access<WriteWithinLimits>,
) -> Result<Tagged<TemplateDetail>, Error> {
    let id = access.part("template");
    let check = |entry: &TemplateEntry| access.may_change(entry.folders());
    let place = app.work.place()?;
    app.store.discard_template(&access.tenant.id, id, check).await?;
    detail(&app, &access.tenant, id, place).await
}

async fn preview(
    State(app): State<Arc<AppState>>,
    access: Access<ReadDesign>,
    Query(query): Query<PreviewQuery>,
) -> Result<Json<TemplatePreview>, Error> {
    let tenant = Arc::clone(&access.tenant);
    let entry = app.store.template_entry(&tenant.id, access.part("template")).await?.ok_or(Error::NotFound)?;
    let template = entry.current().ok_or(Error::NotFound)?.clone();
    let tenant = with_blocks(&app, tenant, &template).await?;
    let person = match &query.person {
        Some(id) => tenant.record(id).ok_or_else(|| Error::invalid("person", "there is no person with this id"))?,
        None => match sample(&tenant) {
            Some(sample) => sample,
            None => {
                return Ok(Json(TemplatePreview { html: String::new(), text: String::new(), problems: Vec::new() }));
            }
        },
    };
    let person = person.person();
    let draft = plain_draft(query.kind, query.format, person.address.clone());
    let now_ms = app.clock.now_ms();
    let signature = app.work.run(move || fill_one(&tenant, &template, &person, &draft, now_ms)).await?;
    Ok(Json(TemplatePreview { html: signature.html, text: signature.text, problems: signature.problems }))
}

/// Somebody with many values.
pub(super) fn sample(tenant: &Tenant) -> Option<&Arc<PersonRecord>> {
    tenant.records().take(SAMPLES).max_by_key(|record| (!record.shared, record.fields.iter().count()))
}

/// A draft to nobody yet.
pub(super) fn plain_draft(kind: Option<Kind>, format: Option<BodyFormat>, from: Address) -> Draft {
    Draft {
        kind: kind.unwrap_or(Kind::New),
        from,
        recipients: Vec::new(),
        format: format.unwrap_or_default(),
        subject: String::new(),
        time_zone: None,
    }
}

async fn person(State(app): State<Arc<AppState>>, access: Access<ReadDesign>) -> Result<Json<PreviewPerson>, Error> {
    let person = access.tenant.record(access.part("person")).ok_or(Error::NotFound)?.person();
    let state = app.store.design_state(&access.tenant.id).await?;
    let brands = state.brands.unpublished.map(|unpublished| unpublished.document);
    let tenant = match &brands {
        Some(_) => access.tenant.trying(Changes { brands, ..Changes::default() }),
        None => Tenant::clone(&access.tenant),
    };
    let senders = tenant.senders(&person).iter().map(ToString::to_string).collect();
    let brand_tokens = tenant.brands().tokens().into_iter().map(str::to_owned).collect();
    Ok(Json(PreviewPerson { person: preview_person(&tenant, &person, app.clock.now_ms()), senders, brand_tokens }))
}

async fn versions(State(app): State<Arc<AppState>>, access: Access<ReadDesign>) -> Result<Json<Versions>, Error> {
    let id = access.part("template");
    app.store.template_entry(&access.tenant.id, id).await?.ok_or(Error::NotFound)?;
    let stamps = app.store.list_template_versions(&access.tenant.id, id, MAX_VERSIONS).await?;
    Ok(Json(list_versions(stamps)))
}

/// Versions as they are listed.
pub(in crate::http::console) fn list_versions(stamps: Vec<Stamp>) -> Versions {
    let row = |stamp: Stamp| VersionRow { version: stamp.version, at_ms: stamp.at_ms, by: stamp.by };
    Versions { versions: stamps.into_iter().map(row).collect() }
}

/// The version in a path.
pub(in crate::http::console) fn version_in<P>(access: &Access<P>) -> Result<i64, Error> {
    access.part("version").parse().map_err(|_| Error::NotFound)
}

async fn version(State(app): State<Arc<AppState>>, access: Access<ReadDesign>) -> Result<Json<TemplateVersion>, Error> {
    let version = version_in(&access)?;
    let template = app.store.template_version(&access.tenant.id, access.part("template"), version).await?;
    Ok(Json(TemplateVersion { version, template: template.ok_or(Error::NotFound)? }))
}
