//! `GET /ready`: the database answers, its schema is up to date, and every tenant's templates are in memory.

use super::Error;
use crate::app::App;
use crate::store;
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn handle(State(app): State<Arc<App>>) -> Result<Json<Value>, Error> {
    app.store.ping().await?;
    if app.store.pending_migrations().await? > 0 {
        return Err(Error::Unavailable("the database is older than the program: run `paraph migrate`"));
    }
    let mut loaded = 0;
    for tenant in app.store.list_tenants().await? {
        match app.signing.tenant(&tenant.entra_id).await {
            Ok(_) => loaded += 1,
            Err(error @ store::Error::Unavailable(_)) => return Err(error.into()),
            // One tenant's trouble must not take the others' server away.
            Err(error) => tracing::error!(tenant = tenant.id, %error, "a tenant cannot be loaded"),
        }
    }
    Ok(Json(json!({ "status": "ready", "tenants": loaded })))
}
