//! Ten minutes without a database at half load.

use std::time::Duration;
use tests::load::Office;
use tests::postgres::Private;

/// How long the database is away.
const OUTAGE: Duration = Duration::from_mins(10);

async fn nobody_notices(office: &Office, begin: impl FnOnce(), end: impl FnOnce()) {
    office.load_without_database(OUTAGE, begin).await;
    end();
    office.recovers().await;
}

#[tokio::test]
async fn ten_minutes_of_a_frozen_postgresql() {
    let postgres = Private::start(30).await;
    let url = postgres.new_database("outage").await;
    let mut office = Office::open(Some(&url), |_| {}).await;
    nobody_notices(&office, || postgres.freeze(), || postgres.thaw()).await;
    office.serving.stop();
}

#[tokio::test]
async fn ten_minutes_of_a_stopped_postgresql() {
    let postgres = Private::start(30).await;
    let url = postgres.new_database("outage").await;
    let mut office = Office::open(Some(&url), |_| {}).await;
    nobody_notices(&office, || postgres.stop(), || postgres.start_again()).await;
    office.serving.stop();
}

#[tokio::test]
async fn ten_minutes_without_the_sqlite_file() {
    let mut office = Office::open(None, |_| {}).await;
    let file = office.serving.folder.path().join("paraph.db");
    let aside = file.with_extension("aside");
    nobody_notices(&office, || std::fs::rename(&file, &aside).unwrap(), || std::fs::rename(&aside, &file).unwrap())
        .await;
    office.serving.stop();
}
