//! A server that is killed while it applies a run.

use api::connector::paths;
use paraph::identity::digest;
use serde_json::{Value, json};
use std::io::Write as _;
use std::time::{Duration, Instant};
use tests::connected::{self, SECRET};
use tests::postgres::{connect, new_database};
use tests::serving::Serving;

/// Enough for applying to take a while.
const PEOPLE: usize = 5_000;
/// Kills on each engine. A server that PostgreSQL's next one must miss first takes a quarter of a minute to be missed.
const KILLS: [usize; 2] = [6, 2];
const LONGEST: Duration = Duration::from_mins(2);

/// A server with its people, and the connector's side of it.
struct Office {
    serving: Serving,
    database: String,
    client: reqwest::Client,
}

impl Office {
    async fn start(database: Option<String>) -> Self {
        let mut serving = Serving::new();
        if let Some(url) = &database {
            serving.set("database.url", url);
        }
        serving.set("secrets.key", &format!("{}=", "A".repeat(43)));
        serving.set("database.timeout_ms", "10000");
        let file = format!("sqlite:{}", serving.folder.path().join("paraph.db").display());
        let database = database.unwrap_or(file);
        connected::company(&database, PEOPLE).await;
        serving.start().await;
        Self { serving, database, client: tests::http::client() }
    }

    async fn ask(&self, request: reqwest::RequestBuilder) -> Value {
        request.bearer_auth(SECRET).send().await.unwrap().json().await.unwrap()
    }

    fn url(&self, path: &str, id: &str) -> String {
        format!("{}{}", self.serving.url, path.replace("{upload}", id).replace("{part}", "0"))
    }

    /// Sends everybody with this title; until the server has another run to end first, again and again.
    async fn send(&self, title: &str) -> String {
        let rows: Vec<_> = (0..PEOPLE).map(|number| format!("p{number}@example.com,{title}\n")).collect();
        let rows = rows.concat();
        let columns = json!([{ "name": "mail", "field": "address" }, { "name": "job", "field": "title" }]);
        let started = Instant::now();
        loop {
            let id = digest(&paraph::random::id())[..32].to_owned();
            let new = json!({ "id": id, "columns": columns, "rows": PEOPLE, "parts": 1, "preview": false,
                "digest": digest(&rows), "program": "test" });
            let announced = self.ask(self.client.post(self.url(paths::UPLOADS, "")).json(&new)).await;
            if announced["id"] == json!(id) {
                if announced["received"] == 0 {
                    self.ask(self.client.put(self.url(paths::PART, &id)).body(packed(&rows))).await;
                }
                return id;
            }
            assert!(started.elapsed() < LONGEST, "{announced}");
            paraph::clock::Clock::system().sleep(Duration::from_millis(200)).await;
        }
    }

    async fn state(&self, id: &str) -> String {
        let upload = self.ask(self.client.get(self.url(paths::UPLOAD, id))).await;
        upload["state"].as_str().unwrap_or_else(|| panic!("{upload}")).to_owned()
    }

    /// Waits until the upload is in one of these states.
    async fn until(&self, id: &str, states: &[&str]) -> String {
        let started = Instant::now();
        loop {
            let state = self.state(id).await;
            if states.contains(&state.as_str()) {
                return state;
            }
            assert!(started.elapsed() < LONGEST, "it stays {state}");
            paraph::clock::Clock::system().sleep(Duration::from_millis(1)).await;
        }
    }

    /// How many people have this title, how many another one, and how often something was applied.
    async fn applied(&self, title: &str) -> (usize, usize, i64) {
        let mut database = connect(&self.database).await;
        let values: Vec<String> = sqlx::query_scalar("select fields from person_values where source = 'database'")
            .fetch_all(&mut database)
            .await
            .unwrap();
        let with = values.iter().filter(|fields| fields.contains(&format!("{title:?}"))).count();
        let runs = sqlx::query_scalar("select count(*) from audit where action = 'run_source'");
        (with, values.len() - with, runs.fetch_one(&mut database).await.unwrap())
    }
}

fn packed(rows: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(rows.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_run_whose_server_is_killed_while_it_applies_is_applied_whole_and_once() {
    for (database, kills) in [None, Some(new_database().await)].into_iter().zip(KILLS) {
        let mut office = Office::start(database).await;
        let first = office.send("title 0").await;
        assert_eq!(office.until(&first, &["applied", "failed"]).await, "applied");
        assert_eq!(office.applied("title 0").await, (PEOPLE, 0, 1));
        let mut runs = 1;
        for kill in 1..=kills {
            let title = format!("title {kill}");
            let id = office.send(&title).await;
            // Applying takes some hundred milliseconds: the kills are spread over them.
            let state = office.until(&id, &["applying", "applied"]).await;
            if state == "applying" {
                let spread = u64::from(paraph::random::bytes::<1>()[0]) / 2;
                paraph::clock::Clock::system().sleep(Duration::from_millis(spread)).await;
            }
            office.serving.kill();
            let (with, without, so_far) = office.applied(&title).await;
            let is_whole = (with, without, so_far) == (PEOPLE, 0, runs + 1);
            let is_nothing = (with, without, so_far) == (0, PEOPLE, runs);
            assert!(is_whole || is_nothing, "half a run at kill {kill}: {with} and {without}, {so_far} runs");
            office.serving.start().await;
            // What it had not applied, the next server does.
            assert_eq!(office.until(&id, &["applied", "failed"]).await, "applied", "kill {kill}");
            runs += 1;
            assert_eq!(office.applied(&title).await, (PEOPLE, 0, runs), "once, after kill {kill}");
        }
    }
}
