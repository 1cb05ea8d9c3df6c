//! API tokens.

use serde::{Deserialize, Serialize};

/// Longest life of a token, in days.
pub const MAX_TOKEN_DAYS: u32 = 366;

/// What a token may do; a token never manages tenants, members or tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Scope {
    /// People, groups, and their signatures.
    #[serde(rename = "people:read")]
    PeopleRead,
    /// People's values; CSV imports.
    #[serde(rename = "people:write")]
    PeopleWrite,
    /// Field definitions.
    #[serde(rename = "fields:read")]
    FieldsRead,
    /// Field definitions.
    #[serde(rename = "fields:write")]
    FieldsWrite,
    /// Templates, rules, images, campaigns, and who gets what.
    #[serde(rename = "design:read")]
    DesignRead,
    /// Templates, rules and images; publishes them.
    #[serde(rename = "design:write")]
    DesignWrite,
    /// Manifest and clients.
    #[serde(rename = "deployment:read")]
    DeploymentRead,
    /// The audit.
    #[serde(rename = "audit:read")]
    AuditRead,
    /// A database's rows, as the connector sends them. Each use keeps a token that may do this alone for
    /// [`MAX_TOKEN_DAYS`] more, so that it does not run out while it is in use.
    #[serde(rename = "database:upload")]
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

    /// As it is sent.
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
}

/// The tenant's tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tokens {
    /// The newest first.
    pub tokens: Vec<Token>,
}

/// A token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Token {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// The first characters of the secret, to tell tokens apart.
    pub start: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Who made it.
    pub created_by: String,
    /// The scopes that are refused now, because [`Token::trouble`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<Scope>,
    /// Why it may not do all that it was made for: a token is worth no more than the present role of the account behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// When it was made, in milliseconds UTC.
    pub created_ms: i64,
    /// When it runs out, in milliseconds UTC.
    pub expires_ms: i64,
    /// When it was last used, in milliseconds UTC, to the minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_ms: Option<i64>,
}

/// Makes a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    /// One or more.
    pub scopes: Vec<Scope>,
    /// For how many days it holds.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = MAX_TOKEN_DAYS)))]
    pub days: u32,
}

/// A new token with its secret, which is shown once.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CreatedToken {
    /// The token.
    pub token: Token,
    /// To be sent as `Authorization: Bearer …`.
    pub secret: String,
}
