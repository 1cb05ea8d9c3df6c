//! Secrets at rest: XChaCha20-Poly1305, with the place that a secret belongs to as associated data, so that one cannot be
//! moved to another row or column.

use crate::config::{Config, Database};
use crate::random;
use anyhow::Context as _;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// What sealed texts begin with: which key and cipher, should there ever be another.
const START: &str = "1.";
const NONCE: usize = 24;

/// Seals secrets and opens them again.
pub struct Sealer {
    cipher: XChaCha20Poly1305,
    /// Where keys for other purposes come from.
    root: hmac::Key,
}

impl std::fmt::Debug for Sealer {
    /// Without any key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealer").finish_non_exhaustive()
    }
}

impl Sealer {
    /// The sealer of `secrets.key`, or of the file beside the SQLite database, which is made when it is missing.
    ///
    /// # Errors
    /// When the key is no 32 bytes, the file can be read by others or cannot be made, or neither is there.
    pub fn load(config: &Config) -> anyhow::Result<Self> {
        if !config.secrets.key.is_empty() {
            return Self::new(&config.secrets.key).context("secrets.key");
        }
        let Some(file) = key_file(&config.database) else {
            anyhow::bail!(
                "secrets.key is empty: write 32 bytes in base64 (openssl rand -base64 32), the same on every node"
            )
        };
        if !file.exists() {
            make(&file).with_context(|| format!("the key file {} cannot be made", file.display()))?;
        }
        refuse_open(&file)?;
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("the key file {} cannot be read", file.display()))?;
        Self::new(text.trim()).with_context(|| format!("the key file {}", file.display()))
    }

    /// Whether [`Sealer::load`] would work; makes nothing.
    ///
    /// # Errors
    /// As [`Sealer::load`].
    pub fn check(config: &Config) -> anyhow::Result<()> {
        let file = key_file(&config.database).filter(|_| config.secrets.key.is_empty());
        if file.is_some_and(|file| !file.exists()) { Ok(()) } else { Self::load(config).map(drop) }
    }

    /// The sealer with this key, base64.
    fn new(key: &str) -> anyhow::Result<Self> {
        let key = STANDARD.decode(key).ok().filter(|key| key.len() == 32);
        let key = key.context("is no 32 bytes in base64: make one with openssl rand -base64 32")?;
        Ok(Self { cipher: XChaCha20Poly1305::new_from_slice(&key)?, root: hmac::Key::new(hmac::HMAC_SHA256, &key) })
    }

    /// A key for another purpose: who knows it knows neither this one nor those for other purposes.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        let tag = hmac::sign(&self.root, format!("paraph key for {purpose}").as_bytes());
        let mut key = [0; 32];
        key.copy_from_slice(tag.as_ref());
        key
    }

    /// Seals a secret for one place, such as `accounts.totp/ID`.
    pub fn seal(&self, secret: &[u8], place: &str) -> String {
        let nonce = random::bytes::<NONCE>();
        let payload = Payload { msg: secret, aad: place.as_bytes() };
        // Fails for texts of gigabytes only.
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload).unwrap_or_default();
        format!("{START}{}", STANDARD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Opens what was sealed for this place; `None`: it was not, or with another key.
    pub fn open(&self, sealed: &str, place: &str) -> Option<Vec<u8>> {
        let bytes = STANDARD.decode(sealed.strip_prefix(START)?).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
        self.cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: place.as_bytes() }).ok()
    }
}

/// Where the key of a SQLite database is kept.
fn key_file(database: &Database) -> Option<PathBuf> {
    let name = database.url.strip_prefix("sqlite:")?.trim_start_matches("//").split('?').next()?;
    if name.is_empty() || name == ":memory:" {
        return None;
    }
    Some(Path::new(name).with_file_name("paraph.key"))
}

fn make(file: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    writeln!(options.open(file)?, "{}", STANDARD.encode(random::bytes::<32>()))
}

/// The permissions of group and others.
#[cfg(unix)]
const OTHERS: u32 = 0o077;

/// A key that others can read is no secret.
#[cfg(unix)]
fn refuse_open(file: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(file)?.permissions().mode();
    anyhow::ensure!((mode & OTHERS).count_ones() == 0, "others can read {0}: chmod 600 {0}", file.display());
    Ok(())
}

#[cfg(not(unix))]
fn refuse_open(_: &Path) -> anyhow::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_in_its_own_place_with_its_own_key_only() {
        let ours = Sealer::new(&STANDARD.encode([7; 32])).unwrap();
        let theirs = Sealer::new(&STANDARD.encode([8; 32])).unwrap();
        let sealed = ours.seal(b"secret", "accounts.totp/ada");
        assert_eq!(ours.open(&sealed, "accounts.totp/ada").as_deref(), Some(b"secret".as_slice()));
        assert_eq!(ours.open(&sealed, "accounts.totp/grace"), None);
        assert_eq!(theirs.open(&sealed, "accounts.totp/ada"), None);
        assert_eq!(ours.open("1.", "accounts.totp/ada"), None);
        assert_ne!(ours.seal(b"secret", "accounts.totp/ada"), sealed);
    }

    #[test]
    fn each_purpose_has_a_key_of_its_own() {
        let ours = Sealer::new(&STANDARD.encode([7; 32])).unwrap();
        let theirs = Sealer::new(&STANDARD.encode([8; 32])).unwrap();
        assert_eq!(ours.derive("links"), ours.derive("links"));
        assert_ne!(ours.derive("links"), ours.derive("other"));
        assert_ne!(ours.derive("links"), theirs.derive("links"));
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        assert!(Sealer::new(&STANDARD.encode([7; 31])).is_err());
        assert!(Sealer::new("not base64").is_err());
    }
}
