//! Uploads to a server that fails now and then.

use crate::fake::{FakeParaph, Mood};
use crate::here::{Connector, connector};
use crate::keeper;
use api::console::RunState;
use paraph_connector::run::Stopped;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};

const STAFF: &str = "create table staff (mail text, title text); \
    insert into staff values ('ada@example.com', 'Countess'), ('grace@example.com', 'Admiral')";
const APPLIED: &str = "ada@example.com,Countess\r\ngrace@example.com,Admiral\r\n";

async fn ready() -> (FakeParaph, Connector) {
    let (paraph, connector) = (FakeParaph::start().await, connector());
    connector.to(&paraph).map(&[("address", "mail"), ("title", "title")]);
    connector.sqlite(STAFF, "SELECT * FROM staff ORDER BY mail").await;
    (paraph, connector)
}

#[tokio::test]
async fn a_server_that_fails_now_and_then_gets_every_row_once() {
    for moods in [
        vec![("GET", Mood::Status(503)), ("POST", Mood::Status(502)), ("PUT", Mood::Busy(7))],
        vec![("PUT", Mood::CutBefore), ("PUT", Mood::CutAfter)],
        vec![("POST", Mood::CutAfter), ("PUT", Mood::Status(500)), ("PUT", Mood::Status(504))],
        vec![("GET", Mood::CutBefore), ("GET /api/connector/v1/uploads/", Mood::CutBefore)],
    ] {
        let (paraph, connector) = ready().await;
        paraph.slow(5);
        for (which, mood) in moods.clone() {
            paraph.mood(which, mood);
        }
        let before = connector.needs.clock.now_ms();
        let done = connector.run().await.unwrap();
        assert_eq!(done.upload.state, RunState::Applied, "{moods:?}");
        assert_eq!(paraph.applied().as_deref(), Some(APPLIED), "{moods:?}");
        assert_eq!(paraph.uploads(), 1, "{moods:?}");
        if moods.iter().any(|(_, mood)| matches!(mood, Mood::Busy(7))) {
            assert!(connector.needs.clock.now_ms() - before >= 7_000, "it waits as long as it is asked to");
        }
    }
}

#[tokio::test]
async fn refusals_are_told_as_sentences_and_not_repeated() {
    for (which, status, says) in [
        ("GET /api/connector/v1", 401, "create a new one on Paraph's Database page"),
        ("GET /api/connector/v1", 403, "told"),
        ("POST", 409, "told"),
        ("POST", 413, "told"),
        ("POST", 422, "told"),
        ("PUT", 413, "told"),
    ] {
        let (paraph, connector) = ready().await;
        paraph.mood(which, Mood::Says(status, "what is told"));
        let stopped = connector.run().await.unwrap_err();
        assert!(stopped.to_string().contains(says), "{status}: {stopped}");
        assert_eq!(paraph.applied(), None);
        assert_eq!(paraph.uploads(), 0, "{status}: nothing is left waiting");
    }
}

#[tokio::test]
async fn a_wrong_secret_is_said_to_be_one() {
    let (paraph, connector) = ready().await;
    connector.to_with(&paraph, "revoked");
    let stopped = connector.run().await.unwrap_err();
    assert!(stopped.to_string().contains("wrong or revoked"), "{stopped}");
    assert_eq!(paraph.count("POST"), 0, "the database was not even asked");
}

#[tokio::test]
async fn a_server_that_is_away_is_given_up_after_a_while() {
    let (paraph, connector) = ready().await;
    for _ in 0..100 {
        paraph.mood("GET", Mood::Status(503));
    }
    let before = connector.needs.clock.now_ms();
    let stopped = connector.run().await.unwrap_err();
    assert!(matches!(stopped, Stopped::Paraph(paraph_connector::paraph::Trouble::Away { .. })), "{stopped}");
    let waited = connector.needs.clock.now_ms() - before;
    assert!((300_000..=600_000).contains(&waited), "{waited}");

    connector.set(|config| config.paraph.url = "http://127.0.0.1:9".into());
    assert!(connector.run().await.unwrap_err().to_string().contains("nothing listens"));
    connector.set(|config| config.paraph.url = "https://paraph.invalid".into());
    assert!(connector.run().await.unwrap_err().to_string().contains("cannot be resolved"));
}

#[tokio::test]
async fn a_preview_applies_nothing_and_shows_the_plan() {
    let (paraph, connector) = ready().await;
    let done = connector.preview().await.unwrap();
    assert_eq!(done.upload.state, RunState::Planned);
    assert_eq!(done.upload.plan.unwrap().changed, 1);
    assert_eq!(paraph.applied(), None);
}

#[tokio::test]
async fn a_renamed_column_stops_the_run_before_anything_is_sent() {
    let (paraph, connector) = ready().await;
    connector.map(&[("address", "mail"), ("title", "job"), ("phone", "tel")]);
    let stopped = connector.run().await.unwrap_err();
    assert!(stopped.to_string().contains("no longer returns tel, job"), "{stopped}");
    assert_eq!(paraph.count("POST"), 0);
}

#[tokio::test]
async fn a_run_that_waits_for_an_admin_is_at_its_end_here() {
    let (paraph, connector) = ready().await;
    paraph.ends(RunState::Planned, "it would take values from 90 % of all people");
    let done = connector.run().await.unwrap();
    assert_eq!(done.upload.state, RunState::Planned);
    assert!(done.upload.failure.unwrap().contains("90 %"));
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_said_to_be_one() {
    keeper::needs("openssl", "openssl");
    let (_, connector) = ready().await;
    let (folder, port) = (connector.folder.path(), keeper::free_port());
    let openssl = |arguments: &str| {
        let mut command = tokio::process::Command::new("openssl");
        command.args(arguments.split(' ')).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped());
        command.stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap()
    };
    let make = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
                -addext basicConstraints=critical,CA:FALSE -keyout key.pem -out cert.pem";
    assert!(openssl(&make.split_whitespace().collect::<Vec<_>>().join(" ")).wait().await.unwrap().success());
    let mut server = openssl(&format!("s_server -accept {port} -www -cert cert.pem -key key.pem"));
    let mut said = BufReader::new(server.stdout.take().unwrap()).lines();
    while !said.next_line().await.unwrap().unwrap().contains("ACCEPT") {}

    connector.set(|config| config.paraph.url = format!("https://localhost:{port}"));
    let stopped = connector.run().await.unwrap_err().to_string();
    assert!(stopped.contains("certificate is not trusted") && stopped.contains("paraph.ca_file"), "{stopped}");
    let authority = folder.join("cert.pem").to_str().unwrap().to_owned();
    connector.set(|config| config.paraph.ca_file = authority);
    let stopped = connector.run().await.unwrap_err().to_string();
    assert!(stopped.contains("is not Paraph"), "{stopped}");
}
