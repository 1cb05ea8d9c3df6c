//! Fields: which there are, who may edit them, and whose value wins.

use serde::{Deserialize, Serialize};

/// Most custom fields of a tenant.
pub const MAX_FIELDS: usize = 200;

/// Where a field's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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

    /// As it is sent.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EditedBy {
    /// Admins and owners.
    Admin,
    /// Also editors.
    Editor,
    /// Also the person, in the pane.
    Person,
}

/// Every field, in the order in which people see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Fields {
    /// Built-in and custom ones.
    pub fields: Vec<FieldDefinition>,
}

/// A field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FieldDefinition {
    /// What templates use: lower-case letters, digits and `_`.
    pub token: String,
    /// What people see.
    pub label: String,
    /// Whether it is built in: then it cannot be removed. What a request says here is not looked at.
    #[serde(default)]
    pub built_in: bool,
    /// Who may edit its values.
    pub edited_by: EditedBy,
    /// Every source once, the highest precedence first.
    pub precedence: Vec<Source>,
    /// How many people have a value. What a request says here is not looked at.
    #[serde(default)]
    pub people: u64,
}
