//! Text to series.

use super::RuleError;
use super::parts::{ByDay, Parts, weekday};
use super::until::end_date;
use crate::pattern::{Interval, Month, MonthDay, Pattern, WeekIndex, Weekdays};
use crate::series::{Count, Range, Series, Start};
use jiff::civil::{Date, Weekday};

/// Reads a rule, with or without `RRULE:` in front. What it leaves open comes from the start, as RFC 5545 §3.3.10 says. The
/// start is `DTSTART`; if it is off the rule, it is no occurrence here, while some programs make it one.
pub fn parse(text: &str, start: Start) -> Result<Series, RuleError> {
    let mut parts = Parts::new(text)?;
    let range = range(&mut parts, &start)?;
    let pattern = pattern(&mut parts, start.date())?;
    parts.finish()?;
    Ok(Series::new(start, pattern, range)?)
}

fn range(parts: &mut Parts, start: &Start) -> Result<Range, RuleError> {
    let malformed = |name: &str, value: &str| RuleError::Malformed(format!("{name}={value}"));
    match (parts.take("UNTIL"), parts.take("COUNT")) {
        (None, None) => Ok(Range::NoEnd),
        (Some(until), None) => {
            let end = end_date(&until, start).ok_or_else(|| malformed("UNTIL", &until))?;
            Ok(Range::EndDate(end))
        }
        (None, Some(count)) => {
            let number = count.parse().map_err(|_| malformed("COUNT", &count))?;
            Ok(Range::Numbered(Count::new(number)?))
        }
        (Some(_), Some(count)) => Err(malformed("COUNT", &count)),
    }
}

fn pattern(parts: &mut Parts, start: Date) -> Result<Pattern, RuleError> {
    let frequency = parts.take("FREQ").ok_or_else(|| RuleError::Malformed("FREQ".to_owned()))?;
    let interval = interval(parts)?;
    let first_day = match parts.take("WKST") {
        None => Weekday::Monday,
        Some(name) => weekday(&name).ok_or_else(|| RuleError::Malformed(format!("WKST={name}")))?,
    };
    match frequency.as_str() {
        "DAILY" => match parts.take_days()? {
            None => Ok(Pattern::Daily { interval }),
            // Every day that is one of these weekdays: with any other interval, no week is like the next.
            Some(days) if interval == Interval::ONE => Ok(Pattern::Weekly { interval, days: set(&days)?, first_day }),
            Some(_) => Err(inexpressible("FREQ=DAILY;BYDAY")),
        },
        "WEEKLY" => {
            let days = parts.take_days()?.map_or(Ok(Weekdays::one(start.weekday())), |days| set(&days))?;
            Ok(Pattern::Weekly { interval, days, first_day })
        }
        "MONTHLY" => monthly(parts, interval, start),
        "YEARLY" => yearly(parts, interval, start),
        "SECONDLY" | "MINUTELY" | "HOURLY" => Err(RuleError::NotExpressible(format!("FREQ={frequency}"))),
        _ => Err(RuleError::Malformed(format!("FREQ={frequency}"))),
    }
}

fn interval(parts: &mut Parts) -> Result<Interval, RuleError> {
    let Some(value) = parts.take("INTERVAL") else { return Ok(Interval::ONE) };
    let interval = value.parse().ok().and_then(|periods| Interval::new(periods).ok());
    interval.ok_or_else(|| RuleError::Malformed(format!("INTERVAL={value}")))
}

fn monthly(parts: &mut Parts, interval: Interval, start: Date) -> Result<Pattern, RuleError> {
    Ok(match in_month(parts, 28)? {
        InMonth::Day(day) => Pattern::AbsoluteMonthly { interval, day },
        InMonth::Relative { index, days } => Pattern::RelativeMonthly { interval, index, days },
        InMonth::Open => Pattern::AbsoluteMonthly { interval, day: day_of_all_months(i64::from(start.day()), 28)? },
    })
}

fn yearly(parts: &mut Parts, interval: Interval, start: Date) -> Result<Pattern, RuleError> {
    let number = match parts.take_numbers("BYMONTH")?.as_deref() {
        None => None,
        Some([month]) => Some(*month),
        Some(_) => return Err(inexpressible("BYMONTH")),
    };
    let month = Month::new(number.unwrap_or(i64::from(start.month())));
    let month = month.map_err(|_| RuleError::Malformed("BYMONTH".to_owned()))?;
    // February's days past 28 are not in every year.
    let shortest = Date::constant(2023, month.get(), 1).days_in_month();
    match in_month(parts, shortest)? {
        InMonth::Open => {
            let day = day_of_all_months(i64::from(start.day()), shortest)?;
            Ok(Pattern::AbsoluteYearly { interval, month, day })
        }
        // Without a month, such days are those of every month, or of the year's weeks.
        _ if number.is_none() => Err(inexpressible("FREQ=YEARLY without BYMONTH")),
        InMonth::Day(day) => Ok(Pattern::AbsoluteYearly { interval, month, day }),
        InMonth::Relative { index, days } => Ok(Pattern::RelativeYearly { interval, month, index, days }),
    }
}

/// What a rule says about the days of a month.
enum InMonth {
    Day(MonthDay),
    Relative {
        index: WeekIndex,
        days: Weekdays,
    },
    /// Nothing: the start says it.
    Open,
}

/// `shortest` is the last day that each of the rule's months has.
fn in_month(parts: &mut Parts, shortest: i8) -> Result<InMonth, RuleError> {
    let by_day = parts.take_days()?;
    let by_month_day = parts.take_numbers("BYMONTHDAY")?;
    let position = match parts.take_numbers("BYSETPOS")?.as_deref() {
        None => None,
        Some([position]) => Some(*position),
        Some(_) => return Err(inexpressible("BYSETPOS")),
    };
    match (by_day, by_month_day) {
        (None, None) if position.is_none() => Ok(InMonth::Open),
        (None, Some(days)) => month_day(days, position, shortest).map(InMonth::Day),
        (Some(days), None) => relative(&days, position),
        (None, None) => Err(inexpressible("BYSETPOS")),
        (Some(_), Some(_)) => Err(inexpressible("BYDAY with BYMONTHDAY")),
    }
}

fn month_day(mut days: Vec<i64>, position: Option<i64>, shortest: i8) -> Result<MonthDay, RuleError> {
    if days.iter().any(|day| !(1..=31).contains(&day.abs())) {
        return Err(RuleError::Malformed("BYMONTHDAY".to_owned()));
    }
    days.sort_unstable();
    days.dedup();
    match (days.as_slice(), position) {
        ([-1], None | Some(1 | -1)) => day_number(31),
        ([day], None | Some(1 | -1)) => day_of_all_months(*day, shortest),
        // The last of several days that follow each other, the first of which every month has.
        ([first, .., last], Some(-1)) if is_run(&days) && (1..=i64::from(shortest)).contains(first) => {
            day_number(*last)
        }
        _ => Err(inexpressible("BYMONTHDAY")),
    }
}

fn is_run(days: &[i64]) -> bool {
    days.windows(2).all(|pair| pair[1] == pair[0] + 1)
}

/// A day that no month lacks: iCalendar skips months without it, Outlook takes their last day.
fn day_of_all_months(day: i64, shortest: i8) -> Result<MonthDay, RuleError> {
    if (1..=i64::from(shortest)).contains(&day) { day_number(day) } else { Err(inexpressible("BYMONTHDAY")) }
}

fn day_number(day: i64) -> Result<MonthDay, RuleError> {
    MonthDay::new(day).map_err(|_| RuleError::Malformed("BYMONTHDAY".to_owned()))
}

fn relative(days: &[ByDay], position: Option<i64>) -> Result<InMonth, RuleError> {
    let index = |number: i64| match number {
        1 => Ok(WeekIndex::First),
        2 => Ok(WeekIndex::Second),
        3 => Ok(WeekIndex::Third),
        4 => Ok(WeekIndex::Fourth),
        -1 => Ok(WeekIndex::Last),
        _ => Err(inexpressible("BYDAY")),
    };
    match (days, position) {
        ([ByDay { number: Some(number), day }], None | Some(1 | -1)) => {
            Ok(InMonth::Relative { index: index(*number)?, days: Weekdays::one(*day) })
        }
        (days, Some(position)) => Ok(InMonth::Relative { index: index(position)?, days: set(days)? }),
        _ => Err(inexpressible("BYDAY")),
    }
}

/// Weekdays without numbers.
fn set(days: &[ByDay]) -> Result<Weekdays, RuleError> {
    if days.iter().any(|day| day.number.is_some()) {
        return Err(inexpressible("BYDAY"));
    }
    Weekdays::new(days.iter().map(|day| day.day)).map_err(|_| RuleError::Malformed("BYDAY".to_owned()))
}

fn inexpressible(part: &str) -> RuleError {
    RuleError::NotExpressible(part.to_owned())
}
