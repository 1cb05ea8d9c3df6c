//! Builds what the template editor loads when somebody edits: the core as WASM, and the editors that npm gives, bundled.

use crate::{dist, setup, shell};
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// The page that loads it, and what stands in that page for its address.
const PAGE: (&str, &str) = ("studio.html", "{{editor}}");

/// What rustc lets WASM have by itself, and wasm-opt has to be told.
const FEATURES: [&str; 6] =
    ["bulk-memory", "multivalue", "mutable-globals", "nontrapping-float-to-int", "reference-types", "sign-ext"];

/// Into `dist/`, with hashes in the names, and with its address in the studio's page.
pub(crate) fn build(dist: &Path) -> Result<()> {
    eprintln!("dist: building the template editor …");
    let engine = shell::target().join("engine");
    core(&engine)?;
    bundle(dist, &engine)?;
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let names: Vec<String> = dist::files(dist)?.iter().map(|path| name(path)).collect();
    let entry = names.iter().find(|name| name.strip_suffix(".js").is_some_and(|stem| stem.starts_with("editor-")));
    let entry = entry.context("esbuild wrote no editor-….js")?;
    let page = dist.join(PAGE.0);
    let html = fs::read_to_string(&page)?.replace(PAGE.1, &format!("/app/{entry}"));
    fs::write(page, html)?;
    Ok(())
}

/// The package `engine` as WASM with its module. Speed before size: it runs at every keystroke, and is loaded once.
fn core(folder: &Path) -> Result<()> {
    const TARGET: &str = "wasm32-unknown-unknown";
    shell::run(shell::cargo().args(["build", "--release", "--package", "engine", "--target", TARGET]))?;
    let built = shell::target().join(TARGET).join("release/engine.wasm");
    let mut bindgen = shell::command("wasm-bindgen");
    bindgen.args(["--target", "web", "--no-typescript", "--out-dir"]).arg(folder);
    shell::run(bindgen.arg(built))?;
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
