//! Numbers looked up in the numbering plans of all countries, which `phonenumber` has from Google.
//!
//! It is asked about digits alone: what people write around them is [`typed`](super::typed)'s business, where it is wrong
//! about too much of it. An answer counts only when it says that the number is valid.

use super::typed::{Typed, digits};
use phonenumber::{Mode, PhoneNumber, country, metadata::DATABASE, parse};

/// A number that a plan has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// `+442079460018`.
    pub(super) dialled: String,
    /// `+44 20 7946 0018`.
    pub(super) international: String,
    /// `020 7946 0018`.
    pub(super) national: String,
}

/// The number that was typed, if some plan has it. `country`: ISO code of the country where a national number is dialled.
pub(super) fn find(typed: &Typed, country: Option<&str>) -> Option<Found> {
    if typed.international {
        let mut candidates = [Some(&typed.digits), typed.full.as_ref()].into_iter().flatten();
        return candidates.find_map(|digits| valid(None, &format!("+{digits}")));
    }
    let id: country::Id = country?.parse().ok()?;
    valid(Some(id), &typed.digits).or_else(|| {
        // `49 30 1234567` in Germany: only the plus is missing.
        let code = DATABASE.by_id(id.as_ref())?.country_code().to_string();
        typed.digits.strip_prefix(&code).and_then(|_| valid(None, &format!("+{}", typed.digits)))
    })
}

/// A national number that no plan has, as it is dialled from abroad: its trunk prefix tells that it is a whole one. `None`:
/// it has none, as extensions and short numbers.
pub(super) fn from_abroad(national: &str, country: &str) -> Option<String> {
    let id: country::Id = country.parse().ok()?;
    let plan = DATABASE.by_id(id.as_ref())?;
    let rest = national.strip_prefix(plan.national_prefix().filter(|prefix| *prefix == "0")?)?;
    let fits = (LEAST..=15).contains(&(rest.len() + plan.country_code().to_string().len()));
    (fits && !rest.starts_with('0')).then(|| format!("+{}{rest}", plan.country_code()))
}

/// Least digits of an international number.
const LEAST: usize = 7;

fn valid(country: Option<country::Id>, digits: &str) -> Option<Found> {
    // Longer ones are no number (ITU-T E.164; Germany has some of 17), and would only be work.
    if digits.len() > 18 {
        return None;
    }
    let number = parse(country, digits).ok()?;
    number.is_valid().then(|| Found {
        dialled: written(&number, Mode::E164),
        international: written(&number, Mode::International),
        national: written(&number, Mode::National),
    })
}

fn written(number: &PhoneNumber, mode: Mode) -> String {
    let written = number.format().mode(mode).to_string();
    match mode {
        Mode::E164 => format!("+{}", digits(&written)),
        _ => written,
    }
}
