//! `kill -9` between a write, its answer and the client that sends it again with the same `Idempotency-Key`.

use api::console::{CSRF_HEADER, paths};
use paraph::clock::Clock;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::postgres::new_database;
use tests::serving::Serving;

/// So often the server is killed.
const KILLS: u32 = 12;
/// After this something hangs.
const LONGEST: Duration = Duration::from_mins(2);

/// A server with an owner who is signed in and has a tenant.
struct Desk {
    serving: Serving,
    client: Client,
    cookie: String,
    csrf: String,
    templates: String,
}

impl Desk {
    async fn start(database: Option<&str>) -> Self {
        let mut serving = Serving::new();
        // Generous: a busy machine is no failure.
        serving.set("database.timeout_ms", "10000");
        if let Some(url) = database {
            serving.set("database.url", url);
            serving.set("secrets.key", &format!("{}=", "A".repeat(43)));
        }
        serving.start().await;
        let client = tests::http::builder().timeout(Duration::from_secs(20)).build().unwrap();
        let out = serving.out();
        let code = out.split_once("/console/setup#").unwrap().1.lines().next().unwrap().to_owned();
        let owner =
            json!({ "code": code, "email": "o@example.com", "name": "O", "password": "a long enough password" });
        let request = client.post(format!("{}{}", serving.url, paths::SETUP)).header("origin", &serving.url);
        let answer = request.json(&owner).send().await.unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let csrf = answer.json::<Value>().await.unwrap()["csrf"].as_str().unwrap().to_owned();
        let mut desk = Self { serving, client, cookie, csrf, templates: String::new() };
        let tenant = json!({ "name": "Example", "entra_id": tests::app::TENANT, "domains": ["example.com"] });
        let made = desk.post(paths::TENANTS, "tenant", &tenant).await.unwrap();
        let tenant = made.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned();
        desk.templates = paths::TEMPLATES.replace("{tenant}", &tenant);
        desk
    }

    fn post(
        &self,
        path: &str,
        key: &str,
        body: &Value,
    ) -> impl Future<Output = reqwest::Result<reqwest::Response>> + use<> {
        let request = self.client.post(format!("{}{path}", self.serving.url)).header("origin", &self.serving.url);
        let request = request.header("cookie", &self.cookie).header(CSRF_HEADER, &self.csrf);
        request.header("idempotency-key", key).json(body).send()
    }

    /// The names of all templates.
    async fn names(&self) -> Vec<String> {
        let request = self.client.get(format!("{}{}", self.serving.url, self.templates));
        let listed: Value = request.header("cookie", &self.cookie).send().await.unwrap().json().await.unwrap();
        let rows = listed["templates"].as_array().unwrap().iter();
        rows.map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    }

    /// Sends a write, kills the server meanwhile, starts it again and sends the same until there is a final answer.
    async fn make_and_kill(&mut self, body: &Value, after: Duration) -> StatusCode {
        let name = body["name"].as_str().unwrap();
        let sent = tokio::spawn(self.post(&self.templates, name, body));
        Clock::system().sleep(after).await;
        self.serving.kill();
        drop(sent.await);
        self.serving.start().await;
        let begun = Instant::now();
        loop {
            assert!(begun.elapsed() < LONGEST, "{name} has no final answer");
            let answer = self.post(&self.templates, name, body).await.unwrap();
            let status = answer.status();
            if !answer.headers().contains_key("retry-after") {
                return status;
            }
            Clock::system().sleep(Duration::from_millis(500)).await;
        }
    }
}

async fn nothing_is_made_twice(database: Option<&str>) {
    let mut desk = Desk::start(database).await;
    let mut finals = Vec::new();
    for kill in 0..KILLS {
        // From before the request arrives to after its answer.
        let after = Duration::from_micros(u64::from(kill) * 2_500);
        let name = format!("Template {kill}");
        // A design with images takes several transactions.
        let design = (kill % 2 == 0).then_some("centred");
        let body = json!({ "name": name, "design": design, "html": "<p>Hello</p>" });
        finals.push(desk.make_and_kill(&body, after).await);
        let names = desk.names().await;
        assert_eq!(names.iter().filter(|known| **known == name).count(), 1, "{name}: {names:?}, {finals:?}");
    }
    assert!(finals.iter().all(|status| [StatusCode::CREATED, StatusCode::CONFLICT].contains(status)), "{finals:?}");
}

#[tokio::test]
async fn a_killed_server_makes_no_template_twice_on_sqlite() {
    nothing_is_made_twice(None).await;
}

#[tokio::test]
async fn a_killed_server_makes_no_template_twice_on_postgres() {
    nothing_is_made_twice(Some(&new_database().await)).await;
}
