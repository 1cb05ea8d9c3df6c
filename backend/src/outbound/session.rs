//! Requests to a foreign system with an identity: sends credentials, renews them once, and retries.

use super::patience::Patience;
use super::request::{Answer, Request};
use super::send::{Client, Limits, SendError};
use super::target::Reach;
use super::verdict::{Failure, Verdict};
use crate::random;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde::de::DeserializeOwned;

/// A route to a server.
#[derive(Clone, Debug)]
pub struct Route {
    /// Name of the server for people.
    pub name: &'static str,
    /// The HTTP client.
    pub client: Client,
    /// Allowed targets.
    pub reach: Reach,
    /// Limits of each request.
    pub limits: Limits,
}

impl Route {
    /// Sends one request once.
    pub(super) async fn send(&self, request: &Request) -> Result<Answer, SendError> {
        self.client.send(request, &self.reach, self.limits).await
    }

    /// Waits as the verdict says, or fails with it.
    ///
    /// # Errors
    /// The failure.
    pub async fn pause(&self, patience: &mut Patience, verdict: Verdict) -> Result<(), Failure> {
        let (after, otherwise) = match verdict {
            Verdict::Ok => return Ok(()),
            Verdict::Later { after, otherwise } => (after, otherwise),
            Verdict::Renew(failure) | Verdict::Fail(failure) => return Err(failure),
        };
        let dice = f64::from(u32::from_le_bytes(random::bytes())) / f64::from(u32::MAX);
        let pause = patience.next(after, otherwise, dice)?;
        tracing::info!(server = self.name, pause_ms = pause.as_millis(), "a server is asked again");
        self.client.clock().sleep(pause).await;
        Ok(())
    }
}

/// Credentials for requests.
pub trait Credentials: Send + Sync {
    /// The `Authorization` header for the next request, marked as sensitive.
    ///
    /// # Errors
    /// When there are no credentials.
    fn authorization(&self) -> impl Future<Output = Result<HeaderValue, Failure>> + Send;

    /// Records that a header is no longer accepted, so that [`Credentials::authorization`] returns another one next.
    ///
    /// # Errors
    /// `otherwise`, or another failure, if there cannot be another one.
    fn renew(&self, refused: &HeaderValue, otherwise: Failure) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// Makes requests to one server with an identity.
#[derive(Debug)]
pub struct Session<C> {
    route: Route,
    credentials: C,
}

impl<C: Credentials> Session<C> {
    /// Creates a session without sending a request.
    pub fn new(route: Route, credentials: C) -> Self {
        Self { route, credentials }
    }

    /// The route to the server.
    pub fn route(&self) -> &Route {
        &self.route
    }

    /// The identity of the requests.
    pub fn credentials(&self) -> &C {
        &self.credentials
    }

    /// Sends the request until there is a usable answer: `read` extracts what is needed from an answer, or says what
    /// the answer means instead. A request that may already have taken effect is not repeated
    /// ([`Request::repeatable`]).
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn ask<T>(&self, request: &Request, read: impl Fn(&Answer) -> Result<T, Verdict>) -> Result<T, Failure> {
        let mut patience = Patience::default();
        let mut is_renewed = false;
        loop {
            let authorization = self.credentials.authorization().await?;
            let sent = self.route.send(&request.clone().header(AUTHORIZATION, authorization.clone())).await;
            let verdict = match sent.as_ref().map(|answer| (answer, self.read(answer, &read))) {
                Ok((_, Ok(said))) => return Ok(said),
                Ok((answer, Err(verdict))) if !request.is_repeatable() => verdict.of_unrepeatable(answer.status),
                Ok((_, Err(verdict))) => verdict,
                Err(error) if !request.is_repeatable() && !is_unsent(error) => {
                    Verdict::of_error(error, self.route.name).of_unrepeatable(0)
                }
                Err(error) => Verdict::of_error(error, self.route.name),
            };
            match verdict {
                Verdict::Renew(otherwise) if !is_renewed => {
                    is_renewed = true;
                    self.credentials.renew(&authorization, otherwise).await?;
                }
                verdict => self.route.pause(&mut patience, verdict).await?,
            }
        }
    }

    /// Like [`Session::ask`], for JSON. `judge`: classifies an answer.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn ask_json<T: DeserializeOwned>(
        &self,
        request: &Request,
        judge: impl Fn(&Answer) -> Verdict,
    ) -> Result<T, Failure> {
        self.ask(request, |answer| self.json(answer, judge(answer))).await
    }

    /// Like [`Session::ask_json`]; `None` if the resource does not exist (404).
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn ask_json_if_there<T: DeserializeOwned>(
        &self,
        request: &Request,
        judge: impl Fn(&Answer) -> Verdict,
    ) -> Result<Option<T>, Failure> {
        let read = |answer: &Answer| match answer.status {
            404 => Ok(None),
            _ => self.json(answer, judge(answer)).map(Some),
        };
        self.ask(request, read).await
    }

    fn json<T: DeserializeOwned>(&self, answer: &Answer, verdict: Verdict) -> Result<T, Verdict> {
        match verdict {
            Verdict::Ok => answer.json().map_err(|what| Verdict::nonsense(self.route.name, &what)),
            other => Err(other),
        }
    }

    fn read<T>(&self, answer: &Answer, read: impl Fn(&Answer) -> Result<T, Verdict>) -> Result<T, Verdict> {
        if answer.is_redirect() {
            return Err(Verdict::Fail(Failure::wrong(format!(
                "{} redirects to another address (HTTP {}), which must not receive credentials: correct the address in \
                 the configuration",
                self.route.name, answer.status
            ))));
        }
        read(answer)
    }
}

fn is_unsent(error: &SendError) -> bool {
    matches!(error, SendError::Unreachable(unreachable) if unreachable.is_unsent)
}
