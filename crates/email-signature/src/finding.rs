//! Problems and possible improvements of a template while it is typed, with their positions.

use serde::{Deserialize, Serialize};
use std::ops::Range;

/// One remark on a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// How much it matters.
    pub level: Level,
    /// Id of the lint rule that the finding comes from; absent: it does not come from a lint rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What is wrong and what to do, in one sentence.
    pub detail: String,
    /// Position, in bytes of the source; absent: everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Range<usize>>,
    /// Whether the position is in the template's plain text instead of its HTML.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_text: bool,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Signatures lack something because of this.
    Problem,
    /// Mail programs show this differently.
    Advice,
}

impl Finding {
    /// A problem.
    pub fn problem(detail: impl Into<String>, at: Option<Range<usize>>) -> Self {
        Self { level: Level::Problem, rule: None, detail: detail.into(), at, in_text: false }
    }

    /// A finding of a lint rule.
    pub fn advice(rule: &str, detail: impl Into<String>, at: Option<Range<usize>>) -> Self {
        Self { level: Level::Advice, rule: Some(rule.to_owned()), detail: detail.into(), at, in_text: false }
    }
}
