//! What the fake Entra ID and Graph answer.

use super::directory::{Directory, Kind, Link, Lost, Page};
use super::{Bad, Credentials, SECRET, Shared, State};
use axum::Json;
use axum::extract::{Form, Path, Query, State as Injected};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// How long an access token is good, in seconds: Entra's live about an hour.
const TOKEN_LIVES: i64 = 3_599;

pub(super) async fn token(
    Injected(shared): Injected<Arc<Shared>>,
    Path(tenant): Path<String>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let mut state = shared.state.lock().unwrap();
    state.requests.push("token".into());
    assert_eq!(tenant, crate::app::TENANT);
    assert_eq!(
        (form["grant_type"].as_str(), form["client_id"].as_str()),
        ("client_credentials", crate::app::CLIENT_ID)
    );
    assert_eq!(form["scope"], format!("{}/.default", shared.url));
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
        Credentials::Good if form["client_secret"] != SECRET => {
            return refused(7_000_215, "invalid_client", "Invalid client secret provided.");
        }
        Credentials::Good => {}
    }
    state.token_count += 1;
    let claims = json!({ "aud": shared.url, "roles": state.roles, "idtyp": "app", "uti": state.token_count });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let token = format!("{}.{}.c2lnbmF0dXJl", part(&json!({ "typ": "JWT", "alg": "RS256" })), part(&claims));
    let until_ms = shared.clock.now_ms() + TOKEN_LIVES * 1_000;
    state.tokens.insert(token.clone(), until_ms);
    Json(json!({ "token_type": "Bearer", "expires_in": TOKEN_LIVES, "access_token": token })).into_response()
}

pub(super) async fn users(
    Injected(shared): Injected<Arc<Shared>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let wanted = ("users", ["User.Read.All", "Directory.Read.All"]);
    delta(&shared, Kind::Users, wanted, (&query, &headers)).await
}

pub(super) async fn groups(
    Injected(shared): Injected<Arc<Shared>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let wanted = ("groups", ["GroupMember.Read.All", "Directory.Read.All"]);
    delta(&shared, Kind::Groups, wanted, (&query, &headers)).await
}

async fn delta(
    shared: &Shared,
    kind: Kind,
    (name, roles): (&str, [&str; 2]),
    (query, headers): (&HashMap<String, String>, &HeaderMap),
) -> Response {
    let day = match shared.enter(name, &roles, headers) {
        Ok(day) => day,
        Err(answer) => return *answer,
    };
    let now_ms = shared.clock.now_ms();
    let usual = {
        let mut state = shared.state.lock().unwrap();
        let token = query.get("$skiptoken").or_else(|| query.get("$deltatoken"));
        let link = match token {
            Some(token) => match state.directory.link(token, kind, now_ms) {
                Ok(link) => link,
                Err(Lost::Forgotten) => return gone(),
                Err(Lost::TooOld) => {
                    let message = "DeltaLink older than 30 days is not supported.";
                    return error(StatusCode::BAD_REQUEST, "Request_UnsupportedQuery", message);
                }
            },
            None => match state.directory.start(kind, query.get("$select").map(String::as_str)) {
                Ok(link) => link,
                Err(message) => return error(StatusCode::BAD_REQUEST, "Request_BadRequest", &message),
            },
        };
        let leads = match &day {
            Bad::Circle => {
                Some(format!("{}/v1.0/{name}/delta?$skiptoken={}", shared.url, token.map_or("", |token| token)))
            }
            Bad::Elsewhere(url) => Some(format!("{url}/v1.0/{name}/delta?$skiptoken=0")),
            Bad::DeadEnd => Some(String::new()),
            _ => None,
        };
        page(&mut state, (&shared.url, name), (link, &day, leads), now_ms)
    };
    around(day, usual).await
}

/// A page as text.
fn page(
    state: &mut State,
    (url, name): (&str, &str),
    (link, day, leads): (Link, &Bad, Option<String>),
    now_ms: i64,
) -> String {
    let directory = &mut state.directory;
    let Page { entries, next } = match day {
        Bad::Empty => Page { entries: Vec::new(), next: Some(link.clone()) },
        Bad::Replay => Page { next: Some(link.clone()), ..directory.page(&link) },
        _ => directory.page(&link),
    };
    let (property, parameter, link) = match next {
        Some(next) => ("@odata.nextLink", "$skiptoken", next),
        None => ("@odata.deltaLink", "$deltatoken", Directory::next_round(&link, now_ms)),
    };
    let target = format!("{url}/v1.0/{name}/delta?{parameter}={}", directory.token(link));
    let on = match leads {
        None => format!(r#""{property}":"{target}","#),
        Some(leads) if leads.is_empty() => String::new(),
        Some(leads) => format!(r#""@odata.nextLink":"{leads}","#),
    };
    format!(r#"{{"@odata.context":"{url}/v1.0/$metadata#{name}",{on}"value":[{}]}}"#, entries.join(","))
}

pub(super) async fn batch(
    Injected(shared): Injected<Arc<Shared>>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    let day = match shared.enter("batch", &["User.Read.All", "Directory.Read.All"], &headers) {
        Ok(day) => day,
        Err(answer) => return *answer,
    };
    if let Bad::Throttled(_) | Bad::Status(_) = day {
        // Nothing of it is done.
        return around(day, String::new()).await;
    }
    let parts = body["requests"].as_array().unwrap();
    assert!(parts.len() <= 20, "Graph takes 20 at most");
    let mut responses: Vec<Value> = parts.iter().map(|part| shared.answer_part(part)).collect();
    // In whatever order they were done.
    responses.reverse();
    around(day, json!({ "responses": responses }).to_string()).await
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

    /// Counts a request and looks at its token; what kind of day it has.
    fn enter(&self, name: &str, roles: &[&str], headers: &HeaderMap) -> Result<Bad, Box<Response>> {
        let mut state = self.state.lock().unwrap();
        state.requests.push(name.to_owned());
        assert_eq!(headers["x-ms-throttle-priority"], "low");
        let day = state.days.pop_front().unwrap_or(Bad::Fine);
        if let Bad::TokensExpire = day {
            state.tokens.clear();
        }
        let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        let until_ms = bearer.and_then(|token| state.tokens.get(token)).copied().unwrap_or(0);
        if until_ms <= self.clock.now_ms() {
            let message = "Lifetime validation failed, the token is expired.";
            return Err(error(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message).into());
        }
        if !roles.iter().any(|role| state.roles.iter().any(|granted| granted == role)) {
            let message = "Insufficient privileges to complete the operation.";
            return Err(error(StatusCode::FORBIDDEN, "Authorization_RequestDenied", message).into());
        }
        Ok(day)
    }
}

/// The usual answer, or what the day makes of it.
async fn around(day: Bad, usual: String) -> Response {
    match day {
        Bad::Gone => gone(),
        Bad::Refused(status, code, message) => error(StatusCode::from_u16(status).unwrap(), code, message),
        day => day.around(usual, |status| error(status, "UnknownError", "Something happened.")).await,
    }
}

fn gone() -> Response {
    let message =
        "The sync state generation is not found. The delta token is expired and data must be synchronized again.";
    error(StatusCode::GONE, "syncStateNotFound", message)
}

fn error(status: StatusCode, code: &str, message: &str) -> Response {
    let inner = json!({ "date": "2026-11-21T12:00:00", "request-id": "5a6b", "client-request-id": "5a6b" });
    (status, Json(json!({ "error": { "code": code, "message": message, "innerError": inner } }))).into_response()
}
