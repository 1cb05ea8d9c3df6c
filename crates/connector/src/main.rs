//! The program `paraph-connector`.

use clap::Parser as _;
use paraph_connector::cli::{self, Cli};
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main(Cli::parse())
}
