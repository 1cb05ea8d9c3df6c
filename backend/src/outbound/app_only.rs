//! Asking as this program itself, with one access token after the other.

use super::patience::Patience;
use super::request::{Answer, Request};
use super::session::{Credentials, Route};
use super::verdict::{Failure, Verdict};
use reqwest::header::HeaderValue;
use serde::Deserialize;
use tokio::sync::Mutex;

/// How long before its end a token is renewed, in milliseconds.
pub(super) const RENEW_MS: i64 = 120_000;
/// How long a token lives that does not say so, and the longest life that is believed, in seconds.
const LIFE: i64 = 3_600;
const LONGEST_LIFE: i64 = 86_400;

/// How a system gives tokens to programs: client credentials (RFC 6749 §4.4), signed assertions (RFC 7523).
pub trait Grantor: Send + Sync {
    /// The request for a token. `now_ms`: now, in milliseconds UTC.
    ///
    /// # Errors
    /// When there is no such request, as with a damaged key.
    fn request(&self, now_ms: i64) -> Result<Request, Failure>;

    /// What an answer means that gives no token.
    fn judge(&self, answer: &Answer) -> Verdict;
}

/// The part of an answer with a token that counts (RFC 6749 §5.1).
#[derive(Deserialize)]
pub struct Granted {
    /// The token.
    pub access_token: String,
    /// How many seconds it lives.
    #[serde(default = "usual_life")]
    expires_in: i64,
    /// What the next one is asked for with.
    pub(super) refresh_token: Option<String>,
}

fn usual_life() -> i64 {
    LIFE
}

impl Granted {
    /// How many milliseconds it lives.
    pub(super) fn life_ms(&self) -> i64 {
        self.expires_in.clamp(0, LONGEST_LIFE) * 1_000
    }
}

/// Why there is no token.
#[derive(Debug)]
pub struct Ungranted {
    /// In our words.
    pub failure: Failure,
    /// In theirs, where that was the last word.
    pub answer: Option<Answer>,
}

impl From<Failure> for Ungranted {
    fn from(failure: Failure) -> Self {
        Self { failure, answer: None }
    }
}

struct Token {
    header: HeaderValue,
    /// By [`crate::clock::Clock::passed_ms`].
    until_ms: i64,
}

/// What proves that this program asks: an access token, in memory alone.
pub struct AppOnly<G> {
    grantor: G,
    /// To where tokens come from.
    route: Route,
    token: Mutex<Option<Token>>,
}

impl<G: Grantor> AppOnly<G> {
    /// No token yet. `route`: to where tokens come from.
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
    /// Why there is none.
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
        // Held while a token is on its way: whoever comes meanwhile gets the same one.
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
