//! What signals do, what systemd and containers are told, and what stands in the log.

use neighbours::oidc::{CLIENT, FakeOidc, SECRET};
use std::os::unix::net::UnixDatagram;
use std::time::Duration;
use tests::app::{ADA, CLIENT_ID};
use tests::load::{Office, until};
use tests::serving::{Serving, free_address};

/// A server whose settings stand in `paraph.toml`.
fn with_file(log: &str) -> Serving {
    let serving = Serving::new();
    write(&serving, &format!("[log]\n{log}\n"));
    serving
}

fn write(serving: &Serving, text: &str) {
    std::fs::write(serving.folder.path().join("paraph.toml"), text).unwrap();
}

#[tokio::test]
async fn sighup_reads_the_log_level_and_the_proxies_again_and_keeps_the_old_ones_when_they_are_wrong() {
    let mut serving = with_file("level = \"info\"");
    serving.start().await;
    let ask = async || {
        let request = tests::http::client().get(format!("{}/no-such", serving.url));
        request.header("x-forwarded-for", "203.0.113.9").send().await.unwrap();
    };
    ask().await;
    until("no line", async || serving.log().contains("peer=127.0.0.1")).await;
    write(&serving, "[log]\nlevel = \"debug\"\n[server]\ntrusted_proxies = [\"127.0.0.1\"]\n");
    serving.signal("HUP");
    until("not reloaded", async || serving.log().contains("were reloaded")).await;
    ask().await;
    until("the proxy is not trusted", async || serving.log().contains("peer=203.0.113.9")).await;
    tests::http::get(format!("{}/health", serving.url)).await.unwrap();
    until("nothing at debug", async || serving.log().contains("DEBUG")).await;
    write(&serving, "[log]\nlevel = \"verbose\"\n");
    serving.signal("HUP");
    until("taken", async || serving.log().contains("the old ones stay in use")).await;
    assert!(serving.log().contains("debug or trace"), "{}", serving.log());
    let before = serving.log().matches("DEBUG").count();
    tests::http::get(format!("{}/health", serving.url)).await.unwrap();
    until("the level is gone", async || serving.log().matches("DEBUG").count() > before).await;
    write(&serving, "[server]\nshutdown_seconds = 3\n");
    serving.signal("HUP");
    until("not said", async || serving.log().contains("after a restart")).await;
    serving.stop();
}

#[tokio::test]
async fn level_words_that_would_silence_everything_are_refused_by_name() {
    for level in ["warning", "verbose", "INFOO", "info,paraph=loud"] {
        let mut serving = Serving::new();
        serving.set("log.level", level);
        let ended = serving.run(&["serve"]);
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(!ended.status.success(), "{level}");
        assert!(said.contains("log.level") && said.contains("error, warn, info, debug, trace, off"), "{level}: {said}");
    }
}

#[tokio::test]
async fn the_log_has_no_colours_and_no_probes_and_names_peers() {
    let mut office = Office::open(None, |_| {}).await;
    for path in ["/health", "/ready"] {
        office.get(path).await;
    }
    office.sign(ADA).await.unwrap();
    until("no line", async || office.serving.log().contains("route=\"/api/v1/signature\"")).await;
    let log = office.serving.log();
    assert!(!log.contains('\u{1b}'), "{log}");
    assert!(!log.contains("/health") && !log.contains("/ready"), "{log}");
    assert!(log.contains("peer=127.0.0.1"), "{log}");
    assert!(!log.contains(ADA.address), "{log}");
    office.serving.stop();
}

#[tokio::test]
async fn a_failed_sign_in_is_one_line_that_cannot_be_forged() {
    let mut serving = Serving::new();
    serving.set("server.trusted_proxies", "[\"127.0.0.1\"]");
    serving.start().await;
    let client = tests::http::client();
    for email in ["ada@example.com", "x@example.com\nsign-in failed peer=192.0.2.1"] {
        let request = client.post(format!("{}{}", serving.url, api::console::paths::SIGN_IN));
        let request = request.header("origin", &serving.url).header("x-forwarded-for", "203.0.113.7");
        let body = serde_json::json!({ "email": email, "password": "wrong wrong wrong" });
        assert_eq!(request.json(&body).send().await.unwrap().status().as_u16(), 401);
    }
    let token = client.get(format!("{}/api/v1/tenants/x/people", serving.url)).bearer_auth("paraph_wrong");
    token.header("x-forwarded-for", "203.0.113.8").send().await.unwrap();
    let matches = || -> Vec<String> {
        let log = serving.log();
        let after = log.lines().filter_map(|line| Some(line.split_once("sign-in failed peer=")?.1.to_owned()));
        after.collect()
    };
    until("not logged", async || matches().len() >= 3).await;
    let lines = matches();
    assert_eq!(lines[0], "203.0.113.7 account=a***@example.com reason=password", "{lines:?}");
    assert!(lines[1].starts_with("203.0.113.7 account=x***@"), "{lines:?}");
    assert_eq!(lines[2], "203.0.113.8 account=*** reason=api_token", "{lines:?}");
    assert!(!serving.log().contains("peer=192.0.2.1"));
    serving.stop();
}

#[tokio::test]
async fn a_failed_sign_in_with_the_provider_is_a_line_too_but_not_what_another_site_causes() {
    let provider = FakeOidc::start().await;
    let mut serving = Serving::new();
    for (key, value) in [("issuer", provider.url.as_str()), ("client_id", CLIENT), ("client_secret", SECRET)] {
        serving.set(&format!("console.oidc_{key}"), value);
    }
    serving.start().await;
    let client = tests::http::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let get = |path: &str| client.get(format!("{}{path}", serving.url));
    let back = format!("{}?code=x&state=forged", api::console::paths::OIDC_CALLBACK);
    // Nothing was begun in this browser: an image on any page can ask for this.
    get(&back).send().await.unwrap();
    let there = get(api::console::paths::OIDC_START).send().await.unwrap();
    let pending = there.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    get(&back).header("cookie", pending).send().await.unwrap();
    let lines = || serving.log().matches("sign-in failed peer=").count();
    until("not logged", async || lines() > 0).await;
    assert!(serving.log().contains("sign-in failed peer=127.0.0.1 account=*** reason=invalid"), "{}", serving.log());
    assert_eq!(lines(), 1);
    serving.stop();
}

#[tokio::test]
async fn systemd_is_told_ready_reloading_watchdog_and_stopping() {
    let mut serving = with_file("level = \"info\"");
    let path = serving.folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    serving
        .start_with(|command| {
            command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "600000");
        })
        .await;
    let told = |what: &str| {
        let mut buffer = [0; 512];
        loop {
            let read = socket.recv(&mut buffer).unwrap_or_else(|error| panic!("{what}: {error}"));
            let text = String::from_utf8_lossy(&buffer[..read]).into_owned();
            if text.lines().any(|line| line == what) {
                return text;
            }
        }
    };
    told("READY=1");
    told("WATCHDOG=1");
    told("WATCHDOG=1");
    serving.signal("HUP");
    assert!(told("RELOADING=1").contains("MONOTONIC_USEC="));
    told("READY=1");
    serving.signal("TERM");
    told("STOPPING=1");
    serving.stop_told();
}

#[tokio::test]
async fn paraph_health_tells_containers_whether_the_server_answers() {
    let mut serving = Serving::new();
    let port = free_address().rsplit_once(':').unwrap().1.to_owned();
    serving.set("server.listen", &format!("0.0.0.0:{port}"));
    serving.url = format!("http://127.0.0.1:{port}");
    let said = |output: &std::process::Output| {
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    };
    let nobody = serving.run(&["health"]);
    assert_eq!(nobody.status.code(), Some(1), "{}", said(&nobody));
    assert!(said(&nobody).contains(&format!("no server listens at 127.0.0.1:{port}")), "{}", said(&nobody));
    serving.start().await;
    for arguments in [&["health"][..], &["health", "--ready"]] {
        let well = serving.run(arguments);
        assert!(well.status.success(), "{}", said(&well));
    }
    serving.signal("STOP");
    let stuck = serving.run(&["health"]);
    serving.signal("CONT");
    assert_eq!(stuck.status.code(), Some(1), "{}", said(&stuck));
    assert!(said(&stuck).contains("does not answer within"), "{}", said(&stuck));
    // Alive, but useless without a database that it has never read.
    std::fs::remove_file(serving.folder.path().join("paraph.db")).unwrap();
    assert!(serving.run(&["health"]).status.success());
    let useless = serving.run(&["health", "--ready"]);
    assert_eq!(useless.status.code(), Some(1), "{}", said(&useless));
    assert!(said(&useless).contains("the database file is missing"), "{}", said(&useless));
    assert!(!said(&useless).contains(CLIENT_ID));
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    serving.set("server.listen", &other.local_addr().unwrap().to_string());
    let silent = serving.run(&["health"]);
    assert_eq!(silent.status.code(), Some(1), "{}", said(&silent));
}
