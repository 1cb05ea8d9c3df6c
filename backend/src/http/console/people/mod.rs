//! People, groups and fields, and where their values come from.

pub(in crate::http) mod connections;
pub(super) mod directory;
mod fields;
mod groups;
mod numbers;
mod person;
mod runs;
mod sources;
mod wire;

use crate::http::AppState;
use aide::axum::ApiRouter;
use std::sync::Arc;

pub(super) fn routes() -> ApiRouter<Arc<AppState>> {
    ApiRouter::new()
        .merge(directory::routes())
        .merge(person::routes())
        .merge(groups::routes())
        .merge(numbers::routes())
        .merge(fields::routes())
        .merge(runs::routes())
        .merge(sources::routes())
        .merge(connections::routes())
}
