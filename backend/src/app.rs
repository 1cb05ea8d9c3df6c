//! The server as one value: what every request and every job needs.

use crate::checks::Proofs;
use crate::clicks::Clicks;
use crate::clicks::links::Signer;
use crate::clock::Clock;
use crate::config::Config;
use crate::design::comparisons::Comparisons;
use crate::design::coverage::Coverages;
use crate::design::ready::Readies;
use crate::directory::{Directories, Runs};
use crate::identity::{Codes, Verifier};
use crate::leases::Leases;
use crate::outbound::Client;
use crate::outlook::clients::Clients;
use crate::outlook::weather::WeatherStation;
use crate::sealing::{self, Sealer, Unlocked};
use crate::store::Store;
use crate::tenant::Tenants;
use metrics_exporter_prometheus::PrometheusHandle;
use neighbours::entra::Issuer;
use std::sync::Arc;

/// What makes a server a demo.
pub struct Demo {
    /// Another address of Office.js than the simulator's.
    pub(crate) office_js: Option<String>,
    /// Signs the tokens.
    pub(crate) issuer: Issuer,
    /// Of people on their way from the sign-in page to a token.
    pub(crate) codes: Codes,
}

/// What every request needs.
pub struct App {
    /// The settings.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// The tenants in memory.
    pub tenants: Tenants,
    /// What this process does by itself.
    pub leases: Leases,
    /// Runs under way.
    pub runs: Runs,
    /// Running comparisons of who gets what.
    pub comparisons: Comparisons,
    /// Checks of what is ready to publish.
    pub readies: Readies,
    /// How many people get a signature, as counted last.
    pub coverages: Coverages,
    /// The one way out.
    pub outbound: Client,
    /// Checks the add-in's tokens; `None` while `identity.client_id` is not set.
    pub verifier: Option<Verifier>,
    /// Seals secrets in the database.
    pub sealer: Arc<Sealer>,
    /// Makes and checks addresses that are proven to be ours.
    pub links: Arc<Signer>,
    /// Which clients have called in.
    pub clients: Clients,
    /// What their event handlers measured.
    pub weather: WeatherStation,
    /// Which links of campaigns were followed.
    pub clicks: Clicks,
    /// Whether the deployment works.
    pub proofs: Arc<Proofs>,
    /// What time it is.
    pub clock: Clock,
    /// The recorded metrics.
    pub metrics: PrometheusHandle,
    /// The demo's issuer and company; `None` in production.
    pub demo: Option<Demo>,
}

/// How servers differ.
struct Kind {
    verifier: Option<Verifier>,
    demo: Option<Demo>,
    /// Not a command of the command line.
    is_server: bool,
}

impl App {
    /// A server with the settings of `config` over `store`.
    ///
    /// # Errors
    /// When the settings of `identity` or `secrets` cannot work, or the key is not the one that sealed the database.
    pub async fn new(config: Config, store: Store, clock: Clock) -> anyhow::Result<Self> {
        let client = Client::new(&config.outbound, &clock);
        let is_registered = !config.identity.client_id.is_empty();
        let verifier = is_registered.then(|| Verifier::new(&config.identity, &client)).transpose()?;
        Self::with(config, store, client, Kind { verifier, demo: None, is_server: true }).await
    }

    /// The parts that a command needs which runs while servers run.
    ///
    /// # Errors
    /// As [`App::new`].
    pub async fn command(config: Config, store: Store, clock: Clock) -> anyhow::Result<Self> {
        let client = Client::new(&config.outbound, &clock);
        Self::with(config, store, client, Kind { verifier: None, demo: None, is_server: false }).await
    }

    /// A server for the demo: its tokens come from `demo`'s issuer below the public address.
    ///
    /// # Errors
    /// As [`App::new`].
    pub async fn demo(config: Config, store: Store, clock: Clock, demo: Demo) -> anyhow::Result<Self> {
        let (client, authority) = (Client::new(&config.outbound, &clock), format!("{}/demo", config.server.public_url));
        let verifier = Some(Verifier::with_authority(&config.identity, &authority, &client)?);
        Self::with(config, store, client, Kind { verifier, demo: Some(demo), is_server: true }).await
    }

    async fn with(config: Config, store: Store, outbound: Client, kind: Kind) -> anyhow::Result<Self> {
        let Kind { verifier, demo, is_server } = kind;
        let clock = outbound.clock().clone();
        if let Some(seen_ms) = store.clock_seen().await? {
            clock.seen_at(seen_ms);
        }
        let Unlocked { sealer, links } = sealing::unlock(&config, &store, &clock).await?;
        let (sealer, links) = (Arc::new(sealer), Arc::new(Signer::new(&links)));
        let origin = config.server.public_url.clone();
        let tenants = Tenants::with_links(store.clone(), clock.clone(), origin, Arc::clone(&links));
        let leases = Leases::new(store.clone(), clock.clone(), is_server);
        let directories = Directories { config: config.clone(), client: outbound.clone(), sealer: Arc::clone(&sealer) };
        let runs = Runs::new(store.clone(), tenants.clone(), leases.clone(), directories);
        let metrics = crate::telemetry::metrics();
        let proofs = Proofs::new(config.clone(), outbound.clone(), demo.is_some());
        Ok(Self {
            config,
            store,
            tenants,
            leases,
            runs,
            comparisons: Comparisons::default(),
            readies: Readies::default(),
            coverages: Coverages::default(),
            outbound,
            verifier,
            sealer,
            links,
            clients: Clients::default(),
            weather: WeatherStation::default(),
            clicks: Clicks::default(),
            proofs: Arc::new(proofs),
            clock,
            metrics,
            demo,
        })
    }
}
