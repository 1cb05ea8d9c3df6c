//! The server as one value: what every request needs, and running it until it is told to stop.

use crate::clicks::Clicks;
use crate::clients::Clients;
use crate::clock::Clock;
use crate::comparisons::Comparisons;
use crate::config::Config;
use crate::demo::Demo;
use crate::directory::Runs;
use crate::http::{self, Pages, Work};
use crate::identity::{Sealer, Verifier};
use crate::links::Signer;
use crate::signing::Signing;
use crate::store::Store;
use metrics_exporter_prometheus::PrometheusHandle;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// What every request needs.
pub struct App {
    /// The settings.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// The tenants in memory.
    pub signing: Signing,
    /// Runs under way.
    pub runs: Runs,
    /// Who gets what, being looked at.
    pub comparisons: Comparisons,
    /// Who checks tokens.
    pub verifier: Verifier,
    /// Seals secrets in the database.
    pub sealer: Arc<Sealer>,
    /// Makes and checks addresses that are proven to be ours.
    pub links: Arc<Signer>,
    /// Which clients have called in.
    pub clients: Clients,
    /// Which links of campaigns were followed.
    pub clicks: Clicks,
    /// What time it is.
    pub clock: Clock,
    /// The recorded metrics.
    pub metrics: PrometheusHandle,
    /// The demo's issuer and company; `None` in production.
    pub demo: Option<Demo>,
    pub(crate) pages: Pages,
    /// Places for what takes requests more than a moment.
    pub(crate) work: Work,
}

impl App {
    /// A server with the settings of `config` over `store`.
    ///
    /// # Errors
    /// When the settings of `identity` or `secrets` cannot work.
    pub fn new(config: Config, store: Store, clock: Clock) -> anyhow::Result<Self> {
        let verifier = Verifier::new(&config.identity)?;
        Self::with(config, store, clock, verifier, None)
    }

    /// A server for the demo: its tokens come from `demo`'s issuer below the public address.
    ///
    /// # Errors
    /// As [`App::new`].
    pub fn demo(config: Config, store: Store, clock: Clock, demo: Demo) -> anyhow::Result<Self> {
        let verifier = Verifier::with_authority(&config.identity, &format!("{}/demo", config.server.public_url))?;
        Self::with(config, store, clock, verifier, Some(demo))
    }

    fn with(
        config: Config,
        store: Store,
        clock: Clock,
        verifier: Verifier,
        demo: Option<Demo>,
    ) -> anyhow::Result<Self> {
        let sealer = Arc::new(Sealer::load(&config)?);
        let links = Arc::new(Signer::new(&sealer));
        let origin = config.server.public_url.clone();
        let signing = Signing::with_links(store.clone(), clock.clone(), origin, Arc::clone(&links));
        let runs = Runs::new(store.clone(), signing.clone(), clock.clone(), (config.clone(), Arc::clone(&sealer)));
        let pages = Pages::load(demo.is_some());
        let metrics = crate::telemetry::metrics();
        Ok(Self {
            config,
            store,
            signing,
            runs,
            comparisons: Comparisons::default(),
            verifier,
            sealer,
            links,
            clients: Clients::default(),
            clicks: Clicks::default(),
            clock,
            metrics,
            demo,
            pages,
            work: Work::default(),
        })
    }
}

/// Answers on `listener` until `shutdown` is done; then requests under way may take `server.shutdown_seconds` to finish.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let limit = Duration::from_secs(app.config.server.shutdown_seconds);
    run(listener, http::router(app), limit, shutdown).await
}

/// Answers `GET /metrics` on `listener` until `shutdown` is done.
///
/// # Errors
/// When the listener fails.
pub async fn serve_metrics(
    listener: TcpListener,
    app: Arc<App>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    run(listener, http::metrics_router(app.metrics.clone()), Duration::from_secs(1), shutdown).await
}

async fn run(
    listener: TcpListener,
    router: axum::Router,
    limit: Duration,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    // An answer is small and often the client's only open request: waiting to fill a packet would only delay it.
    let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
    });
    let (stopping, stopped) = tokio::sync::oneshot::channel::<()>();
    let graceful = axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(async move {
            shutdown.await;
            drop(stopping);
        });
    let overdue = async move {
        let _ = stopped.await;
        tokio::time::sleep(limit).await;
    };
    tokio::select! {
        result = graceful.into_future() => result,
        () = overdue => {
            tracing::warn!("requests were still under way at shutdown");
            Ok(())
        }
    }
}
