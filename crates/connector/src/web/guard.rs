//! Who may see the page: somebody at this machine who came with a link that the program printed, once. Other pages in the same
//! browser, names that were made to point here, and other people at this machine stay out.

use crate::random;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Most browsers that are signed in at once.
const SESSIONS: usize = 20;

/// The links and whoever came with one.
#[derive(Clone)]
pub struct Guard {
    port: u16,
    inner: Arc<Mutex<Inner>>,
    /// Where the link that is good now is kept for `configure --web` while a service runs.
    file: Option<PathBuf>,
}

struct Inner {
    token: String,
    sessions: Vec<String>,
}

impl Guard {
    /// For a page at this port. The link is kept in `file`, which only we may read.
    pub fn new(port: u16, file: Option<PathBuf>) -> Self {
        let inner = Inner { token: random::secret(), sessions: Vec::new() };
        let guard = Self { port, inner: Arc::new(Mutex::new(inner)), file };
        guard.keep();
        guard
    }

    /// The link that is good now, once.
    pub fn link(&self) -> String {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        format!("http://127.0.0.1:{}/?token={}", self.port, inner.token)
    }

    /// Trades a link's token for a session, and makes another link.
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
            tracing::warn!("the configuration page's link cannot be kept: {error:#}");
        }
    }

    fn cookie(&self) -> String {
        // Ports share cookies.
        format!("paraph-connector-{}", self.port)
    }

    /// The names under which this machine alone reaches the page.
    fn is_own(&self, host: &str) -> bool {
        ["127.0.0.1", "localhost", "[::1]"].iter().any(|name| host == format!("{name}:{}", self.port))
    }
}

fn same(one: &str, other: &str) -> bool {
    verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

/// Answers requests to our own name only: another name that was made to point here would let other pages in. Says to every
/// browser what the page may do.
pub(super) async fn only_this_machine(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    const HEADERS: [(HeaderName, &str); 5] = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // With none at all browsers do not say either from which page a form comes.
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    let host = text(request.headers(), &header::HOST).unwrap_or_default();
    let mut answer = if guard.is_own(&host) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "This page has the name 127.0.0.1 alone.").into_response()
    };
    for (name, value) in HEADERS {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// Lets in whoever has a session or comes with the link; changes come from our own page only.
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
        return (StatusCode::FORBIDDEN, "Another page asked for this: open the configuration page and do it there.")
            .into_response();
    }
    next.run(request).await
}

fn stranger() -> Response {
    let page = super::pages::failed(
        "This link was used already, or there was none. Run paraph-connector configure --web: it prints a new one.",
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
    fn a_link_is_good_once() {
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
