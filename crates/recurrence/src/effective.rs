//! What a series comes to once single occurrences are moved, changed or cancelled.

use crate::series::{LocalStart, OccurrenceKey, Series, Window};
use std::collections::{BTreeMap, BTreeSet};

/// An occurrence that differs from its series: Graph's `exceptionOccurrences`, EWS' `ModifiedOccurrences`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exception {
    /// Which occurrence: by its start before it was moved.
    pub key: OccurrenceKey,
    /// When it starts now; its original start if something else about it was changed.
    pub start: LocalStart,
}

/// An occurrence that takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effective {
    /// Which occurrence of the series.
    pub key: OccurrenceKey,
    /// When it starts now.
    pub start: LocalStart,
    /// Has an exception, so its other fields are not those of the series.
    pub is_exception: bool,
}

/// Occurrences that start within the window as they are now, in the order of their starts.
///
/// An exception counts by its present start: it may be moved into the window or out of it. It counts too if the rule has no such
/// occurrence, as the server has it. Of several exceptions with one key, the last wins. What is cancelled is gone, moved or not.
pub fn effective(
    series: &Series,
    exceptions: &[Exception],
    cancelled: &[OccurrenceKey],
    window: Window,
) -> Vec<Effective> {
    let cancelled: BTreeSet<_> = cancelled.iter().copied().collect();
    let moved: BTreeMap<_, _> = exceptions.iter().map(|exception| (exception.key, exception.start)).collect();
    let regular = series.occurrences(window).filter(|key| !moved.contains_key(key));
    let regular = regular.map(|key| Effective { key, start: key.0, is_exception: false });
    let changed = moved.iter().map(|(key, start)| Effective { key: *key, start: *start, is_exception: true });
    let mut all: Vec<_> = regular
        .chain(changed.filter(|occurrence| window.contains(occurrence.start)))
        .filter(|occurrence| !cancelled.contains(&occurrence.key))
        .collect();
    all.sort_by_key(|occurrence| (occurrence.start.wall_clock(), occurrence.key));
    all
}

/// Which occurrence a server means that names a deleted one by a start alone, as EWS does (`DeletedOccurrence`). It may be the
/// original start, or the one to which the occurrence had been moved before; the original wins. `known` are the exceptions as
/// they were before the deletion. `None`: the series has no such occurrence.
pub fn deleted(series: &Series, known: &[Exception], start: LocalStart) -> Option<OccurrenceKey> {
    let original = OccurrenceKey(start);
    let is_original =
        known.iter().any(|exception| exception.key == original) || series.on(start.date()) == Some(original);
    if is_original {
        return Some(original);
    }
    known.iter().rfind(|exception| exception.start == start).map(|exception| exception.key)
}
