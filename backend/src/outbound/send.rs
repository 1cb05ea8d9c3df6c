//! Sending one request once, within its allowed targets, time and size.

use super::request::{Answer, Body, Request};
use super::resolve::{Names, Resolver};
use super::target::{Filter, Reach, Refusal, Target, Why, host, origin};
use super::unreachable::{self, Unreachable};
use super::{Cause, retry_after};
use crate::clock::Clock;
use crate::config;
use futures_util::{StreamExt as _, stream};
use reqwest::header::{CONTENT_LENGTH, LOCATION};
use reqwest::tls::TlsInfo;
use reqwest::{Method, NoProxy, Proxy, Response, Url, redirect};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Limits of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Time limit, from resolving the name to the last byte of the answer, including redirects.
    pub time: Duration,
    /// Maximum size of the answer's body in bytes.
    pub bytes: usize,
    /// Number of redirects that GET and HEAD follow; a redirect that is not followed is the answer.
    pub redirects: usize,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The target is not allowed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The server does not answer.
    #[error("{0}")]
    Unreachable(Unreachable),
    /// The answer has more bytes than this.
    #[error("the answer has more than {0} bytes")]
    TooLarge(usize),
    /// Too many redirects.
    #[error("there were more than {0} redirects")]
    Circle(usize),
    /// A header contains invalid characters.
    #[error("the request has a header that cannot be sent")]
    Broken,
    /// The client cannot be created, for example because the system's certificates cannot be read.
    #[error("the request cannot be created: {0}")]
    Client(String),
}

/// The HTTP client of this server. Cheap to clone; connections are shared.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    settings: config::Outbound,
    names: Names,
    clock: Clock,
    trusted: OnceLock<Result<reqwest::Client, String>>,
    public: OnceLock<Result<reqwest::Client, String>>,
    allowed: OnceLock<Result<reqwest::Client, String>>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}

impl Client {
    /// A client with the settings of `[outbound]`. `clock`: for pauses.
    pub fn new(settings: &config::Outbound, clock: &Clock) -> Self {
        Self::with_names(settings, clock, Names::default())
    }

    /// A client without a proxy, for servers on this machine.
    pub fn direct(clock: &Clock) -> Self {
        Self::new(&config::Outbound::default(), clock)
    }

    pub(super) fn with_names(settings: &config::Outbound, clock: &Clock, names: Names) -> Self {
        let [trusted, public, allowed] = [(); 3].map(|()| OnceLock::new());
        Self(Arc::new(Inner { settings: settings.clone(), names, clock: clock.clone(), trusted, public, allowed }))
    }

    /// The client's clock.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Sends a request to its address and, for GET and HEAD, follows redirects. Each address is checked, and secrets in
    /// the request go only to the first origin.
    ///
    /// # Errors
    /// [`SendError`]. Statuses are answers.
    pub async fn send(&self, request: &Request, reach: &Reach, limits: Limits) -> Result<Answer, SendError> {
        let first = Target::parse(&request.url, reach, &self.0.settings.allow)?;
        let asked = host(&first.url);
        // Boxed, because this future is awaited in many layers.
        let answered = Box::pin(self.follow(request.clone(), first, reach, limits));
        tokio::time::timeout(limits.time, answered).await.unwrap_or_else(|_| {
            let cause = Cause::Timeout(limits.time);
            Err(SendError::Unreachable(Unreachable { host: asked, cause, is_unsent: false }))
        })
    }

    async fn follow(
        &self,
        mut request: Request,
        mut target: Target,
        reach: &Reach,
        limits: Limits,
    ) -> Result<Answer, SendError> {
        if request.is_broken {
            return Err(SendError::Broken);
        }
        if *reach == Reach::Probe && (request.method != Method::GET || request.has_secrets()) {
            return Err(Refusal { host: host(&target.url), why: Why::Credentials }.into());
        }
        let is_followed = limits.redirects > 0 && *reach != Reach::Probe;
        let is_followed = is_followed && matches!(request.method, Method::GET | Method::HEAD);
        for _ in 0..=limits.redirects {
            let response = self.hop(&request, &target, limits).await?;
            let next = next(&target.url, &response).filter(|_| is_followed);
            let Some(next) = next else { return self.read(&target.url, response, limits).await };
            let next = Target::parse(next.as_str(), reach, &self.0.settings.allow)?;
            if origin(&next.url) != origin(&target.url) {
                request.drop_secrets();
            }
            target = next;
        }
        Err(SendError::Circle(limits.redirects))
    }

    async fn hop(&self, request: &Request, target: &Target, limits: Limits) -> Result<Response, SendError> {
        let client = self.client(target.filter)?;
        let mut sent = client.request(request.method.clone(), target.url.clone()).headers(request.headers.clone());
        sent = match &request.body {
            Body::None => sent,
            Body::Bytes(bytes) => sent.body(bytes.clone()),
            Body::Announced(bytes) => {
                let never_ends = stream::once(async { Ok::<_, std::io::Error>("a") }).chain(stream::pending());
                sent.header(CONTENT_LENGTH, *bytes).body(reqwest::Body::wrap_stream(never_ends))
            }
        };
        sent.send().await.map_err(|error| failed(&target.url, &error, limits))
    }

    async fn read(&self, url: &Url, mut response: Response, limits: Limits) -> Result<Answer, SendError> {
        let certificate = response.extensions().get::<TlsInfo>().and_then(|info| info.peer_certificate());
        let certificate = certificate.map(<[u8]>::to_vec);
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| failed(url, &error, limits))? {
            if body.len() + chunk.len() > limits.bytes {
                return Err(SendError::TooLarge(limits.bytes));
            }
            body.extend_from_slice(&chunk);
        }
        let after = retry_after(&headers, self.0.clock.now_ms());
        Ok(Answer { status, headers, body, after, certificate })
    }

    fn client(&self, filter: Filter) -> Result<&reqwest::Client, SendError> {
        let place = match filter {
            Filter::Trusted => &self.0.trusted,
            Filter::Public => &self.0.public,
            Filter::Allowed => &self.0.allowed,
        };
        let built = place.get_or_init(|| self.build(filter).map_err(|error| error.to_string()));
        built.as_ref().map_err(|error| SendError::Client(error.clone()))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one client")]
    fn build(&self, filter: Filter) -> reqwest::Result<reqwest::Client> {
        let Inner { settings, names, .. } = &*self.0;
        let builder = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .tls_info(true)
            .user_agent(concat!("Paraph/", env!("CARGO_PKG_VERSION")));
        match filter {
            Filter::Trusted if settings.proxy.is_empty() => builder,
            Filter::Trusted => {
                let here = NoProxy::from_string("localhost,127.0.0.0/8,::1");
                builder.proxy(Proxy::all(&settings.proxy)?.no_proxy(here))
            }
            Filter::Public | Filter::Allowed => {
                builder.dns_resolver(Resolver { names: names.clone(), filter, allow: settings.allow.clone() })
            }
        }
        .build()
    }
}

/// Target of a redirect.
fn next(from: &Url, response: &Response) -> Option<Url> {
    if !matches!(response.status().as_u16(), 301..=303 | 307 | 308) {
        return None;
    }
    from.join(response.headers().get(LOCATION)?.to_str().ok()?).ok()
}

fn failed(url: &Url, error: &reqwest::Error, limits: Limits) -> SendError {
    match unreachable::refusal(error) {
        Some(refusal) => refusal.into(),
        None => SendError::Unreachable(Unreachable::new(host(url), error, limits.time)),
    }
}
