//! Settings of a source, stored as JSON.

use serde::{Deserialize, Serialize};

/// State of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceState {
    /// Not connected.
    Off,
    /// Connected and running.
    On,
    /// Paused by a user.
    Paused,
}

impl SourceState {
    const ALL: [Self; 3] = [Self::Off, Self::On, Self::Paused];

    /// Stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::On => "on",
            Self::Paused => "paused",
        }
    }

    /// The state with this name.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// Settings of a source. Settings that an earlier version did not store have their defaults.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the page")]
pub struct SourceSettings {
    /// Interval in minutes; for the database, the connector's own settings decide.
    pub every_minutes: u32,
    /// Guard, 1 to 100 percent: a run waits for confirmation if more than this share of the source's people, of people with a
    /// field from it, or of people in its groups would lose something.
    pub guard_percent: u32,
    /// Mapping of attributes to fields, for Entra ID and Google.
    pub mapping: Vec<Mapped>,
    /// Whether guests are included as people (Entra ID).
    pub guests: bool,
    /// Whether accounts without sign-in are included as shared mailboxes (Entra ID); otherwise they are skipped.
    pub shared: bool,
    /// Whether photos are fetched, into the field `photo`.
    pub photos: bool,
    /// Whether groups and memberships are fetched.
    pub groups: bool,
    /// Whether people who are only in this source are added (database); otherwise their rows are skipped.
    pub add: bool,
}

impl Default for SourceSettings {
    fn default() -> Self {
        Self {
            every_minutes: 60,
            guard_percent: 20,
            mapping: Vec::new(),
            guests: false,
            shared: true,
            photos: false,
            groups: true,
            add: false,
        }
    }
}

/// Mapping of an attribute to a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapped {
    /// Name of the attribute at the source.
    pub attribute: String,
    /// The field's token.
    pub field: String,
}

/// A column that the connector sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentColumn {
    /// Name of the column.
    pub name: String,
    /// The field's token, or `address`.
    pub field: String,
}
