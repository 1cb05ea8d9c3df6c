//! Tenants, with their members, tokens, audit and deployment.

mod audit;
mod deployment;
mod members;
mod organisations;
mod overview;
mod tokens;
mod weather;
mod wire;

use crate::http::AppState;
use aide::axum::ApiRouter;
use std::sync::Arc;

pub(super) fn routes() -> ApiRouter<Arc<AppState>> {
    ApiRouter::new()
        .merge(organisations::routes())
        .merge(members::routes())
        .merge(tokens::routes())
        .merge(overview::routes())
        .merge(audit::routes())
        .merge(deployment::routes())
        .merge(weather::routes())
}
