//! `UNTIL` names an instant, Graph's `range.endDate` a date in the series' zone: taking one for the other adds or drops the last
//! occurrence.

use crate::series::{LocalStart, Series, Start};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// The last date on which a series with this start and `UNTIL` can have an occurrence; `None` if the value is malformed. It is
/// the value's date in the series' zone, or the day before if the value is earlier than that day's occurrence.
///
/// RFC 5545 wants UTC for timed starts and a date for whole days; programs write the other forms as well. A date includes its
/// day, a time without zone is the series' own, and of a whole day's end the date counts as it is written.
pub(super) fn end_date(value: &str, start: &Start) -> Option<Date> {
    let (value, is_utc) = value.strip_suffix('Z').map_or((value, false), |value| (value, true));
    let Some((date, time)) = value.split_once('T') else {
        return if is_utc { None } else { digits(value, 8).and_then(date_of) };
    };
    let date = digits(date, 8).and_then(date_of)?;
    let time = digits(time, 6)?;
    let number = |at: usize| time[at..at + 2].parse::<i8>().ok();
    // RFC 5545 §3.3.12 allows the second 60.
    let written =
        DateTime::new(date.year(), date.month(), date.day(), number(0)?, number(2)?, number(4)?.min(59), 0).ok()?;
    let Start::Timed { at, zone } = start else { return Some(date) };
    let until = if is_utc { TimeZone::UTC.to_timestamp(written) } else { zone.to_timestamp(written) }.ok()?;
    let date = zone.to_datetime(until).date();
    let occurrence = |date: Date| zone.to_timestamp(date.to_datetime(at.time())).ok();
    if occurrence(date)? <= until { Some(date) } else { date.yesterday().ok() }
}

fn digits(text: &str, length: usize) -> Option<&str> {
    (text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

fn date_of(digits: &str) -> Option<Date> {
    Date::new(digits[..4].parse().ok()?, digits[4..6].parse().ok()?, digits[6..].parse().ok()?).ok()
}

/// `UNTIL` of a series that ends on a date: the instant at which an occurrence of that date would start, or the date of whole
/// days.
pub(super) fn until(series: &Series, end: Date) -> String {
    match series.start() {
        Start::WholeDay(_) => end.strftime("%Y%m%d").to_string(),
        Start::Timed { at, .. } => {
            let last = LocalStart::Timed(end.to_datetime(at.time()));
            // At the end of the calendar, an end is none.
            let instant = series.instant(last).unwrap_or(Timestamp::MAX);
            instant.strftime("%Y%m%dT%H%M%SZ").to_string()
        }
    }
}
