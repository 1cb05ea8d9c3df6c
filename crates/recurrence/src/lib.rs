//! Recurring appointments as Microsoft Graph and EWS describe them: which occurrences a series has, how iCalendar writes its
//! rule, and which time zones its names mean. Pure: no I/O, no clock, and nothing about Paraph.

/// Patterns: how often a series repeats.
pub mod pattern;
/// A series: start, pattern and range.
pub mod series;
/// Occurrences within a window, by calculation and not by walking from the start.
mod expand;
/// Exceptions and cancelled occurrences applied to a series.
pub mod effective;
/// The rule as iCalendar text.
pub mod rrule;
/// Windows, IANA and custom time zones.
pub mod zones;

pub use effective::{Effective, Exception};
pub use pattern::{Interval, Month, MonthDay, Pattern, WeekIndex, Weekdays};
pub use series::{Count, LocalStart, OccurrenceKey, Range, Series, SeriesError, Start, Window};
