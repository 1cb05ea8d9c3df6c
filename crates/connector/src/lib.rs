//! Uploads rows of a company's own database to Paraph, from inside its network: query → spool → upload → result.

// A full disk or a closed pipe must not end the program: `print!` panics there.
#![warn(clippy::print_stdout, clippy::print_stderr)]

/// Settings, in one file.
pub mod config;
/// Check that a query only reads.
pub mod statement;
/// Reading from databases.
pub mod source;
/// Mapping of columns to fields.
pub mod mapping;
/// Rows between the query and the upload.
pub mod spool;
/// Client of the Paraph server.
pub mod paraph;
/// One run.
pub mod run;
/// When runs start.
pub mod schedule;
/// The service: scheduled runs.
pub mod service;
/// Results of the last runs.
pub mod journal;
/// Results as text for the terminal.
pub mod show;
/// The configuration page.
pub mod web;
/// The commands.
pub mod cli;
/// Secrets on disk.
pub mod sealed;
/// The connector's own files.
pub mod files;
/// The clock.
pub mod clock;
/// Randomness.
pub mod random;
