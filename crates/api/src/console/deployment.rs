//! The manifest, and the clients that have called in.

use serde::{Deserialize, Serialize};

/// How the add-in is installed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Deployment {
    /// Address of the manifest.
    pub manifest_url: String,
    /// Version of the manifest, as Outlook and Microsoft's admin centers show it: four numbers, different from the
    /// server's version.
    pub version: String,
    /// The add-in's name.
    pub name: String,
    /// Results of the checks.
    pub checks: Vec<Check>,
}

/// One check of the manifest or of this deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Check {
    /// What was checked.
    pub name: String,
    /// Whether the check passed.
    pub passed: bool,
    /// What is wrong and what to do; for a passed check, what was found, if that is worth knowing.
    pub detail: String,
}

/// Filter for clients.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ClientsQuery {
    /// Text that occurs in the person's name or address, in any case. At most 200 characters.
    pub search: String,
    /// Only this platform.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// Only clients with failures.
    pub failing: bool,
    /// How many to skip.
    pub offset: u32,
    /// How many to return, 50 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = super::MAX_PAGE)))]
    pub limit: Option<u32>,
}

/// A page of clients, the last seen first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Clients {
    /// The clients.
    pub clients: Vec<Client>,
    /// Number of clients with these filters.
    pub total: u64,
    /// Number of clients per platform, regardless of the filters.
    pub platforms: Vec<PlatformCount>,
}

/// Number of clients on a platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlatformCount {
    /// The platform, as in [`crate::Draft::platform`].
    pub platform: String,
    /// Number of clients.
    pub clients: u64,
}

/// A person's Outlook on one platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Client {
    /// The person's id.
    pub person: String,
    /// Display name, or the address if there is none.
    pub name: String,
    /// The platform.
    pub platform: String,
    /// Version that the client reports; empty if it reports none.
    pub version: String,
    /// The last event: `new`, `reply`, `forward`, `appointment`.
    pub event: String,
    /// When the client last called, in milliseconds UTC.
    pub seen_ms: i64,
    /// How many of the client's calls were refused or failed since it was first seen.
    pub failures: u64,
    /// Why the last failed call was refused or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_failure: Option<String>,
}
