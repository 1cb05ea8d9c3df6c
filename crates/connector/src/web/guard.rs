//! Access to the page: only from this machine, with a one-time link that the program printed. Refused are other pages in the
//! same browser, foreign host names that resolve to this machine, and other users of this machine.

use crate::random;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Maximum number of browsers signed in at once.
const SESSIONS: usize = 20;

/// The current link and the sessions.
#[derive(Clone)]
pub struct Guard {
    port: u16,
    inner: Arc<Mutex<Inner>>,
    /// File with the current link, for `configure --web` while a service is running.
    file: Option<PathBuf>,
}

struct Inner {
    token: String,
    sessions: Vec<String>,
}

impl Guard {
    /// Creates the guard of a page at this port. The link is kept in `file`, which only its owner can read.
    pub fn new(port: u16, file: Option<PathBuf>) -> Self {
        let inner = Inner { token: random::secret(), sessions: Vec::new() };
        let guard = Self { port, inner: Arc::new(Mutex::new(inner)), file };
        guard.keep();
        guard
    }

    /// The current link; it works once.
    pub fn link(&self) -> String {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        format!("http://127.0.0.1:{}/?token={}", self.port, inner.token)
    }

    /// Exchanges a link's token for a session and creates the next link.
    fn redeem(&self, token: &str) -> Option<String> {
        let session = {
            let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
            if !same(token, &inner.token) {
                return None;
            }
            inner.token = random::secret();
            let session = random::secret();
            inner.sessions.insert(0, session.clone());
            inner.sessions.truncate(SESSIONS);
            session
        };
        self.keep();
        Some(session)
    }

    fn knows(&self, session: &str) -> bool {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.sessions.iter().any(|known| same(known, session))
    }

    fn keep(&self) {
        if let Some(file) = &self.file
            && let Err(error) = crate::files::write(file, self.link().as_bytes())
        {
            tracing::warn!("the file with the configuration page's link cannot be written: {error:#}");
        }
    }

    fn cookie(&self) -> String {
        // Cookies are shared by all ports of a host, so the name includes the port.
        format!("paraph-connector-{}", self.port)
    }

    /// Whether this is a host name that only this machine uses for the page.
    fn is_own(&self, host: &str) -> bool {
        ["127.0.0.1", "localhost", "[::1]"].iter().any(|name| host == format!("{name}:{}", self.port))
    }
}

fn same(one: &str, other: &str) -> bool {
    verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

/// Answers requests for our own host names only, which prevents DNS rebinding. Adds the security headers.
pub(super) async fn only_this_machine(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    const HEADERS: [(HeaderName, &str); 5] = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // With "no-referrer", browsers do not send a form's origin either.
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    let host = text(request.headers(), &header::HOST).unwrap_or_default();
    let mut answer = if guard.is_own(&host) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "Open this page at 127.0.0.1. Other host names are refused.").into_response()
    };
    for (name, value) in HEADERS {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// Requires a session or the current link; changes must come from our own page.
pub(super) async fn only_invited(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    if let Some(token) = token(request.uri()) {
        return match guard.redeem(&token) {
            Some(session) => {
                let cookie = format!("{}={session}; HttpOnly; SameSite=Strict; Path=/", guard.cookie());
                ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response()
            }
            None => stranger(),
        };
    }
    let session = cookie(request.headers(), &guard.cookie());
    if !session.is_some_and(|session| guard.knows(&session)) {
        return stranger();
    }
    let is_change = !matches!(*request.method(), Method::GET | Method::HEAD);
    if is_change && !from_own_page(&guard, request.headers()) {
        return (
            StatusCode::FORBIDDEN,
            "Another page sent this request: open the configuration page and make the change there.",
        )
            .into_response();
    }
    next.run(request).await
}

fn stranger() -> Response {
    let page = super::pages::failed(
        "This link was already used, or it is missing. Run paraph-connector configure --web to get a new one.",
    );
    (StatusCode::UNAUTHORIZED, page).into_response()
}

fn from_own_page(guard: &Guard, headers: &HeaderMap) -> bool {
    let origin = text(headers, &header::ORIGIN);
    origin.and_then(|origin| origin.strip_prefix("http://").map(|host| guard.is_own(host))).unwrap_or_default()
}

fn token(uri: &Uri) -> Option<String> {
    let mut pairs = form_urlencoded::parse(uri.query()?.as_bytes());
    pairs.find(|(name, _)| name == "token").map(|(_, token)| token.into_owned())
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = text(headers, &header::COOKIE)?;
    let mut pairs = all.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(own, _)| *own == name).map(|(_, value)| value.to_owned())
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_works_once() {
        let guard = Guard::new(4780, None);
        let link = guard.link();
        let token = token(&link.parse().unwrap()).unwrap();
        let session = guard.redeem(&token).unwrap();
        assert_eq!(guard.redeem(&token), None);
        assert!(guard.knows(&session));
        assert!(!guard.knows(""));
        assert_ne!(guard.link(), link);
    }
}
