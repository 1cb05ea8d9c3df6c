//! The manifest, and the clients that called in.

use serde::{Deserialize, Serialize};

/// How the add-in gets to people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Deployment {
    /// Where the manifest is.
    pub manifest_url: String,
    /// The manifest's version, as Outlook and Microsoft's admin centers show it: four numbers, another than the server's.
    pub version: String,
    /// The add-in's name.
    pub name: String,
    /// What the lint says.
    pub checks: Vec<Check>,
}

/// One check of the manifest or of this deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Check {
    /// What was checked.
    pub name: String,
    /// Whether it holds.
    pub passed: bool,
    /// What is wrong and what to do; when it holds, what was seen, if there is more to say.
    pub detail: String,
}

/// Which clients.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ClientsQuery {
    /// Occurs in the person's name or address; any case. At most 200 characters.
    pub search: String,
    /// Only this platform.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// Only those with failures.
    pub failing: bool,
    /// How many to skip.
    pub offset: u32,
    /// How many to give, 50 by default.
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
    /// How many there are.
    pub total: u64,
    /// How many there are of each platform, whatever the filters.
    pub platforms: Vec<PlatformCount>,
}

/// How many clients a platform has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlatformCount {
    /// The platform, as in [`crate::Draft::platform`].
    pub platform: String,
    /// How many.
    pub clients: u64,
}

/// Somebody's Outlook on one platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Client {
    /// The person's id.
    pub person: String,
    /// Display name, or the address.
    pub name: String,
    /// The platform.
    pub platform: String,
    /// What the client says of its version; empty where it says nothing.
    pub version: String,
    /// The last event: `new`, `reply`, `forward`, `appointment`.
    pub event: String,
    /// When it last called, in milliseconds UTC.
    pub seen_ms: i64,
    /// How many of its calls were refused or failed since it was first seen.
    pub failures: u64,
    /// Why the last one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_failure: Option<String>,
}
