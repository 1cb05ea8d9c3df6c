//! The add-in in the simulator: its panes, on every platform.

mod messages;
pub(crate) mod panes;
mod platforms;
mod troubles;
