//! Measures what the documents claim. Each part prints its own figures; nothing here is a test.

use crate::{dist, shell};
use anyhow::{Result, bail};

const PARTS: &[&str] = &["core", "sizes", "browser", "http", "import", "directory", "sources", "design", "leases"];

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
    for part in ["browser", "http", "import"] {
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
    println!("bytes over the wire, brotli, and the most there may be");
    for load in dist::sizes::loads()? {
        println!("{:>10} {:>10}  {}", load.bytes, load.most, load.name);
    }
    Ok(())
}
