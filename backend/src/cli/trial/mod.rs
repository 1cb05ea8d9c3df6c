//! Looking at signatures without Outlook.

/// What `render` and `simulate` are told of a draft.
pub mod occasion;
/// `paraph render`: the signature of one person, and why.
pub mod render;
/// `paraph simulate`: who gets what on a date.
pub mod simulate;
