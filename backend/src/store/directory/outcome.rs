//! The effect of a run's plan, stored with the run as JSON, for people to review. The steps themselves are rows.

use serde::{Deserialize, Serialize};

/// The effect of applying a run. Runs of earlier versions are stored unchanged, so new properties have defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunPlan {
    /// New people.
    pub added: u64,
    /// People with at least one new value.
    pub changed: u64,
    /// Unchanged people.
    pub unchanged: u64,
    /// People who lose their values from the source because it no longer has them.
    pub cleared: u64,
    /// Of these, people who are removed because no other source has them.
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
    /// Differences that a full fetch corrected and the source had not reported as changes; `None` in other runs.
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

/// A row that cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
pub struct PlannedValue {
    /// The field's token.
    pub token: String,
    /// The source's current value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The new value; `None` if it is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}
