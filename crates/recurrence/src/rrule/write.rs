//! Series to text.

use super::parts::weekday_name;
use super::until::until;
use crate::pattern::{Interval, MonthDay, Pattern, WeekIndex, Weekdays};
use crate::series::{Range, Series};
use jiff::civil::{Date, Weekday};

/// The rule's text, without `RRULE:` in front. It goes with a `DTSTART` that is the series' first occurrence: what programs do
/// with a start off the pattern differs.
pub fn write(series: &Series) -> String {
    let pattern = match series.pattern() {
        Pattern::Daily { interval } => rule("DAILY", interval),
        Pattern::Weekly { interval, days, first_day } => {
            let week = format!(";BYDAY={};WKST={}", names(days), weekday_name(first_day));
            rule("WEEKLY", interval) + &week
        }
        Pattern::AbsoluteMonthly { interval, day } => rule("MONTHLY", interval) + &month_day(day, 28, 31),
        Pattern::RelativeMonthly { interval, index, days } => rule("MONTHLY", interval) + &relative(index, days),
        Pattern::AbsoluteYearly { interval, month, day } => {
            // The shortest and the longest that the month can be: they differ in February alone.
            let length = |year| Date::constant(year, month.get(), 1).days_in_month();
            let by_month = format!(";BYMONTH={}", month.get());
            rule("YEARLY", interval) + &by_month + &month_day(day, length(2023), length(2024))
        }
        Pattern::RelativeYearly { interval, month, index, days } => {
            let by_month = format!(";BYMONTH={}", month.get());
            rule("YEARLY", interval) + &by_month + &relative(index, days)
        }
    };
    let end = match series.range() {
        Range::NoEnd => String::new(),
        Range::EndDate(end) => format!(";UNTIL={}", until(series, end)),
        Range::Numbered(count) => format!(";COUNT={}", count.get()),
    };
    pattern + &end
}

fn rule(frequency: &str, interval: Interval) -> String {
    match interval.get() {
        1 => format!("FREQ={frequency}"),
        periods => format!("FREQ={frequency};INTERVAL={periods}"),
    }
}

/// A day that every month has, or the last of those from the shortest month's end to it: iCalendar skips months without the day.
fn month_day(day: MonthDay, shortest: i8, longest: i8) -> String {
    let day = day.get().min(longest);
    if day <= shortest {
        return format!(";BYMONTHDAY={day}");
    }
    let days: Vec<_> = (shortest..=day).map(|day| day.to_string()).collect();
    format!(";BYMONTHDAY={};BYSETPOS=-1", days.join(","))
}

fn relative(index: WeekIndex, days: Weekdays) -> String {
    let number = match index {
        WeekIndex::First => 1,
        WeekIndex::Second => 2,
        WeekIndex::Third => 3,
        WeekIndex::Fourth => 4,
        WeekIndex::Last => -1,
    };
    if days.count() == 1 {
        format!(";BYDAY={number}{}", names(days))
    } else {
        format!(";BYDAY={};BYSETPOS={number}", names(days))
    }
}

fn names(days: Weekdays) -> String {
    let names: Vec<_> = days.from_first(Weekday::Monday).map(weekday_name).collect();
    names.join(",")
}
