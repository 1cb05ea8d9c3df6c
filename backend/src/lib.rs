//! The Paraph server.

/// A company as one document.
pub mod company;
