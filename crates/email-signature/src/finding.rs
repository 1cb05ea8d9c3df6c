//! What is wrong with a template as it is typed, or could be better, and where.

use serde::{Deserialize, Serialize};
use std::ops::Range;

/// One remark on a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// How much it matters.
    pub level: Level,
    /// The rule of the lint that it comes from, by id; absent: it is no matter of taste or of Outlook's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What is wrong and what to do, one sentence.
    pub detail: String,
    /// Where, in bytes of the source; absent: everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Range<usize>>,
    /// Whether that is the template's plain text, and not its HTML.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_text: bool,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Signatures lack something because of it.
    Problem,
    /// Some mail programs show it differently from others.
    Advice,
}

impl Finding {
    /// A problem.
    pub fn problem(detail: impl Into<String>, at: Option<Range<usize>>) -> Self {
        Self { level: Level::Problem, rule: None, detail: detail.into(), at, in_text: false }
    }

    /// What a rule of the lint has to say.
    pub fn advice(rule: &str, detail: impl Into<String>, at: Option<Range<usize>>) -> Self {
        Self { level: Level::Advice, rule: Some(rule.to_owned()), detail: detail.into(), at, in_text: false }
    }
}
