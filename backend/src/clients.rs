//! Which clients have called in, collected in memory and written now and then: a signature must not wait for a write.

use crate::store::{ClientRecord, Store};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often what was seen is written.
pub const WRITE_EVERY: Duration = Duration::from_secs(30);
/// Most clients between two writes; what comes beyond is not noted before the next one.
const MAX_SEEN: usize = 200_000;

/// By tenant, person and platform.
type Key = (String, String, &'static str);

/// What was seen since the last write.
#[derive(Default)]
pub struct Clients(Mutex<HashMap<Key, Seen>>);

/// The last call of a client, and the refused ones.
#[derive(Clone, Debug)]
struct Seen {
    version: String,
    event: &'static str,
    at_ms: i64,
    failures: i64,
    last_failure: Option<String>,
}

/// A call.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The tenant's id.
    pub tenant: &'a str,
    /// The person's id.
    pub person: &'a str,
    /// The platform.
    pub platform: &'static str,
    /// What the client says of its version.
    pub version: &'a str,
    /// The draft's kind.
    pub event: &'static str,
}

impl Clients {
    /// Notes a call; `failure` says why it was refused.
    pub fn saw(&self, call: Call<'_>, failure: Option<String>, now_ms: i64) {
        let mut seen = self.lock();
        let key = (call.tenant.to_owned(), call.person.to_owned(), call.platform);
        if seen.len() >= MAX_SEEN && !seen.contains_key(&key) {
            return;
        }
        let entry = seen.entry(key).or_insert_with(|| Seen {
            version: String::new(),
            event: call.event,
            at_ms: now_ms,
            failures: 0,
            last_failure: None,
        });
        if entry.version != call.version {
            call.version.clone_into(&mut entry.version);
        }
        (entry.event, entry.at_ms) = (call.event, now_ms);
        if failure.is_some() {
            entry.failures += 1;
            entry.last_failure = failure;
        }
    }

    /// Writes what was seen since the last time. What cannot be written is kept for the next time.
    pub async fn write(&self, store: &Store) {
        let seen = std::mem::take(&mut *self.lock());
        if seen.is_empty() {
            return;
        }
        let record = |((tenant, person, platform), seen): (&Key, &Seen)| ClientRecord {
            tenant: tenant.clone(),
            person: person.clone(),
            platform: (*platform).to_owned(),
            version: seen.version.clone(),
            event: seen.event.to_owned(),
            seen_ms: seen.at_ms,
            failures: seen.failures,
            last_failure: seen.last_failure.clone(),
        };
        let records: Vec<_> = seen.iter().map(record).collect();
        if let Err(error) = store.upsert_clients(&records).await {
            tracing::warn!(%error, clients = records.len(), "which clients called in could not be written");
            let mut newer = self.lock();
            for (key, old) in seen {
                newer.entry(key).and_modify(|new| new.failures += old.failures).or_insert(old);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
