//! The skeletons that a template has needed so far, by shape.

use super::Images;
use super::skeleton::Skeleton;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use xxhash_rust::xxh3::Xxh3DefaultBuilder;

/// Most shapes kept per template. Which fields are empty makes the shape, and few combinations occur in one company.
const MAX_SHAPES: usize = 64;

type Made = Result<Arc<Skeleton>, String>;

/// Skeletons by shape, failures included: a template that cannot be shown fails quickly the second time.
#[derive(Debug, Default)]
pub(super) struct Cache {
    skeletons: RwLock<HashMap<Box<str>, Made, Xxh3DefaultBuilder>>,
}

impl Cache {
    /// The skeleton of a shape, made now if it is new.
    pub(super) fn skeleton(&self, shape: &str, images: &Images) -> Made {
        // A thread that panicked while it held the lock left the map whole: entries are put in at once.
        let found = self.skeletons.read().unwrap_or_else(PoisonError::into_inner).get(shape).cloned();
        if let Some(made) = found {
            return made;
        }
        // Made outside the lock: others go on meanwhile, and making one twice does no harm.
        let made = Skeleton::build(shape, images).map(Arc::new);
        let mut skeletons = self.skeletons.write().unwrap_or_else(PoisonError::into_inner);
        if skeletons.len() >= MAX_SHAPES
            && let Some(any) = skeletons.keys().next().cloned()
        {
            skeletons.remove(&any);
        }
        skeletons.insert(shape.into(), made.clone());
        made
    }
}
