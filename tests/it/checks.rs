//! What `doctor` and *Deployment* prove: bad proxies, certificates, names, clocks and providers, each named for what it is.

use neighbours::Trouble;
use neighbours::entra::FakeEntra;
use paraph::checks::{Outcome, is_serving, ways_in, ways_out};
use paraph::clock::Clock;
use paraph::config::{Config, Outbound};
use paraph::outbound::Client;
use rcgen::generate_simple_self_signed;
use std::sync::Arc;
use tests::app::{CLIENT_ID, TestApp};
use tests::serving::free_address;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_util::sync::DropGuard;

/// Answers every request with these bytes once its headers are there, whatever body is announced.
async fn answers(text: &'static str) -> (String, DropGuard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let text = text.replace("{origin}", &origin);
    let stop = tokio_util::sync::CancellationToken::new();
    let stopped = stop.clone();
    tokio::spawn(stopped.run_until_cancelled_owned(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let text = text.clone();
            tokio::spawn(async move {
                let mut read = Vec::new();
                while !read.windows(4).any(|end| end == b"\r\n\r\n") {
                    match stream.read_buf(&mut read).await {
                        Ok(0) | Err(_) => return,
                        Ok(_) => {}
                    }
                }
                let _ = stream.write_all(text.as_bytes()).await;
                let _ = stream.shutdown().await;
            });
        }
    }));
    (origin, stop.drop_guard())
}

fn asking(clock: &Clock) -> Client {
    Client::new(&Outbound::default(), clock)
}

fn at(origin: &str) -> Config {
    let mut config = Config::default();
    config.server.public_url = origin.into();
    config.identity.client_id = CLIENT_ID.into();
    config
}

/// What the check whose name has this part found.
async fn found(config: &Config, part: &str) -> Outcome {
    let all = ways_in(config, &asking(&Clock::system())).await.checks;
    all.into_iter().find(|checked| checked.name.contains(part)).unwrap_or_else(|| panic!("no check {part:?}")).outcome
}

fn assert_failed(outcome: &Outcome, parts: &[&str]) {
    let Outcome::Failed(detail) = outcome else { panic!("{outcome:?}") };
    for part in parts {
        assert!(detail.contains(part), "{part:?} is not in: {detail}");
    }
}

#[tokio::test]
async fn a_running_server_passes() {
    let app = TestApp::start().await;
    let mut config = app.app.config.clone();
    config.server.listen = app.url.trim_start_matches("http://").parse().unwrap();
    assert!(is_serving(&config).await);
    for checked in ways_in(&config, &asking(&Clock::system())).await.checks {
        assert!(matches!(checked.outcome, Outcome::Passed(_)), "{checked:?}");
    }
    config.server.listen = free_address().parse().unwrap();
    assert!(!is_serving(&config).await);
}

#[tokio::test]
async fn an_address_that_leads_nowhere_is_named_for_its_reason() {
    assert_failed(
        &found(&at("https://paraph.invalid"), "manifest").await,
        &["paraph.invalid", "resolved", "DNS entry"],
    );
    let nobody = format!("http://{}", free_address());
    assert_failed(&found(&at(&nobody), "manifest").await, &["nothing listens", "proxy"]);
    let (elsewhere, _stop) = answers("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await;
    assert_failed(&found(&at(&elsewhere), "manifest").await, &["not with this add-in's manifest", "server.listen"]);
    let (gateway, _stop) = answers("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n").await;
    assert_failed(&found(&at(&gateway), "manifest").await, &["502", "does not reach Paraph"]);
    let (moved, _stop) =
        answers("HTTP/1.1 301 Moved\r\nlocation: https://www.example.com/\r\ncontent-length: 0\r\n\r\n").await;
    assert_failed(&found(&at(&moved), "manifest").await, &["redirects to", "https://www.example.com/"]);
}

#[tokio::test]
async fn a_certificate_that_outlook_refuses_is_refused_here_too() {
    for (name, part) in [("127.0.0.1", "does not trust"), ("elsewhere.example", "certificate")] {
        let made = generate_simple_self_signed([name.to_owned()]).unwrap();
        let key = rustls::pki_types::PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let server =
            rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(vec![made.cert.der().clone()], key.into())
                .unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("https://{}", listener.local_addr().unwrap());
        let handshakes = std::thread::spawn(move || {
            let server = Arc::new(server);
            // As many connections as checks that go there.
            for _ in 0..2 {
                let (mut stream, _) = listener.accept().unwrap();
                let mut connection = rustls::ServerConnection::new(Arc::clone(&server)).unwrap();
                let _ = connection.complete_io(&mut stream);
            }
        });
        assert_failed(&found(&at(&origin), "manifest").await, &["certificate", part]);
        handshakes.join().unwrap();
    }
}

#[tokio::test]
async fn a_proxy_that_limits_bodies_is_told_from_one_that_does_not() {
    let (limits, _stop) = answers("HTTP/1.1 413 Content Too Large\r\ncontent-length: 0\r\n\r\n").await;
    assert_failed(&found(&at(&limits), "large files").await, &["413", "client_max_body_size 64m"]);
    let (refuses, _stop) = answers("HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n").await;
    assert!(matches!(found(&at(&refuses), "large files").await, Outcome::Passed(_)));
}

#[tokio::test]
async fn a_console_that_leads_to_itself_is_explained() {
    let (console, _stop) =
        answers("HTTP/1.1 307 Temporary Redirect\r\nlocation: {origin}/console\r\ncontent-length: 0\r\n\r\n").await;
    let mut config = at("https://paraph.invalid");
    config.console.public_url = console;
    assert_failed(&found(&config, "console").await, &["leads to itself", "proxy_set_header Host $host"]);
    config.console.public_url = config.server.public_url.clone();
    assert!(
        ways_in(&config, &asking(&Clock::system()))
            .await
            .checks
            .iter()
            .all(|checked| !checked.name.contains("console")),
        "it has no name of its own"
    );
}

#[tokio::test]
async fn a_clock_that_is_off_is_told_from_keys_that_are_away() {
    let entra = FakeEntra::start().await;
    let mut config = at("http://127.0.0.1:1");
    config.identity.authority_host.clone_from(&entra.url);
    let keys = async |config: &Config, clock: &Clock| ways_out(config, &asking(clock)).await.remove(0).outcome;
    assert!(matches!(keys(&config, &Clock::system()).await, Outcome::Passed(_)));
    let day = 86_400_000;
    for (by_ms, direction) in [(-30 * day, "behind"), (30 * day, "ahead of")] {
        let clock = Clock::mock(Clock::system().now_ms() + by_ms);
        assert_failed(&keys(&config, &clock).await, &[direction, "NTP", "identity.leeway_seconds"]);
    }
    let slow = Clock::mock(Clock::system().now_ms() - 120_000);
    assert!(matches!(keys(&config, &slow).await, Outcome::Warning(_)));
    entra.until_lifted(Trouble::Status(503));
    assert_failed(&keys(&config, &Clock::system()).await, &[&entra.url, "identity.authority_host"]);
}

#[tokio::test]
async fn an_identity_provider_that_calls_itself_otherwise_is_named() {
    let provider = neighbours::oidc::FakeOidc::start().await;
    let mut config = at("http://127.0.0.1:1");
    config.console.oidc_issuer.clone_from(&provider.url);
    let outcome = async |config: &Config| ways_out(config, &asking(&Clock::system())).await.remove(1).outcome;
    assert!(matches!(outcome(&config).await, Outcome::Passed(_)));
    config.console.oidc_issuer.push('/');
    assert_failed(&outcome(&config).await, &["exactly that", "console.oidc_issuer"]);
    config.console.oidc_issuer = format!("http://{}", free_address());
    assert_failed(&outcome(&config).await, &["nothing listens", "console.oidc_issuer"]);
}
