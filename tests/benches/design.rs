//! What an admin of a large company waits for who works on templates and rules, over HTTP: what unpublished changes
//! change for everybody, what they change for one person, and how soon what is published is in use.
//!
//! `cargo xtask bench design`. Client, server and database share the machine. The company has every design of the gallery
//! and 50 rules: one for replies and forwards, one for mail to outsiders, and 48 of which each gives a signature with a
//! disclaimer. So a person gets up to four different signatures in the eight cells of the matrix.

mod company;

use anyhow::{Context, Result, ensure};
use api::console::paths;
use company::{CITIES, Company, good};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use tests::app::{ADA, TestApp};

const RULES: usize = 50;
const TIMES: usize = 100;
/// After this a comparison is taken to hang.
const PATIENCE: Duration = Duration::from_mins(5);
/// How often progress is asked for; the console does it six times less often.
const OFTEN: Duration = Duration::from_millis(50);
/// Stands in the template once it is changed.
const MARK: &str = "Changed by the benchmark";

#[tokio::main]
async fn main() -> Result<()> {
    run("SQLite, 10,000 people", &TestApp::start().await, 10_000).await?;
    run("SQLite, 100,000 people", &TestApp::start().await, 100_000).await?;
    run("PostgreSQL, 100,000 people", &TestApp::start_on_postgres().await.0, 100_000).await
}

async fn run(what: &str, app: &TestApp, people: usize) -> Result<()> {
    let company = Company::at(app, what).await;
    company.import("new people", people, "Analyst").await?;
    let designed = Designed::make(&company).await?;
    company.publish(&json!({ "templates": designed.templates, "rules": true })).await?;
    ensure!(!signature(app).await?.contains(MARK), "nothing is changed yet");

    let changes = designed.change(&company).await?;
    for (what, changes) in [
        ("as it is published", json!({})),
        ("a rule for every fifth person", json!({ "rules": true })),
        ("the template of most", json!({ "templates": changes["templates"] })),
        ("both", changes.clone()),
    ] {
        let one = json!({ "occasion": { "kind": "new" }, "changes": changes });
        company.compare(&format!("{what}, in every cell of the matrix"), &json!({ "changes": changes })).await?;
        company.compare(&format!("{what}, in a new mail"), &one).await?;
        if changes != json!({}) {
            company.ready(what, &changes).await?;
        }
    }
    company.simulate("somebody's signature, as it is published", &json!({})).await?;
    company.simulate("somebody's signature, with both changes", &changes).await?;
    publish(&company, app, &changes).await
}

/// What the company gives to whom.
struct Designed {
    /// By id.
    templates: Vec<Value>,
    /// The id of the template that most get, which is the one of the last rule.
    most: Value,
    /// In their order.
    rules: Vec<Value>,
}

impl Designed {
    /// A template of each design, and the rules, unpublished.
    async fn make(company: &Company<'_>) -> Result<Self> {
        let gallery = good(company.owner.get(paths::GALLERY).await)?.json();
        let (mut templates, mut signatures, mut disclaimers) = (Vec::new(), Vec::new(), Vec::new());
        for design in gallery["designs"].as_array().context("designs")? {
            let new = json!({ "name": design["name"], "design": design["id"] });
            let made = good(company.owner.send("POST", &company.path(paths::TEMPLATES), &new).await)?.json();
            let id = made["template"]["id"].clone();
            match design["part"].as_str() {
                Some("signature") => signatures.push(id.clone()),
                Some("disclaimer") => disclaimers.push(id.clone()),
                _ => {}
            }
            templates.push(id);
        }
        let of_department = |number: usize| {
            let department = json!({ "is": "field", "field": "department", "comparison": "equals",
                "value": format!("Department {number}") });
            json!({ "id": format!("department-{number}"), "name": format!("Department {number}"),
                "senders": { "any_of": [department] },
                "gives": { "signature": signatures[number % signatures.len()],
                    "disclaimer": disclaimers[number % disclaimers.len()] } })
        };
        let most = signatures[0].clone();
        let replies = json!({ "id": "replies", "name": "Replies", "kinds": ["reply", "forward"],
            "gives": { "signature": signatures[1] }, "flow": "continue" });
        let outsiders = json!({ "id": "outsiders", "name": "Outsiders", "recipients": { "of": [{ "is": "external" }] },
            "gives": { "disclaimer": disclaimers[1] }, "flow": "continue" });
        let mut rules = vec![replies, outsiders];
        rules.extend((rules.len() + 1..RULES).map(of_department));
        rules.push(json!({ "id": "others", "name": "Everybody else",
            "gives": { "signature": most, "disclaimer": disclaimers[0] } }));
        company.save_rules(&rules).await?;
        Ok(Self { templates, most, rules })
    }

    /// Changes the rules for one city, and the template of most; what is then unpublished.
    async fn change(&self, company: &Company<'_>) -> Result<Value> {
        let city = json!({ "is": "field", "field": "city", "comparison": "equals", "value": CITIES[0] });
        let rule = json!({ "id": "city", "name": "One city", "senders": { "any_of": [city] },
            "gives": { "signature": self.templates[1] } });
        company.save_rules(&[&[rule], self.rules.as_slice()].concat()).await?;

        let path = company.path(paths::TEMPLATE).replace("{template}", self.most.as_str().context("an id")?);
        let mut template = good(company.owner.get(&path).await)?.json()["template"].take();
        let members = template.as_object_mut().context("a template")?;
        members.remove("id");
        let html = members["html"].as_str().context("HTML")?;
        let html = format!("{html}<p>{MARK}</p>");
        members.insert("html".into(), html.into());
        good(company.owner.change("PUT", &path, "*", &template).await)?;
        Ok(json!({ "templates": [self.most], "rules": true }))
    }
}

impl Company<'_> {
    async fn save_rules(&self, rules: &[Value]) -> Result<()> {
        good(self.owner.change("PUT", &self.path(paths::RULES), "*", &json!({ "rules": rules })).await).map(drop)
    }

    async fn publish(&self, changes: &Value) -> Result<()> {
        let accepted = self.ready("publishing", changes).await?;
        let body = json!({ "changes": changes, "accepted": accepted });
        good(self.owner.change("POST", &self.path(paths::PUBLISH), "*", &body).await).map(drop)
    }

    /// Follows the check before publishing until everybody has been looked at, and returns the fingerprint of what was
    /// found.
    async fn ready(&self, what: &str, changes: &Value) -> Result<Value> {
        let started = Instant::now();
        let ask = async || {
            let body = json!({ "changes": changes });
            anyhow::Ok(good(self.owner.send("POST", &self.path(paths::READY), &body).await)?.json())
        };
        let mut readiness = ask().await?;
        let mut progress = BTreeSet::new();
        while readiness["finished"] == false {
            ensure!(started.elapsed() < PATIENCE, "it does not finish: {readiness}");
            progress.insert(readiness["done"].as_u64());
            tokio::time::sleep(OFTEN).await;
            readiness = ask().await?;
        }
        println!(
            "{}: ready to publish, {what}: {:.2} s, {} of {} concerned, {} findings, {} states of progress seen",
            self.database,
            started.elapsed().as_secs_f64(),
            readiness["concerned"],
            readiness["total"],
            readiness["findings"].as_array().map_or(0, Vec::len),
            progress.len()
        );
        Ok(readiness["fingerprint"].take())
    }

    /// Follows a comparison of everybody until it is finished, then looks at who is affected.
    async fn compare(&self, what: &str, body: &Value) -> Result<()> {
        let started = Instant::now();
        let mut comparison = good(self.owner.send("POST", &self.path(paths::COMPARISONS), body).await)?.json();
        let begun = started.elapsed();
        let id = comparison["id"].as_str().context("an id")?.to_owned();
        let at = |path: &str| self.path(path).replace("{comparison}", &id);
        let mut progress = BTreeSet::new();
        while comparison["finished"] == false {
            ensure!(started.elapsed() < PATIENCE, "it does not finish: {comparison}");
            progress.insert(comparison["done"].as_u64());
            tokio::time::sleep(OFTEN).await;
            comparison = good(self.owner.get(&at(paths::COMPARISON)).await)?.json();
        }
        let finished = started.elapsed();
        let listed = Instant::now();
        good(self.owner.get(&format!("{}?affected=true", at(paths::COMPARISON_PEOPLE))).await)?;
        println!(
            "{}: everybody before and after, {what}: {:.2} s, {} of {} affected; begun after {} ms, {} states of progress \
             seen, the first page of those affected {} ms later",
            self.database,
            finished.as_secs_f64(),
            comparison["affected"],
            comparison["total"],
            begun.as_millis(),
            progress.len(),
            listed.elapsed().as_millis()
        );
        good(self.owner.delete(&at(paths::COMPARISON)).await).map(drop)
    }

    /// Asks for many people, one after the other, what they get and why.
    async fn simulate(&self, what: &str, changes: &Value) -> Result<()> {
        let page = format!("{}?limit={TIMES}", self.path(paths::PEOPLE));
        let people = good(self.owner.get(&page).await)?.json();
        let path = self.path(paths::SIMULATION);
        let mut times = Vec::with_capacity(TIMES);
        for person in people["people"].as_array().context("people")? {
            let body = json!({ "person": person["id"], "occasion": { "kind": "new" }, "changes": changes });
            let started = Instant::now();
            let answer = self.owner.send("POST", &path, &body).await;
            times.push(started.elapsed());
            good(answer)?;
        }
        self.report(what, times);
        Ok(())
    }
}

/// Publishes the changes; the next draft waits until they are in memory.
async fn publish(company: &Company<'_>, app: &TestApp, changes: &Value) -> Result<()> {
    let mut before = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let started = Instant::now();
        signature(app).await?;
        before.push(started.elapsed());
    }
    company.report("signature request before publishing", before);
    let started = Instant::now();
    company.publish(changes).await?;
    let published = started.elapsed();
    let asked = Instant::now();
    let shown = signature(app).await?;
    println!(
        "{}: published after {} ms; the first signature request after that was answered {} ms later",
        company.database,
        published.as_millis(),
        asked.elapsed().as_millis()
    );
    ensure!(shown.contains(MARK), "it has the old design: {shown}");
    let started = Instant::now();
    signature(app).await?;
    println!("{}: the second one took {:.1} ms", company.database, started.elapsed().as_secs_f64() * 1_000.0);
    Ok(())
}

/// What Ada's new mail gets.
async fn signature(app: &TestApp) -> Result<String> {
    let body = json!({ "kind": "new", "format": "html" });
    let answer = good(app.post(api::paths::SIGNATURE, ADA, &body).await)?.json();
    Ok(answer["html"].as_str().context("HTML")?.to_owned())
}
