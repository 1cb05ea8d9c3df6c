//! Sources of people and values: connections, schedules, and last runs.

use crate::console::{Run, Source};
use serde::{Deserialize, Serialize};

/// Allowed interval between runs of a source, in minutes.
pub const EVERY_MINUTES: std::ops::RangeInclusive<u32> = 15..=1440;

/// All sources of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Sources {
    /// Entra ID, Google, the database and CSV files, in this order, connected or not.
    pub sources: Vec<SourceDetail>,
}

/// A source. A change names this answer's `ETag` in `If-Match`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SourceDetail {
    /// The source.
    pub source: Source,
    /// State of the source.
    pub state: SourceState,
    /// Why the source does not work, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Settings of the source.
    pub settings: SourceSettings,
    /// The last run that was not a preview, without issues and sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Run>,
    /// When a run was last applied, in milliseconds UTC; absent if no stored run was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub succeeded_ms: Option<i64>,
    /// A run that waits for confirmation, without issues and sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Run>,
    /// When the next run starts, in milliseconds UTC; absent if a user or the connector starts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_ms: Option<i64>,
    /// Number of people with values from the source.
    pub people: u64,
    /// Account of the connection: the application's id, or the service account and the admin it impersonates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Attributes of the source, which can be used in [`Mapped::attribute`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    /// Example name of a custom attribute, which can also be mapped; absent if the source has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_attribute: Option<String>,
    /// Data of the connector, for the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<DatabaseDetail>,
}

/// State of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// Not connected.
    Off,
    /// Connected and running.
    On,
    /// Paused by a user.
    Paused,
}

/// Settings of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the page")]
pub struct SourceSettings {
    /// Interval in minutes, within [`EVERY_MINUTES`]; for the database, the connector's own settings decide.
    pub every_minutes: u32,
    /// Guard, 1 to 100 percent: a run waits for confirmation if more than this share of the source's people, of people with a
    /// field from it, or of people in its groups would lose something. Unconfirmed losses of the last 7 days also count. A
    /// source that returns none of its people always waits.
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Mapped {
    /// One of [`SourceDetail::attributes`], or one named like [`SourceDetail::own_attribute`].
    pub attribute: String,
    /// The field's token.
    pub field: String,
}

/// An attribute of people at a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Attribute {
    /// Name at the source.
    pub name: String,
    /// Label that people see.
    pub label: String,
}

/// Data that the connector sent last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DatabaseDetail {
    /// Columns, and the field for each.
    pub columns: Vec<crate::connector::UploadColumn>,
    /// Version of the connector.
    pub program: String,
    /// When the connector last called in, in milliseconds UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_ms: Option<i64>,
}

/// Changes to a source; absent properties stay unchanged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SourceChanges {
    /// Whether the source is paused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<bool>,
    /// All settings of the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<SourceSettings>,
}

/// Current permissions at a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Permissions {
    /// Needed permissions, then others.
    pub permissions: Vec<Permission>,
}

/// A permission at a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Permission {
    /// Name at the source, such as `User.Read.All`.
    pub name: String,
    /// State of the permission.
    pub state: PermissionState,
    /// Purpose of the permission, or why it should be removed.
    pub detail: String,
}

/// State of a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PermissionState {
    /// Needed and granted.
    Granted,
    /// Needed but missing.
    Missing,
    /// Granted but not needed.
    Superfluous,
}

/// Where a Microsoft 365 admin grants consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Consent {
    /// Address of Microsoft's page.
    pub url: String,
}

/// Connects Google Workspace with a service account that has domain-wide delegation.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GoogleKey {
    /// The service account's key file from Google (JSON), at most 20,000 bytes. It is stored encrypted and never returned.
    pub key: String,
    /// Address of an admin that the service account impersonates.
    pub admin: String,
}
