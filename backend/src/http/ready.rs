//! `GET /ready`: the database answers, its schema is up to date, and the tenants can be listed.

use super::Error;
use crate::app::App;
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn handle(State(app): State<Arc<App>>) -> Result<Json<Value>, Error> {
    app.store.ping().await?;
    if app.store.pending_migrations().await? > 0 {
        return Err(Error::Unavailable("the database is older than the program: run `paraph migrate`"));
    }
    // Counted, not loaded: whoever asks for readiness all day must not keep every company in memory, and one tenant's
    // trouble must not take the others' server away.
    let tenants = app.store.list_tenants().await?.len();
    Ok(Json(json!({ "status": "ready", "tenants": tenants })))
}
