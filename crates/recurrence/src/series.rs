//! A series, and the local starts that name its occurrences.

use crate::expand;
use crate::pattern::Pattern;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use std::num::NonZeroU32;

/// Why start, pattern and range are no series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SeriesError {
    /// The last day is before the first.
    #[error("the series ends on {end}, before it starts on {start}")]
    EndsBeforeStart {
        /// First day.
        start: Date,
        /// Last day.
        end: Date,
    },
    /// The number of occurrences is 0.
    #[error("the number of occurrences is 0")]
    NoOccurrences,
}

/// When a series starts. Its zone is that of the whole series: Graph's `recurrenceTimeZone`.
#[derive(Debug, Clone, PartialEq)]
pub enum Start {
    /// Wall-clock time in a zone.
    Timed {
        /// Wall-clock time.
        at: DateTime,
        /// Zone of the wall clock.
        zone: TimeZone,
    },
    /// A date that is the same everywhere and is never converted.
    WholeDay(Date),
}

impl Start {
    /// Date on the wall clock.
    pub fn date(&self) -> Date {
        match self {
            Self::Timed { at, .. } => at.date(),
            Self::WholeDay(date) => *date,
        }
    }
}

/// Start of an occurrence: wall-clock time in the series' zone, or a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LocalStart {
    /// Wall-clock time.
    Timed(DateTime),
    /// Date of a whole day.
    WholeDay(Date),
}

impl LocalStart {
    /// Date on the wall clock.
    pub fn date(self) -> Date {
        match self {
            Self::Timed(at) => at.date(),
            Self::WholeDay(date) => date,
        }
    }

    /// Wall-clock time; midnight of a whole day.
    pub fn wall_clock(self) -> DateTime {
        match self {
            Self::Timed(at) => at,
            Self::WholeDay(date) => date.at(0, 0, 0, 0),
        }
    }
}

/// What names an occurrence within its series: the start that the rule gives it, wherever it was moved since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OccurrenceKey(pub LocalStart);

/// Number of occurrences, at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Count(NonZeroU32);

impl Count {
    /// Refuses 0.
    pub fn new(count: u32) -> Result<Self, SeriesError> {
        NonZeroU32::new(count).map(Self).ok_or(SeriesError::NoOccurrences)
    }

    /// The number of occurrences.
    pub fn get(self) -> u32 {
        self.0.get()
    }
}

/// How long a series repeats: Graph's `recurrenceRange` without its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Range {
    /// Without end.
    NoEnd,
    /// The last date on which an occurrence may start, in the series' zone.
    EndDate(Date),
    /// So many occurrences from the first, cancelled ones included.
    Numbered(Count),
}

/// Wall-clock time in the series' zone, from `from` to before `to`. It selects by the start that the rule gives, so a time that
/// the clocks skip counts as it is written. An occurrence that begins earlier and reaches into the window is not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First moment.
    pub from: DateTime,
    /// First moment after it.
    pub to: DateTime,
}

impl Window {
    /// From one time to before another; empty if they are not in order.
    pub fn new(from: DateTime, to: DateTime) -> Self {
        Self { from, to }
    }

    /// Whole days, both included.
    pub fn days(first: Date, last: Date) -> Self {
        Self { from: first.at(0, 0, 0, 0), to: last.tomorrow().map_or(DateTime::MAX, |day| day.at(0, 0, 0, 0)) }
    }

    /// Has the start.
    pub fn contains(&self, start: LocalStart) -> bool {
        (self.from..self.to).contains(&start.wall_clock())
    }
}

/// A recurring appointment.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    start: Start,
    pattern: Pattern,
    range: Range,
}

impl Series {
    /// The start may be off the pattern, as in rules that other programs write: the first occurrence is the pattern's first on
    /// or after it. Its day, week, month or year is the one from which the interval counts (RFC 5545 §3.3.10). Fractions of
    /// a second are dropped: iCalendar has none.
    pub fn new(start: Start, pattern: Pattern, range: Range) -> Result<Self, SeriesError> {
        let start = match start {
            Start::Timed { at, zone } => {
                let whole = Time::constant(at.hour(), at.minute(), at.second(), 0);
                Start::Timed { at: at.date().to_datetime(whole), zone }
            }
            whole_day @ Start::WholeDay(_) => whole_day,
        };
        match range {
            Range::EndDate(end) if end < start.date() => Err(SeriesError::EndsBeforeStart { start: start.date(), end }),
            _ => Ok(Self { start, pattern, range }),
        }
    }

    /// The start, to the second.
    pub fn start(&self) -> &Start {
        &self.start
    }

    /// How often it repeats.
    pub fn pattern(&self) -> Pattern {
        self.pattern
    }

    /// How long it repeats.
    pub fn range(&self) -> Range {
        self.range
    }

    /// Occurrences that the rule gives within a window, in order, and calculated as they are asked for. The work is that of the
    /// occurrences in the window and of at most one more period (day, week, month or year): neither the distance from the
    /// start nor the length of the series matters.
    pub fn occurrences(&self, window: Window) -> impl Iterator<Item = OccurrenceKey> + '_ {
        expand::occurrences(self, window)
    }

    /// The occurrence that the rule puts on a date: there is at most one.
    pub fn on(&self, date: Date) -> Option<OccurrenceKey> {
        self.occurrences(Window::days(date, date)).next()
    }

    /// The occurrence that the rule puts at an instant; none for whole days, which have no instant.
    pub fn at(&self, instant: Timestamp) -> Option<OccurrenceKey> {
        let Start::Timed { zone, .. } = &self.start else { return None };
        let date = zone.to_datetime(instant).date();
        // A time that the clocks skip shortly before midnight is shown on the next day.
        let dates = [Some(date), date.yesterday().ok()];
        dates.into_iter().flatten().filter_map(|date| self.on(date)).find(|key| self.instant(key.0) == Some(instant))
    }

    /// When a local start comes; none for whole days, and at the end of the calendar.
    ///
    /// A time that the clocks skip has the offset from before the change and is shown later by the gap; a time that comes twice
    /// is its first (RFC 5545 §3.3.5 and §3.3.10, jiff's *compatible*).
    pub fn instant(&self, start: LocalStart) -> Option<Timestamp> {
        match (&self.start, start) {
            (Start::Timed { zone, .. }, LocalStart::Timed(at)) => zone.to_ambiguous_timestamp(at).compatible().ok(),
            _ => None,
        }
    }
}
