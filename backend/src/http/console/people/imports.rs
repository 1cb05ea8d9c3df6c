//! CSV imports: upload, look, change the mapping, apply, cancel.

use super::runs::{began_by, shorten};
use crate::directory::{Importer, RunError, Upload};
use crate::http::AppState;
use crate::http::api::doc;
use crate::http::request::access::{Access, ReadPeople, WritePeople};
use crate::http::request::io::{Created, Query};
use crate::http::{Body, Error};
use crate::store::{RunRecord, RunsOf};
use ::api::console::{ApplyImport, Import, ImportMapping, ImportQuery, Imports, MAX_CSV, paths};
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

/// Most imports in the list.
const LISTED: u32 = 100;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "Imports";
    let upload = ApiRouter::new().api_route(
        paths::IMPORTS,
        get_with(list, doc(tag, "Imports of the last few days"))
            .post_with(upload, doc(tag, "Uploads a CSV file and plans what it would change")),
    );
    ApiRouter::new()
        .merge(upload.layer(DefaultBodyLimit::max(MAX_CSV)))
        .api_route(
            paths::IMPORT,
            get_with(show, doc(tag, "An import with its plan and progress"))
                .patch_with(remap, doc(tag, "Maps the columns to fields, and plans again"))
                .delete_with(cancel, doc(tag, "Cancels an import; nothing of it is kept")),
        )
        .api_route(paths::APPLY_IMPORT, post_with(apply, doc(tag, "Applies a plan, all of it or nothing")))
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

async fn list(State(app): State<Arc<AppState>>, access: Access<ReadPeople>) -> Result<Json<Imports>, Error> {
    let (records, _) = app.runs.list(&access.tenant, RunsOf::Files, (0, LISTED)).await?;
    let mut imports: Vec<_> = records.into_iter().map(to_wire).collect();
    for import in &mut imports {
        shorten(&mut import.plan);
    }
    Ok(Json(Imports { imports }))
}

async fn upload(
    State(app): State<Arc<AppState>>,
    access: Access<WritePeople>,
    Query(query): Query<ImportQuery>,
    File(file): File,
) -> Result<Created<Import>, Error> {
    let upload = Upload { name: query.name, delimiter: query.delimiter, encoding: query.encoding };
    let import = app.runs.upload(&access.tenant, upload, file, importer(&access)).await?;
    Ok(Created(to_wire(import)))
}

async fn show(State(app): State<Arc<AppState>>, access: Access<ReadPeople>) -> Result<Json<Import>, Error> {
    Ok(Json(to_wire(app.runs.get(&access.tenant, access.part("import")).await?)))
}

async fn remap(
    State(app): State<Arc<AppState>>,
    access: Access<WritePeople>,
    Body(mapping): Body<ImportMapping>,
) -> Result<Json<Import>, Error> {
    Ok(Json(to_wire(app.runs.remap(&access.tenant, access.part("import"), &mapping, &importer(&access)).await?)))
}

async fn apply(
    State(app): State<Arc<AppState>>,
    access: Access<WritePeople>,
    Body(how): Body<ApplyImport>,
) -> Result<Json<Import>, Error> {
    let who = importer(&access);
    Ok(Json(to_wire(app.runs.apply(&access.tenant, access.part("import"), &how, who).await?)))
}

async fn cancel(State(app): State<Arc<AppState>>, access: Access<WritePeople>) -> Result<NoContent, Error> {
    app.runs.cancel(&access.tenant, access.part("import")).await?;
    Ok(NoContent)
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

fn to_wire(record: RunRecord) -> Import {
    Import {
        id: record.id,
        name: record.name,
        state: record.state,
        done: u64::try_from(record.done).unwrap_or_default(),
        rows: u64::try_from(record.rows).unwrap_or_default(),
        encoding: record.encoding,
        delimiter: record.delimiter,
        columns: record.columns,
        source: record.source,
        complete: record.complete,
        plan: record.plan,
        failure: Some(record.failure).filter(|failure| !failure.is_empty()),
        actor: began_by(record.actor),
        created_ms: record.created_ms,
    }
}
