//! What a template's shapes were made into so far, in two steps: the sanitised HTML, which does not depend on which slots
//! are empty, and the skeleton, which does. So a person who lacks other fields than those before costs no sanitising.

use super::skeleton::{Sanitised, Skeleton, sanitised};
use super::{Images, slots};
use crate::Part;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use xxhash_rust::xxh3::xxh3_64;

/// Most entries kept of each sort. Which fields are empty makes the shape, and few combinations occur in one company.
const MAX_KEPT: usize = 64;

/// Failures are kept too: a template that cannot be shown fails quickly the second time.
#[derive(Debug, Default)]
pub(super) struct Cache {
    sanitised: Kept<Sanitised>,
    skeletons: Kept<Skeleton>,
}

type Made<T> = Result<Arc<T>, String>;

impl Cache {
    /// The skeleton of a shape, made now if it is new.
    pub(super) fn skeleton(&self, shape: &str, images: &Images, part: Part) -> Made<Skeleton> {
        self.skeletons.find_or_make(shape, || {
            let (filled, empty) = slots::all_filled(shape);
            let sanitised = self.sanitised.find_or_make(&filled, || sanitised(&filled).map(Arc::new))?;
            let mut skeleton = Skeleton::build(&slots::emptied(&sanitised.html, &empty), images, part)?;
            skeleton.problems.extend(sanitised.problem.clone());
            Ok(Arc::new(skeleton))
        })
    }
}

/// A bounded map from texts, by their hash; the text itself tells of a collision, and then the newer one stays.
#[derive(Debug)]
struct Kept<T> {
    by_hash: RwLock<HashMap<u64, Entry<T>>>,
}

#[derive(Debug)]
struct Entry<T> {
    text: Box<str>,
    made: Made<T>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { by_hash: RwLock::default() }
    }
}

impl<T> Kept<T> {
    fn find_or_make(&self, text: &str, build: impl FnOnce() -> Made<T>) -> Made<T> {
        let hash = xxh3_64(text.as_bytes());
        // A thread that panicked while it held the lock left the map whole: entries are put in at once.
        let kept = self.by_hash.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = kept.get(&hash)
            && *entry.text == *text
        {
            return entry.made.clone();
        }
        drop(kept);
        // Made outside the lock: others go on meanwhile, and making one twice does no harm.
        let made = build();
        let mut by_hash = self.by_hash.write().unwrap_or_else(PoisonError::into_inner);
        if by_hash.len() >= MAX_KEPT
            && let Some(any) = by_hash.keys().next().copied()
        {
            by_hash.remove(&any);
        }
        by_hash.insert(hash, Entry { text: text.into(), made: made.clone() });
        made
    }
}
