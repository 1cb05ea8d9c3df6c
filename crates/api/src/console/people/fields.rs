//! Fields: the list, who may edit them, and which source takes precedence.

use serde::{Deserialize, Serialize};

/// Most custom fields of a tenant.
pub const MAX_FIELDS: usize = 200;

/// Where a field's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The person, in the pane.
    #[serde(rename = "self")]
    Own,
    /// An admin or editor.
    Manual,
    /// A database, through the connector.
    Database,
    /// Entra ID.
    Entra,
    /// Google Workspace.
    Google,
    /// A CSV file.
    Csv,
}

impl Source {
    /// Every source, in default order of precedence.
    pub const ALL: [Self; 6] = [Self::Own, Self::Manual, Self::Database, Self::Entra, Self::Google, Self::Csv];

    /// The name in JSON.
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

/// Who may edit a field's values; each variant includes the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EditedBy {
    /// Admins and owners.
    Admin,
    /// Editors too.
    Editor,
    /// The person too, in the pane.
    Person,
}

/// Every field, in display order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Fields {
    /// Built-in and custom fields.
    pub fields: Vec<FieldDefinition>,
}

/// A field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FieldDefinition {
    /// Token that templates use: lower-case letters, digits and `_`.
    pub token: String,
    /// Label that people see.
    pub label: String,
    /// Whether the field is built in and so cannot be removed. Ignored in requests.
    #[serde(default)]
    pub built_in: bool,
    /// Who may edit the field's values.
    pub edited_by: EditedBy,
    /// Order of precedence: every source once, the highest first.
    pub precedence: Vec<Source>,
    /// How many people have a value. Ignored in requests.
    #[serde(default)]
    pub people: u64,
}
