//! (person, draft, rules) -> which templates, and why.

mod brands;
mod conditions;
mod describe;
mod implies;
mod placement;
mod review;
mod schedule;
mod sentences;
#[cfg(test)]
mod tests;

use crate::fold::folded;
use crate::{Because, Choice, DomainPattern, Draft, Flow, Part, Person, Problem, Rule, SenderCondition};
use conditions::{Facts, Sender, Unmet};
use schedule::CompiledSchedule;
use std::collections::BTreeMap;

pub use brands::{Brands, CompiledBrand};
pub use conditions::holds_for_sender;
pub use describe::{Known, Words, describe};
pub use placement::{Beside, Others, Placement, place, propose_place};
pub use review::{Oddity, OddityKind, review};
pub use schedule::{ScheduleState, schedule_state};

/// What the rules need to know about the tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organisation {
    /// Mail domains, as [`DomainPattern`] reads them: an address in one of these is internal. A subdomain is a different domain.
    pub domains: Vec<String>,
    /// Names of the tenant's groups by id, for reasons.
    pub groups: BTreeMap<String, String>,
}

impl Organisation {
    /// Whether `domain`, as an address has it, is one of the tenant's.
    pub fn is_ours(&self, domain: &str) -> bool {
        self.domains.iter().any(|ours| DomainPattern::read(ours).holds(domain))
    }
}

/// Rules in priority order, prepared: keywords folded, schedules parsed.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    rules: Vec<CompiledRule>,
    /// The fields that their conditions compare.
    fields: Vec<String>,
}

/// One rule with what `select` would otherwise compute each time.
#[derive(Clone, Debug)]
struct CompiledRule {
    rule: Rule,
    /// Beside `rule.senders`.
    any_of: Vec<Sender>,
    except: Vec<Sender>,
    /// Keywords, folded, beside `rule.keywords`.
    keywords: Vec<String>,
    /// Why the rule does not apply when none of them stands in the subject.
    no_keyword: String,
    /// `Err`: why the schedule cannot be read; then the rule never applies.
    schedule: Option<Result<CompiledSchedule, String>>,
}

/// The templates for one draft.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// A template id for each part that some rule decided.
    pub choice: Choice,
    /// Id of the rule that added the campaign.
    pub campaign: Option<String>,
}

impl Rules {
    /// Prepares `rules`, given in priority order. A rule whose schedule cannot be parsed is kept but never applies, and
    /// is reported in the problems.
    pub fn compile(rules: Vec<Rule>) -> (Self, Vec<Problem>) {
        let (mut fields, mut problems) = (Vec::new(), Vec::new());
        let rules = rules.into_iter().map(|rule| compile_rule(rule, &mut fields, &mut problems)).collect();
        (Self { rules, fields }, problems)
    }

    /// How many rules there are.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The rules as they were given, in priority order.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().map(|compiled| &compiled.rule)
    }
}

fn compile_rule(mut rule: Rule, fields: &mut Vec<String>, problems: &mut Vec<Problem>) -> CompiledRule {
    // A blank keyword stands in every subject; it is a slip of the pen, not a wish.
    rule.keywords.retain(|keyword| !keyword.trim().is_empty());
    let keywords = rule.keywords.iter().map(|keyword| folded(keyword).into_owned()).collect();
    let schedule = rule.schedule.as_ref().map(CompiledSchedule::compile);
    if let Some(Err(detail)) = &schedule {
        problems.push(Problem {
            source: rule.id.clone(),
            detail: format!(
                "The schedule of rule “{}” cannot be used: {detail}. The rule never applies until you correct it.",
                rule.name
            ),
        });
    }
    let no_keyword = sentences::no_keyword(&rule);
    let mut senders = |conditions: &[SenderCondition]| conditions.iter().map(|one| Sender::new(one, fields)).collect();
    let (any_of, except) = (senders(&rule.senders.any_of), senders(&rule.senders.except));
    CompiledRule { rule, any_of, except, keywords, no_keyword, schedule }
}

/// Evaluates `rules` in priority order and returns the templates that the draft gets at `now_ms` (milliseconds UTC).
///
/// Of the rules that apply, the first that has a template for a part decides that part; a rule with [`Flow::Stop`] ends
/// the search.
pub fn select(person: &Person, draft: &Draft, rules: &Rules, organisation: &Organisation, now_ms: i64) -> Selection {
    walk(&rules.facts(person, draft, organisation, now_ms), rules, |_, _, _| {})
}

/// Like [`select`], and also explains for each rule why it does or does not apply, which costs several times as much.
pub fn explain(
    person: &Person,
    draft: &Draft,
    rules: &Rules,
    organisation: &Organisation,
    now_ms: i64,
) -> (Selection, Vec<Because>) {
    let facts = rules.facts(person, draft, organisation, now_ms);
    let mut because = Vec::with_capacity(rules.rules.len());
    let selection = walk(&facts, rules, |compiled, outcome, decided| {
        let (applied, reason) = match outcome {
            Outcome::NotLookedAt(ended_by) => (false, sentences::not_looked_at(ended_by)),
            Outcome::Unmet(unmet) => (false, unmet.sentence(compiled, &facts)),
            Outcome::Applies => (true, sentences::applies(compiled, &facts, decided)),
        };
        let rule = &compiled.rule;
        because.push(Because { rule: rule.id.clone(), name: rule.name.clone(), applied, reason });
    });
    (selection, because)
}

/// What becomes of one rule.
enum Outcome<'r> {
    NotLookedAt(&'r Rule),
    Unmet(Unmet<'r>),
    Applies,
}

/// Goes through the rules; `tell` hears of each what becomes of it, and which rule decided which part before.
fn walk<'r>(
    facts: &Facts<'r>,
    rules: &'r Rules,
    mut tell: impl FnMut(&'r CompiledRule, Outcome<'r>, &[Option<&'r Rule>; 3]),
) -> Selection {
    let person = facts.person.id.as_str();
    // For each part, the rule that decided it.
    let mut decided: [Option<&Rule>; 3] = [None; 3];
    let mut ended_by: Option<&Rule> = None;
    for compiled in &rules.rules {
        let rule = &compiled.rule;
        if let Some(by) = ended_by {
            tell(compiled, Outcome::NotLookedAt(by), &decided);
            continue;
        }
        if let Some(unmet) = conditions::first_unmet(compiled, facts) {
            tell(compiled, Outcome::Unmet(unmet), &decided);
            continue;
        }
        tell(compiled, Outcome::Applies, &decided);
        for (part, by) in Part::ALL.into_iter().zip(&mut decided) {
            if by.is_none() && rule.template(part, person).is_some() {
                *by = Some(rule);
            }
        }
        if rule.flow == Flow::Stop {
            ended_by = Some(rule);
        }
    }
    let template = |part: Part| decided[part as usize].and_then(|rule| rule.template(part, person)).map(str::to_owned);
    let choice = Choice {
        signature: template(Part::Signature),
        campaign: template(Part::Campaign),
        disclaimer: template(Part::Disclaimer),
    };
    Selection { choice, campaign: decided[Part::Campaign as usize].map(|rule| rule.id.clone()) }
}

/// Whether a template with this `offered_to` may be chosen by `person` for a draft from `from`.
pub fn is_offered(offered_to: Option<&[SenderCondition]>, person: &Person, from: &crate::Address) -> bool {
    offered_to.is_some_and(|conditions| {
        conditions.is_empty() || conditions.iter().any(|condition| holds_for_sender(condition, person, from))
    })
}
