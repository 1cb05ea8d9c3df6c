//! An owner at a `Serving`, who adds people and knows which of them the server has acknowledged.

use crate::console::PASSWORD;
use crate::postgres::connect;
use crate::serving::Serving;
use api::console::{CSRF_HEADER, paths};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;

/// Longer than the server's own limit.
const PATIENCE: Duration = Duration::from_secs(15);

/// Whoever set the server up. Clones share what was acknowledged.
#[derive(Clone, Debug)]
pub struct Clerk {
    client: reqwest::Client,
    url: String,
    cookie: String,
    csrf: String,
    tenant: String,
    next: Arc<AtomicUsize>,
    acknowledged: Arc<Mutex<BTreeSet<String>>>,
}

impl Clerk {
    /// Sets a server up that was never used: the link on its standard output, an owner, an organisation.
    ///
    /// # Panics
    /// When that does not work.
    pub async fn new(serving: &Serving) -> Self {
        let out = serving.out();
        let (_, code) = out.trim().rsplit_once("/console/setup#").unwrap_or_else(|| panic!("no set-up link: {out}"));
        let client = crate::http::builder().timeout(PATIENCE).build().unwrap();
        let body = json!({ "code": code, "email": "owner@example.com", "name": "Owner", "password": PASSWORD });
        let request = client.post(format!("{}{}", serving.url, paths::SETUP)).header("origin", &serving.url);
        let answer = request.json(&body).send().await.unwrap().error_for_status().unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let session: Value = answer.json().await.unwrap();
        let mut clerk = Self {
            client,
            url: serving.url.clone(),
            cookie,
            csrf: session["csrf"].as_str().unwrap().to_owned(),
            tenant: String::new(),
            next: Arc::default(),
            acknowledged: Arc::default(),
        };
        let organisation = json!({ "name": "Example", "entra_id": crate::app::TENANT, "domains": ["example.com"] });
        let answer = clerk.post(paths::TENANTS, &organisation).await.unwrap();
        let answer: Value = answer.error_for_status().unwrap().json().await.unwrap();
        answer["id"].as_str().unwrap().clone_into(&mut clerk.tenant);
        clerk
    }

    async fn post(&self, path: &str, body: &Value) -> reqwest::Result<reqwest::Response> {
        let request = self.client.post(format!("{}{path}", self.url)).header("cookie", &self.cookie);
        request.header("origin", &self.url).header(CSRF_HEADER, &self.csrf).json(body).send().await
    }

    /// Adds one more person: the answer's status and text, or none when there was no answer.
    pub async fn add(&self) -> Option<(u16, String)> {
        let address = format!("p{}@example.com", self.next.fetch_add(1, Ordering::Relaxed));
        let body = json!({ "address": address, "kind": "person", "fields": { "title": "Analyst" } });
        let answer = self.post(&paths::PEOPLE.replace("{tenant}", &self.tenant), &body).await.ok()?;
        let status = answer.status().as_u16();
        if status == 201 {
            self.acknowledged.lock().await.insert(address);
        }
        Some((status, answer.text().await.unwrap_or_default()))
    }

    /// Adds one more person, who must be taken.
    ///
    /// # Panics
    /// When they are not.
    pub async fn must_add(&self) {
        let answer = self.add().await;
        assert!(matches!(answer, Some((201, _))), "{answer:?}");
    }

    /// Adds one more person, who must be refused for now, with the reason in words.
    ///
    /// # Panics
    /// When they are not.
    pub async fn must_be_refused(&self) {
        let answer = self.add().await;
        assert!(matches!(answer, Some((503, _))), "{answer:?}");
    }

    /// The status of reading the list of people.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn read(&self) -> u16 {
        let path = paths::PEOPLE.replace("{tenant}", &self.tenant);
        let request = self.client.get(format!("{}{path}", self.url)).header("cookie", &self.cookie);
        request.send().await.unwrap().status().as_u16()
    }

    /// How many people were acknowledged.
    pub async fn acknowledged(&self) -> usize {
        self.acknowledged.lock().await.len()
    }

    /// That the database at `url` holds everybody who was acknowledged, nobody twice, and one audit entry for each.
    ///
    /// # Panics
    /// When it does not.
    pub async fn check(&self, url: &str) {
        let mut database = connect(url).await;
        let text = "select address from addresses where position = 0";
        let all: Vec<String> = sqlx::query_scalar(text).fetch_all(&mut database).await.unwrap();
        let stored: BTreeSet<_> = all.iter().cloned().collect();
        let lost: Vec<_> = self.acknowledged.lock().await.difference(&stored).cloned().collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
        assert_eq!(stored.len(), all.len(), "somebody is there twice");
        let text = "select count(*), count(distinct subject), (select count(*) from people)
                    from audit where action = 'add_person'";
        let (entries, subjects, people): (i64, i64, i64) = sqlx::query_as(text).fetch_one(&mut database).await.unwrap();
        assert_eq!((entries, subjects), (people, people), "not one audit entry for each");
        sqlx::Connection::close(database).await.unwrap();
    }
}
