//! The console's requests: JSON in and out, a session cookie, a token against forged requests, entity tags.

use super::fetch::{self, fetch};
use crate::console::session;
use crate::ui::sentence;
use ::api::console::{CSRF_HEADER, IDEMPOTENCY_HEADER, paths};
use ::api::{ErrorDetail, Errors};
use gloo_net::http::Response;
use js_sys::{Array, JSON, JsString, Object, Promise};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, ProgressEvent, XmlHttpRequest};

/// The server is away when it needs longer.
const TIMEOUT_MS: u32 = 30_000;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The server, or the way to it, is down.
    Away,
    /// Nobody is signed in (asked only where nobody need be: everywhere else the console lets them sign in again).
    SignedOut(Vec<ErrorDetail>),
    /// Somebody else changed it in between.
    Changed,
    /// Too many attempts; with the seconds to wait.
    TooMany(Vec<ErrorDetail>, u32),
    /// The server refuses the request, with the status.
    Refused(u16, Vec<ErrorDetail>),
}

impl Failure {
    /// In words for the person.
    pub fn text(&self) -> String {
        match self {
            Self::Away => "Paraph’s server does not answer. Check the connection, then try again.".into(),
            Self::Changed => "Another user changed this in the meantime.".into(),
            Self::SignedOut(errors) | Self::TooMany(errors, _) | Self::Refused(_, errors) => {
                errors.iter().map(|error| error.detail.as_str()).collect::<Vec<_>>().join(" ")
            }
        }
    }

    /// What is wrong, one by one.
    pub fn errors(&self) -> Vec<ErrorDetail> {
        match self {
            Self::SignedOut(errors) | Self::TooMany(errors, _) | Self::Refused(_, errors) => errors.clone(),
            Self::Away | Self::Changed => vec![ErrorDetail { detail: self.text(), field: None }],
        }
    }

    /// Whether there is no such thing, or it is not theirs to see.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Refused(404, _))
    }
}

/// What the server said, and the entity tag that a change of it has to name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tagged<T> {
    /// What it said.
    pub value: T,
    /// For `If-Match`; empty where there is none.
    pub etag: String,
}

/// One request.
#[derive(Clone, Copy)]
struct Request<'a> {
    method: &'a str,
    path: &'a str,
    body: Option<&'a str>,
    if_match: &'a str,
    /// Whether 401 is an answer, and not a lost session.
    open: bool,
}

struct Raw {
    text: String,
    etag: String,
}

/// `path` with each `{…}` in it replaced by one of `parts`, in order.
pub fn path(path: &str, parts: &[&str]) -> String {
    let mut out = String::new();
    let mut rest = path;
    let mut parts = parts.iter();
    while let (Some(start), Some(part)) = (rest.find('{'), parts.next()) {
        out.push_str(&rest[..start]);
        out.push_str(&encode(part));
        rest = rest[start..].find('}').map_or("", |end| &rest[start + end + 1..]);
    }
    out + rest
}

/// `path` with the query; what is empty, false, zero or absent is left out.
pub fn with_query(path: &str, query: &impl Serialize) -> String {
    let mut out = path.to_owned();
    let Ok(query) = query.serialize(&Serializer::json_compatible()) else { return out };
    for pair in Object::entries(query.unchecked_ref()) {
        let pair: Array = pair.unchecked_into();
        let value = pair.get(1);
        if !value.is_truthy() {
            continue;
        }
        out.push(if out.contains('?') { '&' } else { '?' });
        out.push_str(&String::from(JsString::from(pair.get(0))));
        out.push('=');
        out.push_str(&encode(&String::from(value.unchecked_into::<Object>().to_string())));
    }
    out
}

/// `text` as it may stand in an address.
pub fn encode(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

/// What is there.
pub async fn get<T: DeserializeOwned>(path: &str) -> Result<T, Failure> {
    Ok(get_tagged(path).await?.value)
}

/// What is there, as the browser reads it.
pub async fn get_json(path: &str) -> Result<JsValue, Failure> {
    let raw = call(Request { method: "GET", path, body: None, if_match: "", open: false }).await?;
    JSON::parse(&raw.text).map_err(|_| unreadable())
}

/// What is there, with its entity tag.
pub async fn get_tagged<T: DeserializeOwned>(path: &str) -> Result<Tagged<T>, Failure> {
    read(call(Request { method: "GET", path, body: None, if_match: "", open: false }).await?)
}

/// What is there for everybody: 401 is an answer.
pub async fn get_open<T: DeserializeOwned>(path: &str) -> Result<T, Failure> {
    Ok(read(call(Request { method: "GET", path, body: None, if_match: "", open: true }).await?)?.value)
}

/// Sends a document and reads one.
pub async fn send<T: DeserializeOwned>(method: &str, path: &str, body: &impl Serialize) -> Result<T, Failure> {
    Ok(send_tagged(method, path, body, "").await?.value)
}

/// Sends a change of what had this entity tag, and reads what it is now.
pub async fn send_tagged<T: DeserializeOwned>(
    method: &str,
    path: &str,
    body: &impl Serialize,
    if_match: &str,
) -> Result<Tagged<T>, Failure> {
    let body = write(body)?;
    read(call(Request { method, path, body: Some(&body), if_match, open: false }).await?)
}

/// Sends a document from somebody who is not signed in.
pub async fn send_open<T: DeserializeOwned>(path: &str, body: &impl Serialize) -> Result<T, Failure> {
    let body = write(body)?;
    Ok(read(call(Request { method: "POST", path, body: Some(&body), if_match: "", open: true }).await?)?.value)
}

/// Does something whose answer says nothing.
pub async fn act(method: &str, path: &str, body: Option<&impl Serialize>, if_match: &str) -> Result<(), Failure> {
    let body = body.map(write).transpose()?;
    call(Request { method, path, body: body.as_deref(), if_match, open: false }).await.map(drop)
}

/// Asks for something that takes no words, and reads the answer.
pub async fn ask<T: DeserializeOwned>(method: &str, path: &str) -> Result<T, Failure> {
    Ok(read(call(Request { method, path, body: None, if_match: "", open: false }).await?)?.value)
}

/// Deletes.
pub async fn delete(path: &str) -> Result<(), Failure> {
    act("DELETE", path, None::<&()>, "").await
}

/// Uploads a file; `progress` hears of the share that is sent, 0 to 1.
pub async fn upload<T: DeserializeOwned>(
    path: &str,
    file: &File,
    progress: impl Fn(f64) + Copy + 'static,
) -> Result<T, Failure> {
    // `fetch`, and gloo-net on it, cannot say how far an upload is.
    loop {
        let request = XmlHttpRequest::new().map_err(|_| Failure::Away)?;
        let sent = upload_once(&request, path, file, progress).await;
        if sent.is_err() || request.status().unwrap_or(0) == 0 {
            return Err(Failure::Away);
        }
        let status = request.status().unwrap_or(0);
        let text = request.response_text().ok().flatten().unwrap_or_default();
        if status == 401 {
            session::again().await;
            continue;
        }
        return if (200..300).contains(&status) {
            read(Raw { text, etag: String::new() }).map(|tagged| tagged.value)
        } else {
            Err(refusal(status, &text, 0))
        };
    }
}

async fn upload_once(
    request: &XmlHttpRequest,
    path: &str,
    file: &File,
    progress: impl Fn(f64) + 'static,
) -> Result<(), JsValue> {
    request.open("POST", path)?;
    request.set_request_header(CSRF_HEADER, &session::csrf())?;
    // Windows calls a CSV file a spreadsheet.
    let kind = file.type_();
    request.set_request_header("content-type", if kind.starts_with("image/") { &kind } else { "text/csv" })?;
    let told = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
        if event.length_computable() && event.total() > 0.0 {
            progress(event.loaded() / event.total());
        }
    });
    request.upload()?.set_onprogress(Some(told.as_ref().unchecked_ref()));
    let done = Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
    request.send_with_opt_blob(Some(file))?;
    JsFuture::from(done).await.map(drop)
}

/// Sends it; where the session is lost, again as soon as somebody signed in.
async fn call(request: Request<'_>) -> Result<Raw, Failure> {
    let key = random();
    let mut renewed = false;
    loop {
        let response = attempt(request, &key).await.ok_or(Failure::Away)?;
        let status = response.status();
        let header = |name: &str| response.headers().get(name).unwrap_or_default();
        let (etag, wait) = (header("etag"), header("retry-after"));
        let text = response.text().await.unwrap_or_default();
        match status {
            200..300 => return Ok(Raw { text, etag }),
            401 if !request.open => session::again().await,
            // Another tab may have signed in anew: then the cookie is another session's than our token.
            403 if !renewed && !request.open && request.method != "GET" => {
                renewed = true;
                if !Box::pin(session::refresh()).await {
                    return Err(refusal(status, &text, 0));
                }
            }
            _ => return Err(refusal(status, &text, wait.trim().parse().unwrap_or(0))),
        }
    }
}

async fn attempt(request: Request<'_>, key: &str) -> Option<Response> {
    let Request { method, path, body, if_match, open } = request;
    let csrf = if method == "GET" { String::new() } else { session::csrf() };
    // What concerns somebody's own account is asked for anew each time: its answers are secrets, or come with a cookie.
    let once = method == "POST" && !open && !path.starts_with(paths::ACCOUNT);
    let headers = [
        ("accept", "application/json"),
        (CSRF_HEADER, &csrf),
        (IDEMPOTENCY_HEADER, if once { key } else { "" }),
        ("if-match", if_match),
    ];
    fetch(fetch::Request { method, path, body, headers: &headers, timeout_ms: TIMEOUT_MS }).await
}

fn refusal(status: u16, text: &str, wait: u32) -> Failure {
    let mut errors = parse::<Errors>(text).map(|errors| errors.errors).unwrap_or_default();
    if errors.is_empty() {
        let detail = match status {
            404 => "This does not exist, or you are not allowed to see it.".to_owned(),
            403 => "Your role does not allow this. Ask an admin of this tenant.".to_owned(),
            _ => "The server answered with status ".to_owned() + &status.to_string() + ".",
        };
        errors.push(ErrorDetail { detail, field: None });
    }
    for error in &mut errors {
        error.detail = sentence(&error.detail);
    }
    match status {
        401 => Failure::SignedOut(errors),
        412 => Failure::Changed,
        429 => Failure::TooMany(errors, wait.max(1)),
        502 | 504 => Failure::Away,
        _ => Failure::Refused(status, errors),
    }
}

fn write(body: &impl Serialize) -> Result<String, Failure> {
    let body = body.serialize(&Serializer::json_compatible()).map_err(|_| Failure::Away)?;
    JSON::stringify(&body).map(String::from).map_err(|_| Failure::Away)
}

/// The browser reads the JSON: a parser of our own would be there twice.
fn parse<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_wasm_bindgen::from_value(JSON::parse(text).ok()?).ok()
}

fn read<T: DeserializeOwned>(raw: Raw) -> Result<Tagged<T>, Failure> {
    parse(&raw.text).map(|value| Tagged { value, etag: raw.etag }).ok_or_else(unreadable)
}

fn unreadable() -> Failure {
    let detail = "The server and this page have different versions. Reload the page.".to_owned();
    Failure::Refused(200, vec![ErrorDetail { detail, field: None }])
}

fn random() -> String {
    leptos::prelude::window().crypto().map(|crypto| crypto.random_uuid()).unwrap_or_default()
}
