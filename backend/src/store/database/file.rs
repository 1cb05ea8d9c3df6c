//! The SQLite file: its permissions, free disk space, detection of a replaced file, and the lock for one server.

use crate::store::Error;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Suffixes of the files that SQLite writes next to the database: the write-ahead log and its index.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// Free bytes that the disk must have when the database is opened: the index of the write-ahead log needs 32 KiB, and the
/// first transactions must fit into the log.
const ROOM: usize = 128 * 1024;

/// The file of an open database.
#[derive(Debug)]
pub(in crate::store) struct DatabaseFile {
    path: PathBuf,
    /// The file that the open connections use.
    opened: Mutex<Option<Identity>>,
}

/// Identity of the file at a path: device and inode, which stay the same when a file is renamed.
#[cfg(unix)]
type Identity = (u64, u64);
/// Identity of the file at a path: its creation time. Other systems do not allow replacing an open file anyway.
#[cfg(not(unix))]
type Identity = Option<std::time::SystemTime>;

/// Lock of the one server that uses a SQLite file. The system releases it when the process ends, however it ends.
#[derive(Debug)]
pub struct ServerLock(
    #[expect(dead_code, reason = "held, not used: closing the file is what releases the lock")] Option<File>,
);

impl DatabaseFile {
    /// The file at `path`, without checking it.
    pub(in crate::store) fn new(path: PathBuf) -> Self {
        Self { path, opened: Mutex::default() }
    }

    /// Creates the file if it is missing, and makes it readable by its owner only.
    pub(in crate::store) fn create(&self) -> Result<(), Error> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&self.path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => keep_private(&self.path),
            Err(error) if is_full(&error) => return Err(full()),
            // SQLite has the better message for what is wrong with a folder.
            _ => {}
        }
        Ok(())
    }

    /// Checks that the disk has enough space to open the database. SQLite maps its log's index into memory, and a page that
    /// does not fit on the disk would end the process with SIGBUS.
    pub(in crate::store) fn ensure_room(&self) -> Result<(), Error> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let written = tempfile::tempfile_in(folder).and_then(|mut file| file.write_all(&vec![1; ROOM]));
        // Whatever else is wrong with the folder, SQLite has the better message.
        if written.is_err_and(|error| is_full(&error)) { Err(full()) } else { Ok(()) }
    }

    /// Records the file at the path as the opened one.
    pub(in crate::store) fn opened(&self) {
        *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = identity(&self.path);
    }

    /// Checks that the file exists and is the opened one. Writes to a deleted file would still succeed but be lost.
    pub(in crate::store) fn present(&self) -> Result<(), Error> {
        match identity(&self.path) {
            None => Err(Error::Unavailable(format!(
                "the database file {} is missing: restore it, if necessary from a backup",
                self.path.display()
            ))),
            found if found == *self.opened.lock().unwrap_or_else(PoisonError::into_inner) => Ok(()),
            Some(_) => Err(Error::Unavailable(format!(
                "the database file {} was replaced: it will be reopened within seconds",
                self.path.display()
            ))),
        }
    }

    /// The file that replaced the opened one, with its size and time; if they are equal twice, nobody is writing it.
    pub(in crate::store) fn replacement(&self) -> Option<Replacement> {
        let found = identity(&self.path)?;
        if Some(found) == *self.opened.lock().unwrap_or_else(PoisonError::into_inner) {
            return None;
        }
        let state = |path: &Path| fs::metadata(path).ok().map(|data| (data.len(), data.modified().ok()));
        Some(Replacement { identity: found, states: [state(&self.path), state(&beside(&self.path, BESIDE[0]))] })
    }

    /// Records the replacement as the opened file. No connection to the previous file may be open.
    pub(in crate::store) fn accept(&self, replacement: &Replacement) {
        *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = Some(replacement.identity);
    }
}

/// A file that replaced the opened one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct Replacement {
    identity: Identity,
    /// Length and time of the database and its write-ahead log.
    states: [Option<(u64, Option<std::time::SystemTime>)>; 2],
}

impl ServerLock {
    /// Takes the lock of the database at `path`, which need not exist yet.
    ///
    /// # Errors
    /// When another server has it, or the lock file cannot be made.
    pub(in crate::store) fn take(path: &Path) -> Result<Self, Error> {
        // Resolves links, so that a database has only one lock.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let lock = beside(&path, "-server");
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = match options.open(&lock) {
            Ok(file) => file,
            Err(error) if is_full(&error) => return Err(full()),
            Err(error) => {
                return Err(Error::Unavailable(format!(
                    "the lock file {} cannot be opened: {error}. Check that its folder exists and is writable",
                    lock.display()
                )));
            }
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut id = String::new();
                let _ = file.read_to_string(&mut id);
                return Err(Error::Unavailable(format!(
                    "another Paraph server (process {}) is using the database {}: stop it first, or set another \
                     database in database.url for this one. Several servers on one database need PostgreSQL",
                    id.trim(),
                    path.display()
                )));
            }
            // Some network file systems do not support locks, so other servers cannot be kept out.
            Err(TryLockError::Error(error)) => {
                tracing::warn!(%error, "the database's folder does not support file locks: do not start a second \
                    server on it");
                return Ok(Self(None));
            }
        }
        // For the message alone: a full disk must not stop a server here.
        let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Self(Some(file)))
    }

    /// The lock of a database that needs none.
    pub(in crate::store) const fn none() -> Self {
        Self(None)
    }
}

fn is_full(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
}

fn full() -> Error {
    Error::Unavailable(crate::store::error::FULL.into())
}

fn beside(database: &Path, end: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(end);
    name.into()
}

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(path).ok().map(|data| (data.dev(), data.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> Option<Identity> {
    fs::metadata(path).ok().map(|data| data.created().ok())
}

/// Takes the permissions of group and others away: the database holds password hashes and sealed secrets. SQLite gives the
/// files beside it the same permissions when it makes them.
#[cfg(unix)]
fn keep_private(database: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    for file in [database.to_owned(), beside(database, BESIDE[0]), beside(database, BESIDE[1])] {
        let Ok(data) = fs::metadata(&file) else { continue };
        let mode = data.permissions().mode();
        if data.is_file() && mode & 0o077 != 0 {
            let private = fs::Permissions::from_mode(mode & 0o700);
            match fs::set_permissions(&file, private) {
                Ok(()) => tracing::info!(file = %file.display(), "only its owner can read it now"),
                Err(error) => tracing::warn!(%error, file = %file.display(), "other users can read it: run chmod 600"),
            }
        }
    }
}

#[cfg(not(unix))]
fn keep_private(_: &Path) {}
