//! Ways to have no room on a disk.

use crate::serving::Serving;
use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

/// A file system of 8 MiB of its own. Dropping it takes it away.
#[derive(Debug)]
pub struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    /// A small disk, where this user may mount one.
    ///
    /// # Panics
    /// When there is no folder to be had.
    pub fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"]).arg(folder.path()).output();
        mounted.is_ok_and(|output| output.status.success()).then(|| Self { folder })
    }

    /// Where it is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Fills all of it but so many bytes.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn fill(&self, but: usize) {
        self.free();
        std::fs::write(self.path("room"), vec![1; but]).unwrap();
        let mut filler = File::create(self.path("filler")).unwrap();
        let full = loop {
            if let Err(error) = filler.write_all(&[1; 4096]) {
                break error;
            }
        };
        assert_eq!(full.kind(), ErrorKind::StorageFull);
        std::fs::remove_file(self.path("room")).unwrap();
    }

    /// Makes room again.
    pub fn free(&self) {
        let _ = std::fs::remove_file(self.path("filler"));
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a server that is still being killed may have files open.
        let _ = Command::new("umount").arg("-l").arg(self.folder.path()).status();
    }
}

/// Makes a command able to meet [`limit_files`]: without this the system would end it instead of refusing the write.
pub fn can_be_limited(command: &mut Command) {
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]);
    limited.arg(command.get_program()).args(command.get_args());
    limited.envs(command.get_envs().filter_map(|(key, value)| Some((key, value?))));
    if let Some(folder) = command.get_current_dir() {
        limited.current_dir(folder);
    }
    *command = limited;
}

/// Lets a running server write no file beyond so many bytes, as a full disk would; `None`: as many as it likes.
///
/// # Panics
/// When there is no `prlimit` (part of util-linux).
pub fn limit_files(serving: &Serving, bytes: Option<u64>) {
    let limit = bytes.map_or("unlimited".to_owned(), |bytes| bytes.to_string());
    let set = Command::new("prlimit").arg(format!("--pid={}", serving.id())).arg(format!("--fsize={limit}:")).status();
    assert!(set.unwrap().success());
}
