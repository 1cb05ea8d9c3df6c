//! Builds the page of all pieces that pages are put together from, which only the tests serve.

use super::program::TARGET;
use crate::shell;
use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;

/// Into a folder of its own below cargo's target folder; gives it back.
pub(crate) fn pieces() -> Result<PathBuf> {
    eprintln!("dist: building the page of all pieces …");
    let folder = shell::target().join("pages/pieces");
    fs::create_dir_all(&folder)?;
    shell::run(shell::cargo().args(["build", "--package", "frontend", "--target", TARGET, "--example", "pieces"]))?;
    let mut bindgen = shell::command("wasm-bindgen");
    bindgen.args(["--target", "web", "--no-typescript", "--out-dir"]).arg(&folder);
    shell::run(bindgen.arg(shell::target().join(TARGET).join("debug/examples/pieces.wasm")))?;
    for (from, to) in
        [("examples/pieces.html", "index.html"), ("styles/base.css", "base.css"), ("styles/console.css", "console.css")]
    {
        let from = shell::root().join("frontend").join(from);
        fs::copy(&from, folder.join(to)).with_context(|| format!("{} cannot be copied", from.display()))?;
    }
    Ok(folder)
}
