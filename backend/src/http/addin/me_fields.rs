//! `PATCH /api/v1/me/fields`: the person's own values of the fields that the admin lets them edit.

use super::me;
use crate::directory::check_value;
use crate::http::AppState;
use crate::http::{Body, Error, User};
use crate::store::By;
use axum::Json;
use axum::extract::State;
use std::sync::Arc;

pub(in crate::http) async fn handle(
    State(app): State<Arc<AppState>>,
    user: User,
    Body(changes): Body<api::FieldChanges>,
) -> Result<Json<api::Me>, Error> {
    check(&user, &changes)?;
    let person = &user.person().id;
    let by = By::new(person.as_str(), app.clock.now_ms());
    app.store.set_own_fields(&user.tenant.id, person, &changes.fields, by).await?;
    let user = user.reload(&app).await?;
    Ok(Json(me::to_wire(&user)))
}

fn check(user: &User, changes: &api::FieldChanges) -> Result<(), Error> {
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
    }
    Ok(())
}
