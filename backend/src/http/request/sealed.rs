//! A server whose key is not the one that sealed the database: what it sealed, nobody else could open.

use crate::http::AppState;
use crate::http::Error;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::sync::Arc;

/// Refuses what the console would write while the keys differ. Reading and signing out need no key; neither does what
/// add-in and connector send.
pub(in crate::http) async fn refuse_mismatch(
    State(app): State<Arc<AppState>>,
    request: Request,
    next: Next,
) -> Response {
    let writes = [Method::POST, Method::PUT, Method::PATCH].contains(request.method());
    if app.sealer.is_mismatched() && writes {
        return Error::Unavailable(
            "this server's key is not the one that sealed the database, so nothing can be changed here: run `paraph doctor` on the server",
        )
        .into_response();
    }
    next.run(request).await
}
