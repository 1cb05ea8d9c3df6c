//! Whether one rule's conditions hold whenever another's do. Every answer errs on the side of *no*: what is claimed here
//! an admin may act on.

use super::conditions::{Compared, Sender, stands_in};
use super::schedule::CompiledSchedule;
use super::{CompiledRule, Organisation};
use crate::{Address, Comparison, DomainPattern, KeywordMatch, Kind, Matching, RecipientCondition, Recipients};
use std::cell::Cell;

/// A modifier letter of phonetic notation, which no keyword has at an edge.
const ANY_LETTER: &str = "\u{a7f8}";

const KINDS: [Kind; 4] = [Kind::New, Kind::Reply, Kind::Forward, Kind::Appointment];

/// A rule with its conditions in the form in which they are compared.
pub(super) struct Prepared<'a> {
    pub(super) compiled: &'a CompiledRule,
    to: Vec<To>,
    to_except: Vec<To>,
    /// Conditions that were compared with those of other rules.
    compared: Cell<u64>,
}

/// A condition on a recipient, folded.
enum To {
    Internal,
    External,
    Address(Address),
    Group(String),
    /// With whether all of them are the tenant's.
    Domain(DomainPattern<'static>, bool),
}

impl<'a> Prepared<'a> {
    pub(super) fn new(compiled: &'a CompiledRule, organisation: &Organisation) -> Self {
        let Recipients { of, except: to_except, .. } = &compiled.rule.recipients;
        let recipients = |conditions: &[RecipientCondition]| {
            conditions.iter().map(|condition| to(condition, organisation)).collect()
        };
        Self { compiled, to: recipients(of), to_except: recipients(to_except), compared: Cell::new(0) }
    }

    /// How many conditions this one was compared with, as the narrower rule.
    pub(super) fn compared(&self) -> u64 {
        self.compared.get()
    }

    /// Notes that one of its conditions is compared with each of these.
    fn compares<T>(&self, with: &[T]) {
        self.compared.set(self.compared.get() + with.len() as u64);
    }

    fn all_of_them(&self) -> bool {
        self.compiled.rule.recipients.matching == Matching::All
    }

    /// Whether this one applies to every draft at or after `now_ms` that `narrow` applies to.
    pub(super) fn covers(&self, narrow: &Self, organisation: &Organisation, now_ms: i64) -> bool {
        narrow.compares(&[()]);
        self.covers_mail(narrow, organisation, now_ms) && self.covers_senders(narrow)
    }

    /// The same of everything but senders.
    pub(super) fn covers_mail(&self, narrow: &Self, organisation: &Organisation, now_ms: i64) -> bool {
        self.covers_kinds(narrow)
            && self.covers_keywords(narrow)
            && self.covers_schedule(narrow, now_ms)
            && self.covers_recipients(narrow, organisation)
    }

    /// Whether both are for some kind of draft.
    pub(super) fn shares_kinds(&self, other: &Self) -> bool {
        let (one, other) = (&self.compiled.rule.kinds, &other.compiled.rule.kinds);
        one.is_empty() || other.is_empty() || one.iter().any(|kind| other.contains(kind))
    }

    fn covers_kinds(&self, narrow: &Self) -> bool {
        let (wide, narrow) = (&self.compiled.rule.kinds, &narrow.compiled.rule.kinds);
        let narrow = if narrow.is_empty() { &KINDS[..] } else { narrow };
        wide.is_empty() || narrow.iter().all(|kind| wide.contains(kind))
    }

    fn covers_keywords(&self, narrow: &Self) -> bool {
        let (wide, words) = (&self.compiled.keywords, &narrow.compiled.keywords);
        let (how, theirs) = (self.compiled.rule.keyword_match, narrow.compiled.rule.keyword_match);
        // A keyword inside a longer one stands wherever that does. Where that one may be part of a longer word, a letter that
        // nobody writes stands for the rest of it.
        let stands = |longer: &String| {
            narrow.compares(wide);
            let before = if theirs == KeywordMatch::Part { ANY_LETTER } else { "" };
            let after = if theirs == KeywordMatch::Whole { "" } else { ANY_LETTER };
            let longer = [before, longer, after].concat();
            wide.iter().any(|word| stands_in(&longer, word, how))
        };
        wide.is_empty() || (!words.is_empty() && words.iter().all(stands))
    }

    fn covers_schedule(&self, narrow: &Self, now_ms: i64) -> bool {
        match (&self.compiled.schedule, &narrow.compiled.schedule) {
            (None, _) => true,
            (Some(Ok(wide)), None) => wide.covers(&CompiledSchedule::always(), now_ms),
            (Some(Ok(wide)), Some(Ok(narrow))) => wide.covers(narrow, now_ms),
            _ => false,
        }
    }

    /// The same of senders alone.
    pub(super) fn covers_senders(&self, narrow: &Self) -> bool {
        let count = narrow;
        let (wide, narrow) = (self.compiled, narrow.compiled);
        let implied = |one: &Sender| {
            count.compares(&wide.any_of);
            wide.any_of.iter().any(|wide| one.implies(wide))
        };
        let any = wide.any_of.is_empty() || (!narrow.any_of.is_empty() && narrow.any_of.iter().all(implied));
        any && wide.except.iter().all(|excepted| {
            count.compares(&narrow.except);
            count.compares(&narrow.any_of);
            narrow.except.iter().any(|wide| excepted.implies(wide))
                || (!narrow.any_of.is_empty() && narrow.any_of.iter().all(|one| one.excludes(excepted)))
        })
    }

    fn covers_recipients(&self, narrow: &Self, organisation: &Organisation) -> bool {
        let excepts = |wanted: &To| narrow.to_except.iter().any(|except| same_side(except, wanted));
        let has = |wanted: &To| self.to.iter().any(|wide| same_side(wide, wanted));
        // Whoever is not of one side is of the other.
        let by_side = (has(&To::Internal) && has(&To::External))
            || (has(&To::Internal) && excepts(&To::External))
            || (has(&To::External) && excepts(&To::Internal));
        let implied = |one: &To| {
            narrow.compares(&self.to);
            self.to.iter().any(|wide| one.implies(wide, organisation))
        };
        let each = || narrow.to.iter().all(implied);
        let of = self.to.is_empty()
            || (!narrow.to.is_empty() && (by_side || ((!self.all_of_them() || narrow.all_of_them()) && each())));
        of && self.to_except.iter().all(|excepted| {
            narrow.compares(&narrow.to_except);
            narrow.compares(&narrow.to);
            narrow.to_except.iter().any(|wide| excepted.implies(wide, organisation))
                || (narrow.all_of_them()
                    && !narrow.to.is_empty()
                    && narrow.to.iter().all(|one| one.excludes(excepted, organisation)))
        })
    }

    /// The first of its conditions on senders that can hold for nobody it does not except, when all are such.
    pub(super) fn excepts_every_sender(&self) -> bool {
        let CompiledRule { any_of, except, .. } = self.compiled;
        if any_of.is_empty() {
            return except.iter().any(|one| except.iter().any(|other| one.is_opposite(other)));
        }
        any_of.iter().all(|one| one.is_impossible() || except.iter().any(|except| one.implies(except)))
    }

    /// Whether it asks for recipients and excepts all that it asks for.
    pub(super) fn excepts_every_recipient(&self, organisation: &Organisation) -> bool {
        if self.to.is_empty() {
            return false;
        }
        let excepts = |wanted: &To| self.to_except.iter().any(|except| same_side(except, wanted));
        (excepts(&To::Internal) && excepts(&To::External))
            || self.to.iter().all(|one| {
                let excepted = self.to_except.iter().any(|except| one.implies(except, organisation));
                excepted || matches!(one, To::Domain(domain, _) if domain.is_empty())
            })
    }
}

fn same_side(one: &To, other: &To) -> bool {
    matches!((one, other), (To::Internal, To::Internal) | (To::External, To::External))
}

fn to(condition: &RecipientCondition, organisation: &Organisation) -> To {
    match condition {
        RecipientCondition::Internal => To::Internal,
        RecipientCondition::External => To::External,
        RecipientCondition::Address { address } => To::Address(address.clone()),
        RecipientCondition::Group { id } => To::Group(id.clone()),
        RecipientCondition::Domain { domain } => {
            let domains = DomainPattern::read(domain).into_owned();
            let ours = organisation.domains.iter().any(|ours| DomainPattern::read(ours).covers(&domains));
            To::Domain(domains, ours)
        }
    }
}

impl Sender {
    fn implies(&self, wide: &Self) -> bool {
        match (self, wide) {
            (Self::Person(one), Self::Person(other)) => one == other,
            (Self::Group(one), Self::Group(other)) => one == other,
            (Self::Domain(one), Self::Domain(wide)) => wide.covers(one),
            (Self::Field(one, compared), Self::Field(other, wide)) => one == other && compared.implies(wide),
            _ => false,
        }
    }

    /// Whether both can never hold together.
    fn excludes(&self, other: &Self) -> bool {
        match (self, other) {
            // A draft comes from one address; a person may have several.
            (Self::Domain(one), Self::Domain(other)) => one.excludes(other),
            (Self::Field(one, first), Self::Field(other, second)) => {
                one == other && (first.excludes(second) || second.excludes(first))
            }
            _ => false,
        }
    }

    /// Whether one of the two always holds.
    fn is_opposite(&self, other: &Self) -> bool {
        let (Self::Field(one, first), Self::Field(other, second)) = (self, other) else { return false };
        one == other
            && match (first.comparison, second.comparison) {
                (Comparison::IsEmpty, Comparison::IsNotEmpty) => true,
                (Comparison::Equals, Comparison::NotEquals) => first.value == second.value,
                _ => false,
            }
    }

    fn is_impossible(&self) -> bool {
        match self {
            Self::Domain(domain) => domain.is_empty(),
            Self::Field(_, Compared { comparison, value }) => {
                let part = matches!(comparison, Comparison::Contains | Comparison::StartsWith | Comparison::EndsWith);
                part && value.is_empty()
            }
            Self::Person(_) | Self::Group(_) => false,
        }
    }
}

impl Compared {
    /// Whether whatever compares so compares the other way too.
    fn implies(&self, wide: &Self) -> bool {
        use Comparison::{Contains, EndsWith, Equals, IsEmpty, IsNotEmpty, NotEquals, StartsWith};
        let (Self { comparison, value }, wanted) = (self, &wide.value);
        match comparison {
            Equals => wide.holds(value),
            IsEmpty => wide.holds(""),
            IsNotEmpty => wide.comparison == IsNotEmpty || (wide.comparison == NotEquals && wanted.is_empty()),
            NotEquals => match wide.comparison {
                NotEquals => wanted == value,
                IsNotEmpty => value.is_empty(),
                _ => false,
            },
            // These never hold, and that is told elsewhere.
            Contains | StartsWith | EndsWith if value.is_empty() => false,
            Contains | StartsWith | EndsWith => match wide.comparison {
                IsNotEmpty => true,
                Contains => !wanted.is_empty() && value.contains(wanted),
                StartsWith => *comparison == StartsWith && !wanted.is_empty() && value.starts_with(wanted),
                EndsWith => *comparison == EndsWith && !wanted.is_empty() && value.ends_with(wanted),
                NotEquals => !self.holds(wanted),
                Equals | IsEmpty => false,
            },
        }
    }

    /// Whether nothing compares in both ways, as far as the first tells.
    fn excludes(&self, other: &Self) -> bool {
        let (value, wanted) = (&self.value, &other.value);
        match self.comparison {
            Comparison::Equals => !other.holds(value),
            Comparison::IsEmpty => !other.holds(""),
            Comparison::StartsWith if other.comparison == Comparison::StartsWith => {
                !value.starts_with(wanted) && !wanted.starts_with(value)
            }
            Comparison::EndsWith if other.comparison == Comparison::EndsWith => {
                !value.ends_with(wanted) && !wanted.ends_with(value)
            }
            _ => false,
        }
    }
}

impl To {
    fn implies(&self, wide: &Self, organisation: &Organisation) -> bool {
        match (self, wide) {
            (Self::Internal, Self::Internal) | (Self::External, Self::External) => true,
            (Self::Address(one), Self::Address(other)) => one == other,
            (Self::Group(one), Self::Group(other)) => one == other,
            (Self::Domain(one, _), Self::Domain(wide, _)) => wide.covers(one),
            (Self::Address(address), Self::Domain(domains, _)) => domains.holds(address.domain()),
            // The other way round nothing is certain: mailboxes in other domains may be of the Exchange organisation.
            (Self::Address(address), Self::Internal) => organisation.is_ours(address.domain()),
            (Self::Domain(_, ours), Self::Internal) => *ours,
            _ => false,
        }
    }

    /// Whether nobody meets both.
    fn excludes(&self, other: &Self, organisation: &Organisation) -> bool {
        match (self, other) {
            (Self::Address(one), Self::Address(other)) => one != other,
            (Self::Domain(one, _), Self::Domain(other, _)) => one.excludes(other),
            (Self::Address(address), Self::Domain(domains, _)) | (Self::Domain(domains, _), Self::Address(address)) => {
                !domains.holds(address.domain())
            }
            (one, Self::External) => one.implies(&Self::Internal, organisation),
            (Self::External, other) => other.implies(&Self::Internal, organisation),
            _ => false,
        }
    }
}
