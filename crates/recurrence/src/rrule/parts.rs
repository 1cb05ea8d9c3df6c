//! A rule's parts by name, each taken once; what is left over at the end was not understood.

use super::RuleError;
use jiff::civil::Weekday;
use std::collections::BTreeMap;

pub(super) struct Parts(BTreeMap<String, String>);

impl Parts {
    /// Reads `NAME=VALUE;…`, with or without `RRULE:` in front. Upper and lower case are the same (RFC 5545 §2).
    pub(super) fn new(text: &str) -> Result<Self, RuleError> {
        let text = text.trim().to_ascii_uppercase();
        let text = text.strip_prefix("RRULE:").unwrap_or(&text);
        let mut parts = BTreeMap::new();
        for part in text.split(';').filter(|part| !part.is_empty()) {
            let malformed = || RuleError::Malformed(part.to_owned());
            let (name, value) = part.split_once('=').ok_or_else(malformed)?;
            if value.is_empty() || parts.insert(name.to_owned(), value.to_owned()).is_some() {
                return Err(malformed());
            }
        }
        Ok(Self(parts))
    }

    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// Numbers separated by commas.
    pub(super) fn take_numbers(&mut self, name: &str) -> Result<Option<Vec<i64>>, RuleError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let numbers: Result<Vec<_>, _> = value.split(',').map(str::parse).collect();
        numbers.map(Some).map_err(|_| RuleError::Malformed(format!("{name}={value}")))
    }

    /// Weekdays separated by commas, each with the number in front of it.
    pub(super) fn take_days(&mut self) -> Result<Option<Vec<ByDay>>, RuleError> {
        let Some(value) = self.take("BYDAY") else { return Ok(None) };
        let days: Option<Vec<_>> = value.split(',').map(by_day).collect();
        days.map(Some).ok_or_else(|| RuleError::Malformed(format!("BYDAY={value}")))
    }

    /// Refuses whatever no pattern has.
    pub(super) fn finish(self) -> Result<(), RuleError> {
        match self.0.into_iter().next() {
            Some((name, value)) => Err(RuleError::NotExpressible(format!("{name}={value}"))),
            None => Ok(()),
        }
    }
}

/// One of `BYDAY`: the second Tuesday, or every Tuesday without a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ByDay {
    pub(super) number: Option<i64>,
    pub(super) day: Weekday,
}

fn by_day(text: &str) -> Option<ByDay> {
    let (number, name) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let number = if number.is_empty() { None } else { Some(number.parse().ok().filter(|number| *number != 0)?) };
    Some(ByDay { number, day: weekday(name)? })
}

pub(super) fn weekday(name: &str) -> Option<Weekday> {
    Weekday::Monday.cycle_forward().take(7).find(|day| weekday_name(*day) == name)
}

pub(super) fn weekday_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "MO",
        Weekday::Tuesday => "TU",
        Weekday::Wednesday => "WE",
        Weekday::Thursday => "TH",
        Weekday::Friday => "FR",
        Weekday::Saturday => "SA",
        Weekday::Sunday => "SU",
    }
}
