//! What the console asks, and programs with an API token.

#[expect(unused_imports, reason = "soon")]
use super::api::doc;
use crate::app::App;
use aide::axum::ApiRouter;
use std::sync::Arc;

pub(super) fn routes() -> ApiRouter<Arc<App>> {
    ApiRouter::new()
}
