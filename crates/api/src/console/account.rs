//! Signing in, and one's own account.

use super::Role;
use serde::{Deserialize, Serialize};

/// Shortest password, in characters (NIST SP 800-63B §3.1.1.2: at least 15 where it may be the only factor).
pub const MIN_PASSWORD: usize = 15;
/// Longest password, in characters.
pub const MAX_PASSWORD: usize = 256;
/// Longest name of a person, a tenant, a token, a template, a rule or a folder, in characters.
pub const MAX_NAME: usize = 100;

/// How one may sign in here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignInOptions {
    /// What the identity provider is called, where one is configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Whether nobody has an account yet: the set-up link that the server printed makes the first one.
    pub needs_setup: bool,
    /// Whether this is the demo, in which the sign-in form says with what to sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demo: Option<DemoAccount>,
}

/// The demo's account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DemoAccount {
    /// Its address.
    pub email: String,
    /// Its password.
    pub password: String,
}

/// Signs in with a local account.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The account's address.
    pub email: String,
    /// Its password.
    pub password: String,
    /// The six digits of the authenticator app, or a recovery code; asked for (422 on `code`) when the account has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// Makes the first account, which owns every tenant.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// What stands behind `#` in the set-up link.
    pub code: String,
    /// The owner's address.
    pub email: String,
    /// The owner's name.
    pub name: String,
    /// At least [`MIN_PASSWORD`] characters.
    #[cfg_attr(feature = "schema", schemars(length(min = MIN_PASSWORD, max = MAX_PASSWORD)))]
    pub password: String,
}

/// What stands behind `#` in an invitation's link.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InvitationCode {
    /// The code.
    pub code: String,
}

/// What an invitation is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Invitation {
    /// Whom it is for.
    pub email: String,
    /// The tenant's name.
    pub tenant: String,
    /// The role that it gives.
    pub role: Role,
    /// Whether the address has an account already: then one signs in to accept.
    pub has_account: bool,
}

/// Accepts an invitation with a new local account, or with the account that is signed in.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// What stands behind `#` in the link.
    pub code: String,
    /// For a new account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// For a new account: at least [`MIN_PASSWORD`] characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = MIN_PASSWORD, max = MAX_PASSWORD)))]
    pub password: Option<String>,
}

/// Who is signed in, and where they may go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Session {
    /// The account's id.
    pub account: String,
    /// Its name.
    pub name: String,
    /// Its address.
    pub email: String,
    /// To be sent as [`super::CSRF_HEADER`].
    pub csrf: String,
    /// The tenants that the account may see, by name.
    pub tenants: Vec<TenantRole>,
    /// When the session ends whatever one does, in milliseconds UTC.
    pub expires_ms: i64,
    /// The server's version.
    pub version: String,
}

/// A tenant, and what one may do there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TenantRole {
    /// The tenant's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The role there.
    pub role: Role,
}

/// One's own account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Account {
    /// Its id.
    pub id: String,
    /// Its address.
    pub email: String,
    /// Its name.
    pub name: String,
    /// Whether it has a password, so that one can sign in without the identity provider.
    pub has_password: bool,
    /// Whether an authenticator app is asked for.
    pub has_totp: bool,
    /// How many recovery codes are left.
    pub recovery_codes: u32,
    /// What the identity provider is called that the account is linked with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// What the account is called there, such as an address; absent where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_account: Option<String>,
    /// What the identity provider is called that the account can be linked with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linkable: Option<String>,
    /// Whether the person signed in at the identity provider again in the last five minutes, in this session: an account
    /// without a password may choose one then.
    pub proven: bool,
}

/// Where the browser goes next: the identity provider's page. The answer's cookie makes the way back this browser's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProviderPage {
    /// Its address, good for ten minutes.
    pub url: String,
}

/// Changes of one's own account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AccountChanges {
    /// The new name.
    pub name: String,
}

/// Another password. It ends every other session. An account without one proves with the identity provider first that its
/// person is there.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The one until now; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    /// Where the account has an authenticator app: its six digits, or a recovery code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// At least [`MIN_PASSWORD`] characters.
    #[cfg_attr(feature = "schema", schemars(length(min = MIN_PASSWORD, max = MAX_PASSWORD)))]
    pub new: String,
}

/// Password and second factor again, before something that a thief of the session must not do.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// The account's password.
    pub password: String,
    /// Where the account has an authenticator app: its six digits, or a recovery code; asked for (422 on `code`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// What an authenticator app needs (RFC 6238: SHA-1, six digits, 30 seconds).
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TotpSetup {
    /// Base32, to be typed.
    pub secret: String,
    /// The same as an `otpauth:` address.
    pub url: String,
    /// The same as a QR code, SVG.
    pub qr: String,
}

/// Six digits of the app, which prove that it has the secret.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TotpCode {
    /// The digits.
    pub code: String,
}

/// Each signs in once in the place of the authenticator app. Shown once.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecoveryCodes {
    /// Ten of them.
    pub codes: Vec<String>,
}

/// Where one is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Sessions {
    /// The newest first.
    pub sessions: Vec<SessionSummary>,
}

/// One session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionSummary {
    /// Its id, which is not what the cookie holds.
    pub id: String,
    /// Whether it is the one that asks.
    pub current: bool,
    /// When it began, in milliseconds UTC.
    pub created_ms: i64,
    /// When it was last used, in milliseconds UTC, to the minute.
    pub seen_ms: i64,
    /// The network address that it began from.
    pub address: String,
    /// The browser and system, such as `Edge on Windows`.
    pub agent: String,
}
