//! A company with many people, for the benchmarks: the file that brings them in, and how figures are told.

use anyhow::{Context as _, Result, ensure};
use api::console::paths;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::{Duration, Instant};
use tests::app::{Answer, TENANT, TestApp};
use tests::console::Admin;

/// Departments; every person's is `Department` and their number modulo this.
pub(crate) const DEPARTMENTS: usize = 300;

const NAMES: [&str; 8] = ["Anna", "Björn", "Chloé", "Dmitri", "Élodie", "Fatima", "Grace", "Hiroshi"];
const SURNAMES: [&str; 7] = ["Müller", "Lovelace", "García", "Novák", "Østergård", "Turing", "Yılmaz"];
/// Of every fifth person each.
pub(crate) const CITIES: [&str; 5] = ["Berlin", "São Paulo", "Reykjavík", "Zürich", "London"];

/// Its owner at the console.
pub(crate) struct Company<'a> {
    /// How lines begin.
    pub(crate) database: &'a str,
    pub(crate) owner: Admin<'a>,
    tenant: String,
}

impl<'a> Company<'a> {
    pub(crate) async fn at(app: &'a TestApp, database: &'a str) -> Self {
        Self { database, owner: app.owner().await, tenant: app.tenant_id(TENANT).await }
    }

    /// A path of the tenant.
    pub(crate) fn path(&self, path: &str) -> String {
        path.replace("{tenant}", &self.tenant)
    }

    /// Brings a file of `people` in, from upload to applied.
    pub(crate) async fn import(&self, what: &str, people: usize, title: &str) -> Result<()> {
        let file = file(people, title);
        let size = file.len();
        let started = Instant::now();
        let request = self.owner.request("POST", &self.path(paths::RUNS)).header("content-type", "text/csv");
        let answer: Value = request.body(file).send().await?.json().await?;
        let id = answer["id"].as_str().with_context(|| answer.to_string())?;
        let path = self.path(paths::RUN).replace("{run}", id);
        let uploaded = started.elapsed();
        let plan = self.owner.settled(&path).await;
        ensure!(plan["state"] == "planned", "{plan}");
        let planned = started.elapsed();
        let apply = self.path(paths::APPLY_RUN).replace("{run}", id);
        good(self.owner.send("POST", &apply, &json!({ "confirmed": true })).await)?;
        let applied = self.owner.settled(&path).await;
        ensure!(applied["state"] == "applied", "{applied}");
        println!(
            "{}: {what}, {people} rows, {} MB: uploaded after {:.1} s, planned {:.1} s, applied {:.1} s",
            self.database,
            size / 1_000_000,
            uploaded.as_secs_f64(),
            planned.as_secs_f64(),
            started.elapsed().as_secs_f64()
        );
        Ok(())
    }

    /// Prints how long something took that was done often.
    pub(crate) fn report(&self, what: &str, mut times: Vec<Duration>) {
        times.sort();
        let last = times.len() - 1;
        let at = |share: usize| times[last * share / 100].as_secs_f64() * 1_000.0;
        println!("{}: {what}: p50 {:.1} ms, p95 {:.1} ms, most {:.1} ms", self.database, at(50), at(95), at(100));
    }
}

/// The answer, when it is none that refuses.
pub(crate) fn good(answer: Answer) -> Result<Answer> {
    ensure!(answer.status.is_success(), "{}: {}", answer.status, answer.text());
    Ok(answer)
}

fn file(people: usize, title: &str) -> String {
    let mut file =
        String::from("address,display_name,given_name,surname,title,department,company,office,phone,city\r\n");
    for number in 0..people {
        let (given, surname) = (NAMES[number % 8], SURNAMES[number / 8 % 7]);
        let (city, department) = (CITIES[number % 5], number % DEPARTMENTS);
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
