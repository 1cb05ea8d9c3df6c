//! Answers that the document must list in addition to a handler's own: refusals before the handler, and headers.

use crate::http::Error;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use std::fmt::Write as _;

const JSON: &str = "application/json";

/// What each refusal means, in the order of their numbers.
const REFUSALS: &[(&str, &str)] = &[
    ("400", "The body is not valid JSON."),
    ("401", "Authentication is missing or invalid: no session, or a token that is not valid."),
    ("403", "The role or the token's scopes do not allow this, or the request does not come from the console."),
    ("404", "There is nothing at this address that the caller may see."),
    ("409", "The request contradicts stored data, or the same request is still in progress."),
    ("412", "Another user changed this since it was read: read it again."),
    ("413", "The body is too large."),
    ("415", "This address does not accept the body's content type."),
    ("422", "The body or a parameter is not valid; `field` says which."),
    ("428", "If-Match is missing."),
    ("429", "Too many attempts: Retry-After says when to try again."),
    ("500", "An internal error; see the server's log."),
    ("503", "The server is busy, or something it needs is unavailable: Retry-After says when to try again."),
];

/// Adds to an operation what goes wrong, and the headers of its answers. `paths`: all of the document.
pub(super) fn describe(operation: &mut Value, method: &str, path: &str, paths: &[String]) {
    let has_body = operation.get("requestBody").is_some();
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let takes = |name: &str| parameters.iter().any(|one| one["name"] == name);
    let is_guarded = operation["security"].as_array().is_some_and(|all| !all.is_empty());
    let is_json = operation.pointer("/requestBody/content/application~1json").is_some();
    let applies = |status: &str| match status {
        "400" => is_json,
        "401" => is_guarded || path.ends_with("/sign-in") || path.contains("/account"),
        "403" => is_guarded || method != "get",
        "404" => path.contains('{') || !is_guarded,
        "409" => method != "get" || path.contains("comparisons"),
        "412" | "428" => takes("if-match"),
        "413" | "415" => has_body,
        "422" => has_body || !parameters.is_empty(),
        "429" => !is_guarded || path.contains("/account"),
        _ => true,
    };
    files(operation);
    let is_created = operation["responses"].get("201").is_some();
    let Some(answers) = operation["responses"].as_object_mut() else { return };
    answers.remove("default");
    for (status, description) in REFUSALS.iter().filter(|(status, _)| applies(status)) {
        answers.insert((*status).to_owned(), refusal(status, description));
    }
    if is_created && paths.iter().any(|other| is_below(other, &collection(path))) {
        answers["201"]["headers"]["Location"] = header("The path of the created resource.");
    }
    let mut sorted: Vec<_> = std::mem::take(answers).into_iter().collect();
    sorted.sort_by(|(one, _), (other, _)| one.cmp(other));
    answers.extend(sorted);
}

/// Files have a schema too. What is uploaded may be announced as whatever it is, since its bytes say; generators know one
/// word for that.
fn files(operation: &mut Value) {
    if let Some(content) = operation.pointer_mut("/requestBody/content").filter(|content| content.get(JSON).is_none()) {
        *content = json!({ "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } });
    }
    for (_, answer) in operation["responses"].as_object_mut().into_iter().flatten() {
        let contents = answer.get_mut("content").and_then(Value::as_object_mut).into_iter().flatten();
        for (kind, content) in contents.filter(|(kind, _)| *kind != JSON) {
            let is_text = kind.starts_with("text/");
            let schema =
                if is_text { json!({ "type": "string" }) } else { json!({ "type": "string", "format": "binary" }) };
            content["schema"] = schema;
        }
    }
}

fn refusal(status: &str, description: &str) -> Value {
    let mut answer = json!({
        "description": description,
        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Errors" } } }
    });
    match status {
        "401" => answer["headers"]["WWW-Authenticate"] = header("How to authenticate (RFC 6750)."),
        "429" | "503" => answer["headers"]["Retry-After"] = header("Seconds to wait before trying again."),
        _ => {}
    }
    answer
}

fn header(description: &str) -> Value {
    json!({ "description": description, "schema": { "type": "string" } })
}

/// Whether a path is that of one thing in a collection.
fn is_below(path: &str, collection: &str) -> bool {
    path.strip_prefix(collection)
        .and_then(|rest| rest.strip_prefix("/{"))
        .is_some_and(|rest| rest.ends_with('}') && !rest.contains('/'))
}

/// The collection that a `POST` to this path adds to.
fn collection(path: &str) -> String {
    match path.split_once("/sources/") {
        Some((tenant, rest)) if rest.ends_with("/runs") => format!("{tenant}/runs"),
        _ => path.strip_suffix("-import").unwrap_or(path).to_owned(),
    }
}

/// Says where to find what was made: what a collection makes has its id, or its name, below the collection's path.
pub(in super::super) async fn location(request: Request, next: Next) -> Response {
    let path = collection(request.uri().path());
    let response = next.run(request).await;
    // Setting up and accepting an invitation begin a session, which has no path of its own.
    let has_place = path.starts_with("/api/v1/tenants");
    if response.status() != StatusCode::CREATED || !has_place {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else { return Error::Internal.into_response() };
    let made: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    // Some answers hold more than what was made, such as a secret that is shown once.
    let within = made.as_object().into_iter().flatten().find_map(|(_, part)| part.get("id"));
    let id = made.get("id").or(within).or(made.get("name")).and_then(Value::as_str);
    if let Some(id) = id
        && let Ok(location) = HeaderValue::try_from(format!("{path}/{}", percent(id)))
    {
        parts.headers.insert(header::LOCATION, location);
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// A name as one component of a path.
fn percent(name: &str) -> String {
    let mut out = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing into a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
