//! A common interface to the directories that are fetched.

use super::entra::{self, Entra, KnownPhoto, Photo};
use super::fetched::{self, Cursor, Extent, FetchError, Outlet};
use super::google::{self, Google, ServiceAccount};
use crate::config::Config;
use crate::outbound::Client;
use crate::sealing::Sealer;
use crate::store::{Mapped, Source, SourceRecord, SourceState};
use crate::tenant::Tenant;
use api::console::{Attribute, GoogleKey, Permissions};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Settings and clients for fetching directories.
#[derive(Debug)]
pub struct Directories {
    /// The settings.
    pub config: Config,
    /// Sends the requests.
    pub client: Client,
    /// Decrypts the stored secrets.
    pub sealer: Arc<Sealer>,
}

/// A directory that can be fetched.
pub(super) enum Outside {
    /// Entra ID.
    Entra(Box<Entra>),
    /// Google Workspace.
    Google(Google),
}

impl Outside {
    /// Prepares access to a tenant's directory without sending a request.
    pub(super) fn new(directories: &Directories, tenant: &Tenant, record: &SourceRecord) -> Result<Self, FetchError> {
        let Directories { config, client, sealer } = directories;
        match record.source {
            Source::Entra => {
                let entra_id = tenant.entra_id.as_deref().unwrap_or_default();
                Entra::new(config, entra_id, &record.settings.mapping, client).map(Box::new).map(Self::Entra)
            }
            Source::Google => {
                let lost = || {
                    FetchError::refused(
                        "the key of the service account can no longer be decrypted: connect Google again",
                    )
                };
                let secret = sealer.open(&record.secret, &key_place(&tenant.id));
                let key: GoogleKey = secret.and_then(|secret| serde_json::from_slice(&secret).ok()).ok_or_else(lost)?;
                let account =
                    ServiceAccount::parse(&key.key).map_err(|error| FetchError::refused(error.to_string()))?;
                Ok(Self::Google(Google::new(config, account, &key.admin, client)))
            }
            _ => Err(FetchError::refused("this source is not fetched: it uploads its values itself")),
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
            // Google has no cursor: every fetch returns everyone.
            Self::Google(google) => google::fetch(google, extent, outlet).await.map(|()| Cursor::new("")),
        }
    }

    /// Fetches photos, by the source's id of the person; Google has none.
    pub(super) async fn photos(
        &self,
        known: &[KnownPhoto],
        to: &mpsc::Sender<Vec<(String, Photo)>>,
    ) -> Result<(), FetchError> {
        match self {
            Self::Entra(entra) => entra::photos(entra, known, to).await,
            Self::Google(_) => Ok(()),
        }
    }

    pub(super) async fn permissions(&self, extent: Extent) -> Result<Permissions, FetchError> {
        match self {
            Self::Entra(entra) => entra::check_permissions(entra, extent).await,
            Self::Google(google) => google::check_permissions(google, extent).await,
        }
    }
}

/// The place that the key of a tenant's Google Workspace is sealed for.
pub fn key_place(tenant: &str) -> String {
    format!("sources.secret/{tenant}/google")
}

/// The record of a source that was just connected. It is due immediately and fetches everyone, because the connection may
/// have changed what is visible.
pub fn connected(before: SourceRecord, account: String, now_ms: i64) -> SourceRecord {
    let mut settings = before.settings;
    if settings.mapping.is_empty() {
        settings.mapping = default_mapping(before.source);
    }
    let (state, next_ms) = (SourceState::On, Some(now_ms));
    SourceRecord { state, settings, account, next_ms, secret: before.secret, ..SourceRecord::new(before.source) }
}

/// Attributes of a source, for a mapping.
pub fn attributes(source: Source) -> Vec<Attribute> {
    fetched::attributes(table(source))
}

/// Example name of a custom attribute; `None` if the source has none.
pub fn own_attribute(source: Source) -> Option<&'static str> {
    match source {
        Source::Entra => Some(entra::OWN),
        Source::Google => Some(google::OWN),
        _ => None,
    }
}

/// Whether a source can have an attribute with this name.
pub fn may_have(source: Source, attribute: &str) -> bool {
    let is_own = match source {
        Source::Entra => entra::is_own(attribute),
        Source::Google => google::is_own(attribute),
        _ => false,
    };
    is_own || table(source).iter().any(|known| known.name == attribute)
}

/// Default mapping of a source's attributes.
pub fn default_mapping(source: Source) -> Vec<Mapped> {
    fetched::default_mapping(table(source))
}

fn table(source: Source) -> &'static [fetched::Known] {
    match source {
        Source::Entra => entra::ATTRIBUTES,
        Source::Google => google::ATTRIBUTES,
        _ => &[],
    }
}
