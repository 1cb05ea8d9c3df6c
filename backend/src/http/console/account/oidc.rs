//! Signing in with the identity provider: the two addresses that a browser is sent to. Every error leads back to the
//! page that the user came from, which shows it.

use super::device;
use super::session::{begin as begin_session, console_url, set_cookie};
use crate::http::AppState;
use crate::http::request::access::{self, SignedIn};
use crate::http::request::failed_sign_in;
use crate::identity::digest;
use crate::identity::oidc::{OidcError, Pending, Proven, Provider, Purpose};
use crate::random;
use crate::store::{Accepting, AccountRecord, By, Securing};
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
/// Where what is pending belongs when it is sealed.
const PLACE: &str = "cookie/oidc";
/// What somebody is told who cannot be sent to the provider.
pub(in crate::http::console) const PROVIDER_AWAY: &str = "the identity provider does not answer: try again later";

pub(in crate::http) fn routes() -> Router<Arc<AppState>> {
    use ::api::console::paths;
    Router::new().route(paths::OIDC_START, get(start)).route(paths::OIDC_CALLBACK, get(callback))
}

/// What the page that somebody comes back to is told, in its address.
#[derive(Clone, Copy, Debug)]
enum Failure {
    /// The provider or the person said no.
    Denied,
    /// The provider, or our own database, is away.
    Unavailable,
    /// The provider knows them, we do not; or an account here has that address already.
    NoAccount,
    /// Too long at the provider, another session, or an invitation that is gone.
    Expired,
    /// What came back proves nothing.
    Invalid,
    /// Who sent the invitation could not send it now.
    Void,
    /// The provider's account is linked with another account here.
    Taken,
    /// Another person signed in at the provider than the account's.
    Another,
    /// The provider did not ask for the credentials again.
    Stale,
    /// The provider does not say when it asked for the credentials.
    NoAuthTime,
}

impl Failure {
    fn as_str(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Unavailable => "unavailable",
            Self::NoAccount => "no_account",
            Self::Expired => "expired",
            Self::Invalid => "invalid",
            Self::Void => "void",
            Self::Taken => "taken",
            Self::Another => "another",
            Self::Stale => "stale",
            Self::NoAuthTime => "no_auth_time",
        }
    }
}

impl Failure {
    /// Whether this may be an attempt to sign in as somebody else.
    fn is_attempt(self) -> bool {
        !matches!(self, Self::Denied | Self::Unavailable | Self::Expired | Self::NoAuthTime)
    }
}

impl From<OidcError> for Failure {
    fn from(error: OidcError) -> Self {
        tracing::warn!(%error, "sign-in with the identity provider failed");
        match error {
            OidcError::Unavailable(_) => Self::Unavailable,
            OidcError::Invalid(_) => Self::Invalid,
            OidcError::Stale => Self::Stale,
            OidcError::NoAuthTime => Self::NoAuthTime,
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

/// The pages that somebody is sent back to.
const SIGN_IN_PAGE: &str = "/console/sign-in";
const ACCOUNT_PAGE: &str = "/console/account";

#[derive(Default, Deserialize)]
#[serde(default)]
struct StartQuery {
    /// Where to go afterwards.
    r#return: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CallbackQuery {
    code: String,
    state: String,
    error: String,
}

/// To the provider, to sign in. Any site can send a browser here; therefore nothing but signing in begins here.
async fn start(State(app): State<Arc<AppState>>, parts: Parts) -> Response {
    match try_start(&app, &parts).await {
        Ok(response) => response,
        Err(failure) => to_page(&app, &parts.headers, SIGN_IN_PAGE, failure),
    }
}

async fn try_start(app: &AppState, parts: &Parts) -> Result<Response, Failure> {
    if app.config.console.oidc_issuer.is_empty() {
        return Err(Failure::Unavailable);
    }
    let query: StartQuery = query(parts)?;
    // Only to the console: an address of elsewhere would make us a signpost for others.
    let is_ours = query.r#return.starts_with("/console") && !query.r#return.contains(['\\', '\n', '\r']);
    let back = if is_ours { query.r#return } else { "/console".into() };
    let (url, cookie) = begin(app, &parts.headers, Purpose::SignIn(back)).await?;
    Ok(found(&url, Some(cookie)))
}

/// The provider's page, and the cookie with what must be known when the browser comes back: to this browser alone.
pub(in crate::http::console) async fn begin(
    app: &AppState,
    headers: &HeaderMap,
    purpose: Purpose,
) -> Result<(String, HeaderValue), OidcError> {
    let begun = provider(app, &redirect(app, headers)).begin(purpose).await?;
    let json = serde_json::to_vec(&begun.pending).unwrap_or_default();
    let sealed = URL_SAFE_NO_PAD.encode(app.sealer.seal(&json, PLACE));
    Ok((begun.url, pending_cookie(app, &sealed, PENDING_MS / 1_000)))
}

async fn callback(State(app): State<Arc<AppState>>, parts: Parts) -> Response {
    let pending = pending(&app, &parts.headers);
    let page = match pending.as_ref().map(|pending| &pending.purpose) {
        Some(Purpose::Link(_) | Purpose::Prove(_)) => ACCOUNT_PAGE,
        _ => SIGN_IN_PAGE,
    };
    let began_here = pending.is_some();
    let mut response = match try_callback(&app, &parts, pending).await {
        Ok(response) => response,
        Err(failure) => {
            // Not where nothing was pending: any site can send a browser here, and have its address logged.
            if began_here && failure.is_attempt() {
                failed_sign_in::log(access::peer(&parts, &app), "", failure.as_str());
            }
            to_page(&app, &parts.headers, page, failure)
        }
    };
    // Whatever came of it, it is used up.
    response.headers_mut().append(header::SET_COOKIE, pending_cookie(&app, "", 0));
    response
}

async fn try_callback(app: &AppState, parts: &Parts, pending: Option<Pending>) -> Result<Response, Failure> {
    let query: CallbackQuery = query(parts)?;
    let pending = pending.ok_or(Failure::Expired)?;
    if pending.state != query.state {
        return Err(Failure::Invalid);
    }
    // Either way: the clock may have been set meanwhile.
    if (app.clock.now_ms() - pending.begun_ms).abs() >= PENDING_MS {
        return Err(Failure::Expired);
    }
    if !query.error.is_empty() || query.code.is_empty() {
        return Err(Failure::Denied);
    }
    let proven = provider(app, &redirect(app, &parts.headers)).finish(query.code, &pending).await?;
    let (account, back) = match &pending.purpose {
        Purpose::Link(session) => return link(app, &of_session(app, parts, session).await?, &proven).await,
        Purpose::Prove(session) => return prove(app, &of_session(app, parts, session).await?, &proven).await,
        Purpose::SignIn(back) => (known(app, &proven).await?.ok_or(Failure::NoAccount)?, back.as_str()),
        Purpose::Accept(code) => (accept(app, parts, code, &proven).await?, "/console"),
    };
    let (cookie, _) = begin_session(app, parts, &account).await.map_err(|_| Failure::Unavailable)?;
    let mut response = found(back, Some(set_cookie(app, &cookie)));
    let device = device::cookie(app, &parts.headers, &account).map(|cookie| (header::SET_COOKIE, cookie));
    response.headers_mut().extend(device);
    Ok(response)
}

/// Whoever is signed in, when it is the session that sent them to the provider.
async fn of_session(app: &AppState, parts: &Parts, session: &str) -> Result<SignedIn, Failure> {
    let who = access::signed_in(parts, app).await.map_err(|_| Failure::Expired)?;
    if who.session.id == session { Ok(who) } else { Err(Failure::Expired) }
}

/// Links the provider's account with that of the session. Its password was proven when this began.
async fn link(app: &AppState, who: &SignedIn, proven: &Proven) -> Result<Response, Failure> {
    let by = By::new(who.actor.clone(), app.clock.now_ms());
    let how = Securing { account: &who.session.account, keep: &who.session.id, by };
    match app.store.link_identity(&how, &proven.identity).await {
        Err(crate::store::Error::Conflict(_)) => Err(Failure::Taken),
        linked => {
            linked?;
            Ok(found(&format!("{ACCOUNT_PAGE}?provider=linked"), None))
        }
    }
}

/// Notes that the session's person is there, when the provider's account is linked with theirs.
async fn prove(app: &AppState, who: &SignedIn, proven: &Proven) -> Result<Response, Failure> {
    let account = app.store.account_by_identity(&proven.identity.issuer, &proven.identity.subject).await?;
    if account.as_deref() != Some(who.session.account.as_str()) {
        return Err(Failure::Another);
    }
    app.store.prove_session(&who.session.account, &who.session.id, app.clock.now_ms()).await?;
    Ok(found(&format!("{ACCOUNT_PAGE}?provider=proven"), None))
}

/// The account that is linked with the provider's. Never found by address, for a provider lets people write what they like
/// there.
async fn known(app: &AppState, proven: &Proven) -> Result<Option<AccountRecord>, Failure> {
    match app.store.account_by_identity(&proven.identity.issuer, &proven.identity.subject).await? {
        Some(id) => Ok(app.store.account(&id).await?),
        None => Ok(None),
    }
}

/// The account that accepts an invitation: linked before, or made now.
async fn accept(app: &AppState, parts: &Parts, code: &str, proven: &Proven) -> Result<AccountRecord, Failure> {
    let now_ms = app.clock.now_ms();
    let invitation = app.store.find_invitation(&digest(code), now_ms).await?.ok_or(Failure::Expired)?;
    if invitation.trouble().is_some() {
        return Err(Failure::Void);
    }
    let known = known(app, proven).await?;
    let is_new = known.is_none();
    let account = match known {
        Some(account) if account.email == invitation.email => account,
        Some(_) => return Err(Failure::NoAccount),
        // Somebody who has an account already signs in with it and accepts then.
        None if app.store.account_by_email(&invitation.email).await?.is_some() => return Err(Failure::NoAccount),
        None => AccountRecord {
            id: random::id(),
            name: proven.name.clone().unwrap_or_else(|| invitation.email.clone()),
            email: invitation.email,
            password: None,
            totp: None,
            totp_pending: None,
            totp_step: 0,
        },
    };
    let address = access::peer(parts, app).to_string();
    let identity = Some(&proven.identity);
    let accepting = Accepting { account: &account, new: is_new, identity, address: &address };
    app.store.accept_invitation(&digest(code), accepting, now_ms).await?;
    Ok(account)
}

fn query<T: serde::de::DeserializeOwned>(parts: &Parts) -> Result<T, Failure> {
    serde_urlencoded::from_str(parts.uri.query().unwrap_or_default()).map_err(|_| Failure::Invalid)
}

fn provider<'a>(app: &'a AppState, redirect: &'a str) -> Provider<'a> {
    Provider { outbound: &app.outbound, console: &app.config.console, redirect }
}

fn redirect(app: &AppState, headers: &HeaderMap) -> String {
    console_url(app, headers, ::api::console::paths::OIDC_CALLBACK)
}

fn to_page(app: &AppState, headers: &HeaderMap, page: &str, failure: Failure) -> Response {
    found(&console_url(app, headers, &format!("{page}?error={}", failure.as_str())), None)
}

fn found(url: &str, cookie: Option<HeaderValue>) -> Response {
    let location = HeaderValue::try_from(url).unwrap_or(HeaderValue::from_static("/console"));
    let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, location), no_store]).into_response();
    response.headers_mut().extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    response
}

fn pending_name(app: &AppState) -> String {
    format!("{}-oidc", access::cookie_name(app))
}

fn pending_cookie(app: &AppState, value: &str, seconds: i64) -> HeaderValue {
    access::set_cookie(&pending_name(app), value, Some(seconds))
}

fn pending(app: &AppState, headers: &HeaderMap) -> Option<Pending> {
    let sealed = access::named_cookie(headers, &pending_name(app))?;
    let sealed = String::from_utf8(URL_SAFE_NO_PAD.decode(sealed).ok()?).ok()?;
    serde_json::from_slice(&app.sealer.open(&sealed, PLACE)?).ok()
}
