//! Google's token endpoint for service accounts and the Directory API of a workspace.

use crate::base::{Desk, Listing, Neighbour, Now, Opened, Paging};
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use axum::extract::{Form, Path, State as Injected};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};

/// The admin that the service account impersonates.
pub const ADMIN: &str = "admin@example.com";
/// Client id of the service account for domain-wide delegation.
pub const CLIENT: &str = "109876543210987654321";
/// The usually delegated scopes.
pub const SCOPES: [&str; 2] = [
    "https://www.googleapis.com/auth/admin.directory.user.readonly",
    "https://www.googleapis.com/auth/admin.directory.group.readonly",
];

const EMAIL: &str = "reader@example-project.iam.gserviceaccount.com";

/// Key shared by all tests of a process, because creating it takes a while.
static KEY: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());

/// Google, with endpoints `token`, `users`, `groups` and `members`.
pub struct FakeGoogle {
    neighbour: Neighbour,
    shared: Arc<Shared>,
}

struct Shared {
    desk: Arc<Desk>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    users: Vec<Value>,
    groups: Vec<Value>,
    members: HashMap<String, Vec<Value>>,
    page_size: usize,
    scopes: Vec<String>,
    is_key_revoked: bool,
}

impl FakeGoogle {
    /// Starts on a free port, with an empty workspace and both scopes delegated.
    pub async fn start(now: Now) -> Self {
        let opened = Opened::new(now, error).await;
        let scopes = SCOPES.map(str::to_owned).to_vec();
        let state = Mutex::new(State { page_size: 500, scopes, ..State::default() });
        let shared = Arc::new(Shared { desk: Arc::clone(&opened.desk), state });
        let router = Router::new()
            .route("/token", opened.desk.token_door("token", post(token)))
            .route("/admin/directory/v1/users", opened.desk.door("users", get(users)))
            .route("/admin/directory/v1/groups", opened.desk.door("groups", get(groups)))
            .route("/admin/directory/v1/groups/{group}/members", opened.desk.door("members", get(members)))
            .with_state(Arc::clone(&shared));
        Self { neighbour: opened.serve(router), shared }
    }

    /// URL of the token endpoint.
    pub fn token_url(&self) -> String {
        format!("{}/token", self.url)
    }

    /// The key file of the service account, as from Google Cloud.
    pub fn key_file() -> String {
        let der: Pkcs8V1Der<'_> = KEY.as_der().unwrap();
        let text = STANDARD.encode(der.as_ref());
        let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"));
        json!({
            "type": "service_account",
            "project_id": "example-project",
            "private_key_id": "0a1b2c",
            "private_key": pem,
            "client_email": EMAIL,
            "client_id": CLIENT,
            "token_uri": "https://elsewhere.example/token",
            "universe_domain": "googleapis.com",
        })
        .to_string()
    }

    /// Adds a user with these properties, or replaces them.
    pub fn set_user(&self, id: &str, properties: &Value) {
        let mut user = json!({ "kind": "admin#directory#user", "id": id, "suspended": false, "archived": false });
        for (name, value) in properties.as_object().unwrap() {
            user[name] = value.clone();
        }
        let users = &mut self.state().users;
        users.retain(|other| other["id"] != id);
        users.push(user);
    }

    /// Removes all users, like a workspace that returns none.
    pub fn remove_users(&self) {
        self.state().users.clear();
    }

    /// Adds a group with members, each of a type (`USER`, `GROUP`, `CUSTOMER`, `EXTERNAL`) and with an id or, where Google
    /// knows no more, an address.
    pub fn add_group(&self, id: &str, name: &str, members: &[(&str, &str)]) {
        self.state().groups.push(json!({ "id": id, "name": name, "email": format!("{id}@example.com"),
            "aliases": [format!("{id}-list@example.com")] }));
        self.set_members(id, members);
    }

    /// Sets a group's members.
    pub fn set_members(&self, group: &str, members: &[(&str, &str)]) {
        let member = |(kind, member): &(&str, &str)| {
            let known_by = if member.contains('@') { "email" } else { "id" };
            json!({ "type": kind, known_by: member, "role": "MEMBER" })
        };
        self.state().members.insert(group.to_owned(), members.iter().map(member).collect());
    }

    /// Removes a group's members, like a group that was deleted after it was listed.
    pub fn remove_members(&self, group: &str) {
        self.state().members.remove(group);
    }

    /// Sets the number of users, groups or members on a page.
    pub fn set_page_size(&self, entries: usize) {
        self.state().page_size = entries;
    }

    /// Sets the delegated scopes.
    pub fn set_scopes(&self, scopes: &[&str]) {
        self.state().scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    }

    /// Deletes the service account's key.
    pub fn revoke_key(&self) {
        self.state().is_key_revoked = true;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap()
    }
}

impl Deref for FakeGoogle {
    type Target = Neighbour;

    fn deref(&self) -> &Neighbour {
        &self.neighbour
    }
}

async fn token(Injected(shared): Injected<Arc<Shared>>, Form(form): Form<HashMap<String, String>>) -> Response {
    let state = shared.state.lock().unwrap();
    assert_eq!(form["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
    let refused = |status: StatusCode, error: &str, text: &str| {
        (status, Json(json!({ "error": error, "error_description": text }))).into_response()
    };
    let (signed, signature) = form["assertion"].rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, KEY.public_key().as_ref());
    if state.is_key_revoked || key.verify(signed.as_bytes(), &signature).is_err() {
        return refused(StatusCode::BAD_REQUEST, "invalid_grant", "Invalid JWT Signature.");
    }
    let claims = URL_SAFE_NO_PAD.decode(signed.split_once('.').unwrap().1).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    let (now, issued) = (shared.desk.now.ms() / 1_000, claims["iat"].as_i64().unwrap());
    if issued > now || claims["exp"].as_i64().unwrap() <= now || claims["exp"] != issued + 3_600 {
        let text = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your \
                    iat and exp values in the JWT claim.";
        return refused(StatusCode::BAD_REQUEST, "invalid_grant", text);
    }
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(EMAIL), &json!(format!("{}/token", shared.desk.url))));
    if claims["sub"] != ADMIN {
        return refused(StatusCode::BAD_REQUEST, "invalid_grant", "Invalid email or User ID");
    }
    let scopes: Vec<String> = claims["scope"].as_str().unwrap().split(' ').map(str::to_owned).collect();
    if !scopes.iter().all(|scope| state.scopes.contains(scope)) {
        let text = "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of \
                    the scopes requested.";
        return refused(StatusCode::UNAUTHORIZED, "unauthorized_client", text);
    }
    let until_ms = shared.desk.now.ms() + 3_599_000;
    let token = shared.desk.tokens.give(scopes, until_ms, |number| format!("ya29.{number}"));
    Json(json!({ "access_token": token, "expires_in": 3_599, "token_type": "Bearer" })).into_response()
}

async fn users(Injected(shared): Injected<Arc<Shared>>, asked: Listing) -> Response {
    let query = &asked.query;
    let wanted = [("customer", "my_customer"), ("projection", "full"), ("maxResults", "500")];
    assert!(wanted.iter().all(|(name, value)| query[*name] == *value), "{query:?}");
    shared.answer("users", SCOPES[0], &asked, |state| Some(&state.users))
}

async fn groups(Injected(shared): Injected<Arc<Shared>>, asked: Listing) -> Response {
    let query = &asked.query;
    assert_eq!((query["customer"].as_str(), query["maxResults"].as_str()), ("my_customer", "200"));
    shared.answer("groups", SCOPES[1], &asked, |state| Some(&state.groups))
}

async fn members(Injected(shared): Injected<Arc<Shared>>, Path(group): Path<String>, asked: Listing) -> Response {
    shared.answer("members", SCOPES[1], &asked, |state| state.members.get(&group))
}

impl Shared {
    /// A page of a list; `None` if the list does not exist.
    fn answer(
        &self,
        name: &str,
        scope: &str,
        asked: &Listing,
        list: impl Fn(&State) -> Option<&Vec<Value>>,
    ) -> Response {
        let Some(scopes) = self.desk.tokens.scopes(&asked.headers, self.desk.now.ms()) else {
            return error(StatusCode::UNAUTHORIZED, Some(("authError", "Invalid Credentials")));
        };
        if !scopes.iter().any(|granted| granted == scope) {
            let text = "Request had insufficient authentication scopes.";
            return error(StatusCode::FORBIDDEN, Some(("insufficientPermissions", text)));
        }
        let state = self.state.lock().unwrap();
        let Some(entries) = list(&state) else {
            return error(StatusCode::NOT_FOUND, Some(("notFound", "Resource Not Found: groupKey")));
        };
        Json(page(name, entries, state.page_size, asked)).into_response()
    }
}

/// A page of at most `size` entries. Its token contains its start and a number that distinguishes it from others with the same start.
fn page(name: &str, entries: &[Value], size: usize, asked: &Listing) -> Value {
    let (token, paging) = (asked.query.get("pageToken"), asked.paging.as_ref());
    let from: usize = token.map_or(0, |token| token.split('-').next().unwrap().parse().unwrap());
    let to = entries.len().min(from + size);
    let next = match paging {
        Some(Paging::Circle) => Some(token.cloned().unwrap_or_else(|| "0".into())),
        Some(Paging::Empty | Paging::Replay) => Some(format!("{from}-{}", token.map_or(0, String::len))),
        _ => (to < entries.len()).then(|| to.to_string()),
    };
    let mut page = json!({ "kind": format!("admin#directory#{name}"), "etag": "\"e\"" });
    if paging != Some(&Paging::Empty) && from < to {
        page[name] = entries[from..to].into();
    }
    if let Some(next) = next {
        page["nextPageToken"] = next.into();
    }
    page
}

/// Google's error format: <https://developers.google.com/workspace/admin/directory/v1/limits>.
fn error(status: StatusCode, said: Option<(&str, &str)>) -> Response {
    let (reason, message) = said.unwrap_or(("backendError", "Something happened."));
    let errors = json!([{ "message": message, "domain": "global", "reason": reason }]);
    (status, Json(json!({ "error": { "code": status.as_u16(), "message": message, "errors": errors } })))
        .into_response()
}
