//! `Idempotency-Key`: a `POST` that is sent twice happens once, and the second time gets the first answer.

use super::{Error, MAX_BODY, access};
use crate::app::App;
use crate::clock::DAY_MS;
use crate::identity::digest;
use crate::store::Earlier;
use ::api::console::{IDEMPOTENCY_HEADER, MAX_IDEMPOTENCY_KEY};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::sync::Arc;

/// How long an answer is kept.
const KEPT_MS: i64 = DAY_MS;
/// How long a request may be under way, and some: whoever hung up in the middle may try again after that.
const RUNNING_MS: i64 = 60_000;
/// On an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// See the module.
pub(super) async fn once(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let wanted = request.method() == Method::POST && is_json(request.headers());
    let key = request.headers().get(IDEMPOTENCY_HEADER).filter(|_| wanted).cloned();
    let (Some(key), Some(asker)) = (key, asker(request.headers(), &app)) else { return next.run(request).await };
    match answer(&app, &key, &asker, request, next).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

/// Whose key it is: nobody meets another one's, and without a session or a token there are none.
fn asker(headers: &HeaderMap, app: &App) -> Option<String> {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    token.or_else(|| access::cookie(headers, app)).map(digest)
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.trim_start().to_ascii_lowercase().starts_with("application/json"))
}

async fn answer(app: &App, key: &HeaderValue, asker: &str, request: Request, next: Next) -> Result<Response, Error> {
    let plain = key.to_str().ok().filter(|key| (1..=MAX_IDEMPOTENCY_KEY).contains(&key.len()));
    let plain = plain.ok_or_else(|| {
        let detail = format!("an idempotency key has 1 to {MAX_IDEMPOTENCY_KEY} printable ASCII characters");
        Error::invalid(IDEMPOTENCY_HEADER, detail)
    })?;
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY).await.map_err(|_| Error::TooLarge)?;
    let key = digest(&format!("{asker} {plain}"));
    let what = digest(&format!("{} {} {}", parts.method, parts.uri, digest(&String::from_utf8_lossy(&body))));
    let now_ms = app.clock.now_ms();
    match app.store.begin_once(&key, &what, now_ms, now_ms + RUNNING_MS).await? {
        Earlier::New => {}
        Earlier::Other => {
            let detail = "this key was used for another request: take a new one for each";
            return Err(Error::invalid(IDEMPOTENCY_HEADER, detail));
        }
        Earlier::Running => {
            return Err(Error::Conflict("the same request is still under way: wait for its answer".into()));
        }
        Earlier::Done(status, etag, sealed) => return replay(app, &key, status, &etag, &sealed),
    }
    let request = Request::from_parts(parts, Body::from(body));
    let response = next.run(request).await;
    keep(app, &key, response).await
}

/// Keeps an answer, sealed, for some hold a secret that is shown once.
async fn keep(app: &App, key: &str, response: Response) -> Result<Response, Error> {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, MAX_BODY).await.map_err(|_| Error::Internal)?;
    if parts.status.is_success() {
        let etag = parts.headers.get(header::ETAG).and_then(|etag| etag.to_str().ok()).unwrap_or_default();
        let sealed = app.sealer.seal(&body, &place(key));
        let until_ms = app.clock.now_ms() + KEPT_MS;
        app.store.finish_once(key, (parts.status.as_u16(), etag, &sealed), until_ms).await?;
    } else {
        // Nothing happened: the same key may try again.
        app.store.forget_once(key).await?;
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn replay(app: &App, key: &str, status: u16, etag: &str, sealed: &str) -> Result<Response, Error> {
    let body = app.sealer.open(sealed, &place(key)).ok_or_else(|| {
        // The key that sealed it is gone. Doing it again could do it twice.
        Error::Conflict(
            "this was done, but the answer can no longer be read: look at the result, and take a new key".into(),
        )
    })?;
    let status = StatusCode::from_u16(status).map_err(|_| Error::Internal)?;
    let mut response = (status, Bytes::from(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(etag) = HeaderValue::try_from(etag)
        && !etag.is_empty()
    {
        headers.insert(header::ETAG, etag);
    }
    Ok(response)
}

fn place(key: &str) -> String {
    format!("idempotency.body/{key}")
}
