//! Signing in with the identity provider: the two addresses that a browser is sent to. Whatever goes wrong ends on the
//! sign-in page, which says so.

use super::session::{begin as begin_session, console_url, set_cookie};
use crate::app::App;
use crate::http::access;
use crate::identity::digest;
use crate::identity::oidc::{self, Identity, OidcError, Pending};
use crate::random;
use crate::store::AccountRecord;
use axum::Router;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use std::sync::Arc;

/// How long one may stay at the provider.
const PENDING_MS: i64 = 10 * 60_000;
/// Where the pending sign-in belongs when it is sealed.
const PLACE: &str = "cookie/oidc";

pub(in crate::http) fn routes() -> Router<Arc<App>> {
    use ::api::console::paths;
    Router::new().route(paths::OIDC_START, get(start)).route(paths::OIDC_CALLBACK, get(callback))
}

/// What the sign-in page is told, in its address.
#[derive(Clone, Copy, Debug)]
enum Failure {
    /// The provider or the person said no.
    Denied,
    /// The provider is away.
    Unavailable,
    /// The provider knows them, we do not.
    NoAccount,
    /// Too long at the provider, or an invitation that is gone.
    Expired,
    /// What came back proves nothing.
    Invalid,
}

impl Failure {
    fn as_str(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Unavailable => "unavailable",
            Self::NoAccount => "no_account",
            Self::Expired => "expired",
            Self::Invalid => "invalid",
        }
    }
}

impl From<OidcError> for Failure {
    fn from(error: OidcError) -> Self {
        tracing::warn!(%error, "sign-in with the identity provider failed");
        match error {
            OidcError::Unavailable(_) => Self::Unavailable,
            OidcError::Invalid(_) => Self::Invalid,
        }
    }
}

impl From<crate::store::Error> for Failure {
    fn from(error: crate::store::Error) -> Self {
        match error {
            crate::store::Error::NotFound(_) => Self::Expired,
            crate::store::Error::Conflict(_) => Self::NoAccount,
            error => {
                tracing::warn!(%error, "sign-in with the identity provider failed");
                Self::Unavailable
            }
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct StartQuery {
    r#return: String,
    invitation: Option<String>,
    link: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CallbackQuery {
    code: String,
    state: String,
    error: String,
}

async fn start(State(app): State<Arc<App>>, parts: Parts) -> Response {
    match try_start(&app, &parts).await {
        Ok(response) => response,
        Err(failure) => to_sign_in(&app, &parts.headers, failure),
    }
}

async fn try_start(app: &App, parts: &Parts) -> Result<Response, Failure> {
    if app.config.console.oidc_issuer.is_empty() {
        return Err(Failure::Unavailable);
    }
    let query: StartQuery = query(parts)?;
    let link = if query.link {
        Some(access::signed_in(parts, app).await.map_err(|_| Failure::Expired)?.session.account)
    } else {
        None
    };
    let mut begun = oidc::begin(&app.config.console, &redirect(app, &parts.headers)).await?;
    // Only to the console: an address of elsewhere would make us a signpost for others.
    let is_ours = query.r#return.starts_with("/console") && !query.r#return.contains(['\\', '\n', '\r']);
    begun.pending.back = if is_ours { query.r#return } else { "/console".into() };
    begun.pending.invitation = query.invitation;
    begun.pending.link = link;
    begun.pending.until_ms = app.clock.now_ms() + PENDING_MS;
    let json = serde_json::to_vec(&begun.pending).unwrap_or_default();
    let sealed = URL_SAFE_NO_PAD.encode(app.sealer.seal(&json, PLACE));
    Ok(found(&begun.url, Some(pending_cookie(app, &sealed, PENDING_MS / 1_000))))
}

async fn callback(State(app): State<Arc<App>>, parts: Parts) -> Response {
    let mut response = match try_callback(&app, &parts).await {
        Ok(response) => response,
        Err(failure) => to_sign_in(&app, &parts.headers, failure),
    };
    // Whatever came of it, it is used up.
    response.headers_mut().append(header::SET_COOKIE, pending_cookie(&app, "", 0));
    response
}

async fn try_callback(app: &App, parts: &Parts) -> Result<Response, Failure> {
    let query: CallbackQuery = query(parts)?;
    let pending = pending(app, &parts.headers).ok_or(Failure::Expired)?;
    if pending.state != query.state {
        return Err(Failure::Invalid);
    }
    if app.clock.now_ms() >= pending.until_ms {
        return Err(Failure::Expired);
    }
    if !query.error.is_empty() || query.code.is_empty() {
        return Err(Failure::Denied);
    }
    let redirect = redirect(app, &parts.headers);
    let came = (query.code, &pending);
    let identity = oidc::finish(&app.config.console, &redirect, came, app.clock.now_ms()).await?;
    let account = whose(app, parts, &identity, &pending).await?;
    let (cookie, _) = begin_session(app, parts, &account).await.map_err(|_| Failure::Unavailable)?;
    Ok(found(&pending.back, Some(set_cookie(app, &cookie))))
}

/// The account of whoever came back: linked before, linked now, or made with an invitation. Never found by address, for a
/// provider lets people write what they like there.
async fn whose(app: &App, parts: &Parts, identity: &Identity, pending: &Pending) -> Result<AccountRecord, Failure> {
    let linked = app.store.account_by_identity(&identity.issuer, &identity.subject).await?;
    if let Some(account) = &pending.link {
        // The session that began this must still be there.
        let who = access::signed_in(parts, app).await.map_err(|_| Failure::Expired)?;
        if who.session.account != *account || linked.as_ref().is_some_and(|linked| linked != account) {
            return Err(Failure::NoAccount);
        }
        app.store.link_identity(account, &identity.issuer, &identity.subject).await?;
        return app.store.account(account).await?.ok_or(Failure::NoAccount);
    }
    let known = match linked {
        Some(id) => app.store.account(&id).await?,
        None => None,
    };
    let Some(code) = &pending.invitation else { return known.ok_or(Failure::NoAccount) };
    let now_ms = app.clock.now_ms();
    let invitation = app.store.find_invitation(&digest(code), now_ms).await?;
    let invitation = invitation.filter(|found| found.trouble().is_none()).ok_or(Failure::Expired)?;
    let is_new = known.is_none();
    let account = match known {
        Some(account) if account.email == invitation.email => account,
        Some(_) => return Err(Failure::NoAccount),
        // Somebody who has an account already signs in with it and accepts then.
        None if app.store.account_by_email(&invitation.email).await?.is_some() => return Err(Failure::NoAccount),
        None => AccountRecord {
            id: random::id(),
            name: identity.name.clone().unwrap_or_else(|| invitation.email.clone()),
            email: invitation.email,
            password: None,
            totp: None,
            totp_pending: None,
            totp_step: 0,
        },
    };
    let link = Some((identity.issuer.as_str(), identity.subject.as_str()));
    let address = access::peer(parts, app).to_string();
    app.store.accept_invitation(&digest(code), &account, is_new, link, (&address, now_ms)).await?;
    Ok(account)
}

fn query<T: serde::de::DeserializeOwned>(parts: &Parts) -> Result<T, Failure> {
    serde_urlencoded::from_str(parts.uri.query().unwrap_or_default()).map_err(|_| Failure::Invalid)
}

fn redirect(app: &App, headers: &HeaderMap) -> String {
    console_url(app, headers, ::api::console::paths::OIDC_CALLBACK)
}

fn to_sign_in(app: &App, headers: &HeaderMap, failure: Failure) -> Response {
    found(&console_url(app, headers, &format!("/console/sign-in?error={}", failure.as_str())), None)
}

fn found(url: &str, cookie: Option<HeaderValue>) -> Response {
    let location = HeaderValue::try_from(url).unwrap_or(HeaderValue::from_static("/console"));
    let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, location), no_store]).into_response();
    response.headers_mut().extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    response
}

fn pending_name(app: &App) -> String {
    format!("{}-oidc", access::cookie_name(app))
}

fn pending_cookie(app: &App, value: &str, seconds: i64) -> HeaderValue {
    access::set_cookie(&pending_name(app), value, Some(seconds))
}

fn pending(app: &App, headers: &HeaderMap) -> Option<Pending> {
    let sealed = access::named_cookie(headers, &pending_name(app))?;
    let sealed = String::from_utf8(URL_SAFE_NO_PAD.decode(sealed).ok()?).ok()?;
    serde_json::from_slice(&app.sealer.open(&sealed, PLACE)?).ok()
}
