//! What is checked besides tests: what comes from outside, and the documentation.

use crate::{setup, shell};
use anyhow::Result;

/// Runs all of it.
pub(crate) fn run() -> Result<()> {
    setup::checkers()?;
    eprintln!("check: licences, sources and banned crates (deny.toml) …");
    shell::run(shell::command("cargo-deny").args(["--log-level", "error", "check", "bans", "licenses", "sources"]))?;
    eprintln!("check: dependencies that nothing uses …");
    shell::run(shell::command("cargo-machete").args(["backend", "crates", "frontend", "tests"]))?;
    eprintln!("check: the documentation …");
    let doc = |arguments: &[&str]| {
        let mut doc = shell::cargo();
        doc.args(["doc", "--no-deps", "--quiet"]).args(arguments);
        // A link to what is private leads somewhere in the source, which is where these are read.
        shell::run(doc.env("RUSTDOCFLAGS", "--deny warnings --allow rustdoc::private_intra_doc_links"))
    };
    doc(&["--workspace", "--exclude", "frontend"])?;
    doc(&["--package", "frontend", "--target", setup::TARGET])
}

/// Mutations of the parsers' seeds for so long each (`tests/src/fuzz`).
pub(crate) fn fuzz(only: Option<&str>, seconds: u64) -> Result<()> {
    let mut test = shell::cargo();
    test.args(["test", "--test", "it", "--", "--nocapture", "--test-threads=1"]);
    test.arg(format!("fuzz::{}", only.unwrap_or_default()));
    shell::run(test.env("PARAPH_FUZZ_SECONDS", seconds.to_string()))
}
