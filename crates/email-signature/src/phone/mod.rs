//! Telephone numbers as people type them -> how they are dialled, and how they are shown.
//!
//! [`typed`] reads what was typed; with the feature `plans` the number is then looked up in its country's plan ([`plans`],
//! [`country`]). Without it, as in the browser, and for numbers that no plan has, the digits alone decide.

mod several;
mod typed;

#[cfg(feature = "plans")]
mod country;
#[cfg(feature = "plans")]
mod plans;
#[cfg(feature = "plans")]
mod remembered;

#[cfg(test)]
mod tests;

use crate::Person;
use std::fmt;
use std::sync::Arc;
#[cfg(feature = "plans")]
use typed::Typed;

/// A telephone number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhoneNumber {
    /// As `tel:` takes it (RFC 3966): `+442079460018;ext=12`. In digits as typed where the country is not known; empty:
    /// there is nothing to dial.
    pub dialled: String,
    /// For people to read: `+44 20 7946 0018 ext. 12`. As typed where the country is not known, it is no valid number, or
    /// there is more in it than one.
    pub shown: String,
    /// The same without the country: `020 7946 0018 ext. 12`.
    pub national: String,
    /// What is wrong with it.
    pub fault: Option<PhoneFault>,
}

/// What is wrong with a telephone number. `Display` is a sentence for admins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PhoneFault {
    /// There is no number in it.
    NoNumber,
    /// A national number of nobody knows which country.
    NoCountry,
    /// The numbering plan has no such number. The ISO code of the country, for a national number.
    Invalid(Option<String>),
    /// It begins with a prefix that is not dialled in the person's country. The prefix, and the ISO code.
    Prefix(&'static str, String),
}

impl fmt::Display for PhoneFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoNumber => f.write_str("There is no phone number in it."),
            Self::NoCountry => f.write_str(
                "It cannot be dialled from abroad: write it with “+” and the country code, or fill in the person's country.",
            ),
            Self::Invalid(Some(country)) => write!(
                f,
                "There is no such number in {country}: check its digits, or write it with “+” and the code of another country."
            ),
            Self::Invalid(None) => f.write_str("There is no such number: check the country code and the digits."),
            Self::Prefix(prefix, country) => {
                write!(f, "“{prefix}” is not dialled in {country} to call abroad: write “+” instead.")
            }
        }
    }
}

/// Works out a number as it was typed. `country`: the person's, in whatever language or as a code; empty: not known.
///
/// Quick: what was looked up in a plan is remembered, and without `plans` it is a walk over the text.
pub fn phone_number(typed: &str, country: &str) -> Arc<PhoneNumber> {
    remembered(typed, country)
}

#[cfg(feature = "plans")]
fn remembered(typed: &str, country: &str) -> Arc<PhoneNumber> {
    remembered::number(typed, country, looked_up)
}

#[cfg(not(feature = "plans"))]
fn remembered(text: &str, _: &str) -> Arc<PhoneNumber> {
    let dialled = typed::read(text, None).dialled();
    let shown = tidy(text);
    Arc::new(PhoneNumber { dialled, national: shown.clone(), shown, fault: None })
}

/// The field with numbers that were worked out elsewhere, for the engine without `plans`.
pub const NUMBERS: &str = " numbers";

/// The numbers among a person's values as [`NUMBERS`] holds them: a line for each, with what was typed and what became of
/// it. Empty: there are none.
pub fn numbers_of(person: &Person) -> String {
    let country = person.fields.get("country").map_or("", String::as_str);
    let mut lines = String::new();
    for typed in person.fields.values().filter(|value| typed::may_be_number(value)) {
        let number = phone_number(typed, country);
        if !number.dialled.is_empty() {
            let fields = [typed, &number.dialled, &number.shown, &number.national];
            lines.extend(fields.map(|field| tidy(field) + "\t"));
            lines.push('\n');
        }
    }
    lines
}

/// The number that was typed so, if it is among those that [`numbers_of`] gave.
pub(crate) fn of_numbers(numbers: &str, typed: &str) -> Option<PhoneNumber> {
    let typed = tidy(typed);
    numbers.lines().find_map(|line| {
        let mut fields = line.split('\t');
        (fields.next()? == typed).then_some(())?;
        let mut next = || fields.next().unwrap_or_default().to_owned();
        Some(PhoneNumber { dialled: next(), shown: next(), national: next(), fault: None })
    })
}

/// A text without stray white space.
fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(feature = "plans")]
fn looked_up(text: &str, country: &str) -> PhoneNumber {
    let code = country::code(country);
    let typed = typed::read(text, code);
    let shown = tidy(text);
    if typed.digits.is_empty() {
        let fault = (!shown.is_empty()).then_some(PhoneFault::NoNumber);
        return PhoneNumber { dialled: String::new(), national: shown.clone(), shown, fault };
    }
    let found = plans::find(&typed, code);
    let fault = fault(&typed, found.is_some(), code);
    let Some(found) = found else {
        let abroad = code.filter(|_| !typed.international).and_then(|code| plans::from_abroad(&typed.digits, code));
        let dialled = abroad.map_or_else(|| typed.dialled(), |number| typed::with_extension(&number, &typed.extension));
        return PhoneNumber { dialled, national: shown.clone(), shown, fault };
    };
    let dialled = typed::with_extension(&found.dialled, &typed.extension);
    // Whose country is not known, keeps what was typed, as a national number has to.
    if !typed.plain || code.is_none() {
        return PhoneNumber { dialled, national: shown.clone(), shown, fault };
    }
    let written = |number: &str| tidy(&format!("{number} {}", typed.suffix));
    PhoneNumber { dialled, shown: written(&found.international), national: written(&found.national), fault }
}

#[cfg(feature = "plans")]
fn fault(typed: &Typed, is_valid: bool, code: Option<&str>) -> Option<PhoneFault> {
    match (code, typed.international) {
        (None, false) => Some(PhoneFault::NoCountry),
        (Some(code), false) if !is_valid => Some(PhoneFault::Invalid(Some(code.to_owned()))),
        (None, true) if !is_valid => Some(PhoneFault::Invalid(None)),
        (Some(code), true) => match typed.prefix {
            Some(prefix) if typed::own_prefix(code) != prefix => Some(PhoneFault::Prefix(prefix, code.to_owned())),
            _ => (!is_valid).then_some(PhoneFault::Invalid(None)),
        },
        _ => None,
    }
}
