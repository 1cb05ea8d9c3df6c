//! A rule in words while it is being written, as the server says it (`describe` of the core) once it is saved.

use email_signature::{
    BUILT_IN_FIELDS, Comparison, DomainPattern, Flow, KeywordMatch, Kind, Matching, Part, RecipientCondition, Rule,
    SenderCondition, Weekday,
};
use std::collections::BTreeMap;

/// Names of what rules name by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Names {
    /// Of templates.
    pub(crate) templates: BTreeMap<String, String>,
    /// Of groups.
    pub(crate) groups: BTreeMap<String, String>,
    /// Of fields, by token.
    pub(crate) fields: BTreeMap<String, String>,
}

impl Names {
    /// The template's name in quotation marks.
    pub(crate) fn template(&self, id: &str) -> String {
        match self.templates.get(id) {
            Some(name) => quoted(name),
            None => quoted(id) + ", which does not exist",
        }
    }

    /// The group's name.
    pub(crate) fn group(&self, id: &str) -> String {
        self.groups.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }

    /// What people call a field.
    pub(crate) fn field(&self, token: &str) -> String {
        let built_in = BUILT_IN_FIELDS.iter().find(|(own, _)| *own == token).map(|(_, label)| (*label).to_owned());
        self.fields.get(token).cloned().or(built_in).unwrap_or_else(|| token.to_owned())
    }

    /// A sender's condition, such as `people in “Sales”`.
    pub(crate) fn sender(&self, condition: &SenderCondition) -> String {
        match condition {
            SenderCondition::Person { address } => address.to_string(),
            SenderCondition::Group { id } => "people in ".to_owned() + &quoted(&self.group(id)),
            SenderCondition::Domain { domain } => "addresses at ".to_owned() + &DomainPattern::read(domain).words(),
            SenderCondition::Field { field, comparison, value } => {
                let compared =
                    "people whose ".to_owned() + &self.field(field).to_lowercase() + " " + compares(*comparison);
                if takes_value(*comparison) { compared + " " + &quoted(value) } else { compared }
            }
        }
    }

    /// A recipient's condition, such as `external recipients`.
    pub(crate) fn recipient(&self, condition: &RecipientCondition) -> String {
        match condition {
            RecipientCondition::Internal => "internal recipients".to_owned(),
            RecipientCondition::External => "external recipients".to_owned(),
            RecipientCondition::Address { address } => address.to_string(),
            RecipientCondition::Group { id } => "members of ".to_owned() + &quoted(&self.group(id)),
            RecipientCondition::Domain { domain } => "recipients at ".to_owned() + &DomainPattern::read(domain).words(),
        }
    }

    /// All of the rule: its conditions, and what it gives.
    pub(crate) fn rule(&self, rule: &Rule) -> Vec<String> {
        let mut all = self.conditions(rule);
        all.extend(self.gives(rule));
        all
    }

    fn conditions(&self, rule: &Rule) -> Vec<String> {
        let mut all = Vec::new();
        let mut say = |start: &str, items: Vec<String>, and: &str| {
            if !items.is_empty() {
                all.push(start.to_owned() + &listed(&items, and) + ".");
            }
        };
        let senders = |all: &[SenderCondition]| all.iter().map(|one| self.sender(one)).collect::<Vec<_>>();
        let recipients = |all: &[RecipientCondition]| all.iter().map(|one| self.recipient(one)).collect::<Vec<_>>();
        say("For mail from ", senders(&rule.senders.any_of), "or");
        say("Not for mail from ", senders(&rule.senders.except), "or");
        let solely = rule.recipients.matching == Matching::All;
        let to = if solely { "For mail that goes only to " } else { "For mail to " };
        say(to, recipients(&rule.recipients.of), "or");
        say("Not for mail to ", recipients(&rule.recipients.except), "or");
        say("For ", rule.kinds.iter().map(|kind| kinds(*kind).to_owned()).collect(), "and");
        let words = rule.keywords.iter().filter(|word| !word.trim().is_empty());
        let start = match rule.keyword_match {
            KeywordMatch::Whole => "For subjects with ",
            KeywordMatch::Prefix => "For subjects with a word that begins with ",
            KeywordMatch::Part => "For subjects with the letters ",
        };
        say(start, words.map(|word| quoted(word)).collect(), "or");
        all.extend(schedule(rule));
        if all.is_empty() {
            all.push("For every mail.".to_owned());
        }
        all
    }

    fn gives(&self, rule: &Rule) -> Vec<String> {
        let mut all = Vec::new();
        for part in Part::ALL {
            let given: Vec<&str> = rule.templates(part).collect();
            if let [only] = given.as_slice() {
                all.push("Adds the ".to_owned() + part.noun() + " " + &self.template(only) + ".");
            } else if !given.is_empty() {
                let shares: Vec<String> =
                    shares(rule).into_iter().map(|(id, share)| self.template(&id) + " to " + &share).collect();
                let said = listed(&shares, "or");
                all.push("Adds the campaign ".to_owned() + &said + " of the people, each person always the same one.");
            }
        }
        if all.is_empty() {
            all.push("Adds no template.".to_owned());
        }
        all.push(
            match rule.flow {
                Flow::Stop => "Later rules are ignored.",
                Flow::Continue => "Later rules can fill the remaining parts.",
            }
            .to_owned(),
        );
        all
    }
}

/// The rule's campaigns, each with its share of the people, such as `33.3 %`.
pub(crate) fn shares(rule: &Rule) -> Vec<(String, String)> {
    let first = rule.gives.campaign.clone().map(|id| (id, rule.weight));
    let all: Vec<(String, u32)> =
        first.into_iter().chain(rule.variants.iter().map(|one| (one.template.clone(), one.weight))).collect();
    let total: u64 = all.iter().map(|(_, weight)| u64::from(*weight)).sum();
    all.into_iter().map(|(id, weight)| (id, share(u64::from(weight), total))).collect()
}

fn share(weight: u64, total: u64) -> String {
    let thousandths = (weight * 1000).checked_div(total).unwrap_or_default();
    let whole = (thousandths / 10).to_string();
    if thousandths.is_multiple_of(10) { whole + " %" } else { whole + "." + &(thousandths % 10).to_string() + " %" }
}

fn schedule(rule: &Rule) -> Option<String> {
    let written = rule.schedule.as_ref()?;
    let shown = |bound: &str| bound.trim().replace('T', " ");
    let mut text = match (&written.from, &written.to) {
        (Some(from), Some(to)) => "From ".to_owned() + &shown(from) + " to " + &shown(to),
        (Some(from), None) => "From ".to_owned() + &shown(from) + " on",
        (None, Some(to)) => "Until ".to_owned() + &shown(to),
        (None, None) => String::new(),
    };
    if !written.weekdays.is_empty() {
        let days: Vec<String> = written.weekdays.iter().map(|day| weekday(*day).to_owned()).collect();
        text = text.clone() + if text.is_empty() { "On " } else { ", on " } + &listed(&days, "and");
    }
    let hours = match (&written.day_from, &written.day_to) {
        (Some(from), Some(to)) => from.clone() + " to " + to,
        (Some(from), None) => from.clone() + " to midnight",
        (None, Some(to)) => "midnight to ".to_owned() + to,
        (None, None) => String::new(),
    };
    if !hours.is_empty() {
        text = text.clone() + if text.is_empty() { "From " } else { ", from " } + &hours;
    }
    let own = if written.own_time_zone { " (the sender’s own time zone, or " } else { " (" };
    (!text.is_empty()).then(|| text + own + written.time_zone.trim() + ").")
}

/// Whether it compares with something.
pub(crate) fn takes_value(comparison: Comparison) -> bool {
    !matches!(comparison, Comparison::IsEmpty | Comparison::IsNotEmpty)
}

/// Every comparison, with its name.
pub(crate) const COMPARISONS: [(Comparison, &str, &str); 7] = [
    (Comparison::Equals, "equals", "is"),
    (Comparison::NotEquals, "not_equals", "is not"),
    (Comparison::Contains, "contains", "contains"),
    (Comparison::StartsWith, "starts_with", "starts with"),
    (Comparison::EndsWith, "ends_with", "ends with"),
    (Comparison::IsEmpty, "is_empty", "is empty"),
    (Comparison::IsNotEmpty, "is_not_empty", "is not empty"),
];

fn compares(comparison: Comparison) -> &'static str {
    COMPARISONS.iter().find(|(own, ..)| *own == comparison).map_or("", |(_, _, words)| words)
}

/// Every kind, with what people read.
pub(crate) const KINDS: [(Kind, &str); 4] = [
    (Kind::New, "New mails"),
    (Kind::Reply, "Replies"),
    (Kind::Forward, "Forwards"),
    (Kind::Appointment, "Appointments"),
];

fn kinds(kind: Kind) -> &'static str {
    match kind {
        Kind::New => "new mails",
        Kind::Reply => "replies",
        Kind::Forward => "forwards",
        Kind::Appointment => "appointments",
    }
}

/// Every day, from Monday.
pub(crate) const WEEKDAYS: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

/// Its name.
pub(in crate::console::pages) fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

fn quoted(text: &str) -> String {
    "“".to_owned() + text.trim() + "”"
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(items: &[String], and: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => all.join(", ") + " " + and + " " + last,
    }
}
