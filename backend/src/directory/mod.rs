//! The directory from outside: fetch → plan → show → apply.
//!
//! What a source says is read into rows ([`csv`]), compared with what is stored ([`plan()`], pure), staged in the database
//! where an admin looks at it, and applied in one transaction ([`Imports`]).

pub mod csv;
/// What a source says.
pub mod fetched;
mod web;
/// People, groups and photos from Entra ID.
pub mod entra;
/// People and groups from Google Workspace.
pub mod google;
mod encoding;
mod file;
mod formula;
mod mapping;
mod plan;
mod runs;
mod value;

pub use encoding::{Encoding, decode};
pub use formula::{guard, unguard};
pub use mapping::{ADDRESS, guess};
pub use plan::{Known, Planner, Row, Step, Wanted};
pub use runs::{Importer, Imports, RunError, Upload};
pub use value::check_value;

/// Why a file cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct FileError {
    /// What is at fault: `body`, `encoding` or `delimiter`.
    pub field: &'static str,
    /// What is wrong and what to do.
    pub detail: String,
}

impl FileError {
    fn body(detail: impl Into<String>) -> Self {
        Self { field: "body", detail: detail.into() }
    }
}
