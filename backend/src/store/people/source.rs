//! Where a field's value comes from, and who may edit it.

use serde::{Deserialize, Serialize};

/// Where a field's value comes from.
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
    /// Every source, in the precedence that a field has unless an admin changes it.
    pub const ALL: [Self; 6] = [Self::Own, Self::Manual, Self::Database, Self::Entra, Self::Google, Self::Csv];

    /// As it is stored.
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

/// Who may edit a field's values, besides those named before.
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
    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Editor => "editor",
            Self::Person => "person",
        }
    }
}
