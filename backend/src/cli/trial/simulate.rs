//! `paraph simulate`: who gets what on this date, and why; with unpublished changes, what they would change.

use super::occasion::{OccasionOptions, find_person, read_draft, reasons};
use crate::clock::Clock;
use crate::config::Config;
use crate::design::changes;
use crate::design::comparisons::Run;
use crate::design::matrix;
use crate::signing::{Refusal, Signed, select_for};
use crate::store::{DesignState, Picked};
use crate::tenant::{Tenant, Tenants};
use ::api::console::{MatrixCell, PartNames};
use anyhow::Context as _;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::sync::Arc;

/// Options of `paraph simulate`.
#[derive(Clone, Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("who").required(true)))]
pub struct SimulateOptions {
    /// The address that the draft is sent from
    #[arg(long, value_name = "ADDRESS", group = "who")]
    pub from: Option<String>,
    /// Show everyone: every kind of draft, to internal and to external recipients, unless a draft is described
    #[arg(long, group = "who")]
    pub all: bool,
    /// The draft
    #[command(flatten)]
    pub occasion: OccasionOptions,
    /// Also show the result with all unpublished changes
    #[arg(long)]
    pub unpublished: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Evaluates the draft, and returns the report.
///
/// # Errors
/// When tenant or address are unknown, or the time or an address cannot be read.
pub async fn run(config: &Config, options: &SimulateOptions) -> anyhow::Result<String> {
    let at_ms = options.occasion.at_ms()?;
    let store = crate::cli::open(&config.database).await?;
    let id = options.occasion.find_tenant(&store, options.from.as_deref()).await?;
    let tenants = Tenants::new(store.clone(), Clock::system(), config.server.public_url.clone());
    let before: Arc<Tenant> = tenants.get(&id).await?.context("the tenant has just been removed")?;
    let after = if options.unpublished {
        let state = store.design_state(&before.id).await?;
        Arc::new(before.trying(changes::picked(&state, &everything(&state))))
    } else {
        Arc::clone(&before)
    };
    store.close().await;
    match &options.from {
        Some(from) => somebody(&before, &after, from, options, at_ms),
        None => everybody(before, after, options, at_ms).await,
    }
}

/// Every unpublished change.
fn everything(state: &DesignState) -> Picked {
    let unpublished = state.templates.iter().filter(|entry| entry.unpublished.is_some());
    Picked {
        templates: unpublished.map(|entry| entry.id.clone()).collect(),
        rules: state.unpublished_rules.is_some(),
        brands: state.brands.unpublished.is_some(),
        within: None,
    }
}

fn somebody(
    before: &Tenant,
    after: &Tenant,
    from: &str,
    options: &SimulateOptions,
    at_ms: i64,
) -> anyhow::Result<String> {
    let person = find_person(before, from)?;
    let draft = api::Draft { from: Some(from.to_owned()), ..options.occasion.draft() };
    let draft = read_draft(after, &person, &draft)?;
    let given = |tenant| Ok::<_, Refusal>(select_for(tenant, &person, &draft, None, at_ms)?.fill_explained().hosted());
    let old = given(before)?;
    let new = if options.unpublished { Some(given(after)?) } else { None };
    if options.json {
        let mut told = told(before, &old);
        if let Some(new) = &new {
            told["unpublished"] = self::told(after, new);
            told["affected"] = json!(old.signature.fingerprint != new.signature.fingerprint);
        }
        return Ok(format!("{told:#}\n"));
    }
    let mut text = format!("{}\n{}", in_words(&before.names(&old.choice)), reasons(&old.signature));
    if let Some(new) = &new {
        let same = old.signature.fingerprint == new.signature.fingerprint;
        let heading = if same { "nothing changes" } else { "something changes" };
        let _ = write!(
            text,
            "\nwith unpublished changes, {heading}:\n{}\n{}",
            in_words(&after.names(&new.choice)),
            reasons(&new.signature)
        );
    }
    Ok(text)
}

fn told(tenant: &Tenant, outcome: &Signed) -> Value {
    json!({
        "parts": tenant.names(&outcome.choice),
        "html": outcome.signature.html,
        "text": outcome.signature.text,
        "fingerprint": outcome.signature.fingerprint,
        "because": outcome.signature.because,
        "problems": outcome.signature.problems,
    })
}

async fn everybody(
    before: Arc<Tenant>,
    after: Arc<Tenant>,
    options: &SimulateOptions,
    at_ms: i64,
) -> anyhow::Result<String> {
    let Some(anybody) = before.records().next().map(|record| record.person()) else {
        anyhow::bail!("there are no people yet: import them with `paraph import FILE`");
    };
    let cases = if options.occasion.is_certain() {
        matrix::one(read_draft(&after, &anybody, &options.occasion.draft())?)
    } else {
        matrix::matrix(&before, &after, &anybody)
    };
    let run = Run::new(before, after, cases, at_ms);
    let looking = Arc::clone(&run);
    tokio::task::spawn_blocking(move || looking.work()).await?;
    Ok(if options.json { listed(&run, options.unpublished) } else { written(&run, options.unpublished) })
}

/// Everybody, one line of JSON each: a hundred thousand people are no single document.
fn listed(run: &Run, unpublished: bool) -> String {
    let mut lines = String::new();
    for (place, record) in run.before.records().enumerate() {
        let Some(row) = run.row_at(place) else { continue };
        let outcomes = run.outcomes(row);
        let Some(shown) = outcomes.iter().find(|outcome| outcome.affected).or(outcomes.first()) else { continue };
        let mut line = json!({ "id": record.id, "address": record.address(), "parts": shown.before });
        if unpublished {
            line["unpublished"] = json!(shown.after);
            line["affected"] = json!(row.is_affected());
        }
        if outcomes.len() > 1 {
            line["outcomes"] = json!(outcomes);
        }
        let _ = writeln!(lines, "{line}");
    }
    lines
}

fn written(run: &Run, unpublished: bool) -> String {
    let comparison = run.describe(String::new());
    let mut text = format!("{} people and mailboxes\n", comparison.total);
    for combination in &comparison.combinations {
        let cells: Vec<MatrixCell> = combination.cells.iter().map(|count| count.cell()).collect();
        let words = in_words(&combination.parts) + &limited_to(&cells);
        let _ = if unpublished {
            writeln!(text, "  {:>7} now, {:>7} then: {words}", combination.before, combination.after)
        } else {
            writeln!(text, "  {:>7}: {words}", combination.before)
        };
    }
    if unpublished {
        let _ = writeln!(text, "{} get something different with the unpublished changes", comparison.affected);
        let rows = run.before.records().enumerate().filter_map(|(place, record)| Some((record, run.row_at(place)?)));
        for (record, row) in rows.filter(|(_, row)| row.is_affected()) {
            for outcome in run.outcomes(row).iter().filter(|outcome| outcome.affected) {
                let (before, after) = (in_words(&outcome.before), in_words(&outcome.after));
                let _ = writeln!(text, "  {}: {before} -> {after}{}", record.address(), limited_to(&outcome.cells));
            }
        }
    }
    text
}

/// ` (replies and forwards)`; nothing for all cells, and for a draft that is described.
fn limited_to(cells: &[MatrixCell]) -> String {
    if cells.is_empty() || cells.len() == MatrixCell::ALL.len() {
        return String::new();
    }
    format!(" ({})", MatrixCell::in_words(cells))
}

/// `signature Long, disclaimer Short`.
fn in_words(parts: &PartNames) -> String {
    let parts = [("signature", &parts.signature), ("campaign", &parts.campaign), ("disclaimer", &parts.disclaimer)];
    let named: Vec<_> = parts.iter().filter_map(|(part, name)| Some(format!("{part} “{}”", name.as_ref()?))).collect();
    if named.is_empty() { "no signature".into() } else { named.join(", ") }
}
