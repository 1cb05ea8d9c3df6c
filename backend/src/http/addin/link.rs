//! `GET /l/{tenant}/{campaign}/{template}/{link}`: redirects to the target of a campaign's link, and counts the click
//! without looking at who clicked.

use crate::clicks::Click;
use crate::http::AppState;
use crate::http::Error;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::fmt::Write as _;
use std::sync::Arc;

/// Only links that we made lead anywhere, so nobody can make this address stand for theirs.
pub(in crate::http) async fn handle(
    State(app): State<Arc<AppState>>,
    method: Method,
    path: Result<Path<(String, String, String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let Path((tenant, campaign, template, link)) = path.map_err(|_| Error::NotFound)?;
    let url = app.links.destination(&tenant, &campaign, &template, &link).ok_or(Error::NotFound)?;
    let location = HeaderValue::try_from(ascii(&url)).map_err(|_| Error::NotFound)?;
    // A look ahead, by a mail filter or a browser, is nobody's click.
    let ahead = headers.get("sec-purpose").or(headers.get("purpose"));
    let ahead = ahead.is_some_and(|purpose| purpose.as_bytes().starts_with(b"prefetch"));
    if method == Method::GET && !ahead {
        let click = Click { tenant: &tenant, campaign: &campaign, template: &template, url: &url };
        app.clicks.count(click, app.clock.now_ms());
    }
    // Kept by nobody on the way: the next click is to come here too.
    let headers = [
        (header::LOCATION, location),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex")),
    ];
    Ok((StatusCode::FOUND, headers).into_response())
}

/// What headers cannot hold, percent-encoded as browsers would.
fn ascii(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for byte in url.bytes() {
        if (0x21..0x7f).contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
