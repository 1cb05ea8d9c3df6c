//! Wire types: the JSON bodies and paths that the server and its clients share.

use serde::{Deserialize, Serialize};

pub mod connector;
pub mod console;
pub mod weather;

pub use email_signature::{Because, BodyFormat, Kind, RecipientType};

/// Paths below the origin, as both sides spell them.
pub mod paths {
    /// `POST` [`crate::Draft`] -> [`crate::Signature`].
    pub const SIGNATURE: &str = "/api/v1/signature";
    /// `POST` [`crate::Draft`] -> [`crate::Choices`].
    pub const CHOICES: &str = "/api/v1/signature/choices";
    /// `GET` -> [`crate::Me`].
    pub const ME: &str = "/api/v1/me";
    /// `PATCH` [`crate::FieldChanges`] -> [`crate::Me`].
    pub const ME_FIELDS: &str = "/api/v1/me/fields";
}

/// Most recipients in one draft: what Outlook on the web and Windows return at most
/// (`Office.Recipients.getAsync`).
pub const MAX_RECIPIENTS: usize = 1_000;
/// Longest subject, in characters: Outlook's own limit.
pub const MAX_SUBJECT: usize = 255;
/// Longest name of a time zone, in characters.
pub const MAX_TIME_ZONE: usize = 64;
/// Longest value of one field, in characters.
pub const MAX_FIELD: usize = 1_000;

/// What is being composed, as the add-in sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Draft {
    /// `new`, `reply`, `forward` or `appointment`.
    pub kind: Kind,
    /// Address in From; absent: the signed-in person's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// To, Cc and Bcc.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_RECIPIENTS)))]
    pub recipients: Vec<Recipient>,
    /// Whether some recipients are missing here because Outlook did not give them in time.
    #[serde(default)]
    pub recipients_unread: bool,
    /// `html` or `text`.
    #[serde(default)]
    pub format: BodyFormat,
    /// The subject.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_SUBJECT)))]
    pub subject: String,
    /// IANA time zone of the computer, such as `Europe/Paris`, for rules that follow the sender's own clock. One that is unknown
    /// counts as none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_TIME_ZONE)))]
    pub time_zone: Option<String>,
    /// Platform on which the draft is composed: `Office.context.platform` or what the client knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 40)))]
    pub platform: Option<String>,
    /// Version that the client reports (`mailbox.diagnostics.hostVersion`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 40)))]
    pub version: Option<String>,
    /// Id of the signature template that the person chose instead of the one from the rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<String>,
    /// Whether to include the reasons, rule by rule. With many rules this makes the answer slower.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub explain: bool,
    /// What earlier events measured. It is counted and changes nothing about the answer; what cannot be read is ignored.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "weather::read_all")]
    pub weather: Vec<weather::MeasuredEvent>,
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_yes(yes: &bool) -> bool {
    *yes
}

/// One recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Recipient {
    /// The address.
    pub address: String,
    /// Recipient type that Outlook reports.
    #[serde(default, rename = "type")]
    pub kind: RecipientType,
}

/// What to insert, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Signature {
    /// HTML, at most 30,000 characters; empty when no rule gives a signature.
    pub html: String,
    /// The same signature as plain text.
    pub text: String,
    /// Images to attach before the HTML is inserted, with their hosted addresses.
    pub images: Vec<Image>,
    /// Equal fingerprints mean that inserting again would change nothing.
    pub fingerprint: String,
    /// Name of the signature template in use; absent when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Why each rule did or did not apply, in priority order; empty when [`Draft::explain`] is false.
    pub because: Vec<Because>,
}

/// An image that the HTML uses as `cid:NAME`. Hosted images are plain links in the HTML and not listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Image {
    /// Name of the attachment, which follows `cid:` in the HTML.
    pub cid: String,
    /// Hosted address of the image: replace `cid:NAME` with it when the image cannot be attached.
    pub url: String,
    /// The file in base64, without a `data:` prefix.
    pub content: String,
}

/// The signatures that the person can choose for a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Choices {
    /// Sorted by name, without the signature from the rules.
    pub choices: Vec<Offered>,
}

/// A signature that the person can choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Offered {
    /// The template's id: the `choice` of a [`Draft`].
    pub template: String,
    /// The template's name.
    pub name: String,
    /// The signature as it would be inserted, with hosted images.
    pub html: String,
    /// The same signature as plain text.
    pub text: String,
}

/// The signed-in person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Me {
    /// Display name, or the address if there is none.
    pub name: String,
    /// Primary address.
    pub address: String,
    /// Every address that the person may send from: their own first, then aliases and shared mailboxes.
    pub senders: Vec<String>,
    /// Fields that the admin lets the person edit, in the admin's order.
    pub fields: Vec<Field>,
}

/// A field that the person may edit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Field {
    /// The field's token.
    pub token: String,
    /// Label that the person sees.
    pub label: String,
    /// The value in effect; empty when there is none.
    pub value: String,
    /// Whether `value` is the person's own (source `self`) and can therefore be removed.
    pub own: bool,
}

/// New values of the person's own fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldChanges {
    /// New values by token; `null` removes the person's own value, so that the directory's value is in effect again.
    pub fields: std::collections::BTreeMap<String, Option<String>>,
}

/// The envelope of every error answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Errors {
    /// One or more errors.
    pub errors: Vec<ErrorDetail>,
}

/// One error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErrorDetail {
    /// What is wrong and what to do.
    pub detail: String,
    /// The field that is wrong, such as `recipients[3].address`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// Settings that the server passes to its own pages and handler: the JSON in `<script id="settings">` of the pane, and
/// `SETTINGS` in `launchevent.js`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Settings {
    /// This deployment's origin, without a trailing slash.
    pub origin: String,
    /// The server's version.
    pub version: String,
    /// The Entra application (client) id.
    pub client_id: String,
    /// Where tokens come from, such as `https://login.microsoftonline.com/organizations`.
    pub authority: String,
    /// The scope that the add-in asks for, `api://HOST/CLIENT-ID/access_as_user`.
    pub scope: String,
    /// The address of Office.js.
    pub office_js: String,
}
