//! Entra ID's token endpoint and Microsoft Graph: delta queries, batches and photos of a directory that tests can change.

mod directory;
mod doors;
mod properties;

use crate::base::{Desk, Neighbour, Now, Opened, Trouble};
use axum::Router;
use axum::routing::{get, post};
use directory::Directory;
pub use properties::EXTENSION;
use serde_json::Value;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard};

/// Graph's answer for an unknown link: everything must be fetched again.
pub const GONE: Trouble = Trouble::Refused(410, "syncStateNotFound", doors::GONE);

/// The one app registration that gets tokens.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The tenant id.
    pub tenant: String,
    /// The application (client) id.
    pub client_id: String,
    /// The client secret.
    pub secret: String,
}

/// How the token endpoint treats the credentials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Credentials {
    /// Accepted.
    #[default]
    Good,
    /// The secret has expired.
    Expired,
    /// There is no consent in this tenant.
    NoConsent,
    /// The endpoint is overloaded.
    Overloaded,
}

/// Entra ID and Graph, with endpoints `token`, `consent`, `users`, `groups` and `batch`.
pub struct FakeGraph {
    neighbour: Neighbour,
    shared: Arc<Shared>,
}

struct Shared {
    desk: Arc<Desk>,
    registration: Registration,
    state: Mutex<State>,
}

struct State {
    directory: Directory,
    roles: Vec<String>,
    credentials: Credentials,
    /// How many of the next parts of batches are throttled.
    throttled_parts: usize,
}

impl FakeGraph {
    /// Starts on a free port, with an empty directory and the permissions for reading it.
    pub async fn start(registration: Registration, now: Now) -> Self {
        let opened = Opened::new(now, doors::error).await;
        let state = State {
            directory: Directory::default(),
            roles: ["User.Read.All", "GroupMember.Read.All"].map(str::to_owned).to_vec(),
            credentials: Credentials::default(),
            throttled_parts: 0,
        };
        let desk = Arc::clone(&opened.desk);
        let shared = Arc::new(Shared { desk, registration, state: Mutex::new(state) });
        let router = Router::new()
            .route("/{tenant}/oauth2/v2.0/token", opened.desk.token_door("token", post(doors::token)))
            .route("/{tenant}/v2.0/adminconsent", opened.desk.token_door("consent", get(doors::consent)))
            .route("/v1.0/users/delta", opened.desk.door("users", get(doors::users)))
            .route("/v1.0/groups/delta", opened.desk.door("groups", get(doors::groups)))
            .route("/v1.0/$batch", opened.desk.door("batch", post(doors::batch)))
            .with_state(Arc::clone(&shared));
        Self { neighbour: opened.serve(router), shared }
    }

    /// The app registration that gets tokens.
    pub fn registration(&self) -> &Registration {
        &self.shared.registration
    }

    /// Adds a user with these properties, named as in Graph; by default an enabled member.
    pub fn add_user(&self, id: &str, properties: &Value) {
        self.state().directory.add_user(id, properties);
    }

    /// Adds `users` users with ids `made_up(0)` and on, and `groups` groups `group-0` and on with `members` members each.
    pub fn add_many(&self, users: usize, groups: usize, members: usize) {
        self.state().directory.add_many(users, groups, members);
    }

    /// Changes properties of a user; null removes one.
    pub fn change_user(&self, id: &str, properties: &Value) {
        self.state().directory.change_user(id, properties);
    }

    /// Sets the manager of a user.
    pub fn set_manager(&self, id: &str, manager: Option<&str>) {
        self.state().directory.set_manager(id, manager);
    }

    /// Sets or removes a user's photo.
    pub fn set_photo(&self, id: &str, photo: Option<&[u8]>) {
        self.state().directory.set_photo(id, photo);
    }

    /// Deletes a user and their memberships.
    pub fn remove_user(&self, id: &str) {
        self.state().directory.remove_user(id);
    }

    /// Adds or renames a group.
    pub fn set_group(&self, id: &str, name: &str) {
        self.state().directory.set_group(id, name);
    }

    /// Gives a group mail addresses, the primary one first; none: it gets no mail.
    pub fn set_group_addresses(&self, id: &str, addresses: &[&str]) {
        self.state().directory.set_group_addresses(id, addresses);
    }

    /// Deletes a group.
    pub fn remove_group(&self, id: &str) {
        self.state().directory.remove_group(id);
    }

    /// Adds a member (`kind`: `user`, `group`, `device` …) to a group, or removes it.
    pub fn set_member(&self, group: &str, kind: &'static str, member: &str, is_member: bool) {
        self.state().directory.set_member(group, kind, member, is_member);
    }

    /// Sets the number of users or groups on a page, and of a group's members on a page.
    pub fn set_page_size(&self, entries: usize, members: usize) {
        let directory = &mut self.state().directory;
        (directory.page_size, directory.members_at_once) = (entries, members);
    }

    /// Makes delta queries return only changed properties of users.
    pub fn answer_in_part(&self) {
        self.state().directory.in_part = true;
    }

    /// Loses all changes until now: issued delta links do not return them.
    pub fn lose_changes(&self) {
        self.state().directory.lose_changes();
    }

    /// Throttles this many of the next parts of batches.
    pub fn throttle_parts(&self, parts: usize) {
        self.state().throttled_parts = parts;
    }

    /// Sets the permissions with consent.
    pub fn set_roles(&self, roles: &[&str]) {
        self.state().roles = roles.iter().map(|role| (*role).to_owned()).collect();
    }

    /// Sets how the token endpoint treats the credentials.
    pub fn set_credentials(&self, credentials: Credentials) {
        self.state().credentials = credentials;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap()
    }
}

impl Deref for FakeGraph {
    type Target = Neighbour;

    fn deref(&self) -> &Neighbour {
        &self.neighbour
    }
}

/// The id of a made-up user.
pub fn made_up(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}
