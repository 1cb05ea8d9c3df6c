//! Installs what is missing and says what it does; what is there is left alone.

use crate::shell;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// How much has to be there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Need {
    /// To build and serve.
    Demo,
    /// Also browsers and databases.
    Test,
    /// Also load generators.
    Bench,
}

/// What the programs in the browser are compiled for.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// What Debian's packages bring: program, or the path of a file; package, who needs it.
const DEBIAN: &[(&str, &str, Need)] = &[
    ("node", "nodejs", Need::Demo),
    ("npm", "npm", Need::Demo),
    ("chromium", "chromium", Need::Test),
    ("chromedriver", "chromium-driver", Need::Test),
    ("initdb", "postgresql", Need::Test),
    ("python3", "python3-venv", Need::Test),
    // What the connector reads in its tests, and how it is built for ODBC.
    ("/usr/include/sql.h", "unixodbc-dev", Need::Test),
    ("odbcinst", "unixodbc", Need::Test),
    ("/usr/share/doc/libsqliteodbc/copyright", "libsqliteodbc", Need::Test),
    ("/usr/sbin/mariadbd", "mariadb-server", Need::Test),
    ("mdb-export", "mdbtools", Need::Test),
    ("openssl", "openssl", Need::Test),
    // The reverse proxy of the first hour's test.
    ("/usr/sbin/nginx", "nginx-light", Need::Test),
    // The other client of the SQL Server that the tests bring.
    ("tsql", "freetds-bin", Need::Test),
    ("wrk", "wrk", Need::Bench),
];

/// Packages from npm, all in one folder of our own: package, version, the file that proves it is there, who needs it.
const NPM: &[(&str, &str, &str, Need)] = &[
    ("binaryen", "132", "node_modules/.bin/wasm-opt", Need::Demo),
    ("esbuild", "0.28", "node_modules/.bin/esbuild", Need::Demo),
    // What the template editor consists of; `dist` bundles it.
    ("grapesjs", "0.22.16", "node_modules/grapesjs/package.json", Need::Demo),
    ("@codemirror/autocomplete", "6.20.4", "node_modules/@codemirror/autocomplete/package.json", Need::Demo),
    ("@codemirror/commands", "6.11.1", "node_modules/@codemirror/commands/package.json", Need::Demo),
    ("@codemirror/lang-html", "6.4.12", "node_modules/@codemirror/lang-html/package.json", Need::Demo),
    ("@codemirror/language", "6.13.1", "node_modules/@codemirror/language/package.json", Need::Demo),
    ("@codemirror/lint", "6.9.8", "node_modules/@codemirror/lint/package.json", Need::Demo),
    ("@codemirror/search", "6.7.2", "node_modules/@codemirror/search/package.json", Need::Demo),
    ("@codemirror/state", "6.7.6", "node_modules/@codemirror/state/package.json", Need::Demo),
    ("@codemirror/view", "6.43.15", "node_modules/@codemirror/view/package.json", Need::Demo),
    ("@lezer/highlight", "1.2.5", "node_modules/@lezer/highlight/package.json", Need::Demo),
    ("js-beautify", "1.15.4", "node_modules/js-beautify/package.json", Need::Demo),
    ("acorn", "8", "node_modules/acorn/package.json", Need::Test),
    ("acorn-walk", "8", "node_modules/acorn-walk/package.json", Need::Test),
    // Makes a client of the API's document, which TypeScript checks and Node runs.
    ("openapi-typescript", "7.13.0", "node_modules/openapi-typescript/package.json", Need::Test),
    ("openapi-fetch", "0.17.0", "node_modules/openapi-fetch/package.json", Need::Test),
    ("typescript", "5.9.3", "node_modules/.bin/tsc", Need::Test),
    ("axe-core", "4.14.1", "node_modules/axe-core/package.json", Need::Test),
    // Microsoft's licence lets nobody pass it on, so the tests run the add-in with what npm gives.
    ("@microsoft/office-js", "1.1.110", "node_modules/@microsoft/office-js/package.json", Need::Test),
    ("express", "5", "node_modules/express/package.json", Need::Bench),
    ("handlebars", "4", "node_modules/handlebars/package.json", Need::Bench),
    ("sanitize-html", "2", "node_modules/sanitize-html/package.json", Need::Bench),
    ("jsonwebtoken", "9", "node_modules/jsonwebtoken/package.json", Need::Bench),
];

/// Packages from `PyPI`, in an environment of their own: package with version, the file that proves it is there.
const PYTHON: &[(&str, &str)] = &[
    // Walks the API by its document.
    ("schemathesis==4.32.5", "bin/schemathesis"),
    // Makes a client of it.
    ("openapi-python-client==0.29.1", "bin/openapi-python-client"),
];

/// Installs what `need` lacks.
pub(crate) fn run(need: Need) -> Result<()> {
    target()?;
    debian(need)?;
    npm(need)?;
    // Not --locked: its lock file asks for crates that newer compilers warn about; the version is what must agree.
    cargo_install("wasm-bindgen-cli", &locked_version("wasm-bindgen")?, &[])?;
    if need >= Need::Test {
        python()?;
        cargo_install("wasm-pack", "", &["--locked"])?;
    }
    Ok(())
}

/// What `check` needs.
pub(crate) fn checkers() -> Result<()> {
    target()?;
    cargo_install("cargo-deny", "0.20.2", &["--locked"])?;
    cargo_install("cargo-machete", "0.9.2", &["--locked"])
}

/// What `mutants` needs.
pub(crate) fn mutants() -> Result<()> {
    cargo_install("cargo-mutants", "27.1.0", &["--locked"])
}

/// Where our npm packages live: outside the clone, so that every clone on the machine shares them.
pub(crate) fn npm_tools() -> PathBuf {
    if let Some(folder) = std::env::var_os("PARAPH_TOOLS") {
        return folder.into();
    }
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")));
    cache.unwrap_or_else(std::env::temp_dir).join("paraph/tools")
}

/// Where cargo installs programs.
pub(crate) fn cargo_home() -> Option<PathBuf> {
    std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")))
}

fn target() -> Result<()> {
    let installed = shell::output("rustup", &["target", "list", "--installed"]).unwrap_or_default();
    if installed.lines().any(|line| line == TARGET) {
        return Ok(());
    }
    step("the compilation target", TARGET, || shell::run(shell::command("rustup").args(["target", "add", TARGET])))
}

fn debian(need: Need) -> Result<()> {
    let missing: Vec<&str> =
        DEBIAN.iter().filter(|(program, _, who)| *who <= need && !on_path(program)).map(|row| row.1).collect();
    if missing.is_empty() {
        return Ok(());
    }
    apt(&missing)
}

/// Installs Debian's packages.
fn apt(packages: &[&str]) -> Result<()> {
    let named = packages.join(", ");
    if !on_path("apt-get") {
        bail!(
            "these are missing and only Debian's packages are installed automatically: {named}. Install them and run this again."
        );
    }
    let apt = |arguments: &[&str]| {
        let mut command = if is_root() { shell::command("apt-get") } else { shell::command("sudo") };
        if !is_root() {
            command.arg("apt-get");
        }
        shell::run(command.env("DEBIAN_FRONTEND", "noninteractive").args(["-qq", "-o=Dpkg::Use-Pty=0"]).args(arguments))
    };
    step("Debian's packages", &named, || {
        apt(&["update"])?;
        apt(&[&["install", "-y", "--no-install-recommends"], packages].concat())
    })
}

fn npm(need: Need) -> Result<()> {
    let tools = npm_tools();
    let missing: Vec<String> = NPM
        .iter()
        .filter(|(_, _, proof, who)| *who <= need && !tools.join(proof).exists())
        .map(|(name, version, _, _)| format!("{name}@{version}"))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    step("npm packages", &missing.join(", "), || {
        std::fs::create_dir_all(&tools).with_context(|| format!("{} cannot be made", tools.display()))?;
        let mut install = shell::command("npm");
        install.args(["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"]).arg(&tools);
        shell::run(install.args(&missing))
    })
}

fn python() -> Result<()> {
    let folder = npm_tools().join("python");
    let missing: Vec<&str> =
        PYTHON.iter().filter(|(_, proof)| !folder.join(proof).exists()).map(|(package, _)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    step("from PyPI", &missing.join(", "), || {
        if !folder.join("bin/pip").exists() {
            let environment = || shell::run(shell::command("python3").args(["-m", "venv", "--clear"]).arg(&folder));
            if environment().is_err() {
                // Debian's python3 comes without it.
                apt(&["python3-venv"])?;
                environment()?;
            }
        }
        let mut pip = shell::command(folder.join("bin/pip"));
        shell::run(pip.args(["install", "--quiet", "--disable-pip-version-check"]).args(&missing))
    })
}

/// Installs a program of crates.io unless this version (any, when empty) is there.
fn cargo_install(package: &str, version: &str, flags: &[&str]) -> Result<()> {
    let program = package.trim_end_matches("-cli");
    let version_of = |arguments: &[&str]| shell::output(program, arguments);
    // Some subcommands of cargo want their own name first, as cargo gives it.
    let subcommand = || version_of(&[program.strip_prefix("cargo-")?, "--version"]);
    let there = version_of(&["--version"]).or_else(subcommand).unwrap_or_default();
    if !there.is_empty() && there.split_whitespace().any(|word| version.is_empty() || word == version) {
        return Ok(());
    }
    step("from crates.io, which takes some minutes,", &format!("{package} {version}"), || {
        let mut install = shell::cargo();
        // A target folder of its own choosing would otherwise be shared with our build.
        install.env_remove("CARGO_TARGET_DIR").args(["install", "--quiet", package]).args(flags);
        // They run for seconds: what they need to be built quickly is worth more than what makes them quick.
        install.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
        install.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
        if !version.is_empty() {
            install.args(["--version", version]);
        }
        shell::run(&mut install)
    })
}

/// The version of a crate in `Cargo.lock`.
fn locked_version(name: &str) -> Result<String> {
    let lock = std::fs::read_to_string(shell::root().join("Cargo.lock")).context("Cargo.lock cannot be read")?;
    let entry = format!("name = \"{name}\"\nversion = \"");
    let start = lock.find(&entry).with_context(|| format!("Cargo.lock names no {name}"))? + entry.len();
    Ok(lock[start..].chars().take_while(|c| *c != '"').collect())
}

fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian_postgres = || {
        std::fs::read_dir("/usr/lib/postgresql")
            .is_ok_and(|mut versions| versions.any(|v| v.is_ok_and(|v| v.path().join("bin").join(program).exists())))
    };
    std::env::split_paths(&path).any(|folder: PathBuf| Path::new(&folder).join(program).is_file()) || debian_postgres()
}

fn is_root() -> bool {
    shell::output("id", &["-u"]).is_some_and(|id| id.trim() == "0")
}

fn step(what: &str, names: &str, install: impl FnOnce() -> Result<()>) -> Result<()> {
    eprintln!("setup: installing {what} {names} …");
    let start = Instant::now();
    install().with_context(|| format!("installing {names} failed"))?;
    eprintln!("setup: {names} done in {} s", start.elapsed().as_secs());
    Ok(())
}
