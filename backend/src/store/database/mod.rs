//! The database itself: its file, its health, its tables.

pub(in crate::store) mod catalog;
pub(in crate::store) mod file;
pub(in crate::store) mod fill;
pub(in crate::store) mod health;
pub(in crate::store) mod migrations;
pub(in crate::store) mod snapshot;
pub(in crate::store) mod upkeep;
