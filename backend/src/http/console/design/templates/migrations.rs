//! Signatures of other programs: what they would become, and making them templates.

use super::files::adopt;
use super::{add, checked, plain_draft, sample};
use crate::design::migrate::{Migrated, migrate};
use crate::http::AppState;
use crate::http::api::doc;
use crate::http::request::access::{Access, WriteWithinLimits};
use crate::http::request::io::Created;
use crate::http::{Body, Error};
use crate::random;
use crate::signing::preview_person;
use crate::store::{PersonRecord, all_fields};
use crate::tenant::Tenant;
use ::api::console::{
    ApplyMigration, MAX_MIGRATION, MAX_TEMPLATE, MigrationPlan, PlaceholderUse, PlanMigration, TemplateDetail, paths,
};
use aide::axum::ApiRouter;
use aide::axum::routing::post_with;
use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use email_signature::{ImageMode, ImageUrls, Part, Template, check};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Longest body: the files in base64, and room for the rest.
const MAX_SENT: usize = MAX_MIGRATION / 3 * 4 + 1024 * 1024;
/// Most problems that a plan lists.
const MAX_PROBLEMS: usize = 20;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "Templates";
    let about = "What another program's signature would become: its template, placeholders and images; stores nothing";
    ApiRouter::new()
        .api_route(paths::MIGRATION_PLAN, post_with(plan, doc(tag, about)))
        .api_route(
            paths::MIGRATIONS,
            post_with(apply, doc(tag, "Adds the images of such a signature and creates its unpublished template")),
        )
        .layer(DefaultBodyLimit::max(MAX_SENT))
}

async fn plan(
    State(app): State<Arc<AppState>>,
    access: Access<WriteWithinLimits>,
    Body(wanted): Body<PlanMigration, MAX_SENT>,
) -> Result<Json<MigrationPlan>, Error> {
    let tenant = Arc::clone(&access.tenant);
    let fields = tokens(&tenant);
    checked_mapping(&wanted.mapping, &fields)?;
    let person = match &wanted.person {
        Some(id) => Some(tenant.record(id).ok_or_else(|| Error::invalid("person", "there is no person with this id"))?),
        None => sample(&tenant),
    };
    let person = person.cloned();
    let now_ms = app.clock.now_ms();
    // It decodes images.
    let planned = app.picture_work.run(move || {
        let migrated = migrate(wanted.source, &fields, &wanted.mapping)
            .map_err(|(field, detail)| Error::invalid(field, detail))?;
        Ok::<_, Error>(shown(migrated, &tenant, person.as_deref(), now_ms))
    });
    planned.await?.map(Json)
}

/// A plan with the template filled for a person.
fn shown(migrated: Migrated, tenant: &Tenant, person: Option<&PersonRecord>, now_ms: i64) -> MigrationPlan {
    let fields = tokens(tenant);
    let template = template_of(&migrated.html, String::new(), Part::Signature);
    let filled = person.map(|record| {
        let person = preview_person(tenant, &record.person(), now_ms);
        let draft = plain_draft(None, None, person.address.clone());
        migrated.fill(&template, &fields, &person, &draft)
    });
    let shown_for = person.map(|record| {
        let person = record.person();
        person.fields.get("display_name").cloned().unwrap_or_else(|| person.address.to_string())
    });
    let problems = problems(&migrated, &template, &fields);
    let (after, after_text) = filled.map(|filled| (filled.html, filled.text)).unwrap_or_default();
    MigrationPlan {
        name: migrated.name,
        page: migrated.page,
        pages: migrated.pages,
        before: migrated.before,
        after,
        after_text,
        shown_for,
        html: migrated.html,
        placeholders: migrated.placeholders,
        images: migrated.images,
        notes: migrated.notes,
        problems,
    }
}

/// What is wrong with the template, each once; images that are added with it are there, and missing ones are not.
fn problems(migrated: &Migrated, template: &Template, fields: &BTreeSet<String>) -> Vec<String> {
    let found = migrated.images.iter().filter(|image| image.size.is_some());
    let there = found.map(|image| (image.name.clone(), "https://there.invalid/".to_owned()));
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    let mut problems: Vec<String> = Vec::new();
    let found = check(template, &ImageUrls(there.collect()), &fields);
    for finding in found.into_iter().filter(|finding| finding.level == email_signature::Level::Problem) {
        if problems.len() < MAX_PROBLEMS && !problems.contains(&finding.detail) {
            problems.push(finding.detail);
        }
    }
    if problems.is_empty() {
        problems.extend(migrated.unusable.clone());
    }
    if template.html.len() > MAX_TEMPLATE {
        problems.push(format!(
            "The template is longer than {MAX_TEMPLATE} bytes: migrate the signature alone, not a whole mail."
        ));
    }
    problems
}

async fn apply(
    State(app): State<Arc<AppState>>,
    access: Access<WriteWithinLimits>,
    Body(wanted): Body<ApplyMigration, MAX_SENT>,
) -> Result<Created<TemplateDetail>, Error> {
    let tenant = Arc::clone(&access.tenant);
    let fields = tokens(&tenant);
    checked_mapping(&wanted.mapping, &fields)?;
    let ApplyMigration { source, mapping, name, folder, part } = wanted;
    let migrated = app.picture_work.run(move || migrate(source, &fields, &mapping)).await?;
    let migrated = migrated.map_err(|(field, detail)| Error::invalid(field, detail))?;
    let template = checked(Template { folder, ..template_of(&migrated.html, name, part) })?;
    access.may_change([template.folder.as_str()])?;
    // Images first: one that is there already under its name is not added again.
    let template = adopt(&app, &tenant, template, migrated.files, &access.actor).await?;
    add(&app, &tenant, template, access.actor.clone()).await
}

fn template_of(html: &str, name: String, part: Part) -> Template {
    Template {
        id: random::id(),
        name,
        folder: String::new(),
        part,
        html: html.to_owned(),
        text: None,
        images: ImageMode::Hosted,
        offered_to: None,
    }
}

fn tokens(tenant: &Tenant) -> BTreeSet<String> {
    all_fields(tenant.fields()).into_iter().map(|field| field.token).collect()
}

/// Refuses fields that do not exist.
fn checked_mapping(mapping: &BTreeMap<String, PlaceholderUse>, fields: &BTreeSet<String>) -> Result<(), Error> {
    for (written, becomes) in mapping {
        if let PlaceholderUse::Field(token) = becomes
            && !crate::design::clean::is_field(token, fields)
        {
            let detail = format!("there is no field “{token}”: choose one of the tenant’s fields for “{written}”");
            return Err(Error::invalid(format!("mapping.{written}"), detail));
        }
    }
    Ok(())
}
