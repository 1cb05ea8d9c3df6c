//! What applying a run would do: kept with the run as JSON, for people to look at. The steps themselves are rows.

use serde::{Deserialize, Serialize};

/// What applying would do. Runs of earlier versions are stored as they were: a part that is new has a default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunPlan {
    /// People whom the directory does not have yet.
    pub added: u64,
    /// People with at least one new value.
    pub changed: u64,
    /// People who have everything already.
    pub unchanged: u64,
    /// People of whom the source says nothing any more: they lose what it said.
    pub cleared: u64,
    /// Of these, people whom no other source has: they leave the directory.
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
    /// What a fetch of everybody corrected although the source had not told of a change; `None` in other runs.
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

/// A row that cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
pub struct PlannedValue {
    /// The field's token.
    pub token: String,
    /// The source's value until now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The new one; `None` when it is taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}
