//! The client against servers on loopback, over real HTTP.

mod filter;
mod limits;
mod sessions;

use super::*;
use crate::clock::Clock;
use crate::config::{Networks, Outbound};
use axum::Router;
use axum::extract::Request as Asked;
use axum::response::Response;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, LOCATION};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const NOON_MS: i64 = 1_795_262_400_000;
/// Generous: a busy machine is no failure.
const LIMITS: Limits = Limits { time: Duration::from_secs(20), bytes: 1_000, redirects: 3 };

/// A server that notes what it is asked.
struct Server {
    /// Its host and port.
    at: String,
    asked: Arc<Mutex<Vec<(String, HeaderMap)>>>,
    task: JoinHandle<()>,
}

impl Server {
    /// On a free port of `host`; `answer` gets the path.
    async fn start(host: &str, answer: impl Fn(&str) -> Response + Clone + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((host, 0)).await.unwrap();
        let at = listener.local_addr().unwrap().to_string();
        let asked: Arc<Mutex<Vec<(String, HeaderMap)>>> = Arc::default();
        let notes = Arc::clone(&asked);
        let router = Router::new().fallback(move |request: Asked| {
            let path = request.uri().to_string();
            notes.lock().unwrap().push((format!("{} {path}", request.method()), request.headers().clone()));
            let answer = answer(&path);
            async move { answer }
        });
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { at, asked, task }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.at)
    }

    /// What it was asked since the last call.
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap()).into_iter().map(|(line, _)| line).collect()
    }

    /// The last request's `Authorization`.
    fn authorization(&self) -> Option<String> {
        let asked = self.asked.lock().unwrap();
        Some(asked.last()?.1.get(AUTHORIZATION)?.to_str().unwrap().to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn answer(status: u16, body: &str) -> Response {
    Response::builder().status(status).header("content-type", "application/json").body(body.to_owned().into()).unwrap()
}

fn lead(status: u16, to: &str) -> Response {
    Response::builder().status(status).header(LOCATION, to).body("".into()).unwrap()
}

fn networks(list: &[&str]) -> Networks {
    serde_json::from_value(serde_json::json!(list)).unwrap()
}

fn client(allow: &[&str]) -> Client {
    Client::new(&Outbound { allow: networks(allow), ..Outbound::default() }, &Clock::mock(NOON_MS))
}

/// A client for whom every name has these addresses, in turn.
fn scripted(allow: &[&str], answers: &[&[&str]]) -> Client {
    let answers = answers.iter().map(|addresses| addresses.iter().map(|address| address.parse().unwrap()).collect());
    let names = resolve::Names::Scripted(Arc::new(Mutex::new(answers.collect())));
    let settings = Outbound { allow: networks(allow), ..Outbound::default() };
    Client::with_names(&settings, &Clock::mock(NOON_MS), names)
}

fn secret(text: &'static str) -> HeaderValue {
    let mut value = HeaderValue::from_static(text);
    value.set_sensitive(true);
    value
}

fn refused(sent: Result<Answer, SendError>) -> Why {
    match sent {
        Err(SendError::Refused(refusal)) => refusal.why,
        other => panic!("not refused: {other:?}"),
    }
}
