//! Builds a page's program: rustc, its split into parts, wasm-bindgen, wasm-opt, and names with the hash of what is in them.

use super::compress::on_every_core;
use super::{Care, FEATURES, Page, files, name_of};
use crate::shell;
use anyhow::{Context, Result, anyhow};
use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

/// What WASM is built for.
pub(super) const TARGET: &str = "wasm32-unknown-unknown";

/// A page's program as it is loaded.
pub(super) struct Program {
    /// Where its files are.
    folder: PathBuf,
    /// The name of its module, which loads everything else.
    pub(super) module: String,
    /// The name of the WASM that is there from the start.
    pub(super) wasm: String,
    /// The script that loads the parts, which the module imports.
    pub(super) loader: Option<String>,
    /// For each part, the files that are loaded with it.
    pub(super) parts: BTreeMap<String, Vec<String>>,
}

impl Program {
    /// Copies its files into `dist/`.
    pub(super) fn copy(&self, dist: &Path) -> Result<()> {
        for file in files(&self.folder)? {
            fs::copy(&file, dist.join(name_of(&file)))
                .with_context(|| format!("{} cannot be copied", file.display()))?;
        }
        Ok(())
    }
}

/// Builds the page's program into a folder of its own.
pub(super) fn build(page: &Page, care: Care) -> Result<Program> {
    eprintln!("dist: building the {} …", page.name);
    let target = shell::target();
    let mut rustc = shell::cargo();
    rustc.args(["build", "--profile", care.profile(), "--package", "frontend", "--target", TARGET, "--bin", page.name]);
    let features = if care == Care::Quick { "console" } else { page.features };
    rustc.args(["--no-default-features", "--features", features]);
    shell::run(rustc.env("RUSTFLAGS", care.flags(page.flags)))?;
    let built = target.join(TARGET).join(care.profile()).join(page.name).with_extension("wasm");
    let folder = target.join("pages").join(page.name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let parts = if page.has_parts { split(page.name, &built, &folder)? } else { BTreeMap::new() };
    let main = if page.has_parts { folder.join(page.name).with_extension("wasm") } else { built };
    let mut bindgen = shell::command("wasm-bindgen");
    bindgen.args(["--target", "web", "--no-typescript", "--out-name", page.name, "--out-dir"]).arg(&folder);
    if page.has_parts {
        bindgen.arg("--keep-lld-exports");
    }
    shell::run(bindgen.arg(&main))?;
    if page.has_parts {
        fs::remove_file(&main)?;
    }
    if care == Care::Small {
        optimise(&folder)?;
    }
    let scripts: Vec<PathBuf> = files(&folder)?.into_iter().filter(|path| is(path, "js")).collect();
    let mut esbuild = shell::command("esbuild");
    esbuild.args(["--minify", "--log-level=warning", "--allow-overwrite"]);
    esbuild.arg(format!("--outdir={}", folder.display()));
    shell::run(esbuild.args(scripts))?;
    name(page, folder, parts)
}

/// Splits the program where it says so; gives for each part the files that are loaded with it.
fn split(name: &str, built: &Path, folder: &Path) -> Result<BTreeMap<String, Vec<String>>> {
    let wasm = fs::read(built).with_context(|| format!("{} cannot be read", built.display()))?;
    let (main, module, link) =
        (folder.join(format!("{name}.wasm")), format!("./{name}.js"), format!("./{name}_parts.js"));
    let mut options = wasm_split_cli_support::Options::new(&wasm);
    options.output_dir = folder;
    options.main_out_path = &main;
    options.main_module = &module;
    options.link_name = &link;
    let split =
        wasm_split_cli_support::transform(options).map_err(|error| anyhow!("{name} cannot be split: {error:#}"))?;
    let named = |files: Vec<String>| files.into_iter().map(|file| file + ".wasm").collect();
    Ok(split.prefetch_map.into_iter().map(|(part, files)| (part, named(files))).collect())
}

/// Makes every WASM file in there as small as it gets.
fn optimise(folder: &Path) -> Result<()> {
    let all = files(folder)?.into_iter().filter(|path| is(path, "wasm")).collect();
    on_every_core(all, |wasm| {
        let mut optimise = shell::command("wasm-opt");
        optimise.args(["-Oz", "--quiet"]).args(FEATURES.map(|feature| format!("--enable-{feature}")));
        // Several run already.
        shell::run(optimise.env("BINARYEN_CORES", "1").arg("--output").arg(wasm).arg(wasm))
    })
}

/// Puts a hash of all of them into the names of its files: they import one another, in a circle too, so one stands for all.
fn name(page: &Page, folder: PathBuf, parts: BTreeMap<String, Vec<String>>) -> Result<Program> {
    let mut all = files(&folder)?;
    all.sort();
    let mut hasher = DefaultHasher::new();
    for file in &all {
        (name_of(file), fs::read(file)?).hash(&mut hasher);
    }
    let hash = format!("{:016x}", hasher.finish());
    let with_hash = |name: &str| {
        let (stem, kind) = name.rsplit_once('.').unwrap_or((name, ""));
        let own = if stem.starts_with(page.name) { stem.to_owned() } else { format!("{}_{stem}", page.name) };
        format!("{own}-{hash}.{kind}")
    };
    let names: BTreeMap<String, String> =
        all.iter().map(|file| name_of(file)).map(|name| (name.clone(), with_hash(&name))).collect();
    for file in &all {
        let to = folder.join(&names[&name_of(file)]);
        if is(file, "js") {
            let mut text = fs::read_to_string(file)?;
            for (old, new) in &names {
                // Not everywhere: what the WASM imports keeps its name.
                for before in ["from\"./", "from \"./", "new URL(\"./", "new URL(\""] {
                    text = text.replace(&format!("{before}{old}\""), &format!("{before}{new}\""));
                }
            }
            fs::write(file, text)?;
        }
        fs::rename(file, to)?;
    }
    let new_name = |name: String| names.get(&name).cloned();
    let parts =
        parts.into_iter().map(|(part, files)| (part, files.into_iter().filter_map(new_name).collect())).collect();
    Ok(Program {
        folder,
        module: new_name(format!("{}.js", page.name)).context("wasm-bindgen wrote no module")?,
        wasm: new_name(format!("{}_bg.wasm", page.name)).context("wasm-bindgen wrote no WASM")?,
        loader: new_name(format!("{}_parts.js", page.name)),
        parts,
    })
}

fn is(path: &Path, kind: &str) -> bool {
    path.extension().is_some_and(|extension| extension == kind)
}
