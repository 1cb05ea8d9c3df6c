//! The outcome for one draft.

use serde::{Deserialize, Serialize};

/// What to insert into one draft, and why. `Default` is the signature of a draft to which no rule applies: empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// Sanitised HTML, at most 30,000 characters (UTF-16 units, as Outlook counts); empty when no template applies.
    pub html: String,
    /// The plain-text twin, lines separated by `\n`.
    pub text: String,
    /// The named images that the HTML uses.
    pub images: Vec<Image>,
    /// Equal fingerprints mean that inserting again would change nothing.
    pub fingerprint: String,
    /// Why each rule did or did not apply, in priority order.
    pub because: Vec<Because>,
    /// What an admin should mend.
    pub problems: Vec<Problem>,
}

/// One image that a signature's HTML uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The name that the template uses, such as `logo.png`.
    pub name: String,
    /// The name behind `cid:` in the HTML when the image is to be attached inline; `None`: hosted.
    pub cid: Option<String>,
    /// Its hosted address.
    pub url: String,
}

/// Why a rule did or did not apply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Because {
    /// The rule's id.
    pub rule: String,
    /// The rule's name.
    pub name: String,
    /// Whether it applied.
    pub applied: bool,
    /// The reason, one sentence in words that an admin understands.
    pub reason: String,
}

/// Something wrong that never blocks a mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// The template's id, or the rule's.
    pub source: String,
    /// What is wrong and what to do, one sentence.
    pub detail: String,
}
