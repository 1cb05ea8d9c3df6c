//! A signature from another program, made into a template: the plan, and applying it.

use email_signature::Part;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most bytes of a signature's files together, as they are uploaded.
pub const MAX_MIGRATION: usize = 12 * 1024 * 1024;
/// Most bytes that an archive may unpack to.
pub const MAX_UNPACKED: usize = 40 * 1024 * 1024;
/// Most files, in an archive or as they are.
pub const MAX_MIGRATED_FILES: usize = 200;
/// Longest HTML in bytes, without the images that are embedded in it.
pub const MAX_MIGRATED_HTML: usize = 1_000_000;
/// Most images in one signature.
pub const MAX_MIGRATED_IMAGES: usize = 50;

/// A signature as another program saved it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MigrationSource {
    /// One zip, or an HTML file with the images that it uses; at most 12 MB.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<MigrationFile>,
    /// HTML that was pasted, instead of files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// Path of the HTML file to use if there are several; absent: the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
}

/// A file of a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MigrationFile {
    /// Name, with its folders if it has any, such as `Sales_files/image001.png`.
    pub name: String,
    /// Content in base64.
    pub data: String,
}

/// What becomes of another program's placeholder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PlaceholderUse {
    /// The value of a field, by its token, such as `title` or `manager.display_name`.
    Field(String),
    /// It stays as text: it is no placeholder.
    Text,
    /// It is left out.
    Remove,
}

/// What to plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlanMigration {
    /// The signature.
    pub source: MigrationSource,
    /// What becomes of placeholders, by how they are written; the suggestion is used for any other.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub mapping: BTreeMap<String, PlaceholderUse>,
    /// Id of the person that the result is shown for; absent: someone with many values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
}

/// What to create.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ApplyMigration {
    /// The signature, as it was planned.
    pub source: MigrationSource,
    /// What becomes of placeholders, by how they are written; the suggestion is used for any other.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub mapping: BTreeMap<String, PlaceholderUse>,
    /// Name of the template.
    pub name: String,
    /// Folder of the template; empty: none.
    #[serde(default)]
    pub folder: String,
    /// Part of the template.
    #[serde(default = "signature")]
    pub part: Part,
}

fn signature() -> Part {
    Part::Signature
}

/// What a migration would create. Nothing is stored yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MigrationPlan {
    /// Name for the template, from the file's name.
    pub name: String,
    /// Path of the HTML file in use; absent: the HTML was pasted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// Paths of every HTML file.
    pub pages: Vec<String>,
    /// The signature as it was, without scripts, its images embedded.
    pub before: String,
    /// The template filled for the person, its images embedded.
    pub after: String,
    /// The same as plain text.
    pub after_text: String,
    /// Display name of the person that it is filled for; absent: there are no people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_for: Option<String>,
    /// HTML of the template.
    pub html: String,
    /// Every placeholder of another program, in the order in which they first appear.
    pub placeholders: Vec<ForeignPlaceholder>,
    /// Every image, in the order in which they first appear.
    pub images: Vec<MigratedImage>,
    /// What was kept in another form, and what was lost, in sentences.
    pub notes: Vec<String>,
    /// What is still wrong with the template, in sentences.
    pub problems: Vec<String>,
}

/// A placeholder of another program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ForeignPlaceholder {
    /// As it is written, such as `{Desk Phone}`; the key in the mapping.
    pub written: String,
    /// How often it occurs.
    pub count: u32,
    /// Where it occurs, such as `Tel. {Desk Phone}` or `in a link`; at most three places.
    pub places: Vec<String>,
    /// What it probably means; absent: nothing fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<PlaceholderSuggestion>,
    /// What becomes of it in this plan; absent: it is not mapped, which is a problem, or it is a condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub becomes: Option<PlaceholderUse>,
    /// What becomes of a condition such as `{rt}`, in one sentence; absent: it is no condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
}

/// The field that a placeholder probably means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlaceholderSuggestion {
    /// Token of the field.
    pub field: String,
    /// How certain that is.
    pub confidence: Confidence,
    /// Why, in one sentence.
    pub reason: String,
}

/// How certain a suggestion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// A guess from a similar name.
    Guess,
    /// The name contains a field's name.
    Likely,
    /// The name is one that programs use for the field.
    Sure,
}

/// An image of a signature from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MigratedImage {
    /// Name under which the template uses it, or its address if it stays remote.
    pub name: String,
    /// How the signature refers to it; an embedded image is shortened.
    pub reference: String,
    /// Where it was found.
    pub found: ImageFound,
    /// Size in bytes after re-encoding; absent: it cannot be used or was not found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Width in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Why it cannot be used, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// Where an image was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ImageFound {
    /// Among the files.
    File,
    /// In the HTML itself.
    Embedded,
    /// On another server, where it stays.
    Remote,
    /// Nowhere.
    Missing,
}
