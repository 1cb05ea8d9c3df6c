//! The demo's stand-in for Entra ID's sign-in page: authorization code (RFC 6749 §4.1) with PKCE (RFC 7636), without
//! passwords. The pane's sign-in window finds the same here as at Entra.

use super::pages::escape;
use super::{demo, serve_files};
use crate::demo::{CLIENT_ID, sign_in_id, token as token_for};
use crate::http::AppState;
use crate::http::request::security;
use crate::identity::Grant;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use email_signature::Person;
use neighbours::entra::LIFETIME;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::sync::Arc;

const PAGE: &str = include_str!("../../../demo/sign_in.html");
/// How long a code may take from the sign-in page to the token.
const CODE_LIFETIME_MS: i64 = 60_000;
/// People on the page; the demo can have 10,000.
const MAX_PEOPLE: usize = 100;
/// Characters of a SHA-256 in base64url.
const CHALLENGE_LENGTH: usize = 43;

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Authorize {
    client_id: String,
    redirect_uri: String,
    response_type: String,
    response_mode: String,
    scope: String,
    state: String,
    code_challenge: String,
    code_challenge_method: String,
    login_hint: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Redeem {
    client_id: String,
    grant_type: String,
    code: String,
    redirect_uri: String,
    code_verifier: String,
}

/// `error` and `error_description` as RFC 6749 has them.
type OauthError = (&'static str, &'static str);

pub(in crate::http) fn routes() -> Router<Arc<AppState>> {
    Router::new().route("/demo/oauth2/v2.0/authorize", get(authorize)).route("/demo/oauth2/v2.0/token", post(token))
}

/// Lets the person choose who they are; with a `login_hint` they have chosen already.
async fn authorize(
    State(app): State<Arc<AppState>>,
    headers: HeaderMap,
    query: Result<Query<Authorize>, QueryRejection>,
) -> Response {
    let Ok(Query(asked)) = query else { return refused("The address of this page cannot be read.") };
    // RFC 6749 §4.1.2.1: nobody is sent to an address that is not the client's own, not even with an error.
    if asked.client_id != CLIENT_ID {
        return refused("This demo knows no add-in with this client_id.");
    }
    if asked.redirect_uri != redirect_uri(&app, &headers) {
        return refused("This redirect_uri is not the add-in's sign-in window.");
    }
    if let Err((error, description)) = asked.check() {
        return asked.back(&[("error", error), ("error_description", description)]);
    }
    let Ok(tenant) = demo::company(&app).await else { return refused("The demo has no company.") };
    let chosen = tenant.person_by_address(&asked.login_hint).filter(|person| sign_in_id(&tenant, person).is_some());
    let Some(person) = chosen else {
        let people =
            tenant.people().filter(|person| sign_in_id(&tenant, person).is_some()).take(MAX_PEOPLE + 1).collect();
        return choose(&asked, people);
    };
    let now_ms = app.clock.now_ms();
    let code = demo::demo(&app).ok().and_then(|demo| demo.codes.issue(asked.grant(&person, now_ms), now_ms));
    match code {
        Some(code) => asked.back(&[("code", &code)]),
        None => {
            asked.back(&[("error", "temporarily_unavailable"), ("error_description", "Too many sign-ins at once.")])
        }
    }
}

/// The token for a code.
async fn token(State(app): State<Arc<AppState>>, form: Result<Form<Redeem>, FormRejection>) -> Response {
    let answer = match form {
        Ok(Form(asked)) => redeem(&app, &asked).await.map(|(access_token, scope)| {
            json!({ "token_type": "Bearer", "access_token": access_token, "expires_in": LIFETIME, "scope": scope })
        }),
        Err(_) => Err(("invalid_request", "the body is not a form that this address accepts")),
    };
    let (status, body) = match answer {
        Ok(token) => (StatusCode::OK, token),
        Err((error, description)) => {
            (StatusCode::BAD_REQUEST, json!({ "error": error, "error_description": description }))
        }
    };
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

async fn redeem(app: &AppState, asked: &Redeem) -> Result<(String, String), OauthError> {
    const GONE: OauthError = ("invalid_grant", "the person no longer exists");
    const BROKEN: OauthError = ("server_error", "no token could be made");
    if asked.grant_type != "authorization_code" {
        return Err(("unsupported_grant_type", "grant_type must be authorization_code"));
    }
    if asked.client_id != CLIENT_ID {
        return Err(("invalid_client", "this demo knows no add-in with this client_id"));
    }
    let demo = demo::demo(app).map_err(|_| BROKEN)?;
    let grant = demo.codes.redeem(&asked.code, app.clock.now_ms());
    let grant = grant.ok_or(("invalid_grant", "the code is unknown, was already used or is older than a minute"))?;
    if asked.redirect_uri != grant.redirect_uri {
        return Err(("invalid_grant", "the code was given to another redirect_uri"));
    }
    if challenge_of(&asked.code_verifier) != grant.challenge {
        return Err(("invalid_grant", "code_verifier does not belong to the code_challenge"));
    }
    let tenant = demo::company(app).await.map_err(|_| BROKEN)?;
    let person = tenant.person_by_address(&grant.address).ok_or(GONE)?;
    let token = token_for(app, demo, &person, sign_in_id(&tenant, &person).ok_or(GONE)?);
    Ok((token, grant.scope))
}

impl Authorize {
    fn check(&self) -> Result<(), OauthError> {
        if self.response_type != "code" {
            return Err(("unsupported_response_type", "response_type must be code"));
        }
        if !matches!(self.response_mode.as_str(), "" | "query") {
            return Err(("invalid_request", "response_mode must be query"));
        }
        if self.code_challenge_method != "S256" || self.code_challenge.len() != CHALLENGE_LENGTH {
            return Err(("invalid_request", "a code_challenge of method S256 is required"));
        }
        Ok(())
    }

    fn grant(&self, person: &Person, now_ms: i64) -> Grant {
        // As at Entra, the answer names the API's scopes alone.
        let of_the_api = self.scope.split_whitespace().filter(|scope| scope.starts_with("api://"));
        Grant {
            address: person.address.as_str().to_owned(),
            redirect_uri: self.redirect_uri.clone(),
            challenge: self.code_challenge.clone(),
            scope: of_the_api.collect::<Vec<_>>().join(" "),
            until_ms: now_ms + CODE_LIFETIME_MS,
        }
    }

    /// Sends the person back to the add-in with this answer.
    fn back(&self, answer: &[(&str, &str)]) -> Response {
        ([(header::CACHE_CONTROL, "no-store")], Redirect::to(&self.back_address(answer))).into_response()
    }

    fn back_address(&self, answer: &[(&str, &str)]) -> String {
        let state = Some(("state", self.state.as_str())).filter(|(_, state)| !state.is_empty());
        format!("{}?{}", self.redirect_uri, query(answer.iter().copied().chain(state)))
    }

    /// The address of this page, for somebody who has chosen.
    fn address_for(&self, login_hint: &str) -> String {
        let pairs = [
            ("client_id", self.client_id.as_str()),
            ("redirect_uri", &self.redirect_uri),
            ("response_type", &self.response_type),
            ("scope", &self.scope),
            ("state", &self.state),
            ("code_challenge", &self.code_challenge),
            ("code_challenge_method", &self.code_challenge_method),
            ("login_hint", login_hint),
        ];
        format!("?{}", query(pairs))
    }
}

fn choose(asked: &Authorize, mut people: Vec<Person>) -> Response {
    let are_all = people.len() <= MAX_PEOPLE;
    people.truncate(MAX_PEOPLE);
    let mut content = String::from(
        "<p>This page stands in for Microsoft Entra ID in the demo. Choose who you are; there is no \
         password.</p>\n<ul>\n",
    );
    for person in &people {
        let field = |token: &str| person.fields.get(token).map_or("", String::as_str);
        let address = person.address.as_str();
        let name = Some(field("display_name")).filter(|name| !name.is_empty()).unwrap_or(address);
        let _ = writeln!(
            content,
            "<li><a href=\"{}\"><strong>{}</strong> <span>{}</span></a></li>",
            escape(&asked.address_for(address)),
            escape(name),
            escape(address)
        );
    }
    content += "</ul>\n";
    if !are_all {
        let _ = writeln!(content, "<p>Only the first {MAX_PEOPLE} people are shown.</p>");
    }
    let cancel = [("error", "access_denied"), ("error_description", "The sign-in was cancelled.")];
    let _ = write!(content, "<p><a href=\"{}\">Cancel</a></p>", escape(&asked.back_address(&cancel)));
    page(StatusCode::OK, "Sign in", &content)
}

fn refused(why: &str) -> Response {
    page(StatusCode::BAD_REQUEST, "This sign-in cannot continue", &format!("<p>{}</p>", escape(why)))
}

fn page(status: StatusCode, title: &str, content: &str) -> Response {
    let html = PAGE.replace("{{title}}", title).replace("{{content}}", content);
    let headers =
        [(header::CACHE_CONTROL, "no-store"), (header::CONTENT_SECURITY_POLICY, security::DEMO_SIGN_IN_POLICY)];
    (status, headers, Html(html)).into_response()
}

/// The one address that codes go to: the sign-in window of the origin under which we are asked.
fn redirect_uri(app: &AppState, headers: &HeaderMap) -> String {
    format!("{}/auth.html", serve_files::origin(app, headers))
}

fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

/// `a=1&b=2`, percent-encoded.
fn query<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    // A query is encoded by the type that has one: the address around it is not used.
    let url = reqwest::Url::parse_with_params("http://localhost/", pairs).ok();
    url.as_ref().and_then(reqwest::Url::query).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_rfc_7636_appendix_b() {
        let challenge = challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
