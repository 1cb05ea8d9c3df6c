//! Reasons, in words that an admin understands.

use super::conditions::Facts;
use super::{CompiledRule, Organisation};
use crate::{
    BUILT_IN_FIELDS, Comparison, Flow, Kind, Matching, Part, Recipient, RecipientCondition, Recipients, Rule,
    SenderCondition,
};
use std::fmt::Write as _;

pub(super) const SWITCHED_OFF: &str = "Does not apply: it is switched off.";

pub(super) fn not_looked_at(ended_by: &Rule) -> String {
    format!("Not looked at: rule “{}” ended the search.", ended_by.name)
}

pub(super) fn unreadable_schedule(detail: &str) -> String {
    format!("Does not apply: its schedule cannot be used, {detail}.")
}

pub(super) fn other_kind(kinds: &[Kind], actual: Kind) -> String {
    let names: Vec<&str> = kinds.iter().map(|&kind| plural(kind)).collect();
    format!("Does not apply: it is only for {}, and this is {}.", listed(&names, "and"), singular(actual))
}

pub(super) fn other_sender(conditions: &[SenderCondition], facts: &Facts<'_>) -> String {
    let conditions = senders(conditions, facts.organisation);
    format!(
        "Does not apply: it is only for mail from {conditions}, and this one is from {} ({}).",
        sender_name(facts),
        facts.draft.from
    )
}

pub(super) fn excepted_sender(condition: &SenderCondition, facts: &Facts<'_>) -> String {
    let condition = senders(std::slice::from_ref(condition), facts.organisation);
    format!(
        "Does not apply: it leaves out mail from {condition}, and this one is from {} ({}).",
        sender_name(facts),
        facts.draft.from
    )
}

pub(super) fn no_recipients(recipients: &Recipients, facts: &Facts<'_>) -> String {
    let solely = if recipients.matching == Matching::All { "that goes solely " } else { "" };
    let conditions = recipients_named(&recipients.of, facts.organisation);
    format!("Does not apply: it is only for mail {solely}to {conditions}, and there are no recipients yet.")
}

pub(super) fn nobody_fits(conditions: &[RecipientCondition], facts: &Facts<'_>) -> String {
    let rest = match conditions {
        [RecipientCondition::External] => "everybody in To, Cc and Bcc is internal",
        [RecipientCondition::Internal] => "everybody in To, Cc and Bcc is external",
        _ => "nobody in To, Cc and Bcc is one of them",
    };
    format!("Does not apply: it is only for mail to {}, and {rest}.", recipients_named(conditions, facts.organisation))
}

pub(super) fn not_everybody_fits(conditions: &[RecipientCondition], stranger: &Recipient, facts: &Facts<'_>) -> String {
    let conditions = recipients_named(conditions, facts.organisation);
    format!(
        "Does not apply: it is only for mail that goes solely to {conditions}, and {} is not one of them.",
        stranger.address
    )
}

pub(super) fn excepted_recipient(condition: &RecipientCondition, recipient: &Recipient, facts: &Facts<'_>) -> String {
    let conditions = recipients_named(std::slice::from_ref(condition), facts.organisation);
    format!("Does not apply: it leaves out mail to {conditions}, and {} is among the recipients.", recipient.address)
}

pub(super) fn no_keyword(keywords: &[String]) -> String {
    let quoted: Vec<String> = keywords.iter().map(|keyword| format!("“{keyword}”")).collect();
    match &quoted[..] {
        [only] => format!("Does not apply: it is only for subjects with {only}, which does not stand there."),
        _ => format!(
            "Does not apply: it is only for subjects with {}, and none of these stands there.",
            listed(&quoted, "or")
        ),
    }
}

/// Why a rule applies, what it gives (`decided`: which rule decided each part before), and whether it ends the search.
pub(super) fn applies(compiled: &CompiledRule, facts: &Facts<'_>, decided: &[Option<&Rule>; 3]) -> String {
    let mut sentence = String::with_capacity(160);
    let met = met(compiled, facts);
    let excepts = !compiled.rule.senders.except.is_empty() || !compiled.rule.recipients.except.is_empty();
    if met.is_empty() {
        sentence.push_str(if excepts {
            "Applies: none of its exceptions holds."
        } else {
            "Applies: it is for every mail."
        });
    } else {
        sentence.push_str("Applies: ");
        sentence.push_str(&listed(&met, "and"));
        sentence.push('.');
    }
    push_parts(&mut sentence, &compiled.rule, decided);
    if compiled.rule.flow == Flow::Stop {
        sentence.push_str(" It ends the search.");
    }
    sentence
}

/// The conditions that hold, each as a clause.
fn met(compiled: &CompiledRule, facts: &Facts<'_>) -> Vec<String> {
    let rule = &compiled.rule;
    let mut clauses = Vec::new();
    if let Some(condition) = facts.met_by_sender(&rule.senders.any_of) {
        clauses.push(met_sender(condition, facts));
    }
    match rule.recipients.matching {
        Matching::All if !rule.recipients.of.is_empty() => {
            let conditions = recipients_named(&rule.recipients.of, facts.organisation);
            clauses.push(format!("it goes solely to {conditions}"));
        }
        _ => {
            if let Some((recipient, condition)) = facts.met_by(&rule.recipients.of) {
                clauses.push(match condition {
                    RecipientCondition::Internal => format!("{} is internal", recipient.address),
                    RecipientCondition::External => format!("{} is external", recipient.address),
                    RecipientCondition::Address { .. } => format!("{} is a recipient", recipient.address),
                    RecipientCondition::Group { id } => {
                        format!("{} is in {}", recipient.address, group(id, facts.organisation))
                    }
                    RecipientCondition::Domain { .. } => {
                        format!("{} is at {}", recipient.address, recipient.address.domain())
                    }
                });
            }
        }
    }
    if !rule.kinds.is_empty() {
        clauses.push(format!("it is {}", singular(facts.draft.kind)));
    }
    if let Some(keyword) = facts.met_keyword(&compiled.keywords).and_then(|at| rule.keywords.get(at)) {
        clauses.push(format!("“{keyword}” stands in the subject"));
    }
    if compiled.schedule.is_some() {
        clauses.push("it is within its schedule".into());
    }
    clauses
}

/// A condition on the sender that holds, as a clause.
fn met_sender(condition: &SenderCondition, facts: &Facts<'_>) -> String {
    let name = sender_name(facts);
    match condition {
        SenderCondition::Person { .. } => format!("it is from {name}"),
        SenderCondition::Group { id } => format!("{name} is in {}", group(id, facts.organisation)),
        SenderCondition::Domain { .. } => format!("it is sent from an address at {}", facts.draft.from.domain()),
        SenderCondition::Field { field, comparison, value } => {
            format!("{name}’s {}", compared(field, *comparison, value))
        }
    }
}

/// A comparison of a field, such as `job title contains “Sales”`.
fn compared(field: &str, comparison: Comparison, value: &str) -> String {
    let label =
        BUILT_IN_FIELDS.iter().find(|(token, _)| *token == field).map_or(field, |(_, label)| label).to_lowercase();
    match comparison {
        Comparison::Equals => format!("{label} is “{value}”"),
        Comparison::NotEquals => format!("{label} is not “{value}”"),
        Comparison::Contains => format!("{label} contains “{value}”"),
        Comparison::StartsWith => format!("{label} starts with “{value}”"),
        Comparison::EndsWith => format!("{label} ends with “{value}”"),
        Comparison::IsEmpty => format!("{label} is empty"),
        Comparison::IsNotEmpty => format!("{label} is not empty"),
    }
}

fn push_parts(sentence: &mut String, rule: &Rule, decided: &[Option<&Rule>; 3]) {
    let mut gives = Vec::new();
    let mut late = Vec::new();
    for (part, by) in Part::ALL.into_iter().zip(decided) {
        match (rule.gives.part(part), by) {
            (Some(_), None) => gives.push(part.noun()),
            (Some(_), Some(by)) => late.push((part.noun(), by)),
            (None, _) => {}
        }
    }
    if gives.is_empty() && late.is_empty() {
        sentence.push_str(" It gives no template.");
    }
    if !gives.is_empty() {
        // Infallible: writing to a String.
        let _ = write!(sentence, " It gives the {}.", listed(&gives, "and the"));
    }
    for (part, by) in late {
        let _ = write!(sentence, " The {part} had already been decided by rule “{}”.", by.name);
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed<T: AsRef<str>>(items: &[T], and: &str) -> String {
    let mut list = String::new();
    for (at, item) in items.iter().enumerate() {
        if at > 0 && at + 1 == items.len() {
            list.push(' ');
            list.push_str(and);
            list.push(' ');
        } else if at > 0 {
            list.push_str(", ");
        }
        list.push_str(item.as_ref());
    }
    list
}

fn sender_name<'a>(facts: &Facts<'a>) -> &'a str {
    match facts.person.fields.get("display_name").map(|name| name.trim()) {
        Some(name) if !name.is_empty() => name,
        _ => facts.draft.from.as_str(),
    }
}

fn senders(conditions: &[SenderCondition], organisation: &Organisation) -> String {
    let named: Vec<String> = conditions
        .iter()
        .map(|condition| match condition {
            SenderCondition::Person { address } => address.to_string(),
            SenderCondition::Group { id } => format!("people in {}", group(id, organisation)),
            SenderCondition::Domain { domain } => format!("addresses at {}", domain.trim().trim_start_matches('@')),
            SenderCondition::Field { field, comparison, value } => {
                format!("people whose {}", compared(field, *comparison, value))
            }
        })
        .collect();
    listed(&named, "or")
}

fn recipients_named(conditions: &[RecipientCondition], organisation: &Organisation) -> String {
    if let [only] = conditions {
        match only {
            RecipientCondition::Internal => return "internal recipients".into(),
            RecipientCondition::External => return "external recipients".into(),
            _ => {}
        }
    }
    let named: Vec<String> = conditions
        .iter()
        .map(|condition| match condition {
            RecipientCondition::Internal => "internal recipients".into(),
            RecipientCondition::External => "external recipients".into(),
            RecipientCondition::Address { address } => address.to_string(),
            RecipientCondition::Group { id } => format!("members of {}", group(id, organisation)),
            RecipientCondition::Domain { domain } => format!("recipients at {}", domain.trim().trim_start_matches('@')),
        })
        .collect();
    listed(&named, "or")
}

fn group(id: &str, organisation: &Organisation) -> String {
    match organisation.groups.get(id) {
        Some(name) => format!("“{name}”"),
        None => format!("a group that no longer exists ({id})"),
    }
}

fn singular(kind: Kind) -> &'static str {
    match kind {
        Kind::New => "a new mail",
        Kind::Reply => "a reply",
        Kind::Forward => "a forward",
        Kind::Appointment => "an appointment",
    }
}

fn plural(kind: Kind) -> &'static str {
    match kind {
        Kind::New => "new mails",
        Kind::Reply => "replies",
        Kind::Forward => "forwards",
        Kind::Appointment => "appointments",
    }
}
