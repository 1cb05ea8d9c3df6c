//! Templates and rules as admins work on them: unpublished changes, who gets what, ready designs, the report.

/// Unpublished changes.
pub mod changes;
/// Pasted HTML as a template's.
pub mod clean;
/// What a comparison found.
pub mod compared;
/// Comparisons of what everyone gets.
pub mod comparisons;
/// How many people get a signature at all.
pub mod coverage;
/// Ready designs.
pub mod gallery;
/// Signatures of other programs made into templates.
pub mod migrate;
/// Whether unpublished changes are ready to publish.
pub mod ready;
/// All rules in words.
pub mod report;
/// The drafts that a comparison evaluates.
pub mod matrix;
mod usage;

pub use usage::{Usage, usage};
