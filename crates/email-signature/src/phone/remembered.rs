//! Numbers that were worked out before. A plan is asked with dozens of regular expressions, and a company writes the same
//! numbers over and over again.

use super::PhoneNumber;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// Most numbers kept of one generation; there are two.
const MAX_KEPT: usize = 20_000;
/// Longest text that is kept: a number with a word or two about it.
const MAX_TEXT: usize = 200;

#[derive(Debug)]
struct Entry {
    typed: Box<str>,
    country: Box<str>,
    number: Arc<PhoneNumber>,
}

/// Those used lately, and those before: when the younger ones are too many, the older ones go.
#[derive(Debug, Default)]
struct Generations {
    young: HashMap<u64, Arc<Entry>>,
    old: HashMap<u64, Arc<Entry>>,
}

/// The number that `work_out` gives for a text in a country, worked out now if it is new.
pub(super) fn number(typed: &str, country: &str, work_out: fn(&str, &str) -> PhoneNumber) -> Arc<PhoneNumber> {
    static KEPT: OnceLock<RwLock<Generations>> = OnceLock::new();
    if typed.len() > MAX_TEXT || country.len() > MAX_TEXT {
        return Arc::new(work_out(typed, country));
    }
    let kept = KEPT.get_or_init(RwLock::default);
    let hash = hash(typed, country);
    let is_it = |entry: &&Arc<Entry>| *entry.typed == *typed && *entry.country == *country;
    let old = {
        // A thread that panicked while it held the lock left the maps whole.
        let kept = kept.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = kept.young.get(&hash).filter(is_it) {
            return Arc::clone(&entry.number);
        }
        kept.old.get(&hash).filter(is_it).cloned()
    };
    // Worked out outside the lock: others go on meanwhile.
    let entry = old.unwrap_or_else(|| {
        let number = Arc::new(work_out(typed, country));
        Arc::new(Entry { typed: typed.into(), country: country.into(), number })
    });
    let number = Arc::clone(&entry.number);
    let mut kept = kept.write().unwrap_or_else(PoisonError::into_inner);
    if kept.young.len() >= MAX_KEPT {
        kept.old = std::mem::take(&mut kept.young);
    }
    kept.young.insert(hash, entry);
    number
}

fn hash(typed: &str, country: &str) -> u64 {
    if country.is_empty() {
        return xxh3_64(typed.as_bytes());
    }
    let mut hash = Xxh3::new();
    hash.update(typed.as_bytes());
    hash.update(&[0]);
    hash.update(country.as_bytes());
    hash.digest()
}
