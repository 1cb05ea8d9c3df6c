//! Whole runs of directories: connected, fetched, planned, applied, and what becomes of it later.

mod consent;
mod entra;
mod google;
mod lists;
mod reconciling;

use crate::people::Desk;
use api::console::paths;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::Answer;

const HOUR_MS: i64 = 3_600_000;

impl Desk<'_> {
    async fn begin(&self, source: &str, how: &Value) -> Answer {
        self.owner.send("POST", &self.path(paths::SOURCE_RUNS, source), how).await
    }

    /// A run of a source once it waits for somebody, or has ended.
    async fn run(&self, source: &str, how: &Value) -> Value {
        let begun = self.begin(source, how).await;
        assert_eq!(begun.status, StatusCode::CREATED, "{}", begun.text());
        let id = begun.json()["id"].as_str().unwrap().to_owned();
        self.ended(&id).await
    }

    /// The same, confirmed where it waits: the example company has values that no directory gave.
    async fn run_through(&self, source: &str) -> Value {
        let run = self.run(source, &json!({})).await;
        let id = run["id"].as_str().unwrap();
        if run["state"] == "planned" {
            let path = self.path(paths::APPLY_RUN, id);
            let answer = self.owner.send("POST", &path, &json!({ "confirmed": true })).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        }
        let run = self.ended(id).await;
        assert_eq!(run["state"], "applied", "{run}");
        run
    }

    async fn ended(&self, id: &str) -> Value {
        self.owner.settled(&self.path(paths::RUN, id)).await
    }

    async fn source(&self, source: &str) -> Answer {
        self.owner.get(&self.path(paths::SOURCE, source)).await
    }

    /// Somebody found by address.
    async fn found(&self, address: &str) -> Option<Value> {
        let people = self.owner.get(&format!("{}?search={address}", self.path(paths::PEOPLE, ""))).await.json();
        let id = people["people"].as_array()?.first()?["id"].as_str()?.to_owned();
        Some(self.person(&id).await.0)
    }

    async fn groups_of(&self, address: &str) -> Vec<String> {
        let people = self.owner.get(&format!("{}?search={address}", self.path(paths::PEOPLE, ""))).await.json();
        let groups = people["people"][0]["groups"].as_array().unwrap().clone();
        groups.iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    }
}

fn counts(run: &Value) -> [u64; 7] {
    ["added", "changed", "unchanged", "cleared", "removed", "groups", "wrong"]
        .map(|name| run["plan"][name].as_u64().unwrap_or_else(|| panic!("{name}: {run}")))
}
