//! Accounts that people let us use: their tokens are refreshed once, whoever needs them, on one node or on several.

use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use neighbours::entra::FakeEntra;
use paraph::clock::Clock;
use paraph::config::Outbound;
use paraph::outbound::{
    Answer, Client, Credentials, Delegated, Failure, Limits, Provider, Reach, Request, Route, Session, Verdict,
};
use paraph::sealing::{Key, KeySource, Ring, Sealer};
use paraph::store::{By, DelegationKey, Store};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tests::app::{CLIENT_ID, NOON_MS, company_file, example_company};
use tests::postgres::{self, Place, for_each_engine};
use tests::serving::binary;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A provider whose refresh tokens are good for one use, with an API behind it.
struct FakeProvider {
    url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    /// How many asked for tokens so far.
    arrived: watch::Sender<usize>,
    /// Whether they get any.
    open: watch::Sender<bool>,
    /// The number of the refresh token that is good.
    good: Mutex<usize>,
    /// Access tokens that the API does not accept.
    refused: Mutex<Vec<String>>,
    /// Looks at what is stored when the API is asked.
    store: Store,
    key: DelegationKey,
    seen: Mutex<Vec<String>>,
}

impl FakeProvider {
    async fn start(store: &Store, key: &DelegationKey) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            arrived: watch::Sender::new(0),
            open: watch::Sender::new(true),
            good: Mutex::new(0),
            refused: Mutex::default(),
            store: store.clone(),
            key: key.clone(),
            seen: Mutex::default(),
        });
        let router =
            Router::new().route("/token", post(token)).route("/events", get(events)).with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, shared, task }
    }

    fn refreshes(&self) -> usize {
        *self.shared.arrived.borrow()
    }

    async fn until_asked(&self, count: usize) {
        self.shared.arrived.subscribe().wait_for(|arrived| *arrived >= count).await.unwrap();
    }

    fn set_open(&self, open: bool) {
        self.shared.open.send_replace(open);
    }

    fn revoke(&self) {
        *self.shared.good.lock().unwrap() += 100;
    }
}

impl Drop for FakeProvider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn token(State(shared): State<Arc<Shared>>, Form(form): Form<HashMap<String, String>>) -> Response {
    shared.arrived.send_modify(|arrived| *arrived += 1);
    shared.open.subscribe().wait_for(|open| *open).await.unwrap();
    assert_eq!((form["grant_type"].as_str(), form["client_secret"].as_str()), ("refresh_token", "our secret"));
    let mut good = shared.good.lock().unwrap();
    if form["refresh_token"] != format!("r{good}") {
        let error = json!({ "error": "invalid_grant", "error_description": "AADSTS700082: expired.\nTrace: 1" });
        return (StatusCode::BAD_REQUEST, Json(error)).into_response();
    }
    *good += 1;
    let tokens =
        json!({ "access_token": format!("a{good}"), "refresh_token": format!("r{good}"), "expires_in": 3_600 });
    Json(tokens).into_response()
}

async fn events(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let token = headers["authorization"].to_str().unwrap().trim_start_matches("Bearer ").to_owned();
    if shared.refused.lock().unwrap().contains(&token) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let record = shared.store.delegation(&shared.key).await.unwrap().unwrap();
    shared.seen.lock().unwrap().push(opened(&shared.key, &record.tokens));
    Json(json!({ "token": token })).into_response()
}

fn sealer() -> Arc<Sealer> {
    let text = STANDARD.encode([7; 32]);
    let ring = Ring::new(vec![Arc::new(Key::parse(&text).unwrap())]).unwrap();
    Arc::new(Sealer::new(ring, KeySource::Settings(text, String::new())))
}

fn opened(key: &DelegationKey, sealed: &str) -> String {
    String::from_utf8(sealer().open(sealed, &key.place()).unwrap()).unwrap()
}

/// An account that was connected an hour ago, on a database that two nodes share.
struct Account {
    provider: FakeProvider,
    key: DelegationKey,
    one: Delegated,
    one_clock: Clock,
    two: Delegated,
    /// Waits last until a test ends them.
    two_clock: Clock,
}

impl Account {
    async fn connected(place: &Place) -> Self {
        let tenant =
            place.store.import(&example_company(), company_file, By::new("test", NOON_MS)).await.unwrap().tenant;
        let key = DelegationKey { tenant, id: "ada@calendar".into() };
        let provider = FakeProvider::start(&place.store, &key).await;
        let (one_clock, two_clock) = (Clock::mock(NOON_MS), Clock::held(NOON_MS));
        let one = account(&provider, &place.store, &key, &one_clock);
        let two = account(&provider, &place.second_store().await, &key, &two_clock);
        let granted = json!({ "access_token": "a0", "refresh_token": "r0", "expires_in": 0 });
        one.connect(serde_json::from_value(granted).unwrap()).await.unwrap();
        Self { provider, key, one, one_clock, two, two_clock }
    }
}

fn account(provider: &FakeProvider, store: &Store, key: &DelegationKey, clock: &Clock) -> Delegated {
    let granter = Provider {
        token_url: format!("{}/token", provider.url),
        client_id: "ours".into(),
        client_secret: "our secret".into(),
        scope: String::new(),
    };
    Delegated::new(key.clone(), granter, route(provider, clock), store, &sealer())
}

fn route(provider: &FakeProvider, clock: &Clock) -> Route {
    Route {
        name: "Calendar",
        client: Client::new(&Outbound::default(), clock),
        reach: Reach::fixed([provider.url.as_str()]),
        limits: Limits { time: Duration::from_secs(20), bytes: 10_000, redirects: 0 },
    }
}

async fn token_of(account: &Delegated) -> Result<String, Failure> {
    account.authorization().await.map(|header| header.to_str().unwrap().to_owned())
}

fn ask(account: &Delegated) -> JoinHandle<Result<String, Failure>> {
    let account = account.clone();
    tokio::spawn(async move { token_of(&account).await })
}

#[tokio::test]
async fn a_hundred_callers_on_two_nodes_refresh_once() {
    for_each_engine(async |place| {
        let account = Account::connected(place).await;
        account.provider.set_open(false);
        let mut callers: Vec<_> = (0..50).map(|_| ask(&account.one)).collect();
        account.provider.until_asked(1).await;
        callers.extend((0..50).map(|_| ask(&account.two)));
        tokio::select! {
            () = account.two_clock.until_waiting(1) => {}
            () = account.provider.until_asked(2) => panic!("the second node asks, too"),
        }
        account.provider.set_open(true);
        for caller in callers.drain(..50) {
            assert_eq!(caller.await.unwrap().unwrap(), "Bearer a1");
        }
        account.two_clock.advance_ms(250);
        for caller in callers {
            assert_eq!(caller.await.unwrap().unwrap(), "Bearer a1");
        }
        assert_eq!(account.provider.refreshes(), 1);
        assert_eq!(account.one_clock.passed_ms(), 0, "whoever is first waits for nobody");
    })
    .await;
}

#[tokio::test]
async fn new_tokens_are_stored_before_they_are_used_and_renewed_once_when_they_are_refused() {
    for_each_engine(async |place| {
        let account = Account::connected(place).await;
        account.provider.shared.refused.lock().unwrap().push("a1".into());
        let session = Session::new(route(&account.provider, &account.one_clock), account.one.clone());
        let judge = |answer: &Answer| match answer.status {
            401 => Verdict::Renew(Failure::refused("not accepted")),
            _ => Verdict::usual(answer, "Calendar").unwrap(),
        };
        let request = Request::get(format!("{}/events", account.provider.url));
        let said: Value = session.ask_json(&request, judge).await.unwrap();
        assert_eq!((said, account.provider.refreshes()), (json!({ "token": "a2" }), 2));
        let seen = account.provider.shared.seen.lock().unwrap().clone();
        assert_eq!(seen.len(), 1);
        assert!(seen[0].contains("\"r2\"") && seen[0].contains("\"a2\""), "{seen:?}");
        assert_eq!(token_of(&account.two).await.unwrap(), "Bearer a2", "the other node reads it");
        account.provider.shared.refused.lock().unwrap().push("a2".into());
        account.provider.shared.refused.lock().unwrap().push("a3".into());
        let failed = session.ask_json::<Value>(&request, judge).await.unwrap_err();
        assert_eq!((failed, account.provider.refreshes()), (Failure::refused("not accepted"), 3));
    })
    .await;
}

#[tokio::test]
async fn a_refusal_is_final_only_when_nobody_else_has_newer_tokens() {
    for_each_engine(async |place| {
        let account = Account::connected(place).await;
        let before = place.store.delegation(&account.key).await.unwrap().unwrap();
        account.provider.revoke();
        account.provider.set_open(false);
        let caller = ask(&account.one);
        account.provider.until_asked(1).await;
        // A node that was stalled with the lease of before stores what it got for the refresh token that we have just sent.
        let tokens = json!({ "refresh": "r100", "access": "a100", "until_ms": NOON_MS + 3_600_000 }).to_string();
        let sealed = sealer().seal(tokens.as_bytes(), &account.key.place());
        assert!(place.store.swap_delegation(&account.key, &before.generation, "theirs", &sealed).await.unwrap());
        account.provider.set_open(true);
        assert_eq!(caller.await.unwrap().unwrap(), "Bearer a100");

        account.one_clock.advance_ms(3_600_000);
        account.provider.revoke();
        let failed = token_of(&account.one).await.unwrap_err();
        let Failure::Reconnect { detail } = &failed else { panic!("{failed:?}") };
        assert!(detail.contains("AADSTS700082") && !detail.contains("Trace"), "{detail}");
        let asked = account.provider.refreshes();
        for _ in 0..3 {
            assert_eq!(token_of(&account.one).await.unwrap_err(), failed);
        }
        assert_eq!(account.provider.refreshes(), asked, "nobody asks again until the person has connected again");
        let granted = json!({ "access_token": "new", "refresh_token": "r300", "expires_in": 10_800 });
        account.two.connect(serde_json::from_value(granted).unwrap()).await.unwrap();
        assert_eq!(token_of(&account.one).await.unwrap(), "Bearer new", "on whichever node that was");
    })
    .await;
}

#[tokio::test]
async fn waiting_callers_share_a_failure() {
    let place = postgres::sqlite().await;
    let account = Account::connected(&place).await;
    account.provider.revoke();
    account.provider.set_open(false);
    let callers: Vec<_> = (0..50).map(|_| ask(&account.one)).collect();
    account.provider.until_asked(1).await;
    account.provider.set_open(true);
    for caller in callers {
        assert!(matches!(caller.await.unwrap(), Err(Failure::Reconnect { .. })));
    }
    assert_eq!(account.provider.refreshes(), 1);
}

#[tokio::test]
async fn the_lease_of_a_dead_node_is_taken_over_and_a_late_one_overwrites_nothing() {
    for_each_engine(async |place| {
        let account = Account::connected(place).await;
        let dead = place.store.lease_delegation(&account.key, "", "of the dead").await.unwrap().unwrap();
        assert!(place.store.lease_delegation(&account.key, "", "of another").await.unwrap().is_none());
        // Whatever a calendar shows, only time that passes ends a lease.
        account.one_clock.jump_ms(3_600_000);
        assert_eq!(token_of(&account.one).await.unwrap(), "Bearer a1");
        let passed_ms = account.one_clock.passed_ms();
        assert!((90_000..100_000).contains(&passed_ms), "{passed_ms}");
        assert!(!place.store.swap_delegation(&account.key, &dead.generation, "late", "x").await.unwrap());
        let now = place.store.delegation(&account.key).await.unwrap().unwrap();
        assert_eq!(now.lease, "");
        assert!(opened(&account.key, &now.tokens).contains("\"r1\""));
    })
    .await;
}

#[tokio::test]
async fn a_caller_who_gives_up_does_not_take_the_new_refresh_token_along() {
    let place = postgres::sqlite().await;
    let account = Account::connected(&place).await;
    account.provider.set_open(false);
    let caller = ask(&account.one);
    account.provider.until_asked(1).await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    account.provider.set_open(true);
    assert_eq!(token_of(&account.one).await.unwrap(), "Bearer a1");
    assert_eq!(account.provider.refreshes(), 1);
}

#[tokio::test]
async fn a_database_that_is_away_when_tokens_come_is_waited_for() {
    for_each_engine(async |place| {
        let account = Account::connected(place).await;
        account.provider.set_open(false);
        let caller = ask(&account.two);
        account.provider.until_asked(1).await;
        let mut lock = postgres::connect(&place.database.url).await;
        let begin =
            if place.is_sqlite() { "begin immediate" } else { "begin; lock table delegations in exclusive mode" };
        sqlx::raw_sql(begin).execute(&mut lock).await.unwrap();
        account.provider.set_open(true);
        account.two_clock.until_waiting(1).await;
        sqlx::raw_sql("rollback").execute(&mut lock).await.unwrap();
        account.two_clock.advance_ms(1_000);
        assert_eq!(caller.await.unwrap().unwrap(), "Bearer a1");
        assert_eq!(account.provider.refreshes(), 1);
        let now = place.store.delegation(&account.key).await.unwrap().unwrap();
        assert!(opened(&account.key, &now.tokens).contains("\"r1\""));
    })
    .await;
}

#[tokio::test]
async fn nothing_that_is_shown_has_a_secret_and_what_is_not_lasting_is_refused() {
    let place = postgres::sqlite().await;
    let account = Account::connected(&place).await;
    let text = format!("{:?}", account.one);
    assert!(text.contains("ours") && !text.contains("our secret"), "{text}");
    let record = place.store.delegation(&account.key).await.unwrap().unwrap();
    assert!(!format!("{record:?}").contains("r0"), "sealed");
    let header = account.one.authorization().await.unwrap();
    assert!(header.is_sensitive() && !format!("{header:?}").contains("a1"));
    let passing = serde_json::from_value(json!({ "access_token": "a" })).unwrap();
    assert!(matches!(account.one.connect(passing).await, Err(Failure::Refused { .. })));
    place.store.delete_delegation(&account.key).await.unwrap();
    account.one_clock.advance_ms(3_600_000);
    assert!(matches!(token_of(&account.one).await, Err(Failure::Reconnect { .. })));
}

#[tokio::test]
async fn a_proxy_of_the_environment_is_not_used() {
    let entra = FakeEntra::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut doctor = tokio::process::Command::new(binary().unwrap());
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
        doctor.env(name, "http://127.0.0.1:1");
    }
    let database = format!("sqlite:{}", folder.path().join("paraph.db").display());
    doctor.env_remove("NO_PROXY").env_remove("no_proxy").current_dir(folder.path());
    doctor.env("PARAPH_IDENTITY__AUTHORITY_HOST", &entra.url).env("PARAPH_DATABASE__URL", database);
    let said = doctor.env("PARAPH_IDENTITY__CLIENT_ID", CLIENT_ID).arg("doctor").output().await.unwrap();
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains(&format!("keys from {}", entra.url)), "{said}");
}
