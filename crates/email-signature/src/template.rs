//! The design of one part of a signature.

use crate::SenderCondition;
use serde::{Deserialize, Serialize};

/// The design of one part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Template {
    /// Stable id within the tenant.
    pub id: String,
    /// Name that admins see, and people who may choose the template.
    pub name: String,
    /// Folder for admins' order; empty: none. It has no other effect.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub folder: String,
    /// Part of the signature that the template is for.
    pub part: Part,
    /// HTML with minijinja placeholders: `{{ title }}`, `{{ phone|tel }}`. Images are named: `<img src="image:logo.png">`,
    /// and so are blocks: `{% include "ID" %}`.
    pub html: String,
    /// Plain text with the same placeholders; without it the text is derived from the HTML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// How images are sent.
    #[serde(default)]
    pub images: ImageMode,
    /// Who may choose the template in the pane instead of the one from the rules. Absent: nobody. Empty: everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered_to: Option<Vec<SenderCondition>>,
}

/// What a template is for: one of the three parts, in the order in which they are always joined, or a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The sender's details.
    Signature,
    /// A banner.
    Campaign,
    /// The small print.
    Disclaimer,
    /// No part of its own: HTML that templates share, as `{% include "ID" %}`.
    Block,
}

impl Part {
    /// All parts of a signature in the order in which they are joined.
    pub const ALL: [Self; 3] = [Self::Signature, Self::Campaign, Self::Disclaimer];

    /// The part's name in sentences.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::Campaign => "campaign",
            Self::Disclaimer => "disclaimer",
            Self::Block => "block",
        }
    }
}

/// How a template's images are sent.
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
