//! The SQLite file itself: who may read it, room on its disk, whether it is still the same file, and its one server.

use crate::store::Error;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// What SQLite writes beside the database, by what is appended to its name: the write-ahead log and its index.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// Bytes that must fit on the disk when the database is opened: the index of the write-ahead log takes 32 KiB, and the
/// first transactions must fit into the log.
const ROOM: usize = 128 * 1024;

/// The file of an open database.
#[derive(Debug)]
pub(in crate::store) struct DatabaseFile {
    path: PathBuf,
    /// Which file the open connections are of.
    opened: Mutex<Option<Identity>>,
}

/// What a path leads to: device and inode, which stay the same when a file is renamed.
#[cfg(unix)]
type Identity = (u64, u64);
/// What a path leads to, by when it was created: other systems do not let an open file be replaced anyway.
#[cfg(not(unix))]
type Identity = Option<std::time::SystemTime>;

/// Held by the one server that works with a SQLite file. The system releases it when the process ends, however it ends.
#[derive(Debug)]
pub struct ServerLock(
    #[expect(dead_code, reason = "held, not used: closing the file is what releases the lock")] Option<File>,
);

impl DatabaseFile {
    /// The file at `path`, not looked at yet.
    pub(in crate::store) fn new(path: PathBuf) -> Self {
        Self { path, opened: Mutex::default() }
    }

    /// Creates the file when it is missing, readable by its owner alone; one that is there becomes so.
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

    /// That the disk has room for what opening needs. SQLite maps its log's index into memory, and a page of it that the
    /// disk cannot hold would end the process with SIGBUS.
    pub(in crate::store) fn ensure_room(&self) -> Result<(), Error> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let written = tempfile::tempfile_in(folder).and_then(|mut file| file.write_all(&vec![1; ROOM]));
        // Whatever else is wrong with the folder, SQLite has the better message.
        if written.is_err_and(|error| is_full(&error)) { Err(full()) } else { Ok(()) }
    }

    /// Takes what is at the path for the opened file.
    pub(in crate::store) fn opened(&self) {
        *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = identity(&self.path);
    }

    /// That the file is there and the one that was opened. An open file that was deleted goes on working, into nothing.
    pub(in crate::store) fn present(&self) -> Result<(), Error> {
        match identity(&self.path) {
            None => Err(Error::Unavailable(format!(
                "the database file {} is gone: put it back, from a backup if need be",
                self.path.display()
            ))),
            found if found == *self.opened.lock().unwrap_or_else(PoisonError::into_inner) => Ok(()),
            Some(_) => Err(Error::Unavailable(format!(
                "the database file {} was replaced: it is opened again within seconds",
                self.path.display()
            ))),
        }
    }

    /// What there is now in the place of the opened file, with its size and time: equal twice, nobody is writing it.
    pub(in crate::store) fn replacement(&self) -> Option<Replacement> {
        let found = identity(&self.path)?;
        if Some(found) == *self.opened.lock().unwrap_or_else(PoisonError::into_inner) {
            return None;
        }
        let state = |path: &Path| fs::metadata(path).ok().map(|data| (data.len(), data.modified().ok()));
        Some(Replacement { identity: found, states: [state(&self.path), state(&beside(&self.path, BESIDE[0]))] })
    }

    /// Takes the replacement for the opened file. No connection to the one before may be open.
    pub(in crate::store) fn accept(&self, replacement: &Replacement) {
        *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = Some(replacement.identity);
    }
}

/// A file in the place of the one that was opened.
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
        // A database has one lock, whatever links lead to it.
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
                    "the lock file {} cannot be opened: {error}. Check that its folder exists and may be written",
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
                    "another Paraph server (process {}) works with the database {}: stop it first, or give this one a \
                     database of its own with database.url. Several servers on one database need PostgreSQL",
                    id.trim(),
                    path.display()
                )));
            }
            // Some network file systems have no locks, and then nobody can be kept out.
            Err(TryLockError::Error(error)) => {
                tracing::warn!(%error, "the database's folder has no file locks: start no second server on it");
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
                Err(error) => tracing::warn!(%error, file = %file.display(), "others can read it: chmod 600"),
            }
        }
    }
}

#[cfg(not(unix))]
fn keep_private(_: &Path) {}
