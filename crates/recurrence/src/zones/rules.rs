//! Zones without a known name (`Customized Time Zone`, localised names), found by what they do: an IANA zone whose offsets and
//! clock changes are the same.

use super::windows::{candidates, canonical};
use crate::pattern::{Month, MonthDay, WeekIndex};
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// Years over which a zone has to do what the rules say: enough for a change's weekday to fall on each of its dates.
const YEARS: i16 = 12;

/// A zone's rules as they come along with an item: EWS' `Periods` and `Transitions` of the group in force, or Graph's
/// `customTimeZone`. EWS' `Bias` and Graph's `bias` are UTC minus local time, so they are these offsets with the sign reversed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ZoneRules {
    /// Local time minus UTC, in winter.
    pub standard: Offset,
    /// Summer time, if there is one.
    pub daylight: Option<Daylight>,
}

/// Summer time: on the southern half of the globe it begins later in the year than it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Daylight {
    /// Local time minus UTC, in summer.
    pub offset: Offset,
    /// When the clocks go forward.
    pub begins: Change,
    /// When they go back.
    pub ends: Change,
}

/// A yearly change of the clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Month of the change.
    pub month: Month,
    /// Day of the change.
    pub day: ChangeDay,
    /// What the clocks show right before: EWS' `TimeOffset`, Graph's `time`. Windows writes midnight at the end of a day as
    /// 23:59:59.999.
    pub time: Time,
}

/// Day of a change within its month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeDay {
    /// The first, …, last of a weekday: EWS' `RecurringDayTransition`, Graph's `dayOccurrence`.
    Relative(WeekIndex, Weekday),
    /// A fixed date: EWS' `RecurringDateTransition`.
    Fixed(MonthDay),
}

/// An IANA zone, under its present name, that has these offsets and clock changes in `year` and the eleven years after it. Of
/// several it is the one that stands for the most territories of its Windows zone. `None` if no zone is equal: a similar one
/// would move appointments by an hour for weeks.
pub fn find(rules: &ZoneRules, year: i16) -> Option<&'static str> {
    let begin = Date::new(year, 1, 1).ok()?;
    let end = Date::new(year.checked_add(YEARS)?, 1, 1).ok()?;
    let expected = rules.course(begin, end)?;
    let is_equal = |name: &&str| TimeZone::get(name).is_ok_and(|zone| has_course(&zone, &expected));
    candidates().find(is_equal).and_then(canonical)
}

/// What a zone's clocks do over some years.
struct Course {
    begin: Timestamp,
    end: Timestamp,
    offset_at_begin: Offset,
    /// Offset from each instant on, in order.
    changes: Vec<Step>,
}

struct Step {
    at: Timestamp,
    offset: Offset,
}

impl ZoneRules {
    fn course(&self, begin: Date, end: Date) -> Option<Course> {
        let mut changes = Vec::new();
        if let Some(daylight) = self.daylight.filter(|daylight| daylight.offset != self.standard) {
            for year in begin.year()..end.year() {
                let forward = daylight.begins.in_year(year)?;
                let back = daylight.ends.in_year(year)?;
                changes.push(Step { at: self.standard.to_timestamp(forward).ok()?, offset: daylight.offset });
                changes.push(Step { at: daylight.offset.to_timestamp(back).ok()?, offset: self.standard });
            }
            changes.sort_by_key(|step| step.at);
        }
        // Before the year's first change, the offset is the one that its last change leaves.
        let offset_at_begin = changes.last().map_or(self.standard, |step| step.offset);
        let midnight = |date: Date| offset_at_begin.to_timestamp(date.at(0, 0, 0, 0)).ok();
        Some(Course { begin: midnight(begin)?, end: midnight(end)?, offset_at_begin, changes })
    }
}

impl Change {
    fn in_year(&self, year: i16) -> Option<DateTime> {
        let first = Date::new(year, self.month.get(), 1).ok()?;
        let date = match self.day {
            ChangeDay::Fixed(day) => first.with().day(day.get().min(first.days_in_month())).build().ok()?,
            ChangeDay::Relative(WeekIndex::Last, weekday) => first.nth_weekday_of_month(-1, weekday).ok()?,
            ChangeDay::Relative(index, weekday) => first.nth_weekday_of_month(index as i8 + 1, weekday).ok()?,
        };
        Some(date.to_datetime(self.time))
    }
}

fn has_course(zone: &TimeZone, course: &Course) -> bool {
    let mut offset = zone.to_offset(course.begin);
    if offset != course.offset_at_begin {
        return false;
    }
    let mut expected = course.changes.iter();
    for transition in zone.following(course.begin).take_while(|transition| transition.timestamp() < course.end) {
        if transition.offset() == offset {
            // Only its name changes.
            continue;
        }
        offset = transition.offset();
        let is_expected =
            expected.next().is_some_and(|step| step.offset == offset && is_same(step.at, transition.timestamp()));
        if !is_expected {
            return false;
        }
    }
    expected.next().is_none()
}

/// Equal to the second: 23:59:59.999 is midnight.
fn is_same(a: Timestamp, b: Timestamp) -> bool {
    a.duration_since(b).abs() < SignedDuration::from_secs(1)
}
