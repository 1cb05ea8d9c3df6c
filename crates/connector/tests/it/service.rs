//! Run after run, with a clock that does not wait.

use crate::fake::{FakeParaph, Mood};
use crate::here::{Connector, connector};
use paraph_connector::journal::{Journal, Outcome};
use paraph_connector::service;

const STAFF: &str = "create table staff (mail text); insert into staff values ('ada@example.com')";
const HOUR_MS: i64 = 3_600_000;

async fn ready() -> (FakeParaph, Connector) {
    let (paraph, connector) = (FakeParaph::start().await, connector());
    connector.to(&paraph).map(&[("address", "mail")]);
    connector.sqlite(STAFF, "SELECT * FROM staff").await;
    (paraph, connector)
}

/// Serves until `enough`.
async fn serve(connector: &Connector, enough: impl Fn() -> bool) -> Journal {
    let (_run_now, wishes) = service::wishes();
    let stop = async {
        while !enough() {
            tokio::task::yield_now().await;
        }
    };
    service::serve(&connector.needs, wishes, stop).await;
    Journal::load(&connector.place.status())
}

#[tokio::test]
async fn it_runs_at_start_and_then_every_hour_counted_from_the_start() {
    let (paraph, connector) = ready().await;
    let start = connector.needs.clock.now_ms();
    let journal = serve(&connector, || paraph.count("POST") >= 4).await;
    let began: Vec<i64> = journal.runs.iter().rev().map(|run| run.began_ms - start).collect();
    assert_eq!(began[0], 0);
    assert!(began.len() >= 3);
    for (run, began) in (0..).zip(&began) {
        assert_eq!(*began, run * HOUR_MS, "{began:?}");
    }
    assert_eq!(journal.started_ms, Some(start));
    assert!(journal.runs.iter().all(|run| run.outcome == Outcome::Applied));
}

#[tokio::test]
async fn a_server_that_is_away_for_a_day_loses_nothing() {
    let (paraph, connector) = ready().await;
    connector.set(|config| config.schedule.minutes = 120);
    // Each run puts up with it for a while.
    for _ in 0..12 * 20 {
        paraph.mood("GET /api/connector/v1", Mood::Status(503));
    }
    let start = connector.needs.clock.now_ms();
    let journal = serve(&connector, || paraph.applied().is_some()).await;
    assert!(connector.needs.clock.now_ms() - start > 20 * HOUR_MS, "it tried for a day");
    assert_eq!(paraph.applied().as_deref(), Some("ada@example.com\r\n"));
    assert_eq!(journal.runs.last().unwrap().outcome, Outcome::Away);
    let shown = paraph_connector::show::journal(&journal, start);
    assert!(shown.contains("Paraph was unavailable"), "{shown}");
}

#[tokio::test]
async fn a_wish_is_heard_between_two_runs() {
    let (paraph, connector) = ready().await;
    let (run_now, wishes) = service::wishes();
    // Asked often while it runs, once is enough.
    for _ in 0..5 {
        run_now.ask();
    }
    let start = connector.needs.clock.now_ms();
    let stop = async {
        while paraph.count("POST") < 2 {
            tokio::task::yield_now().await;
        }
    };
    service::serve(&connector.needs, wishes, stop).await;
    assert!(connector.needs.clock.now_ms() - start < HOUR_MS, "the second did not wait for its hour");
}

#[tokio::test]
async fn two_programs_do_not_share_a_folder_and_leftovers_are_cleared() {
    let (_, connector) = ready().await;
    let spool = connector.place.spool();
    std::fs::create_dir_all(&spool).unwrap();
    std::fs::write(spool.join("left.rows"), "rows of a program that was killed").unwrap();
    let lock = service::take(&connector.needs).unwrap();
    assert_eq!(std::fs::read_dir(&spool).unwrap().count(), 0);
    let error = service::take(&connector.needs).err().unwrap().to_string();
    assert!(error.contains("another paraph-connector is running in"), "{error}");
    drop(lock);
    service::take(&connector.needs).unwrap();
}
