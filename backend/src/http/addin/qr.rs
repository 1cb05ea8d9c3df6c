//! `GET /images/{tenant}/qr/{name}`: a person's vCard as a QR code, whose content the address itself holds. Public, as
//! all images of mails are.

use crate::clicks::qr;
use crate::http::AppState;
use crate::http::Error;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

pub(in crate::http) async fn handle(
    State(app): State<Arc<AppState>>,
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let Path((tenant, name)) = path.map_err(|_| Error::NotFound)?;
    let payload = app.links.qr_payload(&tenant, &name).ok_or(Error::NotFound)?;
    let tag = name.trim_end_matches(".png").rsplit('.').next().unwrap_or_default();
    let etag = HeaderValue::try_from(format!("\"{tag}\"")).map_err(|_| Error::NotFound)?;
    let mut response = if headers.get(header::IF_NONE_MATCH) == Some(&etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let image = app.work.run(move || qr::unpacked(&payload).and_then(|card| qr::png(&card))).await?;
        let image = image.ok_or(Error::NotFound)?;
        ([(header::CONTENT_TYPE, "image/png")], image).into_response()
    };
    let out = response.headers_mut();
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    out.insert(header::ETAG, etag);
    // Webmail shows mails under isolation policies that would otherwise leave the image out.
    out.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    Ok(response)
}
