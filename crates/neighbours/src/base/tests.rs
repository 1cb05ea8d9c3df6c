use super::*;
use axum::response::IntoResponse as _;
use axum::routing::get;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longer than an answer takes on loopback.
const A_WHILE: Duration = Duration::from_millis(200);

async fn start() -> Neighbour {
    let opened = Opened::new(Now::fixed(1_795_262_400_000), |status, said| {
        let (code, message) = said.unwrap_or(("unknown", ""));
        (status, format!("{code}: {message}")).into_response()
    })
    .await;
    let router = Router::new()
        .route("/list", opened.desk.door("list", get(async || "twelve bytes")))
        .route("/token", opened.desk.token_door("token", get(async || "token")));
    opened.serve(router)
}

/// What comes back until the connection ends: bytes, because a broken answer is no HTTP.
async fn ask(neighbour: &Neighbour, path: &str) -> String {
    let mut tcp = connect(neighbour, path).await;
    let mut answer = Vec::new();
    // Reset or closed: both are an end.
    let _ = tcp.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

async fn connect(neighbour: &Neighbour, path: &str) -> TcpStream {
    let mut tcp = TcpStream::connect(neighbour.url.strip_prefix("http://").unwrap()).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    tcp.write_all(request.as_bytes()).await.unwrap();
    tcp
}

#[tokio::test]
async fn troubles_come_in_turn_pass_tokens_by_and_end() {
    let neighbour = start().await;
    neighbour.then([Trouble::Status(503), Trouble::Fine, Trouble::Refused(403, "quota", "too much")]);
    assert!(ask(&neighbour, "/token").await.ends_with("token"));
    assert!(ask(&neighbour, "/list").await.starts_with("HTTP/1.1 503"));
    assert!(ask(&neighbour, "/list").await.ends_with("twelve bytes"));
    let refused = ask(&neighbour, "/list").await;
    assert!(refused.starts_with("HTTP/1.1 403") && refused.ends_with("quota: too much"), "{refused}");
    assert!(ask(&neighbour, "/list").await.ends_with("twelve bytes"));
    assert_eq!(neighbour.take_requests(), ["token", "list", "list", "list", "list"]);
    assert_eq!((neighbour.asked("list"), neighbour.answered("list"), neighbour.asked("other")), (4, 2, 0));
}

#[tokio::test]
async fn a_trouble_can_be_of_one_door_and_last_until_it_is_lifted() {
    let neighbour = start().await;
    neighbour.until_lifted_at("token", Trouble::Status(500));
    for _ in 0..2 {
        assert!(ask(&neighbour, "/token").await.starts_with("HTTP/1.1 500"));
    }
    assert!(ask(&neighbour, "/list").await.ends_with("twelve bytes"));
    neighbour.lift();
    neighbour.then_at("token", [Trouble::Status(502)]);
    assert!(ask(&neighbour, "/list").await.ends_with("twelve bytes"));
    assert!(ask(&neighbour, "/token").await.starts_with("HTTP/1.1 502"));
    neighbour.until_lifted(Trouble::Status(503));
    neighbour.lift();
    assert!(ask(&neighbour, "/token").await.ends_with("token"));
}

#[tokio::test]
async fn a_request_to_wait_names_seconds_or_a_date_by_the_neighbours_clock() {
    let neighbour = start().await;
    neighbour.then([Trouble::Throttled(Some("7".into()))]);
    let answer = ask(&neighbour, "/list").await;
    assert!(answer.starts_with("HTTP/1.1 429") && answer.contains("retry-after: 7\r\n"), "{answer}");
    assert!(answer.contains("date: Sat, 21 Nov 2026 12:00:00 GMT\r\n"), "{answer}");
}

#[tokio::test]
async fn answers_are_cut_halved_or_never_heard() {
    let neighbour = start().await;
    let end = async |trouble: Trouble| {
        neighbour.then([trouble]);
        let answer = ask(&neighbour, "/list").await;
        answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned())
    };
    assert_eq!(end(Trouble::Half).await.as_deref(), Some("twelve"));
    for (trouble, bytes) in
        [(Trouble::Cut, "twelve"), (Trouble::CutAfter(3), "twe"), (Trouble::CutAfter(99), "twelve bytes")]
    {
        let body = end(trouble.clone()).await.unwrap();
        assert!(body.contains(&format!("\r\n{bytes}\r\n")) && !body.ends_with("0\r\n\r\n"), "{trouble:?}: {body:?}");
    }
    assert_eq!((end(Trouble::Closed).await, neighbour.answered("list")), (None, 4));
    assert_eq!(end(Trouble::Unheard).await, None);
}

#[tokio::test]
async fn what_is_held_is_answered_once_troubles_are_lifted_and_what_is_silent_never() {
    let neighbour = start().await;
    for trouble in [Trouble::Held, Trouble::Silent] {
        neighbour.until_lifted(trouble.clone());
        let mut tcp = connect(&neighbour, "/list").await;
        let mut answer = String::new();
        assert!(timeout(A_WHILE, tcp.read_to_string(&mut answer)).await.is_err(), "{trouble:?}");
        neighbour.lift();
        let came = timeout(A_WHILE, tcp.read_to_string(&mut answer)).await.is_ok();
        assert_eq!(came, trouble == Trouble::Held, "{trouble:?}");
    }
}

#[tokio::test]
async fn what_was_asked_is_written_down() {
    let neighbour = start().await;
    ask(&neighbour, "/list?from=1").await;
    let log = neighbour.take_log();
    let asked = Asked { door: "list", method: "GET".into(), target: "/list?from=1".into(), body: String::new() };
    assert_eq!(log, [asked]);
    assert_eq!(neighbour.take_log(), []);
}

#[tokio::test]
async fn a_dropped_neighbour_closes_its_port_and_its_connections() {
    let neighbour = start().await;
    neighbour.until_lifted(Trouble::Silent);
    let mut tcp = connect(&neighbour, "/list").await;
    let address = neighbour.url.strip_prefix("http://").unwrap().to_owned();
    drop(neighbour);
    let mut answer = Vec::new();
    let _ = tcp.read_to_end(&mut answer).await;
    assert!(answer.is_empty());
    TcpStream::connect(address).await.unwrap_err();
}
