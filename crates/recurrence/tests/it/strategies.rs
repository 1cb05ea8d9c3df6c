//! Random series.

use jiff::civil::{Date, Weekday};
use proptest::prelude::*;
use recurrence::{Interval, Month, MonthDay, Pattern, WeekIndex, Weekdays};

fn weekday() -> impl Strategy<Value = Weekday> {
    (0_i8..7).prop_map(|day| Weekday::from_monday_zero_offset(day).unwrap())
}

fn weekdays() -> impl Strategy<Value = Weekdays> {
    prop::collection::vec(weekday(), 1..8).prop_map(|days| Weekdays::new(days).unwrap())
}

fn index() -> impl Strategy<Value = WeekIndex> {
    prop::sample::select(vec![
        WeekIndex::First,
        WeekIndex::Second,
        WeekIndex::Third,
        WeekIndex::Fourth,
        WeekIndex::Last,
    ])
}

/// Every pattern with every combination of its fields.
pub(crate) fn pattern() -> impl Strategy<Value = Pattern> {
    let interval = || (1_u32..6).prop_map(|periods| Interval::new(periods).unwrap());
    let day = || (1_i64..=31).prop_map(|day| MonthDay::new(day).unwrap());
    let month = || (1_i64..=12).prop_map(|month| Month::new(month).unwrap());
    prop_oneof![
        interval().prop_map(|interval| Pattern::Daily { interval }),
        (interval(), weekdays(), weekday()).prop_map(|(interval, days, first_day)| Pattern::Weekly {
            interval,
            days,
            first_day
        }),
        (interval(), day()).prop_map(|(interval, day)| Pattern::AbsoluteMonthly { interval, day }),
        (interval(), index(), weekdays()).prop_map(|(interval, index, days)| Pattern::RelativeMonthly {
            interval,
            index,
            days
        }),
        (interval(), month(), day()).prop_map(|(interval, month, day)| Pattern::AbsoluteYearly {
            interval,
            month,
            day
        }),
        (interval(), month(), index(), weekdays()).prop_map(|(interval, month, index, days)| Pattern::RelativeYearly {
            interval,
            month,
            index,
            days
        }),
    ]
}

/// Dates from 2025 to 2030.
pub(crate) fn day() -> impl Strategy<Value = Date> {
    (2025_i16..=2030, 1_i8..=12, 1_i8..=31)
        .prop_filter_map("no date", |(year, month, day)| Date::new(year, month, day).ok())
}
