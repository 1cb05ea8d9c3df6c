//! `paraph import`: a company document into the database.

use crate::clock::Clock;
use crate::config::Config;
use crate::store::{By, Company, Files, ImportReport, Packed, Store};
use crate::tenant::Tenants;
use anyhow::Context as _;
use serde::de::DeserializeOwned;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// Options of `paraph import`.
#[derive(Clone, Debug, clap::Args)]
pub struct ImportOptions {
    /// The company document, JSON; files that it names are looked up in its folder
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Show what would change without changing anything
    #[arg(long)]
    pub dry_run: bool,
}

/// Imports the document, or shows what importing it would change.
///
/// # Errors
/// When the document is wrong (the error names the entry), or the database refuses.
pub async fn run(config: &Config, options: &ImportOptions) -> anyhow::Result<String> {
    let (company, read): (Company<Packed>, _) = read_document(&options.file)?;
    let store = crate::cli::open(&config.database).await?;
    if options.dry_run {
        let report = store.try_import(&company, read).await?;
        store.close().await;
        return Ok(format!("{}Dry run: nothing was changed.\n", show(&report)));
    }
    let clock = Clock::system();
    let report = store.import(&company, read, By::new("cli", clock.now_ms())).await?;
    let mut text = show(&report);
    text.push_str(&who_can_open(&store, &report, company.tenant.entra_id.as_deref().unwrap_or(&report.tenant)).await?);
    let tenants = Tenants::new(store.clone(), clock, config.server.public_url.clone());
    for problem in tenants.problems(&report.tenant).await? {
        writeln!(text, "problem in {}: {}", problem.source, problem.detail)?;
    }
    store.close().await;
    Ok(text)
}

/// Who can open the tenant in the console, when that is news or nobody can.
async fn who_can_open(store: &Store, report: &ImportReport, handle: &str) -> anyhow::Result<String> {
    let owners = report.owners.join(", ");
    Ok(match (report.owners.is_empty(), store.has_accounts().await?) {
        (true, false) => "There is no account yet: the link that `paraph serve` prints creates the owner.\n".into(),
        (true, true) => format!(
            "Nobody can open this tenant in the console: make an account its owner with \
             `paraph grant ADDRESS --tenant {handle}`.\n"
        ),
        _ if report.owners_added => format!("Its owner, who can open it in the console, is {owners}.\n"),
        _ => String::new(),
    })
}

/// The document, and what gives the files that it names.
pub(in crate::cli) fn read_document<P: DeserializeOwned>(file: &Path) -> anyhow::Result<(Company<P>, Files)> {
    let mut text = open(file)?;
    // serde takes a list for an object, its items in order; nobody means that.
    anyhow::ensure!(
        first_letter(&mut text).with_context(|| unread(file))? == Some(b'{'),
        "{} is not a company document: write one JSON object with \"tenant\" and \"people\", as in \
         backend/demo/company/company.json",
        file.display()
    );
    let mut json = serde_json::Deserializer::from_reader(text);
    let company = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let wrong =
            || anyhow::anyhow!("{}: {path}: {}. Correct the document there", file.display(), error.into_inner());
        text_problem(file).unwrap_or_else(wrong)
    })?;
    json.end().with_context(|| format!("{}: there is more text after the company: remove it", file.display()))?;
    let folder = file.parent().unwrap_or(Path::new("")).to_owned();
    Ok((company, Box::new(move |name| std::fs::read(folder.join(name)).ok())))
}

fn open(file: &Path) -> anyhow::Result<BufReader<File>> {
    match File::open(file) {
        Ok(file) => Ok(BufReader::with_capacity(1 << 16, file)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            anyhow::bail!("there is no file {}: correct the name", file.display())
        }
        Err(error) => Err(error).with_context(|| unread(file)),
    }
}

fn unread(file: &Path) -> String {
    format!("{} cannot be read", file.display())
}

/// The first letter that is neither a byte order mark nor white space; both are skipped.
fn first_letter(text: &mut impl BufRead) -> std::io::Result<Option<u8>> {
    loop {
        let buffer = text.fill_buf()?;
        let Some(letter) = buffer.first().copied() else { return Ok(None) };
        if !letter.is_ascii_whitespace() && !"\u{feff}".as_bytes().contains(&letter) {
            return Ok(Some(letter));
        }
        text.consume(1);
    }
}

/// Why a file that is no JSON is not even text.
fn text_problem(file: &Path) -> Option<anyhow::Error> {
    let bytes = std::fs::read(file).ok()?;
    let error = String::from_utf8(bytes).err()?;
    Some(anyhow::Error::new(error).context(format!("{} is not UTF-8 text: save it as UTF-8", file.display())))
}

fn show(report: &ImportReport) -> String {
    if !report.changed() {
        return "Everything already matches the document: nothing to do.\n".into();
    }
    let mut text = String::new();
    if report.tenant_changed {
        text.push_str("the tenant is new, or has a different name or different domains\n");
    }
    for (name, counts) in report.sections().into_iter().filter(|(_, counts)| counts.any()) {
        let _ =
            writeln!(text, "{name}: {} added, {} changed, {} removed", counts.added, counts.changed, counts.removed);
    }
    text
}
