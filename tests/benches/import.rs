//! `paraph import` of a company of 100,000 people, each with two addresses, two groups and ten values: into an empty
//! database, and once more with nothing to change.
//!
//! `cargo xtask bench import`. How much memory it took is what Linux says of the process.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tests::app::TENANT;
use tests::serving::binary;

const PEOPLE: usize = 100_000;
const GROUPS: usize = 500;
/// How often the process is looked at.
const LOOK: Duration = Duration::from_millis(20);

fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let document = folder.path().join("company.json");
    write_document(&document)?;
    for name in ["everybody is new", "nothing changes"] {
        let begun = Instant::now();
        let kilobytes = import(folder.path(), &document)?;
        let seconds = begun.elapsed().as_secs_f64();
        println!("{name:>16} {PEOPLE} people in {seconds:.1} s, at most {} MB", kilobytes / 1_000);
    }
    Ok(())
}

/// Imports it; the most memory that was resident, in kB.
fn import(folder: &Path, document: &Path) -> Result<u64> {
    let database = format!("sqlite:{}", folder.join("import.db").display());
    let paraph = || -> Result<Command> {
        let mut paraph = Command::new(binary()?);
        paraph.current_dir(folder).stdout(Stdio::null()).env("PARAPH_DATABASE__URL", &database);
        Ok(paraph)
    };
    let migrated = paraph()?.arg("migrate").status()?;
    ensure!(migrated.success(), "the migration ended with {migrated}");
    let mut process = paraph()?.arg("import").arg(document).spawn()?;
    let mut most = 0;
    let status = loop {
        if let Some(status) = process.try_wait()? {
            break status;
        }
        if let Ok(status) = fs::read_to_string(format!("/proc/{}/status", process.id())) {
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            most = line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(most);
        }
        std::thread::sleep(LOOK);
    };
    ensure!(status.success(), "the import ended with {status}");
    Ok(most)
}

fn write_document(file: &Path) -> Result<()> {
    let groups: Vec<Value> =
        (0..GROUPS).map(|at| json!({ "id": format!("group-{at}"), "name": format!("Group {at}") })).collect();
    let people: Vec<Value> = (0..PEOPLE).map(person).collect();
    let company = json!({
        "tenant": { "entra_id": TENANT, "name": "Example", "domains": ["example.com"] },
        "groups": groups, "people": people
    });
    let file = File::create(file).context("no document")?;
    Ok(serde_json::to_writer(BufWriter::new(file), &company)?)
}

fn person(number: usize) -> Value {
    json!({
        "id": format!("aaaaaaaa-0000-4000-8000-{number:012}"),
        "oid": format!("bbbbbbbb-0000-4000-8000-{number:012}"),
        "address": format!("given{number}.surname{number}@example.com"),
        "aliases": [format!("g{number}@example.com")],
        "groups": [format!("group-{}", number % GROUPS), "group-0"],
        "fields": {
            "display_name": format!("Given{number} Surname{number}"),
            "given_name": format!("Given{number}"),
            "surname": format!("Surname{number}"),
            "title": format!("Engineer of grade {}", number % 90),
            "department": format!("Department {}", number % 50),
            "phone": format!("+49 711 {number:07}"),
            "mobile": format!("+49 171 {number:07}"),
            "street": format!("Long Street {}", number % 300),
            "city": "Stuttgart",
            "country": "Germany"
        }
    })
}
