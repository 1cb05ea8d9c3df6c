//! People, groups and photos from Entra ID, through Microsoft Graph, as the app registration itself (client credentials).
//!
//! The first fetch returns everyone, later ones only changes: delta queries end with a link, which the `Cursor` stores.
//! <https://learn.microsoft.com/graph/delta-query-overview>

mod attributes;
mod batch;
mod cursor;
mod graph;
mod groups;
mod pages;
mod permissions;
mod photos;
mod user;
mod users;

pub use attributes::{ATTRIBUTES, OWN, is_own};
pub use permissions::{check_permissions, consent_url};
pub use photos::{KnownPhoto, Photo, photos};

use super::fetched::{Cursor, Extent, FetchError, Outlet};
use crate::config::{Config, is_guid};
use crate::identity::check_address;
use crate::outbound::{AppOnly, Client, Reach, Route, Session};
use crate::store::Mapped;
use cursor::Position;
use graph::{Graph, GraphSession};
use user::SELECTED;

/// Entra ID of one tenant. Its token is reused between calls.
pub struct Entra {
    session: GraphSession,
}

/// Why a tenant without an Entra tenant id cannot use Entra ID.
pub const NO_TENANT_ID: &str = "this tenant has no Entra tenant id: enter it under Settings";

impl Entra {
    /// Prepares access to the tenant with this Entra tenant id, without sending a request. Directory extensions in `mapping`
    /// are fetched, too.
    ///
    /// # Errors
    /// [`FetchError::Refused`] when a setting is missing.
    pub fn new(config: &Config, tenant: &str, mapping: &[Mapped], client: &Client) -> Result<Self, FetchError> {
        let missing = if !is_guid(tenant) {
            NO_TENANT_ID
        } else if config.identity.client_id.is_empty() {
            "identity.client_id is empty: set it to the application (client) id of the app registration in Entra"
        } else if config.directory.entra_client_secret.is_empty() {
            "directory.entra_client_secret is empty: create a client secret in Entra (App registrations → yours → \
             Certificates & secrets) and put its value there, or put it into a file and set \
             PARAPH_DIRECTORY__ENTRA_CLIENT_SECRET_FILE to its path"
        } else {
            ""
        };
        if !missing.is_empty() {
            return Err(FetchError::refused(missing));
        }
        check_address(&config.identity.authority_host).map_err(|error| FetchError::refused(error.to_string()))?;
        let own = mapping.iter().map(|mapped| mapped.attribute.as_str()).filter(|name| is_own(name));
        let graph = Graph {
            token_url: format!("{}/{tenant}/oauth2/v2.0/token", config.identity.authority_host),
            url: config.directory.graph_url.clone(),
            client_id: config.identity.client_id.clone(),
            secret: config.directory.entra_client_secret.clone(),
            tenant: tenant.to_ascii_lowercase(),
            selected: [SELECTED].into_iter().chain(own).collect::<Vec<_>>().join(","),
        };
        let route = |name, url: &str| Route {
            name,
            client: client.clone(),
            reach: Reach::fixed([url]),
            limits: super::limits(config),
        };
        let (tokens, asked) = (route(graph::TOKENS, &graph.token_url), route(graph::NAME, &graph.url));
        Ok(Self { session: Session::new(asked, AppOnly::new(graph, tokens)) })
    }
}

/// Fetches everyone, or changes since `cursor`. Cancelled when the receiver of `outlet` is dropped.
///
/// # Errors
/// [`FetchError`]. [`FetchError::CursorGone`] for a cursor of another tenant, extent or Paraph version, because changes alone
/// do not show who is included now; and for links that Graph rejects, except because of authentication or throttling.
pub async fn fetch(
    entra: &Entra,
    extent: Extent,
    cursor: Option<&Cursor>,
    outlet: &Outlet,
) -> Result<Cursor, FetchError> {
    let session = &entra.session;
    let tenant = &session.credentials().grantor().tenant;
    let start = match cursor {
        Some(cursor) => Some(Position::read(cursor, tenant, extent).ok_or(FetchError::CursorGone)?),
        None => None,
    };
    let (users, groups) = start.map_or((None, None), |position| (Some(position.users), position.groups));
    let fetch = async {
        let users = users::fetch(session, extent, users, outlet).await?;
        let groups = if extent.groups { Some(groups::fetch(session, groups, outlet).await?) } else { None };
        Ok(Position { users, groups }.write(tenant, extent))
    };
    outlet.unless_closed(fetch).await
}
