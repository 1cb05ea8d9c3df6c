//! The Paraph server.

/// Every setting.
pub mod config;
/// Where time comes from.
pub mod clock;
/// A company as one document.
pub mod company;
/// All SQL.
pub mod store;
/// THE verb: the signature for a draft.
pub mod signing;
/// The commands of the binary.
pub mod cli;
