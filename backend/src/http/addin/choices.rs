//! `POST /api/v1/signature/choices`: the signatures that the person may choose from for a draft.

use crate::http::AppState;
use crate::http::{Body, Error, User};
use crate::signing::{Offered, choices_for, read_draft};
use axum::Json;
use axum::extract::State;
use std::sync::Arc;

pub(in crate::http) async fn handle(
    State(app): State<Arc<AppState>>,
    user: User,
    Body(draft): Body<api::Draft>,
) -> Result<Json<api::Choices>, Error> {
    let person = user.person();
    let draft = read_draft(&user.tenant, &person, &draft).map_err(Error::Invalid)?;
    let choices = choices_for(&user.tenant, &person, &draft, app.clock.now_ms())?;
    let wire = |one: Offered| api::Offered {
        template: one.template,
        name: one.name,
        html: one.signature.html,
        text: one.signature.text,
    };
    Ok(Json(api::Choices { choices: choices.into_iter().map(wire).collect() }))
}
