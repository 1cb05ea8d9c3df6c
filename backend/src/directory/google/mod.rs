//! People and groups from Google Workspace, through the Directory API, with a service account that impersonates an admin
//! (domain-wide delegation). There are no delta queries, so every fetch returns everyone.

mod api;
mod attributes;
mod groups;
mod key;
mod permissions;
mod user;
mod users;

pub use attributes::{ATTRIBUTES, OWN, is_own};
pub use key::{KeyError, ServiceAccount};
pub use permissions::check_permissions;

use super::fetched::{Extent, FetchError, Outlet};
use crate::config::Config;
use crate::outbound::{AppOnly, Client, Limits, Reach, Route, Session};
use api::{Api, GoogleSession};
use std::sync::Arc;

/// Reading users.
const USERS: &str = "https://www.googleapis.com/auth/admin.directory.user.readonly";
/// Reading groups and memberships.
const GROUPS: &str = "https://www.googleapis.com/auth/admin.directory.group.readonly";

/// One Google Workspace. It keeps no state between calls.
pub struct Google {
    account: Arc<ServiceAccount>,
    admin: String,
    url: String,
    token_url: String,
    limits: Limits,
    client: Client,
}

impl Google {
    /// The workspace of the admin with this address; the service account impersonates this admin.
    pub fn new(config: &Config, account: ServiceAccount, admin: &str, client: &Client) -> Self {
        Self {
            account: Arc::new(account),
            admin: admin.to_owned(),
            url: config.directory.google_url.clone(),
            token_url: config.directory.google_token_url.clone(),
            limits: super::limits(config),
            client: client.clone(),
        }
    }

    /// Creates a session with tokens for these scopes.
    fn session(&self, scopes: &[&str]) -> GoogleSession {
        let api = Api {
            account: Arc::clone(&self.account),
            admin: self.admin.clone(),
            url: self.url.clone(),
            token_url: self.token_url.clone(),
            scopes: scopes.join(" "),
        };
        let route = |url: &str| Route {
            name: api::NAME,
            client: self.client.clone(),
            reach: Reach::fixed([url]),
            limits: self.limits,
        };
        Session::new(route(&self.url), AppOnly::new(api, route(&self.token_url)))
    }
}

/// Fetches everyone. Cancelled when the receiver of `outlet` is dropped.
///
/// # Errors
/// [`FetchError`]; [`FetchError::CursorGone`] when Google rejects its own page token.
pub async fn fetch(google: &Google, extent: Extent, outlet: &Outlet) -> Result<(), FetchError> {
    let session = google.session(if extent.groups { &[USERS, GROUPS] } else { &[USERS] });
    // Boxed, because this future is large and is awaited in many layers.
    let fetch = Box::pin(async {
        let everybody = users::fetch(&session, extent, outlet).await?;
        if extent.groups { groups::fetch(&session, &everybody, outlet).await } else { Ok(()) }
    });
    outlet.unless_closed(fetch).await
}
