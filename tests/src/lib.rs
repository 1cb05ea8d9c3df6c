//! What the tests share: a running server, a private PostgreSQL, fake neighbours.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

/// The server under test, on free ports with its own database.
pub mod app;
/// Somebody at the console.
pub mod console;
/// A headless browser, and the demo as its own process.
pub mod browser;
/// A PostgreSQL of our own in a temporary folder.
pub mod postgres;
/// Neighbours that answer as the real ones do.
pub mod fakes;
