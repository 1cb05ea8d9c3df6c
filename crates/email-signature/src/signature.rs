//! The outcome for one draft.

use serde::{Deserialize, Serialize};

/// What to insert into one draft, and why. `Default` is empty: the signature of a draft to which no rule applies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// Sanitised HTML, at most 30,000 characters (UTF-16 units, as Outlook counts); empty when no template applies.
    pub html: String,
    /// The same signature as plain text, with lines separated by `\n`.
    pub text: String,
    /// Named images that the HTML uses.
    pub images: Vec<Image>,
    /// Equal fingerprints mean that inserting again would change nothing.
    pub fingerprint: String,
    /// Why each rule did or did not apply, in priority order, and then which brand was chosen.
    pub because: Vec<Because>,
    /// Problems that an admin should correct.
    pub problems: Vec<Problem>,
}

/// One image that a signature's HTML uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The name that the template uses, such as `logo.png`.
    pub name: String,
    /// Name after `cid:` in the HTML if the image is attached inline; `None`: hosted.
    pub cid: Option<String>,
    /// Hosted address of the image.
    pub url: String,
}

/// Why a rule did or did not apply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Because {
    /// The rule's id; empty: this is about the brand.
    pub rule: String,
    /// The rule's name, or the brand's.
    pub name: String,
    /// Whether it applied.
    pub applied: bool,
    /// The reason, in one sentence for admins.
    pub reason: String,
}

/// A problem, which never blocks a mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// Id of the template or rule.
    pub source: String,
    /// What is wrong and what to do, in one sentence.
    pub detail: String,
}
