//! The Paraph server.

// A disk that is full, or a reader that has gone, must not end what prints: `print!` panics there.
#![warn(clippy::print_stdout, clippy::print_stderr)]

/// Every setting.
pub mod config;
/// Where time comes from.
pub mod clock;
/// Where randomness comes from.
pub mod random;
/// A company as one document.
pub mod company;
/// All SQL.
pub mod store;
/// THE verb: the signature for a draft.
pub mod signing;
/// What is not published yet.
pub mod changes;
/// Who gets what, for everybody.
pub mod comparisons;
/// How many people get a signature at all.
pub mod coverage;
/// The directory from outside: fetch → plan → show → apply.
pub mod directory;
/// The server as one value.
pub mod app;
/// Who is asking.
pub mod identity;
/// The whole database in a file, back again, or in another database.
pub mod backup;
/// The key that seals secrets, and the database that it sealed.
pub mod sealing;
/// Addresses that are proven to be ours.
pub mod links;
/// A vCard as a QR code.
pub mod qr;
/// Followed links of campaigns.
pub mod clicks;
/// Proofs that a deployment works.
pub mod checks;
/// Which clients have called in.
pub mod clients;
/// What Outlook and Microsoft's validator refuse in a manifest.
pub mod manifest_lint;
/// Pasted HTML as a template's.
pub mod clean;
/// All rules in words.
pub mod report;
/// Images that people upload.
pub mod pictures;
/// Door 1: HTTP.
pub mod http;
/// Log lines that hold nothing up.
pub mod log_lines;
/// Logs and metrics.
pub mod telemetry;
/// The log's level.
pub mod log_level;
/// Every metric by name.
pub mod series;
/// What runs by itself.
pub mod jobs;
/// Ready designs.
pub mod gallery;
/// A made-up company, without Microsoft.
pub mod demo;
/// The commands of the binary.
pub mod cli;
