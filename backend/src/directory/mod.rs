//! Directory runs: fetch → plan → show → apply.
//!
//! Data of a source is read into rows (`csv`), compared with stored data (`rows` and `people`, pure), staged in the database
//! for an admin to review, and applied in one transaction (`Runs`).

pub mod csv;
/// Entries that a source returns.
pub mod fetched;
/// People, groups and photos from Entra ID.
pub mod entra;
/// People and groups from Google Workspace.
pub mod google;
mod encoding;
mod file;
mod formula;
mod mapping;
mod staging;
mod losses;
mod numbers;

mod rows;
/// Planning of a source's people and groups.
pub mod people;
mod connector_secrets;
mod outside;
mod runs;
mod value;

pub use connector_secrets::refused_secrets;
pub use encoding::{Encoding, decode};
pub use entra::{NO_TENANT_ID, consent_url};
pub use formula::{guard, unguard};
pub use google::ServiceAccount;
pub use losses::reasons;
pub use mapping::{ADDRESS, guess, usual_columns};

pub use numbers::{BadNumber, bad_numbers};
pub use outside::{Directories, attributes, connected, default_mapping, key_place, may_have, own_attribute};
pub use rows::{Known, Planner, Row, Wanted};
pub use runs::{FileMapping, Importer, RunError, Runs, Starter, Upload};
pub use value::check_value;

use crate::config::Config;
use crate::outbound::Limits;
use std::time::Duration;

/// Maximum size of a source's answer in bytes: a page of people or memberships has a few hundred thousand.
const MAX_ANSWER: usize = 32 * 1024 * 1024;

/// Limits of each request to a source.
fn limits(config: &Config) -> Limits {
    Limits { time: Duration::from_millis(config.directory.timeout_ms), bytes: MAX_ANSWER, redirects: 0 }
}

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct FileError {
    /// Name of the invalid input: `body`, `encoding` or `delimiter`.
    pub field: &'static str,
    /// The problem, and what to do.
    pub detail: String,
}

impl FileError {
    fn body(detail: impl Into<String>) -> Self {
        Self { field: "body", detail: detail.into() }
    }
}
