//! The directories that are asked, as one.

use super::entra::{self, Entra};
use super::fetched::{self, Cursor, Extent, FetchError, Outlet};
use crate::clock::Clock;
use crate::config::Config;
use crate::store::{Source, SourceRecord};
use api::console::{Attribute, Mapped, Permissions, SourceState};

/// A directory that can be asked.
pub(super) enum Outside {
    /// Entra ID.
    Entra(Entra),
}

impl Outside {
    /// A tenant's, by its Entra tenant id. Nothing is asked yet.
    pub(super) fn new(source: Source, config: &Config, entra_id: &str, clock: &Clock) -> Result<Self, FetchError> {
        match source {
            Source::Entra => Entra::new(config, entra_id, clock).map(Self::Entra),
            _ => Err(FetchError::refused("this source is not asked: it sends what it has")),
        }
    }

    pub(super) async fn fetch(
        &self,
        extent: Extent,
        cursor: Option<&Cursor>,
        outlet: &Outlet,
    ) -> Result<Cursor, FetchError> {
        match self {
            Self::Entra(entra) => entra::fetch(entra, extent, cursor, outlet).await,
        }
    }

    pub(super) async fn permissions(&self, extent: Extent) -> Result<Permissions, FetchError> {
        match self {
            Self::Entra(entra) => entra::check_permissions(entra, extent).await,
        }
    }
}

/// A source that is connected from now on and asked at once: with everybody, for whoever connects may have changed what we
/// may see.
pub fn connected(before: SourceRecord, account: String, now_ms: i64) -> SourceRecord {
    let mut settings = before.settings;
    if settings.mapping.is_empty() {
        settings.mapping = default_mapping(before.source);
    }
    let (state, next_ms) = (SourceState::On, Some(now_ms));
    SourceRecord { state, settings, account, next_ms, secret: before.secret, ..SourceRecord::new(before.source) }
}

/// What a source knows of people, for a mapping.
pub fn attributes(source: Source) -> Vec<Attribute> {
    fetched::attributes(table(source))
}

/// Where a source's attributes go unless somebody says otherwise.
fn default_mapping(source: Source) -> Vec<Mapped> {
    fetched::default_mapping(table(source))
}

fn table(source: Source) -> &'static [fetched::Known] {
    match source {
        Source::Entra => entra::ATTRIBUTES,
        _ => &[],
    }
}
