//! `GET /images/{tenant}/{hash}/{name}`: an image that mails link to. Public: recipients' mail programs fetch it.

use crate::http::AppState;
use crate::http::Error;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// The name is only for people; the hash says which image it is, so it never changes.
pub(in crate::http) async fn handle(
    State(app): State<Arc<AppState>>,
    path: Result<Path<(String, String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let Path((tenant, hash, _)) = path.map_err(|_| Error::NotFound)?;
    // What is no id of ours is nowhere; PostgreSQL does not even take every text.
    if ![&tenant, &hash].iter().all(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        return Err(Error::NotFound);
    }
    let etag = HeaderValue::try_from(format!("\"{hash}\"")).map_err(|_| Error::NotFound)?;
    let image = app.tenants.image(&tenant, &hash).await?.ok_or(Error::NotFound)?;
    let mut response = if headers.get(header::IF_NONE_MATCH) == Some(&etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, image.content_type.clone())], image.bytes.clone()).into_response()
    };
    let out = response.headers_mut();
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    out.insert(header::ETAG, etag);
    // Webmail shows mails under isolation policies that would otherwise leave the image out.
    out.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    Ok(response)
}
