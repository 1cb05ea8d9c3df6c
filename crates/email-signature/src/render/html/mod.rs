//! HTML on its way into a template: measured, cleaned, cut down, read.

pub(crate) mod bulk;
pub(crate) mod markup;
pub(crate) mod measure;
pub(crate) mod policy;
pub(super) mod prune;
pub(super) mod separators;
pub(super) mod tidy;
