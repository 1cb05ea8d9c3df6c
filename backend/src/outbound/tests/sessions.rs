//! Asking as somebody: what is renewed, what is asked again, and what is not.

use super::*;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Answers with what a test gives, in turn; the last for ever.
async fn answering(answers: &[(u16, &'static str)]) -> Server {
    let (answers, next) = (answers.to_vec(), Arc::new(AtomicUsize::new(0)));
    Server::start("127.0.0.1", move |_| {
        let (status, body) = answers[next.fetch_add(1, Ordering::Relaxed).min(answers.len() - 1)];
        answer(status, body)
    })
    .await
}

fn route(server: &Server) -> Route {
    let reach = Reach::fixed([server.url("").as_str()]);
    Route { name: "Elsewhere", client: client(&[]), reach, limits: LIMITS }
}

struct Tokens(String);

impl Grantor for Tokens {
    fn request(&self, _: i64) -> Result<Request, Failure> {
        Ok(Request::post(&self.0).form([("client_secret", "s3cret")]))
    }

    fn judge(&self, answer: &Answer) -> Verdict {
        Verdict::usual(answer, "Elsewhere").unwrap_or(Verdict::Fail(Failure::refused("no token")))
    }
}

fn judge(answer: &Answer) -> Verdict {
    match answer.status {
        401 => Verdict::Renew(Failure::refused("not accepted")),
        _ => Verdict::usual(answer, "Elsewhere").unwrap_or(Verdict::Fail(Failure::wrong("refused"))),
    }
}

fn session(tokens: &Server, server: &Server) -> Session<AppOnly<Tokens>> {
    let asked = route(server);
    let granting = Route { client: asked.client.clone(), ..route(tokens) };
    Session::new(asked, AppOnly::new(Tokens(tokens.url("/token")), granting))
}

#[tokio::test]
async fn a_token_that_is_not_accepted_is_renewed_once() {
    let tokens = answering(&[(200, r#"{"access_token":"one"}"#), (200, r#"{"access_token":"two"}"#)]).await;
    let server = answering(&[(401, "{}"), (200, r#"{"a":1}"#)]).await;
    let asked = session(&tokens, &server);
    let said: Value = asked.ask_json(&Request::get(server.url("/")), judge).await.unwrap();
    assert_eq!((said, tokens.take().len()), (json!({ "a": 1 }), 2));
    assert_eq!(server.authorization().as_deref(), Some("Bearer two"));
    let server = answering(&[(401, "{}")]).await;
    let asked = session(&tokens, &server);
    let failed = asked.ask_json::<Value>(&Request::get(server.url("/")), judge).await.unwrap_err();
    assert_eq!((failed, server.take().len()), (Failure::refused("not accepted"), 2), "a new token does not help");
}

#[tokio::test]
async fn many_callers_share_one_token() {
    let tokens = answering(&[(200, r#"{"access_token":"one","expires_in":3600}"#)]).await;
    let server = answering(&[(200, "{}")]).await;
    let (asked, request) = (session(&tokens, &server), Request::get(server.url("/")));
    let all = (0..100).map(|_| asked.ask_json::<Value>(&request, judge));
    assert!(futures_util::future::join_all(all).await.iter().all(Result::is_ok));
    assert_eq!((tokens.take().len(), server.take().len()), (1, 100));
    asked.route().client.clock().advance_ms(3_600_000);
    asked.ask_json::<Value>(&request, judge).await.unwrap();
    assert_eq!(tokens.take().len(), 1, "it had run out");
}

#[tokio::test]
async fn what_may_have_been_done_is_not_sent_twice() {
    let tokens = answering(&[(200, r#"{"access_token":"one"}"#)]).await;
    let ask = async |request: fn(&str) -> Request, first: u16| {
        let server = answering(&[(first, "{}"), (200, "{}")]).await;
        let asked = session(&tokens, &server);
        let ended = asked.ask_json::<Value>(&request(&server.url("/")), judge).await;
        (ended.is_ok(), server.take().len())
    };
    let post = |url: &str| Request::post(url).json(&json!({}));
    let (done, refused) = ((true, 2), (false, 1));
    assert_eq!(ask(|url| Request::get(url), 500).await, done);
    assert_eq!(ask(post, 500).await, refused);
    assert_eq!(ask(|url| Request::post(url).json(&json!({})).repeatable(), 500).await, done);
    assert_eq!((ask(post, 503).await, ask(post, 429).await), (done, done), "it was not begun");
}

#[tokio::test]
async fn a_change_of_what_has_changed_is_a_decision_of_its_own() {
    let tokens = answering(&[(200, r#"{"access_token":"one"}"#)]).await;
    let server = answering(&[(412, "{}")]).await;
    let request = Request::new(reqwest::Method::PUT, server.url("/event")).if_match("\"7\"").json(&json!({}));
    let failed = session(&tokens, &server).ask_json::<Value>(&request, judge).await.unwrap_err();
    assert_eq!(failed, Failure::Changed);
    let asked = server.asked.lock().unwrap().clone();
    assert_eq!((asked.len(), asked[0].1["if-match"].to_str().unwrap()), (1, "\"7\""));
    let broken = Request::get(server.url("/")).if_match("\n");
    assert!(matches!(session(&tokens, &server).ask_json::<Value>(&broken, judge).await, Err(Failure::Wrong { .. })));
}

#[tokio::test]
async fn the_pause_that_a_server_asks_for_is_made() {
    let tokens = answering(&[(200, r#"{"access_token":"one"}"#)]).await;
    let count = Arc::new(AtomicUsize::new(0));
    let server = Server::start("127.0.0.1", move |_| {
        let mut answer = answer(if count.fetch_add(1, Ordering::Relaxed) == 0 { 429 } else { 200 }, "{}");
        answer.headers_mut().insert("retry-after", HeaderValue::from_static("40"));
        answer
    })
    .await;
    let asked = session(&tokens, &server);
    asked.ask_json::<Value>(&Request::get(server.url("/")), judge).await.unwrap();
    assert_eq!(asked.route().client.clock().passed_ms(), 40_000);
}

#[tokio::test]
async fn a_password_is_tried_once_and_shown_to_nobody() {
    let server = answering(&[(401, "{}")]).await;
    let password = Password::new("EXAMPLE\\ada", "hunter2: ü").unwrap();
    let asked = Session::new(route(&server), password);
    assert!(!format!("{asked:?}").contains("hunter2"));
    let failed = asked.ask_json::<Value>(&Request::get(server.url("/EWS")), judge).await.unwrap_err();
    assert_eq!(failed, Failure::reconnect("not accepted"));
    assert_eq!(server.authorization().as_deref(), Some("Basic RVhBTVBMRVxhZGE6aHVudGVyMjogw7w="));
    assert_eq!(server.take().len(), 1, "more tries would lock the account");
    assert!(Password::new("a:b", "c").is_err());
}

#[tokio::test]
async fn an_answer_of_another_type_is_no_answer() {
    let tokens = answering(&[(200, r#"{"access_token":"one"}"#)]).await;
    let server = Server::start("127.0.0.1", |_| Response::new("<h1>Sign in to this network</h1>".into())).await;
    let failed = session(&tokens, &server).ask_json::<Value>(&Request::get(server.url("/")), judge).await.unwrap_err();
    assert!(matches!(&failed, Failure::Wrong { detail } if detail.contains("instead of JSON")), "{failed}");
    assert_eq!(server.take().len(), 8, "it may pass");
}
