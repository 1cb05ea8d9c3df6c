//! What the server knows of Outlook itself: the clients that have called in, how they do, and what they accept as a manifest.

/// Which clients have called in.
pub mod clients;
/// What Outlook and Microsoft's validator refuse in a manifest.
pub mod manifest_lint;
/// How Outlook does: what event handlers measured.
pub mod weather;
