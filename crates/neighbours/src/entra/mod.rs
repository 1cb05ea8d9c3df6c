//! Entra ID: publishes a discovery document and keys, can rotate them, and signs arbitrary tokens.

mod issuer;

use crate::base::{Neighbour, Now, Opened};
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::routing::get;
use axum::{Json, Router};
pub use issuer::{Issuer, LIFETIME, User, claims};
use serde_json::{Value, json};
use std::ops::Deref;
use std::sync::{Arc, LazyLock, Mutex};

/// Keys shared by all fakes of a process, because creating them takes a while: the first, the second, and one that is never
/// published.
static KEYS: LazyLock<[Issuer; 3]> = LazyLock::new(|| ["first", "second", "stranger"].map(Issuer::generate));

/// One of the shared keys.
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

/// The authority, with endpoints `discovery` and `keys`.
pub struct FakeEntra {
    neighbour: Neighbour,
    published: Arc<Published>,
}

struct Published {
    /// Issuer with a placeholder for the tenant.
    issuer: String,
    jwks_uri: String,
    keys: Mutex<Vec<Key>>,
}

impl FakeEntra {
    /// Starts on a free port.
    pub async fn start() -> Self {
        // Nothing here depends on the time: whoever asks for claims says what it is.
        let opened = Opened::new(Now::fixed(0), |status, _| status.into_response()).await;
        let published = Arc::new(Published {
            issuer: format!("{}/{{tenantid}}/v2.0", opened.desk.url),
            jwks_uri: format!("{}/common/discovery/v2.0/keys", opened.desk.url),
            keys: Mutex::new(vec![Key::First]),
        });
        let (discovery, keys) = (opened.desk.door("discovery", get(discovery)), opened.desk.door("keys", get(keys)));
        let router = Router::new()
            .route("/organizations/v2.0/.well-known/openid-configuration", discovery)
            .route("/common/discovery/v2.0/keys", keys)
            .with_state(Arc::clone(&published));
        Self { neighbour: opened.serve(router), published }
    }

    /// Publishes the second key instead of the first.
    pub fn rotate(&self) {
        *self.published.keys.lock().unwrap() = vec![Key::Second];
    }

    /// The claims of a valid token.
    pub fn claims(&self, client_id: &str, tid: &str, user: &User<'_>, now_ms: i64) -> Value {
        claims(&self.published.issuer, client_id, tid, user, now_ms)
    }
}

impl Deref for FakeEntra {
    type Target = Neighbour;

    fn deref(&self) -> &Neighbour {
        &self.neighbour
    }
}

async fn discovery(State(published): State<Arc<Published>>) -> Json<Value> {
    Json(json!({ "issuer": published.issuer, "jwks_uri": published.jwks_uri }))
}

async fn keys(State(published): State<Arc<Published>>) -> Json<Value> {
    let mut keys: Vec<Value> = published.keys.lock().unwrap().iter().map(|key| key.issuer().jwk()).collect();
    // What Entra publishes beside its RSA keys must not disturb.
    keys.push(json!({ "kty": "EC", "use": "sig", "kid": "curve", "crv": "P-256", "x": "AA", "y": "AA" }));
    keys.push(json!({ "kty": "RSA", "use": "enc", "kid": "encryption", "n": "AQAB", "e": "AQAB" }));
    Json(json!({ "keys": keys }))
}
