//! Sources of field values, and who may edit them.

use serde::{Deserialize, Serialize};

/// Source of a field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The person.
    #[serde(rename = "self")]
    Own,
    /// An admin or editor.
    Manual,
    /// A database, through the connector.
    Database,
    /// Entra ID.
    Entra,
    /// Google.
    Google,
    /// A CSV file.
    Csv,
}

impl Source {
    /// All sources in the default order of precedence.
    pub const ALL: [Self; 6] = [Self::Own, Self::Manual, Self::Database, Self::Entra, Self::Google, Self::Csv];

    /// Stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Own => "self",
            Self::Manual => "manual",
            Self::Database => "database",
            Self::Entra => "entra",
            Self::Google => "google",
            Self::Csv => "csv",
        }
    }

    /// The source with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == text)
    }
}

/// Who may edit a field's values; each variant includes the earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EditedBy {
    /// Admins and owners.
    Admin,
    /// Also editors.
    Editor,
    /// Also the person, in the pane.
    Person,
}

impl EditedBy {
    /// Stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Editor => "editor",
            Self::Person => "person",
        }
    }
}
