//! The only HTTP of the pane: the paths of the `api` crate, on the origin that served the page.

use super::fetch::{self, fetch};
use crate::json::{FromJs, ToJs, from_js};
use crate::session;
use ::api::{Choices, Draft, ErrorDetail, Errors, FieldChanges, Me, Signature, paths};
use gloo_net::http::Response;
use js_sys::JSON;
use wasm_bindgen::JsValue;

/// The server is away when it needs longer.
const TIMEOUT_MS: u32 = 10_000;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// Nobody is signed in, or the server refuses who is; with the reason.
    SignedOut(String),
    /// The server, or the way to it, is down.
    Away(String),
    /// The server refuses the request.
    Refused(Vec<ErrorDetail>),
}

impl Error {
    /// In words for the person.
    pub fn text(&self) -> String {
        match self {
            Self::SignedOut(reason) | Self::Away(reason) => reason.clone(),
            Self::Refused(errors) => errors.iter().map(|error| error.detail.as_str()).collect::<Vec<_>>().join(" "),
        }
    }
}

/// What to insert into the draft, and why.
pub async fn signature(draft: &Draft) -> Result<Signature, Error> {
    read(&send("POST", paths::SIGNATURE, Some(&draft.to_js())).await?)
}

/// The signatures that may be chosen instead.
pub async fn choices(draft: &Draft) -> Result<Choices, Error> {
    read(&send("POST", paths::CHOICES, Some(&draft.to_js())).await?)
}

/// The signed-in person.
pub async fn me() -> Result<Me, Error> {
    read(&send("GET", paths::ME, None).await?)
}

/// Changes the person's own fields.
pub async fn save(changes: &FieldChanges) -> Result<Me, Error> {
    read(&send("PATCH", paths::ME_FIELDS, Some(&changes.to_js())).await?)
}

/// Whether the server answers at all.
pub async fn reachable() -> bool {
    matches!(request("GET", "/health", "", None).await, Ok(response) if response.ok())
}

async fn send(method: &str, path: &str, body: Option<&JsValue>) -> Result<JsValue, Error> {
    let mut response = authorised(method, path, body).await?;
    if response.status() == 401 {
        // The token may just have run out: once more with a fresh one.
        session::forget();
        response = authorised(method, path, body).await?;
    }
    let status = response.status();
    let json = response.text().await.ok().and_then(|text| JSON::parse(&text).ok()).unwrap_or(JsValue::NULL);
    if response.ok() {
        return Ok(json);
    }
    let errors = from_js::<Errors>(&json).map(|errors| errors.errors).unwrap_or_default();
    Err(match status {
        401 => Error::SignedOut(Error::Refused(errors).text()),
        502..=504 => away(),
        _ if errors.is_empty() => Error::Refused(vec![ErrorDetail {
            detail: String::from("The server answered with status ") + &status.to_string() + ".",
            field: None,
        }]),
        _ => Error::Refused(errors),
    })
}

async fn authorised(method: &str, path: &str, body: Option<&JsValue>) -> Result<Response, Error> {
    match session::bearer().await {
        Ok(token) => request(method, path, &token, body).await,
        // Without a network nobody gets a token, signed in or not.
        Err(failure) => Err(if reachable().await { Error::SignedOut(failure.message) } else { away() }),
    }
}

async fn request(method: &str, path: &str, token: &str, body: Option<&JsValue>) -> Result<Response, Error> {
    let body = body.and_then(|body| JSON::stringify(body).ok()).map(String::from);
    let bearer = if token.is_empty() { String::new() } else { String::from("Bearer ") + token };
    let headers = [("authorization", bearer.as_str())];
    let request = fetch::Request { method, path, body: body.as_deref(), headers: &headers, timeout_ms: TIMEOUT_MS };
    fetch(request).await.ok_or_else(away)
}

fn read<T: FromJs>(json: &JsValue) -> Result<T, Error> {
    let other_version = || {
        let detail = "The server and this pane have different versions. Close the pane and open it again.".into();
        Error::Refused(vec![ErrorDetail { detail, field: None }])
    };
    from_js(json).ok_or_else(other_version)
}

fn away() -> Error {
    Error::Away("Paraph's server does not answer.".into())
}
