//! Addresses that this server creates and later serves: counted campaign links, and QR codes.

/// Followed campaign links, counted.
mod counted;
/// Addresses that are proven to be ours.
pub mod links;
/// A vCard as a QR code.
pub mod qr;

pub use counted::{Click, Clicks, WRITE_EVERY};
