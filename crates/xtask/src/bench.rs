//! Measures what the documents claim. Each part prints its own figures; nothing here is a test.

use crate::{dist, shell};
use anyhow::{Result, bail};
use std::fs;

const PARTS: &[&str] = &["core", "sizes", "browser", "http", "directory", "sources", "design", "leases"];

/// Runs the parts named in `only`, or all of them.
pub(crate) fn run(only: &[String]) -> Result<()> {
    if let Some(unknown) = only.iter().find(|name| !PARTS.contains(&name.as_str())) {
        bail!("there is no benchmark {unknown:?}; there are: {}", PARTS.join(", "));
    }
    let wanted = |part: &str| only.is_empty() || only.iter().any(|name| name == part);
    dist::build()?;
    if wanted("sizes") {
        sizes()?;
    }
    if wanted("core") {
        shell::run(shell::cargo().args(["bench", "--package", "email-signature", "--bench", "signature"]))?;
    }
    for part in ["browser", "http"] {
        if wanted(part) {
            let server = dist::server()?;
            let mut bench = shell::cargo();
            // What is measured is the release server; the driver is the one that the tests have compiled already.
            bench.args(["bench", "--profile", "dev", "--package", "tests", "--bench", part]).env("PARAPH_BIN", &server);
            shell::run(&mut bench)?;
        }
    }
    for part in ["directory", "sources", "design", "leases"] {
        if wanted(part) {
            // The server is part of these programs, hence compiled for release with them.
            shell::run(shell::cargo().args(["bench", "--package", "tests", "--bench", part]))?;
        }
    }
    Ok(())
}

/// Bytes over the wire, brotli 11.
fn sizes() -> Result<()> {
    let dist = shell::root().join("dist");
    println!("sizes in bytes: raw, brotli");
    for page in dist::PAGES {
        let html = dist.join(page).with_extension("html");
        let text = fs::read_to_string(&html)?;
        let mut total = size(&html)?;
        for entry in fs::read_dir(&dist)? {
            let path = entry?.path();
            let kind = path.extension().unwrap_or_default().to_string_lossy().into_owned();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if ["js", "wasm", "css"].contains(&kind.as_str()) && text.contains(&name) {
                total += size(&path)?;
            }
        }
        println!("{total:>22} {page} in all, brotli");
    }
    size(&shell::root().join("assets/launchevent.js"))?;
    Ok(())
}

fn size(path: &std::path::Path) -> Result<usize> {
    let data = fs::read(path)?;
    let compressed = dist::brotli(&data)?.len();
    println!("{:>10} {compressed:>10}  {}", data.len(), path.file_name().unwrap_or_default().to_string_lossy());
    Ok(compressed)
}
