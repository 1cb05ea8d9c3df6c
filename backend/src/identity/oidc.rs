//! Sign-in with an identity provider: OpenID Connect, authorization code flow with PKCE (RFC 7636).

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

/// Maximum size of an answer in bytes: discovery documents and key sets have a few thousand.
const MAX_ANSWER: usize = 1024 * 1024;
/// Tolerated difference between the provider's clock and ours.
const LEEWAY_MS: i64 = 5 * 60_000;
/// Tolerance for times in tokens, which are in seconds and may come from several clocks of the provider.
const SLACK_MS: i64 = 10_000;
/// Maximum number of stored characters of an account's name at the provider.
const MAX_LABEL: usize = 200;

/// A started sign-in: the address for the browser, and the data for its return.
pub struct Begun {
    /// Address of the provider's page.
    pub url: String,
    /// Data that the browser stores, sealed.
    pub pending: Pending,
}

/// Data that is needed when the browser returns.
#[derive(Serialize, Deserialize)]
pub struct Pending {
    /// State that the provider must repeat.
    pub state: String,
    nonce: String,
    verifier: String,
    /// Purpose of the sign-in.
    pub purpose: Purpose,
    /// When the browser was sent to the provider, in milliseconds UTC.
    pub begun_ms: i64,
}

/// Why a user is sent to the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// To sign in, and then open this path of the console.
    SignIn(String),
    /// To accept the invitation with this code.
    Accept(String),
    /// To link the provider's account to the account of this session.
    Link(String),
    /// To confirm the user of this session: the provider has to ask for their credentials again.
    Prove(String),
}

/// The account that the provider authenticated.
pub struct Proven {
    /// The account at the provider.
    pub identity: Identity,
    /// The person's name.
    pub name: Option<String>,
}

/// Why the sign-in failed.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The provider is unreachable, slow, or returns invalid answers.
    #[error("the identity provider cannot be used: {0:#}")]
    Unavailable(anyhow::Error),
    /// The provider's answer is not valid.
    #[error("the identity provider's answer is invalid: {0:#}")]
    Invalid(anyhow::Error),
    /// The provider did not ask for the credentials again.
    #[error("the identity provider did not ask for a new sign-in: auth_time is earlier than the request")]
    Stale,
    /// The provider does not report when it asked for the credentials.
    #[error("the identity provider's ID token has no auth_time: add this claim to the ID token at the provider")]
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
    /// Starts a sign-in. Nothing is cached between calls, because providers rotate keys and change addresses.
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

    /// Completes a sign-in with `code`.
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

    /// Sends requests to the provider, which counts as unreachable if it takes longer than configured.
    fn sender(&self) -> impl Fn(HttpRequest) -> Sending + 'static + use<> {
        let time = Duration::from_millis(self.console.oidc_timeout_ms);
        let (outbound, limits) = (self.outbound.clone(), Limits { time, bytes: MAX_ANSWER, redirects: 0 });
        move |request| Box::pin(send(outbound.clone(), request, limits))
    }
}

/// Whether the provider asked for credentials after the browser was sent there. Each duration is measured by one clock: by
/// the provider's, from asking to issuing the token; by ours, from sending the browser to now.
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

/// An error of a request to the provider.
#[derive(Debug, thiserror::Error)]
#[error("{0:#}")]
struct SendError(anyhow::Error);

type Sending = Pin<Box<dyn Future<Output = Result<HttpResponse, SendError>> + Send>>;

/// Sends one request to the provider, over https and without redirects. The provider is trusted to authenticate people, so it
/// is also trusted to name its own endpoints.
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
