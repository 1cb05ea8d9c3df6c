//! Why a token is refused.

/// Why a request is refused. `Display` is for developers who read the answer, and never contains anything from the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No `Authorization` header.
    #[error("no access token: send the header Authorization: Bearer <token>")]
    Missing,
    /// An `Authorization` header of another scheme, or an empty token.
    #[error("the Authorization header contains no bearer token")]
    NotBearer,
    /// Longer than [`super::MAX_TOKEN`].
    #[error("the token is longer than any access token of Entra ID")]
    TooLong,
    /// Not three base64url parts of JSON, or a claim of the wrong type.
    #[error("the token is not a well-formed JWT access token of Entra ID")]
    Malformed,
    /// `alg` is not RS256 (`none` and HS256 among them).
    #[error("the token is not signed with RS256")]
    Algorithm,
    /// The header names no key.
    #[error("the token's header has no kid")]
    NoKeyId,
    /// The authority has no such key.
    #[error("the token is signed with a key that the authority does not publish")]
    UnknownKey,
    /// The signature does not match.
    #[error("the token's signature is wrong")]
    Signature,
    /// A token of version 1.0.
    #[error(
        "the token is not of version 2.0: set requestedAccessTokenVersion to 2 in the manifest of the app registration"
    )]
    Version,
    /// Issued for another application.
    #[error("the token's audience is not this add-in: request its scope, access_as_user, and send the access token")]
    Audience,
    /// The issuer is not the authority's for the token's tenant.
    #[error("the token's issuer is not the configured authority for the token's tenant")]
    Issuer,
    /// A personal Microsoft account.
    #[error("personal Microsoft accounts cannot sign in: use a work account")]
    PersonalAccount,
    /// A tenant that is not in the store.
    #[error("the token's tenant is unknown to this server: an admin must set it up first")]
    UnknownTenant,
    /// `exp` is past.
    #[error("the token has expired: get a new one")]
    Expired,
    /// `nbf` is in the future.
    #[error("the token is not valid yet: check the clocks")]
    NotYetValid,
    /// A token of an application, not of a user.
    #[error("the token belongs to an application: a user must sign in")]
    AppOnly,
    /// `scp` lacks `access_as_user`.
    #[error("the token lacks the scope access_as_user")]
    Scope,
    /// `azp` is neither this add-in nor Office.
    #[error("the token was issued to a client that is neither this add-in nor Office")]
    Client,
    /// No `oid` or `tid`.
    #[error("the token does not name a user")]
    NoUser,
}

impl Refusal {
    /// All refusals.
    pub const ALL: [Self; 19] = [
        Self::Missing,
        Self::NotBearer,
        Self::TooLong,
        Self::Malformed,
        Self::Algorithm,
        Self::NoKeyId,
        Self::UnknownKey,
        Self::Signature,
        Self::Version,
        Self::Audience,
        Self::Issuer,
        Self::PersonalAccount,
        Self::UnknownTenant,
        Self::Expired,
        Self::NotYetValid,
        Self::AppOnly,
        Self::Scope,
        Self::Client,
        Self::NoUser,
    ];

    /// A short name for metrics and logs: one of a fixed set.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NotBearer => "not_bearer",
            Self::TooLong => "too_long",
            Self::Malformed => "malformed",
            Self::Algorithm => "algorithm",
            Self::NoKeyId => "no_key_id",
            Self::UnknownKey => "unknown_key",
            Self::Signature => "signature",
            Self::Version => "version",
            Self::Audience => "audience",
            Self::Issuer => "issuer",
            Self::PersonalAccount => "personal_account",
            Self::UnknownTenant => "unknown_tenant",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::AppOnly => "app_only",
            Self::Scope => "scope",
            Self::Client => "client",
            Self::NoUser => "no_user",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_reason_is_a_word_of_its_own() {
        let reasons: BTreeSet<&str> = Refusal::ALL.into_iter().map(Refusal::reason).collect();
        assert_eq!(reasons.len(), Refusal::ALL.len());
        let is_word = |reason: &&str| reason.starts_with(|c: char| c.is_ascii_lowercase()) && !reason.contains(' ');
        assert!(reasons.iter().all(is_word), "{reasons:?}");
    }
}
