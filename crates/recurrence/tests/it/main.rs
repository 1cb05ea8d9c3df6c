//! The crate's tests, one program.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod dates;
mod effective;
mod oracles;
mod rules;
mod strategies;
mod texts;
mod zones;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use recurrence::{LocalStart, OccurrenceKey, Series, Start, Window, rrule};

/// From UTC-11 to UTC+14: half and quarter hours, both hemispheres, half an hour of summer time, none, and a change at midnight.
pub(crate) const ZONES: [&str; 16] = [
    "Pacific/Pago_Pago",
    "America/Los_Angeles",
    "America/St_Johns",
    "America/Santiago",
    "America/Sao_Paulo",
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "Africa/Cairo",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Adelaide",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
];

pub(crate) fn date(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) fn time(text: &str) -> DateTime {
    text.parse().unwrap()
}

pub(crate) fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

pub(crate) fn timed(at: &str, zone_name: &str) -> Start {
    Start::Timed { at: time(at), zone: zone(zone_name) }
}

pub(crate) fn whole_day(text: &str) -> Start {
    Start::WholeDay(date(text))
}

pub(crate) fn key(at: &str) -> OccurrenceKey {
    OccurrenceKey(LocalStart::Timed(time(at)))
}

pub(crate) fn series(rule: &str, start: Start) -> Series {
    rrule::parse(rule, start).unwrap_or_else(|error| panic!("{rule}: {error}"))
}

/// Everything from 1900 on.
pub(crate) fn always() -> Window {
    Window::days(Date::constant(1900, 1, 1), Date::constant(9000, 1, 1))
}

/// The first dates of a series, separated by blanks.
pub(crate) fn dates(series: &Series, count: usize) -> String {
    let dates: Vec<_> = series.occurrences(always()).take(count).map(|key| key.0.date().to_string()).collect();
    dates.join(" ")
}
