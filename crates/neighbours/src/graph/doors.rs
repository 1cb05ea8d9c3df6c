//! Endpoints of the fake Entra ID and Graph.

use super::directory::{Directory, Kind, Link, Lost, Page};
use super::{Credentials, Registration, Shared};
use crate::base::{Listing, Paging};
use axum::Json;
use axum::extract::{Form, Path, Query, State as Injected};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// Lifetime of an access token in seconds: about an hour, like Entra's.
const TOKEN_LIVES: i64 = 3_599;

pub(super) async fn token(
    Injected(shared): Injected<Arc<Shared>>,
    Path(tenant): Path<String>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let state = shared.state.lock().unwrap();
    let Registration { tenant: own_tenant, client_id, secret } = &shared.registration;
    assert_eq!(&tenant, own_tenant);
    assert_eq!((form["grant_type"].as_str(), &form["client_id"]), ("client_credentials", client_id));
    assert_eq!(form["scope"], format!("{}/.default", shared.desk.url));
    let refused = |code: u32, error: &str, text: &str| {
        let text = format!("AADSTS{code}: {text} Trace ID: 1c2d\r\nCorrelation ID: 3e4f\r\nTimestamp: now");
        let body = json!({ "error": error, "error_description": text, "error_codes": [code], "trace_id": "1c2d" });
        (StatusCode::UNAUTHORIZED, Json(body)).into_response()
    };
    match state.credentials {
        Credentials::Overloaded => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Credentials::Expired => {
            return refused(7_000_222, "invalid_client", "The provided client secret keys for app 'x' are expired.");
        }
        Credentials::NoConsent => {
            return refused(700_016, "unauthorized_client", "Application with identifier 'x' was not found.");
        }
        Credentials::Good if &form["client_secret"] != secret => {
            return refused(7_000_215, "invalid_client", "Invalid client secret provided.");
        }
        Credentials::Good => {}
    }
    let until_ms = shared.desk.now.ms() + TOKEN_LIVES * 1_000;
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let token = shared.desk.tokens.give(Vec::new(), until_ms, |number| {
        let claims = json!({ "aud": shared.desk.url, "roles": state.roles, "idtyp": "app", "uti": number });
        format!("{}.{}.c2lnbmF0dXJl", part(&json!({ "typ": "JWT", "alg": "RS256" })), part(&claims))
    });
    Json(json!({ "token_type": "Bearer", "expires_in": TOKEN_LIVES, "access_token": token })).into_response()
}

/// The page on which an admin grants consent: <https://learn.microsoft.com/entra/identity-platform/v2-admin-consent>.
pub(super) async fn consent(
    Injected(shared): Injected<Arc<Shared>>,
    Path(tenant): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Html<String> {
    assert_eq!((&tenant, &query["client_id"]), (&shared.registration.tenant, &shared.registration.client_id));
    let back = |answer: (&str, &str)| {
        let pairs = [("tenant", tenant.as_str()), ("state", &query["state"]), answer];
        let answer = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        format!("{}?{answer}", query["redirect_uri"]).replace('&', "&amp;")
    };
    Html(format!(
        "<!doctype html><html lang=en><title>Permissions requested</title><h1>This stands for Microsoft Entra ID</h1>\
         <p><a href=\"{}\">Accept</a> <a href=\"{}\">Cancel</a>",
        back(("admin_consent", "True")),
        back(("error", "access_denied")),
    ))
}

pub(super) async fn users(Injected(shared): Injected<Arc<Shared>>, asked: Listing) -> Response {
    delta(&shared, Kind::Users, ["User.Read.All", "Directory.Read.All"], asked)
}

pub(super) async fn groups(Injected(shared): Injected<Arc<Shared>>, asked: Listing) -> Response {
    delta(&shared, Kind::Groups, ["GroupMember.Read.All", "Directory.Read.All"], asked)
}

fn delta(shared: &Shared, kind: Kind, roles: [&str; 2], asked: Listing) -> Response {
    let Listing { query, headers, paging } = asked;
    if let Err(answer) = shared.enter(&roles, &headers) {
        return *answer;
    }
    let now_ms = shared.desk.now.ms();
    let mut state = shared.state.lock().unwrap();
    let token = query.get("$skiptoken").or_else(|| query.get("$deltatoken"));
    let link = match token {
        Some(token) => match state.directory.link(token, kind, now_ms) {
            Ok(link) => link,
            Err(Lost::Forgotten) => return error(StatusCode::GONE, Some(("syncStateNotFound", GONE))),
            Err(Lost::TooOld) => {
                let message = "DeltaLink older than 30 days is not supported.";
                return error(StatusCode::BAD_REQUEST, Some(("Request_UnsupportedQuery", message)));
            }
        },
        None => match state.directory.start(kind, query.get("$select").map(String::as_str)) {
            Ok(link) => link,
            Err(message) => return error(StatusCode::BAD_REQUEST, Some(("Request_BadRequest", &message))),
        },
    };
    let (url, name) = (&shared.desk.url, if kind == Kind::Users { "users" } else { "groups" });
    let Page { entries, next } = page(&state.directory, &link, paging.as_ref());
    let (property, parameter, next) = match next {
        Some(next) => ("@odata.nextLink", "$skiptoken", next),
        None => ("@odata.deltaLink", "$deltatoken", Directory::next_round(&link, now_ms)),
    };
    let next = state.directory.token(next);
    let on = match paging {
        Some(Paging::Circle) => {
            let token = token.map_or("", |token| token);
            format!(r#""@odata.nextLink":"{url}/v1.0/{name}/delta?$skiptoken={token}","#)
        }
        Some(Paging::Elsewhere(url)) => format!(r#""@odata.nextLink":"{url}/v1.0/{name}/delta?$skiptoken=0","#),
        Some(Paging::DeadEnd) => String::new(),
        _ => format!(r#""{property}":"{url}/v1.0/{name}/delta?{parameter}={next}","#),
    };
    let entries = entries.join(",");
    let page = format!(r#"{{"@odata.context":"{url}/v1.0/$metadata#{name}",{on}"value":[{entries}]}}"#);
    ([(header::CONTENT_TYPE, "application/json")], page).into_response()
}

/// The page that a link stands for.
fn page(directory: &Directory, link: &Link, paging: Option<&Paging>) -> Page {
    match paging {
        Some(Paging::Empty) => Page { entries: Vec::new(), next: Some(link.clone()) },
        Some(Paging::Replay) => Page { next: Some(link.clone()), ..directory.page(link) },
        _ => directory.page(link),
    }
}

pub(super) async fn batch(
    Injected(shared): Injected<Arc<Shared>>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    if let Err(answer) = shared.enter(&["User.Read.All", "Directory.Read.All"], &headers) {
        return *answer;
    }
    let parts = body["requests"].as_array().unwrap();
    assert!(parts.len() <= 20, "Graph takes 20 at most");
    let mut responses: Vec<Value> = parts.iter().map(|part| shared.answer_part(part)).collect();
    // In whatever order they were done.
    responses.reverse();
    Json(json!({ "responses": responses })).into_response()
}

impl Shared {
    fn answer_part(&self, part: &Value) -> Value {
        let mut state = self.state.lock().unwrap();
        let (status, headers, body) = if state.throttled_parts > 0 {
            state.throttled_parts -= 1;
            (429, json!({ "Retry-After": "11" }), json!({ "error": { "code": "TooManyRequests", "message": "" } }))
        } else {
            state.directory.part(part["url"].as_str().unwrap(), part["headers"]["If-None-Match"].as_str())
        };
        json!({ "id": part["id"], "status": status, "headers": headers, "body": body })
    }

    /// Accepts requests whose token is valid and has one of the roles.
    fn enter(&self, roles: &[&str], headers: &HeaderMap) -> Result<(), Box<Response>> {
        assert_eq!(headers["x-ms-throttle-priority"], "low");
        if self.desk.tokens.scopes(headers, self.desk.now.ms()).is_none() {
            let message = "Lifetime validation failed, the token is expired.";
            return Err(error(StatusCode::UNAUTHORIZED, Some(("InvalidAuthenticationToken", message))).into());
        }
        let state = self.state.lock().unwrap();
        if !roles.iter().any(|role| state.roles.iter().any(|granted| granted == role)) {
            let message = "Insufficient privileges to complete the operation.";
            return Err(error(StatusCode::FORBIDDEN, Some(("Authorization_RequestDenied", message))).into());
        }
        Ok(())
    }
}

/// Graph's error for an unknown link.
pub(super) const GONE: &str =
    "The sync state generation is not found. The delta token is expired and data must be synchronized again.";

/// Graph's error format: <https://learn.microsoft.com/graph/errors>.
pub(super) fn error(status: StatusCode, said: Option<(&str, &str)>) -> Response {
    let (code, message) = said.unwrap_or(("UnknownError", "Something happened."));
    let inner = json!({ "date": "2026-11-21T12:00:00", "request-id": "5a6b", "client-request-id": "5a6b" });
    (status, Json(json!({ "error": { "code": code, "message": message, "innerError": inner } }))).into_response()
}
