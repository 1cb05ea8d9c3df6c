//! Asking a source over HTTP: bounded in time and size, never redirected, with a token that is renewed, and patient.

mod patience;

pub(super) use patience::{Patience, retry_after};

use patience::date_ms;

use super::fetched::FetchError;
use crate::clock::Clock;
use crate::random;
use reqwest::header::{DATE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, RequestBuilder};
use serde::de::DeserializeOwned;
use std::error::Error as _;
use std::time::Duration;
use tokio::sync::Mutex;

/// Largest answer in bytes: a page of people or of memberships has some hundred thousand.
const MAX_ANSWER: usize = 32 * 1024 * 1024;
/// Longest text of theirs that is shown to people, in characters.
const MAX_QUOTE: usize = 300;
/// How long before its end a token is renewed, in milliseconds.
const RENEW_MS: i64 = 120_000;

/// Whoever we ask, as far as they differ.
pub(super) trait Neighbour: Send + Sync {
    /// What people call it.
    const NAME: &'static str;

    /// The request for a token.
    fn token_request(&self, client: &Client, now_ms: i64) -> Result<RequestBuilder, FetchError>;

    /// What an answer to it that gives no token means.
    fn judge_token(&self, answer: &Answer) -> Verdict;

    /// What any other answer means. `needs`: the permission that the request needs.
    fn judge(&self, answer: &Answer, needs: &str) -> Verdict;
}

/// What an answer means.
#[derive(Debug)]
pub(super) enum Verdict {
    /// It is the answer.
    Good,
    /// Ask again, after a pause; `otherwise` when that was done often enough.
    Again {
        /// The pause that the source asks for.
        after: Option<Duration>,
        /// What it comes to in the end.
        otherwise: FetchError,
    },
    /// It is the end.
    Fail(FetchError),
}

impl Verdict {
    /// What it means of a request along a link that the source gave.
    pub(super) fn of_link(self, status: u16) -> Self {
        match self {
            Self::Fail(FetchError::Wrong { .. }) if (400..500).contains(&status) => Self::Fail(FetchError::CursorGone),
            verdict => verdict,
        }
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub(super) struct Answer {
    /// Its HTTP status.
    pub(super) status: u16,
    /// Its body.
    pub(super) body: Vec<u8>,
    /// The pause that it asks for.
    pub(super) after: Option<Duration>,
}

/// An access token.
struct Token {
    text: String,
    /// By [`Clock::passed_ms`].
    until_ms: i64,
}

/// Asks one neighbour, with one token after the other.
pub(super) struct Session<N> {
    neighbour: N,
    client: Client,
    clock: Clock,
    token: Mutex<Option<Token>>,
}

/// The part of an answer with a token that counts (RFC 6749 §5.1).
#[derive(serde::Deserialize)]
pub(super) struct Granted {
    /// The token.
    pub(super) access_token: String,
    /// How many seconds it lives.
    expires_in: i64,
}

/// Why there is no token.
#[derive(Debug)]
pub(super) struct Ungranted {
    /// In our words.
    pub(super) error: FetchError,
    /// In theirs, where that was the last word.
    pub(super) answer: Option<Answer>,
}

impl From<FetchError> for Ungranted {
    fn from(error: FetchError) -> Self {
        Self { error, answer: None }
    }
}

impl<N: Neighbour> Session<N> {
    /// Nothing is asked yet. `limit`: how long each request may take.
    pub(super) fn new(neighbour: N, limit: Duration, clock: Clock) -> Result<Self, FetchError> {
        let client = Client::builder()
            .timeout(limit)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("Paraph/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| FetchError::wrong(format!("no request can be made: {error}")))?;
        Ok(Self { neighbour, client, clock, token: Mutex::default() })
    }

    /// Whom it asks.
    pub(super) fn neighbour(&self) -> &N {
        &self.neighbour
    }

    /// Where its time comes from.
    pub(super) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Asks until there is an answer that says something. `make`: the request without its token, for each try anew.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        needs: &str,
        make: impl Fn(&Client) -> RequestBuilder,
    ) -> Result<T, FetchError> {
        self.until_good(make, |answer| read::<N, T>(answer, self.neighbour.judge(answer, needs))).await
    }

    /// As [`Session::ask`], along a link that the source gave. What is refused for another reason than who asks or how often
    /// is the link: [`FetchError::CursorGone`].
    pub(super) async fn follow<T: DeserializeOwned>(
        &self,
        needs: &str,
        make: impl Fn(&Client) -> RequestBuilder,
    ) -> Result<T, FetchError> {
        let judge = |answer: &Answer| read::<N, T>(answer, self.neighbour.judge(answer, needs).of_link(answer.status));
        self.until_good(make, judge).await
    }

    /// As [`Session::ask`], for what may be gone by now (404).
    pub(super) async fn ask_if_there<T: DeserializeOwned>(
        &self,
        needs: &str,
        make: impl Fn(&Client) -> RequestBuilder,
    ) -> Result<Option<T>, FetchError> {
        let judge = |answer: &Answer| match answer.status {
            404 => Ok(None),
            _ => read::<N, T>(answer, self.neighbour.judge(answer, needs)).map(Some),
        };
        self.until_good(make, judge).await
    }

    async fn until_good<T>(
        &self,
        make: impl Fn(&Client) -> RequestBuilder,
        read: impl Fn(&Answer) -> Result<T, Verdict>,
    ) -> Result<T, FetchError> {
        let mut patience = Patience::default();
        let mut is_renewed = false;
        loop {
            let token = self.token().await?;
            let said = match self.once(make(&self.client).bearer_auth(&token)).await {
                Ok(answer) if answer.status == 401 && !is_renewed => {
                    is_renewed = true;
                    self.forget(&token).await;
                    continue;
                }
                Ok(answer) => read(&answer),
                Err(verdict) => Err(verdict),
            };
            match said {
                Ok(said) => return Ok(said),
                Err(verdict) => self.pause(&mut patience, verdict).await?,
            }
        }
    }

    /// Waits as a verdict says, or fails with it.
    pub(super) async fn pause(&self, patience: &mut Patience, verdict: Verdict) -> Result<(), FetchError> {
        let (after, otherwise) = match verdict {
            Verdict::Good => return Ok(()),
            Verdict::Again { after, otherwise } => (after, otherwise),
            Verdict::Fail(error) => return Err(error),
        };
        let dice = f64::from(u32::from_le_bytes(random::bytes())) / f64::from(u32::MAX);
        let pause = patience.next(after, otherwise, dice)?;
        tracing::info!(source = N::NAME, pause_ms = pause.as_millis(), "a directory source is asked again");
        self.clock.sleep(pause).await;
        Ok(())
    }

    /// Asks for a token, whatever is at hand; not kept.
    pub(super) async fn grant(&self) -> Result<Granted, Ungranted> {
        let mut patience = Patience::default();
        loop {
            let request = self.neighbour.token_request(&self.client, self.clock.now_ms())?;
            let verdict = match self.once(request).await {
                Ok(answer) if answer.status == 200 => match parse::<N, Granted>(&answer.body) {
                    Ok(granted) => return Ok(granted),
                    Err(otherwise) => Verdict::Again { after: None, otherwise },
                },
                Ok(answer) => match self.neighbour.judge_token(&answer) {
                    Verdict::Fail(error) => return Err(Ungranted { error, answer: Some(answer) }),
                    verdict => verdict,
                },
                Err(verdict) => verdict,
            };
            self.pause(&mut patience, verdict).await?;
        }
    }

    async fn token(&self) -> Result<String, FetchError> {
        let mut kept = self.token.lock().await;
        if let Some(token) = kept.as_ref().filter(|token| token.until_ms - RENEW_MS > self.clock.passed_ms()) {
            return Ok(token.text.clone());
        }
        let granted = self.grant().await.map_err(|ungranted| ungranted.error)?;
        let lives_ms = granted.expires_in.clamp(0, 86_400) * 1_000;
        *kept = Some(Token { text: granted.access_token.clone(), until_ms: self.clock.passed_ms() + lives_ms });
        Ok(granted.access_token)
    }

    /// Forgets a token that is not accepted any more.
    async fn forget(&self, refused: &str) {
        let mut kept = self.token.lock().await;
        if kept.as_ref().is_some_and(|token| token.text == refused) {
            *kept = None;
        }
    }

    /// One request, once.
    async fn once(&self, request: RequestBuilder) -> Result<Answer, Verdict> {
        let mut answer = request.send().await.map_err(unreachable::<N>)?;
        let (status, after) = (answer.status().as_u16(), self.asked_pause(answer.headers()));
        if (300..400).contains(&status) {
            return Err(Verdict::Fail(FetchError::wrong(format!(
                "{} sends us elsewhere (HTTP {status}), where no token may go: correct the address in [directory] of the \
                 configuration",
                N::NAME
            ))));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(unreachable::<N>)? {
            if body.len() + chunk.len() > MAX_ANSWER {
                let detail = format!("{} answers with more than {MAX_ANSWER} bytes at once", N::NAME);
                return Err(Verdict::Fail(FetchError::wrong(detail)));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, body, after })
    }

    fn asked_pause(&self, headers: &HeaderMap) -> Option<Duration> {
        let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        // Whoever asks for a pause until a time goes by their own clock.
        retry_after(text(RETRY_AFTER), text(DATE).and_then(date_ms).unwrap_or_else(|| self.clock.now_ms()))
    }
}

impl Answer {
    /// What statuses mean to everybody (RFC 9110 §15): come again, or nothing in particular.
    pub(super) fn usual_verdict(&self, name: &str) -> Option<Verdict> {
        let otherwise = match self.status {
            429 => FetchError::Throttled { retry_ms: 0 },
            408 | 500..600 => FetchError::away(format!("{name} does not work right now (HTTP {})", self.status)),
            _ => return None,
        };
        Some(Verdict::Again { after: self.after, otherwise })
    }
}

/// The connection failed, was cut or took too long. Names the host: tokens come from another one than answers.
fn unreachable<N: Neighbour>(error: reqwest::Error) -> Verdict {
    let host = error.url().and_then(|url| url.host_str()).unwrap_or_default().to_owned();
    let reason = if error.is_timeout() { "no answer in time".to_owned() } else { innermost(&error.without_url()) };
    let detail = format!("{} cannot be reached at {host}: {reason}", N::NAME);
    Verdict::Again { after: None, otherwise: FetchError::away(detail) }
}

fn innermost(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = error.to_string();
        source = error.source();
    }
    quote(&text)
}

/// A good answer's content; nonsense may be a passing disturbance.
fn read<N: Neighbour, T: DeserializeOwned>(answer: &Answer, verdict: Verdict) -> Result<T, Verdict> {
    match verdict {
        Verdict::Good => parse::<N, T>(&answer.body).map_err(|otherwise| Verdict::Again { after: None, otherwise }),
        other => Err(other),
    }
}

fn parse<N: Neighbour, T: DeserializeOwned>(body: &[u8]) -> Result<T, FetchError> {
    let nonsense = |error: serde_json::Error| {
        let what = format!("line {} column {}", error.line(), error.column());
        FetchError::wrong(format!("{} answers something that is not what it documents ({what})", N::NAME))
    };
    serde_json::from_slice(body).map_err(nonsense)
}

/// The beginning of a text of theirs, on one line.
pub(super) fn quote(text: &str) -> String {
    let text = text.lines().next().unwrap_or_default();
    text.chars().filter(|letter| !letter.is_control()).take(MAX_QUOTE).collect::<String>().trim().to_owned()
}
