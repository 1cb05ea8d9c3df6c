//! Builds what the template editor loads when somebody edits: the core as WASM, and the editors that npm gives, bundled.

use super::{Care, FEATURES, files, name_of};
use crate::{setup, shell};
use anyhow::{Context, Result};
use std::path::Path;

/// Into `dist/`, with hashes in the names; the name of the script to load.
pub(super) fn build(dist: &Path, care: Care) -> Result<String> {
    eprintln!("dist: building the template editor …");
    let engine = shell::target().join("engine");
    core(&engine, care)?;
    bundle(dist, &engine)?;
    let is_entry = |name: &String| name.strip_suffix(".js").is_some_and(|stem| stem.starts_with("editor-"));
    let entry = files(dist)?.iter().map(|path| name_of(path)).find(is_entry);
    entry.context("esbuild wrote no editor-….js")
}

/// The package `engine` as WASM with its module. Speed before size: it runs at every keystroke, and is loaded once.
fn core(folder: &Path, care: Care) -> Result<()> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let profile = if care == Care::Small { "release" } else { care.profile() };
    let mut rustc = shell::cargo();
    rustc.args(["build", "--profile", profile, "--package", "engine", "--target", TARGET]);
    shell::run(rustc.env("RUSTFLAGS", care.flags("")))?;
    let built = shell::target().join(TARGET).join(profile).join("engine.wasm");
    let mut bindgen = shell::command("wasm-bindgen");
    bindgen.args(["--target", "web", "--no-typescript", "--out-dir"]).arg(folder);
    shell::run(bindgen.arg(built))?;
    if care == Care::Quick {
        return Ok(());
    }
    let wasm = folder.join("engine_bg.wasm");
    let mut optimise = shell::command("wasm-opt");
    optimise.arg("-O3").args(FEATURES.map(|feature| format!("--enable-{feature}")));
    optimise.arg("--output").arg(&wasm);
    shell::run(optimise.arg(&wasm))
}

fn bundle(dist: &Path, engine: &Path) -> Result<()> {
    let mut esbuild = shell::command("esbuild");
    esbuild.args(["--bundle", "--splitting", "--format=esm", "--minify", "--target=es2022", "--log-level=warning"]);
    esbuild.args(["--entry-names=[name]-[hash]", "--chunk-names=[name]-[hash]", "--asset-names=[name]-[hash]"]);
    esbuild.args(["--public-path=/app", "--loader:.wasm=file", "--loader:.css=text", "--legal-comments=none"]);
    esbuild.arg(format!("--alias:engine={}", engine.display()));
    esbuild.arg(format!("--outdir={}", dist.display())).arg("frontend/editor/editor.ts");
    // Its packages lie with the tools, outside the clone.
    shell::run(esbuild.env("NODE_PATH", setup::npm_tools().join("node_modules")))
}
