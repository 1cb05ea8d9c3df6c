//! Whole runs with 100,000 people, from the question to what is applied: Entra ID, then a company's own PostgreSQL through the
//! connector, on both databases.
//!
//! `cargo xtask bench sources`. Source, connector, server and its database share the machine.

use anyhow::{Context as _, Result, ensure};
use api::console::StartRun;
use neighbours::graph::{FakeGraph, made_up};
use paraph::clock::Clock;
use paraph::directory::{Starter, connected};
use paraph::identity::digest;
use paraph::store::{By, Cause, Company, Deed, RunRecord, RunState, Scope, Source, SourceState, TokenRecord};
use paraph::tenant::Tenant;
use paraph_connector::config::{Database, Kind, Place, Tls};
use paraph_connector::run::{self, Needs, Purpose};
use paraph_connector::sealed::Secret;
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tests::app::{NOON_MS, TENANT, TestApp};
use tests::neighbourhood;
use tests::postgres::{connect, new_database};

const PEOPLE: usize = 100_000;
const GROUPS: usize = 500;
const MEMBERS: usize = 200;
const CHANGES: usize = 100;
/// Columns of the company's own table, the address among them.
const COLUMNS: usize = 20;
const SECRET: &str = "paraph_secret-of-the-benchmark";

#[tokio::main]
async fn main() -> Result<()> {
    let table = table().await?;
    for (name, url) in [("SQLite", None), ("PostgreSQL", Some(new_database().await))] {
        let graph = neighbourhood::graph(&Clock::mock(NOON_MS)).await;
        graph.add_many(PEOPLE, GROUPS, MEMBERS);
        graph.set_page_size(999, 1_000);
        let app = TestApp::start_with(|config| {
            neighbourhood::ask_graph(config, &graph);
            if let Some(url) = url {
                config.database.url = url;
            }
        })
        .await;
        prepare(&app).await?;
        entra(name, &app, &graph).await?;
        database(name, &app, &table).await?;
    }
    Ok(())
}

/// Fields for every column, Entra ID connected, a secret for the connector; no run has to be confirmed.
async fn prepare(app: &TestApp) -> Result<()> {
    let fields: Vec<_> = (1..COLUMNS)
        .map(|at| json!({ "token": format!("f{at}"), "label": format!("Field {at}"), "editable": false }))
        .collect();
    let document = json!({ "tenant": { "entra_id": TENANT, "name": "Example", "domains": ["example.com"] },
        "people": [], "templates": [], "rules": [], "fields": fields });
    let company: Company = serde_json::from_value(document)?;
    let store = &app.app.store;
    let tenant = store.import(&company, |_| None, By::new("bench", NOON_MS)).await?.tenant;
    for source in [Source::Entra, Source::Database] {
        let mut record = connected(store.source(&tenant, source).await?, String::new(), NOON_MS);
        record.settings.guard_percent = 100;
        (record.state, record.next_ms) = (SourceState::On, None);
        let deed = Deed { action: "connect_source", detail: json!({}) };
        store.put_source(&tenant, &record, deed, By::new("bench", NOON_MS)).await?;
    }
    let token = TokenRecord {
        tenant,
        entra_id: Some(TENANT.into()),
        id: "bench".into(),
        start: "paraph_secre".into(),
        name: "Database".into(),
        scopes: vec![Scope::DatabaseUpload],
        account: String::new(),
        created_by: "bench".into(),
        created_ms: NOON_MS,
        expires_ms: i64::MAX / 2,
        used_ms: None,
    };
    Ok(store.insert_token(&token, &digest(SECRET), "bench".into()).await?)
}

async fn tenant(app: &TestApp) -> Result<Arc<Tenant>> {
    app.app.tenants.of_entra(TENANT).await?.context("no tenant")
}

async fn entra(database: &str, app: &TestApp, graph: &FakeGraph) -> Result<()> {
    let first = fetch(app).await?;
    println!("{database}: {PEOPLE} people and {GROUPS} groups from Entra ID, first run: {:.1} s", first.as_secs_f64());
    for number in 0..CHANGES {
        graph.change_user(&made_up(number * 7), &json!({ "jobTitle": format!("Title {number}") }));
    }
    let changes = fetch(app).await?;
    println!("{database}: {CHANGES} changes from Entra ID: {:.2} s", changes.as_secs_f64());
    let started = Instant::now();
    let titles = tenant(app).await?;
    let record = titles.record_by_address("person7@example.com").context("nobody")?;
    ensure!(record.fields.get("title") == Some("Title 1"), "{:?}", record.fields);
    println!("{database}: people as they are now, after that: {} ms", started.elapsed().as_millis());
    Ok(())
}

async fn fetch(app: &TestApp) -> Result<Duration> {
    let tenant = tenant(app).await?;
    let started = Instant::now();
    let pressed = Starter { cause: Cause::Button, actor: "bench".into() };
    let run = app.app.runs.fetch(&tenant, Source::Entra, StartRun::default(), pressed).await?;
    let ended = ended(app, &tenant, &run.id).await?;
    ensure!(ended.state == RunState::Applied, "{ended:?}");
    Ok(started.elapsed())
}

async fn ended(app: &TestApp, tenant: &Tenant, id: &str) -> Result<RunRecord> {
    loop {
        app.app.runs.ended(id).await;
        let record = app.app.runs.get(tenant, id).await?;
        if !matches!(record.state, RunState::Fetching | RunState::Planning | RunState::Applying) {
            return Ok(record);
        }
        tokio::task::yield_now().await;
    }
}

/// A company's own table, somewhere else than Paraph's.
async fn table() -> Result<String> {
    let url = new_database().await;
    let mut database = connect(&url).await;
    let columns: Vec<_> = (1..COLUMNS).map(|at| format!("f{at} text")).collect();
    let values: Vec<_> = (1..COLUMNS).map(|at| format!("'value {at} of ' || n")).collect();
    for sql in [
        format!("create table staff (mail text primary key, {})", columns.join(", ")),
        format!(
            "insert into staff select 'person' || n || '@example.com', {} from generate_series(0, {}) n",
            values.join(", "),
            PEOPLE - 1
        ),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut database).await?;
    }
    Ok(url)
}

async fn database(engine: &str, app: &TestApp, table: &str) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let place = Place::new(Some(folder.path().join("paraph-connector.toml")));
    // postgres://paraph@localhost/DATABASE?host=FOLDER
    let (address, socket) = table.split_once("?host=").context("no socket")?;
    let (user, rest) = address.trim_start_matches("postgres://").split_once('@').context("no user")?;
    let name_there = rest.rsplit('/').next().unwrap_or_default();
    let mut config = place.load()?;
    config.paraph.url.clone_from(&app.url);
    config.paraph.secret = place.sealer()?.seal(&Secret::exact(SECRET.into()), "paraph.secret");
    config.database = Database {
        kind: Kind::Postgres,
        host: socket.to_owned(),
        name: name_there.to_owned(),
        user: user.to_owned(),
        tls: Tls::Off,
        ..Database::default()
    };
    config.query.sql = "SELECT * FROM staff ORDER BY mail".into();
    config.mappings = (1..COLUMNS).map(|at| (format!("f{at}"), format!("f{at}"))).collect();
    config.mappings.insert("address".into(), "mail".into());
    place.save(&config)?;
    let needs = Needs { place, clock: paraph_connector::clock::Clock::system(), patience: Duration::from_mins(5) };
    let before = tenant(app).await?.version;
    for what in ["first run", "the same rows again"] {
        let started = Instant::now();
        let done =
            run::run(&needs, Purpose::Apply, &mut |_| ()).await.map_err(|stopped| anyhow::anyhow!("{stopped:?}"))?;
        ensure!(done.upload.state == api::console::RunState::Applied, "{done:?}");
        println!(
            "{engine}: {PEOPLE} rows of {COLUMNS} columns from PostgreSQL, {what}: {:.1} s",
            started.elapsed().as_secs_f64()
        );
    }
    let tenant = tenant(app).await?;
    app.app.tenants.forget(&tenant);
    ensure!(self::tenant(app).await?.version == before + 1, "the second run wrote something");
    Ok(())
}
