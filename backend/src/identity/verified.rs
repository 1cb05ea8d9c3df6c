//! Cache of valid tokens, so that a token that is sent with every draft is verified once: checking the signature is by far
//! the most expensive part of a request.

use super::keys::KeySet;
use super::token::{Subject, Window};
use quick_cache::sync::Cache;
use sha2::{Digest as _, Sha256};
use std::sync::{Arc, Weak};

/// Maximum number of cached tokens: a company of 10,000 people has one each, and each takes about 300 bytes.
const MAX_TOKENS: usize = 16_384;

/// SHA-256 of a complete token, including the signature.
type Fingerprint = [u8; 32];

/// Valid tokens.
pub(super) struct Verified(Cache<Fingerprint, Arc<Held>>);

/// A valid token.
pub(super) struct Held {
    /// Id of the key that signed it.
    pub(super) kid: Arc<str>,
    /// The keys that verified it; newer ones may no longer include that key.
    pub(super) keys: Weak<KeySet>,
    pub(super) window: Window,
    pub(super) subject: Arc<Subject>,
}

impl Default for Verified {
    fn default() -> Self {
        Self(Cache::new(MAX_TOKENS))
    }
}

impl Verified {
    pub(super) fn get(&self, token: &str) -> Option<Arc<Held>> {
        self.0.get(&fingerprint(token))
    }

    pub(super) fn keep(&self, token: &str, held: Held) {
        self.0.insert(fingerprint(token), Arc::new(held));
    }
}

impl Held {
    /// The token's user, if the token is still valid with these keys at this time.
    pub(super) fn subject(&self, keys: &Arc<KeySet>, now_ms: i64) -> Option<Arc<Subject>> {
        let is_same = std::ptr::eq(self.keys.as_ptr(), Arc::as_ptr(keys));
        (is_same && self.window.check(now_ms).is_ok()).then(|| Arc::clone(&self.subject))
    }
}

fn fingerprint(token: &str) -> Fingerprint {
    Sha256::digest(token).into()
}
