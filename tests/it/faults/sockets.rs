//! Clients that connect and say nothing, stop in the middle, or never read: none of them keeps others out.

use paraph::clock::Clock;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::time::{Duration, Instant};
use tests::serving::{Serving, binary};

fn address(serving: &Serving) -> String {
    serving.url.trim_start_matches("http://").to_owned()
}

fn connect(serving: &Serving) -> TcpStream {
    let stream = TcpStream::connect(address(serving)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

/// Everything until the server closes the connection, and how long that took.
fn read_to_end(mut stream: &TcpStream) -> (String, Duration) {
    let start = Instant::now();
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        match stream.read(&mut part) {
            Ok(0) => break,
            Ok(read) => bytes.extend_from_slice(&part[..read]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
            Err(error) => panic!("still open: {error}"),
        }
    }
    (String::from_utf8_lossy(&bytes).into_owned(), start.elapsed())
}

/// Reads one answer with a `Content-Length` and leaves the connection open.
fn read_answer(mut stream: &TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        let read = stream.read(&mut part).unwrap();
        assert!(read > 0, "closed: {}", String::from_utf8_lossy(&bytes));
        bytes.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            return text;
        }
    }
}

async fn short() -> Serving {
    let mut serving = Serving::new();
    serving.set("server.header_seconds", "1");
    serving.set("server.idle_seconds", "3");
    serving.start().await;
    serving
}

const HEALTH: &str = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

#[tokio::test]
async fn silent_and_half_open_sockets_are_closed() {
    let serving = short().await;
    let (silent, mut half, mut kept) = (connect(&serving), connect(&serving), connect(&serving));
    half.write_all(b"GET /health HTTP/1.1\r\nHost: loc").unwrap();
    kept.write_all(HEALTH.as_bytes()).unwrap();
    assert!(read_answer(&kept).starts_with("HTTP/1.1 200"));
    tokio::task::spawn_blocking(move || {
        for stream in [&silent, &half] {
            let (answer, took) = read_to_end(stream);
            assert!(took < Duration::from_secs(10) && !answer.contains("200 OK"), "{took:?} {answer}");
        }
        let (_, took) = read_to_end(&kept);
        assert!(took < Duration::from_secs(15), "{took:?}");
    })
    .await
    .unwrap();
}

/// A connection's time begins when it comes, not when the server began to wait for it.
#[tokio::test]
async fn who_comes_after_a_long_silence_has_time_to_ask() {
    let serving = short().await;
    for _ in 0..2 {
        // Longer than `header_seconds` without anybody.
        Clock::system().sleep(Duration::from_millis(1_500)).await;
        let mut slow = connect(&serving);
        // The server has seen the connection before its request comes.
        Clock::system().sleep(Duration::from_millis(300)).await;
        slow.write_all(HEALTH.as_bytes()).unwrap();
        assert!(read_answer(&slow).starts_with("HTTP/1.1 200"));
    }
}

#[tokio::test]
async fn a_head_that_drips_and_a_body_that_stops_are_closed() {
    let serving = short().await;
    let mut drips = connect(&serving);
    let mut stops = connect(&serving);
    stops.write_all(b"POST /api/v1/signature HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{").unwrap();
    let start = Instant::now();
    let mut head = b"GET /health HTTP/1.1\r\n".iter();
    while drips.write_all(&[*head.next().unwrap_or(&b'x')]).is_ok() {
        assert!(start.elapsed() < Duration::from_secs(10), "a dripping head is still taken");
        Clock::system().sleep(Duration::from_millis(100)).await;
    }
    tokio::task::spawn_blocking(move || read_to_end(&stops)).await.unwrap();
}

#[tokio::test]
async fn a_client_that_never_reads_its_answers_is_closed() {
    let serving = short().await;
    let mut stream = connect(&serving);
    stream.set_write_timeout(Some(Duration::from_millis(200))).unwrap();
    // More answers than the buffers on the way can hold.
    let start = Instant::now();
    let request = b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n";
    loop {
        match stream.write_all(request) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                Clock::system().sleep(Duration::from_millis(100)).await;
            }
            Err(_) => break,
        }
        assert!(start.elapsed() < Duration::from_secs(30), "still open");
    }
}

#[tokio::test]
async fn out_of_descriptors_others_are_still_served_and_nothing_spins() {
    let mut serving = Serving::new();
    // So few that it runs out at once, in a shell that sets the limit and becomes the server.
    let server = binary().unwrap().to_owned();
    serving
        .start_with(move |command| {
            let settings: Vec<_> =
                command.get_envs().filter_map(|(k, v)| Some((k.to_owned(), v?.to_owned()))).collect();
            let folder = command.get_current_dir().unwrap().to_owned();
            let mut limited = Command::new("sh");
            limited.args(["-c", "ulimit -n 90; exec \"$0\" serve >>out 2>>log"]).arg(server);
            limited.current_dir(folder).envs(settings).process_group(0);
            *command = limited;
        })
        .await;
    let silent: Vec<_> = (0..400).map(|_| TcpStream::connect(address(&serving)).unwrap()).collect();
    let client = tests::http::builder().pool_max_idle_per_host(0).timeout(Duration::from_secs(5)).build().unwrap();
    for _ in 0..20 {
        let health = client.get(format!("{}/health", serving.url)).send().await.unwrap();
        assert!(health.status().is_success());
        let ready = client.get(format!("{}/ready", serving.url)).send().await.unwrap();
        assert_ne!(ready.status().as_u16(), 500, "the database has no descriptor left");
    }
    let processor = |id: u32| -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
        let fields: Vec<_> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    };
    let before = processor(serving.id());
    Clock::system().sleep(Duration::from_secs(2)).await;
    let ticks = processor(serving.id()) - before;
    assert!(ticks < 50, "{ticks} hundredths of a second of processor time in two seconds of nothing");
    drop(silent);
    let log = serving.log();
    assert!(log.lines().count() < 200, "{} lines of log", log.lines().count());
    serving.stop();
}

#[tokio::test]
async fn at_sigterm_requests_are_answered_and_idle_connections_closed() {
    let mut serving = Serving::new();
    serving.start().await;
    let (mut idle, mut busy) = (connect(&serving), connect(&serving));
    idle.write_all(HEALTH.as_bytes()).unwrap();
    assert!(!read_answer(&idle).to_lowercase().contains("connection: close"));
    // Kept alive, and in the middle of its second request.
    busy.write_all(HEALTH.as_bytes()).unwrap();
    read_answer(&busy);
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{",
        api::console::paths::SIGN_IN
    );
    busy.write_all(head.as_bytes()).unwrap();
    Clock::system().sleep(Duration::from_millis(200)).await;
    serving.signal("TERM");
    let start = Instant::now();
    let idle = tokio::task::spawn_blocking(move || read_to_end(&idle)).await.unwrap();
    assert!(idle.1 < Duration::from_secs(2), "idle for {:?}", idle.1);
    assert!(TcpStream::connect(address(&serving)).is_err(), "it still listens");
    busy.write_all(b"}").unwrap();
    let (answer, _) = tokio::task::spawn_blocking(move || read_to_end(&busy)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert!(answer.to_lowercase().contains("connection: close"), "{answer}");
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    serving.stop_told();
}
