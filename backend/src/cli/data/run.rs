//! `paraph run`: asks a source now, shows what it changes, and applies it.

use crate::app::App;
use crate::cli::output;
use crate::cli::tenants;
use crate::clock::Clock;
use crate::config::Config;
use crate::directory::{Importer, Starter};
use crate::jobs;
use crate::store::{Cause, Role, RunRecord, RunState, Source, Store};
use crate::tenant::Tenant;
use ::api::console::{ApplyRun, RunPlan, StartRun};
use anyhow::{Context as _, bail};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How often it is looked how far the run is.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Options of `paraph run`.
#[derive(Clone, Debug, clap::Args)]
pub struct RunOptions {
    /// `entra` or `google`
    #[arg(value_name = "SOURCE")]
    pub source: String,
    /// The organisation, by its Entra tenant id, id, name or domain; by default the only one
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// Show what would change without changing anything
    #[arg(long)]
    pub dry_run: bool,
    /// Fetch everyone instead of the changes since the last run
    #[arg(long)]
    pub whole: bool,
    /// Apply the run even if it removes so much that it needs confirmation
    #[arg(long)]
    pub confirm: bool,
}

/// Runs a source and prints what it changes.
///
/// # Errors
/// When there is no such source or organisation, or the run fails.
pub async fn run(config: Config, options: &RunOptions) -> anyhow::Result<ExitCode> {
    let source = Source::parse(&options.source).filter(|source| matches!(source, Source::Entra | Source::Google));
    let source = source.with_context(|| format!("cannot fetch from {:?}: write entra or google", options.source))?;
    let store = crate::cli::open(&config.database).await?;
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
    let app = Arc::new(App::command(config, store.clone(), Clock::system()).await?);
    let tenant = tenant(&app, options.tenant.as_deref()).await?;
    // This command is a node like servers, so it sends heartbeats until it has ended.
    let (stop, stopped) = watch::channel(false);
    let living = tokio::spawn({
        let leases = app.leases.clone();
        async move { leases.node().live(stopped).await }
    });
    let ended = work(&app, &tenant, options, source).await;
    stop.send_replace(true);
    living.await?;
    app.leases.node().leave().await;
    let ended = ended?;
    match ended.state {
        RunState::Applied => output::print("Applied.\n")?,
        RunState::Planned if options.dry_run => output::print("Dry run: nothing was changed.\n")?,
        RunState::Planned => {
            output::print(
                "Nothing was applied: check the plan, then run this again with --confirm, or apply it in the \
                 console.\n",
            )?;
            return Ok(ExitCode::FAILURE);
        }
        _ => bail!("{}", if ended.failure.is_empty() { "the run was cancelled" } else { &ended.failure }),
    }
    Ok(ExitCode::SUCCESS)
}

/// Fetches and, where that is wanted, applies.
async fn work(app: &Arc<App>, tenant: &Arc<Tenant>, options: &RunOptions, source: Source) -> anyhow::Result<RunRecord> {
    let who = Importer { actor: "cli".into(), role: Role::Owner };
    let how = StartRun { preview: options.dry_run, whole: options.whole, clear: false };
    let begun = app.runs.fetch(tenant, source, how, Starter { cause: Cause::Cli, actor: who.actor.clone() }).await?;
    let mut ended = end(app, tenant, &begun.id).await?;
    // In the words in which the connector shows it, too.
    output::print(&ended.plan.clone().map(|plan| RunPlan::from(plan).to_string()).unwrap_or_default())?;
    if ended.state == RunState::Planned && !options.dry_run && options.confirm {
        let how = ApplyRun { skip_wrong: true, confirmed: true };
        app.runs.apply(tenant, &begun.id, &how, who).await?;
        ended = end(app, tenant, &begun.id).await?;
    }
    Ok(ended)
}

async fn tenant(app: &App, wanted: Option<&str>) -> anyhow::Result<Arc<Tenant>> {
    let all = app.store.list_tenants().await?;
    let id = match (wanted, all.as_slice()) {
        (Some(wanted), _) => &tenants::find(&all, wanted)?.id,
        (None, [only]) => &only.id,
        (None, []) => bail!("there is no organisation yet: import one, or add it in the console"),
        (None, _) => bail!("there are several organisations: choose one with --tenant: {}", tenants::listed(&all)),
    };
    app.tenants.get(id).await?.context("the organisation has just been removed")
}

/// The run once it waits for confirmation or has ended. This process works on it unless a server has claimed it first.
async fn end(app: &Arc<App>, tenant: &Tenant, id: &str) -> anyhow::Result<RunRecord> {
    let mut told = 0;
    let mut working = tokio::spawn(jobs::go_on(Arc::clone(app), tenant.id.clone(), id.to_owned()));
    loop {
        let ended = tokio::time::timeout(LOOK_EVERY, &mut working).await;
        let record = app.runs.get(tenant, id).await?;
        match record.state {
            RunState::Fetching | RunState::Planning | RunState::Applying => {}
            _ => return Ok(record),
        }
        if let Ok(ended) = ended {
            // It has stopped on its way, or a server has it: it is looked at again, and taken when it is free.
            ended??;
            app.clock.sleep(LOOK_EVERY).await;
            working = tokio::spawn(jobs::go_on(Arc::clone(app), tenant.id.clone(), id.to_owned()));
        }
        if record.done > told {
            told = record.done;
            output::hint(&format!("{told} people …\n"));
        }
    }
}
