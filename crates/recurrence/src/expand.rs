//! Which dates a pattern has. A pattern divides the calendar into periods of one interval each; a period's dates follow from its
//! number, so a far window costs no more than a near one.

use crate::pattern::{Interval, MonthDay, Pattern, WeekIndex, Weekdays};
use crate::series::{LocalStart, OccurrenceKey, Range, Series, Start, Window};
use jiff::SignedDuration;
use jiff::civil::{Date, Weekday};

pub(crate) fn occurrences(series: &Series, window: Window) -> impl Iterator<Item = OccurrenceKey> + '_ {
    let periods = Periods { pattern: series.pattern(), start: series.start().date() };
    let first = periods.number_of(window.from.date()).max(0);
    (first..)
        .map_while(move |number| periods.dates(number))
        .flatten()
        .filter(move |date| *date >= periods.start)
        .zip(periods.count_before(first)..)
        .take_while(|&(date, earlier)| match series.range() {
            Range::NoEnd => true,
            Range::EndDate(end) => date <= end,
            Range::Numbered(count) => earlier < u64::from(count.get()),
        })
        .map(|(date, _)| key(series, date))
        .take_while(move |key| key.0.wall_clock() < window.to)
        .filter(move |key| window.contains(key.0))
}

fn key(series: &Series, date: Date) -> OccurrenceKey {
    OccurrenceKey(match series.start() {
        Start::Timed { at, .. } => LocalStart::Timed(date.to_datetime(at.time())),
        Start::WholeDay(_) => LocalStart::WholeDay(date),
    })
}

/// A pattern's periods, number 0 being the one that `start` is in.
#[derive(Clone, Copy)]
struct Periods {
    pattern: Pattern,
    start: Date,
}

impl Periods {
    /// Number of the period that a date is in: no later date is in an earlier one.
    fn number_of(self, date: Date) -> i64 {
        match self.pattern {
            Pattern::Daily { interval } => days_between(self.start, date).div_euclid(steps(interval)),
            Pattern::Weekly { interval, first_day, .. } => {
                let days = days_into_week(self.start, first_day) + days_between(self.start, date);
                days.div_euclid(7).div_euclid(steps(interval))
            }
            Pattern::AbsoluteMonthly { interval, .. } | Pattern::RelativeMonthly { interval, .. } => {
                (month_number(date) - month_number(self.start)).div_euclid(steps(interval))
            }
            Pattern::AbsoluteYearly { interval, .. } | Pattern::RelativeYearly { interval, .. } => {
                (i64::from(date.year()) - i64::from(self.start.year())).div_euclid(steps(interval))
            }
        }
    }

    /// A period's dates in order; `None` beyond the end of the calendar. Each period has as many as the next: a set of weekdays
    /// is at least four times in every month.
    fn dates(self, number: i64) -> Option<Vec<Date>> {
        let months_on = |months: i64| month_start(month_number(self.start) + months);
        match self.pattern {
            Pattern::Daily { interval } => Some(vec![days_after(self.start, number * steps(interval))?]),
            Pattern::Weekly { interval, days, first_day } => {
                let week = number * steps(interval) * 7 - days_into_week(self.start, first_day);
                let in_week = |day: Weekday| days_after(self.start, week + i64::from(day.since(first_day)));
                days.from_first(first_day).map(in_week).collect()
            }
            Pattern::AbsoluteMonthly { interval, day } => {
                Some(vec![day_in_month(months_on(number * steps(interval))?, day)])
            }
            Pattern::RelativeMonthly { interval, index, days } => {
                Some(vec![relative_day(months_on(number * steps(interval))?, index, days)])
            }
            Pattern::AbsoluteYearly { interval, month, day } => {
                let first = year_month(self.start, number * steps(interval), month.get())?;
                Some(vec![day_in_month(first, day)])
            }
            Pattern::RelativeYearly { interval, month, index, days } => {
                let first = year_month(self.start, number * steps(interval), month.get())?;
                Some(vec![relative_day(first, index, days)])
            }
        }
    }

    /// Number of occurrences in the periods before one, without going through them.
    fn count_before(self, number: i64) -> u64 {
        let Ok(later @ 1..) = u64::try_from(number) else { return 0 };
        let first = self.dates(0).unwrap_or_default();
        let before_start = first.iter().filter(|date| **date < self.start).count();
        // As many as there are weekdays, so both fit.
        (first.len() as u64 * later).saturating_sub(before_start as u64)
    }
}

fn steps(interval: Interval) -> i64 {
    i64::from(interval.get())
}

fn days_between(from: Date, to: Date) -> i64 {
    from.duration_until(to).as_hours() / 24
}

fn days_after(date: Date, days: i64) -> Option<Date> {
    date.checked_add(SignedDuration::from_secs(days.checked_mul(24 * 60 * 60)?)).ok()
}

fn days_into_week(date: Date, first_day: Weekday) -> i64 {
    i64::from(date.weekday().since(first_day))
}

/// Months since year 0.
fn month_number(date: Date) -> i64 {
    i64::from(date.year()) * 12 + i64::from(date.month()) - 1
}

fn month_start(number: i64) -> Option<Date> {
    let month = i8::try_from(number.rem_euclid(12) + 1).ok()?;
    Date::new(i16::try_from(number.div_euclid(12)).ok()?, month, 1).ok()
}

fn year_month(start: Date, years: i64, month: i8) -> Option<Date> {
    month_start((i64::from(start.year()) + years) * 12 + i64::from(month) - 1)
}

/// Day of a month that is given by its first; the last day where the month is shorter.
fn day_in_month(first: Date, day: MonthDay) -> Date {
    let day = day.get().min(first.days_in_month());
    Date::constant(first.year(), first.month(), day)
}

/// The first, …, last of all matching days of a month that is given by its first.
fn relative_day(first: Date, index: WeekIndex, days: Weekdays) -> Date {
    let date = |day: &i8| Date::constant(first.year(), first.month(), *day);
    let is_match = |day: &i8| days.contains(date(day).weekday());
    let mut in_month = 1..=first.days_in_month();
    let day = match index {
        WeekIndex::Last => in_month.rfind(is_match),
        _ => in_month.filter(is_match).nth(index as usize),
    };
    day.as_ref().map_or(first, date)
}
