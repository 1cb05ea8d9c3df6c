//! What the server does when it is told to do it wrong.

use super::{answer, config, connect, start, try_connect};
use futures_util::TryStreamExt as _;
use neighbours::Trouble;
use neighbours::tds::Encryption;
use std::time::Duration;
use tokio::time::timeout;

/// Longer than anybody needs on loopback to be answered, and not too long to wait for.
const A_WHILE: Duration = Duration::from_millis(300);

#[tokio::test]
async fn a_silent_server_answers_neither_a_client_nor_a_query() {
    let server = start(Encryption::Required).await;
    let mut client = connect(&server).await;
    server.until_lifted(Trouble::Silent);
    assert!(timeout(A_WHILE, answer(&mut client, "select 1")).await.is_err());
    assert!(timeout(A_WHILE, try_connect(config(&server, Encryption::Required))).await.is_err());
    server.lift();
    assert_eq!(answer(&mut connect(&server).await, "select 1").await, "1");
}

#[tokio::test]
async fn a_late_server_answers_in_the_end() {
    let server = start(Encryption::Required).await;
    let mut client = connect(&server).await;
    server.until_lifted(Trouble::Slow(A_WHILE));
    let begin = std::time::Instant::now();
    assert_eq!(answer(&mut client, "select 1").await, "1");
    assert!(begin.elapsed() >= A_WHILE);
}

#[tokio::test]
async fn a_dripping_server_keeps_the_next_row_waiting() {
    let server = start(Encryption::Required).await;
    let mut client = connect(&server).await;
    server.until_lifted(Trouble::Drip(Duration::from_mins(1)));
    let mut rows = client.simple_query("select n from numbers").await.unwrap().into_row_stream();
    assert!(rows.try_next().await.unwrap().is_some());
    assert!(timeout(A_WHILE, rows.try_next()).await.is_err());
    drop(rows);
    client.cancel_query().await.unwrap();
}

#[tokio::test]
async fn a_server_that_goes_away_gives_some_rows_and_an_error() {
    let server = start(Encryption::Required).await;
    server.until_lifted(Trouble::CutAfter(5));
    let mut client = connect(&server).await;
    let mut rows = client.simple_query("select n from numbers").await.unwrap().into_row_stream();
    for _ in 0..5 {
        assert!(rows.try_next().await.unwrap().is_some());
    }
    rows.try_next().await.unwrap_err();
}

#[tokio::test]
async fn a_dropped_server_ends_its_connections() {
    let server = start(Encryption::Required).await;
    let mut client = connect(&server).await;
    let config = config(&server, Encryption::Required);
    drop(server);
    client.simple_query("select 1").await.unwrap_err();
    assert!(tokio::net::TcpStream::connect(config.get_addr()).await.is_err());
}
