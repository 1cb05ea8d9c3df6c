//! The whole database in one file, back again, or into another database: whatever the migrations make, every row of it,
//! from one moment, and on any engine. Secrets travel sealed, and the key is never among them.

/// The file.
pub mod format;

use crate::config::Config;
use crate::sealing::KeySource;
use crate::store::{Fill, Store, secret_key_place};
use anyhow::{Context as _, bail, ensure};
use format::{Head, Part, Reader, Writer};
use futures_util::TryStreamExt as _;
use std::path::Path;
use tempfile::NamedTempFile;

/// Told of every table, with the rows so far; large ones again and again.
pub type Progress<'a> = &'a mut dyn FnMut(&str, u64);

/// Where a backup goes.
#[derive(Clone, Copy, Debug)]
pub struct Destination<'a> {
    /// The file.
    pub file: &'a Path,
    /// Whether one that is there already is replaced.
    pub replace: bool,
}

/// After so many rows it is said how far it is.
const SAY_EVERY: u64 = 20_000;

/// Writes a snapshot of the whole database while other programs keep writing. The file is written completely or not at
/// all, and only its owner may read it. Returns the number of rows.
///
/// # Errors
/// When there is such a file and it is not to be replaced, or it cannot be written.
pub async fn write(store: &Store, to: Destination<'_>, now_ms: i64, progress: Progress<'_>) -> anyhow::Result<u64> {
    let Destination { file, replace } = to;
    ensure!(replace || !file.exists(), "{} exists: name another file, or add --replace", file.display());
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Temporary files are made for their owner alone, and are gone when they are not kept.
    let temporary = tempfile::Builder::new().prefix(".paraph-backup-").suffix(".partial").tempfile_in(folder);
    let temporary = temporary.with_context(|| format!("cannot write into {}", folder.display()))?;
    let written = write_to(store, temporary, now_ms, progress).await;
    let (temporary, rows) = written.with_context(|| format!("{} was not written", file.display()))?;
    temporary.as_file().sync_all()?;
    let kept = if replace { temporary.persist(file) } else { temporary.persist_noclobber(file) };
    kept.map_err(|error| error.error).with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(rows)
}

async fn write_to(
    store: &Store,
    to: NamedTempFile,
    now_ms: i64,
    progress: Progress<'_>,
) -> anyhow::Result<(NamedTempFile, u64)> {
    let mut snapshot = store.snapshot().await?;
    let head = Head::new(now_ms, snapshot.migrations(), snapshot.key_check().await?);
    let mut writer = Writer::new(to, &head)?;
    for table in snapshot.tables() {
        writer.table(table.name.clone(), table.columns.iter().map(|column| column.name.clone()).collect())?;
        let mut count = 0;
        let mut rows = snapshot.rows(&table);
        while let Some(row) = rows.try_next().await? {
            writer.row(&row)?;
            count += 1;
            if count % SAY_EVERY == 0 {
                progress(&table.name, count);
            }
        }
        progress(&table.name, count);
    }
    writer.finish()
}

/// Reads a whole backup, which proves that it is neither cut off nor damaged. Its first line, and how many rows it has.
///
/// # Errors
/// When it cannot be read.
pub fn check(file: &Path) -> anyhow::Result<(Head, u64)> {
    let mut reader = Reader::open(file)?;
    let mut rows = 0;
    while let Some(part) = reader.next_part()? {
        rows += u64::from(matches!(part, Part::Row(_)));
    }
    Ok((reader.head, rows))
}

/// That the key of this server is the one that sealed the backup's secrets.
///
/// # Errors
/// With what to do, when it is another one or there is none.
pub fn check_key(config: &Config, head: &Head) -> anyhow::Result<()> {
    let Some(sealed) = &head.key_check else { return Ok(()) };
    let source = KeySource::of(config)?;
    let without = "With --without-key it is restored anyway, and `paraph key reset` then says what cannot be opened";
    match source.read()? {
        None => bail!("{source} is missing: first put the key of the server that was backed up there. {without}"),
        Some(ring) if ring.that_opens(sealed, &secret_key_place(crate::store::CHECK)).is_none() => bail!(
            "{source} is not the key that sealed the secrets in this backup: first put the key of the server that was \
             backed up there. {without}"
        ),
        Some(_) => Ok(()),
    }
}

/// Replaces the contents of the database with a backup, reads it back and compares it, all or nothing. Returns the
/// number of rows.
///
/// # Errors
/// When the backup cannot be read or the database refuses it.
pub async fn restore(store: &Store, file: &Path, progress: Progress<'_>) -> anyhow::Result<u64> {
    let mut reader = Reader::open(file)?;
    let mut filling = store.begin_fill(&reader.head.migrations).await?;
    let (mut table, mut count) = (String::new(), 0);
    while let Some(part) = reader.next_part()? {
        match part {
            Part::Table(name, columns) => {
                filling.end_table().await?;
                progress(&table, count);
                filling.begin_table(&name, &columns)?;
                (table, count) = (name, 0);
            }
            Part::Row(row) => {
                filling.push(row).await?;
                count += 1;
                if count % SAY_EVERY == 0 {
                    progress(&table, count);
                }
            }
        }
    }
    filling.end_table().await?;
    progress(&table, count);
    finish(filling, progress).await
}

/// Replaces the contents of one database with a snapshot of another, reads it back and compares it row by row, all or
/// nothing. Returns the number of rows.
///
/// # Errors
/// When one of the databases does not answer, or the second one refuses a row.
pub async fn copy(from: &Store, to: &Store, progress: Progress<'_>) -> anyhow::Result<u64> {
    let mut snapshot = from.snapshot().await?;
    let mut fill = to.begin_fill(&snapshot.migrations()).await?;
    for table in snapshot.tables() {
        let columns: Vec<_> = table.columns.iter().map(|column| column.name.clone()).collect();
        fill.begin_table(&table.name, &columns)?;
        let mut count = 0;
        let mut rows = snapshot.rows(&table);
        while let Some(row) = rows.try_next().await? {
            fill.push(row).await?;
            count += 1;
            if count % SAY_EVERY == 0 {
                progress(&table.name, count);
            }
        }
        fill.end_table().await?;
        progress(&table.name, count);
    }
    finish(fill, progress).await
}

async fn finish(fill: Fill, progress: Progress<'_>) -> anyhow::Result<u64> {
    let rows = fill.finish(|table| progress(&format!("{table}, compared"), 0)).await?;
    Ok(rows)
}
