//! A rule in words, for admins.

use super::schedule::{CompiledSchedule, hours_in_words};
use super::sentences::{self, push_list};
use super::{Organisation, compile_rule};
use crate::{Address, Comparison, Flow, Matching, Part, Rule, SenderCondition};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Things that rules can name, to show their names or report them missing.
pub struct Known<'a> {
    /// Domains, and groups by id.
    pub organisation: &'a Organisation,
    /// Names and parts of templates by id.
    pub templates: &'a BTreeMap<String, (String, Part)>,
    /// Tokens of all fields.
    pub fields: &'a BTreeSet<String>,
    /// Whether anyone may send from the address.
    pub has_address: &'a (dyn Fn(&Address) -> bool + Sync),
}

/// A rule in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// Conditions, one sentence each; never empty.
    pub conditions: Vec<String>,
    /// Templates that the rule adds, and whether later rules are evaluated, one sentence each.
    pub gives: Vec<String>,
}

/// Describes when a rule applies and what it adds. It does not mention that a rule is switched off: the caller shows
/// that.
pub fn describe(rule: &Rule, known: &Known<'_>) -> Words {
    Words { conditions: conditions(rule, known.organisation), gives: gives(rule, known) }
}

fn conditions(rule: &Rule, organisation: &Organisation) -> Vec<String> {
    let compiled = compile_rule(rule.clone(), &mut Vec::new(), &mut Vec::new());
    let rule = &compiled.rule;
    let mut sentences = Vec::new();
    let mut say = |start: &str, push: &dyn Fn(&mut String)| {
        let mut text = String::from(start);
        push(&mut text);
        text.push('.');
        sentences.push(text);
    };
    let (senders, recipients) = (&rule.senders, &rule.recipients);
    if !senders.any_of.is_empty() {
        say("For mail from ", &|text| push_senders(text, &senders.any_of, organisation));
    }
    if !senders.except.is_empty() {
        say("Not for mail from ", &|text| push_senders(text, &senders.except, organisation));
    }
    if !recipients.of.is_empty() {
        let solely = recipients.matching == Matching::All;
        let start = if solely { "For mail that goes only to " } else { "For mail to " };
        say(start, &|text| sentences::push_recipients(text, &recipients.of, organisation));
    }
    if !recipients.except.is_empty() {
        say("Not for mail to ", &|text| sentences::push_recipients(text, &recipients.except, organisation));
    }
    if !rule.kinds.is_empty() {
        say("For ", &|text| push_list(text, &rule.kinds, "and", |text, &kind| text.push_str(sentences::plural(kind))));
    }
    if !rule.keywords.is_empty() {
        let start = "For subjects with ".to_owned() + sentences::keywords_stand(rule.keyword_match);
        say(&start, &|text| push_list(text, &rule.keywords, "or", |text, word| quote(text, word)));
    }
    match &compiled.schedule {
        Some(Ok(schedule)) => sentences.extend(schedule_words(schedule, rule)),
        Some(Err(detail)) => sentences.push(format!("Never, because its schedule cannot be used: {detail}.")),
        None => {}
    }
    if sentences.is_empty() {
        sentences.push("For every mail.".into());
    }
    sentences
}

fn schedule_words(schedule: &CompiledSchedule, rule: &Rule) -> Option<String> {
    let written = rule.schedule.as_ref()?;
    let shown = |bound: &str| bound.trim().replace(['T', 't'], " ");
    let mut text = match (&written.from, &written.to) {
        (Some(from), Some(to)) => format!("From {} to {}", shown(from), shown(to)),
        (Some(from), None) => format!("From {} on", shown(from)),
        (None, Some(to)) => format!("Until {}", shown(to)),
        (None, None) => String::new(),
    };
    if !written.weekdays.is_empty() {
        text.push_str(if text.is_empty() { "On " } else { ", on " });
        schedule.push_weekdays(&mut text, "and");
    }
    let hours = hours_in_words(written.day_from.as_deref(), written.day_to.as_deref());
    if !hours.is_empty() {
        text.push_str(if text.is_empty() { "From " } else { ", from " });
        text.push_str(&hours);
    }
    if text.is_empty() {
        return None;
    }
    let own = if written.own_time_zone { "the sender’s own time zone, or " } else { "" };
    Some(format!("{text} ({own}{}).", written.time_zone.trim()))
}

/// As in reasons, and says of a comparison with nothing that it never holds.
fn push_senders(text: &mut String, conditions: &[SenderCondition], organisation: &Organisation) {
    sentences::push_senders(text, conditions, organisation);
    let part = |comparison| matches!(comparison, Comparison::Contains | Comparison::StartsWith | Comparison::EndsWith);
    let nothing = |condition: &SenderCondition| matches!(condition, SenderCondition::Field { comparison, value, .. } if part(*comparison) && value.trim().is_empty());
    if conditions.iter().any(nothing) {
        text.push_str(" (a comparison with an empty value never matches)");
    }
}

fn gives(rule: &Rule, known: &Known<'_>) -> Vec<String> {
    let mut sentences = Vec::new();
    for part in Part::ALL {
        if part == Part::Campaign && !rule.variants.is_empty() {
            sentences.push(campaigns(rule, known));
        } else if let Some(id) = rule.gives.part(part) {
            let mut text = format!("Adds the {} ", part.noun());
            push_template(&mut text, id, known);
            text.push('.');
            sentences.push(text);
        }
    }
    if sentences.is_empty() {
        sentences.push("Adds no template.".into());
    }
    sentences.push(match rule.flow {
        Flow::Stop => "Later rules are ignored.".into(),
        Flow::Continue => "Later rules can fill the remaining parts.".into(),
    });
    sentences
}

/// The shares of a campaign's variants.
fn campaigns(rule: &Rule, known: &Known<'_>) -> String {
    let weighted: Vec<_> = rule.campaigns().collect();
    let total: u64 = weighted.iter().map(|(_, weight)| u64::from(*weight)).sum();
    let mut text = String::from("Adds the campaign ");
    push_list(&mut text, &weighted, "or", |text, (id, weight)| {
        push_template(text, id, known);
        let share = (u64::from(*weight) * 1000).checked_div(total).unwrap_or_default();
        let (percent, tenth) = (share / 10, share % 10);
        // Writing into a string cannot fail.
        let _ = if tenth == 0 { write!(text, " to {percent} %") } else { write!(text, " to {percent}.{tenth} %") };
    });
    text.push_str(" of the people, each person always the same one.");
    text
}

fn push_template(text: &mut String, id: &str, known: &Known<'_>) {
    if let Some((name, _)) = known.templates.get(id) {
        quote(text, name);
    } else {
        quote(text, id);
        text.push_str(", which does not exist");
    }
}

pub(super) fn quote(text: &mut String, quoted: &str) {
    text.push('“');
    text.push_str(quoted.trim());
    text.push('”');
}
