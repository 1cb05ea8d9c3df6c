//! When a rule applies: wall-clock dates in a time zone, read once and compared as instants.

use crate::{Schedule, Weekday};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

const DAY_MS: i64 = 86_400_000;

const WEEK: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

/// A schedule with its bounds as instants.
#[derive(Clone, Debug)]
pub(super) struct CompiledSchedule {
    /// First millisecond at which it holds.
    from_ms: Option<i64>,
    /// First millisecond at which it holds no longer.
    until_ms: Option<i64>,
    weekdays: Vec<Weekday>,
    zone: TimeZone,
    /// Why it does not hold before its first moment, behind its last, and (up to the day) on other days.
    too_early: String,
    too_late: String,
    other_day: String,
}

impl CompiledSchedule {
    /// Reads a schedule; `Err` says what is wrong with it.
    pub(super) fn compile(schedule: &Schedule) -> Result<Self, String> {
        let zone = TimeZone::get(schedule.time_zone.trim())
            .map_err(|_| format!("“{}” is not a time zone (write it like Europe/Paris)", schedule.time_zone))?;
        let from_ms = schedule.from.as_deref().map(|text| read(text, &zone).map(|bound| bound.first_ms)).transpose()?;
        let until_ms = schedule.to.as_deref().map(|text| read(text, &zone).map(|bound| bound.after_ms)).transpose()?;
        if let (Some(from), Some(until)) = (from_ms, until_ms)
            && until <= from
        {
            return Err("it ends before it starts".into());
        }
        let Schedule { from, to, weekdays, time_zone } = schedule;
        let shown = |bound: &Option<String>| bound.as_deref().unwrap_or_default().replace('T', " ");
        let mut days = String::new();
        super::sentences::push_list(&mut days, weekdays, "and", |text, &weekday| text.push_str(name(weekday)));
        Ok(Self {
            from_ms,
            until_ms,
            weekdays: weekdays.clone(),
            zone,
            too_early: format!("Does not apply: it does not start until {} ({time_zone}).", shown(from)),
            too_late: format!("Does not apply: it ended on {} ({time_zone}).", shown(to)),
            other_day: format!("Does not apply: its days are {days}, and in {time_zone} it is "),
        })
    }

    /// Whether it holds at `now_ms`.
    pub(super) fn holds(&self, now_ms: i64) -> bool {
        !self.is_planned(now_ms)
            && !self.is_over(now_ms)
            && (self.weekdays.is_empty() || self.weekdays.contains(&self.weekday(now_ms)))
    }

    /// Why it does not hold at `now_ms`, as a sentence; `None`: it holds.
    pub(super) fn unmet(&self, now_ms: i64) -> Option<String> {
        if self.from_ms.is_some_and(|from_ms| now_ms < from_ms) {
            return Some(self.too_early.clone());
        }
        if self.until_ms.is_some_and(|until_ms| now_ms >= until_ms) {
            return Some(self.too_late.clone());
        }
        if self.weekdays.is_empty() {
            return None;
        }
        let today = self.weekday(now_ms);
        if self.weekdays.contains(&today) {
            return None;
        }
        Some(format!("{}{}.", self.other_day, name(today)))
    }

    /// A schedule that always holds.
    pub(super) fn always() -> Self {
        Self {
            from_ms: None,
            until_ms: None,
            weekdays: Vec::new(),
            zone: TimeZone::UTC,
            too_early: String::new(),
            too_late: String::new(),
            other_day: String::new(),
        }
    }

    /// Whether it is over at `now_ms`.
    pub(super) fn is_over(&self, now_ms: i64) -> bool {
        self.until_ms.is_some_and(|until_ms| until_ms <= now_ms)
    }

    /// Whether it has not begun at `now_ms`.
    pub(super) fn is_planned(&self, now_ms: i64) -> bool {
        self.from_ms.is_some_and(|from_ms| now_ms < from_ms)
    }

    /// Whether it holds whenever `narrow` does, at or after `now_ms`.
    pub(super) fn covers(&self, narrow: &Self, now_ms: i64) -> bool {
        let begins = self.from_ms.is_none_or(|from_ms| from_ms <= narrow.from_ms.unwrap_or(now_ms).max(now_ms));
        let ends = self.until_ms.is_none_or(|ours| narrow.until_ms.is_some_and(|theirs| theirs <= ours));
        let has = |day| self.weekdays.contains(day);
        let days = self.weekdays.is_empty()
            || WEEK.iter().all(has)
            || (self.zone == narrow.zone && !narrow.weekdays.is_empty() && narrow.weekdays.iter().all(has));
        begins && ends && days
    }

    /// Whether none of its weekdays lies between its first moment (or `now_ms`) and its last.
    pub(super) fn lacks_its_weekdays(&self, now_ms: i64) -> bool {
        let Some(until_ms) = self.until_ms.filter(|_| !self.weekdays.is_empty()) else { return false };
        let from_ms = self.from_ms.map_or(now_ms, |from_ms| from_ms.max(now_ms));
        // In two weeks every weekday comes, also where a zone once left a day out.
        if until_ms.saturating_sub(from_ms) > 14 * DAY_MS || until_ms <= from_ms {
            return false;
        }
        let hours = (from_ms..until_ms).step_by(usize::try_from(DAY_MS / 24).unwrap_or(usize::MAX));
        !hours.chain([until_ms - 1]).any(|at_ms| self.weekdays.contains(&self.weekday(at_ms)))
    }

    /// Its weekdays in words.
    pub(super) fn push_weekdays(&self, text: &mut String, and: &str) {
        super::sentences::push_list(text, &self.weekdays, and, |text, &weekday| text.push_str(name(weekday)));
    }

    fn weekday(&self, now_ms: i64) -> Weekday {
        // Instants that jiff has no calendar for (before -9999 or after 9999) are held at the edge less two days.
        let edge = 253_402_000_000_000;
        let now = Timestamp::from_millisecond(now_ms.clamp(-edge, edge)).unwrap_or(Timestamp::UNIX_EPOCH);
        match self.zone.to_datetime(now).weekday() {
            jiff::civil::Weekday::Monday => Weekday::Monday,
            jiff::civil::Weekday::Tuesday => Weekday::Tuesday,
            jiff::civil::Weekday::Wednesday => Weekday::Wednesday,
            jiff::civil::Weekday::Thursday => Weekday::Thursday,
            jiff::civil::Weekday::Friday => Weekday::Friday,
            jiff::civil::Weekday::Saturday => Weekday::Saturday,
            jiff::civil::Weekday::Sunday => Weekday::Sunday,
        }
    }
}

/// Where a schedule stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScheduleState {
    /// It cannot be read, so its rule never applies.
    Unreadable,
    /// Its first moment is still to come.
    Planned,
    /// Between its first and its last moment, on whichever weekdays.
    Running,
    /// Its last moment has passed.
    Over,
}

/// Where `schedule` stands at `now_ms` (milliseconds UTC).
pub fn schedule_state(schedule: &Schedule, now_ms: i64) -> ScheduleState {
    match CompiledSchedule::compile(schedule) {
        Err(_) => ScheduleState::Unreadable,
        Ok(schedule) if schedule.is_over(now_ms) => ScheduleState::Over,
        Ok(schedule) if schedule.is_planned(now_ms) => ScheduleState::Planned,
        Ok(_) => ScheduleState::Running,
    }
}

/// A date or moment as both ends of a schedule read it.
struct Bound {
    first_ms: i64,
    after_ms: i64,
}

/// Reads `2026-12-01` or `2026-12-01T08:00`. A wall-clock time that a change of clocks skips means the moment as far
/// behind the change; one that occurs twice means the first.
fn read(text: &str, zone: &TimeZone) -> Result<Bound, String> {
    let text = text.trim();
    let wrong = || format!("“{text}” is not a date (write it like 2026-12-01 or 2026-12-01T08:00)");
    let instant = |moment: DateTime| {
        zone.to_ambiguous_zoned(moment)
            .compatible()
            .map(|zoned| zoned.timestamp().as_millisecond())
            .map_err(|_| wrong())
    };
    // Each parser would also take the other's text, and suffixes that we do not promise.
    if text.len() == "2026-12-01".len() {
        let date: Date = text.parse().map_err(|_| wrong())?;
        let next = date.tomorrow().map_err(|_| wrong())?;
        let midnight = |date: Date| instant(date.at(0, 0, 0, 0));
        return Ok(Bound { first_ms: midnight(date)?, after_ms: midnight(next)? });
    }
    let shape = text.as_bytes().get(10).is_some_and(|byte| matches!(byte, b'T' | b't' | b' '));
    if !shape || !text.bytes().all(|byte| byte.is_ascii_digit() || b"-:Tt .".contains(&byte)) {
        return Err(wrong());
    }
    let moment: DateTime = text.parse().map_err(|_| wrong())?;
    let first_ms = instant(moment)?;
    Ok(Bound { first_ms, after_ms: first_ms + 1 })
}

fn name(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(from: Option<&str>, to: Option<&str>, time_zone: &str) -> Result<CompiledSchedule, String> {
        let text = |text: &str| text.to_owned();
        CompiledSchedule::compile(&Schedule {
            from: from.map(text),
            to: to.map(text),
            weekdays: vec![],
            time_zone: text(time_zone),
        })
    }

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn a_date_without_a_time_ends_with_its_day_there() {
        let schedule = schedule(Some("2026-12-01"), Some("2026-12-24"), "Pacific/Auckland").unwrap();
        assert!(schedule.unmet(ms("2026-11-30T10:59:59.999Z")).is_some());
        assert_eq!(schedule.unmet(ms("2026-11-30T11:00:00Z")), None);
        assert_eq!(schedule.unmet(ms("2026-12-24T10:59:59.999Z")), None);
        assert!(schedule.unmet(ms("2026-12-24T11:00:00Z")).is_some());
    }

    #[test]
    fn a_time_that_the_clocks_skip_means_the_moment_behind_the_change() {
        let schedule = schedule(Some("2026-03-29T02:30"), None, "Europe/Paris").unwrap();
        assert!(schedule.unmet(ms("2026-03-29T01:29:59Z")).is_some());
        assert_eq!(schedule.unmet(ms("2026-03-29T01:30:00Z")), None);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for (from, to, zone, word) in [
            (Some("2026-13-01"), None, "UTC", "not a date"),
            (Some("tomorrow"), None, "UTC", "not a date"),
            (Some("2026-12-01T25:00"), None, "UTC", "not a date"),
            (None, Some("2026-12-01T10:00+01:00[Europe/Paris]"), "UTC", "not a date"),
            (None, None, "Mars/Olympus", "not a time zone"),
            (Some("2026-12-02"), Some("2026-12-01"), "UTC", "ends before"),
        ] {
            assert!(schedule(from, to, zone).unwrap_err().contains(word), "{from:?} {to:?} {zone}");
        }
    }

    #[test]
    fn no_instant_is_out_of_range() {
        let mut schedule = schedule(None, None, "Europe/Paris").unwrap();
        schedule.weekdays = vec![Weekday::Monday];
        for now in [i64::MIN, 0, i64::MAX] {
            schedule.unmet(now);
        }
    }
}
