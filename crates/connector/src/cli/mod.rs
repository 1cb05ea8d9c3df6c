//! The commands.

mod configure;
mod dialog;
mod install;
mod output;
mod run;
mod test;
mod web;
#[cfg(windows)]
mod windows;

pub use dialog::Asker;

use crate::clock::Clock;
use crate::config::Place;
use crate::paraph::Client;
use crate::run::Needs;
use crate::{journal, show};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Uploads rows of a company's own database to Paraph, from inside its network.
#[derive(Parser)]
#[command(name = "paraph-connector", version)]
pub struct Cli {
    /// Settings file; its folder is the data folder.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Asks for each setting; with options, only sets these.
    Configure(Configure),
    /// Lists the fields that columns can be mapped to.
    Fields,
    /// Connects to the database, runs the query and shows the first rows.
    Test,
    /// Shows what Paraph would change, without changing anything.
    Preview,
    /// Runs immediately and then at each interval until it is stopped.
    Run {
        /// Runs once. Exit code: 0 if the run was applied, 3 if an admin must confirm it, 1 otherwise.
        #[arg(long)]
        once: bool,
    },
    /// Shows the last runs and when the next one starts.
    Status,
    /// Installs the service on this machine.
    Install {
        /// Prints the service's definition without changing anything.
        #[arg(long)]
        print: bool,
    },
    /// Entry point for the Windows service manager.
    #[cfg(windows)]
    #[command(hide = true)]
    Service,
}

/// Options for scripts.
#[derive(Args)]
struct Configure {
    /// Sets a setting, such as database.host=db.example.com or mappings.title=position; can be repeated.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Reads the secret from Paraph's Database page from a file.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Reads the database's password from a file.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Serves the configuration page on this machine instead and prints its link.
    #[arg(long, conflicts_with_all = ["set", "secret_file", "password_file"])]
    web: bool,
}

/// How long a service's run waits for an unavailable Paraph: the next run tries again.
const PATIENT: Duration = Duration::from_mins(10);
/// The same for a command, whose user is waiting.
const IMPATIENT: Duration = Duration::from_secs(20);

/// Runs a command.
pub fn main(cli: Cli) -> ExitCode {
    let place = Place::new(cli.config.clone());
    #[cfg(windows)]
    if matches!(cli.command, Command::Service) {
        return windows::dispatch(place);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let ended = runtime.block_on(command(cli, place));
    // A driver that blocks its thread must not keep the program running.
    runtime.shutdown_timeout(Duration::from_secs(1));
    ended.unwrap_or_else(|error| failed(&error))
}

fn failed(error: &anyhow::Error) -> ExitCode {
    output::hint(&format!("{error:#}\n"));
    ExitCode::FAILURE
}

async fn command(cli: Cli, place: Place) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Configure(Configure { web: true, .. }) => web::run(&needs(place, IMPATIENT)).await,
        Command::Configure(options) => configure::run(&place, &options).await,
        Command::Fields => fields(&place).await,
        Command::Test => test::run(&place).await,
        Command::Preview => run::preview(&needs(place, IMPATIENT)).await,
        Command::Run { once: true } => run::once(&needs(place, IMPATIENT)).await,
        Command::Run { once: false } => run::serve(&needs(place, PATIENT), run::stopped()).await,
        Command::Status => status(&place),
        Command::Install { print } => install::run(&place, print),
        #[cfg(windows)]
        Command::Service => unreachable!("it is dispatched"),
    }
}

fn needs(place: Place, patience: Duration) -> Needs {
    Needs { place, clock: Clock::system(), patience }
}

async fn fields(place: &Place) -> anyhow::Result<ExitCode> {
    let client = Client::new(&place.load()?, &place.sealer()?)?;
    output::print(&show::fields(&client.target().await?))?;
    Ok(ExitCode::SUCCESS)
}

fn status(place: &Place) -> anyhow::Result<ExitCode> {
    output::print(&show::journal(&journal::Journal::load(&place.status()), Clock::system().now_ms()))?;
    Ok(ExitCode::SUCCESS)
}
