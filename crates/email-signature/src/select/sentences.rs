//! Reasons, in words that an admin understands. Every select writes one for every rule, so they are written into one
//! string each, without pieces in between.

use super::conditions::Facts;
use super::{CompiledRule, Organisation};
use crate::{
    BUILT_IN_FIELDS, Comparison, DomainPattern, Flow, KeywordMatch, Kind, Matching, Part, Recipient,
    RecipientCondition, Recipients, Rule, SenderCondition,
};

pub(super) const SWITCHED_OFF: &str = "Does not apply: it is switched off.";

/// Room for nearly every reason, so that few of them grow.
const USUAL: usize = 160;

fn sentence(pieces: &[&str]) -> String {
    let mut text = String::with_capacity(USUAL);
    for piece in pieces {
        text.push_str(piece);
    }
    text
}

pub(super) fn not_looked_at(ended_by: &Rule) -> String {
    sentence(&["Not evaluated: rule “", &ended_by.name, "” ended the search."])
}

pub(super) fn unreadable_schedule(detail: &str) -> String {
    sentence(&["Does not apply: its schedule cannot be used, ", detail, "."])
}

pub(super) fn other_kind(kinds: &[Kind], actual: Kind) -> String {
    let mut text = sentence(&["Does not apply: it is only for "]);
    push_list(&mut text, kinds, "and", |text, &kind| text.push_str(plural(kind)));
    text.push_str(", and this is ");
    text.push_str(singular(actual));
    text.push('.');
    text
}

pub(super) fn other_sender(conditions: &[SenderCondition], facts: &Facts<'_>) -> String {
    let mut text = sentence(&["Does not apply: it is only for mail from "]);
    push_senders(&mut text, conditions, facts.organisation);
    push_this_one(&mut text, facts);
    text
}

pub(super) fn excepted_sender(condition: &SenderCondition, facts: &Facts<'_>) -> String {
    let mut text = sentence(&["Does not apply: it excludes mail from "]);
    push_senders(&mut text, std::slice::from_ref(condition), facts.organisation);
    push_this_one(&mut text, facts);
    text
}

fn push_this_one(text: &mut String, facts: &Facts<'_>) {
    text.push_str(", and this one is from ");
    let (name, from) = (sender_name(facts), facts.draft.from.as_str());
    text.push_str(name);
    if name != from {
        text.push_str(" (");
        text.push_str(from);
        text.push(')');
    }
    text.push('.');
}

pub(super) fn no_recipients(recipients: &Recipients, facts: &Facts<'_>) -> String {
    let solely = if recipients.matching == Matching::All { "that goes exclusively " } else { "" };
    let mut text = sentence(&["Does not apply: it is only for mail ", solely, "to "]);
    push_recipients(&mut text, &recipients.of, facts.organisation);
    text.push_str(", and there are no recipients yet.");
    text
}

pub(super) fn nobody_fits(conditions: &[RecipientCondition], facts: &Facts<'_>) -> String {
    let mut text = sentence(&["Does not apply: it is only for mail to "]);
    push_recipients(&mut text, conditions, facts.organisation);
    text.push_str(match conditions {
        [RecipientCondition::External] => ", and everyone in To, Cc and Bcc is internal.",
        [RecipientCondition::Internal] => ", and everyone in To, Cc and Bcc is external.",
        _ => ", and nobody in To, Cc and Bcc is one of them.",
    });
    text
}

pub(super) fn not_everybody_fits(conditions: &[RecipientCondition], stranger: &Recipient, facts: &Facts<'_>) -> String {
    let mut text = sentence(&["Does not apply: it is only for mail that goes exclusively to "]);
    push_recipients(&mut text, conditions, facts.organisation);
    text.push_str(", and ");
    text.push_str(&stranger.name());
    text.push_str(" is not one of them.");
    text
}

pub(super) fn excepted_recipient(condition: &RecipientCondition, recipient: &Recipient, facts: &Facts<'_>) -> String {
    let mut text = sentence(&["Does not apply: it excludes mail to "]);
    push_recipients(&mut text, std::slice::from_ref(condition), facts.organisation);
    text.push_str(", and ");
    text.push_str(&recipient.name());
    text.push_str(" is among the recipients.");
    text
}

pub(super) fn no_keyword(rule: &Rule) -> String {
    let how = keywords_stand(rule.keyword_match);
    let mut text = sentence(&["Does not apply: it is only for subjects with ", how]);
    push_list(&mut text, &rule.keywords, "or", |text, keyword| push_quoted(text, keyword));
    text.push_str(match &rule.keywords[..] {
        [_] => ", which is not in the subject.",
        _ => ", and none of these is in the subject.",
    });
    text
}

/// What stands between *subjects with* and the keywords.
pub(super) fn keywords_stand(how: KeywordMatch) -> &'static str {
    match how {
        KeywordMatch::Whole => "",
        KeywordMatch::Prefix => "a word that begins with ",
        KeywordMatch::Part => "the letters ",
    }
}

/// Why a rule applies, what it gives (`decided`: which rule decided each part before), and whether it ends the search.
pub(super) fn applies(compiled: &CompiledRule, facts: &Facts<'_>, decided: &[Option<&Rule>; 3]) -> String {
    let mut text = sentence(&["Applies: "]);
    let met = met(compiled, facts);
    let excepts = !compiled.rule.senders.except.is_empty() || !compiled.rule.recipients.except.is_empty();
    match &met[..] {
        [] if excepts => text.push_str("none of its exceptions matches"),
        [] => text.push_str("it is for every mail"),
        clauses => push_list(&mut text, clauses, "and", |text, clause| text.push_str(clause)),
    }
    text.push('.');
    push_parts(&mut text, &compiled.rule, &facts.person.id, decided);
    if compiled.rule.flow == Flow::Stop {
        text.push_str(" It ends the search.");
    }
    text
}

/// The conditions that hold, each as a clause.
fn met(compiled: &CompiledRule, facts: &Facts<'_>) -> Vec<String> {
    let rule = &compiled.rule;
    let mut clauses = Vec::new();
    if let Some(condition) = facts.met_by_sender(&compiled.any_of).and_then(|at| rule.senders.any_of.get(at)) {
        clauses.push(met_sender(condition, facts));
    }
    if !rule.recipients.of.is_empty() && rule.recipients.matching == Matching::All {
        let mut clause = String::from("it goes exclusively to ");
        push_recipients(&mut clause, &rule.recipients.of, facts.organisation);
        clauses.push(clause);
    } else if let Some((recipient, condition)) = facts.met_by(&rule.recipients.of) {
        clauses.push(met_recipient(recipient, condition, facts));
    }
    if !rule.kinds.is_empty() {
        clauses.push(format!("it is {}", singular(facts.draft.kind)));
    }
    if let Some(keyword) = facts.met_keyword(compiled).and_then(|at| rule.keywords.get(at)) {
        clauses.push(format!("“{keyword}” is in the subject"));
    }
    if compiled.schedule.is_some() {
        clauses.push("it is within its schedule".into());
    }
    clauses
}

/// A condition on the sender that holds, as a clause.
fn met_sender(condition: &SenderCondition, facts: &Facts<'_>) -> String {
    let mut clause = String::new();
    match condition {
        SenderCondition::Person { .. } => {
            clause.push_str("it is from ");
            clause.push_str(sender_name(facts));
        }
        SenderCondition::Group { id } => {
            clause.push_str(sender_name(facts));
            clause.push_str(" is in ");
            push_group(&mut clause, id, facts.organisation);
        }
        SenderCondition::Domain { .. } => {
            clause.push_str("it is sent from an address at ");
            clause.push_str(facts.draft.from.domain());
        }
        SenderCondition::Field { field, comparison, value } => {
            clause.push_str(sender_name(facts));
            clause.push_str("’s ");
            push_compared(&mut clause, field, *comparison, value);
        }
    }
    clause
}

/// A condition that a recipient meets, as a clause.
fn met_recipient(recipient: &Recipient, condition: &RecipientCondition, facts: &Facts<'_>) -> String {
    let mut clause = recipient.name().into_owned();
    match condition {
        RecipientCondition::Internal => clause.push_str(" is internal"),
        RecipientCondition::External => clause.push_str(" is external"),
        RecipientCondition::Address { address } if recipient.list.as_ref() == Some(address) => {
            return [address.as_str(), " is a recipient"].concat();
        }
        RecipientCondition::Address { .. } => clause.push_str(" is a recipient"),
        RecipientCondition::Group { id } => {
            clause.push_str(" is in ");
            push_group(&mut clause, id, facts.organisation);
        }
        RecipientCondition::Domain { .. } => {
            clause.push_str(" is at ");
            clause.push_str(recipient.address.domain());
        }
    }
    clause
}

fn push_parts(text: &mut String, rule: &Rule, person: &str, decided: &[Option<&Rule>; 3]) {
    let mut named = Part::ALL.to_vec();
    named.retain(|&part| rule.template(part, person).is_some());
    let mut open = named.clone();
    open.retain(|&part| decided[part as usize].is_none());
    if !open.is_empty() {
        text.push_str(" It adds the ");
        push_list(text, &open, "and the", |text, part| text.push_str(part.noun()));
        text.push('.');
        if open.contains(&Part::Campaign) && !rule.variants.is_empty() {
            text.push_str(" Which of its campaigns a person gets depends on the weights and on the person.");
        }
    }
    for &part in &named {
        let Some(by) = decided[part as usize] else { continue };
        for piece in [" The ", part.noun(), " had already been decided by rule “", &by.name, "”."] {
            text.push_str(piece);
        }
    }
    if named.is_empty() {
        text.push_str(" It adds no template.");
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn push_list<T>(text: &mut String, items: &[T], and: &str, push: impl Fn(&mut String, &T)) {
    for (at, item) in items.iter().enumerate() {
        if at > 0 && at + 1 == items.len() {
            text.push(' ');
            text.push_str(and);
            text.push(' ');
        } else if at > 0 {
            text.push_str(", ");
        }
        push(text, item);
    }
}

fn push_quoted(text: &mut String, quoted: &str) {
    text.push('“');
    text.push_str(quoted);
    text.push('”');
}

fn sender_name<'a>(facts: &Facts<'a>) -> &'a str {
    match facts.person.fields.get("display_name").map(|name| name.trim()) {
        Some(name) if !name.is_empty() => name,
        _ => facts.draft.from.as_str(),
    }
}

pub(super) fn push_senders(text: &mut String, conditions: &[SenderCondition], organisation: &Organisation) {
    push_list(text, conditions, "or", |text, condition| match condition {
        SenderCondition::Person { address } => text.push_str(address.as_str()),
        SenderCondition::Group { id } => {
            text.push_str("people in ");
            push_group(text, id, organisation);
        }
        SenderCondition::Domain { domain } => {
            text.push_str("addresses at ");
            text.push_str(&DomainPattern::read(domain).words());
        }
        SenderCondition::Field { field, comparison, value } => {
            text.push_str("people whose ");
            push_compared(text, field, *comparison, value);
        }
    });
}

/// A comparison of a field, such as `job title contains “Sales”`.
fn push_compared(text: &mut String, field: &str, comparison: Comparison, value: &str) {
    let label = BUILT_IN_FIELDS.iter().find(|(token, _)| *token == field).map_or(field, |(_, label)| label);
    text.push_str(&label.to_lowercase());
    text.push_str(match comparison {
        Comparison::Equals => " is ",
        Comparison::NotEquals => " is not ",
        Comparison::Contains => " contains ",
        Comparison::StartsWith => " starts with ",
        Comparison::EndsWith => " ends with ",
        Comparison::IsEmpty => " is empty",
        Comparison::IsNotEmpty => " is not empty",
    });
    if !matches!(comparison, Comparison::IsEmpty | Comparison::IsNotEmpty) {
        push_quoted(text, value);
    }
}

pub(super) fn push_recipients(text: &mut String, conditions: &[RecipientCondition], organisation: &Organisation) {
    push_list(text, conditions, "or", |text, condition| match condition {
        RecipientCondition::Internal => text.push_str("internal recipients"),
        RecipientCondition::External => text.push_str("external recipients"),
        RecipientCondition::Address { address } => text.push_str(address.as_str()),
        RecipientCondition::Group { id } => {
            text.push_str("members of ");
            push_group(text, id, organisation);
        }
        RecipientCondition::Domain { domain } => {
            text.push_str("recipients at ");
            text.push_str(&DomainPattern::read(domain).words());
        }
    });
}

fn push_group(text: &mut String, id: &str, organisation: &Organisation) {
    if let Some(name) = organisation.groups.get(id) {
        push_quoted(text, name);
    } else {
        text.push_str("a group that no longer exists (");
        text.push_str(id);
        text.push(')');
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

pub(super) fn plural(kind: Kind) -> &'static str {
    match kind {
        Kind::New => "new mails",
        Kind::Reply => "replies",
        Kind::Forward => "forwards",
        Kind::Appointment => "appointments",
    }
}
