//! Entra ID's token endpoint and Microsoft Graph: delta queries, batches and photos of a directory that changes as it is
//! told to.

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

/// Graph does not know the link: everything must be asked for again.
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

/// What the token endpoint thinks of the credentials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Credentials {
    /// They are good.
    #[default]
    Good,
    /// The secret has expired.
    Expired,
    /// Nobody consented in this tenant.
    NoConsent,
    /// The endpoint is overloaded.
    Overloaded,
}

/// Entra ID and Graph, with doors `token`, `consent`, `users`, `groups` and `batch`.
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
    /// Starts on a free port, with nobody in the directory and the permissions that reading it takes.
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

    /// Who gets tokens here.
    pub fn registration(&self) -> &Registration {
        &self.shared.registration
    }

    /// Adds a user with these properties, as Graph names them; enabled members unless they say otherwise.
    pub fn add_user(&self, id: &str, properties: &Value) {
        self.state().directory.add_user(id, properties);
    }

    /// Adds `users` users with ids `made_up(0)` and on, and `groups` groups `group-0` and on with `members` members each.
    pub fn add_many(&self, users: usize, groups: usize, members: usize) {
        self.state().directory.add_many(users, groups, members);
    }

    /// Changes properties of a user; null takes one away.
    pub fn change_user(&self, id: &str, properties: &Value) {
        self.state().directory.change_user(id, properties);
    }

    /// Sets who leads a user.
    pub fn set_manager(&self, id: &str, manager: Option<&str>) {
        self.state().directory.set_manager(id, manager);
    }

    /// Gives a user a photo, or takes it away.
    pub fn set_photo(&self, id: &str, photo: Option<&[u8]>) {
        self.state().directory.set_photo(id, photo);
    }

    /// Deletes a user, who then is in no group any more.
    pub fn remove_user(&self, id: &str) {
        self.state().directory.remove_user(id);
    }

    /// Adds a group, or gives it another name.
    pub fn set_group(&self, id: &str, name: &str) {
        self.state().directory.set_group(id, name);
    }

    /// Deletes a group.
    pub fn remove_group(&self, id: &str) {
        self.state().directory.remove_group(id);
    }

    /// Puts a member (`kind`: `user`, `group`, `device` …) into a group, or takes it out.
    pub fn set_member(&self, group: &str, kind: &'static str, member: &str, is_member: bool) {
        self.state().directory.set_member(group, kind, member, is_member);
    }

    /// How many users or groups are on a page, and how many members of a group at once.
    pub fn set_page_size(&self, entries: usize, members: usize) {
        let directory = &mut self.state().directory;
        (directory.page_size, directory.members_at_once) = (entries, members);
    }

    /// From now on delta queries hold of changed users what changed alone.
    pub fn answer_in_part(&self) {
        self.state().directory.in_part = true;
    }

    /// Loses what changed until now: no delta link given so far will tell of it.
    pub fn lose_changes(&self) {
        self.state().directory.lose_changes();
    }

    /// Throttles so many of the next parts of batches.
    pub fn throttle_parts(&self, parts: usize) {
        self.state().throttled_parts = parts;
    }

    /// What an admin consented to.
    pub fn set_roles(&self, roles: &[&str]) {
        self.state().roles = roles.iter().map(|role| (*role).to_owned()).collect();
    }

    /// What the token endpoint thinks of the credentials from now on.
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
