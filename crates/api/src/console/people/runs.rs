//! Directory runs: fetch -> plan -> review -> apply, for all sources, including uploaded CSV files.

use crate::console::Source;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Filter for runs, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct RunsQuery {
    /// Only runs of this source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Only runs of files, of any source; then `source` is ignored.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub files: bool,
    /// How many to skip.
    pub offset: u32,
    /// How many to return, 50 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = crate::console::MAX_PAGE)))]
    pub limit: Option<u32>,
}

/// Runs of the last days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Runs {
    /// Runs without issues, sample and file columns.
    pub runs: Vec<Run>,
    /// Number of runs with this filter.
    pub total: u64,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Run {
    /// Run id.
    pub id: String,
    /// Source of the values.
    pub source: Source,
    /// Cause of the run.
    pub cause: Cause,
    /// Whether this is only a preview, which is never applied.
    pub preview: bool,
    /// State of the run.
    pub state: RunState,
    /// Rows processed in this state, out of `rows`; during a fetch, number of people received so far.
    pub done: u64,
    /// Total number of rows; 0 while unknown.
    pub rows: u64,
    /// The plan; absent while unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<RunPlan>,
    /// The uploaded file; absent in other runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<RunFile>,
    /// Why the run failed or waits, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// Who started the run.
    pub actor: String,
    /// Start, in milliseconds UTC.
    pub created_ms: i64,
    /// End, in milliseconds UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_ms: Option<i64>,
}

/// An uploaded file, and how it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunFile {
    /// File name.
    pub name: String,
    /// How the file was read: `utf-8`, `utf-16le`, `utf-16be` or `windows-1252`.
    pub encoding: String,
    /// The delimiter.
    pub delimiter: String,
    /// Columns of the file, in order.
    pub columns: Vec<FileColumn>,
    /// Whether people who are not in the file lose the values that an earlier file gave them.
    pub complete: bool,
}

/// A column of a file, and the field for its values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FileColumn {
    /// Name in the file's header.
    pub name: String,
    /// Up to three sample values.
    pub samples: Vec<String>,
    /// Token of the field; `address` for the primary address, which identifies the person; absent to ignore the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// Cause of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A user uploaded a file.
    File,
    /// The connector sent rows.
    Connector,
    /// The schedule.
    Schedule,
    /// A user pressed a button.
    Button,
    /// The command line.
    Cli,
}

/// Starts a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StartRun {
    /// Whether to only show the changes.
    #[serde(default)]
    pub preview: bool,
    /// Whether to fetch everyone instead of changes since the last run.
    #[serde(default)]
    pub whole: bool,
    /// Whether to remove all values of a source that is no longer connected. Nothing is fetched.
    #[serde(default)]
    pub clear: bool,
}

/// State of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Data is being fetched from the source or uploaded by it.
    Fetching,
    /// The received data is being compared with the stored data.
    Planning,
    /// The plan can be reviewed.
    Planned,
    /// The plan is being applied.
    Applying,
    /// The plan was applied.
    Applied,
    /// The run was cancelled; nothing was changed.
    Cancelled,
    /// The run failed; nothing was changed.
    Failed,
}

/// The effect of applying a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunPlan {
    /// New people.
    pub added: u64,
    /// People with at least one new value.
    pub changed: u64,
    /// Unchanged people.
    pub unchanged: u64,
    /// People who lose their values from the source because it no longer has them.
    pub cleared: u64,
    /// Of these, people who are removed because no other source has them. Values entered by hand are kept for 30 days.
    #[serde(default)]
    pub removed: u64,
    /// Groups that are added, renamed or removed.
    #[serde(default)]
    pub groups: u64,
    /// Memberships that are added or removed.
    #[serde(default)]
    pub members: u64,
    /// Rows with unknown addresses, if such rows do not add people.
    #[serde(default)]
    pub unmatched: u64,
    /// Total number of rows that cannot be imported.
    pub wrong: u64,
    /// Differences that a full fetch corrected and the source had not reported as changes; absent in other runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<Drift>,
    /// The first rows that cannot be imported.
    pub issues: Vec<RowIssue>,
    /// The first people who would change.
    pub sample: Vec<PlannedPerson>,
    /// Whether so much would be removed that the run must be confirmed.
    pub needs_confirmation: bool,
    /// Reasons why the run must be confirmed, as clauses such as `the source returned none of the 3 people it had`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

/// Differences to the source that it had not reported as changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Drift {
    /// People who were missing, superfluous or had different values.
    pub people: u64,
    /// Groups that were missing, superfluous or had a different name.
    pub groups: u64,
    /// Memberships that were missing or superfluous.
    pub members: u64,
    /// Addresses and names of the first 20 people and groups.
    pub sample: Vec<String>,
}

impl Drift {
    /// Whether there were no differences.
    pub fn is_none(&self) -> bool {
        self.people + self.groups + self.members == 0
    }
}

impl fmt::Display for Drift {
    /// In one line, such as `2 people, 0 groups and 1 membership had drifted: ada@example.com, grace@example.com`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |count: u64, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
        let (people, groups) = (count(self.people, "person", "people"), count(self.groups, "group", "groups"));
        write!(f, "{people}, {groups} and {} had drifted", count(self.members, "membership", "memberships"))?;
        if self.sample.is_empty() { Ok(()) } else { write!(f, ": {}", self.sample.join(", ")) }
    }
}

/// Maximum number of shown characters of a value in the terminal.
const SHOWN: usize = 60;

impl fmt::Display for RunPlan {
    /// For the command line: counts, the first people with their values, and issues.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [
            (self.added, "new people"),
            (self.changed, "changed people"),
            (self.unchanged, "unchanged people"),
            (self.cleared, "people who lose this source's values"),
            (self.removed, "of these, people removed from the directory"),
            (self.groups, "groups added, renamed or removed"),
            (self.members, "memberships added or removed"),
            (self.unmatched, "rows with an address that no person in Paraph has"),
            (self.wrong, "rows or values that cannot be imported"),
        ];
        if counts.iter().all(|(count, _)| *count == 0) {
            writeln!(f, "nothing to change")?;
        }
        for (count, words) in counts.into_iter().filter(|(count, _)| *count > 0) {
            writeln!(f, "{words}: {count}")?;
        }
        for person in &self.sample {
            writeln!(f, "{}{}", person.address, if person.is_new { " (new)" } else { "" })?;
            for change in &person.changes {
                let shown = |value: &Option<String>| {
                    let Some(value) = value else { return "nothing".to_owned() };
                    let rest = if value.chars().nth(SHOWN).is_some() { "…" } else { "" };
                    format!("{:?}{rest}", value.chars().take(SHOWN).collect::<String>())
                };
                writeln!(f, "    {}: {} -> {}", change.token, shown(&change.from), shown(&change.to))?;
            }
        }
        for issue in &self.issues {
            let place = match (&issue.subject, issue.line) {
                (Some(subject), _) => subject.clone(),
                (None, line) => format!("row {line}"),
            };
            let column = issue.column.as_ref().map(|column| format!(", {column}")).unwrap_or_default();
            writeln!(f, "{place}{column}: {}", issue.detail)?;
        }
        match &self.drift {
            Some(drift) if drift.is_none() => writeln!(f, "nothing had drifted")?,
            Some(drift) => writeln!(f, "{drift}")?,
            None => {}
        }
        if self.needs_confirmation {
            writeln!(f, "It removes so much that it must be confirmed.")?;
            for reason in &self.reasons {
                writeln!(f, "    {reason}")?;
            }
        }
        Ok(())
    }
}

/// A row that cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RowIssue {
    /// The line in the file where the row begins, or the number of the row in the query's result, from 1; 0 if the source has
    /// no rows.
    pub line: u64,
    /// Person or object of the issue, if there are no lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The column with the problem, if it is in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The problem, and what to do.
    pub detail: String,
}

/// A person who would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlannedPerson {
    /// Primary address.
    pub address: String,
    /// Whether the person is new.
    pub is_new: bool,
    /// Changed values.
    pub changes: Vec<PlannedValue>,
}

/// A value that would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlannedValue {
    /// The field's token.
    pub token: String,
    /// The source's current value; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The new value; absent if it is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// Applies a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ApplyRun {
    /// Whether rows with issues are skipped; otherwise they stop the run of a file.
    #[serde(default)]
    pub skip_wrong: bool,
    /// Confirms a plan with [`RunPlan::needs_confirmation`].
    #[serde(default)]
    pub confirmed: bool,
}
