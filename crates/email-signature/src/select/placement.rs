//! Where a new rule is put among others, and what that changes for them.
//!
//! Mail is compared by what can be proven ([`Prepared`]), senders also by the people who there are: a person is in no
//! condition that a rule about their group could be proven from.

use super::conditions::{self, Facts};
use super::describe::Known;
use super::implies::Prepared;
use super::review::{self, OddityKind};
use super::{CompiledRule, Organisation, Rules};
use crate::{BodyFormat, Draft, Flow, Kind, Part, Person, Rule};

/// A place for a new rule, and what becomes of the rules around it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placement {
    /// The place: how many of the rules are before it.
    pub at: usize,
    /// How many people the new rule is for.
    pub people: usize,
    /// Rules before it that decide first for some of its mail, in priority order.
    pub first: Vec<Beside>,
    /// Rules after it that lose some of their mail to it, in priority order.
    pub replaced: Vec<Beside>,
    /// Why the rule has no effect there, or not the whole; empty: it has.
    pub warning: String,
}

const DECIDED: &str =
    "It has no effect: rules before it decide first for everyone whom it is for. Move it before them.";

/// The rules that a new one is put among.
#[derive(Clone, Copy)]
pub struct Others<'a> {
    /// The rules in priority order, without the new one.
    pub rules: &'a [Rule],
    /// Everyone by whom senders are compared.
    pub people: &'a [Person],
    /// Things that rules can name.
    pub known: &'a Known<'a>,
    /// Now, in milliseconds UTC.
    pub now_ms: i64,
}

/// A rule that is for some of the same mail as the new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// Id of the rule.
    pub rule: String,
    /// Name of the rule.
    pub name: String,
    /// How many people both rules are for.
    pub people: usize,
    /// Whether it is about everything that the losing one of the two is for.
    pub entirely: bool,
}

/// The place for `new` at which it takes no mail from a narrower rule and has an effect: before the first rule that is wider, or
/// that is for the very same mail and would leave it nothing to decide.
pub fn propose_place(new: &Rule, others: &Others<'_>) -> usize {
    let compiled = compile(new, others.rules);
    let Some(among) = Among::new(&compiled, others) else { return others.rules.len() };
    among
        .others
        .iter()
        .position(|other| match other.decides {
            Decides::Nothing => false,
            Decides::Some => among.is_wider(other),
            Decides::All => among.is_wider(other) || among.is_same(other),
        })
        .unwrap_or(others.rules.len())
}

/// What it means for the others to put `new`, switched on, behind the first `at` of them.
pub fn place(new: &Rule, at: usize, others: &Others<'_>) -> Placement {
    let at = at.min(others.rules.len());
    let compiled = compile(new, others.rules);
    let Some(among) = Among::new(&compiled, others) else { return Placement::default() };
    let mut placement = Placement { at, people: among.members.len(), ..Placement::default() };
    let (counts, left) = among.met_by(at);
    for ((index, other), people) in among.others.iter().enumerate().zip(counts) {
        if people == 0 {
            continue;
        }
        let rule = &other.prepared.compiled.rule;
        let (side, entirely) = if index < at {
            (&mut placement.first, other.covers_mail && people == among.members.len())
        } else {
            (&mut placement.replaced, people == other.shared && among.is_narrower(other))
        };
        side.push(Beside { rule: rule.id.clone(), name: rule.name.clone(), people, entirely });
    }
    let mut all = others.rules.to_vec();
    all.insert(at, Rule { enabled: true, ..new.clone() });
    let odd = review::review(&all, others.known, others.now_ms).into_iter();
    let odd = odd.filter(|oddity| oddity.rule == new.id && oddity.kind != OddityKind::Missing);
    placement.warning = odd.map(|oddity| oddity.detail).collect::<Vec<_>>().join(" ");
    if placement.warning.is_empty() && left == 0 && placement.people > 0 {
        placement.warning = DECIDED.into();
    }
    placement
}

/// The new rule, switched on, and then the others.
fn compile(new: &Rule, rules: &[Rule]) -> Rules {
    let new = Rule { enabled: true, ..new.clone() };
    Rules::compile(std::iter::once(new).chain(rules.iter().cloned()).collect()).0
}

/// The new rule among the others.
struct Among<'a> {
    new: Prepared<'a>,
    /// For each person whom the new rule is for, the indexes of the others that are for them too.
    members: Vec<Vec<usize>>,
    others: Vec<Other<'a>>,
    organisation: &'a Organisation,
    now_ms: i64,
}

struct Other<'a> {
    prepared: Prepared<'a>,
    /// Whether it can decide something of the new rule's mail.
    meets: bool,
    /// What it takes of what the new rule gives where both apply and it comes first.
    decides: Decides,
    /// Whether it loses something where both apply and the new rule comes first.
    loses: bool,
    /// Whether it is for all of the new rule's mail, senders aside.
    covers_mail: bool,
    /// How many people it is for.
    people: usize,
    /// How many people both are for.
    shared: usize,
}

/// What a rule decides of what the new one gives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Decides {
    Nothing,
    Some,
    /// Rules behind it have nothing left to decide.
    All,
}

impl<'a> Other<'a> {
    fn new(compiled: &'a CompiledRule, new: &Prepared<'_>, organisation: &Organisation, now_ms: i64) -> Self {
        let prepared = Prepared::new(compiled, organisation);
        let (rule, newer) = (&compiled.rule, &new.compiled.rule);
        let works = rule.enabled && review::never(&prepared, organisation, now_ms).is_none();
        let gives = |part| review::can_give(rule, part);
        let both = Part::ALL.into_iter().any(|part| gives(part) && review::can_give(newer, part));
        let any = Part::ALL.into_iter().any(gives);
        let all = Part::ALL.into_iter().filter(|part| review::can_give(newer, *part)).all(gives);
        Self {
            meets: works && new.shares_kinds(&prepared),
            decides: match (all || rule.flow == Flow::Stop, both) {
                (true, _) => Decides::All,
                (false, true) => Decides::Some,
                (false, false) => Decides::Nothing,
            },
            // One that ends the search and gives nothing keeps others from giving something.
            loses: both || (any && newer.flow == Flow::Stop) || (!any && rule.flow == Flow::Stop),
            covers_mail: prepared.covers_mail(new, organisation, now_ms),
            people: 0,
            shared: 0,
            prepared,
        }
    }
}

impl<'a> Among<'a> {
    fn new(rules: &'a Rules, around: &Others<'a>) -> Option<Self> {
        let Others { people, known, now_ms, .. } = *around;
        let organisation = known.organisation;
        let (first, rest) = rules.rules.split_first()?;
        let new = Prepared::new(first, organisation);
        let mut others: Vec<_> = rest.iter().map(|one| Other::new(one, &new, organisation, now_ms)).collect();
        let mut members = Vec::new();
        for person in people {
            let draft = draft(person);
            let facts = rules.facts(person, &draft, organisation, now_ms);
            let is_new = is_for(first, &facts);
            let theirs: Vec<usize> = (0..rest.len()).filter(|at| is_for(&rest[*at], &facts)).collect();
            for at in &theirs {
                others[*at].people += 1;
                others[*at].shared += usize::from(is_new);
            }
            if is_new {
                members.push(theirs);
            }
        }
        Some(Self { new, members, others, organisation, now_ms })
    }

    /// For each of the others with how many people it decides something with the new rule behind the first `at` of them:
    /// before that place first, after it no longer. And for how many people the new rule has something left to decide.
    fn met_by(&self, at: usize) -> (Vec<usize>, usize) {
        let (mut counts, mut left) = (vec![0; self.others.len()], self.members.len());
        for theirs in &self.members {
            for index in theirs.iter().copied().filter(|index| self.others[*index].meets) {
                let other = &self.others[index];
                counts[index] += usize::from(if index < at { other.decides != Decides::Nothing } else { other.loses });
                if other.decides == Decides::All && other.covers_mail {
                    left -= usize::from(index < at);
                    break;
                }
            }
        }
        (counts, left)
    }

    /// Whether the new rule applies wherever the other does.
    fn is_narrower(&self, other: &Other<'_>) -> bool {
        let senders = self.new.covers_senders(&other.prepared) || other.shared == other.people;
        senders && self.new.covers_mail(&other.prepared, self.organisation, self.now_ms)
    }

    /// Whether both apply to the same mail, whoever there will be.
    fn is_same(&self, other: &Other<'_>) -> bool {
        let (old, new) = (&other.prepared, &self.new);
        let same_people = old.covers_senders(new) && new.covers_senders(old);
        other.meets && other.covers_mail && same_people && new.covers_mail(old, self.organisation, self.now_ms)
    }

    /// Whether the other applies wherever the new rule does, and elsewhere too.
    fn is_wider(&self, other: &Other<'_>) -> bool {
        let (old, new) = (&other.prepared, &self.new);
        let (old_covers, new_covers) = (old.covers_senders(new), new.covers_senders(old));
        let has_all = !self.members.is_empty() && other.shared == self.members.len();
        let more_people = (old_covers && !new_covers) || (has_all && other.people > other.shared);
        let same_people = old_covers && new_covers;
        let same_mail = new.covers_mail(old, self.organisation, self.now_ms);
        other.meets && other.covers_mail && (more_people || (same_people && !same_mail))
    }
}

/// Whether the rule's conditions on senders hold.
fn is_for(rule: &CompiledRule, facts: &Facts<'_>) -> bool {
    conditions::unmet_sender(rule, facts).is_none()
}

/// A draft from the person's own address.
fn draft(person: &Person) -> Draft {
    Draft {
        kind: Kind::New,
        from: person.address.clone(),
        recipients: Vec::new(),
        format: BodyFormat::Html,
        subject: String::new(),
        time_zone: None,
    }
}
