//! Accounts of the console: signing in, sessions, second factors.

mod attempts;
mod device;
pub(in crate::http) mod oidc;
mod profile;
mod proof;
mod provider;
pub(super) mod session;
mod sign_in;

use crate::http::AppState;
use aide::axum::ApiRouter;
use std::sync::Arc;

pub(super) fn routes() -> ApiRouter<Arc<AppState>> {
    ApiRouter::new()
        .merge(profile::routes())
        .merge(provider::routes())
        .merge(session::routes())
        .merge(sign_in::routes())
}
