//! Authentication: bearer tokens of Entra ID; passwords, second factors and OpenID Connect for the console.

mod codes;
mod keys;
/// Sign-in with an identity provider.
pub mod oidc;
/// Passwords of local accounts.
pub mod password;
mod refusal;
mod token;
mod verified;
/// Authenticator apps and recovery codes.
pub mod totp;

pub use codes::{Codes, Grant};
pub use keys::KeysUnavailable;
pub(crate) use keys::check_address;
pub use refusal::Refusal;
pub use token::{MAX_TOKEN, Subject};

use crate::clock::Clock;
use crate::config;
use crate::outbound::Client;
use keys::{Freshness, Keys};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use token::Expected;
use verified::{Held, Verified};

/// Hash for storing our own secrets, in lower-case hexadecimal. One round is enough, because they have 256 random bits.
pub fn digest(secret: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(secret.as_bytes()).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Checks access tokens of one authority for one add-in.
pub struct Verifier {
    expected: Expected,
    keys: Arc<Keys>,
    verified: Verified,
}

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The token is not valid.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// No token can be checked yet.
    #[error(transparent)]
    Unavailable(#[from] KeysUnavailable),
}

impl Verifier {
    /// A verifier of tokens that the tenants of `identity.authority_host` issue for `identity.client_id`. Nothing is fetched
    /// before the first token arrives.
    ///
    /// # Errors
    /// When the authority is not an https address (http on loopback is allowed), or there is no client id.
    pub fn new(identity: &config::Identity, client: &Client) -> anyhow::Result<Self> {
        Self::with_authority(identity, &format!("{}/organizations", identity.authority_host), client)
    }

    /// Like [`Verifier::new`], with the discovery document below `authority`.
    ///
    /// # Errors
    /// See [`Verifier::new`].
    pub fn with_authority(identity: &config::Identity, authority: &str, client: &Client) -> anyhow::Result<Self> {
        anyhow::ensure!(
            !identity.client_id.is_empty(),
            "identity.client_id is empty: set it to the application (client) id of the app registration in Entra"
        );
        keys::check_address(authority)?;
        let milliseconds = |seconds: u64| i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX);
        let freshness = Freshness {
            refresh_ms: milliseconds(identity.keys_refresh_seconds),
            retry_ms: milliseconds(identity.keys_retry_seconds),
        };
        let url = format!("{authority}/v2.0/.well-known/openid-configuration");
        let keys = Arc::new(Keys::new(url, freshness, client.clone()));
        Ok(Self { expected: Expected::new(identity), keys, verified: Verified::default() })
    }

    /// Checks a token at the current time: everything except whether its tenant and user exist here.
    ///
    /// # Errors
    /// [`VerifyError::Refused`] with the reason, or [`VerifyError::Unavailable`] while the authority's keys were never
    /// fetched.
    pub async fn verify(&self, token: &str, clock: &Clock) -> Result<Arc<Subject>, VerifyError> {
        if let Some(held) = self.verified.get(token) {
            let keys = self.keys.with(&held.kid, clock.passed_ms()).await?;
            if let Some(subject) = held.subject(&keys, clock.now_ms()) {
                return Ok(subject);
            }
        }
        let parsed = token::parse(token)?;
        let keys = self.keys.with(&parsed.kid, clock.passed_ms()).await?;
        let (subject, window) = token::check(&parsed, &keys, &self.expected, clock.now_ms())?;
        let subject = Arc::new(subject);
        let kid = keys.id(&parsed.kid);
        let held = Held { kid, keys: Arc::downgrade(&keys), window, subject: Arc::clone(&subject) };
        self.verified.keep(token, held);
        Ok(subject)
    }
}

/// The token in an `Authorization` header.
///
/// # Errors
/// When the header is absent, of another scheme, or has an empty token.
pub fn bearer(header: Option<&[u8]>) -> Result<&str, Refusal> {
    let header = header.ok_or(Refusal::Missing)?;
    let header = std::str::from_utf8(header).map_err(|_| Refusal::Malformed)?;
    let (scheme, token) = header.split_once(' ').ok_or(Refusal::NotBearer)?;
    let token = token.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
        return Err(Refusal::NotBearer);
    }
    Ok(token)
}
