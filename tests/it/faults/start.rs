//! A server that starts before its database does.

use paraph::clock::Clock;
use std::time::Duration;
use tests::postgres::new_database;
use tests::serving::{Serving, free_address};
use tokio::net::{TcpListener, UnixStream};

#[tokio::test]
async fn a_server_waits_for_its_database_and_starts_when_it_comes() {
    let database = new_database().await;
    // The shared PostgreSQL listens on a socket in its folder; behind this address it comes later.
    let (path, folder) = database.split_once("?host=").unwrap();
    let (name, folder) = (path.rsplit_once('/').unwrap().1, folder.to_owned());
    let address = free_address();
    let mut serving = Serving::new();
    serving.set("database.url", &format!("postgres://paraph@{address}/{name}"));
    serving.set("secrets.key", "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=");
    let log = serving.folder.path().join("log");
    let come = async {
        while !std::fs::read_to_string(&log).unwrap_or_default().contains("waiting for the database") {
            Clock::system().sleep(Duration::from_millis(20)).await;
        }
        let listener = TcpListener::bind(&address).await.unwrap();
        tokio::spawn(async move {
            loop {
                let (mut outside, _) = listener.accept().await.unwrap();
                let mut inside = UnixStream::connect(format!("{folder}/.s.PGSQL.5432")).await.unwrap();
                tokio::spawn(async move { tokio::io::copy_bidirectional(&mut outside, &mut inside).await });
            }
        });
    };
    tokio::join!(serving.start(), come);
    assert!(serving.out().contains("/console/setup#"), "{}", serving.out());
    serving.stop();
    // One that is told to stop while it waits does so at once.
    serving.set("database.url", &format!("postgres://paraph@{}/{name}", free_address()));
    let waiting = serving.command(&["serve"]).stderr(std::fs::File::create(&log).unwrap()).spawn();
    let mut waiting = waiting.unwrap();
    while !std::fs::read_to_string(&log).unwrap().contains("waiting for the database") {
        Clock::system().sleep(Duration::from_millis(20)).await;
    }
    let stopped = std::process::Command::new("kill").args(["-TERM", &waiting.id().to_string()]).status().unwrap();
    assert!(stopped.success() && waiting.wait().unwrap().success());
}
