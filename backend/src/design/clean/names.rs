//! What another program's placeholder probably means.

use api::console::{Confidence, PlaceholderSuggestion};
use email_signature::BUILT_IN_FIELDS;
use std::collections::BTreeSet;

/// Our fields by what others call them, folded (letters and digits alone, in lower case): `token: name name …`, a line for each.
const ALIASES: &str = include_str!("aliases.txt");

/// Words before a name that say whose value it is: the sender's.
const OWNERS: &[&str] = &[
    "ad",
    "contact",
    "current",
    "currentuser",
    "currentmailbox",
    "directory",
    "employee",
    "entra",
    "exchange",
    "field",
    "from",
    "mailbox",
    "my",
    "person",
    "profile",
    "sender",
    "the",
    "user",
    "your",
];
/// Words for a person's manager.
const MANAGERS: &[&str] = &["manager", "mgr", "supervisor", "vorgesetzter", "vorgesetzte"];
/// Names that at the end of a longer one say nothing: `Branch name`, `Employee number`.
const VAGUE: &[&str] = &[
    "name", "address", "title", "url", "l", "st", "co", "cn", "sn", "first", "last", "web", "date", "role", "job",
    "via", "cap",
];
/// How alike two names must be.
const ALIKE: f64 = 0.85;
/// Shortest name in letters that is compared with others.
const COMPARED: usize = 5;
/// Most words of a name that is looked at.
const MAX_WORDS: usize = 8;

/// What a placeholder of this name probably means. `fields`: tokens of the tenant's custom fields.
pub(super) fn suggest(name: &str, fields: &BTreeSet<String>) -> Option<PlaceholderSuggestion> {
    let made = |field: String, confidence, reason: String| Some(PlaceholderSuggestion { field, confidence, reason });
    let label = |field: &str| label_of(field);
    if is_field(name, fields) {
        return made(name.to_owned(), Confidence::Sure, format!("“{name}” is the name of a field here."));
    }
    let words = words(name);
    if words.len() > MAX_WORDS {
        return None;
    }
    if let Some(at) = words.iter().position(|word| MANAGERS.contains(&word.as_str())) {
        let rest = words[at + 1..].concat();
        let token = if rest.is_empty() { Some("display_name".to_owned()) } else { known(&rest, fields) };
        if let Some(token) = token {
            let reason = format!("“{name}” probably means the manager’s {}.", label(&token));
            return made(format!("manager.{token}"), Confidence::Likely, reason);
        }
    }
    let folded = words.concat();
    if let Some(token) = known(&folded, fields) {
        let reason = format!("“{name}” is a usual name for {}.", label(&token));
        return made(token, Confidence::Sure, reason);
    }
    let own = words.iter().position(|word| !OWNERS.contains(&word.as_str())).unwrap_or(words.len());
    if let Some(token) = known(&words[own..].concat(), fields) {
        let reason = format!("“{name}” is a usual name for {} of the sender.", label(&token));
        return made(token, Confidence::Sure, reason);
    }
    if let Some((part, token, confidence)) = contained(&words[own..], fields) {
        let reason = format!("“{name}” contains “{part}”, a usual name for {}.", label(&token));
        return made(token, confidence, reason);
    }
    let (token, alike) = similar(&words[own..].concat())?;
    let reason = format!("“{name}” is spelt like “{alike}”, a usual name for {}.", label(token));
    made(token.to_owned(), Confidence::Guess, reason)
}

/// Whether a template may ask for this name: a field, `manager.` or `sender.` and a field, a brand's value,
/// or what is computed.
pub(crate) fn is_field(name: &str, fields: &BTreeSet<String>) -> bool {
    // A brand has values of its own, which are no fields.
    if name.strip_prefix("brand.").is_some_and(|token| !token.is_empty()) {
        return true;
    }
    let of = ["manager.", "sender."].iter().find_map(|start| name.strip_prefix(start)).unwrap_or(name);
    fields.contains(of) || matches!(name, "vcard_qr" | "today") || BUILT_IN_FIELDS.iter().any(|(token, _)| *token == of)
}

/// What a field of that name could have as its token.
pub(super) fn token(name: &str) -> String {
    let token = words(name).join("_");
    let token: String = token.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let starts_well = token.starts_with(|c: char| c.is_ascii_alphabetic());
    if starts_well { token } else { format!("field_{token}") }
}

/// Our field that a folded name is a usual one of, or a custom field of that name.
fn known(folded: &str, fields: &BTreeSet<String>) -> Option<String> {
    let custom = fields.iter().find(|field| field.replace('_', "") == folded).cloned();
    let built_in = || BUILT_IN_FIELDS.iter().map(|(token, _)| *token).find(|token| token.replace('_', "") == folded);
    let alias = || aliases().find(|(_, name)| *name == folded).map(|(token, _)| token);
    custom.or_else(|| built_in().or_else(alias).map(str::to_owned))
}

/// The longest end of a name that is a usual name for a field, or else another part of it.
fn contained(words: &[String], fields: &BTreeSet<String>) -> Option<(String, String, Confidence)> {
    let ends = (0..words.len()).map(|from| (from, words.len(), Confidence::Likely));
    let others = (0..words.len()).flat_map(|from| {
        let least = if from == 0 { 1 } else { from + 2 };
        (least..words.len()).rev().map(move |to| (from, to, Confidence::Guess))
    });
    ends.chain(others).find_map(|(from, to, confidence)| {
        let part = words[from..to].concat();
        let token = known(&part, fields).filter(|_| !VAGUE.contains(&part.as_str()))?;
        Some((words[from..to].join(" "), token, confidence))
    })
}

/// Every field with every usual name of it.
fn aliases() -> impl Iterator<Item = (&'static str, &'static str)> {
    let rows = ALIASES.lines().filter_map(|row| row.split_once(": "));
    rows.flat_map(|(token, names)| names.split(' ').map(move |name| (token, name)))
}

/// Our field with the name that a folded one is most like, and that name.
fn similar(folded: &str) -> Option<(&'static str, &'static str)> {
    if folded.chars().count() < COMPARED {
        return None;
    }
    let alike = aliases().map(|(token, name)| (strsim::normalized_levenshtein(folded, name), token, name));
    let best = alike.filter(|(alike, _, name)| *alike >= ALIKE && name.len() >= COMPARED);
    best.max_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, token, name)| (token, name))
}

/// The words of a name, in lower case: `MGivenName`, `user.given_name` and `Given name` end with the same two.
fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let next = chars.get(at + 1);
        let hump = c.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase() || before.is_uppercase() && next.is_some_and(|next| next.is_lowercase())
            });
        if hump || !c.is_alphanumeric() {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// What people call a field, inside a sentence.
pub(super) fn label_of(field: &str) -> String {
    let (of, token) = field.split_once('.').map_or(("", field), |(of, token)| (of, token));
    let label = BUILT_IN_FIELDS.iter().find(|(known, _)| *known == token).map_or(token, |(_, label)| label);
    let label = match token {
        "today" => "today’s date".to_owned(),
        _ => label.to_lowercase(),
    };
    if of.is_empty() { format!("the {label}") } else { format!("the {of}’s {label}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_programs_mean_our_fields() {
        let fields = BTreeSet::from(["cost_centre".to_owned(), "linkedin".to_owned()]);
        for (name, expected) in [
            ("DisplayName", Some(("display_name", Confidence::Sure))),
            ("displayname", Some(("display_name", Confidence::Sure))),
            ("MGivenName", Some(("given_name", Confidence::Likely))),
            ("CurrentUserGivenName", Some(("given_name", Confidence::Sure))),
            ("CurrentUserManagerTelephone", Some(("manager.phone", Confidence::Likely))),
            ("CURRENTMAILBOXSURNAME", None),
            ("Manager", Some(("manager.display_name", Confidence::Likely))),
            ("manager.title", Some(("manager.title", Confidence::Sure))),
            ("sender.title", Some(("sender.title", Confidence::Sure))),
            ("Sender.JobTitle", Some(("title", Confidence::Sure))),
            ("Desk Phone", Some(("phone", Confidence::Sure))),
            ("Direct Phone Number", Some(("phone", Confidence::Likely))),
            ("user.mobile_phone", Some(("mobile", Confidence::Sure))),
            ("E-Mail", Some(("email", Confidence::Sure))),
            ("Vorname", Some(("given_name", Confidence::Sure))),
            ("Prénom", Some(("given_name", Confidence::Sure))),
            ("Departement", Some(("department", Confidence::Sure))),
            ("Departmnt", Some(("department", Confidence::Guess))),
            ("Cost Centre", Some(("cost_centre", Confidence::Sure))),
            ("LinkedIn URL", Some(("linkedin", Confidence::Guess))),
            ("ExtensionAttribute7", None),
            ("Badge", None),
            ("Branch name", None),
            ("", None),
        ] {
            let found = suggest(name, &fields);
            let found = found.as_ref().map(|found| (found.field.as_str(), found.confidence));
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn a_token_is_made_of_a_name() {
        for (name, expected) in [("CustomAttribute1", "custom_attribute1"), ("Büro 2", "bro_2"), ("1st", "field_1st")]
        {
            assert_eq!(token(name), expected);
        }
    }
}
