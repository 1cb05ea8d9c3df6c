//! The demo server as its own process, so that it can really be stopped.

use super::process::Program;
use anyhow::{Context as _, anyhow, ensure};
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// Built once for all tests.
static BINARY: OnceLock<Result<PathBuf, String>> = OnceLock::new();

/// A running demo.
#[derive(Debug)]
pub struct Server {
    /// Such as `http://127.0.0.1:34567`.
    pub origin: String,
    /// Its process.
    pub program: Program,
}

impl Server {
    /// Starts `paraph demo` on a free port; dropping the server stops it.
    pub fn start() -> anyhow::Result<Self> {
        Self::start_with(&[])
    }

    /// [`Server::start`] with further arguments.
    pub fn start_with(extra: &[&str]) -> anyhow::Result<Self> {
        let arguments = [&["demo", "--port", "0"], extra].concat();
        let binary = BINARY
            .get_or_init(|| binary().map_err(|error| format!("{error:#}")))
            .as_ref()
            .map_err(|error| anyhow!("{error}"))?;
        let (program, origin) = Program::start(binary, &arguments, None, |line| {
            let (_, rest) = line.split_once("http://")?;
            let host = rest.split(|c: char| c == '/' || c.is_whitespace()).next()?;
            Some(format!("http://{host}"))
        })
        .context("paraph demo")?;
        Ok(Self { origin, program })
    }
}

/// `PARAPH_BIN`, or the binary of this profile, built now.
fn binary() -> anyhow::Result<PathBuf> {
    if let Some(file) = std::env::var_os("PARAPH_BIN") {
        return Ok(file.into());
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo).args(["build", "--quiet", "--package", "paraph", "--bin", "paraph"]).status()?;
    ensure!(built.success(), "the server does not build");
    // target/debug/deps/browser-HASH
    let this = std::env::current_exe()?;
    let folder = this.parent().and_then(|deps| deps.parent()).context("no target folder")?;
    Ok(folder.join("paraph"))
}
