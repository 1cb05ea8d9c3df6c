//! Templates and rules as admins work on them: unpublished changes, who gets what, ready designs, the report.

/// What is not published yet.
pub mod changes;
/// Pasted HTML as a template's.
pub mod clean;
/// Who gets what, for everybody.
pub mod comparisons;
/// How many people get a signature at all.
pub mod coverage;
/// Ready designs.
pub mod gallery;
/// All rules in words.
pub mod report;
mod usage;

pub use usage::{Usage, usage};
