//! The demo's own routes: the simulator, its people, and the issuer that stands in for Entra ID.

use super::demo_sign_in;
use super::files::File;
use crate::app::Demo;
use crate::demo::{TENANT, sign_in_id, token as token_for};
use crate::http::AppState;
use crate::http::request::{cors, security};
use crate::http::{Body, Error};
use crate::tenant::Tenant;
use axum::extract::{Path, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use email_signature::{Address, Person};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Deserialize)]
struct TokenRequest {
    address: String,
}

#[derive(Serialize)]
struct People<'a> {
    people: Everybody<'a>,
    domains: &'a [String],
}

/// Written one after another: 10,000 people at once would take several times what they take in the tenant.
struct Everybody<'a>(&'a Tenant);

impl Serialize for Everybody<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut sequence = to.serialize_seq(Some(self.0.people().len()))?;
        for person in self.0.people() {
            sequence.serialize_element(&entry(self.0, &person))?;
        }
        sequence.end()
    }
}

#[derive(Serialize)]
struct Entry<'a> {
    address: &'a Address,
    name: &'a str,
    title: &'a str,
    department: &'a str,
    shared: bool,
    senders: Vec<Address>,
    groups: Vec<&'a str>,
}

pub(in crate::http) fn routes(app: &Arc<AppState>) -> Router<Arc<AppState>> {
    Router::new()
        .route("/demo/people", get(people))
        .route("/demo/token", post(token))
        .route("/demo/keys", get(keys))
        .route("/demo/v2.0/.well-known/openid-configuration", get(discovery))
        .merge(demo_sign_in::routes())
        .route("/demo/{*name}", get(file))
        .route("/", get(start))
        .layer(axum::middleware::from_fn_with_state(Arc::clone(app), cors::allow_own_origin))
}

/// Whether a `Host` is this machine's loopback, with or without a port.
pub(in crate::http) fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    name.eq_ignore_ascii_case("localhost") || matches!(name, "127.0.0.1" | "[::1]")
}

/// A page elsewhere can have its own name resolve to 127.0.0.1 (DNS rebinding) and would then get tokens from us; its
/// requests still carry its name.
pub(in crate::http) async fn loopback_hosts_only(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if host.or_else(|| request.uri().authority().map(Authority::as_str)).is_some_and(is_loopback) {
        next.run(request).await
    } else {
        Error::Host.into_response()
    }
}

async fn people(State(app): State<Arc<AppState>>) -> Result<Response, Error> {
    let tenant = company(&app).await?;
    Ok(Json(People { people: Everybody(&tenant), domains: &tenant.domains }).into_response())
}

fn entry<'a>(tenant: &'a Tenant, person: &'a Person) -> Entry<'a> {
    let field = |token: &str| person.fields.get(token).map_or("", String::as_str);
    Entry {
        address: &person.address,
        name: Some(field("display_name")).filter(|name| !name.is_empty()).unwrap_or(person.address.as_str()),
        title: field("title"),
        department: field("department"),
        shared: tenant.is_shared(person),
        senders: tenant.senders(person),
        groups: person.groups.iter().map(|id| tenant.group_name(id).unwrap_or(id)).collect(),
    }
}

/// A token for anybody who asks: this is why the demo listens on loopback only.
async fn token(State(app): State<Arc<AppState>>, Body(request): Body<TokenRequest>) -> Result<Json<Value>, Error> {
    let tenant = company(&app).await?;
    let person = tenant.person_by_address(&request.address).ok_or(Error::NotFound)?;
    let Some(oid) = sign_in_id(&tenant, &person) else {
        return Err(Error::Forbidden {
            detail: "a shared mailbox cannot sign in: use the token of a person who may send from it".into(),
            field: Some("address".into()),
        });
    };
    let token = token_for(&app, demo(&app)?, &person, oid);
    Ok(Json(json!({ "access_token": token })))
}

async fn keys(State(app): State<Arc<AppState>>) -> Result<Json<Value>, Error> {
    Ok(Json(json!({ "keys": [demo(&app)?.issuer.jwk()] })))
}

async fn discovery(State(app): State<Arc<AppState>>) -> Json<Value> {
    let origin = &app.config.server.public_url;
    Json(json!({ "issuer": crate::demo::issuer_name(&app), "jwks_uri": format!("{origin}/demo/keys") }))
}

async fn start(State(app): State<Arc<AppState>>, headers: HeaderMap) -> Result<Response, Error> {
    simulator(app.pages.simulator("index.html"), &headers)
}

async fn file(
    State(app): State<Arc<AppState>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    simulator(app.pages.simulator(&name), &headers)
}

/// The policy is on scripts too: a worker's own policy is the one that its script came with.
fn simulator(file: Option<&File>, headers: &HeaderMap) -> Result<Response, Error> {
    let mut response = file.ok_or(Error::NotFound)?.answer(headers, "no-cache");
    let policy = HeaderValue::from_static(security::SIMULATOR_POLICY);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

pub(in crate::http) async fn company(app: &AppState) -> Result<Arc<Tenant>, Error> {
    app.tenants.of_entra(TENANT).await?.ok_or(Error::NotFound)
}

pub(in crate::http) fn demo(app: &AppState) -> Result<&Demo, Error> {
    app.demo.as_ref().ok_or(Error::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_loopback() {
        for host in ["127.0.0.1", "127.0.0.1:4000", "localhost:1", "LocalHost", "[::1]:4000", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["", "example.com", "127.0.0.1.example.com", "localhost.example.com:4000", "127.0.0.1:x", "::1"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
