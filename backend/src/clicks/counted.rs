//! Followed links of campaigns, counted in memory and written now and then. Whose click it was is not known here.

use crate::clock::DAY_MS;
use crate::store::{ClickRecord, Error, Store};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often what was counted is written.
pub const WRITE_EVERY: Duration = Duration::from_secs(30);
/// Most links and days between two writes; what comes beyond is not counted before the next one.
const MAX_COUNTED: usize = 100_000;

/// A link on a day.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    tenant: String,
    campaign: String,
    template: String,
    url: String,
    day: i64,
}

/// What was counted since the last write.
#[derive(Default)]
pub struct Clicks(Mutex<HashMap<Key, i64>>);

/// A link that was followed.
#[derive(Clone, Copy, Debug)]
pub struct Click<'a> {
    /// The tenant's id.
    pub tenant: &'a str,
    /// The campaign's rule, by id.
    pub campaign: &'a str,
    /// The banner's template, by id.
    pub template: &'a str,
    /// Where the link leads.
    pub url: &'a str,
}

impl Clicks {
    /// Counts a link that was followed at `now_ms`.
    pub fn count(&self, click: Click<'_>, now_ms: i64) {
        let key = Key {
            tenant: click.tenant.to_owned(),
            campaign: click.campaign.to_owned(),
            template: click.template.to_owned(),
            url: click.url.to_owned(),
            day: now_ms.div_euclid(DAY_MS),
        };
        add(&mut self.lock(), key, 1);
    }

    /// Writes what was counted since the last time. What cannot be written is kept for the next time.
    ///
    /// # Errors
    /// When the database does not take it, or not in time.
    pub async fn write(&self, store: &Store) -> Result<(), Error> {
        let counted = std::mem::take(&mut *self.lock());
        if counted.is_empty() {
            return Ok(());
        }
        let records: Vec<_> = counted.iter().map(|(key, count)| record(key, *count)).collect();
        let written = store.in_time(store.add_clicks(&records)).await;
        if written.is_err() {
            let mut all = self.lock();
            for (key, count) in counted {
                add(&mut all, key, count);
            }
        }
        written
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn add(all: &mut HashMap<Key, i64>, key: Key, count: i64) {
    if all.len() < MAX_COUNTED || all.contains_key(&key) {
        *all.entry(key).or_default() += count;
    }
}

fn record(key: &Key, count: i64) -> ClickRecord {
    ClickRecord {
        tenant: key.tenant.clone(),
        campaign: key.campaign.clone(),
        template: key.template.clone(),
        url: key.url.clone(),
        day: key.day,
        count,
    }
}
