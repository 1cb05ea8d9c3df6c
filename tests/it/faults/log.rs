//! A log that cannot be written, or that nobody reads: everything goes on.

use std::fs::File;
use std::process::{Command, Stdio};
use std::time::Duration;
use tests::serving::Serving;

/// More log lines than a pipe holds.
const REQUESTS: usize = 1_000;

async fn get(url: &str) -> String {
    let client = tests::http::builder().timeout(Duration::from_secs(10)).build().unwrap();
    client.get(url).send().await.unwrap().error_for_status().unwrap().text().await.unwrap()
}

/// Starts a server with this standard error and standard output, and uses it as people do.
async fn serves_with(output: impl Fn() -> Stdio) -> u64 {
    let mut serving = Serving::new();
    serving.set("log.level", "debug");
    let redirect = |command: &mut Command| _ = command.stdout(output()).stderr(output());
    serving.start_with(redirect).await;
    let client = tests::http::client();
    for number in 0..REQUESTS {
        // Not the same connection: a panic in one would end it.
        let answer = client.get(format!("{}/api/v1/none/{number}", serving.url)).send().await.unwrap();
        assert_eq!(answer.status(), 404);
    }
    get(&format!("{}/ready", serving.url)).await;
    let metrics = get(&serving.metrics_url).await;
    let lost = metrics.lines().find_map(|line| line.strip_prefix("paraph_log_lines_lost_total "));
    let lost = lost.expect("lost lines are counted").parse().unwrap();
    serving.stop();
    lost
}

#[tokio::test]
async fn a_log_on_a_full_disk_stops_no_answer() {
    let lost = serves_with(|| File::options().write(true).open("/dev/full").unwrap().into()).await;
    assert!(lost >= REQUESTS as u64, "{lost}");
}

#[tokio::test]
async fn a_log_whose_reader_is_dead_stops_no_answer() {
    let lost = serves_with(|| std::io::pipe().unwrap().1.into()).await;
    assert!(lost >= REQUESTS as u64, "{lost}");
}

#[tokio::test]
async fn a_log_that_nobody_reads_stops_no_answer() {
    let (_reader, writer) = std::io::pipe().unwrap();
    serves_with(|| writer.try_clone().unwrap().into()).await;
}

#[test]
fn a_command_whose_output_cannot_be_written_says_so_and_does_not_panic() {
    let serving = Serving::new();
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    let said = serving.command(&["migrate"]).stdout(full()).output().unwrap();
    let text = String::from_utf8(said.stderr).unwrap();
    assert_eq!(said.status.code(), Some(1), "{text}");
    assert!(text.contains("standard output cannot be written"), "{text}");
    // Nor may the message itself end the program otherwise.
    let ended = serving.command(&["import", "missing.json"]).stdout(full()).stderr(full()).status().unwrap();
    assert_eq!(ended.code(), Some(1));
    // Whoever reads no further has seen enough.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let ended = serving.command(&["migrate"]).stdout(writer).status().unwrap();
    assert_eq!(ended.code(), Some(0));
}
