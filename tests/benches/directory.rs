//! A directory of 100,000 people on both databases: a CSV file from upload to applied, and searching it, over HTTP; then the
//! whole database saved, restored and copied by the commands, which read it back and compare it.
//!
//! `cargo xtask bench directory`. Client, server and database share the machine.

mod company;

use anyhow::{Context, Result};
use api::console::paths;
use company::{Company, good};
use paraph::cli::data::backup::{self, BackupOptions, CopyOptions, RestoreOptions};
use serde_json::json;
use std::time::Instant;
use tests::app::TestApp;
use tests::postgres::new_database;

const PEOPLE: usize = 100_000;
const SEARCHES: usize = 400;

#[tokio::main]
async fn main() -> Result<()> {
    run("SQLite", &TestApp::start().await).await?;
    run("PostgreSQL", &TestApp::start_on_postgres().await.0).await
}

async fn run(database: &str, app: &TestApp) -> Result<()> {
    let company = Company::at(app, database).await;
    company.import("new people", PEOPLE, "Analyst").await?;
    company.import("one value of everybody", PEOPLE, "Engineer").await?;
    company.import("nothing new", PEOPLE, "Engineer").await?;
    let (owner, people) = (&company.owner, company.path(paths::PEOPLE));
    let first = Instant::now();
    owner.get(&format!("{people}?search=anna")).await;
    println!("{database}: first search {} ms", first.elapsed().as_millis());
    let queries = queries();
    let mut times = Vec::with_capacity(SEARCHES);
    for query in queries.iter().cycle().take(SEARCHES) {
        let started = Instant::now();
        let answer = owner.get(&format!("{people}?{query}")).await;
        times.push(started.elapsed());
        good(answer).context(query.clone())?;
    }
    company.report("search and paging", times);

    // Each search after a change, which has its own part of the index made again.
    let mut times = Vec::new();
    let mut writes = Vec::new();
    for number in 0..40 {
        let id = owner.get(&format!("{people}?search=person{number}@")).await.json();
        let path = company.path(paths::PERSON).replace("{person}", id["people"][0]["id"].as_str().context("nobody")?);
        let change = json!({ "fields": { "title": { "value": format!("Title {number}") } } });
        let started = Instant::now();
        let answer = owner.change("PATCH", &path, "*", &change).await;
        writes.push(started.elapsed());
        good(answer)?;
        let started = Instant::now();
        owner.get(&format!("{people}?{}", queries[number % queries.len()])).await;
        times.push(started.elapsed());
    }
    company.report("change of one person", writes);
    company.report("search after a change", times);
    move_all(database, app).await
}

/// Backup, restore into an empty database of the same kind, and copy to SQLite.
async fn move_all(database: &str, app: &TestApp) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let config = &app.app.config;
    let file = folder.path().join("backup");
    let started = Instant::now();
    backup::run(config, &BackupOptions { file: file.clone(), replace: false }).await?;
    let size = std::fs::metadata(&file)?.len();
    println!("{database}: backup {} ms, {size} bytes", started.elapsed().as_millis());
    let mut empty = config.clone();
    empty.database.url = match database {
        "SQLite" => format!("sqlite:{}", folder.path().join("restored.db").display()),
        _ => new_database().await,
    };
    let started = Instant::now();
    backup::restore(&empty, &RestoreOptions { file, replace: false, without_key: false }).await?;
    println!("{database}: restore {} ms", started.elapsed().as_millis());
    let to = format!("sqlite:{}", folder.path().join("copied.db").display());
    let started = Instant::now();
    backup::copy(config, &CopyOptions { to, replace: false }).await?;
    println!("{database}: copy to SQLite {} ms", started.elapsed().as_millis());
    Ok(())
}

fn queries() -> Vec<String> {
    [
        "",
        "search=anna",
        "search=muller&sort=address",
        "search=zzz-nobody",
        "search=e",
        "search=lovelace%20department%2017",
        "sort=title&offset=50000",
        "sort=city&descending=true",
        "search=person99999",
        "kind=shared_mailbox",
        "group=group-engine",
        "search=berlin%20anna&sort=department&limit=200",
        "offset=99950",
        "search=%2B49%2030%200012",
    ]
    .map(str::to_owned)
    .to_vec()
}
