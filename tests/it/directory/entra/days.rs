//! Faults of Graph: answers that are late, incomplete, repeated, from another host, or missing.

use super::Office;
use crate::directory::{EVERYTHING, Mirror};
use neighbours::graph::made_up;
use neighbours::{Paging, Trouble};
use paraph::config::Config;
use paraph::directory::entra::{Entra, fetch};
use paraph::directory::fetched::{FetchError, Outlet};
use paraph::outbound::Client;
use serde_json::json;
use tests::app::TENANT;
use tests::neighbourhood;

fn throttled(after: &str) -> Trouble {
    Trouble::Throttled(Some(after.to_owned()))
}

/// The first and the next run with some bad requests in their middle; `seconds`: at least how long each has to wait.
async fn check(name: &str, days: Vec<Trouble>, seconds: i64) {
    let office = Office::with(|config| config.directory.timeout_ms = 500).await;
    office.grow();
    let mut heard = Mirror::default();
    office.graph.then(days.clone());
    let cursor = office.fetch(&mut heard, None).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(office.passed_ms() >= seconds * 1_000, "{name}: {} ms", office.passed_ms());
    assert_eq!(heard.without_count(), office.truth().await, "{name}");
    assert_eq!(heard.people.len(), 54, "{name}");

    office.graph.change_user("ada", &json!({ "city": "London" }));
    office.graph.then(days);
    office.fetch(&mut heard, Some(&cursor)).await.unwrap_or_else(|error| panic!("{name}, then: {error}"));
    assert_eq!(heard.value("ada", "city"), "London", "{name}");
}

#[tokio::test]
async fn throttling_takes_time_and_nothing_else() {
    check("for seconds", vec![throttled("7"), throttled("40"), Trouble::Fine, throttled("3")], 50).await;
    check("until a date", vec![Trouble::Fine, throttled("Sat, 21 Nov 2026 12:01:30 GMT")], 90).await;
    check("without a word", vec![Trouble::Throttled(None), Trouble::Throttled(None)], 1).await;
}

#[tokio::test]
async fn what_breaks_in_the_middle_is_asked_for_again() {
    check("errors", [500, 502, 503, 504].map(Trouble::Status).to_vec(), 7).await;
    check("cut", vec![Trouble::Fine, Trouble::Cut, Trouble::Cut], 1).await;
    check("half a page", vec![Trouble::Fine, Trouble::Half], 0).await;
    check("somebody else's page", vec![Trouble::Fine, Trouble::Html], 0).await;
    check("no answer", vec![Trouble::Fine, Trouble::Silent], 0).await;
    check(
        "tokens run out",
        vec![Trouble::Fine, Trouble::Fine, Trouble::TokensExpire, Trouble::Fine, Trouble::TokensExpire],
        0,
    )
    .await;
}

#[tokio::test]
async fn empty_pages_and_replays_change_nothing() {
    check(
        "empty pages",
        vec![Trouble::Page(Paging::Empty), Trouble::Page(Paging::Empty), Trouble::Fine, Trouble::Page(Paging::Empty)],
        0,
    )
    .await;
    check(
        "replays",
        vec![
            Trouble::Page(Paging::Replay),
            Trouble::Fine,
            Trouble::Page(Paging::Replay),
            Trouble::Page(Paging::Replay),
        ],
        0,
    )
    .await;
    let everything = vec![
        Trouble::Page(Paging::Empty),
        Trouble::TokensExpire,
        throttled("9"),
        Trouble::Cut,
        Trouble::Page(Paging::Replay),
        Trouble::Half,
    ];
    check("all at once", everything, 9).await;
}

#[tokio::test]
async fn who_is_changed_while_pages_are_read_is_right_in_the_end() {
    let office = Office::large().await;
    let mut heard = Mirror::default();
    let (outlet, mut portions) = Outlet::new(1);
    let change = async {
        let mut changed = false;
        while let Some(portion) = portions.recv().await {
            if !std::mem::replace(&mut changed, true) {
                office.graph.change_user("ada", &json!({ "city": "London" }));
                office.graph.change_user(&made_up(49), &json!({ "city": "Paris" }));
                office.graph.remove_user(&made_up(48));
                office.graph.remove_user("grace");
            }
            for said in portion {
                heard.hear(said);
            }
        }
    };
    let (cursor, ()) = tokio::join!(async { fetch(&office.entra, EVERYTHING, None, &{ outlet }).await }, change);
    office.fetch(&mut heard, Some(&cursor.unwrap())).await.unwrap();
    assert_eq!(heard.without_count(), office.truth().await);
}

#[tokio::test]
async fn a_source_that_does_not_get_better_is_given_up_with_what_it_was() {
    let office = Office::open().await;
    let fails = async |days: Vec<Trouble>| {
        office.graph.then(days);
        let failed = office.failure().await;
        office.graph.lift();
        failed
    };
    let always = |day: Trouble| vec![day; 20];
    let failed = fails(always(Trouble::Status(503))).await;
    assert!(matches!(&failed, FetchError::Away { detail } if detail.contains("503")), "{failed}");
    let failed = fails(always(Trouble::Cut)).await;
    assert!(matches!(failed, FetchError::Away { .. }), "{failed}");
    let failed = fails(always(Trouble::Throttled(None))).await;
    assert!(matches!(failed, FetchError::Throttled { retry_ms } if retry_ms >= 30_000), "{failed:?}");
    for (days, part) in [
        (always(Trouble::Html), "does not match its documentation"),
        (vec![Trouble::Fine, Trouble::Endless], "bytes"),
        (vec![Trouble::Page(Paging::DeadEnd)], "no delta link"),
        (vec![Trouble::Page(Paging::Empty), Trouble::Page(Paging::Circle)], "loop"),
        (vec![Trouble::Status(400)], "400"),
    ] {
        let failed = fails(days).await;
        assert!(matches!(&failed, FetchError::Wrong { detail } if detail.contains(part)), "{part}: {failed}");
    }
    let failed = fails(vec![Trouble::TokensExpire, Trouble::TokensExpire]).await;
    assert!(matches!(failed, FetchError::Refused { .. }), "a new token does not help: {failed}");
}

#[tokio::test]
async fn a_pause_that_is_too_long_ends_the_run_at_once_and_says_when_to_come_back() {
    let office = Office::open().await;
    office.graph.then([throttled("3600")]);
    assert_eq!(office.failure().await, FetchError::Throttled { retry_ms: 3_600_000 });
    assert_eq!(office.passed_ms(), 0);
}

#[tokio::test]
async fn a_token_goes_nowhere_but_to_graph() {
    let office = Office::open().await;
    let elsewhere = neighbourhood::graph(&office.clock).await;
    for day in [
        Trouble::Page(Paging::Elsewhere(elsewhere.url.clone())),
        Trouble::Redirect(format!("{}/v1.0/users/delta", elsewhere.url)),
    ] {
        office.graph.then([day]);
        let failed = office.failure().await;
        assert!(matches!(&failed, FetchError::Wrong { detail } if detail.contains("must not receive")), "{failed}");
    }
    // A link that was kept while the settings named another Graph.
    let cursor = office.fetch(&mut Mirror::default(), None).await.unwrap();
    office.graph.take_requests();
    let mut config = Config::default();
    neighbourhood::ask_graph(&mut config, &elsewhere);
    let entra = Entra::new(&config, TENANT, &[], &Client::new(&config.outbound, &office.clock)).unwrap();
    let ended = Mirror::default().listen(async |outlet| fetch(&entra, EVERYTHING, Some(&cursor), &outlet).await).await;
    assert_eq!(ended, Err(FetchError::CursorGone));
    assert_eq!((elsewhere.take_requests(), office.graph.take_requests()), (vec![], vec![]));
}

#[tokio::test]
async fn nobody_listening_ends_a_fetch_even_where_it_waits() {
    let office = Office::large().await;
    office.graph.then([Trouble::Fine, Trouble::Fine, Trouble::Silent]);
    let (outlet, mut portions) = Outlet::new(1);
    let said = outlet.clone();
    let fetching = tokio::spawn(async move { fetch(&office.entra, EVERYTHING, None, &outlet).await });
    portions.recv().await.unwrap();
    drop(portions);
    assert_eq!(fetching.await.unwrap(), Err(FetchError::Cancelled));
    assert!(said.people() > 0);
}

#[tokio::test]
async fn where_nobody_answers_the_host_is_named() {
    let office = Office::with(|config| config.identity.authority_host = "http://localhost:1".into()).await;
    let failed = office.failure().await;
    assert!(matches!(&failed, FetchError::Away { detail } if detail.contains("at localhost")), "{failed}");
}
