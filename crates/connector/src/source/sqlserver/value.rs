//! SQL Server's values as text.

use crate::source::cell::{self, Cell};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Span};
use tiberius::ColumnData;

/// A value as text; dates and times in ISO 8601.
pub(super) fn text(value: &ColumnData<'static>) -> Cell {
    match value {
        ColumnData::U8(number) => number.map(|number| number.to_string()),
        ColumnData::I16(number) => number.map(|number| number.to_string()),
        ColumnData::I32(number) => number.map(|number| number.to_string()),
        ColumnData::I64(number) => number.map(|number| number.to_string()),
        ColumnData::F32(number) => number.map(|number| number.to_string()),
        ColumnData::F64(number) => number.map(|number| number.to_string()),
        ColumnData::Bit(is) => is.map(|is| is.to_string()),
        ColumnData::String(text) => text.as_deref().map(cell::text),
        ColumnData::Guid(id) => id.map(|id| id.to_string()),
        ColumnData::Binary(bytes) => bytes.as_deref().map(cell::binary),
        ColumnData::Numeric(number) => number.map(|number| decimal(number.value(), number.scale())),
        ColumnData::Xml(xml) => xml.as_ref().map(|xml| cell::text(xml.as_ref().as_ref())),
        ColumnData::DateTime(time) => time.map(|time| {
            // Units of 1/300 second, rounded to milliseconds as SQL Server does.
            let milliseconds = (i64::from(time.seconds_fragments()) * 10 + 1) / 3;
            at(date(1900, 1, 1), i64::from(time.days()), SignedDuration::from_millis(milliseconds))
        }),
        ColumnData::SmallDateTime(time) => time.map(|time| {
            let minutes = SignedDuration::from_mins(i64::from(time.seconds_fragments()));
            at(date(1900, 1, 1), i64::from(time.days()), minutes)
        }),
        ColumnData::Date(day) => {
            day.map(|day| later(date(1, 1, 1), i64::from(day.days())).map_or_else(cell::no_text, |day| day.to_string()))
        }
        ColumnData::Time(time) => time.map(|time| {
            let midnight = date(1, 1, 1).at(0, 0, 0, 0);
            let time = midnight.checked_add(since_midnight(time.increments(), time.scale()));
            time.map_or_else(|_| cell::no_text(), |time| time.time().to_string())
        }),
        ColumnData::DateTime2(time) => time.map(|time| {
            let clock = since_midnight(time.time().increments(), time.time().scale());
            at(date(1, 1, 1), i64::from(time.date().days()), clock)
        }),
        // The server stores the time in UTC, with the offset next to it.
        ColumnData::DateTimeOffset(time) => time.map(|time| {
            let (moment, offset) = (time.datetime2(), time.offset());
            let clock = since_midnight(moment.time().increments(), moment.time().scale());
            let local = clock + SignedDuration::from_mins(i64::from(offset));
            let sign = if offset < 0 { '-' } else { '+' };
            let (hours, minutes) = (offset.unsigned_abs() / 60, offset.unsigned_abs() % 60);
            format!("{}{sign}{hours:02}:{minutes:02}", at(date(1, 1, 1), i64::from(moment.date().days()), local))
        }),
    }
}

/// The date and time at this number of days and this duration after the first day.
fn at(first: Date, days: i64, clock: SignedDuration) -> String {
    let moment = later(first, days).and_then(|day| day.at(0, 0, 0, 0).checked_add(clock).ok());
    moment.map_or_else(cell::no_text, |moment| moment.to_string())
}

fn later(first: Date, days: i64) -> Option<Date> {
    first.checked_add(Span::new().try_days(days).ok()?).ok()
}

/// A time in units of 10^-`scale` seconds.
fn since_midnight(increments: u64, scale: u8) -> SignedDuration {
    let nanoseconds = increments.saturating_mul(10_u64.pow(9 - u32::from(scale.min(9))));
    SignedDuration::from_nanos(i64::try_from(nanoseconds).unwrap_or(i64::MAX))
}

/// A number whose last `scale` digits follow the decimal point.
fn decimal(value: i128, scale: u8) -> String {
    let (sign, scale) = (if value < 0 { "-" } else { "" }, usize::from(scale));
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tiberius::time::{Date, DateTime, DateTime2, DateTimeOffset, SmallDateTime, Time};

    #[test]
    fn dates_and_times_are_written_by_iso_8601() {
        let noon = Time::new(432_000_000_000, 7);
        // 2026-11-22 is the 739,941th day after 0001-01-01 and the 46,346th after 1900-01-01.
        for (value, expected) in [
            (ColumnData::Date(Some(Date::new(739_941))), "2026-11-22"),
            (ColumnData::Time(Some(noon)), "12:00:00"),
            (ColumnData::DateTime2(Some(DateTime2::new(Date::new(739_941), noon))), "2026-11-22T12:00:00"),
            (
                ColumnData::DateTimeOffset(Some(DateTimeOffset::new(DateTime2::new(Date::new(739_941), noon), -90))),
                "2026-11-22T10:30:00-01:30",
            ),
            (ColumnData::DateTime(Some(DateTime::new(46_346, 300 * 60 + 1))), "2026-11-22T00:01:00.003"),
            (ColumnData::DateTime(Some(DateTime::new(-1, 0))), "1899-12-31T00:00:00"),
            (ColumnData::SmallDateTime(Some(SmallDateTime::new(46_346, 61))), "2026-11-22T01:01:00"),
            (ColumnData::Date(Some(Date::new(0x00ff_ffff))), "\u{fffd}"),
        ] {
            assert_eq!(text(&value).as_deref(), Some(expected), "{value:?}");
        }
    }

    #[test]
    fn numbers_keep_their_digits() {
        for (value, scale, expected) in [
            (12_345, 2, "123.45"),
            (-5, 2, "-0.05"),
            (7, 0, "7"),
            (0, 3, "0.000"),
            (i128::MIN, 1, "-17014118346046923173168730371588410572.8"),
        ] {
            assert_eq!(decimal(value, scale), expected);
        }
        assert_eq!(text(&ColumnData::I32(None)), None);
        assert_eq!(text(&ColumnData::Bit(Some(true))).as_deref(), Some("true"));
        assert_eq!(text(&ColumnData::F64(Some(0.1))).as_deref(), Some("0.1"));
    }
}
