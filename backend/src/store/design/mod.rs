//! Templates, rules, brands and images with their versions, and counted clicks.

pub(in crate::store) mod brands;
pub(in crate::store) mod clicks;
mod comparisons;
pub(in crate::store) mod designs;
pub(in crate::store) mod images;
pub(in crate::store) mod publish;
pub(in crate::store) mod rules_diff;
mod unpublished;
pub(in crate::store) mod versions;
