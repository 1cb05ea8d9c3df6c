//! Rows between the query and the upload: CSV in separately compressed parts, in a file that only its owner can read and that
//! is deleted on drop. Only one part is kept in memory.

use crate::source::Cell;
use crate::{files, random};
use anyhow::Context as _;
use api::connector::{MAX_PART, MAX_ROWS, MAX_UPLOAD};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// A spool that is being written.
pub struct Writer {
    file: File,
    path: Gone,
    part: Vec<u8>,
    parts: Vec<Extent>,
    digest: Sha256,
    rows: u64,
    bytes: u64,
}

/// A complete spool.
pub struct Spool {
    file: File,
    _path: Gone,
    parts: Vec<Extent>,
    /// Number of rows.
    pub rows: u64,
    /// SHA-256 of the uncompressed text, in hexadecimal.
    pub digest: String,
    /// Size of the uncompressed text, in bytes.
    pub bytes: u64,
}

/// A part's position in the file.
#[derive(Clone, Copy)]
struct Extent {
    start: u64,
    length: usize,
}

/// A file that is deleted on drop.
struct Gone(PathBuf);

impl Drop for Gone {
    fn drop(&mut self) {
        // A file that cannot be deleted now is deleted at the next start.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Why a row cannot be added.
#[derive(Debug, thiserror::Error)]
pub enum Full {
    /// The limit that was reached, such as `250000 rows`.
    #[error("more than {0}")]
    Much(String),
    /// The disk is full or cannot be written to.
    #[error("rows cannot be written to the data folder")]
    Disk(#[from] std::io::Error),
}

/// Deletes files that a killed program left behind.
pub fn clear(folder: &Path) {
    // Without the folder there is nothing to delete.
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let _ = std::fs::remove_file(entry.path());
    }
}

impl Writer {
    /// Creates a spool in this folder.
    ///
    /// # Errors
    /// When the file cannot be created.
    pub fn new(folder: &Path) -> anyhow::Result<Self> {
        files::make_folder(folder)?;
        let path = folder.join(format!("{}.rows", random::id()));
        let file = files::create(&path).with_context(|| format!("{} cannot be created", path.display()))?;
        Ok(Self {
            file,
            path: Gone(path),
            part: Vec::with_capacity(MAX_PART),
            parts: Vec::new(),
            digest: Sha256::new(),
            rows: 0,
            bytes: 0,
        })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When a limit is reached, or the disk cannot be written to.
    pub fn push(&mut self, row: &[Cell]) -> Result<(), Full> {
        if self.rows == MAX_ROWS {
            return Err(Full::Much(format!("{MAX_ROWS} rows")));
        }
        let text = csv_row(row)?;
        if self.part.len() + text.len() > MAX_PART {
            self.cut()?;
        }
        self.rows += 1;
        self.bytes += text.len() as u64;
        if self.bytes > MAX_UPLOAD {
            return Err(Full::Much(format!("{} MiB", MAX_UPLOAD / 1024 / 1024)));
        }
        self.part.extend_from_slice(&text);
        Ok(())
    }

    /// Completes the spool.
    ///
    /// # Errors
    /// When the disk cannot be written to.
    pub fn finish(mut self) -> Result<Spool, Full> {
        if !self.part.is_empty() {
            self.cut()?;
        }
        Ok(Spool {
            file: self.file,
            _path: self.path,
            parts: self.parts,
            rows: self.rows,
            digest: random::hex(&self.digest.finalize()),
            bytes: self.bytes,
        })
    }

    /// Compresses the part and begins the next.
    fn cut(&mut self) -> std::io::Result<()> {
        self.digest.update(&self.part);
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&self.part)?;
        let compressed = gzip.finish()?;
        let start = self.file.stream_position()?;
        self.file.write_all(&compressed)?;
        self.parts.push(Extent { start, length: compressed.len() });
        self.part.clear();
        Ok(())
    }
}

impl Spool {
    /// Number of parts.
    pub fn parts(&self) -> u32 {
        // At most 2 * MAX_UPLOAD / MAX_PART, since parts can be half full.
        u32::try_from(self.parts.len()).unwrap_or(u32::MAX)
    }

    /// A compressed part.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn part(&mut self, number: u32) -> std::io::Result<Vec<u8>> {
        let extent = self.parts.get(number as usize).copied();
        let extent = extent.ok_or_else(|| std::io::Error::other(format!("part {number} does not exist")))?;
        self.file.seek(SeekFrom::Start(extent.start))?;
        let mut part = vec![0; extent.length];
        self.file.read_exact(&mut part)?;
        Ok(part)
    }
}

fn csv_row(row: &[Cell]) -> std::io::Result<Vec<u8>> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).buffer_capacity(1024).from_writer(Vec::new());
    writer.write_record(row.iter().map(|cell| cell.as_deref().unwrap_or_default()))?;
    writer.into_inner().map_err(|error| std::io::Error::other(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;

    fn text(spool: &mut Spool) -> String {
        let mut text = String::new();
        for part in 0..spool.parts() {
            let compressed = spool.part(part).unwrap();
            let before = text.len();
            GzDecoder::new(compressed.as_slice()).read_to_string(&mut text).unwrap();
            assert!(text.len() - before <= MAX_PART);
            assert!(text.ends_with("\r\n"), "cut between rows");
        }
        text
    }

    #[test]
    fn rows_come_out_as_they_went_in() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::new(folder.path()).unwrap();
        writer.push(&[Some("a@example.com".into()), None, Some("\"Räks\", mörgås\r\n".into())]).unwrap();
        writer.push(&[None]).unwrap();
        let mut spool = writer.finish().unwrap();
        let text = text(&mut spool);
        assert_eq!(text, "a@example.com,,\"\"\"Räks\"\", mörgås\r\n\"\r\n\"\"\r\n");
        assert_eq!(spool.digest, random::hex(&Sha256::digest(&text)));
        assert_eq!((spool.rows, spool.bytes), (2, text.len() as u64));
    }

    #[test]
    fn many_rows_are_cut_into_parts_and_the_file_is_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::new(folder.path()).unwrap();
        for row in 0..3_000 {
            writer.push(&[Some(format!("{row}@example.com")), Some("x".repeat(1_000))]).unwrap();
        }
        let mut spool = writer.finish().unwrap();
        assert_eq!(spool.parts(), 3);
        assert_eq!(text(&mut spool).lines().count(), 3_000);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        drop(spool);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn too_many_rows_are_refused() {
        let mut writer = Writer::new(tempfile::tempdir().unwrap().path()).unwrap();
        writer.rows = MAX_ROWS;
        assert!(matches!(writer.push(&[None]), Err(Full::Much(_))));
        writer.rows = 0;
        writer.bytes = MAX_UPLOAD;
        assert!(matches!(writer.push(&[None]), Err(Full::Much(_))));
    }
}
