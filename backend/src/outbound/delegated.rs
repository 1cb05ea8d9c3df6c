//! Requests on behalf of a person who consented, with an access token that a refresh token renews (RFC 6749 §6).
//!
//! A refresh token may work only once. So one node at a time refreshes: it takes the lease, reads the tokens that are stored
//! *then*, refreshes, and stores the new ones before anyone uses them. All others wait and then read them.

use super::app_only::{Granted, RENEW_MS, bearer};
use super::patience::Patience;
use super::quote;
use super::request::{Answer, Request};
use super::session::{Credentials, Route};
use super::verdict::{Failure, Verdict};
use crate::clock::{DAY_MS, is_beyond};
use crate::random;
use crate::sealing::Sealer;
use crate::store::{self, DelegationKey, DelegationRecord, Store};
use reqwest::header::HeaderValue;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMutexGuard};

/// Polling interval while another node refreshes.
const LOOK: Duration = Duration::from_millis(250);
/// How long an unchanged lease is respected, in milliseconds of this node's monotonic clock.
const LEASE_MS: i64 = 90_000;
/// Time limit of one refresh, well within a lease.
const REFRESH: Duration = Duration::from_secs(30);

/// A token provider, and our registration there.
#[derive(Clone)]
pub struct Provider {
    /// URL of the token endpoint.
    pub token_url: String,
    /// Our client id at the provider.
    pub client_id: String,
    /// Our client secret at the provider; empty for public clients.
    pub client_secret: String,
    /// Requested scopes, separated by spaces; empty: the granted ones.
    pub scope: String,
}

/// The tokens, as they are stored, sealed.
#[derive(Serialize, Deserialize)]
struct Tokens {
    refresh: String,
    access: String,
    /// Expiry of `access`, in milliseconds UTC.
    until_ms: i64,
}

/// Credentials of an account that a person allows Paraph to use. Cheap to clone; clones share their tokens.
#[derive(Clone)]
pub struct Delegated(Arc<Inner>);

struct Inner {
    key: DelegationKey,
    provider: Provider,
    /// Route to the token endpoint.
    route: Route,
    store: Store,
    sealer: Arc<Sealer>,
    /// Locked while tokens are fetched, so that all callers in this process wait for the same ones.
    kept: Arc<Mutex<Kept>>,
    /// Number of completed attempts.
    ended: AtomicU64,
}

#[derive(Default)]
struct Kept {
    token: Option<Token>,
    /// The last header that was not accepted.
    refused: Option<HeaderValue>,
    /// Failure of the attempt with this number.
    failed: Option<(u64, Failure)>,
    /// The generation of tokens that no longer works.
    dead: Option<(String, Failure)>,
}

struct Token {
    header: HeaderValue,
    /// Expiry, by [`crate::clock::Clock::passed_ms`].
    until_ms: i64,
}

/// Who refreshes next.
enum Turn {
    /// Nobody: these tokens can be used.
    Found(Tokens),
    /// This node refreshes these tokens.
    Ours(DelegationRecord, Tokens),
}

impl std::fmt::Debug for Provider {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider")
            .field("token_url", &self.token_url)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Delegated {
    /// Without tokens.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Delegated")
            .field("key", &self.0.key)
            .field("provider", &self.0.provider)
            .finish_non_exhaustive()
    }
}

impl Delegated {
    /// Creates credentials of the account with this key, without reading anything. `route`: to the token endpoint.
    pub fn new(key: DelegationKey, provider: Provider, mut route: Route, store: &Store, sealer: &Arc<Sealer>) -> Self {
        route.limits.time = route.limits.time.min(REFRESH);
        let (store, sealer) = (store.clone(), Arc::clone(sealer));
        Self(Arc::new(Inner { key, provider, route, store, sealer, kept: Arc::default(), ended: AtomicU64::new(0) }))
    }

    /// Stores the tokens that the provider granted when the person consented.
    ///
    /// # Errors
    /// [`Failure::Refused`] without a refresh token; [`Failure::Away`] when the database is unavailable.
    pub async fn connect(&self, granted: Granted) -> Result<(), Failure> {
        let missing = "no refresh token was granted: request the scope offline_access";
        let Granted { refresh_token: Some(refresh), .. } = &granted else { return Err(Failure::refused(missing)) };
        let tokens = self.0.tokens(refresh.clone(), &granted);
        let sealed = self.0.seal(&tokens)?;
        // Held, so that nobody keeps what belongs to the connection before.
        let mut kept = self.0.kept.lock().await;
        self.0.store.upsert_delegation(&self.0.key, &random::id(), &sealed).await.map_err(|error| database(&error))?;
        *kept = Kept::default();
        Ok(())
    }
}

impl Credentials for Delegated {
    async fn authorization(&self) -> Result<HeaderValue, Failure> {
        let before = self.0.ended.load(Ordering::Acquire);
        let kept = Arc::clone(&self.0.kept).lock_owned().await;
        let passed_ms = self.0.route.client.clock().passed_ms();
        if let Some(token) = kept.token.as_ref().filter(|token| token.until_ms - RENEW_MS > passed_ms) {
            return Ok(token.header.clone());
        }
        if let Some((_, failure)) = kept.failed.as_ref().filter(|(number, _)| *number > before) {
            // It was tried while we waited.
            return Err(failure.clone());
        }
        // In a separate task: the caller may be cancelled, and the new refresh token must not be lost.
        let inner = Arc::clone(&self.0);
        let ended = tokio::spawn(async move { inner.fetch(kept).await }).await;
        ended.unwrap_or_else(|_| Err(Failure::away("the renewal of an access token broke off")))
    }

    async fn renew(&self, refused: &HeaderValue, _: Failure) -> Result<(), Failure> {
        let mut kept = self.0.kept.lock().await;
        if kept.token.as_ref().is_some_and(|token| token.header == *refused) {
            kept.token = None;
            kept.refused = Some(refused.clone());
        }
        Ok(())
    }
}

impl Inner {
    /// Fetches a usable token for all callers that wait for `kept`.
    async fn fetch(&self, mut kept: OwnedMutexGuard<Kept>) -> Result<HeaderValue, Failure> {
        let mut patience = Patience::default();
        let ended = loop {
            match self.attempt(&mut kept).await {
                Ok(tokens) => break Ok(tokens),
                Err(verdict) => match self.route.pause(&mut patience, verdict).await {
                    Ok(()) => {}
                    Err(failure) => break Err(failure),
                },
            }
        };
        let number = self.ended.fetch_add(1, Ordering::AcqRel) + 1;
        let ended = ended.and_then(|tokens| Ok((bearer(&tokens.access)?, tokens.until_ms)));
        match ended {
            Ok((header, until_ms)) => {
                let clock = self.route.client.clock();
                let until_ms = clock.passed_ms() + (until_ms - clock.now_ms());
                kept.token = Some(Token { header: header.clone(), until_ms });
                kept.failed = None;
                Ok(header)
            }
            Err(failure) => {
                kept.failed = Some((number, failure.clone()));
                Err(failure)
            }
        }
    }

    /// Lease, re-read, refresh, swap.
    async fn attempt(&self, kept: &mut Kept) -> Result<Tokens, Verdict> {
        let lease = random::id();
        loop {
            let (record, tokens) = match self.turn(kept, &lease).await? {
                Turn::Found(tokens) => return Ok(tokens),
                Turn::Ours(record, tokens) => (record, tokens),
            };
            match self.refresh(&tokens).await {
                Ok(granted) => {
                    let refresh = granted.refresh_token.clone().unwrap_or(tokens.refresh);
                    let new = self.tokens(refresh, &granted);
                    if self.keep(&record.generation, &new).await.map_err(Verdict::Fail)? {
                        return Ok(new);
                    }
                }
                Err(Verdict::Fail(failure @ Failure::Reconnect { .. })) => {
                    self.release(&lease).await;
                    // Somebody may have used the refresh token before us, and have stored what came.
                    if self.read().await?.generation == record.generation {
                        kept.dead = Some((record.generation, failure.clone()));
                        return Err(Verdict::Fail(failure));
                    }
                }
                Err(verdict) => {
                    self.release(&lease).await;
                    return Err(verdict);
                }
            }
        }
    }

    /// Waits until the stored tokens can be used, or until this node may refresh them.
    async fn turn(&self, kept: &Kept, lease: &str) -> Result<Turn, Verdict> {
        let clock = self.route.client.clock();
        let mut others = (String::new(), clock.passed_ms());
        loop {
            let record = self.read().await?;
            if let Some((_, failure)) = kept.dead.as_ref().filter(|(dead, _)| *dead == record.generation) {
                return Err(Verdict::Fail(failure.clone()));
            }
            let tokens = self.open(&record)?;
            if self.is_usable(&tokens, kept) {
                return Ok(Turn::Found(tokens));
            }
            if others.0 != record.lease {
                others = (record.lease.clone(), clock.passed_ms());
            }
            // A crashed node does not release its lease.
            let is_free = record.lease.is_empty() || clock.passed_ms() - others.1 >= LEASE_MS;
            if !is_free {
                clock.sleep(LOOK).await;
                continue;
            }
            let leased = self.store.lease_delegation(&self.key, &record.lease, lease).await;
            let Some(record) = leased.map_err(|error| away(&error))? else { continue };
            let tokens = self.open(&record)?;
            if self.is_usable(&tokens, kept) {
                self.release(lease).await;
                return Ok(Turn::Found(tokens));
            }
            return Ok(Turn::Ours(record, tokens));
        }
    }

    async fn refresh(&self, tokens: &Tokens) -> Result<Granted, Verdict> {
        let Provider { token_url, client_id, client_secret, scope } = &self.provider;
        let all = [
            ("grant_type", "refresh_token"),
            ("refresh_token", tokens.refresh.as_str()),
            ("client_id", client_id),
            ("client_secret", client_secret),
            ("scope", scope),
        ];
        let request = Request::post(token_url).form(all.into_iter().filter(|(_, value)| !value.is_empty()));
        match self.route.send(&request).await {
            Ok(answer) if answer.status == 200 => {
                answer.json().map_err(|what| Verdict::nonsense(self.route.name, &what))
            }
            Ok(answer) => Err(judge(&answer, self.route.name)),
            Err(error) => Err(Verdict::of_error(&error, self.route.name)),
        }
    }

    /// Stores new tokens before they are used; `false` if another node stored some first. The old ones may no longer work, so
    /// it waits for a database that is unavailable.
    async fn keep(&self, generation: &str, tokens: &Tokens) -> Result<bool, Failure> {
        let (sealed, next) = (self.seal(tokens)?, random::id());
        let mut patience = Patience::default();
        loop {
            match self.store.swap_delegation(&self.key, generation, &next, &sealed).await {
                Ok(true) => return Ok(true),
                // It may be our own write, whose answer was lost.
                Ok(false) => return Ok(self.read().await.is_ok_and(|record| record.generation == next)),
                Err(error) => self.route.pause(&mut patience, away(&error)).await.inspect_err(|_| {
                    tracing::error!(tenant = self.key.tenant, "a refresh token cannot be stored and is lost");
                })?,
            }
        }
    }

    async fn read(&self) -> Result<DelegationRecord, Verdict> {
        let record = self.store.delegation(&self.key).await.map_err(|error| away(&error))?;
        record.ok_or_else(|| Verdict::Fail(Failure::reconnect("the account is not connected")))
    }

    /// Releases the lease; if this fails, others wait a little longer.
    async fn release(&self, lease: &str) {
        if let Err(error) = self.store.release_delegation(&self.key, lease).await {
            tracing::warn!(%error, "a lease cannot be given back");
        }
    }

    fn tokens(&self, refresh: String, granted: &Granted) -> Tokens {
        let until_ms = self.route.client.clock().now_ms() + granted.life_ms();
        Tokens { refresh, access: granted.access_token.clone(), until_ms }
    }

    fn is_usable(&self, tokens: &Tokens, kept: &Kept) -> bool {
        let now_ms = self.route.client.clock().now_ms();
        let is_good = tokens.until_ms - RENEW_MS > now_ms && !is_beyond(tokens.until_ms, now_ms, DAY_MS);
        is_good && bearer(&tokens.access).is_ok_and(|header| kept.refused.as_ref() != Some(&header))
    }

    fn seal(&self, tokens: &Tokens) -> Result<String, Failure> {
        let json = serde_json::to_vec(tokens).map_err(|error| Failure::wrong(error.to_string()))?;
        Ok(self.sealer.seal(&json, &self.key.place()))
    }

    fn open(&self, record: &DelegationRecord) -> Result<Tokens, Verdict> {
        let json = self.sealer.open(&record.tokens, &self.key.place());
        let tokens = json.and_then(|json| serde_json::from_slice(&json).ok());
        tokens.ok_or_else(|| Verdict::Fail(Failure::reconnect("the account's tokens can no longer be read")))
    }
}

/// Classifies an answer without tokens (RFC 6749 §5.2, OpenID Connect Core 1.0 §3.1.2.6).
fn judge(answer: &Answer, name: &str) -> Verdict {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Refusal {
        error: String,
        error_description: String,
    }
    let Refusal { error, error_description } = serde_json::from_slice(&answer.body).unwrap_or_default();
    let said = match (quote(&error), quote(&error_description)) {
        (error, text) if text.is_empty() => format!("{error}, HTTP {}", answer.status),
        (error, text) => format!("{error}: {text}"),
    };
    match error.as_str() {
        "invalid_grant" | "interaction_required" | "login_required" | "consent_required" => {
            Verdict::Fail(Failure::reconnect(format!("{name} requires the account to be connected again ({said})")))
        }
        "temporarily_unavailable" | "server_error" => {
            let otherwise = Failure::away(format!("{name} is not issuing tokens right now"));
            Verdict::Later { after: answer.after, otherwise }
        }
        _ => match Verdict::usual(answer, name) {
            Some(Verdict::Later { after, otherwise }) => Verdict::Later { after, otherwise },
            _ => Verdict::Fail(Failure::refused(format!("{name} refused to issue a token ({said})"))),
        },
    }
}

fn away(error: &store::Error) -> Verdict {
    Verdict::Later { after: None, otherwise: database(error) }
}

fn database(error: &store::Error) -> Failure {
    Failure::away(error.to_string())
}
