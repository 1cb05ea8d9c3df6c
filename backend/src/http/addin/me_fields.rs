//! `PATCH /api/v1/me/fields`: the person's own values of the fields that the admin lets them edit.

use super::me;
use crate::directory::check_value;
use crate::http::AppState;
use crate::http::{Body, Error, User};
use crate::signing::breaks_link;
use crate::store::By;
use axum::Json;
use axum::extract::State;
use std::sync::Arc;

pub(in crate::http) async fn handle(
    State(app): State<Arc<AppState>>,
    user: User,
    Body(changes): Body<api::FieldChanges>,
) -> Result<Json<api::Me>, Error> {
    check(&user, &changes, app.clock.now_ms())?;
    let person = &user.person().id;
    let by = By::new(person.as_str(), app.clock.now_ms());
    app.store.set_own_fields(&user.tenant.id, person, &changes.fields, by).await?;
    let user = user.reload(&app).await?;
    Ok(Json(me::to_wire(&user)))
}

fn check(user: &User, changes: &api::FieldChanges, now_ms: i64) -> Result<(), Error> {
    let person = user.person();
    for (token, value) in &changes.fields {
        let field = format!("fields.{token}");
        if !user.tenant.fields().iter().any(|known| known.editable() && known.token == *token) {
            return Err(Error::Forbidden {
                detail: "you may not edit this field: GET /api/v1/me lists the fields that you may edit".into(),
                field: Some(field),
            });
        }
        if let Some(Err(detail)) = value.as_deref().map(check_value) {
            return Err(Error::invalid(field, detail));
        }
        if value.as_deref().is_some_and(|value| breaks_link(&user.tenant, &person, token, value, now_ms)) {
            let detail =
                "a link in your signature leads here, and this is no address: write one such as https://example.com";
            return Err(Error::invalid(field, detail));
        }
    }
    Ok(())
}
