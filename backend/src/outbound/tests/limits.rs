//! What an answer may take, and what it says when it takes more.

use super::*;
use axum::body::Body;
use futures_util::{StreamExt as _, stream};
use std::convert::Infallible;

#[tokio::test]
async fn an_answer_has_no_more_bytes_than_it_may_have() {
    let server = Server::start("127.0.0.1", |path| match path {
        "/all" => answer(200, &"a".repeat(1_000)),
        "/more" => answer(200, &"a".repeat(1_001)),
        _ => Response::new(Body::from_stream(stream::repeat(Ok::<_, Infallible>("endless")))),
    })
    .await;
    let reach = Reach::fixed([server.url("").as_str()]);
    let ask = async |path: &str| client(&[]).send(&Request::get(server.url(path)), &reach, LIMITS).await;
    assert_eq!(ask("/all").await.unwrap().body.len(), 1_000);
    for path in ["/more", "/endless"] {
        assert_eq!(ask(path).await.unwrap_err(), SendError::TooLarge(1_000), "{path}");
    }
}

#[tokio::test]
async fn one_deadline_holds_for_everything() {
    let server = Server::start("127.0.0.1", |path| match path {
        "/drip" => {
            let first = stream::once(async { Ok::<_, Infallible>("a") });
            Response::new(Body::from_stream(first.chain(stream::pending())))
        }
        _ => lead(302, "/drip"),
    })
    .await;
    let limits = Limits { time: Duration::from_millis(200), ..LIMITS };
    let reach = Reach::fixed([server.url("").as_str()]);
    for path in ["/drip", "/leads-there"] {
        let error = client(&[]).send(&Request::get(server.url(path)), &reach, limits).await.unwrap_err();
        let SendError::Unreachable(unreachable) = error else { panic!("{path}: {error}") };
        assert_eq!((unreachable.cause, unreachable.is_unsent), (Cause::Timeout(limits.time), false), "{path}");
    }
}

#[tokio::test]
async fn redirects_are_followed_so_often_and_only_where_nothing_is_done_twice() {
    let server = Server::start("127.0.0.1", |_| lead(302, "/circle")).await;
    let reach = Reach::fixed([server.url("").as_str()]);
    let (client, url) = (client(&[]), server.url("/circle"));
    let ask = async |request: &Request, redirects| client.send(request, &reach, Limits { redirects, ..LIMITS }).await;
    assert_eq!(ask(&Request::get(&url), 3).await.unwrap_err(), SendError::Circle(3));
    assert_eq!(server.take().len(), 4);
    assert_eq!(ask(&Request::get(&url), 0).await.unwrap().status, 302, "it is the answer");
    assert_eq!(ask(&Request::post(&url).json(&serde_json::json!({})), 3).await.unwrap().status, 302);
    assert_eq!(server.take(), ["GET /circle", "POST /circle"]);
}

#[tokio::test]
async fn whoever_does_not_answer_is_named_without_what_is_secret() {
    let free = Server::start("127.0.0.1", |_| answer(200, "{}")).await.at.clone();
    // Somebody else may get the port; then there is an answer, which is none of ours.
    let url = format!("http://{free}/token?code=s3cret");
    let request = Request::get(&url).header(AUTHORIZATION, secret("Bearer s3cret"));
    if let Err(error) = client(&[]).send(&request, &Reach::fixed([url.as_str()]), LIMITS).await {
        let text = format!("{error} {error:?}");
        assert!(text.contains("127.0.0.1") && !text.contains("s3cret"), "{text}");
    }
    let url = "https://paraph.invalid/token?code=s3cret";
    let error = client(&[]).send(&Request::get(url), &Reach::fixed([url]), LIMITS).await.unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(text.contains("paraph.invalid cannot be reached") && !text.contains("s3cret"), "{text}");
    let error = client(&[]).send(&Request::get("https://10.0.0.1/?s3cret"), &Reach::Public, LIMITS).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("s3cret"));
}
