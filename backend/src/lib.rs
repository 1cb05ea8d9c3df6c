//! The Paraph server.

// A disk that is full, or a reader that has gone, must not end what prints: `print!` panics there.
#![warn(clippy::print_stdout, clippy::print_stderr)]

// In order: a room uses those above it and none below (`tests/it/invariants`).

/// Where time comes from.
pub mod clock;
/// Where randomness comes from.
pub mod random;
/// Every setting.
pub mod config;
/// Images that people upload.
pub mod pictures;
/// All SQL.
pub mod store;
/// The key that seals secrets, and the database that it sealed.
pub mod sealing;
/// The one way out.
pub mod outbound;
/// Who is asking.
pub mod identity;
/// Logs and metrics.
pub mod telemetry;
/// Addresses that are made here: campaign links that are counted, QR codes.
pub mod clicks;
/// One company in memory.
pub mod tenant;
/// THE verb: the signature for a draft.
pub mod signing;
/// Who does what, one node at a time.
pub mod leases;
/// The whole database in a file, back again, or in another database.
pub mod backup;
/// The directory from outside: fetch → plan → show → apply.
pub mod directory;
/// Templates and rules as admins work on them.
pub mod design;
/// Knowledge about Outlook itself.
pub mod outlook;
/// Proofs that a deployment works.
pub mod checks;
/// The server as one value.
pub mod app;
/// A made-up company, without Microsoft.
pub mod demo;
/// What runs by itself.
pub mod jobs;
/// Door 1: HTTP.
pub mod http;
/// The commands of the binary.
pub mod cli;
