//! What the pane is put together from.

pub mod icon;
pub mod preview;

pub use icon::{Icon, icon};
pub use preview::{Preview, with_hosted_images};
