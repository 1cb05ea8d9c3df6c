//! What somebody who writes a mail waits for, measured in headless Chromium with the release server.
//!
//! `cargo xtask bench browser`. Event fired → `setSignatureAsync` called on each platform: with a warm server, with the
//! server stopped, and with nothing kept either; the pane, from `Office.onReady` until it can be used; and what an admin
//! waits for: the console, from its address until the overview shows, and the preview of a template after each key.
//!
//! One part alone, with a server that is built: `PARAPH_BIN=target/release/paraph cargo bench --profile dev --package tests
//! --bench browser -- typing`.

mod typing;

use anyhow::{Context, Result, ensure};
use fantoccini::Client;
use serde_json::Value;
use tests::browser::{Browser, Server};

const PARTS: [&str; 4] = ["mails", "pane", "console", "typing"];
const ROUNDS: usize = 50;
const PLATFORMS: [&str; 3] = ["web", "classic", "mobile"];

#[tokio::main]
async fn main() -> Result<()> {
    // Cargo itself says `--bench`.
    let only: Vec<String> = std::env::args().skip(1).filter(|name| !name.starts_with('-')).collect();
    ensure!(only.iter().all(|name| PARTS.contains(&name.as_str())), "the parts are: {}", PARTS.join(", "));
    let wanted = |part: &str| only.is_empty() || only.iter().any(|name| name == part);
    let browser = Browser::start().await?;
    let client = &browser.client;
    if wanted("mails") {
        mails(client).await?;
    }
    let server = Server::start()?;
    client.goto(&server.origin).await?;
    if wanted("pane") {
        pane(client, &server.origin).await?;
    }
    evaluate(client, SIGN_IN).await?;
    if wanted("console") {
        console(client, &server.origin).await?;
    }
    if wanted("typing") {
        typing::measure(client, &server.origin).await?;
    }
    Ok(())
}

/// Event fired → `setSignatureAsync` called.
async fn mails(client: &Client) -> Result<()> {
    let run = async |script: &str| evaluate(client, script).await;
    println!("browser: {ROUNDS} new mails each; milliseconds, median (p95)");
    for platform in PLATFORMS {
        let server = Server::start()?;
        let open = format!("await simulator.ready; await simulator.platform('{platform}')");
        client.goto(&server.origin).await?;
        run(&open).await?;
        run("for (let i = 0; i < 5; i++) await simulator.compose('new')").await?;
        let compose = format!(
            "const all = []; for (let i = 0; i < {ROUNDS}; i++) all.push(await simulator.compose('new')); return all"
        );
        let warm = run(&compose).await?;
        drop(server);
        let stopped = run(&compose).await?;
        report(platform, "warm server", "signatureAt", "server", &warm)?;
        report(platform, "server stopped, kept signature", "signatureAt", "cache", &stopped)?;
        // Another port is another origin, for which nothing is kept.
        let server = Server::start()?;
        client.goto(&server.origin).await?;
        run(&open).await?;
        drop(server);
        let nothing =
            run("const all = []; for (let i = 0; i < 5; i++) all.push(await simulator.compose('new')); return all")
                .await?;
        report(platform, "nothing kept, event completed", "completedAt", "", &nothing)?;
    }
    Ok(())
}

/// From `Office.onReady` until the pane can be used.
async fn pane(client: &Client, origin: &str) -> Result<()> {
    let mut usable = Vec::new();
    for _ in 0..10 {
        client.goto(origin).await?;
        evaluate(client, "await simulator.ready; await simulator.compose('new')").await?;
        usable.push(evaluate(client, PANE).await?.as_f64().context("the pane's marks")?);
    }
    let (median, p95) = middle(&mut usable);
    println!("pane: usable after Office.onReady: {median:.0} ({p95:.0})");
    Ok(())
}

/// From the console's address until its overview shows.
async fn console(client: &Client, origin: &str) -> Result<()> {
    let mut shown = Vec::new();
    for _ in 0..10 {
        client.goto(&format!("{origin}/console")).await?;
        shown.push(evaluate(client, CONSOLE).await?.as_f64().context("the console's time")?);
    }
    let (median, p95) = middle(&mut shown);
    println!("console: overview shown after its address was opened: {median:.0} ({p95:.0})");
    Ok(())
}

/// What statements return that are run in the page and may await.
async fn evaluate(client: &Client, script: &str) -> Result<Value> {
    let script = format!(
        "return (async () => {{ {script} }})().then((value) => JSON.stringify(value ?? null), (error) => JSON.stringify({{ error: String(error) }}))"
    );
    let answer = client.execute(&script, Vec::new()).await?;
    let answer: Value = serde_json::from_str(answer.as_str().context("no answer")?)?;
    ensure!(answer.get("error").is_none_or(Value::is_null), "{answer}");
    Ok(answer)
}

/// Signs the demo's admin in.
const SIGN_IN: &str = r#"
    const body = JSON.stringify({ email: "admin@example.com", password: "paraph demo console" });
    const headers = { "content-type": "application/json" };
    return (await fetch("/api/v1/sign-in", { method: "POST", headers, body })).status
"#;

/// Waits for the overview with its figures and says how long it took since the address was opened.
const CONSOLE: &str = r#"
    for (let i = 0; i < 2000; i++) {
      const heading = document.querySelector("h1")?.innerText;
      if (heading && !document.querySelector("[aria-busy=true]")) return performance.now();
      await new Promise((next) => setTimeout(next, 5));
    }
"#;

/// Opens the pane and reads its two marks.
const PANE: &str = r##"
    simulator.openPane();
    for (let i = 0; i < 600; i++) {
      const pane = document.querySelector("#pane iframe")?.contentWindow;
      const mark = (name) => pane?.performance.getEntriesByName(name)[0]?.startTime;
      if (mark("paraph-usable")) return mark("paraph-usable") - mark("paraph-office-ready");
      await new Promise((next) => setTimeout(next, 10));
    }
"##;

/// Prints the figures of one kind, after making sure that they are what they are called.
fn report(platform: &str, what: &str, field: &str, source: &str, records: &Value) -> Result<()> {
    let records = records.as_array().context("records")?;
    ensure!(
        records.iter().all(|record| record["source"].as_str().unwrap_or_default() == source),
        "{platform}, {what}: not every answer came from {source:?}"
    );
    let mut times: Vec<f64> = records.iter().filter_map(|record| record[field].as_f64()).collect();
    ensure!(times.len() == records.len(), "{platform}, {what}: {} of {} have {field}", times.len(), records.len());
    let (median, p95) = middle(&mut times);
    println!("{platform}, {what}: {median:.0} ({p95:.0})");
    Ok(())
}

fn middle(times: &mut [f64]) -> (f64, f64) {
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], times[times.len() * 95 / 100])
}
