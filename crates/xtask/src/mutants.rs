//! Whether the tests notice when the code is changed: `cargo mutants` over what must not be wrong.

use crate::{setup, shell};
use anyhow::{Result, bail, ensure};
use std::hash::{BuildHasher, RandomState};

/// What must not be wrong, and the tests that must notice when it is.
struct Area {
    name: &'static str,
    package: &'static str,
    files: &'static [&'static str],
    /// For `cargo test`.
    tests: &'static [&'static str],
}

const AREAS: &[Area] = &[
    Area {
        name: "core",
        package: "email-signature",
        files: &["crates/email-signature/src/**"],
        tests: &["--package", "email-signature"],
    },
    Area {
        name: "tokens",
        package: "paraph",
        files: &["backend/src/identity/**"],
        tests: &[
            "--package",
            "paraph",
            "--package",
            "tests",
            "--lib",
            "--test",
            "it",
            "--",
            "identity",
            "sign_in",
            "oidc",
            "fuzz",
        ],
    },
    Area {
        name: "directory",
        package: "paraph",
        files: &["backend/src/directory/losses.rs", "backend/src/directory/rows.rs", "backend/src/directory/people/**"],
        tests: &[
            "--package",
            "paraph",
            "--package",
            "tests",
            "--lib",
            "--test",
            "it",
            "--",
            "directory",
            "imports",
            "uploads",
        ],
    },
    Area {
        name: "connector",
        package: "paraph-connector",
        files: &["crates/connector/src/statement.rs"],
        tests: &["--package", "paraph-connector", "--lib", "--test", "it", "--", "statement"],
    },
];

/// What `cargo mutants` exits with when tests missed a change, and when they ran on for ever after one (which is noticed).
const MISSED: i32 = 2;
const TIMEOUT: i32 = 3;

/// Changes one thing at a time, and lists what no test noticed. `sample`: about how many changes of each area, drawn anew each
/// time; 0: all of them.
pub(crate) fn run(only: Option<&str>, sample: usize) -> Result<()> {
    if let Some(name) = only.filter(|name| AREAS.iter().all(|area| area.name != *name)) {
        let names: Vec<_> = AREAS.iter().map(|area| area.name).collect();
        bail!("there is no area {name:?}; there are: {}", names.join(", "));
    }
    setup::mutants()?;
    let mut missed = Vec::new();
    for area in AREAS.iter().filter(|area| only.is_none_or(|name| name == area.name)) {
        eprintln!("mutants: {}", area.name);
        let mut mutants = area.command();
        if let Some(shard) = shard(area, sample)? {
            mutants.args(["--sharding", "round-robin", "--shard", &shard]);
        }
        let output = shell::target().join("mutants").join(area.name);
        std::fs::create_dir_all(&output)?;
        let status = mutants.arg("--output").arg(&output).arg("--").args(area.tests).status()?;
        match status.code() {
            Some(0 | TIMEOUT) => {}
            Some(MISSED) => missed.push(output.join("mutants.out/missed.txt").display().to_string()),
            _ => bail!("cargo mutants failed for {}: {status}", area.name),
        }
    }
    ensure!(missed.is_empty(), "no test noticed the changes in {}", missed.join(", "));
    Ok(())
}

impl Area {
    fn command(&self) -> std::process::Command {
        let mut mutants = shell::command("cargo");
        mutants.args(["mutants", "--package", self.package]);
        mutants.args(self.files.iter().flat_map(|files| ["--file", files]));
        mutants
    }
}

/// Which part of the changes is the sample, such as `3/40`; `None`: all of them.
fn shard(area: &Area, sample: usize) -> Result<Option<String>> {
    if sample == 0 {
        return Ok(None);
    }
    let listed = area.command().arg("--list").output()?;
    let parts = String::from_utf8_lossy(&listed.stdout).lines().count() / sample;
    if parts < 2 {
        return Ok(None);
    }
    // A number that the standard library draws.
    let dice = RandomState::new().hash_one(0);
    Ok(Some(format!("{}/{parts}", dice % parts as u64)))
}
