//! Fetching 100,000 people and 500 groups of 200 members from a Graph on loopback, then what changed; nothing is stored.
//!
//! `cargo xtask bench fetch`. Graph and who asks it share the machine; real Graph answers slower by far.

use anyhow::{Context, Result, ensure};
use paraph::clock::Clock;
use paraph::config::Config;
use paraph::directory::entra::{Entra, fetch};
use paraph::directory::fetched::{Cursor, Extent, Outlet};
use serde_json::json;
use std::time::Instant;
use tests::app::TENANT;
use tests::fakes::graph::{FakeGraph, made_up};

const PEOPLE: usize = 100_000;
const GROUPS: usize = 500;
const MEMBERS: usize = 200;
const CHANGES: usize = 100;

#[tokio::main]
async fn main() -> Result<()> {
    let clock = Clock::system();
    let graph = FakeGraph::start(&clock).await;
    let started = Instant::now();
    graph.add_many(PEOPLE, GROUPS, MEMBERS);
    println!("directory made up in {:.2} s", started.elapsed().as_secs_f64());
    let mut config = Config::default();
    graph.settings(&mut config);
    let entra = Entra::new(&config, TENANT, &clock)?;
    for per_page in [100, 999] {
        graph.set_page_size(per_page, 1_000);
        let (cursor, said) = run(&entra, None, &format!("everybody, {per_page} on a page")).await?;
        ensure!(said == PEOPLE + GROUPS + GROUPS * MEMBERS, "{said} things were said");
        for number in 0..CHANGES {
            graph.change_user(&made_up(number * 7), &json!({ "jobTitle": format!("Title {number}") }));
        }
        let (_, said) = run(&entra, Some(&cursor), &format!("{CHANGES} changes")).await?;
        ensure!(said == CHANGES, "{said} things were said");
    }
    Ok(())
}

/// Fetches and counts.
async fn run(entra: &Entra, cursor: Option<&Cursor>, name: &str) -> Result<(Cursor, usize)> {
    let started = Instant::now();
    let (outlet, mut portions) = Outlet::new(4);
    let count = async {
        let mut said = 0;
        while let Some(portion) = portions.recv().await {
            said += portion.len();
        }
        said
    };
    let extent = Extent { guests: false, shared: true, groups: true };
    let (cursor, said) = tokio::join!(async { fetch(entra, extent, cursor, &{ outlet }).await }, count);
    println!("{name}: {:.2} s", started.elapsed().as_secs_f64());
    Ok((cursor.context(name.to_owned())?, said))
}
