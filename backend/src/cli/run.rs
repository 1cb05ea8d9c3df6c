//! `paraph run`: asks a source now, shows what it changes, and applies it.

use super::output;
use crate::clock::Clock;
use crate::config::Config;
use crate::directory::{Importer, Runs};
use crate::outbound::Client;
use crate::sealing;
use crate::store::{RunRecord, Source, Store};
use crate::tenant::{Tenant, Tenants};
use ::api::console::{ApplyImport, Cause, Role, RunState, StartRun};
use anyhow::{Context as _, bail};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// How often it is looked how far the run is.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What to run.
#[derive(Clone, Debug, clap::Args)]
pub struct RunOptions {
    /// `entra` or `google`
    #[arg(value_name = "SOURCE")]
    pub source: String,
    /// The organisation, by its Entra tenant id; without it the only one there is
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// Show what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Fetch everybody instead of what changed since the last run
    #[arg(long)]
    pub whole: bool,
    /// Apply it even if it takes so much away that somebody must confirm it
    #[arg(long)]
    pub confirm: bool,
}

/// Runs a source and prints what it changes.
///
/// # Errors
/// When there is no such source or organisation, or the run fails.
pub async fn run(config: Config, options: &RunOptions) -> anyhow::Result<ExitCode> {
    let source = Source::parse(&options.source).filter(|source| matches!(source, Source::Entra | Source::Google));
    let source = source.with_context(|| format!("{:?} cannot be asked: write entra or google", options.source))?;
    let store = super::open(&config.database).await?;
    let ended = fetch_and_apply(config, options, source, &store).await;
    store.close().await;
    ended
}

async fn fetch_and_apply(
    config: Config,
    options: &RunOptions,
    source: Source,
    store: &Store,
) -> anyhow::Result<ExitCode> {
    let clock = Clock::system();
    let signing = Tenants::new(store.clone(), clock.clone(), config.server.public_url.clone());
    let tenant = tenant(store, &signing, options.tenant.as_deref()).await?;
    let sealer = Arc::new(sealing::unlock(&config, store, &clock).await?.sealer);
    let runs = Runs::new(store.clone(), signing, Client::new(&config.outbound, &clock), (config, sealer));
    let who = Importer { actor: "cli".into(), role: Role::Owner };
    let how = StartRun { preview: options.dry_run, whole: options.whole, clear: false };
    let begun = runs.fetch(&tenant, source, (Cause::Cli, how), who.clone()).await?;
    let mut ended = end(&runs, &tenant, &begun.id).await?;
    output::print(&ended.plan.as_ref().map(ToString::to_string).unwrap_or_default())?;
    if ended.state == RunState::Planned && !options.dry_run && options.confirm {
        let how = ApplyImport { skip_wrong: true, confirmed: true };
        runs.apply(&tenant, &begun.id, &how, who).await?;
        ended = end(&runs, &tenant, &begun.id).await?;
    }
    match ended.state {
        RunState::Applied => output::print("Applied.\n")?,
        RunState::Planned if options.dry_run => output::print("Dry run: nothing was changed.\n")?,
        RunState::Planned => {
            output::print(
                "Nothing was applied: look at it, then run it again with --confirm, or apply it in the console.\n",
            )?;
            return Ok(ExitCode::FAILURE);
        }
        _ => bail!("{}", if ended.failure.is_empty() { "the run was cancelled" } else { &ended.failure }),
    }
    Ok(ExitCode::SUCCESS)
}

async fn tenant(store: &Store, signing: &Tenants, wanted: Option<&str>) -> anyhow::Result<Arc<Tenant>> {
    let all = store.list_tenants().await?;
    let entra_id = match (wanted, all.as_slice()) {
        (Some(wanted), _) => wanted.to_owned(),
        (None, [only]) => only.entra_id.clone(),
        (None, []) => bail!("there is no organisation yet: import one, or add it in the console"),
        (None, _) => bail!("there are {} organisations: name one with --tenant and its Entra tenant id", all.len()),
    };
    let found = signing.tenant(&entra_id).await?;
    found.with_context(|| format!("there is no organisation with the Entra tenant id {entra_id:?}"))
}

/// The run once it waits for somebody, or has ended.
async fn end(runs: &Runs, tenant: &Tenant, id: &str) -> anyhow::Result<RunRecord> {
    let mut told = 0;
    loop {
        let record = runs.get(tenant, id).await?;
        match record.state {
            RunState::Fetching | RunState::Planning | RunState::Applying => {}
            _ => return Ok(record),
        }
        if record.done > told {
            told = record.done;
            output::hint(&format!("{told} people …\n"));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
