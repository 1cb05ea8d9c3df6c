//! Tenants and their members.

use super::Role;
use serde::{Deserialize, Serialize};

/// Days between the request to delete a tenant and its deletion.
pub const DELETE_AFTER_DAYS: i64 = 14;

/// The tenants that the account may see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tenants {
    /// Tenants, sorted by name.
    pub tenants: Vec<Tenant>,
    /// Whether the account may create tenants: owners of a tenant may.
    pub may_create: bool,
}

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tenant {
    /// Tenant id.
    pub id: String,
    /// The organisation's name.
    pub name: String,
    /// The Entra tenant id, lower case; absent if the organisation has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entra_id: Option<String>,
    /// Mail domains, in lower case: `example.com` alone, `*.example.com` with its subdomains.
    pub domains: Vec<String>,
    /// On which side recipients count whom Outlook does not name in time.
    pub unread_recipients: Side,
    /// Role of the account in the tenant.
    pub role: Role,
    /// Number of people and shared mailboxes.
    pub people: u64,
    /// What still needs to be done or is wrong, the most urgent first; empty if everything is set up.
    pub state: Vec<TenantState>,
    /// When the tenant will be deleted, in milliseconds UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_ms: Option<i64>,
    /// When the tenant was created, in milliseconds UTC.
    pub created_ms: i64,
}

/// Inside the organisation or outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Outside.
    #[default]
    External,
    /// Inside.
    Internal,
}

impl Side {
    /// Outside if `external`, else inside.
    pub fn of(external: bool) -> Self {
        if external { Self::External } else { Self::Internal }
    }
}

/// One thing about a tenant that an admin should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TenantState {
    /// The tenant will be deleted.
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

/// Creates a tenant; the account becomes its owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewTenant {
    /// The organisation's name.
    pub name: String,
    /// The Entra tenant id, a GUID. Without one, no Outlook of Microsoft 365 can sign in, and Entra ID cannot be a source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entra_id: Option<String>,
    /// Mail domains, one or more.
    pub domains: Vec<String>,
}

/// Changes to a tenant; absent properties stay unchanged. With `If-Match`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TenantChanges {
    /// The organisation's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Mail domains.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domains: Option<Vec<String>>,
    /// The Entra tenant id, for a tenant without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entra_id: Option<String>,
    /// On which side recipients count whom Outlook does not name in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread_recipients: Option<Side>,
}

/// Asks for a tenant's deletion, which happens after [`DELETE_AFTER_DAYS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DeleteTenant {
    /// Name of the tenant, typed again.
    pub name: String,
}

/// Members of a tenant, and open invitations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Members {
    /// Members, sorted by name.
    pub members: Vec<Member>,
    /// Open invitations, the newest first.
    pub invitations: Vec<OpenInvitation>,
}

/// A member of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Member {
    /// The account's id.
    pub account: String,
    /// Name of the account.
    pub name: String,
    /// Address of the account.
    pub email: String,
    /// Role of the member.
    pub role: Role,
    /// What an editor is limited to; absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// Whether a second factor protects the account: an authenticator app, or the identity provider.
    pub protected: bool,
    /// When the member was last seen, in milliseconds UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_ms: Option<i64>,
}

/// An open invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OpenInvitation {
    /// Invitation id.
    pub id: String,
    /// Address of the invited person.
    pub email: String,
    /// Role that the invitation grants.
    pub role: Role,
    /// What the invited editor is limited to; absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// When the invitation expires, in milliseconds UTC.
    pub expires_ms: i64,
    /// Why the invitation cannot be accepted now: its sender could no longer send it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

/// A new role for a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MemberChanges {
    /// The role, at most the user's own.
    pub role: Role,
    /// What an editor is limited to; absent: nothing, so that earlier limits end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
}

/// The part of a tenant's design that an editor can change. They see everything, and can change neither rules nor people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Folders whose templates they can create, change, publish and delete; at most [`MAX_LIMITS`].
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_LIMITS)))]
    pub folders: Vec<String>,
    /// Ids of the brands that they can change; at most [`MAX_LIMITS`].
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_LIMITS)))]
    pub brands: Vec<String>,
}

/// Maximum number of folders, and of brands, that an editor is limited to.
pub const MAX_LIMITS: usize = 50;

/// Invites a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// Address of the person.
    pub email: String,
    /// The role, at most the user's own.
    pub role: Role,
    /// What an editor is limited to; absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
}

/// An invitation to pass on: Paraph sends no mail itself.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Invited {
    /// The invitation.
    pub invitation: OpenInvitation,
    /// The link, shown once; it works once, for seven days.
    pub link: String,
}
