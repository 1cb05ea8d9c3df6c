//! What is wrong with unpublished changes once they are rendered for everybody whom they concern.

use crate::console::Picked;
use serde::{Deserialize, Serialize};

/// Asks whether changes are ready to publish. Ask again with the same body until the answer is finished.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CheckReady {
    /// The changes to publish.
    pub changes: Picked,
    /// When they will be published, in milliseconds UTC; absent: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_ms: Option<i64>,
}

/// Whether changes are ready to publish. Everyone whose signature changes is looked at for new mails, replies, forwards
/// and appointments, inside and outside the organisation; templates that the rules give to nobody are looked at for the
/// people whom they are meant for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Readiness {
    /// How many people and mailboxes have been looked at.
    pub done: u64,
    /// Total number of people and mailboxes.
    pub total: u64,
    /// Whether everybody has been looked at.
    pub finished: bool,
    /// How many people get something different.
    pub concerned: u64,
    /// The most serious level of the findings; absent: there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<ReadyLevel>,
    /// Stands for the findings where a publisher accepts them.
    pub fingerprint: String,
    /// What was found, the most serious first.
    pub findings: Vec<ReadyFinding>,
}

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReadyLevel {
    /// The changes cannot be published like this.
    Error,
    /// They can be published by somebody who accepts it.
    Warning,
    /// They can be published; mail programs may show them differently.
    Advice,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReadyKind {
    /// The template renders as nothing.
    Empty,
    /// The signature is longer than Outlook accepts, so a part is left out or it becomes plain text.
    TooLong,
    /// Text that looks like a placeholder that was not filled.
    Placeholder,
    /// Something is wider than a reading pane or page.
    Wide,
    /// The plain text is empty.
    NoText,
    /// There are only images, nothing to read.
    OnlyImages,
    /// Words are glued together in the plain text.
    Glued,
    /// A separator in the plain text separates nothing.
    Separator,
    /// A problem that rendering reports.
    Problem,
    /// Something in the template that Outlook shows differently and that can be corrected automatically.
    Outlook,
}

/// Something that was found in one template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadyFinding {
    /// What was found.
    pub kind: ReadyKind,
    /// How serious it is.
    pub level: ReadyLevel,
    /// Id of the template.
    pub template: String,
    /// Name of the template.
    pub name: String,
    /// What is wrong and what to do, in one or two sentences.
    pub detail: String,
    /// How many people it concerns; 0: it does not depend on people.
    pub people: u64,
    /// How many people the template was rendered for.
    pub of: u64,
    /// Some of these people.
    pub some: Vec<ReadyPerson>,
    /// What can be corrected with one request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

/// A person whom a finding concerns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadyPerson {
    /// Person id.
    pub id: String,
    /// Name of the person.
    pub name: String,
}

/// Corrects something in a template's unpublished version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FixTemplate {
    /// What to correct, as a finding names it.
    pub fix: String,
}
