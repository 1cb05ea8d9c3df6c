//! Whether a rule's conditions hold.

use super::schedule::CompiledSchedule;
use super::{CompiledRule, Organisation, Rules, sentences};
use crate::fold::folded;
use crate::{
    Address, Comparison, DomainPattern, Draft, KeywordMatch, Matching, Person, Recipient, RecipientCondition,
    RecipientType, SenderCondition,
};
use std::borrow::Cow;

/// The draft and everything that conditions look at, with what every rule asks for computed once.
pub(super) struct Facts<'a> {
    pub(super) person: &'a Person,
    pub(super) draft: &'a Draft,
    pub(super) organisation: &'a Organisation,
    pub(super) now_ms: i64,
    /// The subject, folded.
    subject: Cow<'a, str>,
    /// The sender's values of the fields that rules compare, folded.
    values: Vec<Cow<'a, str>>,
    /// For each recipient, whether they are internal.
    internal: Vec<bool>,
}

impl Rules {
    /// What these rules look at.
    pub(super) fn facts<'a>(
        &self,
        person: &'a Person,
        draft: &'a Draft,
        organisation: &'a Organisation,
        now_ms: i64,
    ) -> Facts<'a> {
        let internal = draft.recipients.iter().map(|recipient| is_internal(recipient, organisation)).collect();
        let values = values(&self.fields, person, &draft.from);
        Facts { person, draft, organisation, now_ms, subject: folded(&draft.subject), values, internal }
    }
}

impl<'a> Facts<'a> {
    fn recipients(&self) -> impl Iterator<Item = (&'a Recipient, bool)> {
        self.draft.recipients.iter().zip(self.internal.iter().copied())
    }

    /// The first recipient who meets one of `conditions`, with the condition.
    pub(super) fn met_by<'c>(
        &self,
        conditions: &'c [RecipientCondition],
    ) -> Option<(&'a Recipient, &'c RecipientCondition)> {
        self.recipients().find_map(|(recipient, internal)| {
            conditions
                .iter()
                .find(|condition| holds_for_recipient(condition, recipient, internal))
                .map(|condition| (recipient, condition))
        })
    }

    /// The first recipient who meets none of `conditions`.
    fn met_not_by(&self, conditions: &[RecipientCondition]) -> Option<&'a Recipient> {
        self.recipients()
            .find(|&(recipient, internal)| {
                !conditions.iter().any(|condition| holds_for_recipient(condition, recipient, internal))
            })
            .map(|(recipient, _)| recipient)
    }

    /// The place of the first of `conditions` that holds for the sender.
    pub(super) fn met_by_sender(&self, conditions: &[Sender]) -> Option<usize> {
        conditions.iter().position(|condition| condition.holds(self.person, &self.draft.from, &self.values))
    }

    /// The schedule as it is for this sender.
    fn schedule<'s>(&self, schedule: &'s CompiledSchedule) -> Cow<'s, CompiledSchedule> {
        schedule.seen_from(self.draft.time_zone.as_deref())
    }

    /// The place of the first of a rule's keywords that stands in the subject.
    pub(super) fn met_keyword(&self, compiled: &CompiledRule) -> Option<usize> {
        let how = compiled.rule.keyword_match;
        compiled.keywords.iter().position(|keyword| stands_in(&self.subject, keyword, how))
    }
}

fn is_internal(recipient: &Recipient, organisation: &Organisation) -> bool {
    recipient.kind == RecipientType::User || organisation.is_ours(recipient.address.domain())
}

/// A condition that does not hold. Finding it out is every draft's; its sentence only whoever asks why has written.
#[derive(Clone, Copy)]
pub(super) enum Unmet<'r> {
    SwitchedOff,
    UnreadableSchedule,
    OtherKind,
    OtherSender,
    ExceptedSender(&'r SenderCondition),
    NoRecipients,
    NobodyFits,
    NotEverybodyFits(&'r Recipient),
    ExceptedRecipient(&'r Recipient, &'r RecipientCondition),
    NoKeyword,
    OutsideSchedule,
}

impl Unmet<'_> {
    /// Why the rule does not apply.
    pub(super) fn sentence(self, compiled: &CompiledRule, facts: &Facts<'_>) -> String {
        let rule = &compiled.rule;
        let (senders, recipients) = (&rule.senders, &rule.recipients);
        match self {
            Self::SwitchedOff => sentences::SWITCHED_OFF.into(),
            Self::UnreadableSchedule => {
                let detail = compiled.schedule.as_ref().and_then(|schedule| schedule.as_ref().err());
                sentences::unreadable_schedule(detail.map_or("", String::as_str))
            }
            Self::OtherKind => sentences::other_kind(&rule.kinds, facts.draft.kind),
            Self::OtherSender => sentences::other_sender(&senders.any_of, facts),
            Self::ExceptedSender(condition) => sentences::excepted_sender(condition, facts),
            Self::NoRecipients => sentences::no_recipients(recipients, facts),
            Self::NobodyFits => sentences::nobody_fits(&recipients.of, facts),
            Self::NotEverybodyFits(stranger) => sentences::not_everybody_fits(&recipients.of, stranger, facts),
            Self::ExceptedRecipient(recipient, condition) => sentences::excepted_recipient(condition, recipient, facts),
            Self::NoKeyword => compiled.no_keyword.clone(),
            Self::OutsideSchedule => match &compiled.schedule {
                Some(Ok(schedule)) => facts.schedule(schedule).unmet(facts.now_ms).unwrap_or_default(),
                _ => String::new(),
            },
        }
    }
}

/// The first condition of a rule that does not hold; `None`: the rule applies.
pub(super) fn first_unmet<'r>(compiled: &'r CompiledRule, facts: &Facts<'r>) -> Option<Unmet<'r>> {
    let rule = &compiled.rule;
    if !rule.enabled {
        return Some(Unmet::SwitchedOff);
    }
    if let Some(Err(_)) = &compiled.schedule {
        return Some(Unmet::UnreadableSchedule);
    }
    if !rule.kinds.is_empty() && !rule.kinds.contains(&facts.draft.kind) {
        return Some(Unmet::OtherKind);
    }
    unmet_sender(compiled, facts).or_else(|| unmet_recipients(compiled, facts)).or_else(|| {
        if !compiled.keywords.is_empty() && facts.met_keyword(compiled).is_none() {
            return Some(Unmet::NoKeyword);
        }
        let outside = matches!(&compiled.schedule, Some(Ok(schedule)) if !facts.schedule(schedule).holds(facts.now_ms));
        outside.then_some(Unmet::OutsideSchedule)
    })
}

/// The condition on senders that does not hold.
pub(super) fn unmet_sender<'r>(compiled: &'r CompiledRule, facts: &Facts<'r>) -> Option<Unmet<'r>> {
    if !compiled.any_of.is_empty() && facts.met_by_sender(&compiled.any_of).is_none() {
        return Some(Unmet::OtherSender);
    }
    let excepted = facts.met_by_sender(&compiled.except)?;
    compiled.rule.senders.except.get(excepted).map(Unmet::ExceptedSender)
}

fn unmet_recipients<'r>(compiled: &'r CompiledRule, facts: &Facts<'r>) -> Option<Unmet<'r>> {
    let recipients = &compiled.rule.recipients;
    if !recipients.of.is_empty() {
        if facts.draft.recipients.is_empty() {
            return Some(Unmet::NoRecipients);
        }
        match recipients.matching {
            Matching::Any if facts.met_by(&recipients.of).is_none() => return Some(Unmet::NobodyFits),
            Matching::All => {
                if let Some(stranger) = facts.met_not_by(&recipients.of) {
                    return Some(Unmet::NotEverybodyFits(stranger));
                }
            }
            Matching::Any => {}
        }
    }
    let excepted = facts.met_by(&recipients.except);
    excepted.map(|(recipient, condition)| Unmet::ExceptedRecipient(recipient, condition))
}

/// A condition on the sender, made ready: texts folded.
#[derive(Clone, Debug)]
pub(super) enum Sender {
    Person(Address),
    Group(String),
    Domain(DomainPattern<'static>),
    /// The field by its place among those that rules compare.
    Field(usize, Compared),
}

/// How a value is compared, and with what.
#[derive(Clone, Debug)]
pub(super) struct Compared {
    pub(super) comparison: Comparison,
    /// Folded.
    pub(super) value: String,
}

impl Compared {
    /// Whether it holds for a value, folded.
    pub(super) fn holds(&self, actual: &str) -> bool {
        compare(actual, self.comparison, &self.value)
    }
}

impl Sender {
    /// Makes a condition ready; the field that it compares is added to `fields` where it is not among them.
    pub(super) fn new(condition: &SenderCondition, fields: &mut Vec<String>) -> Self {
        match condition {
            SenderCondition::Person { address } => Self::Person(address.clone()),
            SenderCondition::Group { id } => Self::Group(id.clone()),
            SenderCondition::Domain { domain } => Self::Domain(DomainPattern::read(domain).into_owned()),
            SenderCondition::Field { field, comparison, value } => {
                let at = fields.iter().position(|known| known == field).unwrap_or_else(|| {
                    fields.push(field.clone());
                    fields.len() - 1
                });
                Self::Field(at, Compared { comparison: *comparison, value: folded(value).into_owned() })
            }
        }
    }

    /// Whether it holds for a draft of `person`, who has these `values`, from the address `from`.
    pub(super) fn holds(&self, person: &Person, from: &Address, values: &[Cow<'_, str>]) -> bool {
        match self {
            Self::Person(address) => *address == person.address || person.aliases.contains(address),
            Self::Group(id) => person.groups.contains(id),
            Self::Domain(domains) => domains.holds(from.domain()),
            Self::Field(at, compared) => values.get(*at).is_some_and(|actual| compared.holds(actual)),
        }
    }
}

/// Whether a condition on the sender holds for a draft of `person` from the address `from`.
pub fn holds_for_sender(condition: &SenderCondition, person: &Person, from: &Address) -> bool {
    let mut fields = Vec::new();
    let condition = Sender::new(condition, &mut fields);
    condition.holds(person, from, &values(&fields, person, from))
}

/// Fields' values as rules and templates see them, folded; `email` is the address in From.
pub(super) fn values<'a>(fields: &[String], person: &'a Person, from: &'a Address) -> Vec<Cow<'a, str>> {
    let value = |field: &String| match field.as_str() {
        "email" => from.as_str(),
        _ => person.fields.get(field).map_or("", String::as_str),
    };
    fields.iter().map(|field| folded(value(field))).collect()
}

/// Whether two folded texts compare so.
fn compare(actual: &str, comparison: Comparison, expected: &str) -> bool {
    match comparison {
        Comparison::Equals => actual == expected,
        Comparison::NotEquals => actual != expected,
        // An empty text stands in every other; a comparison with nothing is not meant to hold for everybody.
        Comparison::Contains => !expected.is_empty() && actual.contains(expected),
        Comparison::StartsWith => !expected.is_empty() && actual.starts_with(expected),
        Comparison::EndsWith => !expected.is_empty() && actual.ends_with(expected),
        Comparison::IsEmpty => actual.is_empty(),
        Comparison::IsNotEmpty => !actual.is_empty(),
    }
}

fn holds_for_recipient(condition: &RecipientCondition, recipient: &Recipient, internal: bool) -> bool {
    match condition {
        RecipientCondition::Internal => internal,
        RecipientCondition::External => !internal,
        RecipientCondition::Address { address } => {
            *address == recipient.address
                || recipient.list.as_ref() == Some(address)
                || recipient.aliases.contains(address)
        }
        RecipientCondition::Group { id } => recipient.groups.contains(id),
        RecipientCondition::Domain { domain } => DomainPattern::read(domain).holds(recipient.address.domain()),
    }
}

/// Whether `keyword` stands in `subject`; both folded.
pub(super) fn stands_in(subject: &str, keyword: &str, how: KeywordMatch) -> bool {
    // Looking whether it is there at all is quicker than making ready for going through all its places.
    subject.contains(keyword)
        && (how == KeywordMatch::Part || stands_as_word(subject, keyword, how == KeywordMatch::Prefix))
}

/// Whether one of the places of `keyword` begins where a word begins, and ends where one ends unless `may_go_on`.
fn stands_as_word(subject: &str, keyword: &str, may_go_on: bool) -> bool {
    subject.match_indices(keyword).any(|(at, found)| {
        let before = subject[..at].chars().next_back();
        let after = subject[at + found.len()..].chars().next();
        let continues = |outside: Option<char>, inside: Option<char>| {
            outside.is_some_and(is_spaced_letter) && inside.is_some_and(is_spaced_letter)
        };
        !continues(before, keyword.chars().next()) && (may_go_on || !continues(after, keyword.chars().next_back()))
    })
}

/// A letter or digit of a script that puts spaces between words. Chinese, Japanese, Thai, Lao, Khmer and Burmese do not,
/// and Korean glues particles to words: there every place is the edge of a word.
fn is_spaced_letter(c: char) -> bool {
    let unspaced = matches!(c,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}'
        | '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}');
    c.is_alphanumeric() && !unspaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyword_is_found_as_a_word_only() {
        for (subject, keyword, expected) in [
            ("our webinar tomorrow", "webinar", true),
            ("webinar", "webinar", true),
            ("re: [webinar]", "webinar", true),
            ("webinars", "webinar", false),
            ("prewebinar webinar", "webinar", true),
            ("sale of the year", "sale of", true),
            ("c++ day", "c++", true),
            ("明天的会议通知", "会议", true),
            ("", "webinar", false),
            ("straße", "stra", false),
        ] {
            let how = KeywordMatch::Whole;
            assert_eq!(stands_in(subject, keyword, how), expected, "{keyword} in {subject}");
        }
    }

    #[test]
    fn a_keyword_is_found_where_a_word_begins_or_anywhere_when_asked_for() {
        for (subject, keyword, prefix, part) in [
            ("our webinars", "webinar", true, true),
            ("prewebinar", "webinar", false, true),
            ("prewebinars, webinars", "webinar", true, true),
            ("re: [webinar]", "webinar", true, true),
            ("price lists of may", "price list", true, true),
            ("angebotsanfrage", "anfrage", false, true),
            ("", "webinar", false, false),
        ] {
            let found = [KeywordMatch::Prefix, KeywordMatch::Part].map(|how| stands_in(subject, keyword, how));
            assert_eq!(found, [prefix, part], "{keyword} in {subject}");
        }
    }

    #[test]
    fn conditions_made_ready_together_compare_each_its_own_field() {
        let person: Person = serde_json::from_value(serde_json::json!({
            "id": "ada", "address": "ada@example.com", "fields": { "title": "Head", "department": " Sales " }
        }))
        .unwrap_or_else(|error| panic!("{error}"));
        let conditions = [
            ("title", Comparison::Equals, "HEAD", true),
            ("department", Comparison::Equals, "sales", true),
            ("title", Comparison::Contains, "sales", false),
            ("email", Comparison::EndsWith, "@Example.com", true),
            ("city", Comparison::IsEmpty, "", true),
        ];
        let mut fields = Vec::new();
        let condition = |(field, comparison, value, holds): (&str, Comparison, &str, bool)| {
            (SenderCondition::Field { field: field.into(), comparison, value: value.into() }, holds)
        };
        let ready: Vec<_> = conditions
            .map(condition)
            .into_iter()
            .map(|(one, holds)| (Sender::new(&one, &mut fields), one, holds))
            .collect();
        let values = values(&fields, &person, &person.address);
        for (ready, condition, holds) in ready {
            assert_eq!(ready.holds(&person, &person.address, &values), holds, "{condition:?}");
            assert_eq!(holds_for_sender(&condition, &person, &person.address), holds, "{condition:?} alone");
        }
    }

    #[test]
    fn comparisons_disregard_case_and_surrounding_space() {
        for (actual, comparison, expected, holds) in [
            ("Head of Sales", Comparison::Contains, "sales", true),
            (" ÉCOLE ", Comparison::Equals, "école", true),
            ("Sales", Comparison::NotEquals, "SALES", false),
            ("Sales", Comparison::StartsWith, "sa", true),
            ("Sales", Comparison::EndsWith, "LES", true),
            ("Sales", Comparison::Contains, " ", false),
            ("  ", Comparison::IsEmpty, "", true),
            ("x", Comparison::IsNotEmpty, "", true),
        ] {
            assert_eq!(
                compare(&folded(actual), comparison, &folded(expected)),
                holds,
                "{actual:?} {comparison:?} {expected:?}"
            );
        }
    }
}
