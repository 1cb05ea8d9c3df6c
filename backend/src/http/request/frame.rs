//! The frame around every request: its id, a time limit, the headers of every answer, one log line, metrics.

use super::{access, security};
use crate::http::AppState;
use crate::http::Error;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest time for an answer. The handler gives up after two seconds and uses its own copy.
const LIMIT: Duration = Duration::from_secs(10);
/// What load balancers and container engines ask all day.
const PROBES: [&str; 2] = ["/health", "/ready"];
/// A year: the most that browsers keep.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// See the module.
pub(in crate::http) async fn frame(State(app): State<Arc<AppState>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let id = request_id(request.headers());
    let (parts, body) = request.into_parts();
    let peer = access::peer(&parts, &app);
    let request = Request::from_parts(parts, body);
    let mut response = match tokio::time::timeout(LIMIT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Error::Timeout.into_response(),
    };
    let took = started.elapsed();
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let status = response.status();
    let label = if route == "none" { "other" } else { method_label(&method) };
    let labels = [
        ("method", metrics::SharedString::from(label)),
        ("route", route.to_owned().into()),
        ("status", status.as_str().to_owned().into()),
    ];
    metrics::counter!("paraph_http_requests_total", &labels).increment(1);
    metrics::histogram!("paraph_http_request_seconds", "route" => route.to_owned()).record(took.as_secs_f64());
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    let (id_text, status) = (id.to_str().unwrap_or_default(), status.as_u16());
    if PROBES.contains(&route) {
        // Asked every few seconds by whoever watches; what changes their answers is logged when it does.
        tracing::debug!(id = id_text, %method, route, status, micros, %peer, "request");
    } else if status >= 500 {
        tracing::error!(id = id_text, %method, route, status, micros, %peer, "request");
    } else {
        tracing::info!(id = id_text, %method, route, status, micros, %peer, "request");
    }
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, id);
    add_security(headers, app.config.server.public_url.starts_with("https://"));
    response
}

/// The methods that routes have. A client can make up others, and every label is kept for ever.
fn method_label(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| method == known).unwrap_or("other")
}

fn add_security(headers: &mut HeaderMap, is_https: bool) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(security::FILE_POLICY));
    if is_https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
}

/// The proxy's id when it is a plain one, else a number of our own: it only has to be found again in the log.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let is_plain = |value: &&HeaderValue| {
        let bytes = value.as_bytes();
        (1..=64).contains(&bytes.len()) && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
    };
    headers
        .get(REQUEST_ID)
        .filter(is_plain)
        .cloned()
        .unwrap_or_else(|| HeaderValue::from(NEXT.fetch_add(1, Ordering::Relaxed)))
}

/// A panic is our fault and nobody else's: the client learns no more than that. The hook has logged where it was.
pub(in crate::http) fn after_panic(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a request panicked");
    Error::Internal.into_response()
}
