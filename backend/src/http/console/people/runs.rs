//! Directory runs: list, show, apply, cancel. Uploading a CSV file starts one; its columns are mapped here.

use crate::directory::{FileMapping, Importer, RunError, Upload};
use crate::http::AppState;
use crate::http::api::doc;
use crate::http::request::access::{Access, ReadSources, WritePeople};
use crate::http::request::io::{Created, Query};
use crate::http::{Body, Error};
use crate::store::{Actor, Cause, Paging, Role, RunRecord, RunsOf};
use ::api::console::{self as api, ApplyRun, FileQuery, MAX_CSV, MAX_PAGE, Run, RunFile, Runs, RunsQuery, paths};
use aide::OperationInput;
use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use aide::generate::GenContext;
use aide::openapi::{MediaType, Operation, ReferenceOr, RequestBody};
use axum::Json;
use axum::body::{Bytes, HttpBody as _};
use axum::extract::{DefaultBodyLimit, FromRequest, Request, State};
use axum::response::NoContent;
use std::sync::Arc;

/// Runs on a page unless said.
const PAGE: u32 = 50;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "Runs";
    let all = ApiRouter::new().api_route(
        paths::RUNS,
        get_with(list, doc(tag, "Runs of the last few days, the newest first"))
            .post_with(upload, doc(tag, "Uploads a CSV file and plans what it would change")),
    );
    ApiRouter::new()
        .merge(all.layer(DefaultBodyLimit::max(MAX_CSV)))
        .api_route(
            paths::RUN,
            get_with(show, doc(tag, "A run with its plan and progress"))
                .patch_with(remap, doc(tag, "Maps a file's columns to fields, and plans again"))
                .delete_with(cancel, doc(tag, "Cancels a run; nothing is changed")),
        )
        .api_route(paths::APPLY_RUN, post_with(apply, doc(tag, "Applies a waiting run, all of it or nothing")))
}

/// A file as the request's body.
struct File(Bytes);

impl<S: Send + Sync> FromRequest<S> for File {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        if request.body().size_hint().lower() > MAX_CSV as u64 {
            return Err(Error::FileTooLarge);
        }
        Bytes::from_request(request, state).await.map(Self).map_err(|_| Error::FileTooLarge)
    }
}

impl OperationInput for File {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        operation.request_body = Some(ReferenceOr::Item(RequestBody {
            description: Some("The file: UTF-8, UTF-16 or Windows-1252, with a header row.".into()),
            content: [("text/csv".to_owned(), MediaType::default())].into_iter().collect(),
            required: true,
            ..RequestBody::default()
        }));
    }
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
    let which = match query.source {
        _ if query.files => RunsOf::Files,
        Some(source) => RunsOf::Source(source.into()),
        None => RunsOf::All,
    };
    let (records, total) = app.runs.list(&access.tenant, which, Paging { offset: query.offset, limit }).await?;
    Ok(Json(Runs { runs: records.into_iter().map(short).collect(), total }))
}

async fn upload(
    State(app): State<Arc<AppState>>,
    access: Access<WritePeople>,
    Query(query): Query<FileQuery>,
    File(file): File,
) -> Result<Created<Run>, Error> {
    let upload = Upload { name: query.name, delimiter: query.delimiter, encoding: query.encoding };
    Ok(Created(to_wire(app.runs.upload(&access.tenant, upload, file, importer(&access)).await?)))
}

async fn show(State(app): State<Arc<AppState>>, access: Access<ReadSources>) -> Result<Json<Run>, Error> {
    Ok(Json(to_wire(app.runs.get(&access.tenant, access.part("run")).await?)))
}

async fn remap(
    State(app): State<Arc<AppState>>,
    access: Access<WritePeople>,
    Body(mapping): Body<api::FileMapping>,
) -> Result<Json<Run>, Error> {
    let run = to_decide(&app, &access).await?;
    let api::FileMapping { fields, source, complete } = mapping;
    let mapping = FileMapping { fields, source: source.into(), complete };
    Ok(Json(to_wire(app.runs.remap(&access.tenant, &run, &mapping, &importer(&access)).await?)))
}

async fn apply(
    State(app): State<Arc<AppState>>,
    access: Access<WritePeople>,
    Body(how): Body<ApplyRun>,
) -> Result<Json<Run>, Error> {
    let run = to_decide(&app, &access).await?;
    Ok(Json(to_wire(app.runs.apply(&access.tenant, &run, &how, importer(&access)).await?)))
}

async fn cancel(State(app): State<Arc<AppState>>, access: Access<WritePeople>) -> Result<NoContent, Error> {
    let run = to_decide(&app, &access).await?;
    app.runs.cancel(&access.tenant, &run).await?;
    Ok(NoContent)
}

/// The id of a run that the caller may apply, remap or cancel: editors and tokens that write people for files, only admins
/// for runs of a source.
async fn to_decide(app: &AppState, access: &Access<WritePeople>) -> Result<String, Error> {
    let run = app.runs.get(&access.tenant, access.part("run")).await?;
    if run.cause != Cause::File && access.role < Role::Admin {
        let detail = "only admins decide about what a source brought: ask one".to_owned();
        return Err(Error::Forbidden { detail, field: None });
    }
    Ok(run.id)
}

fn importer(access: &Access<WritePeople>) -> Importer {
    Importer { actor: access.actor.clone(), role: access.role }
}

impl From<RunError> for Error {
    fn from(error: RunError) -> Self {
        match error {
            RunError::NotFound => Self::NotFound,
            RunError::Busy(detail) => Self::Conflict(detail.to_owned()),
            RunError::Later(detail) => Self::Unavailable(detail),
            RunError::Invalid { field, detail } => Self::invalid(field, detail),
            RunError::Forbidden { field, detail } => Self::Forbidden { detail, field: Some(field) },
            RunError::Source(detail) => Self::Conflict(detail),
            RunError::Store(error) => error.into(),
        }
    }
}

/// A run in a list: without what a list does not show.
pub(in crate::http::console) fn short(record: RunRecord) -> Run {
    let mut run = to_wire(record);
    if let Some(plan) = &mut run.plan {
        plan.sample.clear();
        plan.issues.clear();
        plan.drift.iter_mut().for_each(|drift| drift.sample.clear());
    }
    run.file.iter_mut().for_each(|file| file.columns.clear());
    run
}

/// Who began a run, as people read it.
fn began_by(actor: Actor) -> String {
    if actor.name.is_empty() { actor.id } else { actor.name }
}

fn to_wire(record: RunRecord) -> Run {
    let file = (record.cause == Cause::File).then(|| RunFile {
        name: record.name,
        encoding: record.encoding,
        delimiter: record.delimiter,
        columns: record.columns.into_iter().map(Into::into).collect(),
        complete: record.complete,
    });
    Run {
        id: record.id,
        source: record.source.into(),
        cause: record.cause.into(),
        preview: record.preview,
        state: record.state.into(),
        done: u64::try_from(record.done).unwrap_or_default(),
        rows: u64::try_from(record.rows).unwrap_or_default(),
        plan: record.plan.map(Into::into),
        file,
        failure: Some(record.failure).filter(|failure| !failure.is_empty()),
        actor: began_by(record.actor),
        created_ms: record.created_ms,
        ended_ms: record.ended_ms,
    }
}
