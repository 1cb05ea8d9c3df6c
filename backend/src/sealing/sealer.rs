//! Secrets at rest: XChaCha20-Poly1305, with the place that a secret belongs to as associated data, so that one cannot be
//! moved to another row or column. A sealed text names its key, so that a key can be replaced by another one.

use super::key_source::KeySource;
use crate::random;
use anyhow::Context as _;
use arc_swap::ArcSwap;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What texts begin with that were sealed before they named their key.
const UNNAMED: &str = "1.";
/// What sealed texts begin with; the key's id follows, and another dot.
const NAMED: &str = "2.";
const NONCE: usize = 24;

/// One key.
pub struct Key {
    /// What sealed texts call it, 16 hexadecimal digits: derived from the key, and says nothing about it.
    id: String,
    cipher: XChaCha20Poly1305,
    /// Where keys for other purposes come from.
    root: hmac::Key,
    /// As the key file holds it.
    text: String,
}

impl std::fmt::Debug for Key {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Key {
    /// The key with this text, 32 bytes in base64.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let key = STANDARD.decode(text).ok().filter(|key| key.len() == 32);
        let key =
            key.context("this is not a key: a key is 32 bytes in base64 (openssl rand -base64 32 creates one)")?;
        let root = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let id = format!("{:016x}", u64::from_be_bytes(std::array::from_fn(|at| derive(&root, "id")[at])));
        Ok(Self { id, cipher: XChaCha20Poly1305::new_from_slice(&key)?, root, text: text.to_owned() })
    }

    /// A new key.
    ///
    /// # Errors
    /// Never for what the operating system calls random.
    pub fn generate() -> anyhow::Result<Self> {
        Self::parse(&STANDARD.encode(random::bytes::<32>()))
    }

    /// What sealed texts call it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// As the key file holds it. A secret.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// A key for another purpose: who knows it knows neither this one nor those for other purposes.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        derive(&self.root, purpose)
    }

    /// Seals a secret for one place, such as `accounts.totp/ID`.
    pub fn seal(&self, secret: &[u8], place: &str) -> String {
        let nonce = random::bytes::<NONCE>();
        let payload = Payload { msg: secret, aad: place.as_bytes() };
        // Fails for texts of gigabytes only.
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload).unwrap_or_default();
        format!("{}{}", self.start(), STANDARD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// What texts begin with that this key sealed.
    pub fn start(&self) -> String {
        format!("{NAMED}{}.", self.id)
    }

    /// Opens what this key sealed for this place.
    pub fn open(&self, sealed: &str, place: &str) -> Option<Vec<u8>> {
        let text = sealed.strip_prefix(&self.start()).or_else(|| sealed.strip_prefix(UNNAMED))?;
        let bytes = STANDARD.decode(text).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
        self.cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: place.as_bytes() }).ok()
    }
}

fn derive(root: &hmac::Key, purpose: &str) -> [u8; 32] {
    let tag = hmac::sign(root, format!("paraph key for {purpose}").as_bytes());
    let mut key = [0; 32];
    key.copy_from_slice(tag.as_ref());
    key
}

/// The keys that a server has: one seals, each opens.
#[derive(Clone, Debug)]
pub struct Ring {
    keys: Vec<Arc<Key>>,
    current: usize,
}

impl Ring {
    /// A ring whose first key seals; `None` without any key.
    pub fn new(keys: Vec<Arc<Key>>) -> Option<Self> {
        (!keys.is_empty()).then_some(Self { keys, current: 0 })
    }

    /// The key that seals.
    pub fn current(&self) -> &Arc<Key> {
        &self.keys[self.current]
    }

    /// Every key, in the order of the configuration or the key file.
    pub fn keys(&self) -> &[Arc<Key>] {
        &self.keys
    }

    /// The same ring with the key that sealed this text for this place as the one that seals; `None`: it was none of these.
    pub fn that_opens(&self, sealed: &str, place: &str) -> Option<Self> {
        let current = self.keys.iter().position(|key| key.open(sealed, place).is_some())?;
        Some(Self { current, ..self.clone() })
    }

    /// Opens what one of the keys sealed for this place.
    pub fn open(&self, sealed: &str, place: &str) -> Option<Vec<u8>> {
        self.keys.iter().find_map(|key| key.open(sealed, place))
    }

    /// These keys, and behind them those of `other` that are not among them.
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        let mut keys = self.keys.clone();
        let more = other.keys.iter().filter(|key| self.keys.iter().all(|known| known.id != key.id));
        keys.extend(more.cloned());
        Self { keys, current: self.current }
    }
}

/// Seals secrets and opens them again, with a ring that can be replaced while the server runs.
#[derive(Debug)]
pub struct Sealer {
    ring: ArcSwap<Ring>,
    source: KeySource,
    /// Whether the database was last seen with a key that is not in the ring.
    mismatched: AtomicBool,
}

impl Sealer {
    /// The sealer with this ring, which came from `source`.
    pub fn new(ring: Ring, source: KeySource) -> Self {
        Self { ring: ArcSwap::from_pointee(ring), source, mismatched: AtomicBool::new(false) }
    }

    /// The keys as they are now.
    pub fn ring(&self) -> Arc<Ring> {
        self.ring.load_full()
    }

    /// Where the keys come from.
    pub fn source(&self) -> &KeySource {
        &self.source
    }

    /// Replaces the keys: the database was found to be sealed with the current one of `ring`.
    pub fn replace(&self, ring: Ring) {
        self.ring.store(Arc::new(ring));
    }

    /// Notes whether the database is sealed with a key that is not ours.
    pub fn set_mismatched(&self, mismatched: bool) -> bool {
        self.mismatched.swap(mismatched, Ordering::Relaxed)
    }

    /// Whether the database is sealed with a key other than ours: other servers could not open what we seal now.
    pub fn is_mismatched(&self) -> bool {
        self.mismatched.load(Ordering::Relaxed)
    }

    /// Seals a secret for one place, such as `accounts.totp/ID`.
    pub fn seal(&self, secret: &[u8], place: &str) -> String {
        self.ring.load().current().seal(secret, place)
    }

    /// Opens what was sealed for this place; `None`: it was not, or with a key that is not ours.
    pub fn open(&self, sealed: &str, place: &str) -> Option<Vec<u8>> {
        self.ring.load().open(sealed, place).or_else(|| self.reloaded(sealed)?.open(sealed, place))
    }

    /// The ring with the keys that the key file has now, when `sealed` names a key that we do not have: somebody may have
    /// replaced the key just now.
    fn reloaded(&self, sealed: &str) -> Option<Ring> {
        let id = sealed.strip_prefix(NAMED)?.split_once('.')?.0;
        let ring = self.ring();
        if ring.keys.iter().any(|key| key.id == id) {
            return None;
        }
        Some(ring.with(&self.source.read().ok()??))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> Arc<Key> {
        Arc::new(Key::parse(&STANDARD.encode([byte; 32])).unwrap())
    }

    #[test]
    fn a_secret_opens_in_its_own_place_with_its_own_key_only() {
        let (ours, theirs) = (key(7), key(8));
        let sealed = ours.seal(b"secret", "accounts.totp/ada");
        assert_eq!(ours.open(&sealed, "accounts.totp/ada").as_deref(), Some(b"secret".as_slice()));
        assert_eq!(ours.open(&sealed, "accounts.totp/grace"), None);
        assert_eq!(theirs.open(&sealed, "accounts.totp/ada"), None);
        for broken in ["", "1.", "2.", &ours.start(), &sealed[2..], &sealed.replace(ours.id(), theirs.id())] {
            assert_eq!(ours.open(broken, "accounts.totp/ada"), None, "{broken}");
        }
        assert_ne!(ours.seal(b"secret", "accounts.totp/ada"), sealed);
    }

    #[test]
    fn what_was_sealed_before_texts_named_their_key_still_opens() {
        let (ours, theirs) = (key(7), key(8));
        let sealed = ours.seal(b"secret", "accounts.totp/ada").replace(&ours.start(), UNNAMED);
        let ring = Ring::new(vec![Arc::clone(&theirs), Arc::clone(&ours)]).unwrap();
        assert_eq!(ring.open(&sealed, "accounts.totp/ada").as_deref(), Some(b"secret".as_slice()));
        assert_eq!(ring.that_opens(&sealed, "accounts.totp/ada").unwrap().current().id(), ours.id());
        assert!(Ring::new(vec![theirs]).unwrap().that_opens(&sealed, "accounts.totp/ada").is_none());
    }

    #[test]
    fn each_purpose_has_a_key_of_its_own() {
        let (ours, theirs) = (key(7), key(8));
        assert_eq!(ours.derive("links"), ours.derive("links"));
        assert_ne!(ours.derive("links"), ours.derive("other"));
        assert_ne!(ours.derive("links"), theirs.derive("links"));
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        assert!(Key::parse(&STANDARD.encode([7; 31])).is_err());
        assert!(Key::parse("not base64").is_err());
        assert!(Key::parse("").is_err());
    }
}
