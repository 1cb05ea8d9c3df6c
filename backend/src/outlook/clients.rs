//! Which clients have called in, collected in memory and written now and then: a signature must not wait for a write.

use crate::store::{ClientRecord, Error, Store};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often what was seen is written.
pub const WRITE_EVERY: Duration = Duration::from_secs(30);
/// Most clients between two writes; what comes beyond is not noted before the next one.
const MAX_SEEN: usize = 200_000;

/// By tenant, then person: a call by somebody who was seen already allocates nothing.
type ByTenant = HashMap<String, HashMap<String, Vec<Seen>>>;

/// What was seen since the last write.
#[derive(Default)]
pub struct Clients(Mutex<All>);

#[derive(Default)]
struct All {
    tenants: ByTenant,
    count: usize,
}

/// The last call of a client, and the refused ones.
#[derive(Clone, Debug, Default)]
struct Seen {
    platform: &'static str,
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
    /// Version that the client reports.
    pub version: &'a str,
    /// The draft's kind.
    pub event: &'static str,
}

impl Clients {
    /// Notes a call; `failure` says why it was refused.
    pub fn saw(&self, call: Call<'_>, failure: Option<String>, now_ms: i64) {
        self.lock().note(call, |seen| {
            if seen.version != call.version {
                call.version.clone_into(&mut seen.version);
            }
            (seen.event, seen.at_ms) = (call.event, now_ms);
            if failure.is_some() {
                seen.failures += 1;
                seen.last_failure = failure;
            }
        });
    }

    /// Writes what was seen since the last time. What cannot be written is kept for the next time.
    ///
    /// # Errors
    /// When the database does not take it, or not in time.
    pub async fn write(&self, store: &Store) -> Result<(), Error> {
        let seen = std::mem::take(&mut *self.lock());
        if seen.count == 0 {
            return Ok(());
        }
        let records: Vec<_> = seen.records().collect();
        let written = store.in_time(store.upsert_clients(&records)).await;
        if written.is_err() {
            self.lock().restore(&seen);
        }
        written
    }

    fn lock(&self) -> MutexGuard<'_, All> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl All {
    /// Changes the entry of `call`'s client, made if need be; nothing when there are too many.
    fn note(&mut self, call: Call<'_>, change: impl FnOnce(&mut Seen)) {
        let known = self.tenants.get_mut(call.tenant).and_then(|people| people.get_mut(call.person));
        let seen = known.and_then(|clients| clients.iter_mut().find(|seen| seen.platform == call.platform));
        if let Some(seen) = seen {
            return change(seen);
        }
        if self.count >= MAX_SEEN {
            return;
        }
        self.count += 1;
        let mut seen = Seen { platform: call.platform, ..Seen::default() };
        change(&mut seen);
        let people = self.tenants.entry(call.tenant.to_owned()).or_default();
        let clients = people.entry(call.person.to_owned()).or_default();
        // Nearly everybody has one client, and a vector that grows by itself would take room for four.
        clients.reserve_exact(1);
        clients.push(seen);
    }

    fn records(&self) -> impl Iterator<Item = ClientRecord> {
        self.each().map(|(tenant, person, seen)| ClientRecord {
            tenant: tenant.to_owned(),
            person: person.to_owned(),
            platform: seen.platform.to_owned(),
            version: seen.version.clone(),
            event: seen.event.to_owned(),
            seen_ms: seen.at_ms,
            failures: seen.failures,
            last_failure: seen.last_failure.clone(),
        })
    }

    fn each(&self) -> impl Iterator<Item = (&str, &str, &Seen)> {
        self.tenants.iter().flat_map(|(tenant, people)| {
            people.iter().flat_map(move |(person, clients)| {
                clients.iter().map(move |seen| (tenant.as_str(), person.as_str(), seen))
            })
        })
    }

    /// Takes back what could not be written; what came since is newer.
    fn restore(&mut self, old: &Self) {
        for (tenant, person, seen) in old.each() {
            let call = Call { tenant, person, platform: seen.platform, version: &seen.version, event: seen.event };
            self.note(call, |entry| {
                if entry.at_ms == 0 {
                    *entry = seen.clone();
                } else {
                    entry.failures += seen.failures;
                }
            });
        }
    }
}
