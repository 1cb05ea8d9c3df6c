//! Tenants admins in with an identity provider: OpenID Connect, authorization code flow with PKCE (RFC 7636).

use super::keys::check_address;
use crate::config::Console;
use crate::outbound::{Client, Limits, Reach, Request};
use crate::random;
use crate::store::Identity;
use anyhow::Context as _;
use openidconnect::core::{CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreProviderMetadata};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use std::pin::Pin;
use std::time::{Duration, UNIX_EPOCH};

/// Most bytes of an answer: discovery documents and key sets have a few thousand.
const MAX_ANSWER: usize = 1024 * 1024;
/// By how much the provider's clock may differ from ours.
const LEEWAY_MS: i64 = 5 * 60_000;
/// Times in tokens are whole seconds, and the provider may have more than one clock.
const SLACK_MS: i64 = 10_000;
/// Most characters that are kept of an account's name there.
const MAX_LABEL: usize = 200;

/// Where the browser is sent, and what must be known when it comes back.
pub struct Begun {
    /// The provider's page.
    pub url: String,
    /// To be kept by the browser, sealed.
    pub pending: Pending,
}

/// What must be known when the browser comes back.
#[derive(Serialize, Deserialize)]
pub struct Pending {
    /// What the provider must repeat.
    pub state: String,
    nonce: String,
    verifier: String,
    /// Why.
    pub purpose: Purpose,
    /// When the browser was sent there, in milliseconds UTC.
    pub begun_ms: i64,
}

/// Why a user is sent to the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// To sign in, and go to this path of the console then.
    SignIn(String),
    /// To accept the invitation with this code.
    Accept(String),
    /// To link the provider's account with that of this session.
    Link(String),
    /// To prove that the person of this session is there: the provider has to ask for their credentials again.
    Prove(String),
}

/// Who the provider says that it is.
pub struct Proven {
    /// The account there.
    pub identity: Identity,
    /// The person's name.
    pub name: Option<String>,
}

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The provider is away, slow, or answers nonsense.
    #[error("the identity provider cannot be used: {0:#}")]
    Unavailable(anyhow::Error),
    /// What came back proves nothing.
    #[error("the identity provider's answer does not hold: {0:#}")]
    Invalid(anyhow::Error),
    /// The provider did not ask for the credentials again.
    #[error("the identity provider's sign-in is an old one: auth_time is from before the browser was sent there")]
    Stale,
    /// The provider does not say when it asked for the credentials.
    #[error("the identity provider's ID token has no auth_time: configure it there as a claim of the ID token")]
    NoAuthTime,
}

/// The identity provider of the console.
#[derive(Clone, Copy, Debug)]
pub struct Provider<'a> {
    /// What reaches it.
    pub outbound: &'a Client,
    /// Which it is.
    pub console: &'a Console,
    /// Where it sends browsers back to.
    pub redirect: &'a str,
}

impl Provider<'_> {
    /// Where to send the browser. Nothing is kept between calls: providers rotate keys and move addresses.
    ///
    /// # Errors
    /// [`OidcError::Unavailable`].
    pub async fn begin(&self, purpose: Purpose) -> Result<Begun, OidcError> {
        let metadata = self.discover().await?;
        let client = self.relying_party(metadata).map_err(OidcError::Unavailable)?;
        let verifier = PkceCodeVerifier::new(random::secret());
        let (state, nonce) = (CsrfToken::new(random::secret()), Nonce::new(random::secret()));
        let mut request = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || state, || nonce)
            .add_scope(Scope::new("profile".into()))
            .add_scope(Scope::new("email".into()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        if matches!(purpose, Purpose::Prove(_)) {
            // OpenID Connect Core 1.0 §3.1.2.1. Whoever has the browser can take both away, so the answer is checked.
            request = request.add_prompt(CoreAuthPrompt::Login).set_max_age(Duration::ZERO);
        }
        let (url, state, nonce) = request.url();
        let pending = Pending {
            state: state.secret().clone(),
            nonce: nonce.secret().clone(),
            verifier: verifier.secret().clone(),
            purpose,
            begun_ms: self.outbound.clock().now_ms(),
        };
        Ok(Begun { url: url.to_string(), pending })
    }

    /// Who came back with `code`.
    ///
    /// # Errors
    /// [`OidcError`].
    pub async fn finish(&self, code: String, pending: &Pending) -> Result<Proven, OidcError> {
        let metadata = self.discover().await?;
        let client = self.relying_party(metadata).map_err(OidcError::Unavailable)?;
        let request = client.exchange_code(AuthorizationCode::new(code)).context("no token endpoint");
        let request = request.map_err(OidcError::Unavailable)?;
        let request = request.set_pkce_verifier(PkceCodeVerifier::new(pending.verifier.clone()));
        let answer = request.request_async(&self.sender()).await.map_err(|error| match error {
            openidconnect::RequestTokenError::Request(error) => OidcError::Unavailable(error.into()),
            other => OidcError::Invalid(other.into()),
        })?;
        let now_ms = self.outbound.clock().now_ms();
        let claims = (|| {
            let token = answer.id_token().context("no id token")?;
            // Runs out a little later than it says, for clocks differ.
            let seconds = u64::try_from((now_ms - LEEWAY_MS) / 1_000)?;
            let now = UNIX_EPOCH + Duration::from_secs(seconds);
            let verifier = client.id_token_verifier().set_time_fn(move || now.into());
            Ok(token.claims(&verifier, &Nonce::new(pending.nonce.clone()))?.clone())
        })();
        let claims = claims.map_err(OidcError::Invalid)?;
        let issued_ms = claims.issue_time().timestamp_millis();
        if issued_ms > now_ms + LEEWAY_MS {
            return Err(OidcError::Invalid(anyhow::anyhow!("the token was issued in the future: check the clocks")));
        }
        if matches!(pending.purpose, Purpose::Prove(_)) {
            let asked_ms = claims.auth_time().ok_or(OidcError::NoAuthTime)?.timestamp_millis();
            if !is_fresh(issued_ms - asked_ms, now_ms - pending.begun_ms) {
                return Err(OidcError::Stale);
            }
        }
        let name = claims.name().and_then(|name| name.get(None)).map(|name| name.as_str().to_owned());
        let called = claims.preferred_username().map(|name| name.as_str().to_owned());
        let called = called.or_else(|| claims.email().map(|email| email.as_str().to_owned())).or_else(|| name.clone());
        let (issuer, subject) = (claims.issuer().to_string(), claims.subject().to_string());
        let label = called.unwrap_or_default().chars().filter(|c| !c.is_control()).take(MAX_LABEL).collect();
        Ok(Proven { identity: Identity { issuer, subject, label }, name })
    }

    async fn discover(&self) -> Result<CoreProviderMetadata, OidcError> {
        let found = async {
            check_address(&self.console.oidc_issuer)?;
            let issuer = IssuerUrl::new(self.console.oidc_issuer.clone())?;
            // Also checks that the document names this very issuer.
            Ok::<_, anyhow::Error>(CoreProviderMetadata::discover_async(issuer, &self.sender()).await?)
        };
        found.await.map_err(OidcError::Unavailable)
    }

    fn relying_party(&self, metadata: CoreProviderMetadata) -> anyhow::Result<RelyingParty> {
        let secret = (!self.console.oidc_client_secret.is_empty())
            .then(|| ClientSecret::new(self.console.oidc_client_secret.clone()));
        let id = ClientId::new(self.console.oidc_client_id.clone());
        Ok(CoreClient::from_provider_metadata(metadata, id, secret)
            .set_redirect_uri(RedirectUrl::new(self.redirect.to_owned())?))
    }

    /// Sends requests to the provider, which is away when it needs longer than the configuration says.
    fn sender(&self) -> impl Fn(HttpRequest) -> Sending + 'static + use<> {
        let time = Duration::from_millis(self.console.oidc_timeout_ms);
        let (outbound, limits) = (self.outbound.clone(), Limits { time, bytes: MAX_ANSWER, redirects: 0 });
        move |request| Box::pin(send(outbound.clone(), request, limits))
    }
}

/// Whether credentials were asked for after the browser was sent there. Both spans are measured with one clock each: by the
/// provider's from asking to issuing the token, by ours from sending the browser there to now.
fn is_fresh(since_asked_ms: i64, since_sent_ms: i64) -> bool {
    (-SLACK_MS..=since_sent_ms + SLACK_MS).contains(&since_asked_ms)
}

type RelyingParty = CoreClient<
    openidconnect::EndpointSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointMaybeSet,
    openidconnect::EndpointMaybeSet,
>;

/// What goes wrong on the way to the provider.
#[derive(Debug, thiserror::Error)]
#[error("{0:#}")]
struct SendError(anyhow::Error);

type Sending = Pin<Box<dyn Future<Output = Result<HttpResponse, SendError>> + Send>>;

/// One request to the provider: over https, and never redirected. The provider says who people are, so it may also say where
/// its parts are.
async fn send(outbound: Client, request: HttpRequest, limits: Limits) -> Result<HttpResponse, SendError> {
    let sent = async {
        let url = request.uri().to_string();
        check_address(&url)?;
        let (parts, body) = request.into_parts();
        let named = parts.headers.iter().map(|(name, value)| (name.clone(), value.clone()));
        let request = Request::new(parts.method, &url).body(body);
        let request = named.fold(request, |request, (name, value)| request.header(name, value));
        let answer = outbound.send(&request, &Reach::fixed([url.as_str()]), limits).await?;
        let mut response = openidconnect::http::Response::builder().status(answer.status);
        for (name, value) in &answer.headers {
            response = response.header(name, value);
        }
        Ok::<_, anyhow::Error>(response.body(answer.body)?)
    };
    sent.await.map_err(SendError)
}
