//! Signatures at half load for twenty seconds of outage, from a server in a process of its own. `cargo xtask faults` has the
//! same for ten minutes.

use std::time::Duration;
use tests::app::STRANGER;
use tests::load::{Office, until};
use tests::postgres::Private;

/// How long the database is away.
const OUTAGE: Duration = Duration::from_secs(20);

/// At half load, with `begin` and `end` of an outage: nobody is without a signature, and it is said once.
async fn nobody_notices(office: &Office, begin: impl FnOnce(), end: impl FnOnce()) {
    office.load_without_database(OUTAGE, begin).await;
    let (status, ready) = office.get("/ready").await;
    assert_eq!((status, &ready["read"], &ready["sign"]), (200, &false.into(), &true.into()), "{ready}");
    assert_eq!(office.metric("paraph_stale_tenants").await, Some(1.0));
    let age = office.metric("paraph_stale_seconds").await.unwrap();
    assert!(age >= OUTAGE.as_secs_f64() - 6.0, "{age}");
    let never_served = office.sign(STRANGER).await.unwrap_err();
    assert!(never_served.starts_with("503"), "{never_served}");
    end();
    office.recovers().await;
    until("not in the log", async || office.serving.log().contains("signatures follow the database again")).await;
    let log = office.serving.log();
    for once in [
        "signatures are served from memory",
        "signatures follow the database again",
        "the database cannot be read",
        "the database can be read again",
    ] {
        assert_eq!(log.matches(once).count(), 1, "{once}: {log}");
    }
    // Besides the requests' own lines; jobs that fail say so once each.
    let troubles = log.lines().filter(|line| line.contains("WARN") || line.contains("ERROR"));
    let troubles: Vec<_> = troubles.filter(|line| !line.contains(": request ")).collect();
    assert!(troubles.len() <= 12, "{troubles:#?}");
    assert!(!log.contains("localhost/") && !log.contains("postgres://"), "the log names the database's address");
}

#[tokio::test]
async fn for_twenty_seconds_of_a_frozen_postgresql_nobody_is_without_a_signature() {
    let postgres = Private::start(30).await;
    let url = postgres.new_database("outage").await;
    let mut office = Office::open(Some(&url), |_| {}).await;
    nobody_notices(&office, || postgres.freeze(), || postgres.thaw()).await;
    office.serving.stop();
}

#[tokio::test]
async fn for_twenty_seconds_without_the_sqlite_file_nobody_is_without_a_signature() {
    let mut office = Office::open(None, |_| {}).await;
    let file = office.serving.folder.path().join("paraph.db");
    let aside = file.with_extension("aside");
    nobody_notices(&office, || std::fs::rename(&file, &aside).unwrap(), || std::fs::rename(&aside, &file).unwrap())
        .await;
    office.serving.stop();
}

#[tokio::test]
async fn a_server_whose_database_is_frozen_ends_when_it_is_told_to() {
    let postgres = Private::start(30).await;
    let url = postgres.new_database("outage").await;
    let mut office = Office::open(Some(&url), |serving| serving.set("server.shutdown_seconds", "1")).await;
    office.sign(tests::app::ADA).await.unwrap();
    postgres.freeze();
    until("never noticed", async || !office.get("/ready").await.1["read"].as_bool().unwrap()).await;
    office.serving.stop();
    postgres.thaw();
}
