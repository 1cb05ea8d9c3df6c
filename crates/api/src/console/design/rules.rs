//! Rules: the ordered list, what is odd about it, and the report.

use email_signature::Rule;
use serde::{Deserialize, Serialize};

/// Most rules of a tenant.
pub const MAX_RULES: usize = 1_000;
/// Most conditions of one kind, keywords or variants in a rule.
pub const MAX_CONDITIONS: usize = 200;

/// A rule, to go to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RuleLink {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// The rules as they would be published, in priority order. Its `ETag` is what `If-Match` names in a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RuleList {
    /// Each with its words.
    pub rules: Vec<RuleEntry>,
    /// What is odd about them.
    pub advice: Vec<RuleAdvice>,
    /// The version in use; 0: none was ever published here.
    pub version: i64,
    /// Whether there are changes that are not published.
    pub changed: bool,
    /// When they will be, in milliseconds UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish_ms: Option<i64>,
    /// When they were changed last, in milliseconds UTC; absent: never here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_ms: Option<i64>,
    /// Who changed them last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_by: Option<String>,
}

/// A rule with its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RuleEntry {
    /// The rule.
    pub rule: Rule,
    /// Its conditions and what it gives, a sentence each.
    pub words: Vec<String>,
    /// How it differs from the published list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<RuleChange>,
}

/// How a rule differs from the published ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RuleChange {
    /// It is new.
    Added,
    /// It says something else, or stands elsewhere.
    Changed,
}

/// Something odd about a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RuleAdvice {
    /// The rule, by id.
    pub rule: String,
    /// What sort of oddity.
    pub kind: RuleOddity,
    /// What is odd, why, and what to do.
    pub detail: String,
    /// The other rule that it is about, by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<String>,
}

/// Sorts of oddities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RuleOddity {
    /// It can never apply, such as when it contradicts itself or its schedule is over.
    Never,
    /// Another rule before it always decides first.
    Shadowed,
    /// Another rule with the same conditions gives something else.
    Conflict,
    /// It names a template, group, person or field that does not exist.
    Missing,
}

/// The rules as they shall be published next. With `If-Match`; a time at which they were to be published is forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UnpublishedRules {
    /// In priority order. A new rule has an id that no other has: letters, digits, `-` and `_`.
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_RULES)))]
    pub rules: Vec<Rule>,
}

/// Rules as they were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RulesVersion {
    /// Which version.
    pub version: i64,
    /// In priority order.
    pub rules: Vec<Rule>,
}

/// Which rules to report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ReportQuery {
    /// With the unpublished changes instead of what is published.
    pub unpublished: bool,
}

/// All rules in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RuleReport {
    /// The organisation's name.
    pub tenant: String,
    /// When the report was made, in milliseconds UTC.
    pub at_ms: i64,
    /// Whether it has the unpublished changes.
    pub unpublished: bool,
    /// In priority order.
    pub rules: Vec<ReportedRule>,
}

/// A rule in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReportedRule {
    /// Counts from 1.
    pub place: u32,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its folder.
    pub folder: String,
    /// Whether it is on.
    pub enabled: bool,
    /// Its conditions, a sentence each.
    pub conditions: Vec<String>,
    /// What it gives and whether the rules behind it are looked at, a sentence each.
    pub gives: Vec<String>,
    /// What is odd about it.
    pub advice: Vec<String>,
}
