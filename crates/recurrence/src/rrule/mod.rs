//! iCalendar's `RRULE` (RFC 5545 §3.3.10) for what the six patterns can express, both ways. The lists of dates are equal, not
//! always the texts: day 31 of the month is written as the last of the days 28 to 31, as Outlook means it.

/// Text to series.
mod parse;
/// Its parts by name.
mod parts;
/// The end of a rule as an instant and as a date.
mod until;
/// Series to text.
mod write;

pub use parse::parse;
pub use write::write;

use crate::series::SeriesError;

/// Why a rule is no series.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// RFC 5545 does not allow it: the part that is wrong.
    #[error("the rule's part {0:?} is malformed")]
    Malformed(String),
    /// It is a rule, but no pattern has the same dates: the part that says so. Its occurrences have to be kept one by one.
    #[error("no pattern can express the rule's part {0:?}")]
    NotExpressible(String),
    /// The rule ends before it starts, or has no occurrence.
    #[error(transparent)]
    Series(#[from] SeriesError),
}
