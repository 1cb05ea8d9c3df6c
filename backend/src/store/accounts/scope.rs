//! What an API token may do.

use super::role::Role;

/// What a token may do; a token never manages tenants, members or tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// People, groups, and their signatures.
    PeopleRead,
    /// People's values; CSV imports.
    PeopleWrite,
    /// Reads field definitions.
    FieldsRead,
    /// Changes field definitions.
    FieldsWrite,
    /// Templates, rules, images, campaigns, and who gets what.
    DesignRead,
    /// Templates, rules and images; publishes them.
    DesignWrite,
    /// Manifest and clients.
    DeploymentRead,
    /// The audit.
    AuditRead,
    /// A database's rows, as the connector sends them.
    DatabaseUpload,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 9] = [
        Self::PeopleRead,
        Self::PeopleWrite,
        Self::FieldsRead,
        Self::FieldsWrite,
        Self::DesignRead,
        Self::DesignWrite,
        Self::DeploymentRead,
        Self::AuditRead,
        Self::DatabaseUpload,
    ];

    /// Stored name of the scope.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PeopleRead => "people:read",
            Self::PeopleWrite => "people:write",
            Self::FieldsRead => "fields:read",
            Self::FieldsWrite => "fields:write",
            Self::DesignRead => "design:read",
            Self::DesignWrite => "design:write",
            Self::DeploymentRead => "deployment:read",
            Self::AuditRead => "audit:read",
            Self::DatabaseUpload => "database:upload",
        }
    }

    /// The lowest role that includes this scope. A token can do no more than the account behind it.
    pub const fn least_role(self) -> Role {
        match self {
            Self::PeopleRead | Self::FieldsRead | Self::DesignRead | Self::DeploymentRead => Role::Viewer,
            Self::PeopleWrite | Self::DesignWrite => Role::Editor,
            Self::FieldsWrite | Self::AuditRead | Self::DatabaseUpload => Role::Admin,
        }
    }

    /// The scope with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }
}
