//! Entra ID's token endpoint and Microsoft Graph: delta queries, batches and photos of a directory that a test changes as it
//! goes, on good days and on bad ones.

mod directory;
mod doors;
mod properties;

pub use super::days::Bad;
use axum::Router;
use axum::routing::{get, post};
use directory::Directory;
use paraph::clock::Clock;
use paraph::config::Config;
pub use properties::EXTENSION;
use serde_json::Value;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The only client secret that is accepted.
pub const SECRET: &str = "Graph~knows+it";

/// What the token endpoint thinks of our credentials.
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

/// Entra ID and Graph; they stop when this is dropped.
pub struct FakeGraph {
    /// Where both are.
    pub url: String,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

struct Shared {
    url: String,
    clock: Clock,
    state: Mutex<State>,
}

struct State {
    directory: Directory,
    roles: Vec<String>,
    credentials: Credentials,
    /// Until when each access token is good, in milliseconds.
    tokens: HashMap<String, i64>,
    token_count: usize,
    days: VecDeque<Bad>,
    /// How many of the next parts of batches are throttled.
    throttled_parts: usize,
    requests: Vec<String>,
}

impl FakeGraph {
    /// Starts on a free port, with nobody in the directory and the permissions that reading it takes.
    pub async fn start(clock: &Clock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = State {
            directory: Directory::default(),
            roles: ["User.Read.All", "GroupMember.Read.All"].map(str::to_owned).to_vec(),
            credentials: Credentials::default(),
            tokens: HashMap::new(),
            token_count: 0,
            days: VecDeque::new(),
            throttled_parts: 0,
            requests: Vec::new(),
        };
        let shared = Arc::new(Shared { url: url.clone(), clock: clock.clone(), state: Mutex::new(state) });
        let router = Router::new()
            .route("/{tenant}/oauth2/v2.0/token", post(doors::token))
            .route("/v1.0/users/delta", get(doors::users))
            .route("/v1.0/groups/delta", get(doors::groups))
            .route("/v1.0/$batch", post(doors::batch))
            .with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, shared, server }
    }

    /// Settings with which a server asks this one.
    pub fn settings(&self, config: &mut Config) {
        config.identity.client_id = crate::app::CLIENT_ID.into();
        config.identity.authority_host.clone_from(&self.url);
        config.directory.graph_url.clone_from(&self.url);
        config.directory.entra_client_secret = SECRET.into();
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

    /// Says who leads a user.
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

    /// Puts somebody or something (`kind`: `user`, `group`, `device` …) into a group, or takes it out.
    pub fn set_member(&self, group: &str, (kind, member): (&'static str, &str), is_member: bool) {
        self.state().directory.set_member(group, (kind, member), is_member);
    }

    /// How many users or groups are on a page, and how many members of a group at once.
    pub fn set_page_size(&self, entries: usize, members: usize) {
        let directory = &mut self.state().directory;
        (directory.page_size, directory.members_at_once) = (entries, members);
    }

    /// From now on delta queries say of changed users what changed alone.
    pub fn answer_in_part(&self) {
        self.state().directory.in_part = true;
    }

    /// Loses what changed until now: no delta link given so far will tell of it.
    pub fn lose_changes(&self) {
        self.state().directory.lose_changes();
    }

    /// What the next requests get, in turn; after that the days are fine.
    pub fn then(&self, days: impl IntoIterator<Item = Bad>) {
        self.state().days.extend(days);
    }

    /// From now on the days are fine.
    pub fn clear_days(&self) {
        self.state().days.clear();
    }

    /// Throttles so many of the next parts of batches.
    pub fn throttle_parts(&self, parts: usize) {
        self.state().throttled_parts = parts;
    }

    /// What an admin consented to.
    pub fn set_roles(&self, roles: &[&str]) {
        self.state().roles = roles.iter().map(|role| (*role).to_owned()).collect();
    }

    /// What the token endpoint thinks of us from now on.
    pub fn set_credentials(&self, credentials: Credentials) {
        self.state().credentials = credentials;
    }

    /// What was asked for since the last call, in order: `token`, `users`, `groups`, `batch`.
    pub fn take_requests(&self) -> Vec<String> {
        std::mem::take(&mut self.state().requests)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap()
    }
}

impl Drop for FakeGraph {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The id of a made-up user.
pub fn made_up(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}
