//! API tokens.

use serde::{Deserialize, Serialize};

/// Longest lifetime of a token, in days.
pub const MAX_TOKEN_DAYS: u32 = 366;

/// What a token may do. A token can never manage tenants, members or tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Scope {
    /// Reads people, groups, and their signatures.
    #[serde(rename = "people:read")]
    PeopleRead,
    /// Changes people's values; imports CSV files.
    #[serde(rename = "people:write")]
    PeopleWrite,
    /// Reads field definitions.
    #[serde(rename = "fields:read")]
    FieldsRead,
    /// Changes field definitions.
    #[serde(rename = "fields:write")]
    FieldsWrite,
    /// Reads templates, rules, images, campaigns, and who gets what.
    #[serde(rename = "design:read")]
    DesignRead,
    /// Changes and publishes templates, rules and images.
    #[serde(rename = "design:write")]
    DesignWrite,
    /// Reads the manifest and clients.
    #[serde(rename = "deployment:read")]
    DeploymentRead,
    /// Reads the audit.
    #[serde(rename = "audit:read")]
    AuditRead,
    /// Uploads a database's rows, as the connector sends them. If a token has only this scope, each use extends it to
    /// [`MAX_TOKEN_DAYS`] days from then, so that it does not expire while it is in use.
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

    /// The name in JSON.
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
    /// Tokens, the newest first.
    pub tokens: Vec<Token>,
}

/// A token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Token {
    /// Token id.
    pub id: String,
    /// Purpose of the token.
    pub name: String,
    /// The first characters of the secret, to tell tokens apart.
    pub start: String,
    /// Scopes of the token.
    pub scopes: Vec<Scope>,
    /// Who created the token.
    pub created_by: String,
    /// Scopes that are refused now, for the reason in [`Token::trouble`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<Scope>,
    /// Why some scopes are refused: a token can do no more than the current role of the account behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// When the token was created, in milliseconds UTC.
    pub created_ms: i64,
    /// When the token expires, in milliseconds UTC.
    pub expires_ms: i64,
    /// When the token was last used, in milliseconds UTC, to the minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_ms: Option<i64>,
}

/// Creates a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// Purpose of the token.
    pub name: String,
    /// One or more scopes.
    pub scopes: Vec<Scope>,
    /// For how many days the token is valid.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = MAX_TOKEN_DAYS)))]
    pub days: u32,
}

/// A new token with its secret, which is shown once.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CreatedToken {
    /// The token.
    pub token: Token,
    /// Secret to send as `Authorization: Bearer …`.
    pub secret: String,
}
