//! Tenants, and who may come in.

use super::Role;
use serde::{Deserialize, Serialize};

/// Days between the wish to delete a tenant and its deletion.
pub const DELETE_AFTER_DAYS: i64 = 14;

/// The tenants that the account may see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tenants {
    /// By name.
    pub tenants: Vec<Tenant>,
    /// Whether the account may make new ones: who owns one may.
    pub may_create: bool,
}

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tenant {
    /// Its id.
    pub id: String,
    /// The organisation's name.
    pub name: String,
    /// The Entra tenant id, lower case.
    pub entra_id: String,
    /// Its mail domains, lower case.
    pub domains: Vec<String>,
    /// What the account may do there.
    pub role: Role,
    /// How many people and shared mailboxes it has.
    pub people: u64,
    /// What is still to be done, or wrong; the first is the most urgent. Empty: everything is set up.
    pub state: Vec<TenantState>,
    /// When it will be deleted, in milliseconds UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_ms: Option<i64>,
    /// When it was made, in milliseconds UTC.
    pub created_ms: i64,
}

/// One thing about a tenant that an admin should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TenantState {
    /// It will be deleted.
    Deleting,
    /// Nobody is in the directory.
    NoPeople,
    /// No rule gives a signature.
    NoRules,
    /// The app registration's client id is missing from the configuration.
    NoClientId,
    /// Nobody's Outlook has called in yet.
    NoClients,
    /// Server-side mode is not set up.
    ConnectorsPending,
    /// Templates or rules have problems.
    Problems,
}

/// Makes a tenant; the account becomes its owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewTenant {
    /// The organisation's name.
    pub name: String,
    /// The Entra tenant id, a GUID.
    pub entra_id: String,
    /// Its mail domains, one or more.
    pub domains: Vec<String>,
}

/// Changes of a tenant; what is absent stays. With `If-Match`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TenantChanges {
    /// The organisation's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its mail domains.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domains: Option<Vec<String>>,
}

/// Asks for a tenant's deletion, which happens after [`DELETE_AFTER_DAYS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DeleteTenant {
    /// Its name, typed again.
    pub name: String,
}

/// Who may come in, and who was asked to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Members {
    /// By name.
    pub members: Vec<Member>,
    /// Invitations that nobody has accepted, the newest first.
    pub invitations: Vec<OpenInvitation>,
}

/// Somebody who may come in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Member {
    /// The account's id.
    pub account: String,
    /// Its name.
    pub name: String,
    /// Its address.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// Whether a second factor protects the account: an authenticator app, or the identity provider.
    pub protected: bool,
    /// When they were last seen, in milliseconds UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_ms: Option<i64>,
}

/// An invitation that nobody has accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OpenInvitation {
    /// Its id.
    pub id: String,
    /// Whom it is for.
    pub email: String,
    /// The role that it gives.
    pub role: Role,
    /// When it runs out, in milliseconds UTC.
    pub expires_ms: i64,
    /// Why it cannot be accepted now: whoever sent it could not send it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

/// Another role for a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MemberChanges {
    /// The role; nobody gives one above their own.
    pub role: Role,
}

/// Asks somebody in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// Their address.
    pub email: String,
    /// The role; nobody gives one above their own.
    pub role: Role,
}

/// An invitation to pass on: Paraph sends no mail of its own.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Invited {
    /// The invitation.
    pub invitation: OpenInvitation,
    /// The link, shown once; it works once, for seven days.
    pub link: String,
}
