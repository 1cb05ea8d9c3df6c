//! Sources: how each is connected, how it runs, and running it now.

use super::runs::short;
use crate::directory::{Starter, attributes, may_have, own_attribute, refused_secrets};
use crate::http::AppState;
use crate::http::api::doc;
use crate::http::request::access::{Access, ReadSources, WriteSources};
use crate::http::request::io::{Created, IfMatch, Tagged, etag_of};
use crate::http::{Body, Error};
use crate::store::{
    Cause, Deed, Paging, RunState, RunsOf, Source, SourceRecord, SourceSettings, SourceState, all_fields,
};
use ::api::console::{
    DatabaseDetail, EVERY_MINUTES, Permissions, Run, SourceChanges, SourceDetail, Sources, StartRun, paths,
};
use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::Json;
use axum::extract::State;
use axum::response::NoContent;
use serde_json::json;
use std::collections::HashSet;
use std::sync::Arc;

/// The sources that have a page, in its order.
const SHOWN: [Source; 4] = [Source::Entra, Source::Google, Source::Database, Source::Csv];
/// Runs of a source that are looked through for its last one.
const LOOKED_THROUGH: u32 = 20;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "Sources";
    ApiRouter::new()
        .api_route(paths::SOURCES, get_with(list, doc(tag, "Where people and values come from")))
        .api_route(
            paths::SOURCE,
            get_with(show, doc(tag, "A source, its settings and its last run"))
                .patch_with(change, doc(tag, "Changes how a source runs"))
                .delete_with(disconnect, doc(tag, "Disconnects a source; its values stay until a run removes them")),
        )
        .api_route(paths::SOURCE_RUNS, post_with(start, doc(tag, "Runs a source now, or shows what it would change")))
        .api_route(paths::SOURCE_CHECK, post_with(check, doc(tag, "Checks our permissions at a source")))
}

async fn list(State(app): State<Arc<AppState>>, access: Access<ReadSources>) -> Result<Json<Sources>, Error> {
    let mut sources = Vec::new();
    // Once for all: it looks at what every source says of everybody.
    let people = app.store.source_people(&access.tenant.id).await?;
    for source in SHOWN {
        let record = app.store.source(&access.tenant.id, source).await?;
        sources.push(detail(&app, &access.tenant, record, &people).await?);
    }
    Ok(Json(Sources { sources }))
}

async fn show(State(app): State<Arc<AppState>>, access: Access<ReadSources>) -> Result<Tagged<SourceDetail>, Error> {
    tagged(&app, &access.tenant, named(access.part("source"))?).await
}

async fn change(
    State(app): State<Arc<AppState>>,
    access: Access<WriteSources>,
    version: IfMatch,
    Body(changes): Body<SourceChanges>,
) -> Result<Tagged<SourceDetail>, Error> {
    let source = named(access.part("source"))?;
    let tenant = &access.tenant;
    let mut record = app.store.source(&tenant.id, source).await?;
    if !version.names(&etag_of(&tag(&record))) {
        return Err(Error::Changed);
    }
    let before = record.clone();
    if let Some(settings) = changes.settings.map(SourceSettings::from) {
        check_settings(tenant, source, &settings)?;
        // Everybody is fetched again: who counts and what goes where may be different.
        if reads_differently(&settings, &record.settings) {
            record.read_to.clear();
        }
        record.settings = settings;
    }
    if let Some(paused) = changes.paused {
        if record.state == SourceState::Off {
            return Err(Error::Conflict("this source is not connected: connect it first".into()));
        }
        record.state = if paused { SourceState::Paused } else { SourceState::On };
        let runs_by_itself = matches!(source, Source::Entra | Source::Google) && !paused;
        record.next_ms = runs_by_itself.then(|| app.clock.now_ms());
    }
    if record != before {
        let detail = json!({ "state": record.state.as_str(), "settings": record.settings });
        let deed = Deed { action: "change_source", detail };
        app.store.put_source(&tenant.id, &record, deed, access.by(&app)).await?;
    }
    tagged(&app, tenant, source).await
}

async fn disconnect(State(app): State<Arc<AppState>>, access: Access<WriteSources>) -> Result<NoContent, Error> {
    let source = named(access.part("source"))?;
    let before = app.store.source(&access.tenant.id, source).await?;
    if before.state == SourceState::Off {
        return Err(Error::Conflict("this source is not connected".into()));
    }
    let record = SourceRecord { settings: before.settings, ..SourceRecord::new(source) };
    let deed = Deed { action: "disconnect_source", detail: json!({}) };
    app.store.put_source(&access.tenant.id, &record, deed, access.by(&app)).await?;
    Ok(NoContent)
}

async fn start(
    State(app): State<Arc<AppState>>,
    access: Access<WriteSources>,
    Body(how): Body<StartRun>,
) -> Result<Created<Run>, Error> {
    let source = named(access.part("source"))?;
    let starter = Starter { cause: Cause::Button, actor: access.actor };
    Ok(Created(short(app.runs.fetch(&access.tenant, source, how, starter).await?)))
}

async fn check(State(app): State<Arc<AppState>>, access: Access<WriteSources>) -> Result<Json<Permissions>, Error> {
    Ok(Json(app.runs.permissions(&access.tenant, named(access.part("source"))?).await?))
}

pub(in crate::http::console) fn named(text: &str) -> Result<Source, Error> {
    Source::parse(text).filter(|source| SHOWN.contains(source)).ok_or(Error::NotFound)
}

/// What a change is meant for.
fn tag(record: &SourceRecord) -> impl serde::Serialize + use<> {
    (record.state.as_str(), record.settings.clone())
}

pub(in crate::http::console) async fn tagged(
    app: &AppState,
    tenant: &crate::tenant::Tenant,
    source: Source,
) -> Result<Tagged<SourceDetail>, Error> {
    let people = app.store.source_people(&tenant.id).await?;
    let record = app.store.source(&tenant.id, source).await?;
    let tag = tag(&record);
    Ok(Tagged::by(detail(app, tenant, record, &people).await?, &tag))
}

/// `people`: of how many people each source says anything.
async fn detail(
    app: &AppState,
    tenant: &crate::tenant::Tenant,
    record: SourceRecord,
    people: &[(Source, u64)],
) -> Result<SourceDetail, Error> {
    let source = record.source;
    let latest = Paging { offset: 0, limit: LOOKED_THROUGH };
    let (runs, _) = app.runs.list(tenant, RunsOf::Source(source), latest).await?;
    let waits = |run: &&crate::store::RunRecord| run.state == RunState::Planned && !run.preview;
    let waiting = runs.iter().find(waits).filter(|_| source != Source::Csv).cloned();
    let last = runs.into_iter().find(|run| !run.preview);
    let succeeded_ms = app.store.last_success(&tenant.id, source).await?;
    let database = (source == Source::Database).then(|| DatabaseDetail {
        columns: record.sent.iter().cloned().map(Into::into).collect(),
        program: record.program.clone(),
        seen_ms: record.seen_ms,
    });
    let refused = match source {
        Source::Database => refused_secrets(&app.store.list_tokens(&tenant.id).await?, app.clock.now_ms()),
        _ => None,
    };
    let problems: Vec<_> =
        refused.into_iter().chain([record.problem].into_iter().filter(|one| !one.is_empty())).collect();
    Ok(SourceDetail {
        source: source.into(),
        state: record.state.into(),
        problem: (!problems.is_empty()).then(|| problems.join(". ")),
        settings: record.settings.into(),
        last: last.map(short),
        succeeded_ms,
        waiting: waiting.map(short),
        next_ms: record.next_ms.filter(|_| record.state == SourceState::On),
        people: people.iter().find(|(known, _)| *known == source).map_or(0, |(_, people)| *people),
        account: Some(record.account).filter(|account| !account.is_empty()),
        attributes: attributes(source),
        own_attribute: own_attribute(source).map(str::to_owned),
        database,
    })
}

/// Whether another fetch says something else of the same people.
fn reads_differently(one: &SourceSettings, other: &SourceSettings) -> bool {
    let read = |settings: &SourceSettings| {
        let SourceSettings { mapping, guests, shared, photos, groups, .. } = settings.clone();
        (mapping, guests, shared, photos, groups)
    };
    read(one) != read(other)
}

fn check_settings(tenant: &crate::tenant::Tenant, source: Source, settings: &SourceSettings) -> Result<(), Error> {
    if !EVERY_MINUTES.contains(&settings.every_minutes) {
        let (first, last) = (EVERY_MINUTES.start(), EVERY_MINUTES.end());
        return Err(Error::invalid("settings.every_minutes", format!("write {first} to {last} minutes")));
    }
    if !(1..=100).contains(&settings.guard_percent) {
        return Err(Error::invalid("settings.guard_percent", "write 1 to 100 percent"));
    }
    let known = all_fields(tenant.fields());
    let mut given = HashSet::new();
    for (at, mapped) in settings.mapping.iter().enumerate() {
        let field = |name: &str| format!("settings.mapping[{at}].{name}");
        if !may_have(source, &mapped.attribute) {
            let own = own_attribute(source)
                .map(|own| format!("; an attribute of your own has a name like {own}"))
                .unwrap_or_default();
            let detail = format!("there is no attribute {:?}: choose an existing one{own}", mapped.attribute);
            return Err(Error::invalid(field("attribute"), detail));
        }
        if known.iter().all(|field| field.token != mapped.field) {
            let detail = format!("there is no field {:?}: add it first, or choose another", mapped.field);
            return Err(Error::invalid(field("field"), detail));
        }
        if !given.insert(&mapped.field) {
            let detail = "another attribute is already mapped to this field: choose one of the two";
            return Err(Error::invalid(field("field"), detail));
        }
    }
    Ok(())
}
