//! Tokens that held, so that one which comes again with every draft is not verified again: the signature is by far the
//! dearest part of a request.

use super::keys::KeySet;
use super::token::{Subject, Window};
use quick_cache::sync::Cache;
use sha2::{Digest as _, Sha256};
use std::sync::{Arc, Weak};

/// Most tokens that are remembered: a company of ten thousand has one each, and each takes some 300 bytes.
const MAX_TOKENS: usize = 16_384;

/// SHA-256 of a whole token, signature included.
type Fingerprint = [u8; 32];

/// Tokens that held.
pub(super) struct Verified(Cache<Fingerprint, Arc<Held>>);

/// One that held.
pub(super) struct Held {
    /// The id of the key that it is signed with.
    pub(super) kid: String,
    /// By which keys it was verified: others may not have that one any more.
    pub(super) keys: Weak<KeySet>,
    pub(super) window: Window,
    pub(super) subject: Subject,
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
    /// Whose it is, while it holds with these keys at that time.
    pub(super) fn subject(&self, keys: &Arc<KeySet>, now_ms: i64) -> Option<Subject> {
        let is_same = std::ptr::eq(self.keys.as_ptr(), Arc::as_ptr(keys));
        (is_same && self.window.check(now_ms).is_ok()).then(|| self.subject.clone())
    }
}

fn fingerprint(token: &str) -> Fingerprint {
    Sha256::digest(token).into()
}
