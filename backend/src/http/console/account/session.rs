//! A session: beginning it, looking at it, ending it.

use super::device;
use crate::http::AppState;
use crate::http::Error;
use crate::http::api::doc;
use crate::http::request::access::{self, SignedIn, cookie_name, csrf};
use crate::http::site::serve_files;
use crate::identity::digest;
use crate::identity::password::Busy;
use crate::random;
use crate::store::{AccountRecord, SessionRecord};
use ::api::console::{MAX_NAME, Session, SessionSummary, Sessions, TenantRole, paths};
use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with};
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Answer};
use aide::operation::OperationOutput;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, NoContent, Response};
use std::sync::Arc;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "Sign-in";
    ApiRouter::new()
        .api_route(
            paths::SESSION,
            get_with(show, doc(tag, "Who is signed in, and which tenants they may see"))
                .delete_with(end, doc(tag, "Signs out")),
        )
        .api_route(
            paths::SESSIONS,
            get_with(list, doc("Account", "Where the user is signed in"))
                .delete_with(end_others, doc("Account", "Ends all sessions but this one")),
        )
        .api_route(paths::ONE_SESSION, delete_with(end_one, doc("Account", "Ends a session")))
}

/// An answer that begins a session.
pub(in crate::http::console) struct Begun(Response);

impl axum::response::IntoResponse for Begun {
    fn into_response(self) -> Response {
        self.0
    }
}

impl OperationOutput for Begun {
    type Inner = Session;

    fn operation_response(ctx: &mut GenContext, operation: &mut Operation) -> Option<Answer> {
        Json::<Session>::operation_response(ctx, operation)
    }

    fn inferred_responses(ctx: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, Answer)> {
        Json::<Session>::inferred_responses(ctx, operation)
    }
}

/// Begins a session of the account; a new secret each time, so that none that was there before is worth anything.
pub(in crate::http::console) async fn start(
    app: &AppState,
    head: &Parts,
    account: &AccountRecord,
) -> Result<Begun, Error> {
    let (cookie, session) = begin(app, head, account).await?;
    let body = Json(describe(app, &session, &cookie).await?);
    let mut response = ([(header::SET_COOKIE, set_cookie(app, &cookie))], body).into_response();
    let device = device::cookie(app, &head.headers, account).map(|cookie| (header::SET_COOKIE, cookie));
    response.headers_mut().extend(device);
    Ok(Begun(response))
}

/// A new session and what its cookie holds.
pub(in crate::http::console) async fn begin(
    app: &AppState,
    head: &Parts,
    account: &AccountRecord,
) -> Result<(String, SessionRecord), Error> {
    let now_ms = app.clock.now_ms();
    let secret = random::secret();
    let agent = head.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let session = SessionRecord {
        id: random::id(),
        account: account.id.clone(),
        email: account.email.clone(),
        name: account.name.clone(),
        created_ms: now_ms,
        seen_ms: now_ms,
        address: access::peer(head, app).to_string(),
        agent: describe_agent(agent),
    };
    app.store.insert_session(&digest(&secret), &session, now_ms - app.config.console.session_ms()).await?;
    Ok((secret, session))
}

/// The cookie goes when the browser is closed, and on the server earlier.
pub(in crate::http::console) fn set_cookie(app: &AppState, value: &str) -> HeaderValue {
    access::set_cookie(cookie_name(app), value, None)
}

async fn describe(app: &AppState, session: &SessionRecord, cookie: &str) -> Result<Session, Error> {
    let tenants = app.store.memberships(&session.account).await?;
    Ok(Session {
        account: session.account.clone(),
        name: session.name.clone(),
        email: session.email.clone(),
        csrf: csrf(cookie),
        tenants: tenants
            .into_iter()
            .map(|place| TenantRole {
                id: place.tenant,
                name: place.name,
                role: place.standing.role.into(),
                limits: place.standing.limits.map(Into::into),
            })
            .collect(),
        expires_ms: session.created_ms + app.config.console.session_ms(),
        version: env!("CARGO_PKG_VERSION").into(),
    })
}

async fn show(State(app): State<Arc<AppState>>, who: SignedIn, headers: HeaderMap) -> Result<Json<Session>, Error> {
    let cookie = access::cookie(&headers, &app).ok_or(Error::SignedOut)?;
    Ok(Json(describe(&app, &who.session, cookie).await?))
}

async fn end(State(app): State<Arc<AppState>>, who: SignedIn) -> Result<Ended, Error> {
    app.store.delete_session(&who.session.account, &who.session.id).await?;
    Ok(Ended(access::set_cookie(cookie_name(&app), "", Some(0))))
}

/// 204, with the device marked as one of the account's, whose password is another now.
pub(in crate::http::console) fn known_device(
    app: &AppState,
    headers: &HeaderMap,
    account: &AccountRecord,
) -> Remembered {
    Remembered(device::cookie(app, headers, account))
}

/// See [`known_device`].
pub(in crate::http::console) struct Remembered(Option<HeaderValue>);

impl axum::response::IntoResponse for Remembered {
    fn into_response(self) -> Response {
        let mut response = NoContent.into_response();
        response.headers_mut().extend(self.0.map(|cookie| (header::SET_COOKIE, cookie)));
        response
    }
}

impl OperationOutput for Remembered {
    type Inner = ();

    fn inferred_responses(ctx: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, Answer)> {
        NoContent::inferred_responses(ctx, operation)
    }
}

/// 204, with the cookie taken back and what the browser kept of the console cleared.
struct Ended(HeaderValue);

impl axum::response::IntoResponse for Ended {
    fn into_response(self) -> Response {
        let clear = (header::HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\""));
        ([(header::SET_COOKIE, self.0), clear], NoContent).into_response()
    }
}

impl OperationOutput for Ended {
    type Inner = ();

    fn inferred_responses(ctx: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, Answer)> {
        NoContent::inferred_responses(ctx, operation)
    }
}

async fn list(State(app): State<Arc<AppState>>, who: SignedIn) -> Result<Json<Sessions>, Error> {
    let after_ms = app.clock.now_ms() - app.config.console.session_ms();
    let idle_ms = app.clock.now_ms() - app.config.console.idle_ms();
    let sessions = app.store.list_sessions(&who.session.account, after_ms).await?;
    let summary = |session: SessionRecord| SessionSummary {
        current: session.id == who.session.id,
        id: session.id,
        created_ms: session.created_ms,
        seen_ms: session.seen_ms,
        address: session.address,
        agent: session.agent,
    };
    let live = sessions.into_iter().filter(|session| session.seen_ms > idle_ms);
    Ok(Json(Sessions { sessions: live.map(summary).collect() }))
}

async fn end_others(State(app): State<Arc<AppState>>, who: SignedIn) -> Result<NoContent, Error> {
    app.store.delete_other_sessions(&who.session.account, &who.session.id).await?;
    Ok(NoContent)
}

async fn end_one(
    State(app): State<Arc<AppState>>,
    who: SignedIn,
    Path(session): Path<String>,
) -> Result<NoContent, Error> {
    let ended = app.store.delete_session(&who.session.account, &session).await?;
    if ended { Ok(NoContent) } else { Err(Error::NotFound) }
}

/// Browser and system in words, such as `Edge on Windows`; the rest of what a browser says of itself is not kept.
fn describe_agent(text: &str) -> String {
    let first =
        |known: &[(&str, &'static str)]| known.iter().find(|(sign, _)| text.contains(sign)).map(|(_, name)| *name);
    // The order matters: most browsers name those whose place they want to take.
    let browsers =
        [("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];
    let systems = [
        ("Windows", "Windows"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ];
    match (first(&browsers), first(&systems)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "unknown browser".to_owned(),
    }
}

/// A name that somebody typed.
pub(in crate::http::console) fn checked_name(text: &str) -> Result<String, Error> {
    checked_text("name", text)
}

/// The same, in another field.
pub(in crate::http::console) fn checked_text(field: &str, text: &str) -> Result<String, Error> {
    let name = text.trim();
    let length = name.chars().count();
    if length == 0 || length > MAX_NAME || name.contains(char::is_control) {
        return Err(Error::invalid(field, format!("write 1 to {MAX_NAME} characters")));
    }
    Ok(name.to_owned())
}

/// Where an account's authenticator secret belongs.
pub(in crate::http::console) fn totp_place(account: &str) -> String {
    format!("accounts.totp/{account}")
}

/// Our own fault: logged here, where it is known what it was.
#[expect(clippy::needless_pass_by_value, reason = "what `map_err` gives")]
pub(in crate::http::console) fn internal(error: anyhow::Error) -> Error {
    if error.is::<Busy>() {
        return Error::Unavailable("too many people are signing in right now: try again in a few seconds");
    }
    tracing::error!(error = format!("{error:#}"), "a console request failed");
    Error::Internal
}

/// The console's own origin with a path.
pub(in crate::http::console) fn console_url(app: &AppState, headers: &HeaderMap, path: &str) -> String {
    format!("{}{path}", serve_files::console_origin(app, headers))
}

#[cfg(test)]
mod tests {
    use super::describe_agent;

    #[test]
    fn browser_and_system_are_told_in_words() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 \
            Safari/537.36 Edg/140.0.0.0";
        assert_eq!(describe_agent(edge), "Edge on Windows");
        let safari =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1";
        assert_eq!(describe_agent(safari), "Safari on iPhone");
        assert_eq!(describe_agent("curl/8"), "unknown browser");
    }
}
