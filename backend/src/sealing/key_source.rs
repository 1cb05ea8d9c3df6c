//! Where the keys that seal secrets are kept: in the settings, or in a file next to the SQLite database.

use super::sealer::{Key, Ring};
use crate::config::{Config, Database};
use anyhow::Context as _;
use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where keys are kept.
#[derive(Clone)]
pub enum KeySource {
    /// `secrets.key`, and `secrets.previous_key` unless that is empty.
    Settings(String, String),
    /// A file with a key a line, the present one first.
    File(PathBuf),
}

impl fmt::Debug for KeySource {
    /// Without any key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settings(..) => f.write_str("the setting secrets.key"),
            Self::File(file) => write!(f, "the key file {}", file.display()),
        }
    }
}

impl KeySource {
    /// Where this server's keys are.
    ///
    /// # Errors
    /// When there is no `secrets.key`, and no SQLite file next to which a key file could be.
    pub fn of(config: &Config) -> anyhow::Result<Self> {
        let secrets = &config.secrets;
        if !secrets.key.is_empty() {
            return Ok(Self::Settings(secrets.key.clone(), secrets.previous_key.clone()));
        }
        anyhow::ensure!(
            secrets.previous_key.is_empty(),
            "secrets.previous_key is set but secrets.key is empty: set secrets.key to the key that replaces it"
        );
        key_file(&config.database)
            .map(Self::File)
            .context("secrets.key is empty: write 32 bytes in base64 (openssl rand -base64 32), the same on every node")
    }

    /// The keys; `None`: the file does not exist.
    ///
    /// # Errors
    /// When others can read the file, or it cannot be read at all or does not contain a key.
    pub fn read(&self) -> anyhow::Result<Option<Ring>> {
        let keys = match self {
            Self::Settings(key, previous) => {
                let previous = Some(previous).filter(|previous| !previous.is_empty());
                let previous = previous.map(|key| Key::parse(key).context("secrets.previous_key")).transpose()?;
                let mut keys = vec![Arc::new(Key::parse(key).context("secrets.key")?)];
                keys.extend(previous.map(Arc::new));
                keys
            }
            Self::File(file) => {
                let text = match std::fs::read_to_string(file) {
                    Ok(text) => text,
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
                    Err(error) => return Err(error).with_context(|| format!("{self} cannot be read")),
                };
                refuse_open(file)?;
                let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
                let keys = lines.map(|line| Key::parse(line).map(Arc::new)).collect::<Result<Vec<_>, _>>();
                keys.with_context(|| format!("{self} is damaged: restore it from your backup"))?
            }
        };
        Ring::new(keys).map(Some).with_context(|| format!("{self} is empty: restore it from your backup"))
    }

    /// Creates the file with these keys unless it exists; the first file wins.
    ///
    /// # Errors
    /// When the file cannot be written. Nothing is left of it then.
    pub fn create(&self, keys: &[Arc<Key>]) -> anyhow::Result<()> {
        let Self::File(file) = self else { anyhow::bail!("{self} is not a file") };
        match self.prepared(file, keys)?.persist_noclobber(file) {
            Err(error) if error.error.kind() != std::io::ErrorKind::AlreadyExists => {
                Err(error.error).with_context(|| format!("{self} cannot be created"))
            }
            _ => self.settle(file),
        }
    }

    /// Replaces the file with one that has these keys, all or nothing.
    ///
    /// # Errors
    /// When the file cannot be written. The one before is unchanged then.
    pub fn replace(&self, keys: &[Arc<Key>]) -> anyhow::Result<()> {
        let Self::File(file) = self else { anyhow::bail!("{self} is not a file") };
        self.prepared(file, keys)?.persist(file).with_context(|| format!("{self} cannot be written"))?;
        self.settle(file)
    }

    /// Waits until the file's name is on disk, too: a database that outlives the loss of power must not outlive its key.
    fn settle(&self, file: &Path) -> anyhow::Result<()> {
        if cfg!(unix) {
            let synced = std::fs::File::open(folder(file)).and_then(|folder| folder.sync_all());
            synced.with_context(|| format!("{self} cannot be stored"))?;
        }
        Ok(())
    }

    /// The file under another name, on disk. Temporary files are made for their owner alone.
    fn prepared(&self, file: &Path, keys: &[Arc<Key>]) -> anyhow::Result<tempfile::NamedTempFile> {
        let written = || -> std::io::Result<_> {
            let mut new = tempfile::NamedTempFile::new_in(folder(file))?;
            for key in keys {
                writeln!(new, "{}", key.text())?;
            }
            new.as_file().sync_all()?;
            Ok(new)
        };
        written().with_context(|| format!("{self} cannot be written"))
    }
}

/// The folder that a file is in.
fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Where the key of a SQLite database is kept.
fn key_file(database: &Database) -> Option<PathBuf> {
    let name = database.url.strip_prefix("sqlite:")?.trim_start_matches("//").split('?').next()?;
    if name.is_empty() || name == ":memory:" {
        return None;
    }
    Some(Path::new(name).with_file_name("paraph.key"))
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
