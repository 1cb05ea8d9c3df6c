//! The commands of the binary.

/// Commands that change the database: backups, imports, keys, accounts.
pub mod data;
/// Standard output, which may be closed.
mod output;
/// Commands that run the server or report its state.
pub mod server;
mod tenants;
/// Commands that show signatures without Outlook.
pub mod trial;

use data::{backup, grant, import, key, migrate, recover, run};
use server::{demo, doctor, health, serve};
use trial::{render, simulate};

use crate::config::{Config, Database};
use crate::store::Store;
use anyhow::Context as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// One place for a company's e-mail signatures.
#[derive(Clone, Debug, clap::Parser)]
#[command(name = "paraph", version, about)]
pub struct Cli {
    /// The configuration file; by default the one that `PARAPH_CONFIG` names, otherwise ./paraph.toml if it exists
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The command to run.
    #[command(subcommand)]
    pub command: Command,
}

/// The command to run.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Command {
    /// Serve the add-in
    Serve,
    /// Check whether the server on this machine answers: exit code 0 if it does, otherwise 1
    Health(health::HealthOptions),
    /// Show Paraph with a made-up company, without Microsoft
    Demo(demo::DemoOptions),
    /// Bring the database up to date
    Migrate,
    /// Check the set-up and say what to do
    Doctor(doctor::DoctorOptions),
    /// Print a person's signature, and why they get it
    Render(render::RenderOptions),
    /// Show who gets what on a date, and why; and what unpublished changes would change
    Simulate(simulate::SimulateOptions),
    /// Import a company document into the database
    Import(import::ImportOptions),
    /// Fetch from a source now, show what it would change, and apply it
    Run(run::RunOptions),
    /// Write the whole database to a file, while servers run
    Backup(backup::BackupOptions),
    /// Restore a backup into the database
    Restore(backup::RestoreOptions),
    /// Copy the whole database to another one, for example from SQLite to PostgreSQL
    Copy(backup::CopyOptions),
    /// Make an account an owner of one tenant or of all
    Grant(grant::GrantOptions),
    /// Check or replace the key that seals secrets, or carry on without a lost key
    Key(key::KeyOptions),
    /// Let an admin back in who lost their password or authenticator app
    Recover(recover::RecoverOptions),
}

/// Runs the command that the command line names.
///
/// # Errors
/// When the command fails, with an instruction for the user.
pub async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let config = || Config::load(cli.config.as_deref());
    match cli.command {
        Command::Serve => serve::run(config()?, cli.config.clone()).await?,
        Command::Health(options) => output::print(&format!("{}\n", health::run(&config()?, &options).await?))?,
        Command::Demo(options) => demo::run(options).await?,
        Command::Migrate => output::print(&migrate::run(&config()?).await?)?,
        Command::Doctor(options) => {
            let report = doctor::run(config(), &options).await;
            output::print(&report.to_string())?;
            return Ok(if report.failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS });
        }
        Command::Render(options) => {
            let rendered = render::run(&config()?, &options).await?;
            // Apart, so that `> signature.html` holds the signature alone.
            output::print(&rendered.signature)?;
            output::hint(&rendered.why);
        }
        Command::Simulate(options) => output::print(&simulate::run(&config()?, &options).await?)?,
        Command::Run(options) => return run::run(config()?, &options).await,
        Command::Backup(options) => output::print(&backup::run(&config()?, &options).await?)?,
        Command::Restore(options) => output::print(&backup::restore(&config()?, &options).await?)?,
        Command::Copy(options) => output::print(&backup::copy(&config()?, &options).await?)?,
        Command::Grant(options) => output::print(&grant::run(&config()?, &options).await?)?,
        Command::Key(options) => output::print(&key::run(&config()?, &options).await?)?,
        Command::Recover(options) => output::print(&recover::run(&config()?, &options).await?)?,
        Command::Import(options) => output::print(&import::run(&config()?, &options).await?)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The database, which must be there and up to date.
async fn open(database: &Database) -> anyhow::Result<Store> {
    if let Some(file) = Store::missing_file(database) {
        anyhow::bail!("there is no database {} yet: run `paraph migrate`, or correct database.url", file.display());
    }
    let store = Store::connect(database).await.context("the database cannot be opened")?;
    anyhow::ensure!(store.pending_migrations().await? == 0, "the database is not up to date: run `paraph migrate`");
    Ok(store)
}
