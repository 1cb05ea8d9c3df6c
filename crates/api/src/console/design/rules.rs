//! Rules: the ordered list, warnings about it, and the report.

use email_signature::Rule;
use serde::{Deserialize, Serialize};

/// Most rules of a tenant.
pub const MAX_RULES: usize = 1_000;
/// Most conditions of one kind, keywords or variants in a rule.
pub const MAX_CONDITIONS: usize = 200;

/// A link to a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RuleLink {
    /// Rule id.
    pub id: String,
    /// Name of the rule.
    pub name: String,
}

/// The rules as they would be published, in priority order. A change names this answer's `ETag` in `If-Match`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RuleList {
    /// Rules, each with its description in words.
    pub rules: Vec<RuleEntry>,
    /// Warnings about the rules.
    pub advice: Vec<RuleAdvice>,
    /// Version in use; 0: none was ever published here.
    pub version: i64,
    /// Whether there are unpublished changes.
    pub changed: bool,
    /// When the changes will be published, in milliseconds UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish_ms: Option<i64>,
    /// When the rules were last changed, in milliseconds UTC; absent: never here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_ms: Option<i64>,
    /// Who last changed the rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_by: Option<String>,
}

/// A rule with its description in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RuleEntry {
    /// The rule.
    pub rule: Rule,
    /// Conditions and actions of the rule, one sentence each.
    pub words: Vec<String>,
    /// How the rule differs from the published list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<RuleChange>,
}

/// How a rule differs from the published ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RuleChange {
    /// The rule is new.
    Added,
    /// The rule has different content or a different place.
    Changed,
}

/// A warning about a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RuleAdvice {
    /// Rule id.
    pub rule: String,
    /// Kind of warning.
    pub kind: RuleOddity,
    /// What looks wrong, why, and what to do.
    pub detail: String,
    /// Id of the other rule that the warning is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<String>,
}

/// Kinds of warnings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RuleOddity {
    /// The rule can never apply, for example because it contradicts itself or its schedule is over.
    Never,
    /// An earlier rule always decides first.
    Shadowed,
    /// Another rule with the same conditions has a different outcome.
    Conflict,
    /// The rule names a template, group, person or field that does not exist.
    Missing,
}

/// Saves the rules' unpublished version. With `If-Match`; cancels planned publishing of the rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UnpublishedRules {
    /// Rules in priority order. A new rule has a unique id of letters, digits, `-` and `_`.
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_RULES)))]
    pub rules: Vec<Rule>,
}

/// Asks where to put a new rule among the unpublished ones, and what that changes for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlaceRule {
    /// The rule, which is compared as if it were switched on. One with the same id in the list is left out.
    pub rule: Rule,
    /// How many of the other rules are before it; absent: as proposed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(max = MAX_RULES)))]
    pub at: Option<u32>,
}

/// A place for a new rule, and what becomes of the rules around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RulePlacement {
    /// Proposed place: behind the rules that are narrower, before the first wider one that would always decide first.
    pub proposed: u32,
    /// The place that the rest is about.
    pub at: u32,
    /// How many people and mailboxes the new rule is for.
    pub people: u64,
    /// How many people and mailboxes were compared: the first ones by id, of all.
    pub compared: u64,
    /// How many people and mailboxes there are.
    pub total: u64,
    /// Rules before it that decide first for some of its mail, in priority order.
    pub first: Vec<RuleBeside>,
    /// Rules behind it that lose some of their mail to it, in priority order.
    pub replaced: Vec<RuleBeside>,
    /// Why it has no effect there, or only in part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

/// A rule that is for some of the same mail as a new one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RuleBeside {
    /// Rule id.
    pub id: String,
    /// Name of the rule.
    pub name: String,
    /// How many people and mailboxes both rules are for.
    pub people: u64,
    /// Whether the rule that comes second loses all of its mail to the first.
    pub entirely: bool,
}

/// A published version of the rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RulesVersion {
    /// Version number.
    pub version: i64,
    /// Rules in priority order.
    pub rules: Vec<Rule>,
}

/// Options of the report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ReportQuery {
    /// Whether to report the unpublished changes instead of the published rules.
    pub unpublished: bool,
}

/// All rules, described in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RuleReport {
    /// The organisation's name.
    pub tenant: String,
    /// When the report was created, in milliseconds UTC.
    pub at_ms: i64,
    /// Whether the report includes the unpublished changes.
    pub unpublished: bool,
    /// Rules in priority order.
    pub rules: Vec<ReportedRule>,
}

/// A rule, described in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReportedRule {
    /// Place in the list, counted from 1.
    pub place: u32,
    /// Rule id.
    pub id: String,
    /// Name of the rule.
    pub name: String,
    /// Folder of the rule.
    pub folder: String,
    /// Whether the rule is switched on.
    pub enabled: bool,
    /// Conditions, one sentence each.
    pub conditions: Vec<String>,
    /// Actions of the rule and whether later rules are evaluated, one sentence each.
    pub gives: Vec<String>,
    /// Warnings about the rule.
    pub advice: Vec<String>,
}
