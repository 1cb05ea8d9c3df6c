//! Directory runs: look, apply, cancel.

use crate::directory::Importer;
use crate::http::AppState;
use crate::http::api::doc;
use crate::http::request::access::{Access, ReadSources, WriteSources};
use crate::http::request::io::Query;
use crate::http::{Body, Error};
use crate::store::{Actor, RunRecord, RunsOf};
use ::api::console::{ApplyImport, MAX_PAGE, Run, RunPlan, Runs, RunsQuery, paths};
use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::Json;
use axum::extract::State;
use axum::response::NoContent;
use std::sync::Arc;

/// Runs on a page unless said.
const PAGE: u32 = 50;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "Sources";
    ApiRouter::new()
        .api_route(paths::RUNS, get_with(list, doc(tag, "Runs of the last few days, the newest first")))
        .api_route(
            paths::RUN,
            get_with(show, doc(tag, "A run with its plan and progress"))
                .delete_with(cancel, doc(tag, "Cancels a run; nothing of it is kept")),
        )
        .api_route(paths::APPLY_RUN, post_with(apply, doc(tag, "Applies a waiting run, all of it or nothing")))
}

async fn list(
    State(app): State<Arc<AppState>>,
    access: Access<ReadSources>,
    Query(query): Query<RunsQuery>,
) -> Result<Json<Runs>, Error> {
    let limit = query.limit.unwrap_or(PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(Error::invalid("limit", format!("write 1 to {MAX_PAGE}")));
    }
    let which = query.source.map_or(RunsOf::All, RunsOf::Source);
    let (records, total) = app.runs.list(&access.tenant, which, (query.offset, limit)).await?;
    Ok(Json(Runs { runs: records.into_iter().map(short).collect(), total }))
}

async fn show(State(app): State<Arc<AppState>>, access: Access<ReadSources>) -> Result<Json<Run>, Error> {
    Ok(Json(to_wire(app.runs.get(&access.tenant, access.part("run")).await?)))
}

async fn apply(
    State(app): State<Arc<AppState>>,
    access: Access<WriteSources>,
    Body(how): Body<ApplyImport>,
) -> Result<Json<Run>, Error> {
    let who = Importer { actor: access.actor.clone(), role: access.role };
    Ok(Json(to_wire(app.runs.apply(&access.tenant, access.part("run"), &how, who).await?)))
}

async fn cancel(State(app): State<Arc<AppState>>, access: Access<WriteSources>) -> Result<NoContent, Error> {
    app.runs.cancel(&access.tenant, access.part("run")).await?;
    Ok(NoContent)
}

/// A run in a list: without what a list does not show.
pub(in crate::http::console) fn short(record: RunRecord) -> Run {
    let mut run = to_wire(record);
    shorten(&mut run.plan);
    run
}

/// Leaves of a plan what lists show.
pub(in crate::http::console) fn shorten(plan: &mut Option<RunPlan>) {
    if let Some(plan) = plan {
        plan.sample.clear();
        plan.issues.clear();
        plan.drift.iter_mut().for_each(|drift| drift.sample.clear());
    }
}

/// Who began a run, as people read it.
pub(in crate::http::console) fn began_by(actor: Actor) -> String {
    if actor.name.is_empty() { actor.id } else { actor.name }
}

pub(in crate::http::console) fn to_wire(record: RunRecord) -> Run {
    Run {
        id: record.id,
        source: record.source,
        cause: record.cause,
        preview: record.preview,
        state: record.state,
        done: u64::try_from(record.done).unwrap_or_default(),
        rows: u64::try_from(record.rows).unwrap_or_default(),
        plan: record.plan,
        failure: Some(record.failure).filter(|failure| !failure.is_empty()),
        actor: began_by(record.actor),
        created_ms: record.created_ms,
        ended_ms: record.ended_ms,
    }
}
