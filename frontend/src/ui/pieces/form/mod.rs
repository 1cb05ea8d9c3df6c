//! What people fill in: fields, choices, pickers, the search box.

pub mod field;
pub(crate) mod pause;
pub mod pick;
mod pick_list;
mod picker;
pub mod search;
