//! An OpenID Connect provider: checks PKCE and the client secret like real ones, and returns false data where a test requests
//! it.

use crate::base::{Neighbour, Now, Opened};
use crate::entra::Key;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse as _};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

/// The only known client id.
pub const CLIENT: &str = "the-console";
/// The secret of that client.
pub const SECRET: &str = "the provider knows it";

/// Subject that signs in on the provider's page in a browser.
pub const BROWSING: &str = "somebody-there";

/// False data in the provider's answers. Other faults are [`crate::Trouble`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lie {
    /// Nothing.
    #[default]
    None,
    /// The discovery document names another issuer.
    Issuer,
    /// The token is for another client.
    Audience,
    /// The token repeats another nonce.
    Nonce,
    /// The token expired an hour ago.
    Expired,
    /// The token's time of issue is tomorrow.
    Future,
    /// The token is signed with a key that is not published.
    Key,
    /// There is no token in the answer.
    Half,
    /// A signed-in user is not asked for credentials again, even if this was requested.
    Remembers,
    /// The token does not contain the time when the user was asked for credentials.
    NoAuthTime,
}

/// The provider, with endpoints `discovery`, `keys`, `authorize` and `token`; its URL is its issuer.
pub struct FakeOidc {
    neighbour: Neighbour,
    shared: Arc<Shared>,
}

struct Shared {
    url: String,
    now_ms: Arc<AtomicI64>,
    lie: Mutex<Lie>,
    codes: Mutex<HashMap<String, Granted>>,
}

/// Data of a code.
struct Granted {
    challenge: String,
    nonce: String,
    subject: String,
    /// Whether `max_age=0` or `prompt=login` asked for the credentials again.
    anew: bool,
}

impl FakeOidc {
    /// Starts on a free port.
    pub async fn start() -> Self {
        let now_ms = Arc::new(AtomicI64::new(0));
        let now = Arc::clone(&now_ms);
        let now = Now::new(move || now.load(Ordering::SeqCst));
        let opened = Opened::new(now, |status, _| status.into_response()).await;
        let url = opened.desk.url.clone();
        let shared = Arc::new(Shared { url, now_ms, lie: Mutex::default(), codes: Mutex::default() });
        let router = Router::new()
            .route("/.well-known/openid-configuration", opened.desk.door("discovery", get(discovery)))
            .route("/keys", opened.desk.door("keys", get(keys)))
            .route("/authorize", opened.desk.door("authorize", get(page)))
            .route("/token", opened.desk.token_door("token", post(token)))
            .with_state(Arc::clone(&shared));
        Self { neighbour: opened.serve(router), shared }
    }

    /// Sets the false data.
    pub fn lie(&self, lie: Lie) {
        *self.shared.lie.lock().unwrap() = lie;
    }

    /// Sets the time for sign-ins in a browser.
    pub fn set_now(&self, now_ms: i64) {
        self.shared.now_ms.store(now_ms, Ordering::SeqCst);
    }

    /// Signs in on the page at `location`; returns the query of the address that the browser is redirected to.
    pub fn sign_in(&self, location: &str, subject: &str, now_ms: i64) -> String {
        let (page, query) = location.split_once('?').unwrap();
        assert_eq!(page, format!("{}/authorize", self.url));
        self.set_now(now_ms);
        self.shared.grant(&form_urlencoded::parse(query.as_bytes()).into_owned().collect(), subject)
    }
}

impl Deref for FakeOidc {
    type Target = Neighbour;

    fn deref(&self) -> &Neighbour {
        &self.neighbour
    }
}

impl Shared {
    fn lie(&self) -> Lie {
        *self.lie.lock().unwrap()
    }

    /// Grants access to `subject`; returns the query of the address that the browser is redirected to.
    fn grant(&self, query: &HashMap<String, String>, subject: &str) -> String {
        assert_eq!((query["client_id"].as_str(), query["code_challenge_method"].as_str()), (CLIENT, "S256"));
        let code = format!("code-{}", query["state"]);
        let asked = |name: &str, value: &str| query.get(name).is_some_and(|given| given == value);
        let granted = Granted {
            challenge: query["code_challenge"].clone(),
            nonce: query["nonce"].clone(),
            subject: subject.to_owned(),
            anew: asked("max_age", "0") && asked("prompt", "login"),
        };
        self.codes.lock().unwrap().insert(code.clone(), granted);
        format!("code={code}&state={}", query["state"])
    }
}

/// The sign-in page for a browser.
async fn page(State(state): State<Arc<Shared>>, Query(query): Query<HashMap<String, String>>) -> Html<String> {
    let back = &query["redirect_uri"];
    let granted = state.grant(&query, BROWSING);
    Html(format!(
        "<!doctype html><html lang=en><title>Provider</title><a href=\"{back}?{granted}\">Continue as {BROWSING}</a>"
    ))
}

async fn discovery(State(state): State<Arc<Shared>>) -> Json<Value> {
    let url = &state.url;
    Json(json!({
        "issuer": if state.lie() == Lie::Issuer { "https://elsewhere.example" } else { url },
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "jwks_uri": format!("{url}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }))
}

async fn keys() -> Json<Value> {
    // Providers with many keys answer with tens of kilobytes.
    Json(json!({ "keys": [Key::First.issuer().jwk()], "padding": "x".repeat(50_000) }))
}

async fn token(
    State(state): State<Arc<Shared>>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Result<Json<Value>, (StatusCode, Json<Value>)> {
    let refused = |reason: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": reason })));
    let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{}", SECRET.replace(' ', "+"))));
    if headers.get("authorization").is_none_or(|value| value.as_bytes() != basic.as_bytes()) {
        return Err(refused("invalid_client"));
    }
    // Good once, whatever comes of it.
    let granted = state.codes.lock().unwrap().remove(&form["code"]).ok_or_else(|| refused("invalid_grant"))?;
    let Granted { challenge, nonce, subject, anew } = granted;
    if URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"])) != challenge {
        return Err(refused("invalid_grant"));
    }
    let lie = state.lie();
    let now = state.now_ms.load(Ordering::SeqCst) / 1_000;
    let issued = if lie == Lie::Future { now + 86_400 } else { now };
    let mut claims = json!({
        "iss": state.url,
        "aud": if lie == Lie::Audience { "somebody-else" } else { CLIENT },
        "sub": subject,
        "name": "Grace of the provider",
        "preferred_username": format!("{subject}@provider.example"),
        "nonce": if lie == Lie::Nonce { "another" } else { &nonce },
        "iat": issued,
        "exp": if lie == Lie::Expired { now - 3_600 } else { issued + 3_600 },
    });
    if lie != Lie::NoAuthTime {
        // Somebody signed in this morning, unless they were asked to do so again.
        claims["auth_time"] = json!(if anew && lie != Lie::Remembers { issued } else { issued - 3_600 });
    }
    let key = if lie == Lie::Key { Key::Stranger } else { Key::First };
    let mut answer = json!({ "access_token": "unused", "token_type": "Bearer", "expires_in": 3600 });
    if lie != Lie::Half {
        // As the published key's, so that only its signature gives the stranger away.
        let header = json!({ "typ": "JWT", "alg": "RS256", "kid": "first" });
        answer["id_token"] = json!(key.issuer().sign_with(&header, &claims));
    }
    Ok(Json(answer))
}
