//! The skeletons that a template has needed so far, by shape.

use super::Images;
use super::skeleton::Skeleton;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use xxhash_rust::xxh3::xxh3_64;

/// Most shapes kept per template. Which fields are empty makes the shape, and few combinations occur in one company.
const MAX_SHAPES: usize = 64;

type Made = Result<Arc<Skeleton>, String>;

/// Skeletons by shape, failures included: a template that cannot be shown fails quickly the second time.
#[derive(Debug, Default)]
pub(super) struct Cache {
    /// By the shape's hash; the shape itself tells of a collision, and then the newer one stays.
    skeletons: RwLock<HashMap<u64, (Box<str>, Made)>>,
}

impl Cache {
    /// The skeleton of a shape, made now if it is new.
    pub(super) fn skeleton(&self, shape: &str, images: &Images) -> Made {
        let hash = xxh3_64(shape.as_bytes());
        // A thread that panicked while it held the lock left the map whole: entries are put in at once.
        let skeletons = self.skeletons.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, made)) = skeletons.get(&hash)
            && **known == *shape
        {
            return made.clone();
        }
        drop(skeletons);
        // Made outside the lock: others go on meanwhile, and making one twice does no harm.
        let made = Skeleton::build(shape, images).map(Arc::new);
        let mut skeletons = self.skeletons.write().unwrap_or_else(PoisonError::into_inner);
        if skeletons.len() >= MAX_SHAPES
            && let Some(any) = skeletons.keys().next().copied()
        {
            skeletons.remove(&any);
        }
        skeletons.insert(hash, (shape.into(), made.clone()));
        made
    }
}
