//! All rules of a tenant in words: for a page to read and print, and as CSV.

mod csv;

pub use csv::to_csv;

use api::console::{ReportedRule, RuleReport};
use email_signature::{Known, Rule, describe, review};
use std::collections::BTreeMap;

/// The report of `rules`, in priority order, as they are at `at_ms` (milliseconds UTC).
pub fn report(tenant: &str, rules: &[Rule], known: &Known<'_>, at_ms: i64, unpublished: bool) -> RuleReport {
    let mut advice: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for oddity in review(rules, known, at_ms) {
        advice.entry(oddity.rule).or_default().push(oddity.detail);
    }
    let reported = |(place, rule): (u32, &Rule)| {
        let words = describe(rule, known);
        ReportedRule {
            place,
            id: rule.id.clone(),
            name: rule.name.clone(),
            folder: rule.folder.clone(),
            enabled: rule.enabled,
            conditions: words.conditions,
            gives: words.gives,
            advice: advice.remove(&rule.id).unwrap_or_default(),
        }
    };
    RuleReport { tenant: tenant.to_owned(), at_ms, unpublished, rules: (1..).zip(rules).map(reported).collect() }
}

#[cfg(test)]
mod tests;
