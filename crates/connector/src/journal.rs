//! Results of the last runs, in a small file, for `status` and the configuration page.

use crate::files;
use crate::paraph;
use crate::run::{Done, Stopped};
use api::console::{RunPlan, RunState};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// How many runs are kept.
const KEPT: usize = 20;

/// State of the program and its last runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Journal {
    /// When the program started, in milliseconds UTC.
    pub started_ms: Option<i64>,
    /// When the next run begins.
    pub next_ms: Option<i64>,
    /// When the current run began.
    pub running_ms: Option<i64>,
    /// Since when Paraph has been unavailable.
    pub away_since_ms: Option<i64>,
    /// Last runs, newest first.
    pub runs: Vec<Entry>,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When the run began.
    pub began_ms: i64,
    /// When the run ended.
    pub ended_ms: i64,
    /// How the run ended.
    pub outcome: Outcome,
    /// Number of rows that the query returned.
    #[serde(default)]
    pub rows: u64,
    /// Counts of what the run changed, without people's addresses and values.
    #[serde(default)]
    pub plan: Option<RunPlan>,
    /// Why the run failed or waits, and what to do.
    #[serde(default)]
    pub detail: Option<String>,
    /// Warnings, which did not stop the run.
    #[serde(default)]
    pub warnings: Vec<String>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Paraph applied it.
    Applied,
    /// Waits for an admin to confirm it in Paraph.
    Waiting,
    /// An admin cancelled it.
    Cancelled,
    /// Paraph was unavailable.
    Away,
    /// The run failed.
    Failed,
}

impl Entry {
    /// The entry for a run that ended.
    pub fn new(began_ms: i64, ended_ms: i64, ended: &Result<Done, Stopped>) -> Self {
        let entry =
            |outcome, detail| Self { began_ms, ended_ms, outcome, rows: 0, plan: None, detail, warnings: Vec::new() };
        match ended {
            Ok(done) => Self {
                rows: done.upload.rows,
                plan: done.upload.plan.as_ref().map(nobody_named),
                warnings: done.warnings.clone(),
                ..entry(outcome(done.upload.state), done.upload.failure.clone())
            },
            Err(stopped @ Stopped::Paraph(paraph::Trouble::Away { .. })) => {
                entry(Outcome::Away, Some(format!("{stopped:#}")))
            }
            Err(stopped) => entry(Outcome::Failed, Some(format!("{stopped:#}"))),
        }
    }
}

fn outcome(state: RunState) -> Outcome {
    match state {
        RunState::Applied => Outcome::Applied,
        RunState::Planned => Outcome::Waiting,
        RunState::Cancelled => Outcome::Cancelled,
        RunState::Failed | RunState::Fetching | RunState::Planning | RunState::Applying => Outcome::Failed,
    }
}

/// The counts alone: people's addresses and values are shown in the console and not kept in a file here.
fn nobody_named(plan: &RunPlan) -> RunPlan {
    RunPlan { issues: Vec::new(), sample: Vec::new(), ..plan.clone() }
}

impl Journal {
    /// Reads the file; an empty journal if it is missing or cannot be parsed.
    pub fn load(path: &Path) -> Self {
        std::fs::read(path).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }

    /// Writes the file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: &Path) -> anyhow::Result<()> {
        files::write(path, &serde_json::to_vec_pretty(self)?)
    }

    /// Adds a run that ended.
    pub fn add(&mut self, entry: Entry) {
        self.running_ms = None;
        self.away_since_ms = match entry.outcome {
            Outcome::Away => self.away_since_ms.or(Some(entry.began_ms)),
            // These ended before Paraph was contacted, or with its answer.
            _ => None,
        };
        self.runs.insert(0, entry);
        self.runs.truncate(KEPT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_known_since_when_paraph_has_been_away() {
        let mut journal = Journal::default();
        let away = || Err(paraph::Trouble::Away { detail: "503".into(), wait: None }.into());
        for began in [1, 2, 3] {
            journal.add(Entry::new(began, began, &away()));
        }
        assert_eq!(journal.away_since_ms, Some(1));
        journal.add(Entry::new(4, 4, &Err(Stopped::Settings("x".into()))));
        assert_eq!(journal.away_since_ms, None);
        for began in 0..100 {
            journal.add(Entry::new(began, began, &away()));
        }
        assert_eq!(journal.runs.len(), KEPT);
        assert_eq!(journal.runs[0].began_ms, 99);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("status");
        journal.save(&path).unwrap();
        assert_eq!(Journal::load(&path), journal);
        std::fs::write(&path, "{").unwrap();
        assert_eq!(Journal::load(&path), Journal::default());
    }
}
