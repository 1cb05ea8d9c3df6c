//! A directory of 100,000 people: a CSV file from upload to applied, and searching it, over HTTP and on both databases.
//!
//! `cargo xtask bench directory`. Client, server and database share the machine.

use anyhow::{Context, Result, ensure};
use api::console::paths;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::{Duration, Instant};
use tests::app::{TENANT, TestApp};
use tests::console::Admin;

const PEOPLE: usize = 100_000;
const SEARCHES: usize = 400;

#[tokio::main]
async fn main() -> Result<()> {
    run("SQLite", &TestApp::start().await).await?;
    run("PostgreSQL", &TestApp::start_on_postgres().await.0).await
}

async fn run(database: &str, app: &TestApp) -> Result<()> {
    let owner = app.owner().await;
    let tenant = app.tenant_id(TENANT).await;
    let at = |path: &str| path.replace("{tenant}", &tenant);
    import(database, "new people", &owner, &at, file("Analyst")).await?;
    import(database, "one value of everybody", &owner, &at, file("Engineer")).await?;
    import(database, "nothing new", &owner, &at, file("Engineer")).await?;
    let people = at(paths::PEOPLE);
    let first = Instant::now();
    owner.get(&format!("{people}?search=anna")).await;
    println!("{database}: first search {} ms", first.elapsed().as_millis());
    let queries = queries();
    let mut times = Vec::with_capacity(SEARCHES);
    for query in queries.iter().cycle().take(SEARCHES) {
        let started = Instant::now();
        let answer = owner.get(&format!("{people}?{query}")).await;
        times.push(started.elapsed());
        ensure!(answer.status.is_success(), "{query}: {}", answer.text());
    }
    report(database, "search and paging", times);

    // Each search after a change, which has its own part of the index made again.
    let mut times = Vec::new();
    let mut writes = Vec::new();
    for number in 0..40 {
        let id = owner.get(&format!("{people}?search=person{number}@")).await.json();
        let path = at(paths::PERSON).replace("{person}", id["people"][0]["id"].as_str().context("nobody")?);
        let change = json!({ "fields": { "title": { "value": format!("Title {number}") } } });
        let started = Instant::now();
        let answer = owner.change("PATCH", &path, "*", &change).await;
        writes.push(started.elapsed());
        ensure!(answer.status.is_success(), "{}", answer.text());
        let started = Instant::now();
        owner.get(&format!("{people}?{}", queries[number % queries.len()])).await;
        times.push(started.elapsed());
    }
    report(database, "change of one person", writes);
    report(database, "search after a change", times);
    Ok(())
}

async fn import(
    database: &str,
    what: &str,
    owner: &Admin<'_>,
    at: &impl Fn(&str) -> String,
    file: String,
) -> Result<()> {
    let size = file.len();
    let started = Instant::now();
    let request = owner.request("POST", &at(paths::IMPORTS)).header("content-type", "text/csv").body(file);
    let answer: Value = request.send().await?.json().await?;
    let id = answer["id"].as_str().with_context(|| answer.to_string())?;
    let path = at(paths::IMPORT).replace("{import}", id);
    let uploaded = started.elapsed();
    let plan = owner.settled(&path).await;
    ensure!(plan["state"] == "planned", "{plan}");
    let planned = started.elapsed();
    let answer =
        owner.send("POST", &at(paths::APPLY_IMPORT).replace("{import}", id), &json!({ "confirmed": true })).await;
    ensure!(answer.status.is_success(), "{}", answer.text());
    let applied = owner.settled(&path).await;
    ensure!(applied["state"] == "applied", "{applied}");
    println!(
        "{database}: {what}, {PEOPLE} rows, {} MB: uploaded after {:.1} s, planned {:.1} s, applied {:.1} s",
        size / 1_000_000,
        uploaded.as_secs_f64(),
        planned.as_secs_f64(),
        started.elapsed().as_secs_f64()
    );
    Ok(())
}

const NAMES: [&str; 8] = ["Anna", "Björn", "Chloé", "Dmitri", "Élodie", "Fatima", "Grace", "Hiroshi"];
const SURNAMES: [&str; 7] = ["Müller", "Lovelace", "García", "Novák", "Østergård", "Turing", "Yılmaz"];
const CITIES: [&str; 5] = ["Berlin", "São Paulo", "Reykjavík", "Zürich", "London"];

fn file(title: &str) -> String {
    let mut file =
        String::from("address,display_name,given_name,surname,title,department,company,office,phone,city\r\n");
    for number in 0..PEOPLE {
        let (given, surname) = (NAMES[number % 8], SURNAMES[number / 8 % 7]);
        let (city, department) = (CITIES[number % 5], number % 300);
        let _ = write!(
            file,
            "person{number}@example.com,{given} {surname} {number},{given},{surname},{title} {},Department {department},\
             Example GmbH,Building {},+49 30 {number:07},{city}\r\n",
            number % 40,
            number % 25,
        );
    }
    file
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

fn report(database: &str, what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: usize| times[times.len() * share / 100].as_secs_f64() * 1_000.0;
    println!("{database}: {what}: p50 {:.1} ms, p95 {:.1} ms, most {:.1} ms", at(50), at(95), at(99));
}
