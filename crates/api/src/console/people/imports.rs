//! CSV imports: upload -> plan -> look -> apply.

use crate::console::{RunPlan, RunState};
use serde::{Deserialize, Serialize};

/// Largest CSV file, in bytes.
pub const MAX_CSV: usize = 64 * 1024 * 1024;
/// Most rows in a CSV file.
pub const MAX_ROWS: usize = 250_000;

/// How a file is to be read; what is absent is found out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ImportQuery {
    /// The file's name, for the list. At most 200 characters.
    pub name: String,
    /// The delimiter: one of `,`, `;`, `|` and a tab.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// `utf-8`, `utf-16le`, `utf-16be` or `windows-1252`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
}

/// Imports of the last days, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Imports {
    /// The imports, each without its sample.
    pub imports: Vec<Import>,
}

/// An import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Import {
    /// Its id.
    pub id: String,
    /// The file's name.
    pub name: String,
    /// Where it is.
    pub state: RunState,
    /// Rows done of `rows` in this state.
    pub done: u64,
    /// Rows in the file, without its head.
    pub rows: u64,
    /// How the file was read: `utf-8`, `utf-16le`, `utf-16be` or `windows-1252`.
    pub encoding: String,
    /// The delimiter.
    pub delimiter: String,
    /// The file's columns, in order.
    pub columns: Vec<ImportColumn>,
    /// Whose values these are, as in [`ImportMapping::source`].
    pub source: crate::console::Source,
    /// Whether the file is complete, as in [`ImportMapping::complete`].
    pub complete: bool,
    /// What applying would do; absent while it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<RunPlan>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// Who started it.
    pub actor: String,
    /// When, in milliseconds UTC.
    pub created_ms: i64,
}

/// A column of the file, and where its values go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImportColumn {
    /// What stands in the file's head.
    pub name: String,
    /// Up to three values of it.
    pub samples: Vec<String>,
    /// The field's token; `address` for the primary address, which names the person; absent: left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// Where the columns' values go, and how they count. The plan is made again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ImportMapping {
    /// One entry a column, in order: a field's token, `address`, or `null`.
    pub fields: Vec<Option<String>>,
    /// `csv` (a directory's) or `manual` (an admin's).
    pub source: crate::console::Source,
    /// Whether people who are not in the file lose what an earlier file said of them.
    #[serde(default)]
    pub complete: bool,
}

/// Applies a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ApplyImport {
    /// Whether rows with issues are left out; otherwise they stop the import.
    #[serde(default)]
    pub skip_wrong: bool,
    /// That [`RunPlan::needs_confirmation`] was seen.
    #[serde(default)]
    pub confirmed: bool,
}
