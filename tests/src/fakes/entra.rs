//! Entra ID: publishes discovery document and keys, can rotate them, be slow or go away, and signs whatever it is told.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use paraph::identity::{IssuedTo, Issuer, claims};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// Making a key takes a while, so all tests of a process share these: the first, the next, and one never published.
static KEYS: LazyLock<[Issuer; 3]> =
    LazyLock::new(|| ["first", "second", "stranger"].map(|kid| Issuer::generate(kid).unwrap()));

/// One of the keys that tests share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Published from the start.
    First,
    /// Published after [`FakeEntra::rotate`].
    Second,
    /// Never published.
    Stranger,
}

impl Key {
    /// The key itself.
    pub fn issuer(self) -> &'static Issuer {
        let [first, second, stranger] = &*KEYS;
        match self {
            Self::First => first,
            Self::Second => second,
            Self::Stranger => stranger,
        }
    }
}

/// The authority; it stops when it is dropped.
pub struct FakeEntra {
    /// Where it is: the `authority_host` of the configuration.
    pub url: String,
    state: Arc<Published>,
    server: JoinHandle<()>,
}

struct Published {
    url: String,
    keys: Mutex<Vec<Key>>,
    is_down: AtomicBool,
    fetches: AtomicUsize,
    /// Closed while it is slow: who asks waits for a permit.
    gate: Semaphore,
}

impl FakeEntra {
    /// Starts on a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Published {
            url: url.clone(),
            keys: Mutex::new(vec![Key::First]),
            is_down: AtomicBool::new(false),
            fetches: AtomicUsize::new(0),
            gate: Semaphore::new(Semaphore::MAX_PERMITS / 2),
        });
        let router = Router::new()
            .route("/organizations/v2.0/.well-known/openid-configuration", get(discovery))
            .route("/common/discovery/v2.0/keys", get(keys))
            .with_state(Arc::clone(&state));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, state, server }
    }

    /// Publishes the second key instead of the first.
    pub fn rotate(&self) {
        *self.state.keys.lock().unwrap() = vec![Key::Second];
    }

    /// From now on answers nothing but 503.
    pub fn go_down(&self) {
        self.state.is_down.store(true, Ordering::SeqCst);
    }

    /// Answers again.
    pub fn come_back(&self) {
        self.state.is_down.store(false, Ordering::SeqCst);
    }

    /// From now on keeps who asks waiting, until [`FakeEntra::resume`].
    pub fn pause(&self) {
        self.state.gate.forget_permits(Semaphore::MAX_PERMITS);
    }

    /// Answers those who wait, and everybody after them.
    pub fn resume(&self) {
        self.state.gate.add_permits(Semaphore::MAX_PERMITS / 2);
    }

    /// How often the keys were fetched.
    pub fn fetches(&self) -> usize {
        self.state.fetches.load(Ordering::SeqCst)
    }

    /// The claims of a good token.
    pub fn claims(&self, client_id: &str, tid: &str, user: &IssuedTo<'_>, now_ms: i64) -> Value {
        claims(&format!("{}/{{tenantid}}/v2.0", self.url), client_id, tid, user, now_ms)
    }
}

impl Drop for FakeEntra {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn discovery(State(state): State<Arc<Published>>) -> Result<Json<Value>, StatusCode> {
    state.answer().await?;
    Ok(Json(json!({
        "issuer": format!("{}/{{tenantid}}/v2.0", state.url),
        "jwks_uri": format!("{}/common/discovery/v2.0/keys", state.url),
    })))
}

async fn keys(State(state): State<Arc<Published>>) -> Result<Json<Value>, StatusCode> {
    state.answer().await?;
    state.fetches.fetch_add(1, Ordering::SeqCst);
    let mut keys: Vec<Value> = state.keys.lock().unwrap().iter().map(|key| key.issuer().jwk()).collect();
    // What Entra publishes beside its RSA keys must not disturb.
    keys.push(json!({ "kty": "EC", "use": "sig", "kid": "curve", "crv": "P-256", "x": "AA", "y": "AA" }));
    keys.push(json!({ "kty": "RSA", "use": "enc", "kid": "encryption", "n": "AQAB", "e": "AQAB" }));
    Ok(Json(json!({ "keys": keys })))
}

impl Published {
    async fn answer(&self) -> Result<(), StatusCode> {
        drop(self.gate.acquire().await.unwrap());
        if self.is_down.load(Ordering::SeqCst) { Err(StatusCode::SERVICE_UNAVAILABLE) } else { Ok(()) }
    }
}
