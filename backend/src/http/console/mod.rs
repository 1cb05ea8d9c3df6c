//! What the console asks, and programs with an API token.

pub(super) mod account;
mod design;
pub(super) mod people;
mod tenants;

use super::AppState;
use aide::axum::ApiRouter;
use std::sync::Arc;

pub(super) fn routes() -> ApiRouter<Arc<AppState>> {
    ApiRouter::new().merge(account::routes()).merge(tenants::routes()).merge(people::routes()).merge(design::routes())
}
