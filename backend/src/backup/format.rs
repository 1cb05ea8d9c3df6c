//! A backup file: gzip, in it one JSON value a line. First what it is, then each table with its columns and behind it its
//! rows, each an array, and last how many there were and the SHA-256 of all lines before. The same for every database engine.

use crate::store::{FullRow, Value};
use anyhow::{Context as _, bail, ensure};
use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Read as _, Write};
use std::path::Path;

/// What the first line says that these files are.
const FORMAT: &str = "paraph backup";
/// The version of this format.
const VERSION: u32 = 1;
/// Longest line, in bytes: the largest rows hold an image of some megabytes.
const MAX_LINE: u64 = 256 * 1024 * 1024;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Always [`FORMAT`].
    pub format: String,
    /// The version of the format.
    pub version: u32,
    /// The Paraph that wrote it.
    pub paraph: String,
    /// When, in milliseconds UTC.
    pub created_ms: i64,
    /// The migrations that made its tables.
    pub migrations: Vec<i64>,
    /// The known value that tells which key sealed its secrets; none in a database that no server has used.
    pub key_check: Option<String>,
}

impl Head {
    /// For a backup that is written now.
    pub fn new(created_ms: i64, migrations: Vec<i64>, key_check: Option<String>) -> Self {
        let paraph = env!("CARGO_PKG_VERSION").to_owned();
        Self { format: FORMAT.into(), version: VERSION, paraph, created_ms, migrations, key_check }
    }
}

/// The line before a table's rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TableLine {
    table: String,
    columns: Vec<String>,
}

/// The last line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EndLine {
    rows: u64,
    sha256: String,
}

/// A part of a backup, as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The rows that follow belong to this table, with these columns.
    Table(String, Vec<String>),
    /// A row.
    Row(FullRow),
}

/// Writes a backup.
pub struct Writer<W: Write> {
    to: BufWriter<GzEncoder<W>>,
    hash: Sha256,
    rows: u64,
}

impl<W: Write> Writer<W> {
    /// A backup that begins with `head`.
    pub fn new(to: W, head: &Head) -> anyhow::Result<Self> {
        let to = BufWriter::new(GzEncoder::new(to, Compression::fast()));
        let mut writer = Self { to, hash: Sha256::new(), rows: 0 };
        writer.line(head)?;
        Ok(writer)
    }

    /// The rows that follow belong to this table.
    pub fn table(&mut self, table: String, columns: Vec<String>) -> anyhow::Result<()> {
        self.line(&TableLine { table, columns })
    }

    /// Adds a row.
    pub fn row(&mut self, row: &[Value]) -> anyhow::Result<()> {
        self.rows += 1;
        self.line(&row.iter().map(Value::to_json).collect::<Vec<_>>())
    }

    /// Writes the last line; what was written to, and how many rows there are.
    pub fn finish(mut self) -> anyhow::Result<(W, u64)> {
        let end = EndLine { rows: self.rows, sha256: hex(&self.hash.clone().finalize()) };
        self.line(&end)?;
        let gzip = self.to.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        Ok((gzip.finish()?, end.rows))
    }

    fn line(&mut self, value: &impl Serialize) -> anyhow::Result<()> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        self.hash.update(&line);
        Ok(self.to.write_all(&line)?)
    }
}

/// Reads a backup.
pub struct Reader {
    from: BufReader<GzDecoder<BufReader<File>>>,
    hash: Sha256,
    rows: u64,
    line: Vec<u8>,
    /// The first line.
    pub head: Head,
}

impl Reader {
    /// Opens a backup and reads its first line.
    ///
    /// # Errors
    /// When the file does not exist, is not a backup, or was written by a newer version.
    pub fn open(file: &Path) -> anyhow::Result<Self> {
        let opened = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
        let mut from = BufReader::new(GzDecoder::new(BufReader::new(opened)));
        let mut line = Vec::new();
        let first = from.by_ref().take(MAX_LINE).read_until(b'\n', &mut line);
        let head: Option<serde_json::Value> = first.ok().and_then(|_| serde_json::from_slice(&line).ok());
        let head = head.filter(|head| head["format"] == FORMAT);
        let head = head.with_context(|| format!("{} is not a backup of Paraph, or is damaged", file.display()))?;
        let version = head["version"].as_u64().unwrap_or_default();
        ensure!(
            version == u64::from(VERSION),
            "{} was written by Paraph {} in a format that this version cannot read: use that version or a newer one",
            file.display(),
            head["paraph"].as_str().unwrap_or_default()
        );
        let head = serde_json::from_value(head).context("the backup's first line is damaged")?;
        let mut hash = Sha256::new();
        hash.update(&line);
        Ok(Self { from, hash, rows: 0, line, head })
    }

    /// The next part; `None` behind the last, which has been checked then.
    ///
    /// # Errors
    /// When the backup is cut off or damaged.
    pub fn next_part(&mut self) -> anyhow::Result<Option<Part>> {
        self.line.clear();
        let read = self.from.by_ref().take(MAX_LINE).read_until(b'\n', &mut self.line).context(DAMAGED)?;
        ensure!(read > 0, "the backup is incomplete: it was cut off. Use another one");
        ensure!(self.line.ends_with(b"\n"), DAMAGED);
        if self.line.first() == Some(&b'[') {
            self.hash.update(&self.line);
            self.rows += 1;
            let row: Vec<serde_json::Value> = serde_json::from_slice(&self.line).context(DAMAGED)?;
            let row = row.into_iter().map(Value::from_json).collect::<Option<FullRow>>();
            return row.map(|row| Some(Part::Row(row))).context(DAMAGED);
        }
        if let Ok(TableLine { table, columns }) = serde_json::from_slice(&self.line) {
            self.hash.update(&self.line);
            return Ok(Some(Part::Table(table, columns)));
        }
        let end: EndLine = serde_json::from_slice(&self.line).context(DAMAGED)?;
        if end.sha256 != hex(&self.hash.clone().finalize()) || end.rows != self.rows {
            bail!(DAMAGED);
        }
        // Reading on checks gzip's own sum, and that nothing follows.
        let mut rest = [0];
        ensure!(self.from.read(&mut rest).context(DAMAGED)? == 0, DAMAGED);
        ensure!(self.from.get_mut().get_mut().fill_buf().context(DAMAGED)?.is_empty(), DAMAGED);
        Ok(None)
    }
}

const DAMAGED: &str = "the backup is damaged: its checksum does not match its contents. Use another one";

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
