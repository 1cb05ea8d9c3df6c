//! The server under test.

use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use neighbours::entra::{FakeEntra, Key, User};
use paraph::app::App;
use paraph::clock::Clock;
use paraph::config::Config;
use paraph::http::{AppState, serve, serve_metrics};
use paraph::store::{By, Company, Store};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// What time it is when a test begins: 2026-11-21 12:00 UTC.
pub const NOON_MS: i64 = 1_795_262_400_000;
/// The client id of the add-in.
pub const CLIENT_ID: &str = "66666666-7777-4888-9999-aaaaaaaaaaaa";
/// The Entra tenant id of [`example_company`].
pub const TENANT: &str = "aaaaaaaa-0000-4000-8000-000000000001";
/// Our id of the same: made from the Entra id.
pub const TENANT_ID: &str = "849d564b958ce45c";
/// The Entra tenant id of [`other_company`].
pub const OTHER_TENANT: &str = "bbbbbbbb-0000-4000-8000-000000000002";

/// After this a run is taken to hang.
const LONGEST_RUN: Duration = Duration::from_mins(2);

/// Somebody who signs in.
#[derive(Clone, Copy, Debug)]
pub struct Someone {
    /// Their Entra tenant id.
    pub tid: &'static str,
    /// Their Entra object id.
    pub oid: &'static str,
    /// Their primary address.
    pub address: &'static str,
}

/// May send from the shared mailbox and has an alias.
pub const ADA: Someone =
    Someone { tid: TENANT, oid: "aaaaaaaa-1111-4000-8000-000000000001", address: "ada@example.com" };
/// May send from nothing but her own address.
pub const GRACE: Someone =
    Someone { tid: TENANT, oid: "aaaaaaaa-1111-4000-8000-000000000002", address: "grace@example.com" };
/// Is in the directory without an Entra object id.
pub const ALAN: Someone =
    Someone { tid: TENANT, oid: "aaaaaaaa-1111-4000-8000-000000000003", address: "alan@example.com" };
/// Somebody of another tenant.
pub const STRANGER: Someone =
    Someone { tid: OTHER_TENANT, oid: "bbbbbbbb-1111-4000-8000-000000000001", address: "mallory@example.net" };

/// Two people, one unlinked, a shared mailbox, two templates, an image.
pub fn example_company() -> Company {
    serde_json::from_value(json!({
        "tenant": { "entra_id": TENANT, "name": "Example", "domains": ["example.com"] },
        "fields": [
            { "token": "pronouns", "label": "Pronouns", "editable": true },
            { "token": "badge", "label": "Badge number", "editable": false }
        ],
        "groups": [{ "id": "group-engine", "name": "Engine room" }],
        "people": [
            { "id": "ada", "oid": ADA.oid, "address": ADA.address, "aliases": ["countess@example.com"],
              "groups": ["group-engine"],
              "fields": { "display_name": "Ada Lovelace", "title": "Analyst", "badge": "SECRET-BADGE" } },
            { "id": "grace", "oid": GRACE.oid, "address": GRACE.address,
              "fields": { "display_name": "Grace Hopper", "title": "Rear admiral", "pronouns": "she" } },
            { "id": "alan", "address": ALAN.address, "fields": { "display_name": "Alan Turing" } },
            { "id": "desk", "address": "desk@example.com", "shared": true, "send_as": [ADA.address],
              "fields": { "display_name": "Help desk" } }
        ],
        "templates": [
            { "id": "long", "name": "Long", "part": "signature", "html": "long.html" },
            { "id": "short", "name": "Short", "part": "signature", "html": "short.html", "offered_to": [] }
        ],
        "rules": [
            { "id": "everyone", "name": "Everyone", "gives": { "signature": "long" } }
        ],
        "images": [{ "name": "logo.png", "file": "logo.png" }]
    }))
    .unwrap()
}

/// One person, so that there is somebody who must see nothing of the first company.
pub fn other_company() -> Company {
    serde_json::from_value(json!({
        "tenant": { "entra_id": OTHER_TENANT, "name": "Elsewhere", "domains": ["example.net"] },
        "fields": [{ "token": "pronouns", "label": "Pronouns", "editable": true }],
        "people": [
            { "id": "mallory", "oid": STRANGER.oid, "address": STRANGER.address,
              "fields": { "display_name": "Mallory" } }
        ],
        "templates": [{ "id": "plain", "name": "Plain", "part": "signature", "html": "plain.html" }],
        "rules": [{ "id": "all", "name": "All", "gives": { "signature": "plain" } }]
    }))
    .unwrap()
}

/// The files that the companies name.
pub fn company_file(name: &str) -> Option<Vec<u8>> {
    let text = match name {
        "long.html" => {
            r#"<p><b>{{ display_name }}</b><br>{{ title }}<br>{{ pronouns }}<br><img src="image:logo.png" alt="Example"></p>"#
        }
        "short.html" => "<p>{{ display_name }}</p>",
        "plain.html" => "<p>{{ display_name }}, elsewhere</p>",
        "logo.png" => return Some(PNG.to_vec()),
        _ => return None,
    };
    Some(text.as_bytes().to_vec())
}

/// The smallest PNG: one transparent pixel.
pub const PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0, 0, 1, 8,
    6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 0x0b, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0x60, 0, 2, 0, 0, 5,
    0, 1, 0xe9, 0xfa, 0xdc, 0xd8, 0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

/// A running server with its own database, clock and Entra ID. Dropping it stops everything.
pub struct TestApp {
    /// Where it answers.
    pub url: String,
    /// Where its metrics are.
    pub metrics_url: String,
    /// Its time.
    pub clock: Clock,
    /// Who issues its tokens.
    pub entra: FakeEntra,
    /// The server's own view of itself.
    pub app: Arc<App>,
    /// The same as HTTP sees it.
    pub state: Arc<AppState>,
    /// The folder with its SQLite database, `test.db`.
    pub folder: TempDir,
    client: reqwest::Client,
    stop: watch::Sender<bool>,
    _workers: paraph::leases::Workers,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

impl TestApp {
    /// A server on SQLite with [`example_company`] and [`other_company`].
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// The same on PostgreSQL, with the address of its database.
    pub async fn start_on_postgres() -> (Self, String) {
        let url = crate::postgres::new_database().await;
        let app = Self::start_with(|config| config.database.url.clone_from(&url)).await;
        (app, url)
    }

    /// The same, after `change` to its settings (`database.url` among them).
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let entra = FakeEntra::start().await;
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let metrics_listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let metrics_url = format!("http://{}/metrics", metrics_listener.local_addr().unwrap());
        let mut config = Config::default();
        config.server.public_url.clone_from(&url);
        config.server.shutdown_seconds = 1;
        config.database.url = format!("sqlite:{}", folder.path().join("test.db").display());
        // Generous: a busy machine is no failure. Tests of waiting shorten it.
        config.database.timeout_ms = 10_000;
        config.identity.client_id = CLIENT_ID.into();
        config.secrets.key = base64::engine::general_purpose::STANDARD.encode([7; 32]);
        config.identity.authority_host.clone_from(&entra.url);
        change(&mut config);
        let clock = Clock::mock(NOON_MS);
        let store = Store::connect(&config.database).await.unwrap();
        store.migrate().await.unwrap();
        for company in [example_company(), other_company()] {
            store.import(&company, company_file, By::new("test", NOON_MS)).await.unwrap();
        }
        let app = Arc::new(App::new(config, store, clock.clone()).await.unwrap());
        // What each company has to be done each day.
        paraph::jobs::drain(&app).await.unwrap();
        let (stop, stopped) = watch::channel(false);
        let stopped_too = stopped.clone();
        let wait = |mut stopped: watch::Receiver<bool>| async move {
            let _ = stopped.wait_for(|stopped| *stopped).await;
        };
        let state = Arc::new(AppState::new(Arc::clone(&app)));
        tokio::spawn(serve(listener, Arc::clone(&state), wait(stopped.clone())));
        tokio::spawn(serve_metrics(metrics_listener, Arc::clone(&state), wait(stopped)));
        // Without looking for what is due: tests say when that is ([`TestApp::run_due`]).
        let workers = paraph::jobs::work(&app, None, &stopped_too);
        let client = crate::http::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { url, metrics_url, clock, entra, app, state, folder, client, stop, _workers: workers }
    }

    /// Does everything that is due by the clock as it is now.
    pub async fn run_due(&self) {
        self.app.leases.node().look_after_others().await.unwrap();
        // What the server itself does meanwhile may ask for more.
        loop {
            let done = paraph::jobs::drain(&self.app).await.unwrap();
            if done == 0 && self.app.leases.is_idle().await.unwrap() {
                return;
            }
        }
    }

    /// Waits until nothing runs that the server was asked for.
    pub async fn idle(&self) {
        let idle = async {
            while self.app.leases.running() > 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), idle).await.expect("jobs come to their end");
    }

    /// A run, as `ask` shows it, once it waits for somebody or has ended, and its job with it.
    pub async fn settled(&self, id: &str, ask: impl AsyncFn() -> Value) -> Value {
        let settled = async {
            loop {
                let run = ask().await;
                if !["fetching", "planning", "applying"].contains(&run["state"].as_str().unwrap()) {
                    return run;
                }
                self.app.runs.ended(id).await;
            }
        };
        let settled = tokio::time::timeout(LONGEST_RUN, settled).await.expect("a run does not end");
        self.idle().await;
        settled
    }

    /// A request to `path`, to be completed and given to [`TestApp::send`].
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = method.parse::<reqwest::Method>().unwrap();
        self.client.request(method, format!("{}{path}", self.url))
    }

    /// `GET path` without a token.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path)).await
    }

    /// `POST path` with a JSON body as `someone`.
    pub async fn post(&self, path: &str, someone: Someone, body: &Value) -> Answer {
        self.send(self.request("POST", path).bearer_auth(self.token(someone)).json(body)).await
    }

    /// `GET path` with `token`.
    pub async fn get_with(&self, path: &str, token: &str) -> Answer {
        self.send(self.request("GET", path).bearer_auth(token)).await
    }

    /// Sends a request and reads the answer.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        Answer::read(request.send().await.unwrap()).await
    }

    /// The metrics as Prometheus reads them.
    pub async fn metrics(&self) -> String {
        Answer::read(self.client.get(&self.metrics_url).send().await.unwrap()).await.text()
    }

    /// A good token.
    pub fn token(&self, someone: Someone) -> String {
        Key::First.issuer().sign(&self.claims(someone))
    }

    /// The claims of a good token.
    pub fn claims(&self, someone: Someone) -> Value {
        let user = User { oid: someone.oid, address: someone.address, name: "Somebody" };
        self.entra.claims(CLIENT_ID, someone.tid, &user, self.clock.now_ms())
    }

    /// A good token after `change` to its claims.
    pub fn token_with(&self, someone: Someone, change: impl FnOnce(&mut Value)) -> String {
        let mut claims = self.claims(someone);
        change(&mut claims);
        Key::First.issuer().sign(&claims)
    }
}

impl Drop for TestApp {
    /// A test that leaves a job running does not know what becomes of it, and fails.
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        let running = self.app.leases.running();
        assert!(running == 0 || std::thread::panicking(), "{running} jobs still run: wait with `TestApp::idle`");
    }
}

impl Answer {
    /// Reads an answer to its end.
    pub async fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        Self { status, headers, body: response.bytes().await.unwrap().to_vec() }
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// A header as text; empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The field of the first error.
    pub fn field(&self) -> String {
        self.json()["errors"][0]["field"].as_str().unwrap_or_default().to_owned()
    }

    /// The detail of the first error.
    pub fn detail(&self) -> String {
        self.json()["errors"][0]["detail"].as_str().unwrap_or_default().to_owned()
    }
}
