//! Several requests in one: <https://learn.microsoft.com/graph/json-batching>.

use super::graph::Graph;
use crate::directory::fetched::FetchError;
use crate::directory::web::{Answer, Neighbour as _, Patience, Session, Verdict, retry_after};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Most requests in one.
pub(super) const MAX_PARTS: usize = 20;

/// One of the requests: `GET` below `/users`.
#[derive(Serialize)]
pub(super) struct Part {
    method: &'static str,
    url: String,
    #[serde(skip_serializing_if = "HashMap::is_empty")]
    headers: HashMap<&'static str, String>,
}

/// What one of them was answered.
#[derive(Deserialize)]
pub(super) struct PartAnswer {
    id: String,
    pub(super) status: u16,
    #[serde(default)]
    headers: HashMap<String, String>,
    #[serde(default)]
    pub(super) body: Value,
}

#[derive(Deserialize)]
struct Answers {
    responses: Vec<PartAnswer>,
}

impl Part {
    /// `GET /users/{id}{rest}`, unless it still is what it was with this `ETag`.
    pub(super) fn get(id: &str, rest: &str, etag: Option<&str>) -> Self {
        let id: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
        let headers = etag.map(|etag| ("If-None-Match", etag.to_owned())).into_iter().collect();
        Self { method: "GET", url: format!("/users/{id}{rest}"), headers }
    }
}

impl PartAnswer {
    /// A header, however its name is spelt.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// What it means, as an answer of its own.
    pub(super) fn judge(&self, graph: &Graph, needs: &str) -> Verdict {
        let body = self.body.to_string().into_bytes();
        graph.judge(&Answer { status: self.status, body, after: None }, needs)
    }
}

/// Asks until every part is answered with something other than "later"; in the order of `parts`, at most [`MAX_PARTS`].
pub(super) async fn ask(session: &Session<Graph>, needs: &str, parts: &[Part]) -> Result<Vec<PartAnswer>, FetchError> {
    let url = format!("{}/v1.0/$batch", session.neighbour().url);
    let mut answered: Vec<Option<PartAnswer>> = parts.iter().map(|_| None).collect();
    let mut patience = Patience::default();
    loop {
        let open = parts.iter().enumerate().filter(|(at, _)| answered[*at].is_none());
        let requests: Vec<Value> = open.map(|(at, part)| numbered(at, part)).collect();
        if requests.is_empty() {
            return Ok(answered.into_iter().flatten().collect());
        }
        let make = |client: &reqwest::Client| {
            client.post(&url).header("x-ms-throttle-priority", "low").json(&json!({ "requests": requests }))
        };
        let answers: Answers = session.ask(needs, make).await?;
        let mut after = None;
        let mut otherwise = FetchError::away("Microsoft Graph leaves out answers to parts of a request");
        for answer in answers.responses {
            let at = answer.id.parse::<usize>().ok().filter(|at| *at < parts.len());
            let Some(at) = at else { continue };
            match answer.judge(session.neighbour(), needs) {
                Verdict::Again { otherwise: reason, .. } => {
                    after = after.max(retry_after(answer.header("Retry-After"), session.clock().now_ms()));
                    otherwise = reason;
                }
                Verdict::Good | Verdict::Fail(_) => {
                    answered[at] = Some(answer);
                    // As long as it goes on there is no reason to give up.
                    patience = Patience::default();
                }
            }
        }
        if answered.iter().any(Option::is_none) {
            session.pause(&mut patience, Verdict::Again { after, otherwise }).await?;
        }
    }
}

fn numbered(at: usize, part: &Part) -> Value {
    let mut request = json!(part);
    request["id"] = at.to_string().into();
    request
}
