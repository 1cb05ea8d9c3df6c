//! Style sheets and style attributes.

pub(super) mod cascade;
pub(crate) mod styles;
