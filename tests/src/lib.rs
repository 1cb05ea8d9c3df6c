//! What the tests share: a running server, a private PostgreSQL, fake neighbours.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};

/// The server under test, on free ports with its own database.
pub mod app;
/// Asking servers under test.
pub mod http;
/// Somebody at the console.
pub mod console;
/// A headless browser, and the demo as its own process.
pub mod browser;
/// `paraph serve` as its own process, to be killed and started again.
pub mod serving;
/// An owner of that server, who knows what was acknowledged.
pub mod clerk;
/// `paraph` killed in the middle of what it does.
pub mod kills;
/// A company with a database connector.
pub mod connected;
/// Disks without room.
pub mod small_disk;
/// Signatures asked for at a steady rate while something is wrong.
pub mod load;
/// An nginx of a test's own, with a certificate.
pub mod nginx;
/// A PostgreSQL of our own in a temporary folder.
pub mod postgres;
/// What must hold of any bytes from outside.
pub mod fuzz;
/// The neighbours of the company under test.
pub mod neighbourhood;

/// The repository's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Where `cargo xtask setup` puts the npm packages, and `python/` beside them: `PARAPH_TOOLS`, else in the cache folder.
pub fn tools() -> PathBuf {
    if let Some(folder) = std::env::var_os("PARAPH_TOOLS") {
        return folder.into();
    }
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")));
    cache.unwrap_or_else(std::env::temp_dir).join("paraph/tools")
}
