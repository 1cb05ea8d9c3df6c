//! Builds the pane, the console's two programs and the template editor into `dist/`, with compressed copies, and the
//! server that embeds them.

use crate::{editor, shell};
use anyhow::{Context, Result};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What the pages are made of; nothing newer in there means nothing to do.
const SOURCES: &[&str] = &[
    "frontend",
    "crates/api",
    "crates/engine",
    "crates/email-signature/src",
    "Trunk.toml",
    "Cargo.lock",
    "Cargo.toml",
];

/// The pages, by their names in `frontend/`.
pub(crate) const PAGES: [&str; 3] = ["pane", "console", "studio"];

/// `trunk build` of each page, scripts minified, then a brotli and a gzip copy beside every file.
pub(crate) fn build() -> Result<()> {
    let stamp = shell::root().join("dist/.built");
    let built = fs::metadata(&stamp).and_then(|m| m.modified()).ok();
    let newest = SOURCES.iter().filter_map(|path| newest(&shell::root().join(path))).max();
    if built.is_some_and(|built| newest.is_some_and(|newest| newest < built)) {
        return Ok(());
    }
    let dist = shell::root().join("dist");
    // Trunk builds one page and empties its folder first: each gets its own, and is brought together with the other.
    let parts: Vec<PathBuf> = PAGES.iter().map(|page| page_into_its_folder(page)).collect::<Result<_>>()?;
    if dist.exists() {
        fs::remove_dir_all(&dist).context("dist/ cannot be emptied")?;
    }
    fs::create_dir_all(&dist)?;
    for part in parts {
        for file in files(&part)? {
            let name = file.file_name().context("a file without a name")?;
            fs::copy(&file, dist.join(name)).with_context(|| format!("{} cannot be copied", file.display()))?;
        }
    }
    minify(&scripts(&dist)?)?;
    editor::build(&dist)?;
    for path in files(&dist)? {
        if ["html", "css", "js", "wasm"].iter().any(|kind| path.extension().is_some_and(|own| own == *kind)) {
            compress(&path)?;
        }
    }
    fs::write(&stamp, "")?;
    Ok(())
}

fn minify(scripts: &[PathBuf]) -> Result<()> {
    let mut esbuild = shell::command("esbuild");
    esbuild.args(["--minify", "--log-level=warning", "--allow-overwrite", "--outdir=dist"]);
    shell::run(esbuild.args(scripts))
}

fn scripts(folder: &Path) -> Result<Vec<PathBuf>> {
    let is_script = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "js");
    Ok(files(folder)?.into_iter().filter(is_script).collect())
}

fn page_into_its_folder(page: &str) -> Result<PathBuf> {
    eprintln!("dist: building the {page} …");
    let folder = shell::target().join("pages").join(page);
    let html = format!("{page}.html");
    let mut trunk = shell::command("trunk");
    trunk.args(["build", "--release", "--offline", "--html-output", &html, "--dist"]);
    if page != "pane" {
        // Views of one type instead of thousands: a sixth smaller. The pane, which has few, would grow by a tenth.
        trunk.env("RUSTFLAGS", "--cfg erase_components");
    }
    shell::run(trunk.arg(&folder).arg(format!("frontend/{html}")).env_remove("NO_COLOR"))?;
    Ok(folder)
}

pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    entries.map(|entry| Ok(entry?.path())).collect()
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
