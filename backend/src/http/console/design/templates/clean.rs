//! Pasted HTML as a template's.

use crate::design::clean::{self, MAX_PASTED};
use crate::http::AppState;
use crate::http::api::doc;
use crate::http::request::access::{Access, WriteWithinLimits};
use crate::http::{Body, Error};
use crate::store::all_fields;
use ::api::console::{Cleaned, Pasted, paths};
use aide::axum::ApiRouter;
use aide::axum::routing::post_with;
use axum::Json;
use axum::extract::State;
use std::sync::Arc;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let about = doc(
        "Templates",
        "Converts HTML from Word, a mail or another vendor's editor into template HTML; stores nothing",
    );
    ApiRouter::new().api_route(paths::CLEAN, post_with(tidied, about))
}

async fn tidied(
    State(app): State<Arc<AppState>>,
    access: Access<WriteWithinLimits>,
    Body(pasted): Body<Pasted>,
) -> Result<Json<Cleaned>, Error> {
    if pasted.html.len() > MAX_PASTED {
        let detail = format!("this is more than {} KB: paste a smaller piece", MAX_PASTED / 1000);
        return Err(Error::invalid("html", detail));
    }
    let fields = all_fields(access.tenant.fields()).into_iter().map(|field| field.token).collect();
    let cleaned = app.work.run(move || clean::clean(&pasted.html, &fields)).await?;
    cleaned.map(Json).map_err(|detail| Error::invalid("html", detail))
}
