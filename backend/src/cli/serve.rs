//! `paraph serve`.

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
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Serves until a signal says stop.
pub async fn run(config: Config) -> anyhow::Result<()> {
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
    let app = Arc::new(App::new(config, store, Clock::system()).await?);
    let stopped = until_stopped();
    if let Some(listener) = metrics_listener {
        tokio::spawn(app::serve_metrics(listener, Arc::clone(&app), told(stopped.clone())));
    }
    print_setup_link(&app).await?;
    let jobs = jobs::start(&app, &stopped);
    tracing::info!(listen = %listener.local_addr()?, url = app.config.server.public_url, "ready");
    app::serve(listener, Arc::clone(&app), told(stopped)).await?;
    jobs.finish().await;
    app.store.close().await;
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

/// Becomes true when a signal says stop.
pub(super) fn until_stopped() -> watch::Receiver<bool> {
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        stop_signal().await;
        tracing::info!("stopping");
        let _ = stop.send(true);
    });
    stopped
}

/// Is done when `stopped` is true.
pub(super) async fn told(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// Waits for ctrl-c or SIGTERM.
async fn stop_signal() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    if let Ok(mut terminated) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = interrupted => {}
            _ = terminated.recv() => {}
        }
        return;
    }
    let _ = interrupted.await;
}
