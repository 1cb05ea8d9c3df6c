//! `paraph serve`.

use super::service::{self, told, until_stopped};
use crate::app::App;
use crate::cli::output;
use crate::clock::{Clock, DAY_MS};
use crate::config::{Config, Database};
use crate::http::{self, AppState};
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
use tokio::sync::watch;

/// Serves until a signal stops it. `path` is the configuration file that the command line names.
pub async fn run(config: Config, path: Option<PathBuf>) -> anyhow::Result<()> {
    telemetry::init(&config.log)?;
    let stopped = until_stopped();
    if !wait_for(&config.database, &mut stopped.clone()).await? {
        return Ok(());
    }
    let lock = Store::lock_for_server(&config.database)?;
    let store = Store::connect(&config.database).await.context("the database cannot be opened")?;
    let served = serve(config, path, store.clone(), stopped).await;
    // Also after a start that failed: what it has migrated belongs into the file.
    store.close().await;
    drop(lock);
    served
}

async fn serve(
    config: Config,
    path: Option<PathBuf>,
    store: Store,
    stopped: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    for migration in store.migrate().await.context("the database cannot be brought up to date")? {
        tracing::info!(migration, "migrated");
    }
    let listener = bind(config.server.listen, "server.listen").await?;
    let metrics_listener = match config.server.metrics_listen {
        Some(address) => Some(bind(address, "server.metrics_listen").await?),
        None => None,
    };
    let app = Arc::new(App::new(config, store, Clock::system()).await?);
    let state = Arc::new(AppState::new(Arc::clone(&app)));
    if let Some(listener) = metrics_listener {
        tokio::spawn(http::serve_metrics(listener, Arc::clone(&state), told(stopped.clone())));
    }
    if app.verifier.is_none() {
        tracing::warn!(
            "identity.client_id is empty: the console works, but Outlook gets no signatures. Register an app in Entra \
             and write its application (client) id"
        );
    }
    print_setup_link(&app).await?;
    let jobs = jobs::start(&app, &stopped);
    service::reload_at_hangup(&state, path);
    tracing::info!(listen = %listener.local_addr()?, url = app.config.server.public_url, "ready");
    service::ready();
    http::serve(listener, Arc::clone(&state), told(stopped)).await;
    // A database that does not answer must not keep the process from ending.
    let limit = Duration::from_secs(app.config.server.shutdown_seconds);
    jobs.finish(limit).await;
    Ok(())
}

/// Waits while the database starts or is out of reach, as after a power cut or in a container of its own, and while its disk
/// is full; `false` when a signal says stop first.
async fn wait_for(database: &Database, stopped: &mut watch::Receiver<bool>) -> anyhow::Result<bool> {
    let mut pause = FIRST_PAUSE;
    while let Some(reason) = Store::not_yet(database).await.context("the database cannot be opened")? {
        tracing::warn!(reason, seconds = pause.as_secs(), "waiting for the database");
        tokio::select! {
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
            _ = stopped.wait_for(|stopped| *stopped) => return Ok(false),
        }
    }
    Ok(true)
}

/// Pauses between attempts to open the database at start: doubled from the first to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Until the first account exists, every start prints a link that makes it. Links of other nodes and of earlier starts
/// stay good: which of them the admin has seen is not known here. To standard output, because the log is no place for a
/// secret.
async fn print_setup_link(app: &App) -> anyhow::Result<()> {
    if app.store.has_accounts().await? {
        return Ok(());
    }
    let code = random::secret();
    let now_ms = app.clock.now_ms();
    app.store.insert_setup(&digest(&code), now_ms + SETUP_MS, now_ms).await?;
    let origin = app.config.console.url(&app.config.server);
    output::announce(format!("Set up the console here (once, within a day): {origin}/console/setup#{code}\n"));
    Ok(())
}

/// How long a set-up link is good for.
const SETUP_MS: i64 = DAY_MS;

async fn bind(address: SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}: free it, or choose another address with {setting}"))
}
