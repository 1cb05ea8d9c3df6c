//! How a source runs, kept as JSON.

use serde::{Deserialize, Serialize};

/// Where a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceState {
    /// Nobody has connected it.
    Off,
    /// It runs.
    On,
    /// Somebody paused it.
    Paused,
}

impl SourceState {
    const ALL: [Self; 3] = [Self::Off, Self::On, Self::Paused];

    /// As it is stored.
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

/// How a source runs. What an earlier version did not store has its default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the page")]
pub struct SourceSettings {
    /// How often, in minutes; the connector's own settings say it for the database.
    pub every_minutes: u32,
    /// A run that takes something from more than this share of the source's own people, of those who have a field from
    /// it, or of those in its groups stops and asks: 1 to 100 percent.
    pub guard_percent: u32,
    /// Which attribute goes to which field, for Entra ID and Google.
    pub mapping: Vec<Mapped>,
    /// Whether guests count as people (Entra ID).
    pub guests: bool,
    /// Whether accounts that nobody can sign in to count as shared mailboxes (Entra ID); otherwise they are left out.
    pub shared: bool,
    /// Whether photos are fetched, into the field `photo`.
    pub photos: bool,
    /// Whether groups and memberships are fetched.
    pub groups: bool,
    /// Whether people whom only this source knows are added (database); otherwise their rows are left out.
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

/// Where an attribute goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapped {
    /// Its name at the source.
    pub attribute: String,
    /// The field's token.
    pub field: String,
}

/// A column that the connector sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentColumn {
    /// Its name.
    pub name: String,
    /// The field's token, or `address`.
    pub field: String,
}
