//! The authority's signing keys: found by OpenID Connect discovery, cached, and fetched again when a token names an unknown
//! key.

use crate::outbound::{Client, Limits, Reach, Request};
use arc_swap::ArcSwapOption;
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMutexGuard};

/// Minimum time between two fetches while there are no keys and nobody can sign in.
const FIRST_RETRY_MS: i64 = 5 * 1000;
/// Limits for a document of the authority; Microsoft's have about 20,000 bytes.
const LIMITS: Limits = Limits { time: Duration::from_secs(5), bytes: 1024 * 1024, redirects: 0 };

/// The keys of one fetch, and the issuer that belongs to them.
pub(super) struct KeySet {
    keys: HashMap<Arc<str>, ParsedPublicKey>,
    /// Text before and after the tenant id in the issuer; the second is `None` for an issuer without a placeholder.
    issuer: (String, Option<String>),
    /// Time of the fetch, by the monotonic clock ([`crate::clock::Clock::passed_ms`]), like all times here.
    fetched_at: i64,
}

/// No keys were ever fetched, so no token can be accepted or refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sign-in authority's keys cannot be fetched")]
pub struct KeysUnavailable;

/// When keys are fetched again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Freshness {
    /// Age in milliseconds at which keys are fetched again in any case, so that withdrawn keys are dropped.
    pub(super) refresh_ms: i64,
    /// Minimum time between two fetches, so that tokens with invented key ids do not cause requests to the authority.
    pub(super) retry_ms: i64,
}

/// The keys of one authority.
pub(super) struct Keys {
    discovery_url: String,
    freshness: Freshness,
    client: Client,
    current: ArcSwapOption<KeySet>,
    /// Start of the last fetch; locked during a fetch, so that all callers wait for the same one.
    last_attempt: Arc<Mutex<Option<i64>>>,
    renewing: AtomicBool,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    #[serde(default, rename = "use")]
    usage: Option<String>,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    n: Option<String>,
    #[serde(default)]
    e: Option<String>,
}

impl KeySet {
    /// The key with this id.
    pub(super) fn get(&self, kid: &str) -> Option<&ParsedPublicKey> {
        self.keys.get(kid)
    }

    /// A key's id, shared by all tokens that it signed.
    pub(super) fn id(&self, kid: &str) -> Arc<str> {
        self.keys.get_key_value(kid).map_or_else(|| kid.into(), |(id, _)| Arc::clone(id))
    }

    /// Whether `iss` is the authority's issuer for the tenant `tid`.
    pub(super) fn is_issuer(&self, iss: &str, tid: &str) -> bool {
        match &self.issuer {
            (whole, None) => iss == whole,
            (before, Some(after)) => {
                iss.strip_prefix(before.as_str()).and_then(|rest| rest.strip_suffix(after.as_str())) == Some(tid)
            }
        }
    }

    fn new(issuer: &str, jwks: Jwks, fetched_at: i64) -> Self {
        let issuer = match issuer.split_once("{tenantid}") {
            Some((before, after)) => (before.to_owned(), Some(after.to_owned())),
            None => (issuer.to_owned(), None),
        };
        let keys = jwks.keys.into_iter().filter_map(parse_key).collect();
        Self { keys, issuer, fetched_at }
    }
}

/// A key that can verify RS256; others are ignored.
fn parse_key(jwk: Jwk) -> Option<(Arc<str>, ParsedPublicKey)> {
    if jwk.kty != "RSA" || jwk.usage.is_some_and(|usage| usage != "sig") {
        return None;
    }
    let component = |text: Option<String>| URL_SAFE_NO_PAD.decode(text?).ok();
    let (n, e) = (component(jwk.n)?, component(jwk.e)?);
    let strip = |bytes: Vec<u8>| bytes.into_iter().skip_while(|byte| *byte == 0).collect::<Vec<u8>>();
    let components = RsaPublicKeyComponents { n: strip(n), e: strip(e) };
    let key = components.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256).ok()?;
    Some((jwk.kid?.into(), key))
}

impl Keys {
    /// Keys of the authority with this discovery document, without fetching anything.
    pub(super) fn new(discovery_url: String, freshness: Freshness, client: Client) -> Self {
        Self {
            discovery_url,
            freshness,
            client,
            current: ArcSwapOption::empty(),
            last_attempt: Arc::default(),
            renewing: AtomicBool::new(false),
        }
    }

    /// Keys that include `kid`, if the authority has it: the cached ones, or newly fetched ones. If the authority is
    /// unreachable, the cached ones.
    pub(super) async fn with(self: &Arc<Self>, kid: &str, passed_ms: i64) -> Result<Arc<KeySet>, KeysUnavailable> {
        if let Some(keys) = self.current.load_full() {
            let has_key = keys.get(kid).is_some();
            if has_key && passed_ms - keys.fetched_at > self.freshness.refresh_ms {
                self.renew_in_background(passed_ms);
            }
            if has_key {
                return Ok(keys);
            }
        }
        self.refetch(passed_ms).await;
        self.current.load_full().ok_or(KeysUnavailable)
    }

    fn renew_in_background(self: &Arc<Self>, passed_ms: i64) {
        if self.renewing.swap(true, Ordering::AcqRel) {
            return;
        }
        let keys = Arc::clone(self);
        tokio::spawn(async move {
            keys.refetch(passed_ms).await;
            keys.renewing.store(false, Ordering::Release);
        });
    }

    /// Fetches the keys unless that was done recently. A failure changes nothing.
    async fn refetch(self: &Arc<Self>, passed_ms: i64) {
        let last_attempt = Arc::clone(&self.last_attempt).lock_owned().await;
        let pause = if self.current.load().is_some() { self.freshness.retry_ms } else { FIRST_RETRY_MS };
        if last_attempt.is_some_and(|last| passed_ms - last < pause) {
            return;
        }
        // In a separate task: the first caller may be cancelled, but all callers wait for the answer.
        let keys = Arc::clone(self);
        let attempt = tokio::spawn(async move { keys.attempt(last_attempt, passed_ms).await });
        if let Err(error) = attempt.await {
            tracing::error!(%error, "fetching the signing keys was interrupted");
        }
    }

    async fn attempt(&self, mut last_attempt: OwnedMutexGuard<Option<i64>>, passed_ms: i64) {
        *last_attempt = Some(passed_ms);
        match self.fetch(passed_ms).await {
            Ok(keys) => {
                tracing::info!(keys = keys.keys.len(), "signing keys fetched");
                self.current.store(Some(Arc::new(keys)));
            }
            Err(error) => {
                metrics::counter!("paraph_key_fetch_failures_total").increment(1);
                tracing::warn!(error = format!("{error:#}"), "signing keys cannot be fetched");
            }
        }
    }

    async fn fetch(&self, passed_ms: i64) -> anyhow::Result<KeySet> {
        let discovery: Discovery = self.document(&self.discovery_url).await?;
        check_address(&discovery.jwks_uri)?;
        let jwks: Jwks = self.document(&discovery.jwks_uri).await?;
        let keys = KeySet::new(&discovery.issuer, jwks, passed_ms);
        anyhow::ensure!(!keys.keys.is_empty(), "the authority publishes no RSA signing key");
        Ok(keys)
    }

    async fn document<T: DeserializeOwned>(&self, url: &str) -> anyhow::Result<T> {
        // The authority says who people are, so it may also say where its keys are.
        let answer = self.client.send(&Request::get(url), &Reach::fixed([url]), LIMITS).await?;
        anyhow::ensure!(answer.is_success(), "{url} answers {}", answer.status);
        Ok(serde_json::from_slice(&answer.body)?)
    }
}

/// Refuses plain HTTP, except on this machine (demo, tests), because keys fetched over it prove nothing.
pub(crate) fn check_address(url: &str) -> anyhow::Result<()> {
    let url = reqwest::Url::parse(url)?;
    let is_loopback = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    anyhow::ensure!(
        url.scheme() == "https" || (url.scheme() == "http" && is_loopback),
        "the sign-in authority must be reached over https"
    );
    Ok(())
}
