//! The connector's endpoints: the target of its rows, and uploads. The secret identifies the tenant.

use super::AppState;
use super::api::doc;
use super::request::access::{Connector, noted};
use super::request::io::Created;
use super::{Body, Error};
use crate::directory::{ADDRESS, Importer, usual_columns};
use crate::store::{Role, RunRecord, all_fields};
use ::api::connector::{NewUpload, Target, TargetField, Upload, paths};
use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with, put_with};
use aide::openapi::{MediaType, Operation, ReferenceOr, RequestBody};
use aide::{OperationInput, generate::GenContext};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::response::NoContent;
use std::sync::Arc;

pub(super) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "Connector";
    ApiRouter::new()
        .api_route(paths::TARGET, get_with(target, doc(tag, "The target of a database's rows")))
        .api_route(paths::UPLOADS, post_with(announce, doc(tag, "Announces an upload; repeating it changes nothing")))
        .api_route(
            paths::UPLOAD,
            get_with(show, doc(tag, "An upload and its progress")).delete_with(cancel, doc(tag, "Cancels an upload")),
        )
        .api_route(paths::PART, put_with(receive, doc(tag, "Receives a part; repeating it changes nothing")))
}

async fn target(State(app): State<Arc<AppState>>, connector: Connector) -> Result<Json<Target>, Error> {
    let now_ms = app.clock.now_ms();
    noted(app.store.note_connector(&connector.tenant.id, "", None, now_ms).await);
    let field = |token: &str, label: &str| TargetField {
        token: token.to_owned(),
        label: label.to_owned(),
        usual: usual_columns(token).iter().map(|name| (*name).to_owned()).collect(),
    };
    let mut fields = vec![field(ADDRESS, "E-mail address")];
    fields.extend(all_fields(connector.tenant.fields()).iter().map(|known| field(&known.token, &known.label)));
    Ok(Json(Target {
        tenant: connector.tenant.name.clone(),
        fields,
        secret: connector.name,
        expires_ms: connector.expires_ms,
        now_ms,
    }))
}

async fn announce(
    State(app): State<Arc<AppState>>,
    connector: Connector,
    Body(new): Body<NewUpload>,
) -> Result<Created<Upload>, Error> {
    let who = Importer { actor: connector.actor, role: Role::Admin };
    Ok(Created(to_wire(app.runs.announce(&connector.tenant, &new, who).await?)))
}

async fn show(State(app): State<Arc<AppState>>, connector: Connector) -> Result<Json<Upload>, Error> {
    Ok(Json(to_wire(app.runs.sent(&connector.tenant, connector.part("upload")).await?)))
}

/// A part as the request's body.
struct Part(Bytes);

impl<S: Send + Sync> FromRequest<S> for Part {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        Bytes::from_request(request, state).await.map(Self).map_err(|_| Error::TooLarge)
    }
}

impl OperationInput for Part {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        operation.request_body = Some(ReferenceOr::Item(RequestBody {
            description: Some("Rows as CSV without a header, UTF-8, compressed with gzip.".into()),
            content: [("application/octet-stream".to_owned(), MediaType::default())].into_iter().collect(),
            required: true,
            ..RequestBody::default()
        }));
    }
}

async fn receive(
    State(app): State<Arc<AppState>>,
    connector: Connector,
    Part(part): Part,
) -> Result<Json<Upload>, Error> {
    let number = connector.part("part").parse().map_err(|_| Error::NotFound)?;
    Ok(Json(to_wire(app.runs.receive(&connector.tenant, connector.part("upload"), number, &part).await?)))
}

async fn cancel(State(app): State<Arc<AppState>>, connector: Connector) -> Result<NoContent, Error> {
    let upload = app.runs.sent(&connector.tenant, connector.part("upload")).await?;
    app.runs.cancel(&connector.tenant, &upload.id).await?;
    Ok(NoContent)
}

fn to_wire(record: RunRecord) -> Upload {
    let part = |number: i64| u32::try_from(number).unwrap_or_default();
    let rows = |number: i64| u64::try_from(number).unwrap_or_default();
    Upload {
        id: record.id,
        state: record.state.into(),
        received: part(record.upload.received),
        parts: part(record.upload.parts),
        done: rows(record.done),
        rows: rows(record.rows),
        plan: record.plan.map(Into::into),
        failure: Some(record.failure).filter(|failure| !failure.is_empty()),
    }
}
