//! People, groups and photos from Entra ID, through Microsoft Graph, as the app registration itself (client credentials).
//!
//! Everybody at first, then what changed: delta queries end with a link, which the `Cursor` keeps.
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

/// One tenant's Entra ID. Keeps its token from one call to the next.
pub struct Entra {
    session: GraphSession,
}

impl Entra {
    /// The Entra ID of the tenant with this Entra tenant id, of whose directory extensions those are asked for that `mapping`
    /// names. Nothing is asked yet.
    ///
    /// # Errors
    /// [`FetchError::Refused`] when a setting is missing.
    pub fn new(config: &Config, tenant: &str, mapping: &[Mapped], client: &Client) -> Result<Self, FetchError> {
        let missing = if !is_guid(tenant) {
            "this tenant has no Entra tenant id: write it on the tenant's page"
        } else if config.identity.client_id.is_empty() {
            "identity.client_id is empty: write the application (client) id of the app registration in Entra"
        } else if config.directory.entra_client_secret.is_empty() {
            "directory.entra_client_secret is empty: make a client secret in Entra (App registrations → yours → \
             Certificates & secrets) and write its value there, or name a file that holds it with \
             PARAPH_DIRECTORY__ENTRA_CLIENT_SECRET_FILE"
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

/// Fetches everybody, or what changed since `cursor` was given. Cancelled when nobody takes what comes out of `outlet`.
///
/// # Errors
/// [`FetchError`]. A cursor for another tenant, another extent or from another version of Paraph is
/// [`FetchError::CursorGone`]: what changed does not tell who counts now. So is one whose links Graph refuses, for whatever
/// reason but who asks and how often.
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
