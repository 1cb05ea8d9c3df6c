//! Hosted images in memory, for times when the database is unavailable: those of published designs, and those requested
//! recently.

use super::cache::Tenants;
use crate::store::{Error, StoredImage};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// Maximum size of images in memory, in bytes; the least recently requested ones are removed first.
const MAX_BYTES: u64 = 32 * 1024 * 1024;
/// Expected number of images, for the size of tables.
const MAX_IMAGES: usize = 1_000;
/// How long to wait for the database if the image is also in memory.
const PATIENCE: Duration = Duration::from_secs(1);

/// Which image.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    tenant: String,
    hash: String,
}

/// Images in memory, by tenant and hash. The image of a hash never changes.
#[derive(Debug)]
pub(super) struct Images(Cache<Key, Arc<StoredImage>, Bytes>);

/// Weighs an image by the size of its file.
#[derive(Clone, Debug)]
struct Bytes;

impl Weighter<Key, Arc<StoredImage>> for Bytes {
    fn weight(&self, key: &Key, image: &Arc<StoredImage>) -> u64 {
        (key.tenant.len() + key.hash.len() + image.content_type.len() + image.bytes.len()) as u64
    }
}

impl Default for Images {
    fn default() -> Self {
        Self(Cache::with_weighter(MAX_IMAGES, MAX_BYTES, Bytes))
    }
}

impl Tenants {
    /// The hosted image with this hash, current or replaced: from the database, or from memory while the database is
    /// unavailable.
    ///
    /// # Errors
    /// When the database does not answer and the image is not in memory.
    pub async fn image(&self, tenant: &str, hash: &str) -> Result<Option<Arc<StoredImage>>, Error> {
        let images = &self.0.images.0;
        let key = Key { tenant: tenant.to_owned(), hash: hash.to_owned() };
        let Some(kept) = images.get(&key) else {
            let found = self.0.store.image(tenant, hash).await?.map(Arc::new);
            if let Some(image) = &found {
                images.insert(key, Arc::clone(image));
            }
            return Ok(found);
        };
        // Asked although it is here: the image of a tenant that was deleted is to be gone.
        match tokio::time::timeout(PATIENCE, self.0.store.image(tenant, hash)).await {
            Ok(Ok(None)) => {
                images.remove(&key);
                Ok(None)
            }
            Ok(Ok(Some(_)) | Err(_)) | Err(_) => Ok(Some(kept)),
        }
    }

    /// Whether a hosted image is in memory.
    pub fn has_image(&self, tenant: &str, hash: &str) -> bool {
        self.0.images.0.peek(&Key { tenant: tenant.to_owned(), hash: hash.to_owned() }).is_some()
    }

    /// Loads images that new emails link to, in the background.
    pub(super) fn keep_images(&self, tenant: &str, hashes: BTreeSet<String>) {
        if hashes.is_empty() {
            return;
        }
        let (signing, tenant) = (self.clone(), tenant.to_owned());
        tokio::spawn(async move {
            for hash in hashes {
                let key = Key { tenant: tenant.clone(), hash };
                if signing.0.images.0.peek(&key).is_some() {
                    continue;
                }
                // One that cannot be read now is read when somebody asks for it.
                let Ok(Some(image)) = signing.0.store.image(&key.tenant, &key.hash).await else { continue };
                signing.0.images.0.insert(key, Arc::new(image));
            }
        });
    }
}
