//! Secrets on disk: XChaCha20-Poly1305 with the setting's name as associated data, so that one cannot be put in another's
//! place. The key lies in a file of its own, or comes from systemd.

use crate::{files, random};
use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// What sealed texts begin with: which key and cipher, should there ever be another.
const START: &str = "1.";
const NONCE: usize = 24;
/// The key's file, beside the settings or among systemd's credentials.
pub const KEY_FILE: &str = "paraph-connector.key";

/// A secret in memory. It is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes in a secret, without the spaces and line ends that copying leaves around it.
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// As it was, spaces and all: passwords may have them.
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
    /// The sealer whose key is systemd's credential [`KEY_FILE`] where there is one, else in this file, which is made when it
    /// is missing.
    ///
    /// # Errors
    /// When the key is no 32 bytes, others can read the file, or it cannot be made.
    pub fn load(file: &Path) -> anyhow::Result<Self> {
        if let Some(file) = credential() {
            return Self::read(&file);
        }
        if !file.exists() {
            files::make_folder(file.parent().unwrap_or(Path::new(".")))?;
            let made =
                files::create(file).and_then(|mut made| writeln!(made, "{}", STANDARD.encode(random::bytes::<32>())));
            made.with_context(|| format!("the key file {} cannot be made", file.display()))?;
        }
        refuse_open(file)?;
        Self::read(file)
    }

    fn read(file: &Path) -> anyhow::Result<Self> {
        let place = || format!("the key file {}", file.display());
        let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", place()))?;
        Self::new(text.trim()).with_context(place)
    }

    /// The sealer with this key, base64.
    fn new(key: &str) -> anyhow::Result<Self> {
        let key = STANDARD.decode(key).ok().filter(|key| key.len() == 32);
        let key =
            key.context("is no 32 bytes in base64: put the right one back, or remove it and enter the secrets again")?;
        Ok(Self(XChaCha20Poly1305::new_from_slice(&key)?))
    }

    /// Seals a secret for one setting, such as `database.password`; an empty one stays empty.
    pub fn seal(&self, secret: &Secret, setting: &str) -> String {
        if secret.0.is_empty() {
            return String::new();
        }
        let nonce = random::bytes::<NONCE>();
        let payload = Payload { msg: secret.0.as_bytes(), aad: setting.as_bytes() };
        // Fails for texts of gigabytes only.
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload).unwrap_or_default();
        format!("{START}{}", STANDARD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Opens what was sealed for this setting; `None` where there is none.
    ///
    /// # Errors
    /// When it was sealed for another setting or with another key, or was written by hand.
    pub fn open(&self, sealed: &str, setting: &str) -> anyhow::Result<Option<Secret>> {
        if sealed.is_empty() {
            return Ok(None);
        }
        let opened = self.try_open(sealed, setting).with_context(|| {
            format!("{setting} does not open with this machine's key: enter it again with paraph-connector configure")
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

/// The key that systemd gives (`LoadCredential=`), readable by the service alone.
fn credential() -> Option<PathBuf> {
    let file = PathBuf::from(std::env::var_os("CREDENTIALS_DIRECTORY")?).join(KEY_FILE);
    file.is_file().then_some(file)
}

/// A key that others can read is no secret.
#[cfg(unix)]
fn refuse_open(file: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    /// The permissions of group and others.
    const OTHERS: u32 = 0o077;
    let mode = std::fs::metadata(file)?.permissions().mode();
    anyhow::ensure!(mode & OTHERS == 0, "others can read {0}: chmod 600 {0}", file.display());
    Ok(())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "on Unix it can fail; here the folder's rights protect it")]
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
