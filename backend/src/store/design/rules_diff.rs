//! How two lists of rules differ, for admins and the audit.

use email_signature::Rule;
use serde_json::{Value, json};
use std::collections::HashMap;

/// How two lists of rules differ.
pub struct RulesDiff<'a> {
    /// New rules.
    pub added: Vec<&'a Rule>,
    /// Changed rules: before and after.
    pub changed: Vec<(&'a Rule, &'a Rule)>,
    /// Removed rules.
    pub removed: Vec<&'a Rule>,
    /// The rules of both lists, in the order of each.
    kept: [Vec<&'a Rule>; 2],
}

impl<'a> RulesDiff<'a> {
    /// The difference between two lists.
    pub fn new(before: &'a [Rule], after: &'a [Rule]) -> Self {
        let index = |rules: &'a [Rule]| rules.iter().map(|rule| (rule.id.as_str(), rule)).collect::<HashMap<_, _>>();
        let (old, new) = (index(before), index(after));
        let (kept, removed) = before.iter().partition(|rule| new.contains_key(rule.id.as_str()));
        let (kept_after, added): (Vec<&Rule>, _) = after.iter().partition(|rule| old.contains_key(rule.id.as_str()));
        let changed = kept_after.iter().map(|rule| (old[rule.id.as_str()], *rule));
        Self { added, changed: changed.filter(|(from, to)| from != to).collect(), removed, kept: [kept, kept_after] }
    }

    /// Whether the order of the remaining rules changed.
    pub fn moved(&self) -> bool {
        let ids = |rules: &[&'a Rule]| rules.iter().map(|rule| &rule.id).collect::<Vec<_>>();
        ids(&self.kept[0]) != ids(&self.kept[1])
    }

    /// Details for the audit, by rule.
    pub(super) fn told(&self) -> Vec<Value> {
        let told = |name: &str, from: Option<&Rule>, to: Option<&Rule>| json!({ "what": format!("Rule “{name}”"), "from": from, "to": to });
        let mut changes: Vec<Value> = self.added.iter().map(|rule| told(&rule.name, None, Some(rule))).collect();
        changes.extend(self.changed.iter().map(|(from, to)| told(&to.name, Some(from), Some(to))));
        changes.extend(self.removed.iter().map(|rule| told(&rule.name, Some(rule), None)));
        if self.moved() {
            let order =
                |rules: &[&'a Rule]| rules.iter().map(|rule| format!("“{}”", rule.name)).collect::<Vec<_>>().join(", ");
            let (from, to) = (order(&self.kept[0]), order(&self.kept[1]));
            changes.push(json!({ "what": "Order of the rules", "from": from, "to": to }));
        }
        changes
    }
}
