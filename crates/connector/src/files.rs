//! The connector's own files: written atomically, readable by their owner only, and a lock for one program at a time.

use anyhow::Context as _;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

/// Writes a file that only its owner can read: to a temporary file in the same folder, which then replaces it.
///
/// # Errors
/// When the folder cannot be written to.
pub fn write(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let place = || format!("{} cannot be written", path.display());
    let mut file = tempfile::Builder::new().prefix(".paraph-").tempfile_in(folder).with_context(place)?;
    file.write_all(content).with_context(place)?;
    file.as_file().sync_all().with_context(place)?;
    as_the_folders_owner(file.path(), folder);
    file.persist(path).with_context(place)?;
    Ok(())
}

/// Creates a folder that only its owner can read, with its parents; an existing one is left unchanged.
///
/// # Errors
/// When it cannot be created.
pub fn make_folder(path: &Path) -> anyhow::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).with_context(|| format!("the folder {} cannot be created", path.display()))?;
    if let Some(above) = path.parent() {
        as_the_folders_owner(path, above);
    }
    Ok(())
}

/// Creates a file that only its owner can read.
///
/// # Errors
/// When it exists already or cannot be created.
pub fn create(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    if let Some(folder) = path.parent() {
        as_the_folders_owner(path, folder);
    }
    Ok(file)
}

/// Gives a file that an admin writes as root to the account that the service runs as, which owns the folder. Without root,
/// both have the same owner already.
#[cfg(unix)]
fn as_the_folders_owner(path: &Path, folder: &Path) {
    use std::os::unix::fs::MetadataExt as _;
    if let (Ok(own), Ok(folder)) = (path.metadata(), folder.metadata())
        && own.uid() != folder.uid()
    {
        // If this is not permitted, the service reports that it cannot read the file, and what to do.
        let _ = std::os::unix::fs::chown(path, Some(folder.uid()), Some(folder.gid()));
    }
}

#[cfg(not(unix))]
fn as_the_folders_owner(_: &Path, _: &Path) {}

/// Lock on a data folder; the system releases it however the program ends.
pub struct Lock(#[expect(dead_code, reason = "held, not read")] File);

/// Locks the data folder; `None` when another program holds the lock.
///
/// # Errors
/// When the file cannot be created.
pub fn lock(path: &Path) -> anyhow::Result<Option<Lock>> {
    let place = || format!("the lock file {} cannot be created", path.display());
    let file = match create(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            OpenOptions::new().read(true).write(true).open(path)
        }
        made => made,
    };
    let file = file.with_context(place)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Lock(file))),
        Err(std::fs::TryLockError::WouldBlock) => Ok(None),
        Err(std::fs::TryLockError::Error(error)) => Err(error).with_context(place),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_ours_alone_and_replaces_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings");
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_folder_is_taken_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = lock(&path).unwrap();
        assert!(first.is_some());
        assert!(lock(&path).unwrap().is_none());
        drop(first);
        assert!(lock(&path).unwrap().is_some());
    }
}
