//! CSV files: an upload starts a run, whose columns are then mapped.

use serde::{Deserialize, Serialize};

/// Largest CSV file, in bytes.
pub const MAX_CSV: usize = 64 * 1024 * 1024;
/// Most rows in a CSV file.
pub const MAX_ROWS: usize = 250_000;

/// How to read a file; absent properties are detected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct FileQuery {
    /// The file's name, for the list. At most 200 characters.
    pub name: String,
    /// The delimiter: one of `,`, `;`, `|` and a tab.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// `utf-8`, `utf-16le`, `utf-16be` or `windows-1252`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
}

/// Mapping of the columns and precedence of their values. The plan is made again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FileMapping {
    /// One entry per column, in order: a field's token, `address`, or `null`.
    pub fields: Vec<Option<String>>,
    /// Source of the values: `csv` (like a directory) or `manual` (like an admin).
    pub source: crate::console::Source,
    /// Whether people who are not in the file lose the values of earlier files.
    #[serde(default)]
    pub complete: bool,
}
