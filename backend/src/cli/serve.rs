//! `paraph serve`.

use super::service::{self, told, until_stopped};
use crate::app::{self, App};
use crate::clock::{Clock, DAY_MS};
use crate::config::Config;
use crate::identity::digest;
use crate::jobs;
use crate::random;
use crate::store::Store;
use crate::telemetry;
use anyhow::Context as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// Serves until a signal says stop. `path` is the configuration file that the command line names.
pub async fn run(config: Config, path: Option<PathBuf>) -> anyhow::Result<()> {
    telemetry::init(&config.log)?;
    let store = Store::connect(&config.database).await.context("the database cannot be opened")?;
    for migration in store.migrate().await.context("the database cannot be brought up to date")? {
        tracing::info!(migration, "migrated");
    }
    let listener = bind(config.server.listen, "server.listen").await?;
    let metrics_listener = match config.server.metrics_listen {
        Some(address) => Some(bind(address, "server.metrics_listen").await?),
        None => None,
    };
    let app = Arc::new(App::new(config, store, Clock::system())?);
    let stopped = until_stopped();
    if let Some(listener) = metrics_listener {
        tokio::spawn(app::serve_metrics(listener, Arc::clone(&app), told(stopped.clone())));
    }
    print_setup_link(&app).await?;
    let jobs = jobs::start(&app, &stopped);
    service::reload_at_hangup(&app, path);
    tracing::info!(listen = %listener.local_addr()?, url = app.config.server.public_url, "ready");
    service::ready();
    app::serve(listener, Arc::clone(&app), told(stopped)).await;
    // A database that does not answer must not keep the process from ending.
    let limit = Duration::from_secs(app.config.server.shutdown_seconds);
    jobs.finish(limit).await;
    if tokio::time::timeout(limit, app.store.close()).await.is_err() {
        tracing::warn!("the database's connections could not be closed");
    }
    Ok(())
}

/// Until somebody has an account every start prints a link that makes the first one; the one before is worth nothing then.
/// To standard output: it is a secret, and the log is no place for one.
async fn print_setup_link(app: &App) -> anyhow::Result<()> {
    if app.store.has_accounts().await? {
        return Ok(());
    }
    let code = random::secret();
    app.store.replace_setup(&digest(&code), app.clock.now_ms() + SETUP_MS).await?;
    let origin = app.config.console.url(&app.config.server);
    println!("Set the console up here (once, within a day): {origin}/console/setup#{code}");
    Ok(())
}

/// How long a set-up link is good for.
const SETUP_MS: i64 = DAY_MS;

async fn bind(address: SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}: free it, or choose another address with {setting}"))
}
