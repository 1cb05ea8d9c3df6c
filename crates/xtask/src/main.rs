//! `cargo xtask setup · demo · test · check · bench`: everything a newcomer or a build machine runs, with its set-up.

mod bench;
mod check;
mod dist;
mod mutants;
mod setup;
mod shell;
mod suites;

use anyhow::Result;
use clap::{Parser, Subcommand};
use setup::Need;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Set up, demonstrate, test and measure Paraph")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install whatever is missing: WASM target, wasm-bindgen, wasm-pack, wasm-opt; on Debian also Node.js,
    /// the browser with its driver, PostgreSQL and wrk
    Setup,
    /// Build everything and serve the made-up company with the Outlook simulator
    Demo {
        /// Port on 127.0.0.1
        #[arg(long, default_value_t = 4000)]
        port: u16,
        /// Address of another Office.js than the simulator's
        #[arg(long)]
        office_js_url: Option<String>,
    },
    /// Run every test: Rust, the pane's components in a browser, and end to end
    Test,
    /// Check what tests do not: licences and sources of dependencies, unused ones, the documentation
    Check,
    /// Feed the parsers mutations of their seeds
    Fuzz {
        /// Only this parser: address, csv, template, token
        only: Option<String>,
        /// How long each
        #[arg(long, default_value_t = 60)]
        seconds: u64,
    },
    /// Change the code one thing at a time, and list what no test notices
    Mutants {
        /// Only this area: core, tokens, directory, connector
        only: Option<String>,
        /// About how many changes of each, drawn anew each time; 0: all of them
        #[arg(long, default_value_t = 60)]
        sample: usize,
    },
    /// Inject faults for minutes: what is too long for `test`
    Faults {
        /// Only the tests whose names contain this
        only: Option<String>,
    },
    /// Measure what the README has figures of
    Bench {
        /// Only these: core, sizes, browser, http, directory, design, sources, leases
        only: Vec<String>,
    },
    /// Build the pages into dist/ with compressed copies, without anything else
    Dist,
    /// Build the page of all pieces that pages are put together from, which the browser tests look at
    Pieces,
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Setup => setup::run(Need::Bench),
        Command::Demo { port, office_js_url } => {
            setup::run(Need::Demo)?;
            // Optimising takes longer than most people look at a demo.
            dist::pages(dist::Care::Quick)?;
            // Alone: with the connector beside it, sqlx would be built for MySQL as well.
            shell::run(shell::cargo().args(["build", "--package", "paraph", "--bin", "paraph"]))?;
            let mut demo = shell::command(shell::target().join("debug/paraph"));
            demo.args(["demo", "--port", &port.to_string()]);
            if let Some(url) = office_js_url {
                demo.args(["--office-js-url", &url]);
            }
            shell::run(&mut demo)
        }
        Command::Test => {
            setup::run(Need::Test)?;
            suites::run()
        }
        Command::Check => check::run(),
        Command::Fuzz { only, seconds } => check::fuzz(only.as_deref(), seconds),
        Command::Mutants { only, sample } => mutants::run(only.as_deref(), sample),
        Command::Faults { only } => {
            setup::run(Need::Test)?;
            suites::faults(only.as_deref())
        }
        Command::Bench { only } => {
            setup::run(Need::Bench)?;
            bench::run(&only)
        }
        Command::Dist => {
            setup::run(Need::Demo)?;
            dist::build()
        }
        Command::Pieces => {
            setup::run(Need::Demo)?;
            println!("{}", dist::pieces()?.display());
            Ok(())
        }
    }
}
