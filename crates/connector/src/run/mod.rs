//! One run: fetch the target → query → spool the rows → send missing parts → wait until Paraph has planned or applied.
//! Nothing is sent before all rows are fetched, and the server applies all of them or none.

mod patience;

use crate::clock::Clock;
use crate::config::{Config, Place};
use crate::mapping::{self, Pick};
use crate::paraph::{self, Client, PROGRAM};
use crate::random;
use crate::sealed::Sealer;
use crate::source::{self, Reading, Settings};
use crate::spool::{self, Full, Spool, Writer};
use api::connector::{NewUpload, Target, Upload};
use api::console::RunState;
use patience::Patience;
use std::time::Duration;

/// Dependencies of a run.
#[derive(Clone)]
pub struct Needs {
    /// Data folder with the settings and the spool.
    pub place: Place,
    /// The clock.
    pub clock: Clock,
    /// How long to wait for an unavailable Paraph.
    pub patience: Duration,
}

/// Purpose of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Paraph applies the rows.
    Apply,
    /// Paraph only plans what it would apply.
    Preview,
}

/// Progress of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Querying the database; with the number of rows so far.
    Querying(u64),
    /// Sending a part; with its number and the number of parts.
    Sending(u32, u32),
    /// Paraph plans or applies; with its state, the rows processed and the number of rows.
    Waiting(RunState, u64, u64),
    /// Paraph is unavailable; the run continues when it is back.
    Away,
}

/// Result of a run.
#[derive(Clone, Debug)]
pub struct Done {
    /// The upload, from Paraph's answer.
    pub upload: Upload,
    /// Warnings, which did not stop the run.
    pub warnings: Vec<String>,
}

/// Why a run stopped. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// A problem with the database or the query.
    #[error(transparent)]
    Source(#[from] source::Trouble),
    /// A problem with Paraph or the network.
    #[error(transparent)]
    Paraph(#[from] paraph::Trouble),
    /// A problem with the settings.
    #[error("{0}")]
    Settings(String),
    /// A problem on this machine.
    #[error(transparent)]
    Machine(#[from] anyhow::Error),
}

impl From<Full> for Stopped {
    fn from(full: Full) -> Self {
        match full {
            Full::Much(what) => source::Trouble::Much(what).into(),
            Full::Disk(_) => Self::Machine(full.into()),
        }
    }
}

/// Runs once, with the current settings from the file.
///
/// # Errors
/// Why the run stopped.
pub async fn run(needs: &Needs, purpose: Purpose, say: &mut (dyn FnMut(Step) + Send)) -> Result<Done, Stopped> {
    let config = needs.place.load()?;
    config.check().map_err(Stopped::Settings)?;
    let sealer = needs.place.sealer()?;
    let client = Client::new(&config, &sealer)?;
    let patience = Patience::new(needs.clock.clone(), needs.patience);

    let target = patience.ask(say, || client.target()).await?;
    let mut warnings = checked(&config, &target, needs.clock.now_ms())?;
    let Fetched { picks, mut spool, warnings: more } = fetch(needs, &config, &sealer, say).await?;
    warnings.extend(more);
    let new = NewUpload {
        id: random::id(),
        columns: picks.into_iter().map(|pick| pick.column).collect(),
        rows: spool.rows,
        parts: spool.parts(),
        digest: spool.digest.clone(),
        preview: purpose == Purpose::Preview,
        program: PROGRAM.into(),
    };
    let transfer = Transfer { client: &client, patience: &patience, new: &new, spool: &mut spool };
    let sent = send(transfer, say).await;
    if matches!(sent, Err(Stopped::Paraph(paraph::Trouble::Refused(_)) | Stopped::Machine(_))) {
        // So that Paraph does not wait for the rest. If this fails, it gives up by itself later.
        let _ = client.cancel(&new.id).await;
    }
    Ok(Done { upload: sent?, warnings })
}

/// Checks that the settings match Paraph's fields, and returns warnings.
fn checked(config: &Config, target: &Target, now_ms: i64) -> Result<Vec<String>, Stopped> {
    /// How much the clocks may differ: the tolerance of Paraph's own time checks.
    const SKEW_MS: i64 = 5 * 60 * 1000;
    /// How long before its expiry a secret is reported.
    const NEAR_MS: i64 = 14 * 24 * 60 * 60 * 1000;
    let unknown = mapping::unknown(&config.mappings, &target.fields);
    if !unknown.is_empty() {
        return Err(Stopped::Settings(format!(
            "Paraph has no field {}: create it on the Fields page, or remove it from the mappings",
            unknown.join(", ")
        )));
    }
    let mut warnings = config.warnings();
    let skew = now_ms - target.now_ms;
    if skew.abs() > SKEW_MS {
        let (minutes, which) = (skew.abs() / 60_000, if skew > 0 { "ahead of" } else { "behind" });
        warnings.push(format!(
            "this machine's clock is {minutes} minutes {which} Paraph's: synchronize it with a time server"
        ));
    }
    if target.expires_ms - target.now_ms < NEAR_MS {
        warnings.push("the secret expires within two weeks: create a new one on Paraph's Database page".into());
    }
    Ok(warnings)
}

/// Result of the query.
struct Fetched {
    picks: Vec<Pick>,
    spool: Spool,
    warnings: Vec<String>,
}

/// Fetches all rows into the spool.
async fn fetch(
    needs: &Needs,
    config: &Config,
    sealer: &Sealer,
    say: &mut (dyn FnMut(Step) + Send),
) -> Result<Fetched, Stopped> {
    say(Step::Querying(0));
    let folder = needs.place.spool();
    let settings = Settings::new(config, sealer, folder.clone())?;
    let reading: Reading = source::open(&settings).await?;
    let warnings = reading.warnings.clone();
    let picks = mapping::pick(&reading.columns, &config.mappings).map_err(Stopped::Settings)?;
    let mut rows = reading.rows(picks.iter().map(|pick| pick.place).collect());
    let mut writer = Writer::new(&folder)?;
    let mut count = 0;
    while let Some(batch) = rows.next().await? {
        for row in &batch {
            writer.push(row)?;
        }
        count += batch.len() as u64;
        say(Step::Querying(count));
    }
    Ok(Fetched { picks, spool: writer.finish()?, warnings })
}

/// An upload and what sending it needs.
struct Transfer<'a> {
    client: &'a Client,
    patience: &'a Patience,
    new: &'a NewUpload,
    spool: &'a mut Spool,
}

/// Sends missing parts and waits until the upload's state is final.
async fn send(mut transfer: Transfer<'_>, say: &mut (dyn FnMut(Step) + Send)) -> Result<Upload, Stopped> {
    /// Growing pause between two requests: planning a few hundred people takes less than a second.
    const SHORTEST: Duration = Duration::from_millis(100);
    const LONGEST: Duration = Duration::from_secs(5);
    let Transfer { client, patience, new, .. } = transfer;
    let mut pause = SHORTEST;
    let mut upload = patience.ask(say, || client.begin(new)).await?;
    while !is_end(upload.state) {
        if upload.state == RunState::Fetching && upload.received < new.parts {
            upload = send_part(&mut transfer, upload.received, say).await?;
        } else {
            say(Step::Waiting(upload.state, upload.done, upload.rows));
            patience.clock.sleep(pause).await;
            pause = (pause * 3 / 2).min(LONGEST);
            upload = patience.ask(say, || client.upload(&new.id)).await?;
        }
    }
    Ok(upload)
}

async fn send_part(
    transfer: &mut Transfer<'_>,
    number: u32,
    say: &mut (dyn FnMut(Step) + Send),
) -> Result<Upload, Stopped> {
    let Transfer { client, patience, new, spool } = transfer;
    say(Step::Sending(number, new.parts));
    let content = spool.part(number).map_err(Full::Disk)?;
    let upload = patience.ask(say, || client.part(&new.id, number, content.clone())).await?;
    if upload.state == RunState::Fetching && upload.received <= number {
        return Err(paraph::Trouble::Refused(format!(
            "Paraph accepted part {number} but did not store it: check Paraph's log"
        ))
        .into());
    }
    Ok(upload)
}

fn is_end(state: RunState) -> bool {
    match state {
        RunState::Planned | RunState::Applied | RunState::Cancelled | RunState::Failed => true,
        RunState::Fetching | RunState::Planning | RunState::Applying => false,
    }
}

/// Deletes files that a killed program left behind.
pub fn clear(place: &Place) {
    spool::clear(&place.spool());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(now_ms: i64) -> Target {
        Target {
            tenant: "Contoso".into(),
            fields: Vec::new(),
            secret: "hr".into(),
            expires_ms: now_ms + 365 * 24 * 60 * 60 * 1000,
            now_ms,
        }
    }

    #[test]
    fn a_clock_that_differs_by_more_than_five_minutes_is_told() {
        let config = Config::default();
        let warnings = |now_ms| checked(&config, &target(1_000_000_000), now_ms).unwrap();
        assert_eq!(warnings(1_000_000_000 + 299_000), [""; 0]);
        assert!(warnings(1_000_000_000 + 360_000)[0].contains("6 minutes ahead"));
        assert!(warnings(1_000_000_000 - 3_600_000)[0].contains("60 minutes behind"));
    }

    #[test]
    fn a_mapping_to_a_field_that_is_gone_stops_the_run() {
        let mut config = Config::default();
        config.mappings.insert("car".into(), "x".into());
        assert!(checked(&config, &target(0), 0).unwrap_err().to_string().contains("no field car"));
    }
}
