//! Prepares what HTTP needs in addition to the server, and serves until told to stop.

use super::connections::{self, Limits};
use super::{Keys, Pages, Proxies, Work, metrics_router, router};
use crate::app::App;
use crate::config::{Config, Server};
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// What every request's handler gets.
pub struct AppState {
    app: Arc<App>,
    pub(super) pages: Pages,
    /// The proxies in front, as [`AppState::reload`] last set them.
    pub(super) proxies: Proxies,
    /// Idempotency keys whose requests are under way here.
    pub(super) keys: Keys,
    /// Places for requests that take more than a moment.
    pub(super) work: Work,
    /// The same for pictures.
    pub(super) picture_work: Work,
}

impl AppState {
    /// HTTP's view of `app`.
    pub fn new(app: Arc<App>) -> Self {
        let pages = Pages::load(app.demo.is_some());
        let proxies = Proxies::new(app.config.server.trusted_proxies.clone());
        Self { app, pages, proxies, keys: Keys::default(), work: Work::default(), picture_work: Work::on_pictures() }
    }

    /// Takes over from `config` what can change while the server runs: `server.trusted_proxies`. [`App::config`] stays.
    pub fn reload(&self, config: &Config) {
        self.proxies.replace(config.server.trusted_proxies.clone());
    }
}

impl Deref for AppState {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

/// Most connections at once: each takes some 20 KB.
const CONNECTIONS: u64 = 8_192;
/// The same for whoever reads metrics.
const METRICS_CONNECTIONS: u64 = 16;

/// Answers on `listener` until `shutdown` is done; then requests under way may take `server.shutdown_seconds` to finish.
pub async fn serve(listener: TcpListener, app: Arc<AppState>, shutdown: impl Future<Output = ()> + Send + 'static) {
    let server = &app.config.server;
    let limits = limits(server, Duration::from_secs(server.shutdown_seconds), CONNECTIONS);
    connections::serve(listener, router(app), limits, shutdown).await;
}

/// Answers `GET /metrics` on `listener` until `shutdown` is done.
pub async fn serve_metrics(
    listener: TcpListener,
    app: Arc<AppState>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) {
    let limits = limits(&app.config.server, Duration::from_secs(1), METRICS_CONNECTIONS);
    connections::serve(listener, metrics_router(app), limits, shutdown).await;
}

fn limits(server: &Server, shutdown: Duration, connections: u64) -> Limits {
    let (header, idle) = (Duration::from_secs(server.header_seconds), Duration::from_secs(server.idle_seconds));
    Limits { header, idle, shutdown, connections }
}
