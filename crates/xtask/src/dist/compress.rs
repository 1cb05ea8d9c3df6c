//! Compressed copies beside every file, which the server sends as they are.

use super::files;
use anyhow::{Result, anyhow};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// A brotli and a gzip copy beside every text and program in there.
pub(super) fn all(dist: &Path) -> Result<()> {
    let is_worth_it = |path: &PathBuf| {
        path.extension().is_some_and(|kind| ["html", "css", "js", "wasm"].iter().any(|own| kind == *own))
    };
    on_every_core(files(dist)?.into_iter().filter(is_worth_it).collect(), compress)
}

/// Does something with each file, with as many at a time as there are cores.
pub(super) fn on_every_core(mut work: Vec<PathBuf>, each: impl Fn(&Path) -> Result<()> + Sync) -> Result<()> {
    // The largest first, so that no core ends with them alone.
    work.sort_by_key(|path| std::cmp::Reverse(fs::metadata(path).map_or(0, |file| file.len())));
    let next = AtomicUsize::new(0);
    let worker = || -> Result<()> {
        while let Some(path) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
            each(path)?;
        }
        Ok(())
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let running: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
        running.into_iter().try_for_each(|one| one.join().map_err(|_| anyhow!("a thread panicked"))?)
    })
}

fn compress(path: &Path) -> Result<()> {
    let data = fs::read(path)?;
    let beside = |extension: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(extension);
        PathBuf::from(name)
    };
    fs::write(beside(".br"), brotli(&data)?)?;
    let mut gzip = flate2::write::GzEncoder::new(fs::File::create(beside(".gz"))?, flate2::Compression::best());
    gzip.write_all(&data)?;
    gzip.finish()?;
    Ok(())
}

/// Bytes of `data` in brotli's densest setting.
pub(crate) fn brotli(data: &[u8]) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 24, ..Default::default() };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &data[..], &mut out, &parameters)?;
    Ok(out)
}
