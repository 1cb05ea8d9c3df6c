//! When a rule applies: wall-clock dates in a time zone, read once and compared as instants.

use crate::{Schedule, Weekday};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use std::borrow::Cow;

const DAY_MS: i64 = 86_400_000;
/// From the first time zone in which a day begins (UTC+14) to the last (UTC-12).
const ZONES_MS: i64 = 26 * 3_600_000;

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
    hours: Option<Hours>,
    zone: TimeZone,
    /// What it was read from, when senders have their own time zone.
    own: Option<Schedule>,
    /// Why it does not hold before its first moment, behind its last, and (up to the day or time) on other days and at other times.
    too_early: String,
    too_late: String,
    other_day: String,
    other_time: String,
}

/// Hours of each day on which it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hours {
    from: Time,
    /// No longer at this time. Not later than `from`: on the next day.
    until: Time,
}

impl Hours {
    fn read(schedule: &Schedule) -> Result<Option<Self>, String> {
        let (from, until) = (schedule.day_from.as_deref(), schedule.day_to.as_deref());
        let (Some(from), Some(until)) =
            (from.map_or(Some(Time::midnight()), time), until.map_or(Some(Time::midnight()), time))
        else {
            let mut written = [schedule.day_from.as_deref(), schedule.day_to.as_deref()].into_iter().flatten();
            let wrong = written.find(|text| time(text).is_none()).unwrap_or_default();
            return Err(format!("“{wrong}” is not a time of day (write it like 08:00)"));
        };
        match from == until {
            true if schedule.day_from.is_some() && schedule.day_to.is_some() => {
                Err("its hours end when they begin (leave both out for the whole day)".into())
            }
            true => Ok(None),
            false => Ok(Some(Self { from, until })),
        }
    }

    fn pass_midnight(self) -> bool {
        self.until < self.from && self.until != Time::midnight()
    }

    fn hold(self, at: Time) -> bool {
        if self.from < self.until { self.from <= at && at < self.until } else { self.from <= at || at < self.until }
    }
}

/// `08:00`, as the wire has it.
fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    let number = |text: &str| (text.len() == 2).then(|| text.parse::<i8>().ok()).flatten();
    Time::new(number(hour)?, number(minute)?, 0, 0).ok()
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
        let hours = Hours::read(schedule)?;
        let Schedule { from, to, weekdays, day_from, day_to, time_zone, own_time_zone } = schedule;
        let shown = |bound: &Option<String>| bound.as_deref().unwrap_or_default().replace('T', " ");
        let mut days = String::new();
        super::sentences::push_list(&mut days, weekdays, "and", |text, &weekday| text.push_str(name(weekday)));
        Ok(Self {
            from_ms,
            until_ms,
            weekdays: weekdays.clone(),
            hours,
            zone,
            own: own_time_zone.then(|| Schedule { own_time_zone: false, ..schedule.clone() }),
            too_early: format!("Does not apply: it does not start until {} ({time_zone}).", shown(from)),
            too_late: format!("Does not apply: it ended on {} ({time_zone}).", shown(to)),
            other_day: format!("Does not apply: its days are {days}, and in {time_zone} it is "),
            other_time: format!(
                "Does not apply: its hours are {}, and in {time_zone} it is ",
                hours_in_words(day_from.as_deref(), day_to.as_deref())
            ),
        })
    }

    /// As it is for a sender in `time_zone`. What no time zone is called counts as unknown.
    pub(super) fn seen_from(&self, time_zone: Option<&str>) -> Cow<'_, Self> {
        let own = self.own.as_ref().zip(time_zone).and_then(|(written, time_zone)| {
            Self::compile(&Schedule { time_zone: time_zone.to_owned(), ..written.clone() }).ok()
        });
        own.map_or(Cow::Borrowed(self), Cow::Owned)
    }

    /// Whether it holds at `now_ms`.
    pub(super) fn holds(&self, now_ms: i64) -> bool {
        if self.is_planned(now_ms) || self.is_over(now_ms) {
            return false;
        }
        if self.weekdays.is_empty() && self.hours.is_none() {
            return true;
        }
        let now = self.wall_clock(now_ms);
        self.hours.is_none_or(|hours| hours.hold(now.time()))
            && (self.weekdays.is_empty() || self.weekdays.contains(&self.weekday(now)))
    }

    /// Why it does not hold at `now_ms`, as a sentence; `None`: it holds.
    pub(super) fn unmet(&self, now_ms: i64) -> Option<String> {
        if self.from_ms.is_some_and(|from_ms| now_ms < from_ms) {
            return Some(self.too_early.clone());
        }
        if self.until_ms.is_some_and(|until_ms| now_ms >= until_ms) {
            return Some(self.too_late.clone());
        }
        let now = self.wall_clock(now_ms);
        if self.hours.is_some_and(|hours| !hours.hold(now.time())) {
            return Some(format!("{}{:02}:{:02}.", self.other_time, now.hour(), now.minute()));
        }
        let today = self.weekday(now);
        let is_one = self.weekdays.is_empty() || self.weekdays.contains(&today);
        (!is_one).then(|| format!("{}{}.", self.other_day, name(today)))
    }

    /// A schedule that always holds.
    pub(super) fn always() -> Self {
        Self {
            from_ms: None,
            until_ms: None,
            weekdays: Vec::new(),
            hours: None,
            zone: TimeZone::UTC,
            own: None,
            too_early: String::new(),
            too_late: String::new(),
            other_day: String::new(),
            other_time: String::new(),
        }
    }

    /// Whether it is over at `now_ms` for every sender: where days end last, they end [`ZONES_MS`] later at most.
    pub(super) fn is_over_everywhere(&self, now_ms: i64) -> bool {
        self.is_over(now_ms.saturating_sub(if self.own.is_some() { ZONES_MS } else { 0 }))
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
        // A wall clock in one time zone says nothing about one in another.
        let same_clock = self.zone == narrow.zone && self.own.is_some() == narrow.own.is_some();
        if (self.own.is_some() || narrow.own.is_some()) && !same_clock {
            return self.from_ms.is_none()
                && self.until_ms.is_none()
                && self.weekdays.is_empty()
                && self.hours.is_none();
        }
        // So said in the time zones of others as well: there `now_ms` is no bound.
        let now_ms = if self.own.is_some() { i64::MIN } else { now_ms };
        let begins = self.from_ms.is_none_or(|from_ms| from_ms <= narrow.from_ms.unwrap_or(now_ms).max(now_ms));
        let ends = self.until_ms.is_none_or(|ours| narrow.until_ms.is_some_and(|theirs| theirs <= ours));
        let has = |day| self.weekdays.contains(day);
        let days = self.weekdays.is_empty()
            || WEEK.iter().all(has)
            || (same_clock
                && !narrow.weekdays.is_empty()
                && narrow.weekdays.iter().all(has)
                && !narrow.passes_midnight());
        let hours = self.hours.is_none() || (same_clock && self.hours == narrow.hours);
        begins
            && ends
            && hours
            && (days || (same_clock && self.hours == narrow.hours && self.weekdays == narrow.weekdays))
    }

    /// Whether none of its weekdays lies between its first moment (or `now_ms`) and its last.
    pub(super) fn lacks_its_weekdays(&self, now_ms: i64) -> bool {
        let Some(until_ms) = self.until_ms.filter(|_| !self.weekdays.is_empty() && self.own.is_none()) else {
            return false;
        };
        let from_ms = self.from_ms.map_or(now_ms, |from_ms| from_ms.max(now_ms));
        // In two weeks every weekday comes, also where a zone once left a day out.
        if until_ms.saturating_sub(from_ms) > 14 * DAY_MS || until_ms <= from_ms {
            return false;
        }
        let hours = (from_ms..until_ms).step_by(usize::try_from(DAY_MS / 24).unwrap_or(usize::MAX));
        !hours.chain([until_ms - 1]).any(|at_ms| self.weekdays.contains(&self.weekday(self.wall_clock(at_ms))))
    }

    /// Its weekdays in words.
    pub(super) fn push_weekdays(&self, text: &mut String, and: &str) {
        super::sentences::push_list(text, &self.weekdays, and, |text, &weekday| text.push_str(name(weekday)));
    }

    fn passes_midnight(&self) -> bool {
        self.hours.is_some_and(Hours::pass_midnight)
    }

    fn wall_clock(&self, now_ms: i64) -> DateTime {
        // Instants that jiff has no calendar for (before -9999 or after 9999) are held at the edge less two days.
        let edge = 253_402_000_000_000;
        let now = Timestamp::from_millisecond(now_ms.clamp(-edge, edge)).unwrap_or(Timestamp::UNIX_EPOCH);
        self.zone.to_datetime(now)
    }

    /// The day that `now` belongs to: behind midnight the one before, as long as its hours last.
    fn weekday(&self, now: DateTime) -> Weekday {
        let began_before = self.hours.is_some_and(|hours| hours.pass_midnight() && now.time() < hours.until);
        let day = if began_before { now.date().yesterday().unwrap_or(now.date()) } else { now.date() };
        match day.weekday() {
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
        Ok(schedule) if schedule.is_over_everywhere(now_ms) => ScheduleState::Over,
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

/// `08:00 to 17:30`, or what of it there is.
pub(super) fn hours_in_words(from: Option<&str>, to: Option<&str>) -> String {
    match (from, to) {
        (Some(from), Some(to)) => format!("{} to {}", from.trim(), to.trim()),
        (Some(from), None) => format!("{} to midnight", from.trim()),
        (None, Some(to)) => format!("midnight to {}", to.trim()),
        (None, None) => String::new(),
    }
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
            day_from: None,
            day_to: None,
            time_zone: text(time_zone),
            own_time_zone: false,
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
    fn hours_of_the_day_hold_on_their_days() {
        let week = vec![Weekday::Monday, Weekday::Friday];
        for (from, to, at, holds) in [
            (Some("08:00"), Some("17:30"), "2026-11-30T08:00:00Z", true),
            (Some("08:00"), Some("17:30"), "2026-11-30T07:59:59Z", false),
            (Some("08:00"), Some("17:30"), "2026-11-30T17:29:59Z", true),
            (Some("08:00"), Some("17:30"), "2026-11-30T17:30:00Z", false),
            (Some("08:00"), Some("17:30"), "2026-12-01T12:00:00Z", false),
            (Some("18:00"), None, "2026-11-30T23:59:59Z", true),
            (Some("18:00"), None, "2026-12-01T00:00:00Z", false),
            (None, Some("06:00"), "2026-11-30T05:00:00Z", true),
            // Friday night ends on Saturday morning; Monday morning is Sunday night's.
            (Some("22:00"), Some("06:00"), "2026-12-05T05:59:00Z", true),
            (Some("22:00"), Some("06:00"), "2026-12-05T06:00:00Z", false),
            (Some("22:00"), Some("06:00"), "2026-11-30T05:00:00Z", false),
            (Some("22:00"), Some("06:00"), "2026-11-30T22:00:00Z", true),
        ] {
            let mut written = Schedule {
                from: None,
                to: None,
                weekdays: week.clone(),
                day_from: None,
                day_to: None,
                time_zone: "UTC".into(),
                own_time_zone: false,
            };
            (written.day_from, written.day_to) = (from.map(str::to_owned), to.map(str::to_owned));
            let schedule = CompiledSchedule::compile(&written).unwrap();
            assert_eq!(schedule.holds(ms(at)), holds, "{from:?} to {to:?} at {at}");
            assert_eq!(schedule.unmet(ms(at)).is_none(), holds, "{from:?} to {to:?} at {at}");
        }
    }

    #[test]
    fn a_sender_has_their_own_clock() {
        let written = Schedule {
            from: Some("2026-12-01".into()),
            to: None,
            weekdays: vec![],
            day_from: Some("09:00".into()),
            day_to: None,
            time_zone: "Europe/Paris".into(),
            own_time_zone: true,
        };
        let schedule = CompiledSchedule::compile(&written).unwrap();
        // 1 December, 9:00: in Auckland at 20:00Z the day before, in Paris at 8:00Z, in New York at 14:00Z.
        for (zone, first) in [
            (Some("Pacific/Auckland"), "2026-11-30T20:00:00Z"),
            (Some("America/New_York"), "2026-12-01T14:00:00Z"),
            (Some("Mars/Olympus"), "2026-12-01T08:00:00Z"),
            (None, "2026-12-01T08:00:00Z"),
        ] {
            let seen = schedule.seen_from(zone);
            assert!(seen.holds(ms(first)), "{zone:?}");
            assert!(!seen.holds(ms(first) - 1), "{zone:?}");
        }
        let reason = schedule.seen_from(Some("America/New_York")).unmet(ms("2026-12-01T13:30:00Z"));
        assert_eq!(
            reason.unwrap(),
            "Does not apply: its hours are 09:00 to midnight, and in America/New_York it is 08:30."
        );
        let fixed = CompiledSchedule::compile(&Schedule { own_time_zone: false, ..written }).unwrap();
        assert!(fixed.seen_from(Some("America/New_York")).holds(ms("2026-12-01T08:00:00Z")));
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
