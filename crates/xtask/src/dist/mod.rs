//! Builds the pane, the console and the template editor into `dist/`, with compressed copies, and the server that embeds
//! them.

mod compress;
mod editor;
mod page;
mod pieces;
mod program;
pub(crate) mod sizes;

use crate::shell;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

pub(crate) use compress::brotli;
pub(crate) use pieces::pieces;

/// What the pages are made of; nothing newer in there means nothing to do.
const SOURCES: &[&str] = &[
    "frontend",
    "crates/api",
    "crates/engine",
    "crates/email-signature/src",
    "crates/xtask/src/dist",
    "Cargo.lock",
    "Cargo.toml",
];

/// What the programs of the pages are built for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Care {
    /// To be as small as they get.
    Small,
    /// To be there soon: all with the same flags and features, so that what they share is compiled once.
    Quick,
}

impl Care {
    /// Cargo's profile, and what the stamp in `dist/` says.
    fn profile(self) -> &'static str {
        match self {
            Self::Small => "wasm",
            Self::Quick => "wasm-quick",
        }
    }

    /// Flags of rustc for a program that needs `own`.
    fn flags(self, own: &'static str) -> &'static str {
        if self == Self::Quick { CONSOLE_FLAGS } else { own }
    }
}

/// One of the pages: `frontend/NAME.html` with the program `NAME`.
pub(crate) struct Page {
    pub(crate) name: &'static str,
    /// Features of the crate `frontend`.
    features: &'static str,
    /// Flags of rustc.
    flags: &'static str,
    /// Whether the program has parts that are loaded later.
    has_parts: bool,
}

/// All pages. Views of one type instead of thousands make the console a sixth smaller; the pane, which has few, would grow by a
/// tenth.
pub(crate) const PAGES: [Page; 2] = [
    Page { name: "pane", features: "", flags: "", has_parts: false },
    // The split reads from the relocations what needs what.
    Page { name: "console", features: "console", flags: CONSOLE_FLAGS, has_parts: true },
];
const CONSOLE_FLAGS: &str = "--cfg erase_components -Clink-args=--emit-relocs";

/// What features of WASM our programs use, as `wasm-opt` has to be told; with `--all-features` it breaks them.
const FEATURES: [&str; 6] =
    ["bulk-memory", "multivalue", "mutable-globals", "nontrapping-float-to-int", "reference-types", "sign-ext"];

/// In `dist/`: a line for each part of a program, with its name and the files that are loaded with it.
const PARTS: &str = ".parts";

/// Builds whatever is older than its sources, with compressed copies.
pub(crate) fn build() -> Result<()> {
    pages(Care::Small)?;
    let compressed = folder().join(".compressed");
    if !compressed.exists() {
        let start = Instant::now();
        compress::all(&folder())?;
        eprintln!("dist: compressed in {} s", start.elapsed().as_secs());
        fs::write(compressed, "")?;
    }
    Ok(())
}

/// Builds whatever is older than its sources, as `care` says or better, without compressed copies: the server compresses what has
/// none by itself, not as densely.
pub(crate) fn pages(care: Care) -> Result<()> {
    let dist = folder();
    let stamp = dist.join(".built");
    let built = fs::metadata(&stamp).and_then(|m| m.modified()).ok();
    let newest = SOURCES.iter().filter_map(|path| newest(&shell::root().join(path))).max();
    let is_good = || care == Care::Quick || fs::read_to_string(&stamp).is_ok_and(|profile| profile == care.profile());
    if built.is_some_and(|built| newest.is_some_and(|newest| newest < built)) && is_good() {
        return Ok(());
    }
    // What changes while this builds is newer than the stamp.
    let begun = begun()?;
    let programs = PAGES.iter().map(|page| program::build(page, care)).collect::<Result<Vec<_>>>()?;
    if dist.exists() {
        fs::remove_dir_all(&dist).context("dist/ cannot be emptied")?;
    }
    fs::create_dir_all(&dist)?;
    let editor = editor::build(&dist, care)?;
    let mut parts = String::new();
    for (page, program) in PAGES.iter().zip(&programs) {
        page::write(page.name, program, &editor, &dist)?;
        for (part, files) in &program.parts {
            parts.extend([part.as_str(), " ", &files.join(" "), "\n"]);
        }
    }
    fs::write(dist.join(PARTS), parts)?;
    fs::write(&stamp, care.profile())?;
    fs::File::options().write(true).open(&stamp)?.set_modified(begun)?;
    Ok(())
}

/// The time now, as files have it.
fn begun() -> Result<SystemTime> {
    let probe = shell::target().join("pages/.begun");
    fs::create_dir_all(shell::target().join("pages"))?;
    fs::write(&probe, "")?;
    Ok(fs::metadata(&probe)?.modified()?)
}

/// Where everything goes that the server embeds.
pub(crate) fn folder() -> PathBuf {
    shell::root().join("dist")
}

pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    entries.map(|entry| Ok(entry?.path())).collect()
}

/// The last part of a path.
fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Builds the server for release; its path.
pub(crate) fn server() -> Result<PathBuf> {
    shell::run(shell::cargo().args(["build", "--release", "--package", "paraph"]))?;
    Ok(shell::target().join("release/paraph"))
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
