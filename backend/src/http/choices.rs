//! `POST /api/v1/signature/choices`: the signatures that the person may choose from for a draft.

use super::{Body, Error, User};
use crate::app::App;
use crate::signing;
use axum::Json;
use axum::extract::State;
use std::sync::Arc;

pub(super) async fn handle(
    State(app): State<Arc<App>>,
    user: User,
    Body(draft): Body<api::Draft>,
) -> Result<Json<api::Choices>, Error> {
    let person = user.person()?;
    let draft = user.tenant.draft(&person, &draft).map_err(Error::Invalid)?;
    let choices = signing::choices_for(&user.tenant, &person, &draft, app.clock.now_ms())?;
    Ok(Json(api::Choices { choices }))
}
