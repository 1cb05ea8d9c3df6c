//! The demo server as its own process, so that it can really be stopped.

use super::process::Program;
use crate::serving::binary;
use anyhow::Context as _;

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
        let (program, origin) = Program::start(binary()?, &arguments, None, |line| {
            let (_, rest) = line.split_once("http://")?;
            let host = rest.split(|c: char| c == '/' || c.is_whitespace()).next()?;
            Some(format!("http://{host}"))
        })
        .context("paraph demo")?;
        Ok(Self { origin, program })
    }
}
