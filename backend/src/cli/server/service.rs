//! A server among others on its machine: what signals tell it, and what it tells systemd.

use crate::config::Config;
use crate::config::log_level;
use crate::http::AppState;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::watch;

/// Becomes true when a signal says stop.
pub(in crate::cli) fn until_stopped() -> watch::Receiver<bool> {
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        stop_signal().await;
        tracing::info!("stopping");
        systemd::stopping();
        let _ = stop.send(true);
    });
    stopped
}

/// Is done when `stopped` is true.
pub(in crate::cli) async fn told(mut stopped: watch::Receiver<bool>) {
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

/// Tells systemd that the server answers, and from now on that it is alive, where its unit asks for that (`Type=notify` or
/// `notify-reload`, `WatchdogSec=`). Without systemd, nothing happens.
pub(in crate::cli) fn ready() {
    systemd::ready();
}

/// Reads the settings again at every SIGHUP; `path` is the file that the command line names.
#[cfg(unix)]
pub(in crate::cli) fn reload_at_hangup(app: &Arc<AppState>, path: Option<PathBuf>) {
    use tokio::signal::unix::{SignalKind, signal};
    let app = Arc::clone(app);
    match signal(SignalKind::hangup()) {
        Ok(mut hangups) => {
            tokio::spawn(async move {
                while hangups.recv().await.is_some() {
                    systemd::reloading();
                    reload(&app, path.as_deref());
                    systemd::ready();
                }
            });
        }
        Err(error) => tracing::warn!(%error, "settings cannot be reloaded while the server runs"),
    }
}

/// There is no such signal here.
#[cfg(not(unix))]
pub(in crate::cli) fn reload_at_hangup(_: &Arc<AppState>, _: Option<PathBuf>) {}

/// Takes over what can change while the server runs; a configuration that cannot be used changes nothing.
fn reload(app: &AppState, path: Option<&Path>) {
    let config = match Config::load(path) {
        Ok(config) => config,
        Err(error) => return tracing::error!(%error, "the settings were not reloaded: the old ones stay in use"),
    };
    if let Err(error) = log_level::change(&config.log.level) {
        return tracing::error!(%error, "the settings were not reloaded: the old ones stay in use");
    }
    app.reload(&config);
    let mut restarted = config.clone();
    restarted.log.level.clone_from(&app.config.log.level);
    restarted.server.trusted_proxies.clone_from(&app.config.server.trusted_proxies);
    tracing::info!(level = config.log.level, "log.level and server.trusted_proxies were reloaded");
    if restarted != app.config {
        tracing::warn!("other settings were changed too: they take effect after a restart");
    }
}

#[cfg(unix)]
mod systemd {
    use sd_notify::NotifyState;
    use std::sync::Once;

    pub(in crate::cli) fn ready() {
        static WATCHED: Once = Once::new();
        notify(&[NotifyState::Ready]);
        WATCHED.call_once(|| {
            let Some(limit) = sd_notify::watchdog_enabled() else { return };
            // From a task: a runtime that is stuck sends nothing, and is started again.
            tokio::spawn(async move {
                let mut ticks = tokio::time::interval(limit / 3);
                loop {
                    ticks.tick().await;
                    notify(&[NotifyState::Watchdog]);
                }
            });
        });
    }

    pub(in crate::cli) fn reloading() {
        match NotifyState::monotonic_usec_now() {
            Ok(now) => notify(&[NotifyState::Reloading, now]),
            Err(error) => tracing::debug!(%error, "systemd was not told about the reload"),
        }
    }

    pub(in crate::cli) fn stopping() {
        notify(&[NotifyState::Stopping]);
    }

    fn notify(state: &[NotifyState<'_>]) {
        if let Err(error) = sd_notify::notify(state) {
            tracing::debug!(%error, "systemd cannot be notified");
        }
    }
}

#[cfg(not(unix))]
mod systemd {
    pub(in crate::cli) fn ready() {}
    pub(in crate::cli) fn reloading() {}
    pub(in crate::cli) fn stopping() {}
}
