//! Secrets on disk: XChaCha20-Poly1305 with the setting's name as associated data, so that one cannot be swapped for another.
//! The key is in a separate file, or comes from systemd.

use crate::{files, random};
use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Prefix of sealed texts: the version of key and cipher.
const START: &str = "1.";
const NONCE: usize = 24;
/// Name of the key file, next to the settings file or among systemd's credentials.
pub const KEY_FILE: &str = "paraph-connector.key";

/// A secret in memory. It is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A secret without surrounding white space, which copying often adds.
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// A secret with its white space, which passwords can contain.
    pub fn exact(text: String) -> Self {
        Self(text)
    }

    /// The secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Seals secrets and opens them again.
pub struct Sealer(XChaCha20Poly1305);

impl Sealer {
    /// Loads the key from systemd's credential [`KEY_FILE`] if there is one, else from this file, which is created if it is
    /// missing.
    ///
    /// # Errors
    /// When the key is not 32 bytes, when other users can read the file, or when it cannot be created.
    pub fn load(file: &Path) -> anyhow::Result<Self> {
        if let Some(file) = credential() {
            return Self::read(&file);
        }
        if !file.exists() {
            files::make_folder(file.parent().unwrap_or(Path::new(".")))?;
            let made =
                files::create(file).and_then(|mut made| writeln!(made, "{}", STANDARD.encode(random::bytes::<32>())));
            made.with_context(|| format!("the key file {} cannot be created", file.display()))?;
        }
        refuse_open(file)?;
        Self::read(file)
    }

    fn read(file: &Path) -> anyhow::Result<Self> {
        let place = || format!("the key file {}", file.display());
        let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", place()))?;
        Self::new(text.trim()).with_context(place)
    }

    /// The sealer with this key, in base64.
    fn new(key: &str) -> anyhow::Result<Self> {
        let key = STANDARD.decode(key).ok().filter(|key| key.len() == 32);
        let key =
            key.context("is not 32 bytes in base64: restore the right file, or delete it and enter the secrets again")?;
        Ok(Self(XChaCha20Poly1305::new_from_slice(&key)?))
    }

    /// Seals a secret for one setting, such as `database.password`; an empty one stays empty.
    pub fn seal(&self, secret: &Secret, setting: &str) -> String {
        if secret.0.is_empty() {
            return String::new();
        }
        let nonce = random::bytes::<NONCE>();
        let payload = Payload { msg: secret.0.as_bytes(), aad: setting.as_bytes() };
        // Fails only for texts of several gigabytes.
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload).unwrap_or_default();
        format!("{START}{}", STANDARD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Opens a secret that was sealed for this setting; `None` for an empty text.
    ///
    /// # Errors
    /// When it was sealed for another setting or with another key, or was typed into the file.
    pub fn open(&self, sealed: &str, setting: &str) -> anyhow::Result<Option<Secret>> {
        if sealed.is_empty() {
            return Ok(None);
        }
        let opened = self.try_open(sealed, setting).with_context(|| {
            format!(
                "{setting} cannot be decrypted with this machine's key: enter it again with paraph-connector configure"
            )
        })?;
        Ok(Some(opened))
    }

    fn try_open(&self, sealed: &str, setting: &str) -> Option<Secret> {
        let bytes = STANDARD.decode(sealed.strip_prefix(START)?).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
        let payload = Payload { msg: sealed, aad: setting.as_bytes() };
        let opened = self.0.decrypt(&XNonce::from(*nonce), payload).ok()?;
        String::from_utf8(opened).ok().map(Secret)
    }
}

/// The key that systemd provides (`LoadCredential=`), which only the service can read.
fn credential() -> Option<PathBuf> {
    let file = PathBuf::from(std::env::var_os("CREDENTIALS_DIRECTORY")?).join(KEY_FILE);
    file.is_file().then_some(file)
}

/// Refuses a key file that other users can read.
#[cfg(unix)]
fn refuse_open(file: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    /// The permissions of group and others.
    const OTHERS: u32 = 0o077;
    let mode = std::fs::metadata(file)?.permissions().mode();
    anyhow::ensure!(mode & OTHERS == 0, "other users can read {0}: run chmod 600 {0}", file.display());
    Ok(())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Unix; here the folder's permissions protect the file")]
fn refuse_open(_: &Path) -> anyhow::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_for_its_own_setting_with_its_own_key_only() {
        let folder = tempfile::tempdir().unwrap();
        let ours = Sealer::load(&folder.path().join(KEY_FILE)).unwrap();
        let secret = Secret::new(" s3cret\n");
        let sealed = ours.seal(&secret, "paraph.secret");
        assert_eq!(
            Sealer::load(&folder.path().join(KEY_FILE)).unwrap().open(&sealed, "paraph.secret").unwrap(),
            Some(secret.clone())
        );
        assert!(ours.open(&sealed, "database.password").is_err());
        assert!(
            Sealer::load(&tempfile::tempdir().unwrap().path().join(KEY_FILE))
                .unwrap()
                .open(&sealed, "paraph.secret")
                .is_err()
        );
        assert!(ours.open("s3cret", "paraph.secret").is_err());
        assert_eq!(ours.open("", "paraph.secret").unwrap(), None);
        assert_ne!(ours.seal(&secret, "paraph.secret"), sealed);
        assert!(!format!("{secret:?}").contains("s3cret"));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        Sealer::load(&folder.path().join(KEY_FILE)).unwrap();
        let file = folder.path().join(KEY_FILE);
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
        assert!(Sealer::load(&folder.path().join(KEY_FILE)).err().unwrap().to_string().contains("chmod 600"));
    }
}
