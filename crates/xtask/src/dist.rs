//! Builds the pane into `dist/`, with compressed copies, and the server that embeds it.

use crate::shell;
use anyhow::{Context, Result};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What the pane is made of; nothing newer in there means nothing to do.
const SOURCES: &[&str] =
    &["frontend", "crates/api", "crates/email-signature/src", "Trunk.toml", "Cargo.lock", "Cargo.toml"];

/// `trunk build`, scripts minified, then a brotli and a gzip copy beside every file.
pub(crate) fn build() -> Result<()> {
    let stamp = shell::root().join("dist/.built");
    let built = fs::metadata(&stamp).and_then(|m| m.modified()).ok();
    let newest = SOURCES.iter().filter_map(|path| newest(&shell::root().join(path))).max();
    if built.is_some_and(|built| newest.is_some_and(|newest| newest < built)) {
        return Ok(());
    }
    eprintln!("dist: building the pane …");
    shell::run(shell::command("trunk").args(["build", "--release", "--offline"]).env_remove("NO_COLOR"))?;
    let built: Vec<PathBuf> = fs::read_dir(shell::root().join("dist"))
        .context("dist/ cannot be read")?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    let is = |path: &Path, kind: &str| path.extension().is_some_and(|extension| extension == kind);
    let scripts = built.iter().filter(|path| is(path, "js"));
    let mut esbuild = shell::command("esbuild");
    esbuild.args(["--minify", "--log-level=warning", "--allow-overwrite", "--outdir=dist"]);
    shell::run(esbuild.args(scripts))?;
    for path in built.iter().filter(|path| ["html", "css", "js", "wasm"].iter().any(|kind| is(path, kind))) {
        compress(path)?;
    }
    fs::write(&stamp, "")?;
    Ok(())
}

/// Builds the server for release; its path.
pub(crate) fn server() -> Result<PathBuf> {
    shell::run(shell::cargo().args(["build", "--release", "--package", "paraph"]))?;
    Ok(shell::target().join("release/paraph"))
}

/// Bytes of `data` in brotli's densest setting.
pub(crate) fn brotli(data: &[u8]) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 24, ..Default::default() };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &data[..], &mut out, &parameters)?;
    Ok(out)
}

fn compress(path: &Path) -> Result<()> {
    let data = fs::read(path)?;
    let beside = |extension: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(extension);
        PathBuf::from(name)
    };
    fs::write(beside(".br"), brotli(&data)?)?;
    let mut gzip = flate2::write::GzEncoder::new(fs::File::create(beside(".gz"))?, flate2::Compression::best());
    gzip.write_all(&data)?;
    gzip.finish()?;
    Ok(())
}

fn newest(path: &Path) -> Option<SystemTime> {
    if path.file_name().is_some_and(|name| name == "target" || name == "pkg") {
        return None;
    }
    if path.is_file() {
        return fs::metadata(path).and_then(|m| m.modified()).ok();
    }
    fs::read_dir(path).ok()?.filter_map(|entry| newest(&entry.ok()?.path())).max()
}
