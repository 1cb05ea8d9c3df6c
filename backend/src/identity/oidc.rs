//! Signing admins in with an identity provider: OpenID Connect, authorization code flow with PKCE (RFC 7636).

use super::keys::check_address;
use crate::config::Console;
use anyhow::Context as _;
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata};
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
    /// Where to go afterwards: a path of the console.
    pub back: String,
    /// The code of an invitation to accept.
    pub invitation: Option<String>,
    /// The account to link with the provider's.
    pub link: Option<String>,
    /// When it is too late, in milliseconds UTC.
    pub until_ms: i64,
}

/// Whom the provider says that it is.
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// What it calls them: stable, unlike an address.
    pub subject: String,
    /// What they are called.
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
}

/// Where to send the browser. Nothing is kept between calls: providers rotate keys and move addresses.
///
/// # Errors
/// [`OidcError::Unavailable`].
pub async fn begin(console: &Console, redirect: &str) -> Result<Begun, OidcError> {
    let metadata = discover(console).await?;
    let client = client(console, metadata, redirect).map_err(OidcError::Unavailable)?;
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state, nonce) = client
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
        .add_scope(Scope::new("profile".into()))
        .add_scope(Scope::new("email".into()))
        .set_pkce_challenge(challenge)
        .url();
    let pending = Pending {
        state: state.secret().clone(),
        nonce: nonce.secret().clone(),
        verifier: verifier.secret().clone(),
        back: String::new(),
        invitation: None,
        link: None,
        until_ms: 0,
    };
    Ok(Begun { url: url.to_string(), pending })
}

/// Who came back with `code`.
///
/// # Errors
/// [`OidcError`].
pub async fn finish(
    console: &Console,
    redirect: &str,
    (code, pending): (String, &Pending),
    now_ms: i64,
) -> Result<Identity, OidcError> {
    let metadata = discover(console).await?;
    let client = client(console, metadata, redirect).map_err(OidcError::Unavailable)?;
    let request = client.exchange_code(AuthorizationCode::new(code)).context("no token endpoint");
    let request = request.map_err(OidcError::Unavailable)?;
    let request = request.set_pkce_verifier(PkceCodeVerifier::new(pending.verifier.clone()));
    let answer = request.request_async(&sender(console)).await.map_err(|error| match error {
        openidconnect::RequestTokenError::Request(error) => OidcError::Unavailable(error.into()),
        other => OidcError::Invalid(other.into()),
    })?;
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
    let name = claims.name().and_then(|name| name.get(None)).map(|name| name.as_str().to_owned());
    Ok(Identity { issuer: claims.issuer().to_string(), subject: claims.subject().to_string(), name })
}

async fn discover(console: &Console) -> Result<CoreProviderMetadata, OidcError> {
    let found = async {
        check_address(&console.oidc_issuer)?;
        let issuer = IssuerUrl::new(console.oidc_issuer.clone())?;
        // Also checks that the document names this very issuer.
        Ok::<_, anyhow::Error>(CoreProviderMetadata::discover_async(issuer, &sender(console)).await?)
    };
    found.await.map_err(OidcError::Unavailable)
}

type Client = CoreClient<
    openidconnect::EndpointSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointMaybeSet,
    openidconnect::EndpointMaybeSet,
>;

fn client(console: &Console, metadata: CoreProviderMetadata, redirect: &str) -> anyhow::Result<Client> {
    let secret =
        (!console.oidc_client_secret.is_empty()).then(|| ClientSecret::new(console.oidc_client_secret.clone()));
    let id = ClientId::new(console.oidc_client_id.clone());
    Ok(CoreClient::from_provider_metadata(metadata, id, secret)
        .set_redirect_uri(RedirectUrl::new(redirect.to_owned())?))
}

/// What goes wrong on the way to the provider.
#[derive(Debug, thiserror::Error)]
#[error("{0:#}")]
struct SendError(anyhow::Error);

/// Sends requests to the provider, which is away when it needs longer than the configuration says.
fn sender(console: &Console) -> impl Fn(HttpRequest) -> Sending + 'static {
    let limit = Duration::from_millis(console.oidc_timeout_ms);
    move |request| Box::pin(send(request, limit))
}

type Sending = Pin<Box<dyn Future<Output = Result<HttpResponse, SendError>> + Send>>;

/// One request to the provider: bounded in time and size, over https, and never redirected.
async fn send(request: HttpRequest, limit: Duration) -> Result<HttpResponse, SendError> {
    let sent = async {
        check_address(&request.uri().to_string())?;
        let client = reqwest::Client::builder().timeout(limit).redirect(reqwest::redirect::Policy::none()).build()?;
        let (parts, body) = request.into_parts();
        let request = client.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body);
        let mut answer = request.send().await?;
        let mut response = openidconnect::http::Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            response = response.header(name, value);
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            anyhow::ensure!(body.len() + chunk.len() <= MAX_ANSWER, "the answer is too large");
            body.extend_from_slice(&chunk);
        }
        Ok::<_, anyhow::Error>(response.body(body)?)
    };
    sent.await.map_err(SendError)
}
