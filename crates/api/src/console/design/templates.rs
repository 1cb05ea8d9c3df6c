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

/// Every template, sorted by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Templates {
    /// Templates, published or not.
    pub templates: Vec<TemplateRow>,
}

/// A template in a list, as it would be published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TemplateRow {
    /// Template id.
    pub id: String,
    /// Name that admins see, and people who may choose the template.
    pub name: String,
    /// Folder; empty: none.
    pub folder: String,
    /// Part of the signature that the template is for.
    pub part: Part,
    /// Publishing state.
    pub state: TemplateState,
    /// When the template was last changed, in milliseconds UTC.
    pub changed_ms: i64,
    /// Who last changed the template.
    pub changed_by: String,
    /// Rules that use the template, published or not.
    pub used_by: Vec<RuleLink>,
    /// Templates that use the block, published or not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub used_in: Vec<TemplateLink>,
    /// Number of problems.
    pub problems: u32,
    /// Who may choose the template in the pane; absent: nobody; empty: everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered_to: Option<Vec<SenderCondition>>,
}

/// Which version of a template is in use, and whether it has unpublished changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TemplateState {
    /// Version in use; absent: the template was never published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// When that version was published, in milliseconds UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_ms: Option<i64>,
    /// Whether there are unpublished changes.
    pub changed: bool,
    /// When the changes will be published, in milliseconds UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish_ms: Option<i64>,
}

/// A template being edited. A change names this answer's `ETag` in `If-Match`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TemplateDetail {
    /// The template with its unpublished changes.
    pub template: Template,
    /// Publishing state.
    pub state: TemplateState,
    /// When the template was last changed, in milliseconds UTC.
    pub changed_ms: i64,
    /// Who last changed the template.
    pub changed_by: String,
    /// Rules that use the template, published or not.
    pub used_by: Vec<RuleLink>,
    /// Templates that use the block, published or not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub used_in: Vec<TemplateLink>,
    /// Problems found when compiling the template.
    pub problems: Vec<Problem>,
}

/// A template, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TemplateLink {
    /// Template id.
    pub id: String,
    /// Name of the template.
    pub name: String,
}

/// Every block, sorted by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Blocks {
    /// Blocks with their unpublished changes. A template uses one as `{% include "ID" %}`.
    pub blocks: Vec<Template>,
}

/// Creates an unpublished template, from a design of the gallery or from the other properties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewTemplate {
    /// Name of the template, which need not be unique.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = crate::console::MAX_NAME)))]
    pub name: String,
    /// Folder of the template.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = crate::console::MAX_NAME)))]
    pub folder: String,
    /// Id of the gallery design to copy, with its images. If present, part, HTML and text are ignored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub design: Option<String>,
    /// Part of the signature that the template is for.
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
    /// How images are sent.
    #[serde(default)]
    pub images: ImageMode,
}

fn signature() -> Part {
    Part::Signature
}

/// Saves a template's unpublished version. With `If-Match`; cancels planned publishing of the template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UnpublishedTemplate {
    /// Name that admins see, and people who may choose the template.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = crate::console::MAX_NAME)))]
    pub name: String,
    /// Folder of the template; empty: none.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = crate::console::MAX_NAME)))]
    pub folder: String,
    /// Part of the signature that the template is for, or a block that templates share; refused if rules or templates use
    /// it for something else.
    pub part: Part,
    /// HTML with placeholders; the limit is in bytes.
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_TEMPLATE)))]
    pub html: String,
    /// Plain text with placeholders; absent: derived from the HTML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_TEMPLATE)))]
    pub text: Option<String>,
    /// How images are sent.
    #[serde(default)]
    pub images: ImageMode,
    /// Who may choose the template in the pane; absent: nobody; empty: everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered_to: Option<Vec<SenderCondition>>,
}

/// The person and draft for which a template is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct PreviewQuery {
    /// Person id; absent: a person with many values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The kind of draft; absent: a new mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// The body's format; absent: HTML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<BodyFormat>,
}

/// A template with its unpublished changes, filled with a person's values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TemplatePreview {
    /// HTML with hosted images.
    pub html: String,
    /// Plain text.
    pub text: String,
    /// Problems with the template.
    pub problems: Vec<Problem>,
}

/// What the core needs to fill templates for a person in the browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PreviewPerson {
    /// The person with every value in effect, including values that the server creates (`vcard_qr`).
    pub person: Person,
    /// Addresses that the person may send from, their own first.
    pub senders: Vec<String>,
    /// Tokens of the brands' own values, with unpublished changes: `slogan` for `{{ brand.slogan }}`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub brand_tokens: Vec<String>,
}

/// Published versions, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Versions {
    /// The newest 200 versions; all are kept for ever.
    pub versions: Vec<VersionRow>,
}

/// A published version in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VersionRow {
    /// Version number, from 1.
    pub version: i64,
    /// When the version was published, in milliseconds UTC.
    pub at_ms: i64,
    /// Who published the version.
    pub by: String,
}

/// A published version of a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TemplateVersion {
    /// Version number.
    pub version: i64,
    /// The template.
    pub template: Template,
}

/// A template with its images, as one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TemplateFile {
    /// Format of the file: `paraph-template-1`.
    pub format: String,
    /// The template, in which the blocks that it uses are part of its HTML; its id and `offered_to` have no meaning in
    /// another tenant.
    pub template: Template,
    /// Images by name, in base64.
    pub images: BTreeMap<String, String>,
}

/// Value of [`TemplateFile::format`].
pub const TEMPLATE_FILE: &str = "paraph-template-1";

/// HTML from Word, a mail, or another vendor's editor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Pasted {
    /// HTML to clean, at most 1 MB.
    pub html: String,
}

/// Pasted HTML, cleaned for use in a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cleaned {
    /// HTML without markup that mails do not need, and with another vendor's placeholders replaced by ours.
    pub html: String,
    /// Changes that were made, in words.
    pub notes: Vec<String>,
}

/// Ready designs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Gallery {
    /// Designs in display order.
    pub designs: Vec<Design>,
}

/// A ready design.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Design {
    /// Design id.
    pub id: String,
    /// Name of the design.
    pub name: String,
    /// What the design is good for, in one sentence.
    pub description: String,
    /// Part of the signature that the template is for.
    pub part: Part,
    /// Features, such as `photo` or `right to left`.
    pub tags: Vec<String>,
    /// HTML with placeholders.
    pub html: String,
    /// Plain text with placeholders; absent: derived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The design filled for a made-up person, with images from the gallery.
    pub preview: String,
}
