//! Leases: each thing is done by one node at a time, whatever becomes of nodes and clocks.

mod nodes;

use crate::people::at_each_server;
use futures_util::FutureExt as _;
use paraph::clock::{Clock, DAY_MS};
use paraph::leases::{Duties, Lane, Leases, Outcome, Run, Workers};
use paraph::store::{Job, Lease, LeaseKey, Move, Mover, RunKey, RunState, Settled, Store, Wanted};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tests::app::{NOON_MS, TENANT, TestApp};
use tokio::sync::{mpsc, watch};

const LANE: Lane = Lane { name: Job::QUICK, places: 8, limit: Duration::from_mins(1), careful: false };

/// Another server, which holds the lease of a run that is being applied and does nothing with it.
pub(crate) struct Elsewhere {
    pub(crate) leases: Leases,
    pub(crate) lease: Lease,
    works: tokio::task::JoinHandle<()>,
}

impl Elsewhere {
    /// `run` is planned, or is being applied and nobody has it.
    pub(crate) async fn applies(app: &TestApp, tenant: &str, run: &str) -> Self {
        // The plan is seen before its lease is given back.
        app.idle().await;
        let (key, admin) = (RunKey { tenant, run }, "admin".into());
        let mover = Mover::Asking(&admin);
        let step = Move { from: &[RunState::Planned], to: RunState::Applying, failure: "", mover };
        // Due later, so that the server under test does not take it first.
        let later_ms = NOON_MS + DAY_MS;
        let asked = app.app.store.move_run(key, step, later_ms).await.unwrap();
        let leases = Leases::new(app.app.store.clone(), app.clock.clone(), false);
        let (send, mut began) = mpsc::unbounded_channel();
        let hangs: Run = Arc::new(move |held| {
            send.send(held.lease).unwrap();
            std::future::pending().boxed()
        });
        let (key, holder) = (LeaseKey::new(tenant, Job::Run.as_str(), run), leases.clone());
        let works = tokio::spawn(async move {
            holder.do_one(&key, LANE, &hangs).await.unwrap();
        });
        let lease = began.recv().await.unwrap();
        if asked {
            let due = Wanted { payload: lease.payload.clone(), ..Wanted::job(tenant, Job::Run, run, NOON_MS) };
            app.app.store.ask(&[due]).await.unwrap();
        }
        Self { leases, lease, works }
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        self.works.abort();
    }
}

/// Things to be done at noon for the example company.
async fn ask(app: &TestApp, subjects: impl IntoIterator<Item = String>) -> Vec<LeaseKey> {
    // What a company has to be done each day is out of the way.
    app.run_due().await;
    let tenant = app.tenant_id(TENANT).await;
    let wanted: Vec<_> =
        subjects.into_iter().map(|subject| Wanted::job(&tenant, Job::Source, &subject, NOON_MS)).collect();
    app.app.store.ask(&wanted).await.unwrap();
    wanted.into_iter().map(|wanted| wanted.key).collect()
}

fn node(app: &TestApp) -> Leases {
    Leases::new(app.app.store.clone(), Clock::mock(NOON_MS), false)
}

/// Runs that all end so.
fn ends(outcome: Outcome) -> Run {
    Arc::new(move |_| std::future::ready(outcome.clone()).boxed())
}

#[tokio::test]
async fn of_many_nodes_one_does_each_thing() {
    at_each_server(async |app| {
        ask(app, (0..500).map(|number| number.to_string())).await;
        let done = Arc::new(Mutex::new(Vec::new()));
        let (subjects, count) = (Arc::clone(&done), move || Arc::clone(&done));
        let run: Run = Arc::new(move |held| {
            subjects.lock().unwrap().push(held.lease.key.subject.clone());
            std::future::ready(Outcome::Done).boxed()
        });
        let all = (0..20).map(|_| {
            let (leases, run) = (node(app), Arc::clone(&run));
            tokio::spawn(async move { leases.drain(&[LANE], &run).await.unwrap() })
        });
        let drained: usize = futures_util::future::join_all(all).await.into_iter().map(Result::unwrap).sum();
        let mut subjects: Vec<usize> =
            count().lock().unwrap().iter().filter_map(|subject| subject.parse().ok()).collect();
        subjects.sort_unstable();
        assert_eq!(subjects, (0..500).collect::<Vec<_>>());
        assert_eq!(drained, 500, "{:?}", count().lock().unwrap());
        assert_eq!(node(app).drain(&[LANE], &run).await, Ok(0), "nothing is left");
    })
    .await;
}

#[tokio::test]
async fn what_is_asked_for_while_it_is_done_is_done_once_more() {
    at_each_server(async |app| {
        let key = ask(app, ["again".into()]).await.remove(0);
        let (store, asked) =
            (app.app.store.clone(), Wanted { payload: "new".into(), ..wanted(&key, NOON_MS + 60_000) });
        let ours = asked.clone();
        let run: Run = Arc::new(move |_| {
            let (store, asked) = (store.clone(), ours.clone());
            async move {
                store.ask(&[asked]).await.unwrap();
                Outcome::Done
            }
            .boxed()
        });
        assert_eq!(node(app).do_one(&key, LANE, &run).await, Ok(Some(Outcome::Done)));
        assert_eq!(app.app.store.due_of(&key).await, Ok(Some(asked.due_ms)));
        // Nobody asks this time.
        assert_eq!(node(app).do_one(&key, LANE, &ends(Outcome::Done)).await, Ok(Some(Outcome::Done)));
        assert_eq!(app.app.store.due_of(&key).await, Ok(None));
    })
    .await;
}

fn wanted(key: &LeaseKey, due_ms: i64) -> Wanted {
    Wanted::job(&key.tenant, Job::parse(&key.kind).unwrap(), &key.subject, due_ms)
}

#[tokio::test]
async fn every_ending_is_written_down() {
    at_each_server(async |app| {
        let key = ask(app, ["ends".into()]).await.remove(0);
        let leases = node(app);
        let due_after = async |run: Run| {
            leases.do_one(&key, LANE, &run).await.unwrap().expect("nobody has it");
            app.app.store.due_of(&key).await.unwrap().map(|due_ms| due_ms - NOON_MS)
        };
        assert_eq!(due_after(ends(Outcome::Snooze(NOON_MS + 7))).await, Some(7));
        let first = due_after(ends(Outcome::Retry("away".into()))).await.unwrap();
        let second = due_after(ends(Outcome::Retry("away".into()))).await.unwrap();
        assert!((5_000..=10_000).contains(&first) && (10_000..=20_000).contains(&second), "{first}, then {second}");
        let panics: Run = Arc::new(|_| async { panic!("on purpose") }.boxed());
        let third = due_after(panics).await.unwrap();
        assert!(third > second, "a mistake counts like any failure: {third}");
        assert_eq!(due_after(ends(Outcome::Cancelled)).await, Some(0), "and is done by the next");
        let fourth = due_after(ends(Outcome::Retry("away".into()))).await.unwrap();
        assert!(fourth > third, "being told to stop cost no attempt: {fourth}");
        assert_eq!(due_after(ends(Outcome::Fail("never".into()))).await, Some(86_400_000), "tomorrow");
        assert_eq!(due_after(ends(Outcome::Done)).await, None);
        // What a newer version wrote stays, for that one.
        let newer = LeaseKey { kind: "newer".into(), ..key.clone() };
        let wanted = Wanted { key: newer.clone(), ..wanted(&key, NOON_MS) };
        app.app.store.ask(&[wanted]).await.unwrap();
        app.run_due().await;
        assert_eq!(app.app.store.due_of(&newer).await, Ok(Some(NOON_MS + 86_400_000)));
    })
    .await;
}

#[tokio::test]
async fn what_takes_too_long_is_stopped() {
    let app = TestApp::start().await;
    let key = ask(&app, ["slow".into()]).await.remove(0);
    let hangs: Run = Arc::new(|_| std::future::pending().boxed());
    let lane = Lane { limit: Duration::from_millis(1), ..LANE };
    let ended = node(&app).do_one(&key, lane, &hangs).await.unwrap().unwrap();
    assert!(ended.reason().is_some_and(|reason| reason.contains("too long")), "{ended:?}");
}

#[tokio::test]
async fn a_company_with_much_to_do_leaves_places_to_others() {
    at_each_server(async |app| {
        ask(app, (0..100).map(|number| number.to_string())).await;
        let other = app.tenant_id(tests::app::OTHER_TENANT).await;
        // It came last.
        let last = Wanted::job(&other, Job::Source, "", NOON_MS);
        let (began, mut begins) = mpsc::unbounded_channel();
        let hangs: Run = Arc::new(move |held| {
            began.send(held.lease.key.tenant).unwrap();
            std::future::pending().boxed()
        });
        let (stop, stopped) = watch::channel(false);
        let leases = node(app);
        let workers = Workers::start(&leases, Duties { lanes: &[LANE], run: &hangs, poll: None }, &stopped);
        let first = begins.recv().await.unwrap();
        assert_ne!(first, other);
        leases.ask(&[last]).await.unwrap();
        loop {
            if begins.recv().await.unwrap() == other {
                break;
            }
        }
        assert!(leases.running() < LANE.places, "though a hundred wait");
        stop.send_replace(true);
        workers.finish(Duration::ZERO).await;
    })
    .await;
}

#[tokio::test]
async fn shutting_down_gives_everything_back_and_costs_no_attempt() {
    at_each_server(async |app| {
        let keys = ask(app, ["first".into(), "second".into()]).await;
        let (began, mut begins) = mpsc::unbounded_channel();
        let hangs: Run = Arc::new(move |_| {
            began.send(()).unwrap();
            std::future::pending().boxed()
        });
        let (stop, stopped) = watch::channel(false);
        let leases = node(app);
        let workers = Workers::start(&leases, Duties { lanes: &[LANE], run: &hangs, poll: None }, &stopped);
        begins.recv().await.unwrap();
        begins.recv().await.unwrap();
        stop.send_replace(true);
        workers.finish(Duration::ZERO).await;
        let attempts = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&attempts);
        let notes: Run = Arc::new(move |held| {
            seen.lock().unwrap().push(held.lease.attempt);
            std::future::ready(Outcome::Done).boxed()
        });
        for key in &keys {
            assert_eq!(node(app).do_one(key, LANE, &notes).await, Ok(Some(Outcome::Done)), "it is free at once");
        }
        assert_eq!(*attempts.lock().unwrap(), [0, 0]);
    })
    .await;
}

#[tokio::test]
async fn a_late_holder_changes_nothing() {
    at_each_server(async |app| {
        let key = ask(app, ["late".into()]).await.remove(0);
        let store: &Store = &app.app.store;
        store.register_node("slow", false).await.unwrap();
        let lease = store.claim_one("slow", &key).await.unwrap().unwrap();
        assert_eq!(store.claim_one("slow", &key).await, Ok(None), "once");
        store.bury_nodes(&[paraph::store::NodeBeat { id: "slow".into(), beat: 0 }]).await.unwrap();
        assert_eq!(store.beat_node("slow").await, Ok(false), "it learns that it was declared dead");
        assert_eq!(store.claim_one("slow", &key).await, Ok(None), "and gets nothing more");
        let quick = node(app);
        let again = NOON_MS + 5;
        quick.do_one(&key, LANE, &ends(Outcome::Snooze(again))).await.unwrap().unwrap();
        assert_eq!(store.settle(&[(lease.clone(), Settled::Done)]).await, Ok(vec![false]));
        assert_eq!(store.holds(&lease).await, Ok(false));
        assert_eq!(store.due_of(&key).await, Ok(Some(again)));
    })
    .await;
}
