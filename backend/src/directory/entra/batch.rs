//! Batches of requests: <https://learn.microsoft.com/graph/json-batching>.

use super::super::fetched::FetchError;
use super::graph::{Graph, GraphSession};
use crate::outbound::{Answer, Failure, Patience, Request, Verdict, parse_retry_after};
use reqwest::header::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Maximum number of requests in a batch.
pub(super) const MAX_PARTS: usize = 20;

/// Marks requests as low priority, which Microsoft requests for background work and throttles first.
pub(super) const PRIORITY: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-ms-throttle-priority"), HeaderValue::from_static("low"));

/// A request of a batch: `GET` below `/users`.
#[derive(Serialize)]
pub(super) struct Part {
    method: &'static str,
    url: String,
    #[serde(skip_serializing_if = "HashMap::is_empty")]
    headers: HashMap<&'static str, String>,
}

/// The answer to a request of a batch.
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
    /// `GET /users/{id}{rest}`, unless the `ETag` still matches.
    pub(super) fn get(id: &str, rest: &str, etag: Option<&str>) -> Self {
        let id: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
        let headers = etag.map(|etag| ("If-None-Match", etag.to_owned())).into_iter().collect();
        Self { method: "GET", url: format!("/users/{id}{rest}"), headers }
    }
}

impl PartAnswer {
    /// A header, by case-insensitive name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Classifies the answer like that of a single request.
    pub(super) fn judge(&self, needs: &str) -> Verdict {
        Graph::judge_answer(&Answer::new(self.status, self.body.to_string().into_bytes()), needs)
    }
}

/// Sends at most [`MAX_PARTS`] requests and retries those that are throttled; returns the answers in the order of `parts`.
pub(super) async fn ask(session: &GraphSession, needs: &str, parts: &[Part]) -> Result<Vec<PartAnswer>, FetchError> {
    let url = format!("{}/v1.0/$batch", session.credentials().grantor().url);
    let mut answered: Vec<Option<PartAnswer>> = parts.iter().map(|_| None).collect();
    let mut patience = Patience::default();
    loop {
        let open = parts.iter().enumerate().filter(|(at, _)| answered[*at].is_none());
        let requests: Vec<Value> = open.map(|(at, part)| numbered(at, part)).collect();
        if requests.is_empty() {
            return Ok(answered.into_iter().flatten().collect());
        }
        let (name, low) = PRIORITY;
        // Its parts only read.
        let request = Request::post(&url).header(name, low).json(&json!({ "requests": requests })).repeatable();
        let answers: Answers = session.ask_json(&request, |answer| Graph::judge_answer(answer, needs)).await?;
        let mut after = None;
        let mut otherwise = Failure::away("Microsoft Graph did not answer all parts of a batch request");
        for answer in answers.responses {
            let at = answer.id.parse::<usize>().ok().filter(|at| *at < parts.len());
            let Some(at) = at else { continue };
            match answer.judge(needs) {
                Verdict::Later { otherwise: reason, .. } => {
                    let now_ms = session.route().client.clock().now_ms();
                    after = after.max(answer.header("Retry-After").and_then(|text| parse_retry_after(text, now_ms)));
                    otherwise = reason;
                }
                Verdict::Ok | Verdict::Renew(_) | Verdict::Fail(_) => {
                    answered[at] = Some(answer);
                    // As long as it goes on there is no reason to give up.
                    patience = Patience::default();
                }
            }
        }
        if answered.iter().any(Option::is_none) {
            session.route().pause(&mut patience, Verdict::Later { after, otherwise }).await?;
        }
    }
}

fn numbered(at: usize, part: &Part) -> Value {
    let mut request = json!(part);
    request["id"] = at.to_string().into();
    request
}
