//! The design of one part of a signature.

use crate::SenderCondition;
use serde::{Deserialize, Serialize};

/// The design of one part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Template {
    /// Stable id within the tenant.
    pub id: String,
    /// What admins, and people who choose, see.
    pub name: String,
    /// The folder that admins keep it in; empty: none. Nothing depends on it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub folder: String,
    /// Where it stands in a signature.
    pub part: Part,
    /// HTML with minijinja placeholders: `{{ title }}`, `{{ phone|tel }}`. Images are named: `<img src="image:logo.png">`.
    pub html: String,
    /// Plain text with the same placeholders; without it the text is derived from the HTML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// How its images travel.
    #[serde(default)]
    pub images: ImageMode,
    /// Who may choose it in the pane instead of what the rules give. Absent: nobody. Empty: everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered_to: Option<Vec<SenderCondition>>,
}

/// The three parts, in the order in which they are always joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Who writes.
    Signature,
    /// A banner.
    Campaign,
    /// The small print.
    Disclaimer,
}

impl Part {
    /// All parts in the order in which they are joined.
    pub const ALL: [Self; 3] = [Self::Signature, Self::Campaign, Self::Disclaimer];

    /// Its word in sentences.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::Campaign => "campaign",
            Self::Disclaimer => "disclaimer",
        }
    }
}

/// How a template's images travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ImageMode {
    /// As links to this deployment's images: small mails, no attachment mix-ups (office-js #4860, #3718).
    #[default]
    Hosted,
    /// As inline attachments (`cid:`), with the hosted address as fallback.
    Cid,
}
