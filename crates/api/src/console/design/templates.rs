//! Templates: the list, one being edited, its versions, the gallery.

use crate::console::RuleLink;
use crate::{BodyFormat, Kind};
use email_signature::{ImageMode, Part, Person, Problem, SenderCondition, Template};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most templates of a tenant.
pub const MAX_TEMPLATES: usize = 500;
/// Longest HTML or text of a template, in bytes.
pub const MAX_TEMPLATE: usize = 100_000;

/// Every template, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Templates {
    /// Published or not.
    pub templates: Vec<TemplateRow>,
}

/// A template in a list, as it would be published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TemplateRow {
    /// Its id.
    pub id: String,
    /// What admins, and people who choose, see.
    pub name: String,
    /// The folder that it is kept in; empty: none.
    pub folder: String,
    /// Where it stands in a signature.
    pub part: Part,
    /// How it stands.
    pub state: TemplateState,
    /// When it was changed last, in milliseconds UTC.
    pub changed_ms: i64,
    /// Who changed it last.
    pub changed_by: String,
    /// The rules that give it, published or not.
    pub used_by: Vec<RuleLink>,
    /// How many problems it has.
    pub problems: u32,
    /// Who may choose it in the pane; absent: nobody; empty: everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered_to: Option<Vec<SenderCondition>>,
}

/// Whether drafts get a template as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TemplateState {
    /// The version in use; absent: it was never published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// When that was published, in milliseconds UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_ms: Option<i64>,
    /// Whether there are changes that are not published.
    pub changed: bool,
    /// When they will be, in milliseconds UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish_ms: Option<i64>,
}

/// A template being edited. Its `ETag` is what `If-Match` names in a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TemplateDetail {
    /// The template with its unpublished changes.
    pub template: Template,
    /// How it stands.
    pub state: TemplateState,
    /// When it was changed last, in milliseconds UTC.
    pub changed_ms: i64,
    /// Who changed it last.
    pub changed_by: String,
    /// The rules that give it, published or not.
    pub used_by: Vec<RuleLink>,
    /// What compiling it finds wrong.
    pub problems: Vec<Problem>,
}

/// Makes a template, unpublished: from a design of the gallery, or from what else is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewTemplate {
    /// Its name; others may have it too.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = crate::console::MAX_NAME)))]
    pub name: String,
    /// Its folder.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = crate::console::MAX_NAME)))]
    pub folder: String,
    /// The gallery's design that it is a copy of, by id; the design's images come along. Part, HTML and text are not looked
    /// at then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub design: Option<String>,
    /// Where it stands in a signature.
    #[serde(default = "signature")]
    pub part: Part,
    /// HTML with placeholders.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_TEMPLATE)))]
    pub html: String,
    /// Plain text with placeholders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_TEMPLATE)))]
    pub text: Option<String>,
    /// How its images travel.
    #[serde(default)]
    pub images: ImageMode,
}

fn signature() -> Part {
    Part::Signature
}

/// A template as it shall be published next. With `If-Match`; a time at which it was to be published is forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UnpublishedTemplate {
    /// What admins, and people who choose, see.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = crate::console::MAX_NAME)))]
    pub name: String,
    /// Its folder; empty: none.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = crate::console::MAX_NAME)))]
    pub folder: String,
    /// Where it stands in a signature; rules that give it for another part are refused.
    pub part: Part,
    /// HTML with placeholders; the limit counts bytes.
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_TEMPLATE)))]
    pub html: String,
    /// Plain text with placeholders; absent: derived from the HTML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_TEMPLATE)))]
    pub text: Option<String>,
    /// How its images travel.
    #[serde(default)]
    pub images: ImageMode,
    /// Who may choose it in the pane; absent: nobody; empty: everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered_to: Option<Vec<SenderCondition>>,
}

/// For whom to show a template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct PreviewQuery {
    /// The person, by id; absent: somebody with many values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The kind of draft; absent: a new mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// The body's format; absent: HTML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<BodyFormat>,
}

/// A template filled, with its unpublished changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TemplatePreview {
    /// HTML with hosted images.
    pub html: String,
    /// Plain text.
    pub text: String,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// What the core needs to fill templates for somebody in the browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PreviewPerson {
    /// With every value in effect, those included that the server makes (`vcard_qr`).
    pub person: Person,
    /// Addresses that they may send from, their own first.
    pub senders: Vec<String>,
}

/// Published versions, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Versions {
    /// Kept for ever; the newest 200 are listed.
    pub versions: Vec<VersionRow>,
}

/// A published version in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VersionRow {
    /// Counts from 1.
    pub version: i64,
    /// When it was published, in milliseconds UTC.
    pub at_ms: i64,
    /// By whom.
    pub by: String,
}

/// A template as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TemplateVersion {
    /// Which version.
    pub version: i64,
    /// The template.
    pub template: Template,
}

/// A template with its images, as one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TemplateFile {
    /// What the file is: `paraph-template-1`.
    pub format: String,
    /// The template; its id means nothing elsewhere, nor does whom it is offered to.
    pub template: Template,
    /// Its images by name, base64.
    pub images: BTreeMap<String, String>,
}

/// What [`TemplateFile::format`] is.
pub const TEMPLATE_FILE: &str = "paraph-template-1";

/// HTML from Word, a mail, or another vendor's editor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Pasted {
    /// At most 1 MB.
    pub html: String,
}

/// The same as a template's HTML.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cleaned {
    /// Without what mails do not need; the other vendor's placeholders are ours.
    pub html: String,
    /// What was changed, in words.
    pub notes: Vec<String>,
}

/// Ready designs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Gallery {
    /// In the order in which they are shown.
    pub designs: Vec<Design>,
}

/// A ready design.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Design {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is good for, one sentence.
    pub description: String,
    /// Where it stands in a signature.
    pub part: Part,
    /// What it has, such as `photo` or `right to left`.
    pub tags: Vec<String>,
    /// HTML with placeholders.
    pub html: String,
    /// Plain text with placeholders; absent: derived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// It filled for a made-up person, with images of the gallery.
    pub preview: String,
}
