//! Signatures per second over HTTP, every token verified, beside the same job done by Node.
//!
//! `cargo xtask bench http`. The load generator (wrk) shares the machine's cores with the server, as does the Node
//! endpoint when its turn comes, so that both are measured the same way in one run.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use tests::browser::{Program, Server};

const PEOPLE: usize = 10_000;
const SECONDS: u32 = 10;

/// What wrk reports.
struct Load {
    per_second: f64,
    p50: String,
    p99: String,
    errors: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let server = Server::start_with(&["--people", &PEOPLE.to_string()])?;
    let origin = &server.origin;
    let people = tokens(origin, &folder.path().join("tokens")).await?;
    println!("http: {people} people, each with a token of their own; wrk -t1 beside the server, {SECONDS} s a run");

    let full = wrk(&format!("{origin}/api/v1/signature"), folder.path(), 16, 0.0)?;
    print("paraph, full load", &full);
    let half_rate = full.per_second / 2.0;
    // 64 connections that each wait so long between requests that together they ask half as often.
    let wait = 64_000.0 / half_rate;
    let half = wrk(&format!("{origin}/api/v1/signature"), folder.path(), 64, wait)?;
    print("paraph, half load", &half);
    println!(
        "paraph, resident memory: {} MB",
        resident_kib(server.program.id().context("the server is gone")?)? / 1024
    );
    drop(server);

    let (node, port) = start_node(&folder.path().join("keys.json"))?;
    let peer = wrk(&format!("http://127.0.0.1:{port}/api/v1/signature"), folder.path(), 16, 0.0)?;
    print("node express + handlebars + sanitize-html", &peer);
    drop(node);
    println!("ratio: {:.1}", full.per_second / peer.per_second);
    Ok(())
}

fn print(what: &str, load: &Load) {
    println!("{what}: {:.0} signatures/s, p50 {}, p99 {}{}", load.per_second, load.p50, load.p99, load.errors);
}

/// One line a person, `token address`; and the issuer's keys beside it for the Node endpoint.
async fn tokens(origin: &str, file: &Path) -> Result<usize> {
    let http = tests::http::client();
    let keys: Value = http.get(format!("{origin}/demo/keys")).send().await?.json().await?;
    std::fs::write(file.with_file_name("keys.json"), keys.to_string())?;
    let listed: Value = http.get(format!("{origin}/demo/people")).send().await?.json().await?;
    let mut lines = String::new();
    let mut count = 0;
    for person in listed["people"].as_array().context("people")? {
        if person["shared"].as_bool().unwrap_or_default() {
            continue;
        }
        let address = person["address"].as_str().context("address")?;
        let answer = http.post(format!("{origin}/demo/token")).json(&json!({ "address": address })).send().await?;
        ensure!(answer.status().is_success(), "no token for a person of the demo: {}", answer.status());
        let answer: Value = answer.json().await?;
        writeln!(lines, "{} {address}", answer["access_token"].as_str().context("access_token")?)?;
        count += 1;
    }
    std::fs::write(file, lines)?;
    Ok(count)
}

/// Runs wrk with every request as another person; `wait` is the pause between a connection's requests in ms.
fn wrk(url: &str, folder: &Path, connections: u32, wait: f64) -> Result<Load> {
    let script = folder.join("wrk.lua");
    std::fs::write(
        &script,
        format!(
            r#"
local requests = {{}}
init = function()
  for line in io.lines("{}") do
    local token, address = line:match("^(%S+) (%S+)$")
    local body = '{{"kind":"new","from":"' .. address .. '","format":"html","subject":"Offer","recipients":[{{"address":"someone@example.org","type":"external_user"}}]}}'
    requests[#requests + 1] = wrk.format("POST", nil, {{["Authorization"] = "Bearer " .. token, ["Content-Type"] = "application/json"}}, body)
  end
end
local at = 0
request = function() at = at % #requests + 1; return requests[at] end
{}
"#,
            folder.join("tokens").display(),
            if wait > 0.0 {
                format!("delay = function() return math.random() * {} end", 2.0 * wait)
            } else {
                String::new()
            }
        ),
    )?;
    let output = Command::new("wrk")
        .args(["-t1", &format!("-c{connections}"), &format!("-d{SECONDS}s"), "--latency", "-s"])
        .arg(&script)
        .arg(url)
        .output()
        .context("wrk is missing: `cargo xtask setup`")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let after = |label: &str| {
        text.lines()
            .find_map(|line| line.trim().strip_prefix(label).map(|rest| rest.trim().to_owned()))
            .unwrap_or_default()
    };
    let errors = text.lines().filter(|l| l.contains("Non-2xx") || l.contains("Socket errors")).collect::<Vec<_>>();
    Ok(Load {
        per_second: after("Requests/sec:").parse().with_context(|| format!("wrk said: {text}"))?,
        p50: after("50%"),
        p99: after("99%"),
        errors: errors.iter().fold(String::new(), |all, line| format!("{all} [{}]", line.trim())),
    })
}

fn start_node(keys: &Path) -> Result<(Program, u16)> {
    let tools =
        std::env::var("PARAPH_TOOLS").context("PARAPH_TOOLS names the npm packages; use `cargo xtask bench`")?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/node/server.js");
    let modules = format!("NODE_PATH={tools}/node_modules");
    let arguments =
        [modules.as_str(), "NODE_ENV=production", "node", &script.to_string_lossy(), &keys.to_string_lossy()];
    Program::start(Path::new("env"), &arguments, None, |line| line.trim().parse().ok()).context("the Node endpoint")
}

fn resident_kib(process: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    Ok(line.split_whitespace().next().context("VmRSS")?.parse()?)
}
