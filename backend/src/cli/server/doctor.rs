//! `paraph doctor`: one line for everything that must be right, and what to do where it is not.

use crate::checks::{self, Checked, Outcome};
use crate::clock::Clock;
use crate::config::{Config, ConfigError, Identity, Outlook, Server};
use crate::directory::refused_secrets;
use crate::outbound::Client;
use crate::sealing::KeySource;
use crate::sealing::{self, Standing, reset};
use crate::store::{KnownToken, Scope, Source, Store};
use crate::tenant::{Tenant, Tenants};
use std::fmt;

/// Options of `paraph doctor`.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct DoctorOptions {
    /// Make no requests, neither to this server by its names nor to Microsoft
    #[arg(long)]
    pub offline: bool,
}

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// In order.
    Ok,
    /// Works, but needs attention.
    Warn,
    /// Does not work.
    Fail,
}

/// Findings, in the order in which to correct them.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// One line each.
    pub lines: Vec<(Level, String)>,
}

impl Report {
    /// Whether anything does not work.
    pub fn failed(&self) -> bool {
        self.lines.iter().any(|(level, _)| *level == Level::Fail)
    }

    fn add_checked(&mut self, checked: Checked) {
        let (level, detail) = match checked.outcome {
            Outcome::Passed(detail) => (Level::Ok, detail),
            Outcome::Warning(detail) => (Level::Warn, detail),
            Outcome::Failed(detail) => (Level::Fail, detail),
        };
        self.add(level, format!("{}: {detail}", checked.name));
    }

    fn add(&mut self, level: Level, text: impl Into<String>) {
        self.lines.push((level, text.into()));
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (level, text) in &self.lines {
            let word = match level {
                Level::Ok => "ok  ",
                Level::Warn => "warn",
                Level::Fail => "FAIL",
            };
            writeln!(f, "{word}  {text}")?;
        }
        Ok(())
    }
}

/// Checks everything, without changing stored data or creating a database.
pub async fn run(config: Result<Config, ConfigError>, options: &DoctorOptions) -> Report {
    let mut report = Report::default();
    let config = match config {
        Ok(config) => config,
        Err(error) => {
            report.add(Level::Fail, format!("configuration: {error}"));
            return report;
        }
    };
    report.add(Level::Ok, "configuration: every setting can be read");
    check_public_url(&config.server.public_url, &mut report);
    check_proxies(&config.server, &mut report);
    check_outlook(&config.outlook, &mut report);
    check_identity(&config.identity, &mut report);
    if !options.offline {
        check_requests(&config, &mut report).await;
    }
    let store = check_database(&config, &mut report).await;
    if let Err(error) = check_key(&config, store.as_ref(), &mut report).await {
        report.add(Level::Fail, format!("secrets: {error:#}"));
    }
    if let Some(store) = store {
        if let Err(error) = check_tenants(&config, &store, &mut report).await {
            report.add(Level::Fail, format!("tenants: {error:#}"));
        }
        check_accounts(&store, &mut report).await;
        store.close().await;
    }
    report
}

/// That key and database belong together; without a database, that there is a key to begin with.
async fn check_key(config: &Config, store: Option<&Store>, report: &mut Report) -> anyhow::Result<()> {
    let source = KeySource::of(config)?;
    let Some(store) = store else {
        source.read()?;
        report.add(Level::Warn, "secrets: the key cannot be checked without the database");
        return Ok(());
    };
    match sealing::standing(&source, store).await? {
        Standing::Not(mismatch) => return Err(mismatch.into()),
        Standing::New(None) => report.add(Level::Ok, format!("secrets: `paraph serve` will create {source}")),
        Standing::New(Some(_)) => {
            report.add(Level::Ok, format!("secrets: {source} is good, and nothing is sealed yet"));
        }
        Standing::Fits(_) => {
            let lost = reset::lost(config, store).await?;
            for line in lost.lines() {
                let what = "secrets: does not open with the present key";
                report.add(Level::Warn, format!("{what}: {line}. `paraph key reset` deletes what does not open"));
            }
            if lost.is_empty() {
                report.add(Level::Ok, format!("secrets: {source} opens everything that is sealed"));
            }
        }
    }
    Ok(())
}

async fn check_accounts(store: &Store, report: &mut Report) {
    match store.has_accounts().await {
        Ok(true) => report.add(Level::Ok, "console: an account exists"),
        Ok(false) => {
            report.add(Level::Warn, "console: there is no account yet: open the link that `paraph serve` prints");
        }
        Err(error) => report.add(Level::Fail, format!("console: {error}")),
    }
}

fn check_public_url(url: &str, report: &mut Report) {
    let host = url.trim_start_matches("http://").split(':').next().unwrap_or_default();
    if url.starts_with("https://") {
        report.add(Level::Ok, format!("server.public_url: {url}"));
    } else if ["127.0.0.1", "localhost", "[::1]"].contains(&host) || host.starts_with('[') {
        report.add(
            Level::Warn,
            format!(
                "server.public_url is {url}: it works only on this machine. Set it to the https address that Outlook \
                 reaches"
            ),
        );
    } else {
        report.add(
            Level::Fail,
            format!(
                "server.public_url is {url}: Outlook loads nothing without https. Put a proxy with TLS in front of \
                 Paraph and set this to its https address"
            ),
        );
    }
}

/// Paraph does not end TLS itself: who is reached over https has a proxy in front.
fn check_proxies(server: &Server, report: &mut Report) {
    if server.trusted_proxies.has_everybody() {
        report.add(
            Level::Warn,
            "server.trusted_proxies lists every address, so anyone can fake their address. List only your proxies",
        );
    } else if server.trusted_proxies.is_empty() && server.public_url.starts_with("https://") {
        report.add(
            Level::Warn,
            "server.trusted_proxies is empty, but https means that there is a proxy in front: everyone behind it \
             shares one limit on failed sign-ins. Add the proxy's address there, or \"private\" if it is on this \
             machine or in your network",
        );
    } else if !server.trusted_proxies.is_empty() {
        report.add(Level::Ok, "server.trusted_proxies: set");
    }
}

fn check_outlook(outlook: &Outlook, report: &mut Report) {
    let usual = Outlook::default();
    if outlook.addin_id == usual.addin_id {
        report.add(
            Level::Warn,
            "outlook.addin_id is the example's: give your deployment its own GUID, and never change it again",
        );
    } else {
        report.add(Level::Ok, "outlook.addin_id: your own");
    }
    if outlook.support_url == usual.support_url {
        report.add(Level::Warn, "outlook.support_url is the example's: set it to the page where your people find help");
    }
}

fn check_identity(identity: &Identity, report: &mut Report) {
    if identity.client_id.is_empty() {
        report.add(
            Level::Warn,
            "identity.client_id is empty: the console works, but Outlook gets no signatures. Register an app in Entra and write its application (client) id",
        );
    } else {
        report.add(Level::Ok, "identity.client_id: set");
    }
}

/// What takes requests: the ways in, once a server runs, and the ways out.
async fn check_requests(config: &Config, report: &mut Report) {
    let client = Client::new(&config.outbound, &Clock::system());
    if checks::is_serving(config).await {
        checks::ways_in(config, &client).await.checks.into_iter().for_each(|checked| report.add_checked(checked));
    } else {
        report.add(
            Level::Warn,
            format!(
                "server: nothing answers at {} yet: start `paraph serve`, then run doctor again to check how it is \
                 reached",
                config.server.listen
            ),
        );
    }
    checks::ways_out(config, &client).await.into_iter().for_each(|checked| report.add_checked(checked));
}

async fn check_database(config: &Config, report: &mut Report) -> Option<Store> {
    if let Some(file) = Store::missing_file(&config.database) {
        report.add(
            Level::Fail,
            format!("database: there is no {} yet: run `paraph migrate`, or correct database.url", file.display()),
        );
        return None;
    }
    let opened = async {
        let store = Store::connect(&config.database).await?;
        Ok::<_, crate::store::Error>((store.pending_migrations().await?, store))
    };
    match opened.await {
        Ok((0, store)) => {
            match store.can_write().await {
                Ok(()) => report.add(Level::Ok, "database: reachable, up to date, and can be written"),
                Err(error) => report.add(Level::Fail, format!("database: cannot be written: {error}")),
            }
            Some(store)
        }
        Ok((pending, _)) => {
            report.add(Level::Fail, format!("database: {pending} migrations are missing: run `paraph migrate`"));
            None
        }
        Err(error) => {
            report.add(Level::Fail, format!("database: {error}"));
            None
        }
    }
}

async fn check_tenants(config: &Config, store: &Store, report: &mut Report) -> anyhow::Result<()> {
    let tenants = store.list_tenants().await?;
    if tenants.is_empty() {
        report.add(
            Level::Warn,
            "tenants: none, so nobody gets a signature: create one in the console with New tenant, or import one with \
             `paraph import FILE`",
        );
    }
    for tenant in store.tenants_without_owner().await? {
        let (name, id) = (&tenant.name, tenant.handle());
        report.add(
            Level::Warn,
            format!("tenant {name}: has no owner, so nobody can open it in the console: run `paraph grant ADDRESS --tenant {id}`"),
        );
    }
    let loaded = Tenants::new(store.clone(), Clock::system(), config.server.public_url.clone());
    for summary in tenants {
        let Some(tenant) = loaded.get(&summary.id).await? else { continue };
        let people = tenant.people().len();
        report.add(
            Level::Ok,
            format!("tenant {}: {people} people and mailboxes, {} templates", tenant.name, tenant.template_count()),
        );
        let unlinked =
            tenant.people().filter(|person| !tenant.is_shared(person) && tenant.oid(person).is_none()).count();
        if unlinked > 0 && !config.identity.link_by_address {
            report.add(
                Level::Warn,
                format!(
                    "tenant {}: {unlinked} people have no Entra object id and cannot sign in: import their oid, or \
                     set identity.link_by_address",
                    tenant.name
                ),
            );
        }
        for source in [Source::Entra, Source::Google, Source::Database] {
            let record = store.source(&tenant.id, source).await?;
            if !record.problem.is_empty() {
                let (name, problem) = (source.as_str(), record.problem);
                report.add(Level::Warn, format!("tenant {}: the source {name} does not run: {problem}", tenant.name));
            }
        }
        check_tokens(store, &tenant, report).await?;
        for problem in tenant.problems() {
            report.add(Level::Warn, format!("tenant {}: {}: {}", tenant.name, problem.source, problem.detail));
        }
    }
    Ok(())
}

/// Tokens that are refused because whoever answers for them left or has a lesser role now.
async fn check_tokens(store: &Store, tenant: &Tenant, report: &mut Report) -> anyhow::Result<()> {
    let now_ms = Clock::system().now_ms();
    let tokens = store.list_tokens(&tenant.id).await?;
    if let Some(refused) = refused_secrets(&tokens, now_ms) {
        report.add(Level::Warn, format!("tenant {}: connector: {refused}", tenant.name));
    }
    let is_secret = |known: &KnownToken| known.record.scopes == [Scope::DatabaseUpload];
    for known in tokens.iter().filter(|known| !is_secret(known) && now_ms < known.record.expires_ms) {
        if let Some(trouble) = known.trouble() {
            let lost: Vec<_> = known.lost().into_iter().map(Scope::as_str).collect();
            let (tenant, token, lost) = (&tenant.name, &known.record.name, lost.join(", "));
            report.add(
                Level::Warn,
                format!("tenant {tenant}: the API token “{token}” has lost {lost} because {trouble}: an admin can take it over, or revoke it, on the page API tokens"),
            );
        }
    }
    Ok(())
}
