//! Signing in, and the user's own account.

use super::{Limits, Role};
use serde::{Deserialize, Serialize};

/// Shortest password, in characters (NIST SP 800-63B §3.1.1.2: at least 15 where it may be the only factor).
pub const MIN_PASSWORD: usize = 15;
/// Longest password, in characters.
pub const MAX_PASSWORD: usize = 256;
/// Longest name of a person, a tenant, a token, a template, a rule or a folder, in characters.
pub const MAX_NAME: usize = 100;

/// The ways to sign in here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignInOptions {
    /// Name of the identity provider, if one is configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Whether there are no accounts yet: the set-up link that the server printed creates the first one.
    pub needs_setup: bool,
    /// The demo's account, which the sign-in form shows; present only in the demo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demo: Option<DemoAccount>,
}

/// The demo's account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DemoAccount {
    /// Address of the account.
    pub email: String,
    /// Password of the account.
    pub password: String,
}

/// Signs in with a local account.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The account's address.
    pub email: String,
    /// Password of the account.
    pub password: String,
    /// Six digits of the authenticator app, or a recovery code; required (422 on `code`) if the account has an
    /// authenticator app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// Creates the first account, which owns every tenant.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// The code after `#` in the set-up link.
    pub code: String,
    /// The owner's address.
    pub email: String,
    /// The owner's name.
    pub name: String,
    /// The owner's password: at least [`MIN_PASSWORD`] characters.
    #[cfg_attr(feature = "schema", schemars(length(min = MIN_PASSWORD, max = MAX_PASSWORD)))]
    pub password: String,
}

/// The code after `#` in an invitation's link.
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
    /// Address of the invited person.
    pub email: String,
    /// The tenant's name.
    pub tenant: String,
    /// Role that the invitation grants.
    pub role: Role,
    /// Whether the address already has an account, which must then sign in to accept.
    pub has_account: bool,
}

/// Accepts an invitation with a new local account, or with the account that is signed in.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// The code after `#` in the link.
    pub code: String,
    /// Name of a new account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Password of a new account: at least [`MIN_PASSWORD`] characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = MIN_PASSWORD, max = MAX_PASSWORD)))]
    pub password: Option<String>,
}

/// Who is signed in, and which tenants they may see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Session {
    /// The account's id.
    pub account: String,
    /// Name of the account.
    pub name: String,
    /// Address of the account.
    pub email: String,
    /// Token to send as [`super::CSRF_HEADER`].
    pub csrf: String,
    /// The tenants that the account may see, by name.
    pub tenants: Vec<TenantRole>,
    /// When the session ends in any case, in milliseconds UTC.
    pub expires_ms: i64,
    /// The server's version.
    pub version: String,
}

/// A tenant, and the user's role in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TenantRole {
    /// The tenant's id.
    pub id: String,
    /// Name of the tenant.
    pub name: String,
    /// The user's role in the tenant.
    pub role: Role,
    /// What the user, an editor, is limited to; absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
}

/// The user's own account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Account {
    /// Account id.
    pub id: String,
    /// Address of the account.
    pub email: String,
    /// Name of the account.
    pub name: String,
    /// Whether the account has a password and can sign in without the identity provider.
    pub has_password: bool,
    /// Whether signing in requires an authenticator app.
    pub has_totp: bool,
    /// How many recovery codes are left.
    pub recovery_codes: u32,
    /// Name of the identity provider that the account is linked with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Name of the account at the provider, such as an address; absent if it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_account: Option<String>,
    /// Name of the identity provider that the account can be linked with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linkable: Option<String>,
    /// Whether the user signed in at the identity provider again in the last five minutes, in this session. If so, an
    /// account without a password can set one.
    pub proven: bool,
}

/// The identity provider's page, where the browser goes next. The answer's cookie ties the way back to this browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProviderPage {
    /// Address of the page, valid for ten minutes.
    pub url: String,
}

/// Changes to the user's own account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AccountChanges {
    /// The new name.
    pub name: String,
}

/// A new password. Setting it ends every other session. A user whose account has no password must first sign in at the
/// identity provider again.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// Current password; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    /// Six digits of the authenticator app, or a recovery code, if the account has an app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// New password: at least [`MIN_PASSWORD`] characters.
    #[cfg_attr(feature = "schema", schemars(length(min = MIN_PASSWORD, max = MAX_PASSWORD)))]
    pub new: String,
}

/// Password and second factor again, before a change that someone with a stolen session must not make.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// The account's password.
    pub password: String,
    /// Six digits of the authenticator app, or a recovery code; required (422 on `code`) if the account has an app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// Secret for an authenticator app (RFC 6238: SHA-1, six digits, 30 seconds).
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TotpSetup {
    /// The secret in base32, for typing.
    pub secret: String,
    /// The secret as an `otpauth:` address.
    pub url: String,
    /// The secret as a QR code in SVG.
    pub qr: String,
}

/// Six digits of the app, which prove that the app has the secret.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TotpCode {
    /// The digits.
    pub code: String,
}

/// Recovery codes. Each works once in place of the authenticator app. They are shown once.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecoveryCodes {
    /// Ten codes.
    pub codes: Vec<String>,
}

/// Where the user is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Sessions {
    /// Sessions, the newest first.
    pub sessions: Vec<SessionSummary>,
}

/// One session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionSummary {
    /// Session id, which is not the value in the cookie.
    pub id: String,
    /// Whether this is the session that sent the request.
    pub current: bool,
    /// When the session began, in milliseconds UTC.
    pub created_ms: i64,
    /// When the session was last used, in milliseconds UTC, to the minute.
    pub seen_ms: i64,
    /// Network address from which the session began.
    pub address: String,
    /// The browser and system, such as `Edge on Windows`.
    pub agent: String,
}
