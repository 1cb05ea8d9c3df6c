//! Warnings about rules that can never decide anything, contradict each other, or name something that does not exist.
//!
//! Each warning holds for every person, draft and moment from now on; if that cannot be proven, there is no warning.

use super::describe::{Known, quote};
use super::implies::Prepared;
use super::{Organisation, Rules};
use crate::{BUILT_IN_FIELDS, Flow, Part, RecipientCondition, Rule, SenderCondition};
use std::collections::BTreeSet;

/// Most missing things reported for one rule: once these are corrected, the rest appear.
const MAX_MISSING: usize = 10;

/// Conditions that all rules together are compared on. A thousand rules of ten conditions each take a tenth of it.
const MAX_COMPARED: u64 = 10_000_000;

/// A warning about a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oddity {
    /// Rule id.
    pub rule: String,
    /// Kind of warning.
    pub kind: OddityKind,
    /// What looks wrong, why, and what to do.
    pub detail: String,
    /// Id of the other rule that the warning is about.
    pub other: Option<String>,
}

/// Kinds of warnings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OddityKind {
    /// The rule (or its campaign) can never be used, whatever the other rules are.
    Never,
    /// Earlier rules always decide first: removing the rule would change nothing.
    Shadowed,
    /// An earlier rule always decides some of the rule's parts.
    Conflict,
    /// The rule names something that does not exist.
    Missing,
}

/// Reviews `rules`, given in priority order, for the time from `now_ms` (milliseconds UTC) on. A rule that is switched
/// off gets no warning for that, but the things it names must exist.
pub fn review(rules: &[Rule], known: &Known<'_>, now_ms: i64) -> Vec<Oddity> {
    let (compiled, _) = Rules::compile(rules.to_vec());
    let mut oddities = Vec::new();
    // Those that can decide something, in priority order.
    let mut before: Vec<Prepared<'_>> = Vec::new();
    let mut left = MAX_COMPARED;
    for compiled in &compiled.rules {
        let rule = &compiled.rule;
        let mut note = |kind, other: Option<&Rule>, detail| {
            let (rule, other) = (rule.id.clone(), other.map(|other| other.id.clone()));
            oddities.push(Oddity { rule, kind, detail, other });
        };
        for detail in missing(rule, known) {
            note(OddityKind::Missing, None, detail);
        }
        if !rule.enabled {
            continue;
        }
        let prepared = Prepared::new(compiled, known.organisation);
        if let Some(detail) = never(&prepared, known.organisation, now_ms) {
            note(OddityKind::Never, None, detail);
            continue;
        }
        if gives_campaign_to_nobody(rule) {
            note(OddityKind::Never, None, NOBODY.into());
        }
        let mut useless = false;
        // Past the budget nothing is claimed of a rule, as of whatever cannot be shown.
        let earlier = if left > 0 { &before[..] } else { &[] };
        if let Some((kind, by, detail)) = decided_before(&prepared, earlier, known.organisation, now_ms) {
            useless = kind == OddityKind::Shadowed;
            note(kind, Some(by), detail);
        }
        left = left.saturating_sub(prepared.compared());
        if !useless {
            before.push(prepared);
        }
    }
    oddities
}

const NOBODY: &str =
    "Nobody gets its campaign: all its weights are 0. Give one of its campaigns a weight, or remove them.";

/// Why a rule can never decide anything by itself.
pub(super) fn never(prepared: &Prepared<'_>, organisation: &Organisation, now_ms: i64) -> Option<String> {
    let rule = &prepared.compiled.rule;
    match &prepared.compiled.schedule {
        Some(Err(detail)) => {
            return Some(format!("It never applies: its schedule cannot be used, {detail}. Correct the schedule."));
        }
        Some(Ok(schedule)) if schedule.is_over_everywhere(now_ms) => {
            let to = rule.schedule.as_ref().and_then(|schedule| schedule.to.as_deref()).unwrap_or_default();
            return Some(format!(
                "It never applies again: its schedule ended on {}. Give it a later end, switch it off, or delete it.",
                to.trim().replace(['T', 't'], " ")
            ));
        }
        Some(Ok(schedule)) if schedule.lacks_its_weekdays(now_ms) => {
            let mut text = String::from("It never applies: between its dates there is no ");
            schedule.push_weekdays(&mut text, "or");
            text.push_str(". Add a weekday, or move the dates.");
            return Some(text);
        }
        _ => {}
    }
    if prepared.excepts_every_sender() {
        return Some(
            "It never applies: its exceptions exclude every sender that meets its conditions, or a field is compared \
             with an empty value. Change the senders or the exceptions."
                .into(),
        );
    }
    if prepared.excepts_every_recipient(organisation) {
        return Some(
            "It never applies: its exceptions exclude every recipient that it is for. Change the recipients or the \
             exceptions."
                .into(),
        );
    }
    let gives = Part::ALL.into_iter().any(|part| can_give(rule, part));
    if gives || rule.flow == Flow::Stop {
        return None;
    }
    Some(if gives_campaign_to_nobody(rule) {
        format!("It has no effect. {NOBODY}")
    } else {
        "It has no effect: it adds no template, and later rules are evaluated anyway. Choose a template, or let it \
         end the search."
            .into()
    })
}

/// Which rule before it takes away what a rule gives, if any: all of it, or some parts.
fn decided_before<'a>(
    prepared: &Prepared<'_>,
    before: &[Prepared<'a>],
    organisation: &Organisation,
    now_ms: i64,
) -> Option<(OddityKind, &'a Rule, String)> {
    let rule = &prepared.compiled.rule;
    let mut decided: [Option<&Prepared<'a>>; 3] = [None; 3];
    for earlier in before.iter().filter(|earlier| earlier.covers(prepared, organisation, now_ms)) {
        let by = &earlier.compiled.rule;
        if by.flow == Flow::Stop {
            return Some((OddityKind::Shadowed, by, ended(by)));
        }
        for (part, decided) in Part::ALL.into_iter().zip(&mut decided) {
            if decided.is_none() && can_give(by, part) {
                *decided = Some(earlier);
            }
        }
    }
    let named: Vec<Part> = Part::ALL.into_iter().filter(|&part| can_give(rule, part)).collect();
    let lost: Vec<(Part, &Prepared<'a>)> =
        named.iter().filter_map(|&part| decided[part as usize].map(|by| (part, by))).collect();
    let differs = |part: Part, by: &Rule| by.templates(part).ne(rule.templates(part));
    let other = lost.iter().find(|(part, by)| differs(*part, &by.compiled.rule)).or(lost.first())?;
    let (part, earlier) = *other;
    let by = &earlier.compiled.rule;
    let same_mail = prepared.covers(earlier, organisation, now_ms);
    if differs(part, by) && same_mail {
        return Some((OddityKind::Conflict, by, contradiction(by, part)));
    }
    if lost.len() == named.len() && rule.flow == Flow::Continue {
        return Some((OddityKind::Shadowed, by, superfluous(by)));
    }
    differs(part, by).then(|| (OddityKind::Conflict, by, lost_part(by, part)))
}

/// Whether it decides the part for everybody to whom it applies.
pub(super) fn can_give(rule: &Rule, part: Part) -> bool {
    rule.templates(part).next().is_some() && !(part == Part::Campaign && gives_campaign_to_nobody(rule))
}

fn gives_campaign_to_nobody(rule: &Rule) -> bool {
    !rule.variants.is_empty() && rule.campaigns().all(|(_, weight)| weight == 0)
}

fn named(rule: &Rule) -> String {
    let mut text = String::new();
    quote(&mut text, &rule.name);
    text
}

fn ended(by: &Rule) -> String {
    let by = named(by);
    format!(
        "It never applies: rule {by} before it is for every mail that this one is for, and ends the search. Move this \
         one before {by}, or narrow the conditions of {by}."
    )
}

fn superfluous(by: &Rule) -> String {
    let by = named(by);
    format!(
        "It has no effect: rules before it, such as {by}, always decide its parts. Move it before {by}, or delete it."
    )
}

fn contradiction(by: &Rule, part: Part) -> String {
    let (by, part) = (named(by), part.noun());
    format!(
        "It is for the same mail as rule {by} before it and has a different {part}, which is never used: {by} decides \
         first. Keep one of the two, or give them different conditions."
    )
}

fn lost_part(by: &Rule, part: Part) -> String {
    let (by, part) = (named(by), part.noun());
    format!(
        "Its {part} is never used: rule {by} before it is for every mail that this one is for, and has a different \
         {part}. Move this one before {by}, or remove its {part}."
    )
}

/// What a rule names that does not exist.
fn missing(rule: &Rule, known: &Known<'_>) -> Vec<String> {
    let mut details = Vec::new();
    for part in Part::ALL {
        for id in rule.templates(part) {
            details.extend(missing_template(id, part, known));
        }
    }
    let senders = rule.senders.any_of.iter().chain(&rule.senders.except);
    let recipients = rule.recipients.of.iter().chain(&rule.recipients.except);
    let mut groups = BTreeSet::new();
    for condition in senders {
        match condition {
            SenderCondition::Person { address } if !(known.has_address)(address) => details.push(format!(
                "It names {address}, which nobody may send from: correct the address, or add the person."
            )),
            SenderCondition::Field { field, .. } if !is_field(field, known) => details.push(format!(
                "It uses the field “{field}”, which does not exist: choose another field, or add this one."
            )),
            SenderCondition::Group { id } => drop(groups.insert(id)),
            _ => {}
        }
    }
    groups.extend(recipients.filter_map(|condition| match condition {
        RecipientCondition::Group { id } => Some(id),
        _ => None,
    }));
    let gone = groups.into_iter().filter(|id| !known.organisation.groups.contains_key(*id));
    details.extend(gone.map(|id| {
        format!("It names a group that does not exist ({id}), so nobody is in it: choose another group, or remove it.")
    }));
    let mut told = BTreeSet::new();
    details.retain(|detail| told.insert(detail.clone()));
    if details.len() > MAX_MISSING {
        let more = details.len() - MAX_MISSING;
        details.truncate(MAX_MISSING);
        details.push(format!("It names {more} more things that do not exist: correct these first."));
    }
    details
}

fn is_field(token: &str, known: &Known<'_>) -> bool {
    known.fields.contains(token) || BUILT_IN_FIELDS.iter().any(|(built_in, _)| *built_in == token)
}

fn missing_template(id: &str, part: Part, known: &Known<'_>) -> Option<String> {
    let noun = part.noun();
    let Some((name, actual)) = known.templates.get(id) else {
        return Some(format!("It uses “{id}” as {noun}, but there is no such template: choose another one."));
    };
    let (name, actual) = (name.trim(), *actual);
    (actual != part).then(|| {
        format!(
            "It uses “{name}” as {noun}, but that template is for the {}: choose another one, or change the \
             template's part.",
            actual.noun()
        )
    })
}
