//! Directory runs: fetch -> plan -> look -> apply, whatever the source. A CSV file that somebody uploads begins one, too.

use crate::console::Source;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Which runs, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct RunsQuery {
    /// Only this source's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Only those that a file began, whatever its values count as; then `source` does not matter.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub files: bool,
    /// How many to skip.
    pub offset: u32,
    /// How many to give, 50 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = crate::console::MAX_PAGE)))]
    pub limit: Option<u32>,
}

/// Runs of the last days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Runs {
    /// Each without its issues, its sample and its file's columns.
    pub runs: Vec<Run>,
    /// How many there are of this source.
    pub total: u64,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Run {
    /// Its id.
    pub id: String,
    /// Whose values it brings.
    pub source: Source,
    /// What began it.
    pub cause: Cause,
    /// Whether it only shows what it would change.
    pub preview: bool,
    /// Where it is.
    pub state: RunState,
    /// Rows done of `rows` in this state; of a fetch, how many came so far.
    pub done: u64,
    /// How many rows; 0 while that is not known.
    pub rows: u64,
    /// What it changes; absent while that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<RunPlan>,
    /// The file that began it; absent in other runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<RunFile>,
    /// Why it failed or waits, and what to do.
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

/// The file that began a run, how it was read, and how its values count.
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

/// A column of a file, and where its values go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FileColumn {
    /// What stands in the file's head.
    pub name: String,
    /// Up to three values of it.
    pub samples: Vec<String>,
    /// The field's token; `address` for the primary address, which names the person; absent: left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// What began a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Somebody sent a file.
    File,
    /// The connector sent rows.
    Connector,
    /// It was time.
    Schedule,
    /// Somebody asked for it.
    Button,
    /// The command line.
    Cli,
}

/// Begins a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StartRun {
    /// Whether only to show what it would change.
    #[serde(default)]
    pub preview: bool,
    /// Whether to fetch everybody instead of what changed since the last run.
    #[serde(default)]
    pub whole: bool,
    /// Whether to take away everything that the source said: for one that is not connected any more. Nothing is fetched.
    #[serde(default)]
    pub clear: bool,
}

/// Where a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// The source is being asked, or sends what it has.
    Fetching,
    /// What came is being compared with what is there.
    Planning,
    /// The plan can be looked at.
    Planned,
    /// The plan is being applied.
    Applying,
    /// Done.
    Applied,
    /// Somebody cancelled it; nothing was changed.
    Cancelled,
    /// It could not be done; nothing was changed.
    Failed,
}

/// What applying would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunPlan {
    /// People whom the directory does not have yet.
    pub added: u64,
    /// People with at least one new value.
    pub changed: u64,
    /// People who have everything already.
    pub unchanged: u64,
    /// People of whom the source says nothing any more: they lose what it said.
    pub cleared: u64,
    /// Of these, people whom no other source has: they leave the directory. What was written by hand is kept for 30 days.
    #[serde(default)]
    pub removed: u64,
    /// Groups that are new, have another name or are gone.
    #[serde(default)]
    pub groups: u64,
    /// Memberships that are new or gone.
    #[serde(default)]
    pub members: u64,
    /// Rows about addresses that nobody here has, where such rows add nobody.
    #[serde(default)]
    pub unmatched: u64,
    /// Rows that cannot be imported, in all.
    pub wrong: u64,
    /// What a fetch of everybody corrected although the source had not told of a change; absent in other runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<Drift>,
    /// The first rows that cannot be imported.
    pub issues: Vec<RowIssue>,
    /// The first people who would change.
    pub sample: Vec<PlannedPerson>,
    /// Whether it takes so much away that it must be confirmed.
    pub needs_confirmation: bool,
    /// Why, as clauses such as `the source returned none of the 3 people it had`; none where nobody has to confirm it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

/// What was not as the source has it, and of which it had not said that it changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Drift {
    /// People who were missing, left over or had other values.
    pub people: u64,
    /// Groups that were missing, left over or had another name.
    pub groups: u64,
    /// Memberships that were missing or left over.
    pub members: u64,
    /// Addresses and names of the first 20 people and groups.
    pub sample: Vec<String>,
}

impl Drift {
    /// Whether everything was as the source has it.
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

/// Characters of a value in a line of a terminal.
const SHOWN: usize = 60;

impl fmt::Display for RunPlan {
    /// For the command line: how many, the first people with each value, and what cannot be taken over.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [
            (self.added, "new people"),
            (self.changed, "changed people"),
            (self.unchanged, "unchanged people"),
            (self.cleared, "people who lose what the source said of them"),
            (self.removed, "of these who leave the directory"),
            (self.groups, "groups that are new, renamed or gone"),
            (self.members, "memberships that are new or gone"),
            (self.unmatched, "rows with an address that nobody has here"),
            (self.wrong, "rows or values that cannot be taken over"),
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
            writeln!(f, "It takes so much away that it must be confirmed.")?;
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
    /// The line in the file where the row begins, or the row of the query's result, from 1; 0: the source has none.
    pub line: u64,
    /// Whom or what it is about, where there are no lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The column, where one is at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What is wrong and what to do.
    pub detail: String,
}

/// Somebody who would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlannedPerson {
    /// Primary address.
    pub address: String,
    /// Whether the directory does not have them yet.
    pub is_new: bool,
    /// What changes.
    pub changes: Vec<PlannedValue>,
}

/// A value that would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlannedValue {
    /// The field's token.
    pub token: String,
    /// The source's value until now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The new one; absent when it is taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// Applies a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ApplyRun {
    /// Whether rows with issues are left out; otherwise they stop a run that a file began.
    #[serde(default)]
    pub skip_wrong: bool,
    /// That [`RunPlan::needs_confirmation`] was seen.
    #[serde(default)]
    pub confirmed: bool,
}
