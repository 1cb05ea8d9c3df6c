//! Cross-origin requests of our own origin: classic Outlook's event runtime sends a preflight although the handler calls
//! the server that it came from, and writes the origin with a trailing slash (office-js #3907).

use crate::http::AppState;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Answers preflights, and lets our own origin read answers: the origin comes back as it was sent.
pub(in crate::http) async fn allow_own_origin(
    State(app): State<Arc<AppState>>,
    request: Request,
    next: Next,
) -> Response {
    let origin = request.headers().get(header::ORIGIN).filter(|origin| is_own(origin, &app)).cloned();
    let is_preflight = request.method() == Method::OPTIONS;
    let mut response = if is_preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        if is_preflight {
            allow(headers);
        } else {
            let exposed = HeaderValue::from_static("retry-after, x-request-id");
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        }
    }
    response
}

/// All three headers: with only `authorization` allowed the runtime never sends the request.
fn allow(headers: &mut HeaderMap) {
    let allowed = HeaderValue::from_static("authorization, content-length, content-type");
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, PATCH"));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
}

/// The demo's pages may stand on any port of this machine, so that they can be tried in other hosts.
fn is_own(origin: &HeaderValue, app: &AppState) -> bool {
    let Ok(origin) = origin.to_str() else { return false };
    let origin = origin.strip_suffix('/').unwrap_or(origin);
    origin == app.config.server.public_url
        || (app.demo.is_some() && origin.strip_prefix("http://").is_some_and(crate::http::site::demo::is_loopback))
}
