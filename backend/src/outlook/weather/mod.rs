//! What event handlers measured of Outlook, added up in memory and written now and then. It comes from outside: what is not
//! known by name is counted as one, and nothing of it can make a request fail.

mod meanings;

pub use meanings::meaning;

use crate::clock::DAY_MS;
use crate::store::{BUCKETS, CallCounts, Error, EventCounts, REST, Store, WeatherCounts, WeatherKey};
use api::weather::{MAX_CALLS, MAX_EVENTS, MeasuredCall, MeasuredEvent};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often what was added up is written.
pub const WRITE_EVERY: Duration = Duration::from_mins(2);
/// How long it is kept.
pub const KEPT_DAYS: i64 = 90;
/// Most tenants, platforms and versions between two writes; what comes beyond is not counted before the next one.
const MAX_ROWS: usize = 10_000;
/// Most platforms and versions of one tenant, so that invented ones cost no other tenant anything.
const MAX_ROWS_OF_ONE: usize = 200;
/// Most different errors of a call between two writes.
const MAX_ERRORS: usize = 20;
/// Longest version, in characters: as in [`api::Draft::version`].
const MAX_VERSION: usize = 40;
/// Longest error, in characters.
const MAX_ERROR: usize = 40;

/// Upper bounds of the buckets, in milliseconds. The handler ends each event within 5 s, so nothing takes longer.
pub const BOUNDS_MS: [u32; BUCKETS] = [10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000];

/// What handlers measure, and what each is for. Anything else is counted as [`REST`].
pub const CALLS: [(&str, &str); 22] = [
    (EVENT, "The whole event, from its start until Outlook may go on"),
    ("server", "Asks this server for the signature"),
    ("token", "Asks Outlook for a token, which signs the request"),
    ("sessionData.getAsync", "Reads what was done to this draft before"),
    ("sessionData.setAsync", "Records what was done to this draft"),
    ("getComposeTypeAsync", "Asks whether the draft is new, a reply or a forward"),
    ("body.getTypeAsync", "Asks whether the draft is HTML or plain text"),
    ("from.getAsync", "Reads From"),
    ("organizer.getAsync", "Reads the organizer"),
    ("subject.getAsync", "Reads the subject"),
    ("to.getAsync", "Reads To"),
    ("cc.getAsync", "Reads Cc"),
    ("bcc.getAsync", "Reads Bcc"),
    ("requiredAttendees.getAsync", "Reads the required attendees"),
    ("optionalAttendees.getAsync", "Reads the optional attendees"),
    ("body.getAsync", "Reads the draft, to see whether the signature is there"),
    ("body.setSignatureAsync", "Puts the signature into the draft"),
    ("body.prependAsync", "Puts the signature into an appointment"),
    ("addFileAttachmentFromBase64Async", "Attaches an image of the signature"),
    ("isClientSignatureEnabledAsync", "Asks whether Outlook’s own signature is on"),
    ("disableClientSignatureAsync", "Turns Outlook’s own signature off"),
    ("getItemIdAsync", "Asks whether the draft was saved before"),
];
/// The event as a whole, measured like a call.
pub const EVENT: &str = "event";

/// What was measured since the last write.
#[derive(Default)]
pub struct WeatherStation(Mutex<HashMap<WeatherKey, WeatherCounts>>);

impl WeatherStation {
    /// Counts what a client of a platform measured.
    pub fn note(&self, tenant: &str, platform: &str, events: &[MeasuredEvent], now_ms: i64) {
        if events.is_empty() {
            return;
        }
        let mut all = self.lock();
        for event in events.iter().take(MAX_EVENTS) {
            let key = WeatherKey {
                tenant: tenant.to_owned(),
                day: now_ms.div_euclid(DAY_MS),
                platform: platform.to_owned(),
                version: plain(&event.version, MAX_VERSION, |letter| letter.is_ascii_alphanumeric()),
            };
            if has_room(&all, &key) {
                count_event(all.entry(key).or_default(), event);
            }
        }
    }

    /// Writes what was measured since the last time. What cannot be written is kept for the next time.
    ///
    /// # Errors
    /// When the database does not take it, or not in time.
    pub async fn write(&self, store: &Store) -> Result<(), Error> {
        let mut left = std::mem::take(&mut *self.lock()).into_iter();
        while let Some((key, counts)) = left.next() {
            if let Err(error) = store.in_time(store.add_weather(&key, &counts)).await {
                let mut all = self.lock();
                for (key, counts) in std::iter::once((key, counts)).chain(left) {
                    if has_room(&all, &key) {
                        merge(all.entry(key).or_default(), counts);
                    }
                }
                return Err(error);
            }
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<WeatherKey, WeatherCounts>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether there is room for a row.
fn has_room(all: &HashMap<WeatherKey, WeatherCounts>, key: &WeatherKey) -> bool {
    let of_tenant = || all.keys().filter(|other| other.tenant == key.tenant).count();
    all.contains_key(key) || all.len() < MAX_ROWS && of_tenant() < MAX_ROWS_OF_ONE
}

/// The upper bound below which a share of the times lies; `None` without any.
pub fn percentile(times: &[i64; BUCKETS], share: f64) -> Option<u32> {
    let all: i64 = times.iter().sum();
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "counts are far below 2⁵³")]
    let wanted = ((all as f64 * share).ceil() as i64).max(1);
    let mut seen = 0;
    let bound = times.iter().zip(BOUNDS_MS).find(|(count, _)| {
        seen += **count;
        seen >= wanted
    });
    bound.map(|(_, bound)| bound)
}

fn count_event(row: &mut WeatherCounts, event: &MeasuredEvent) {
    let EventCounts { events, unread, unseen, kept, late } = &mut row.events;
    *events += 1;
    *unread += i64::from(event.unread);
    *unseen += i64::from(event.unseen);
    *kept += i64::from(event.kept);
    *late += i64::from(event.late);
    row.calls.entry(EVENT.to_owned()).or_default().times[bucket(event.ms)] += 1;
    for call in event.calls.iter().take(MAX_CALLS) {
        count_call(row, call);
    }
}

fn count_call(row: &mut WeatherCounts, call: &MeasuredCall) {
    let name = CALLS.iter().map(|(name, _)| *name).find(|name| *name == call.call && *name != EVENT).unwrap_or(REST);
    let counts = row.calls.entry(name.to_owned()).or_default();
    counts.times[bucket(call.ms)] += 1;
    let error = call.error.as_deref().filter(|error| !is_usual(name, error));
    if let Some(error) = error {
        let error = plain(error, MAX_ERROR, |letter| letter.is_ascii_alphanumeric() || letter == ' ');
        count_failure(counts, error, 1);
    }
}

fn count_failure(counts: &mut CallCounts, error: String, count: i64) {
    let is_full = counts.failures.len() >= MAX_ERRORS && !counts.failures.contains_key(&error);
    let error = if is_full || error.is_empty() { REST.to_owned() } else { error };
    *counts.failures.entry(error).or_default() += count;
}

/// Whether Outlook answers so when all is well: nothing is recorded about a new draft, and it has no id.
fn is_usual(call: &str, error: &str) -> bool {
    let is_unknown_key = error.starts_with("9020") || error.contains("KeyNotFound");
    call == "getItemIdAsync" && error != NO_ANSWER || call == "sessionData.getAsync" && is_unknown_key
}

/// The error of a call without an answer.
pub const NO_ANSWER: &str = "no answer";

fn bucket(ms: u32) -> usize {
    BOUNDS_MS.iter().position(|bound| ms <= *bound).unwrap_or(BUCKETS - 1)
}

/// The text without what does not belong into it, at most so long.
fn plain(text: &str, longest: usize, belongs: impl Fn(char) -> bool) -> String {
    text.chars().filter(|letter| belongs(*letter) || ".-_".contains(*letter)).take(longest).collect()
}

fn merge(row: &mut WeatherCounts, old: WeatherCounts) {
    let EventCounts { events, unread, unseen, kept, late } = old.events;
    let counts = &mut row.events;
    counts.events += events;
    counts.unread += unread;
    counts.unseen += unseen;
    counts.kept += kept;
    counts.late += late;
    for (call, old) in old.calls {
        let counts = row.calls.entry(call).or_default();
        for (time, old) in counts.times.iter_mut().zip(old.times) {
            *time += old;
        }
        for (error, count) in old.failures {
            count_failure(counts, error, count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_the_bounds_of_their_buckets() {
        let mut times = [0; BUCKETS];
        assert_eq!(percentile(&times, 0.5), None);
        for ms in [0, 10, 11, 400, 9_000] {
            times[bucket(ms)] += 1;
        }
        assert_eq!(times, [2, 1, 0, 0, 0, 1, 0, 0, 1]);
        assert_eq!((percentile(&times, 0.5), percentile(&times, 0.95)), (Some(25), Some(5_000)));
        assert_eq!(percentile(&[1, 0, 0, 0, 0, 0, 0, 0, 0], 0.95), Some(10));
    }

    #[test]
    fn what_comes_from_outside_is_bounded_and_counted_under_known_names() {
        let station = WeatherStation::default();
        let call = |call: &str, error: String| MeasuredCall { call: call.into(), ms: 7, error: Some(error) };
        let event = MeasuredEvent {
            version: "16.0 <b>\u{1F600}".repeat(20),
            calls: (0..500).map(|n| call(&format!("secret{n}"), format!("{n} <Name> of a person"))).collect(),
            ..MeasuredEvent::default()
        };
        station.note("t", "pc", &vec![event; 50], 0);
        let all = station.lock();
        let (key, counts) = all.iter().next().unwrap();
        assert_eq!((all.len(), counts.events.events), (1, 8));
        assert!(key.version.len() == MAX_VERSION && key.version.starts_with("16.0b16.0b"), "{key:?}");
        assert_eq!(counts.calls.keys().collect::<Vec<_>>(), [EVENT, REST]);
        let rest = &counts.calls[REST];
        assert_eq!(rest.times, [8 * 100, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert!(rest.failures.len() <= MAX_ERRORS + 1 && rest.failures[REST] > 600, "{rest:?}");
        assert!(rest.failures.contains_key("0 Name of a person"), "{rest:?}");
    }

    #[test]
    fn what_outlook_answers_when_all_is_well_is_no_failure() {
        for (call, error) in [("sessionData.getAsync", "9020 KeyNotFound"), ("getItemIdAsync", "9050 ItemNotSaved")] {
            let mut row = WeatherCounts::default();
            count_call(&mut row, &MeasuredCall { call: call.into(), ms: 1, error: Some(error.into()) });
            count_call(&mut row, &MeasuredCall { call: call.into(), ms: 1, error: Some(NO_ANSWER.into()) });
            assert_eq!(row.calls[call].failures.keys().collect::<Vec<_>>(), [NO_ANSWER]);
        }
    }
}
