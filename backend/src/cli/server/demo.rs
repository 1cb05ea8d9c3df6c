//! `paraph demo`.

use super::service::{told, until_stopped};
use crate::cli::data::import::read_document;
use crate::cli::output;
use crate::config::{Config, Log};
use crate::http::{self, AppState};
use crate::{demo, jobs, telemetry};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Options of `paraph demo`.
#[derive(Clone, Debug, clap::Args)]
pub struct DemoOptions {
    /// The port on 127.0.0.1
    #[arg(long, default_value_t = 4000)]
    pub port: u16,
    /// The address of Office.js; by default the simulator's own
    #[arg(long)]
    pub office_js_url: Option<String>,
    /// Add made-up people up to this number, for benchmarks
    #[arg(long)]
    pub people: Option<usize>,
    /// Your own company document instead of the made-up one
    #[arg(long, value_name = "FILE")]
    pub company: Option<PathBuf>,
}

/// Serves the made-up company until a signal stops it.
pub async fn run(options: DemoOptions) -> anyhow::Result<()> {
    // A newcomer's terminal shows the address and nothing else, unless they ask for more.
    let level = std::env::var("PARAPH_LOG__LEVEL").unwrap_or_else(|_| "warn".into());
    telemetry::init(&Log { level, ..Config::default().log })?;
    let company = options.company.as_deref().map(read_document).transpose()?;
    let started = demo::start(options.port, options.office_js_url, options.people.unwrap_or_default(), company).await?;
    let stopped = until_stopped();
    let jobs = jobs::start(&started.app, &stopped);
    print_address(&started.url);
    let state = Arc::new(AppState::new(Arc::clone(&started.app)));
    http::serve(started.listener, state, told(stopped)).await;
    jobs.finish(Duration::from_secs(1)).await;
    drop(started.folder);
    Ok(())
}

fn print_address(url: &str) {
    output::announce(format!("\nParaph's demo is ready: open {url}\n(ctrl-c ends it)\n"));
}
