//! Signatures asked for at a steady rate while something is wrong, as `paraph serve` gives them.

use crate::app::{ADA, CLIENT_ID, GRACE, Someone, company_file, example_company};
use crate::serving::Serving;
use neighbours::entra::User;
use neighbours::entra::{FakeEntra, Key};
use paraph::clock::Clock;
use paraph::config::Database;
use paraph::store::{By, Store};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How many ask at once.
const WORKERS: usize = 8;
/// How long anybody waits for a signature.
const PATIENCE: Duration = Duration::from_secs(5);

/// `paraph serve` with the example company, and its fake Entra ID.
pub struct Office {
    /// The server.
    pub serving: Serving,
    entra: FakeEntra,
    client: reqwest::Client,
}

/// What became of a load.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How many signatures were asked for.
    pub asked: u64,
    /// What was answered instead of a signature.
    pub failures: Vec<String>,
    /// The longest wait.
    pub slowest: Duration,
}

impl Office {
    /// Serves the example company from the database at `url`, else from a SQLite file of its own, after `change` to its
    /// settings.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn open(url: Option<&str>, change: impl FnOnce(&mut Serving)) -> Self {
        let entra = FakeEntra::start().await;
        let mut serving = Serving::new();
        let sqlite = format!("sqlite:{}", serving.folder.path().join("paraph.db").display());
        let database = Database { url: url.unwrap_or(&sqlite).to_owned(), timeout_ms: 10_000, ..Database::default() };
        serving.set("database.url", &database.url);
        serving.set("identity.authority_host", &entra.url);
        serving.set("secrets.key", "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=");
        change(&mut serving);
        let store = Store::connect(&database).await.unwrap();
        store.migrate().await.unwrap();
        store.import(&example_company(), company_file, By::new("test", Clock::system().now_ms())).await.unwrap();
        store.close().await;
        serving.start().await;
        let client = crate::http::builder().timeout(PATIENCE).build().unwrap();
        Self { serving, entra, client }
    }

    /// A good token.
    ///
    /// # Panics
    /// Never.
    pub fn token(&self, someone: Someone) -> String {
        let user = User { oid: someone.oid, address: someone.address, name: "Somebody" };
        let claims = self.entra.claims(CLIENT_ID, someone.tid, &user, Clock::system().now_ms());
        Key::First.issuer().sign(&claims)
    }

    /// Asks for a signature of `someone`: its HTML, or what came instead.
    ///
    /// # Errors
    /// With the status and body, or why there was no answer.
    pub async fn sign(&self, someone: Someone) -> Result<String, String> {
        sign(&self.client, &self.serving.url, &self.token(someone)).await
    }

    /// `GET` of a path: the status and the body.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn get(&self, path: &str) -> (u16, Value) {
        let answer = self.client.get(format!("{}{path}", self.serving.url)).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    /// The value of a metric without labels.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn metric(&self, name: &str) -> Option<f64> {
        // On a connection of its own: one that was idle may be closed by the server just now.
        let text = crate::http::get(&self.serving.metrics_url)
            .await
            .unwrap_or_else(|error| panic!("{error:?}: {}", self.serving.log()))
            .text()
            .await
            .unwrap();
        text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
    }

    /// How many signatures a second it gives when everybody asks again at once.
    ///
    /// # Panics
    /// When one fails.
    pub async fn full_rate(&self) -> f64 {
        let time = Duration::from_secs(2);
        let outcome = self.ask(time, Duration::ZERO).await;
        assert!(outcome.failures.is_empty(), "{:?}", outcome.failures);
        #[expect(clippy::cast_precision_loss, reason = "a rate")]
        let rate = outcome.asked as f64 / time.as_secs_f64();
        rate
    }

    /// Asks at `rate` a second for `time`.
    ///
    /// # Panics
    /// Never: what fails is in the outcome.
    pub async fn load(&self, rate: f64, time: Duration) -> Outcome {
        #[expect(clippy::cast_precision_loss, reason = "eight")]
        let pause = WORKERS as f64 / rate.max(1.0);
        self.ask(time, Duration::from_secs_f64(pause)).await
    }

    /// Asks at half of what it can do for `time` after `begin` took the database away: nobody may be without a signature.
    ///
    /// # Panics
    /// With the first failure.
    pub async fn load_without_database(&self, time: Duration, begin: impl FnOnce()) {
        let half = self.full_rate().await / 2.0;
        begin();
        let Outcome { asked, failures, slowest } = self.load(half, time).await;
        println!("{asked} signatures at {half:.0} a second in {time:?} without a database, slowest {slowest:?}");
        assert!(failures.is_empty(), "{} of {asked}: {:?}", failures.len(), failures.first());
    }

    /// Waits until it follows the database again.
    ///
    /// # Panics
    /// When it does not.
    pub async fn recovers(&self) {
        until("still stale", async || self.metric("paraph_stale_tenants").await == Some(0.0)).await;
        until("not ready", async || self.get("/ready").await.1["status"] == "ready").await;
    }

    async fn ask(&self, time: Duration, pause: Duration) -> Outcome {
        let (end, asked) = (Instant::now() + time, Arc::new(AtomicU64::new(0)));
        let mut workers = tokio::task::JoinSet::new();
        for worker in 0..WORKERS {
            let (client, url, asked) = (self.client.clone(), self.serving.url.clone(), Arc::clone(&asked));
            let token = self.token(if worker % 2 == 0 { ADA } else { GRACE });
            workers.spawn(async move {
                let mut outcome = Outcome::default();
                let mut ticks = tokio::time::interval(pause.max(Duration::from_micros(1)));
                while Instant::now() < end {
                    ticks.tick().await;
                    let start = Instant::now();
                    asked.fetch_add(1, Ordering::Relaxed);
                    if let Err(failure) = sign(&client, &url, &token).await {
                        outcome.failures.push(failure);
                    }
                    outcome.slowest = outcome.slowest.max(start.elapsed());
                }
                outcome
            });
        }
        let mut all = Outcome::default();
        while let Some(one) = workers.join_next().await {
            let one = one.unwrap();
            all.failures.extend(one.failures);
            all.slowest = all.slowest.max(one.slowest);
        }
        all.asked = asked.load(Ordering::Relaxed);
        all
    }
}

async fn sign(client: &reqwest::Client, url: &str, token: &str) -> Result<String, String> {
    let request = client.post(format!("{url}{}", api::paths::SIGNATURE)).bearer_auth(token);
    let answer = request.json(&json!({ "kind": "new" })).send().await.map_err(|error| format!("{error:?}"))?;
    let (status, text) = (answer.status(), answer.text().await.map_err(|error| error.to_string())?);
    let html = serde_json::from_str::<Value>(&text).ok().and_then(|body| Some(body["html"].as_str()?.to_owned()));
    html.filter(|html| status.is_success() && !html.is_empty()).ok_or_else(|| format!("{status}: {text}"))
}

/// Waits until `check` is true, for half a minute at most.
///
/// # Panics
/// With `what`, when it never is.
pub async fn until(what: &str, check: impl AsyncFn() -> bool) {
    let start = Instant::now();
    while !check().await {
        assert!(start.elapsed() < Duration::from_secs(30), "{what}");
        Clock::system().sleep(Duration::from_millis(50)).await;
    }
}
