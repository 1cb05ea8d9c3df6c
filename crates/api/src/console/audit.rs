//! Who changed what.

use serde::{Deserialize, Serialize};

/// Filter for changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct AuditQuery {
    /// Text that occurs in the actor, subject or details, in any case. At most 200 characters.
    pub search: String,
    /// Only this action.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// From this time on, in milliseconds UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_ms: Option<i64>,
    /// Before this time, in milliseconds UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_ms: Option<i64>,
    /// Only changes before this one: [`Audit::next`] of the previous page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<i64>,
    /// How many to return, 50 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = super::MAX_PAGE)))]
    pub limit: Option<u32>,
}

/// A page of changes, the newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Audit {
    /// The changes.
    pub entries: Vec<AuditEntry>,
    /// The next page's `before`; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<i64>,
    /// Every action that occurs, sorted.
    pub actions: Vec<String>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditEntry {
    /// When the change was made, in milliseconds UTC.
    pub at_ms: i64,
    /// Who made the change: a name with its address, `cli`, or a token's name.
    pub actor: String,
    /// The network address; empty for the command line.
    pub address: String,
    /// What was done: `import`, `set_values`, …
    pub action: String,
    /// Who or what was changed: a name if there is one, otherwise an id.
    pub subject: String,
    /// Every single change.
    pub changes: Vec<AuditChange>,
}

/// A value before and after a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditChange {
    /// What changed: a field's label or a property's name.
    pub what: String,
    /// Value before; absent if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Value after; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}
