//! The six patterns of Graph's `recurrencePattern`, which are those of EWS too. A value that exists is valid.

use jiff::civil::Weekday;
use std::num::NonZeroU32;

/// Why a number or a list is no part of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// The interval is 0.
    #[error("the interval is 0")]
    ZeroInterval,
    /// The day of the month is not within 1 to 31.
    #[error("{0} is no day of a month")]
    NoDayOfMonth(i64),
    /// The month is not within 1 to 12.
    #[error("{0} is no month")]
    NoMonth(i64),
    /// The list of weekdays is empty.
    #[error("no weekday is given")]
    NoWeekday,
}

/// Periods from one occurrence to the next: days, weeks, months or years. At least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Interval(NonZeroU32);

impl Interval {
    /// Every period.
    pub const ONE: Self = Self(NonZeroU32::MIN);

    /// Refuses 0.
    pub fn new(periods: u32) -> Result<Self, PatternError> {
        NonZeroU32::new(periods).map(Self).ok_or(PatternError::ZeroInterval)
    }

    /// The number of periods.
    pub fn get(self) -> u32 {
        self.0.get()
    }
}

/// Day of the month, 1 to 31. A shorter month has its last day instead: EWS' reference of `DayOfMonth`, "if for a particular
/// month this value is larger than the number of days in the month, the last day of the month is assumed".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MonthDay(i8);

impl MonthDay {
    /// Refuses what is not within 1 to 31.
    pub fn new(day: i64) -> Result<Self, PatternError> {
        let valid = i8::try_from(day).ok().filter(|day| (1..=31).contains(day));
        valid.map(Self).ok_or(PatternError::NoDayOfMonth(day))
    }

    /// The day's number.
    pub fn get(self) -> i8 {
        self.0
    }
}

/// Month of the year, 1 to 12.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Month(i8);

impl Month {
    /// Refuses what is not within 1 to 12.
    pub fn new(month: i64) -> Result<Self, PatternError> {
        let valid = i8::try_from(month).ok().filter(|month| (1..=12).contains(month));
        valid.map(Self).ok_or(PatternError::NoMonth(month))
    }

    /// The month's number.
    pub fn get(self) -> i8 {
        self.0
    }
}

/// A set of weekdays that is not empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Weekdays(u8);

impl Weekdays {
    /// Monday to Friday: EWS' `Weekday`.
    pub const WORKING: Self = Self(0b001_1111);
    /// Saturday and Sunday: EWS' `WeekendDay`.
    pub const WEEKEND: Self = Self(0b110_0000);
    /// All seven: EWS' `Day`.
    pub const ALL: Self = Self(0b111_1111);

    /// Refuses none; a day that is given twice counts once.
    pub fn new(days: impl IntoIterator<Item = Weekday>) -> Result<Self, PatternError> {
        let mask = days.into_iter().fold(0, |mask, day| mask | bit(day));
        if mask == 0 { Err(PatternError::NoWeekday) } else { Ok(Self(mask)) }
    }

    /// A single day.
    pub fn one(day: Weekday) -> Self {
        Self(bit(day))
    }

    /// Has the day.
    pub fn contains(self, day: Weekday) -> bool {
        self.0 & bit(day) != 0
    }

    /// Number of days, 1 to 7.
    pub fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// The days in the order of a week that begins on `first`.
    pub fn from_first(self, first: Weekday) -> impl Iterator<Item = Weekday> {
        first.cycle_forward().take(7).filter(move |day| self.contains(*day))
    }
}

fn bit(day: Weekday) -> u8 {
    1 << day.to_monday_zero_offset()
}

/// Which of a month's matching days: Graph's `weekIndex`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WeekIndex {
    /// Graph's `first`.
    First,
    /// Graph's `second`.
    Second,
    /// Graph's `third`.
    Third,
    /// Graph's `fourth`.
    Fourth,
    /// Graph's `last`: the fourth or the fifth of a single weekday.
    Last,
}

/// How often a series repeats: Graph's `recurrencePattern`.
#[expect(missing_docs, reason = "the fields are named and described by their types")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// Every `interval` days.
    Daily { interval: Interval },
    /// On each of `days` in every `interval`th week. Weeks begin on `first_day`; only with an interval above 1 does it matter.
    Weekly { interval: Interval, days: Weekdays, first_day: Weekday },
    /// On one day of every `interval`th month.
    AbsoluteMonthly { interval: Interval, day: MonthDay },
    /// On the first, …, last of all `days` of every `interval`th month: one date a month, however many days are given.
    RelativeMonthly { interval: Interval, index: WeekIndex, days: Weekdays },
    /// On one date of every `interval`th year; 29 February is the 28th in other years.
    AbsoluteYearly { interval: Interval, month: Month, day: MonthDay },
    /// On the first, …, last of all `days` of a month, every `interval`th year.
    RelativeYearly { interval: Interval, month: Month, index: WeekIndex, days: Weekdays },
}
