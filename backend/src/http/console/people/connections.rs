//! Connecting directories: an admin of Microsoft 365 consents on Microsoft's page and comes back here; for Google there is a
//! key.

use super::sources::tagged;
use crate::clock::is_beyond;
use crate::directory::{NO_TENANT_ID, ServiceAccount, connected, consent_url, key_place};
use crate::http::AppState;
use crate::http::api::doc;
use crate::http::request::access::{self, Access, WriteSources};
use crate::http::request::io::Tagged;
use crate::http::site::serve_files;
use crate::http::{Body, Error};
use crate::store::{Actor, By, Deed, Role, Source};
use ::api::console::{Consent, GoogleKey, PermissionState, SourceDetail, paths};
use aide::axum::ApiRouter;
use aide::axum::routing::{post_with, put_with};
use axum::extract::State;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router};
use email_signature::Address;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// How long one may stay on Microsoft's page.
const PENDING_MS: i64 = 60 * 60_000;
/// Where a pending consent belongs when it is sealed.
const PLACE: &str = "consent";

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "Sources";
    ApiRouter::new()
        .api_route(paths::ENTRA_CONSENT, post_with(consent, doc(tag, "Where an admin of Microsoft 365 consents")))
        .api_route(
            paths::ENTRA_CONNECT,
            post_with(connect, doc(tag, "Connects Entra ID when an admin of Microsoft 365 has already consented")),
        )
        .api_route(
            paths::GOOGLE_KEY,
            put_with(google, doc(tag, "Connects Google Workspace with a service account's key")),
        )
}

/// The address that a browser is sent back to.
pub(in crate::http) fn callbacks() -> Router<Arc<AppState>> {
    Router::new().route(paths::CONSENT_CALLBACK, get(callback))
}

/// What must be known when the browser comes back.
#[derive(Serialize, Deserialize)]
struct Pending {
    tenant: String,
    account: String,
    until_ms: i64,
}

async fn consent(
    State(app): State<Arc<AppState>>,
    access: Access<WriteSources>,
    parts: Parts,
) -> Result<Json<Consent>, Error> {
    let pending = Pending {
        tenant: access.tenant.id.clone(),
        account: access.account.clone().unwrap_or_default(),
        until_ms: app.clock.now_ms() + PENDING_MS,
    };
    let state = app.sealer.seal(&serde_json::to_vec(&pending).unwrap_or_default(), PLACE);
    let redirect = format!("{}{}", serve_files::console_origin(&app, &parts.headers), paths::CONSENT_CALLBACK);
    let entra_id = access.tenant.entra_id.as_deref().ok_or_else(|| Error::Conflict(NO_TENANT_ID.into()))?;
    let url = consent_url(&app.config, entra_id, &redirect, &state);
    Ok(Json(Consent { url: url.map_err(|error| Error::Conflict(error.to_string()))? }))
}

async fn google(
    State(app): State<Arc<AppState>>,
    access: Access<WriteSources>,
    Body(key): Body<GoogleKey>,
) -> Result<Tagged<SourceDetail>, Error> {
    let account = ServiceAccount::parse(&key.key).map_err(|error| Error::invalid("key", error.to_string()))?;
    let admin = Address::parse(&key.admin).map_err(|error| Error::invalid("admin", error.to_string()))?;
    let tenant = &access.tenant.id;
    let before = app.store.source(tenant, Source::Google).await?;
    let now_ms = app.clock.now_ms();
    let mut record = connected(before, format!("{} for {admin}", account.email), now_ms);
    let key = GoogleKey { key: key.key, admin: admin.as_str().to_owned() };
    record.secret = app.sealer.seal(&serde_json::to_vec(&key).unwrap_or_default(), &key_place(tenant));
    let deed = Deed { action: "connect_source", detail: json!({ "account": record.account }) };
    app.store.put_source(tenant, &record, deed, By::new(access.actor.clone(), now_ms)).await?;
    tagged(&app, &access.tenant, Source::Google).await
}

async fn connect(
    State(app): State<Arc<AppState>>,
    access: Access<WriteSources>,
) -> Result<Tagged<SourceDetail>, Error> {
    let permissions = app.runs.permissions(&access.tenant, Source::Entra).await?;
    let missing: Vec<&str> = permissions
        .permissions
        .iter()
        .filter(|permission| permission.state == PermissionState::Missing)
        .map(|permission| permission.name.as_str())
        .collect();
    if !missing.is_empty() {
        let detail =
            format!("an admin of Microsoft 365 has not consented to {} yet: do that first", missing.join(", "));
        return Err(Error::Conflict(detail));
    }
    put(&app, &access.tenant.id, access.actor.clone()).await?;
    tagged(&app, &access.tenant, Source::Entra).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CallbackQuery {
    /// Their Entra tenant id.
    tenant: String,
    state: String,
    /// `True`, in any case.
    admin_consent: String,
    error: String,
}

/// Why nothing is connected, as the page of sources is told in its address.
enum Refused {
    /// Somebody said no, or may not say yes.
    Denied,
    /// Too long on Microsoft's page, or nobody whom we sent there.
    Expired,
    /// An admin of another organisation consented.
    OtherOrganisation,
    /// Our own database.
    Unavailable,
}

impl Refused {
    fn as_str(&self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::OtherOrganisation => "other_organisation",
            Self::Unavailable => "unavailable",
        }
    }
}

async fn callback(State(app): State<Arc<AppState>>, parts: Parts) -> Response {
    let query: CallbackQuery = serde_urlencoded::from_str(parts.uri.query().unwrap_or_default()).unwrap_or_default();
    let sealed = app.sealer.open(&query.state, PLACE);
    let pending: Option<Pending> = sealed.and_then(|json| serde_json::from_slice(&json).ok());
    let Some(pending) = pending else { return Redirect::to("/console").into_response() };
    let page = format!("/console/tenants/{}/sources", pending.tenant);
    match come_back(&app, &parts, &query, &pending).await {
        Ok(()) => Redirect::to(&format!("{page}?consent=granted")).into_response(),
        Err(refused) => Redirect::to(&format!("{page}?consent=refused&reason={}", refused.as_str())).into_response(),
    }
}

/// Whether there is time left, and no more of it than there was: the clock may have been set back meanwhile.
fn is_open(until_ms: i64, now_ms: i64) -> bool {
    now_ms <= until_ms && !is_beyond(until_ms, now_ms, PENDING_MS)
}

async fn come_back(app: &AppState, parts: &Parts, query: &CallbackQuery, pending: &Pending) -> Result<(), Refused> {
    let who = access::signed_in(parts, app).await.map_err(|_| Refused::Expired)?;
    if who.session.account != pending.account || !is_open(pending.until_ms, app.clock.now_ms()) {
        return Err(Refused::Expired);
    }
    let membership = app.store.membership(&who.session.account, &pending.tenant).await;
    let membership = membership.map_err(|_| Refused::Unavailable)?.ok_or(Refused::Expired)?;
    if membership.standing.role < Role::Admin {
        return Err(Refused::Expired);
    }
    if !query.error.is_empty() || !query.admin_consent.eq_ignore_ascii_case("true") {
        return Err(Refused::Denied);
    }
    if !membership.entra_id.is_some_and(|id| query.tenant.eq_ignore_ascii_case(&id)) {
        return Err(Refused::OtherOrganisation);
    }
    put(app, &pending.tenant, who.actor).await.map_err(|_| Refused::Unavailable)
}

/// Entra ID is connected from now on, and asked at once.
async fn put(app: &AppState, tenant: &str, actor: Actor) -> Result<(), crate::store::Error> {
    let before = app.store.source(tenant, Source::Entra).await?;
    let now_ms = app.clock.now_ms();
    let record = connected(before, app.config.identity.client_id.clone(), now_ms);
    let deed = Deed { action: "connect_source", detail: json!({ "account": record.account }) };
    app.store.put_source(tenant, &record, deed, By::new(actor, now_ms)).await
}
