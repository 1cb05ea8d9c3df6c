//! What brings a company's own database to Paraph, from inside its network: query → spool → upload → what became of it.

// A disk that is full, or a reader that has gone, must not end what prints: `print!` panics there.
#![warn(clippy::print_stdout, clippy::print_stderr)]

/// Every setting, in one file.
pub mod config;
/// Whether a query only reads.
pub mod statement;
/// The databases.
pub mod source;
/// Which columns go to which fields.
pub mod mapping;
/// Rows on their way.
pub mod spool;
/// The server.
pub mod paraph;
/// One run.
pub mod run;
/// When runs begin.
pub mod schedule;
/// Run after run.
pub mod service;
/// What the last runs did.
pub mod journal;
/// The same as text.
pub mod show;
/// The configuration page.
pub mod web;
/// The commands.
pub mod cli;
/// Secrets on disk.
pub mod sealed;
/// Files of our own.
pub mod files;
/// What time it is.
pub mod clock;
/// Randomness.
pub mod random;
