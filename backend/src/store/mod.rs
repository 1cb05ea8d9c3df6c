//! All SQL. One text per statement for SQLite and PostgreSQL: `$1` placeholders, ids as text, times as milliseconds UTC,
//! documents as JSON text, truth values as integers. Every row has its tenant, and every query names it.

mod import;
mod people;
mod tenants;

pub use import::{ImportError, ImportReport};
pub use people::Source;
pub use tenants::{FieldDefinition, ImageRecord, PersonRecord, TemplateRecord, TenantRecord, TenantSummary};

use crate::config::Database;

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {}

/// What went wrong, by what the caller can do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The database is locked, full, gone, too slow or not migrated: the same call may work later (HTTP 503).
    #[error("{0}")]
    Unavailable(String),
    /// The write contradicts what is stored, such as an address that somebody else has.
    #[error("{0}")]
    Conflict(String),
    /// What the write is about does not exist in this tenant.
    #[error("{0}")]
    NotFound(String),
    /// The database holds what this version cannot read, or refuses a statement of ours.
    #[error("{0}")]
    Corrupt(String),
}

/// An image as it is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredImage {
    /// `image/png`, `image/jpeg` or `image/gif`.
    pub content_type: String,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Store {
    /// Opens the database; a SQLite file that does not exist is created. No table is touched before [`Store::migrate`].
    pub async fn connect(database: &Database) -> Result<Self, Error> {
        let _ = database;
        todo!()
    }

    /// Brings the schema up to date and says which migrations it ran, by name; none when it was.
    pub async fn migrate(&self) -> Result<Vec<String>, Error> {
        todo!()
    }

    /// How many migrations [`Store::migrate`] would run.
    pub async fn pending_migrations(&self) -> Result<usize, Error> {
        todo!()
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), Error> {
        todo!()
    }

    /// The image with this hash, current or replaced: mails that were sent keep their images.
    pub async fn image(&self, tenant: &str, hash: &str) -> Result<Option<StoredImage>, Error> {
        let _ = (tenant, hash);
        todo!()
    }
}
