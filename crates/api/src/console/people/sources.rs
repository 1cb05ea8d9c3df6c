//! Where people and values come from: connections, schedules, and what was seen last.

use crate::console::{Run, Source};
use serde::{Deserialize, Serialize};

/// How often a source may be asked, in minutes.
pub const EVERY_MINUTES: std::ops::RangeInclusive<u32> = 15..=1440;

/// Every source that runs by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Sources {
    /// Entra ID, Google, the database and CSV files, in this order, connected or not.
    pub sources: Vec<SourceDetail>,
}

/// A source. Its `ETag` is what `If-Match` names in a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SourceDetail {
    /// Which.
    pub source: Source,
    /// Where it is.
    pub state: SourceState,
    /// Why it does not work, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// How it runs.
    pub settings: SourceSettings,
    /// The last run that was no preview, without issues and sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Run>,
    /// When a run was last applied, in milliseconds UTC; absent: not among the runs that are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub succeeded_ms: Option<i64>,
    /// A run that waits for somebody to look at it, without issues and sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Run>,
    /// When it runs next, in milliseconds UTC; absent: when somebody asks, or when the connector comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_ms: Option<i64>,
    /// Of how many people it says anything.
    pub people: u64,
    /// As whom we are connected: the application's id, or the service account and the admin it stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What its values may go by: the names that [`Mapped::attribute`] may have, with what people see.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    /// How attributes that the company made for itself are named, as an example: they may be mapped, too. Absent: there are
    /// none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_attribute: Option<String>,
    /// The database's: what the connector sent last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<DatabaseDetail>,
}

/// Where a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// Nobody has connected it.
    Off,
    /// It runs.
    On,
    /// Somebody paused it.
    Paused,
}

/// How a source runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the page")]
pub struct SourceSettings {
    /// How often, in minutes, within [`EVERY_MINUTES`]; the connector's own settings say it for the database.
    pub every_minutes: u32,
    /// A run that takes something from more than this share of the source's own people, of those who have a field from
    /// it, or of those in its groups stops and asks: 1 to 100 percent. What went in the last 7 days without anybody's
    /// consent counts, too, and a source that returns none of the people it had always stops.
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Mapped {
    /// One of [`SourceDetail::attributes`], or one named like [`SourceDetail::own_attribute`].
    pub attribute: String,
    /// The field's token.
    pub field: String,
}

/// What a source knows of people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Attribute {
    /// Its name there.
    pub name: String,
    /// What people see.
    pub label: String,
}

/// What the connector sent last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DatabaseDetail {
    /// Its columns, and where each goes.
    pub columns: Vec<crate::connector::UploadColumn>,
    /// The program's version.
    pub program: String,
    /// When it was last heard of, in milliseconds UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_ms: Option<i64>,
}

/// Changes a source; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SourceChanges {
    /// Whether it is paused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<bool>,
    /// How it runs, all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<SourceSettings>,
}

/// What we may do at a source, asked just now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Permissions {
    /// Those that are needed, then those that are not.
    pub permissions: Vec<Permission>,
}

/// A permission at a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Permission {
    /// Its name there, such as `User.Read.All`.
    pub name: String,
    /// How it is.
    pub state: PermissionState,
    /// What it is for, or why it should go.
    pub detail: String,
}

/// How a permission is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PermissionState {
    /// It is needed and there.
    Granted,
    /// It is needed and not there.
    Missing,
    /// It is there and not needed.
    Superfluous,
}

/// Where an admin of Microsoft 365 consents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Consent {
    /// Microsoft's page.
    pub url: String,
}

/// Connects Google Workspace with a service account that has domain-wide delegation.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GoogleKey {
    /// The service account's key file, JSON, as Google gives it; at most 20,000 bytes. Sealed, and never given back.
    pub key: String,
    /// The address of an admin whom the service account stands for.
    pub admin: String,
}
