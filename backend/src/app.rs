//! The server as one value: what every request needs, and running it until it is told to stop.

use crate::checks::Proofs;
use crate::clicks::Clicks;
use crate::clients::Clients;
use crate::clock::Clock;
use crate::comparisons::Comparisons;
use crate::config::{Config, Server};
use crate::coverage::Coverages;
use crate::demo::Demo;
use crate::directory::Runs;
use crate::http::connections::{self, Limits};
use crate::http::{self, Pages, Work};
use crate::identity::{Sealer, Verifier};
use crate::links::Signer;
use crate::sealing::{self, Unlocked};
use crate::signing::Signing;
use crate::store::Store;
use metrics_exporter_prometheus::PrometheusHandle;
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
    /// How many people get a signature, as counted last.
    pub coverages: Coverages,
    /// Checks the add-in's tokens; `None` while there is no `identity.client_id` that they could be made for.
    pub verifier: Option<Verifier>,
    /// Seals secrets in the database.
    pub sealer: Arc<Sealer>,
    /// Makes and checks addresses that are proven to be ours.
    pub links: Arc<Signer>,
    /// Which clients have called in.
    pub clients: Clients,
    /// Which links of campaigns were followed.
    pub clicks: Clicks,
    /// Whether the deployment works.
    pub proofs: Proofs,
    /// What time it is.
    pub clock: Clock,
    /// The recorded metrics.
    pub metrics: PrometheusHandle,
    /// The demo's issuer and company; `None` in production.
    pub demo: Option<Demo>,
    pub(crate) pages: Pages,
    /// The proxies in front, as [`App::reload`] last set them.
    pub(crate) proxies: http::Proxies,
    /// Idempotency keys whose requests are under way here.
    pub(crate) keys: http::Keys,
    /// Places for what takes requests more than a moment.
    pub(crate) work: Work,
    /// The same for pictures.
    pub(crate) picture_work: Work,
}

impl App {
    /// A server with the settings of `config` over `store`.
    ///
    /// # Errors
    /// When the settings of `identity` or `secrets` cannot work, or the key is not the one that sealed the database.
    pub async fn new(config: Config, store: Store, clock: Clock) -> anyhow::Result<Self> {
        let is_registered = !config.identity.client_id.is_empty();
        let verifier = is_registered.then(|| Verifier::new(&config.identity)).transpose()?;
        Self::with(config, store, clock, verifier, None).await
    }

    /// A server for the demo: its tokens come from `demo`'s issuer below the public address.
    ///
    /// # Errors
    /// As [`App::new`].
    pub async fn demo(config: Config, store: Store, clock: Clock, demo: Demo) -> anyhow::Result<Self> {
        let verifier = Verifier::with_authority(&config.identity, &format!("{}/demo", config.server.public_url))?;
        Self::with(config, store, clock, Some(verifier), Some(demo)).await
    }

    async fn with(
        config: Config,
        store: Store,
        clock: Clock,
        verifier: Option<Verifier>,
        demo: Option<Demo>,
    ) -> anyhow::Result<Self> {
        if let Some(seen_ms) = store.clock_seen().await? {
            clock.seen_at(seen_ms);
        }
        let Unlocked { sealer, links } = sealing::unlock(&config, &store, &clock).await?;
        let (sealer, links) = (Arc::new(sealer), Arc::new(Signer::new(&links)));
        let origin = config.server.public_url.clone();
        let signing = Signing::with_links(store.clone(), clock.clone(), origin, Arc::clone(&links));
        let runs = Runs::new(store.clone(), signing.clone(), clock.clone(), (config.clone(), Arc::clone(&sealer)));
        let pages = Pages::load(demo.is_some());
        let metrics = crate::telemetry::metrics();
        let proxies = http::Proxies::new(config.server.trusted_proxies.clone());
        Ok(Self {
            config,
            store,
            signing,
            runs,
            comparisons: Comparisons::default(),
            coverages: Coverages::default(),
            verifier,
            sealer,
            links,
            clients: Clients::default(),
            clicks: Clicks::default(),
            proofs: Proofs::default(),
            clock,
            metrics,
            demo,
            pages,
            proxies,
            keys: http::Keys::default(),
            work: Work::default(),
            picture_work: Work::on_pictures(),
        })
    }

    /// Takes over from `config` what can change while the server runs: `server.trusted_proxies`. [`App::config`] stays.
    pub fn reload(&self, config: &Config) {
        self.proxies.replace(config.server.trusted_proxies.clone());
    }
}

/// Most connections at once: each takes some 20 KB.
const CONNECTIONS: u64 = 8_192;
/// The same for whoever reads metrics.
const METRICS_CONNECTIONS: u64 = 16;

/// Answers on `listener` until `shutdown` is done; then requests under way may take `server.shutdown_seconds` to finish.
pub async fn serve(listener: TcpListener, app: Arc<App>, shutdown: impl Future<Output = ()> + Send + 'static) {
    let server = &app.config.server;
    let limits = limits(server, Duration::from_secs(server.shutdown_seconds), CONNECTIONS);
    connections::serve(listener, http::router(app), limits, shutdown).await;
}

/// Answers `GET /metrics` on `listener` until `shutdown` is done.
pub async fn serve_metrics(listener: TcpListener, app: Arc<App>, shutdown: impl Future<Output = ()> + Send + 'static) {
    let limits = limits(&app.config.server, Duration::from_secs(1), METRICS_CONNECTIONS);
    connections::serve(listener, http::metrics_router(app), limits, shutdown).await;
}

fn limits(server: &Server, shutdown: Duration, connections: u64) -> Limits {
    let (header, idle) = (Duration::from_secs(server.header_seconds), Duration::from_secs(server.idle_seconds));
    Limits { header, idle, shutdown, connections }
}
