//! Requests with this program's own identity, with a cached access token that is renewed.

use super::patience::Patience;
use super::request::{Answer, Request};
use super::session::{Credentials, Route};
use super::verdict::{Failure, Verdict};
use reqwest::header::HeaderValue;
use serde::Deserialize;
use tokio::sync::Mutex;

/// How long before its expiry a token is renewed, in milliseconds.
pub(super) const RENEW_MS: i64 = 120_000;
/// Lifetime in seconds of tokens without one, and the maximum lifetime that is accepted.
const LIFE: i64 = 3_600;
const LONGEST_LIFE: i64 = 86_400;

/// A way to get tokens for programs: client credentials (RFC 6749 §4.4) or signed assertions (RFC 7523).
pub trait Grantor: Send + Sync {
    /// The request for a token. `now_ms`: current time, in milliseconds UTC.
    ///
    /// # Errors
    /// When the request cannot be created, such as with a damaged key.
    fn request(&self, now_ms: i64) -> Result<Request, Failure>;

    /// Classifies an answer without a token.
    fn judge(&self, answer: &Answer) -> Verdict;
}

/// The relevant part of an answer with a token (RFC 6749 §5.1).
#[derive(Deserialize)]
pub struct Granted {
    /// The token.
    pub access_token: String,
    /// Lifetime in seconds.
    #[serde(default = "usual_life")]
    expires_in: i64,
    /// Refresh token for the next request.
    pub(super) refresh_token: Option<String>,
}

fn usual_life() -> i64 {
    LIFE
}

impl Granted {
    /// Lifetime in milliseconds.
    pub(super) fn life_ms(&self) -> i64 {
        self.expires_in.clamp(0, LONGEST_LIFE) * 1_000
    }
}

/// Why there is no token.
#[derive(Debug)]
pub struct Ungranted {
    /// The failure.
    pub failure: Failure,
    /// The server's answer, if it caused the failure.
    pub answer: Option<Answer>,
}

impl From<Failure> for Ungranted {
    fn from(failure: Failure) -> Self {
        Self { failure, answer: None }
    }
}

struct Token {
    header: HeaderValue,
    /// Expiry, by [`crate::clock::Clock::passed_ms`].
    until_ms: i64,
}

/// Credentials of this program: an access token, kept only in memory.
pub struct AppOnly<G> {
    grantor: G,
    /// Route to the token endpoint.
    route: Route,
    token: Mutex<Option<Token>>,
}

impl<G: Grantor> AppOnly<G> {
    /// Creates them without a token. `route`: to the token endpoint.
    pub fn new(grantor: G, route: Route) -> Self {
        Self { grantor, route, token: Mutex::default() }
    }

    /// The identity for which tokens are requested.
    pub fn grantor(&self) -> &G {
        &self.grantor
    }

    /// Requests a new token even if one is cached, and does not cache it.
    ///
    /// # Errors
    /// Why no token was granted.
    pub async fn grant(&self) -> Result<Granted, Ungranted> {
        let mut patience = Patience::default();
        loop {
            let request = self.grantor.request(self.route.client.clock().now_ms())?;
            let verdict = match self.route.send(&request).await {
                Ok(answer) if answer.status == 200 => match answer.json::<Granted>() {
                    Ok(granted) => return Ok(granted),
                    Err(what) => Verdict::nonsense(self.route.name, &what),
                },
                Ok(answer) => match self.grantor.judge(&answer) {
                    Verdict::Fail(failure) => return Err(Ungranted { failure, answer: Some(answer) }),
                    verdict => verdict,
                },
                Err(error) => Verdict::of_error(&error, self.route.name),
            };
            self.route.pause(&mut patience, verdict).await?;
        }
    }
}

impl<G: Grantor> Credentials for AppOnly<G> {
    async fn authorization(&self) -> Result<HeaderValue, Failure> {
        // Locked while a token is fetched: other callers get the same one.
        let mut kept = self.token.lock().await;
        let clock = self.route.client.clock();
        if let Some(token) = kept.as_ref().filter(|token| token.until_ms - RENEW_MS > clock.passed_ms()) {
            return Ok(token.header.clone());
        }
        let granted = self.grant().await.map_err(|ungranted| ungranted.failure)?;
        let header = bearer(&granted.access_token)?;
        *kept = Some(Token { header: header.clone(), until_ms: clock.passed_ms() + granted.life_ms() });
        Ok(header)
    }

    async fn renew(&self, refused: &HeaderValue, _: Failure) -> Result<(), Failure> {
        let mut kept = self.token.lock().await;
        if kept.as_ref().is_some_and(|token| token.header == *refused) {
            *kept = None;
        }
        Ok(())
    }
}

/// RFC 6750 §2.1.
pub(super) fn bearer(token: &str) -> Result<HeaderValue, Failure> {
    let header = HeaderValue::try_from(format!("Bearer {token}"));
    let mut header = header.map_err(|_| Failure::wrong("the access token has characters that no token has"))?;
    header.set_sensitive(true);
    Ok(header)
}
