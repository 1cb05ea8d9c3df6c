//! Add-in and console on host names of their own, where that is configured: the console's cookie never meets the add-in's
//! pages, which Outlook frames.

use super::Error;
use crate::app::App;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::sync::Arc;

/// What the console's host answers: its page, what that loads, and the API.
const CONSOLE: [&str; 7] = ["/console", "/api/", "/app/", "/assets/", "/images/", "/health", "/ready"];

/// Sends whoever looks for the console elsewhere to its host, and serves nothing else there. Does nothing where the
/// console has no host of its own.
pub(super) async fn apart(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let console = &app.config.console.public_url;
    if console.is_empty() || *console == app.config.server.public_url {
        return next.run(request).await;
    }
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let is_console = console.split_once("://").is_some_and(|(_, own)| own.eq_ignore_ascii_case(host));
    let path = request.uri().path();
    if is_console && path != "/" && !CONSOLE.iter().any(|start| path.starts_with(start)) {
        return Error::NotFound.into_response();
    }
    let to = match (is_console, path) {
        (true, "/") => "/console",
        (false, _) if path == "/console" || path.starts_with("/console/") => {
            request.uri().path_and_query().map_or(path, |whole| whole.as_str())
        }
        _ => return next.run(request).await,
    };
    let location = HeaderValue::try_from(format!("{console}{to}")).unwrap_or(HeaderValue::from_static("/console"));
    (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, location)]).into_response()
}
