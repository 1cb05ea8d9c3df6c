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

/// Brings a company's own database to Paraph, from inside its network.
#[derive(Parser)]
#[command(name = "paraph-connector", version)]
pub struct Cli {
    /// The settings' file; its folder is the data folder.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Asks for every setting; with options, sets these and asks nothing.
    Configure(Configure),
    /// Lists the fields that columns may go to.
    Fields,
    /// Connects to the database and runs the query for a moment.
    Test,
    /// Shows what Paraph would change, and changes nothing.
    Preview,
    /// Runs at once and then at each interval, until it is stopped.
    Run {
        /// Runs once; ends with 0 when it was applied, 3 when an admin must confirm it, else 1.
        #[arg(long)]
        once: bool,
    },
    /// What the last runs did, and when the next one begins.
    Status,
    /// Sets the service up on this machine.
    Install {
        /// Prints the service's file and changes nothing.
        #[arg(long)]
        print: bool,
    },
    /// What Windows starts.
    #[cfg(windows)]
    #[command(hide = true)]
    Service,
}

/// Settings for scripts.
#[derive(Args)]
struct Configure {
    /// A setting, such as database.host=db.example.com or mappings.title=position; may be repeated.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// A file with the secret from Paraph's Database page.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// A file with the database's password.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Serves the configuration page on this machine instead, and prints the link to it.
    #[arg(long, conflicts_with_all = ["set", "secret_file", "password_file"])]
    web: bool,
}

/// How long Paraph may be away while a service runs: the next interval tries again.
const PATIENT: Duration = Duration::from_mins(10);
/// The same while somebody looks on.
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
    // A driver that makes its thread wait must not keep the program.
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
