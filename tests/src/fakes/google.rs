//! Google's token endpoint for service accounts and the Directory API of a workspace, on good days and on bad ones.

pub use super::days::Bad;
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use axum::extract::{Form, Path, Query, State as Injected};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use paraph::clock::Clock;
use paraph::config::Config;
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The admin whom the service account stands for.
pub const ADMIN: &str = "admin@example.com";
/// The number of the service account in domain-wide delegation.
pub const CLIENT: &str = "109876543210987654321";
/// What an admin usually lets it do.
pub const SCOPES: [&str; 2] = [
    "https://www.googleapis.com/auth/admin.directory.user.readonly",
    "https://www.googleapis.com/auth/admin.directory.group.readonly",
];

const EMAIL: &str = "paraph@example-project.iam.gserviceaccount.com";

/// Making a key takes a while, so all tests of a process share it.
static KEY: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());

/// Google; it stops when this is dropped.
pub struct FakeGoogle {
    /// Where it is.
    pub url: String,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

struct Shared {
    url: String,
    /// Google's own time.
    clock: Clock,
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
    /// Scopes of each access token, and until when it is good.
    tokens: HashMap<String, (Vec<String>, i64)>,
    token_count: usize,
    days: VecDeque<Bad>,
    requests: Vec<String>,
}

impl FakeGoogle {
    /// Starts on a free port, with nobody in the workspace and both scopes delegated. `clock`: Google's.
    pub async fn start(clock: &Clock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let scopes = SCOPES.map(str::to_owned).to_vec();
        let state = Mutex::new(State { page_size: 500, scopes, ..State::default() });
        let shared = Arc::new(Shared { url: url.clone(), clock: clock.clone(), state });
        let router = Router::new()
            .route("/token", post(token))
            .route("/admin/directory/v1/users", get(users))
            .route("/admin/directory/v1/groups", get(groups))
            .route("/admin/directory/v1/groups/{group}/members", get(members))
            .with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, shared, server }
    }

    /// Settings with which a server asks this one.
    pub fn settings(&self, config: &mut Config) {
        config.directory.google_url.clone_from(&self.url);
        config.directory.google_token_url = format!("{}/token", self.url);
    }

    /// The key file of the service account, as Google Cloud gives it.
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

    /// Forgets all users, as a workspace that answers with nobody.
    pub fn remove_users(&self) {
        self.state().users.clear();
    }

    /// Adds a group with members, each of a type (`USER`, `GROUP`, `CUSTOMER`, `EXTERNAL`) and with an id.
    pub fn add_group(&self, id: &str, name: &str, members: &[(&str, &str)]) {
        let mut state = self.state();
        state.groups.push(json!({ "id": id, "name": name, "email": format!("{id}@example.com") }));
        let members = members.iter().map(|(kind, member)| json!({ "type": kind, "id": member, "role": "MEMBER" }));
        state.members.insert(id.to_owned(), members.collect());
    }

    /// Forgets a group's members, as when it was deleted after it was listed.
    pub fn remove_members(&self, group: &str) {
        self.state().members.remove(group);
    }

    /// How many users, groups or members are on a page.
    pub fn set_page_size(&self, entries: usize) {
        self.state().page_size = entries;
    }

    /// What the service account may do.
    pub fn set_scopes(&self, scopes: &[&str]) {
        self.state().scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    }

    /// Deletes the service account's key.
    pub fn revoke_key(&self) {
        self.state().is_key_revoked = true;
    }

    /// What the next requests get, in turn; after that the days are fine.
    pub fn then(&self, days: impl IntoIterator<Item = Bad>) {
        self.state().days.extend(days);
    }

    /// From now on the days are fine.
    pub fn clear_days(&self) {
        self.state().days.clear();
    }

    /// What was asked for since the last call, in order: `token`, `users`, `groups`, `members`.
    pub fn take_requests(&self) -> Vec<String> {
        std::mem::take(&mut self.state().requests)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap()
    }
}

impl Drop for FakeGoogle {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn token(Injected(shared): Injected<Arc<Shared>>, Form(form): Form<HashMap<String, String>>) -> Response {
    let mut state = shared.state.lock().unwrap();
    state.requests.push("token".into());
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
    let (now, issued) = (shared.clock.now_ms() / 1_000, claims["iat"].as_i64().unwrap());
    if issued > now || claims["exp"].as_i64().unwrap() <= now || claims["exp"] != issued + 3_600 {
        let text = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your \
                    iat and exp values in the JWT claim.";
        return refused(StatusCode::BAD_REQUEST, "invalid_grant", text);
    }
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(EMAIL), &json!(format!("{}/token", shared.url))));
    if claims["sub"] != ADMIN {
        return refused(StatusCode::BAD_REQUEST, "invalid_grant", "Invalid email or User ID");
    }
    let scopes: Vec<String> = claims["scope"].as_str().unwrap().split(' ').map(str::to_owned).collect();
    if !scopes.iter().all(|scope| state.scopes.contains(scope)) {
        let text = "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of \
                    the scopes requested.";
        return refused(StatusCode::UNAUTHORIZED, "unauthorized_client", text);
    }
    state.token_count += 1;
    let token = format!("ya29.{}", state.token_count);
    state.tokens.insert(token.clone(), (scopes, shared.clock.now_ms() + 3_599_000));
    Json(json!({ "access_token": token, "expires_in": 3_599, "token_type": "Bearer" })).into_response()
}

type Asked = (Query<HashMap<String, String>>, HeaderMap);

async fn users(Injected(shared): Injected<Arc<Shared>>, (query, headers): Asked) -> Response {
    let wanted = [("customer", "my_customer"), ("projection", "full"), ("maxResults", "500")];
    assert!(wanted.iter().all(|(name, value)| query[*name] == *value), "{query:?}");
    shared.answer(("users", SCOPES[0]), (&query, &headers), |state| Some(state.users.clone())).await
}

async fn groups(Injected(shared): Injected<Arc<Shared>>, (query, headers): Asked) -> Response {
    assert_eq!((query["customer"].as_str(), query["maxResults"].as_str()), ("my_customer", "200"));
    shared.answer(("groups", SCOPES[1]), (&query, &headers), |state| Some(state.groups.clone())).await
}

async fn members(
    Injected(shared): Injected<Arc<Shared>>,
    Path(group): Path<String>,
    (query, headers): Asked,
) -> Response {
    shared.answer(("members", SCOPES[1]), (&query, &headers), |state| state.members.get(&group).cloned()).await
}

impl Shared {
    /// A page of a list; `None`: there is no such list.
    async fn answer(
        &self,
        (name, scope): (&str, &str),
        (query, headers): (&HashMap<String, String>, &HeaderMap),
        list: impl Fn(&State) -> Option<Vec<Value>>,
    ) -> Response {
        let (day, usual) = {
            let mut state = self.state.lock().unwrap();
            state.requests.push(name.to_owned());
            let day = state.days.pop_front().unwrap_or(Bad::Fine);
            if let Bad::TokensExpire = day {
                state.tokens.clear();
            }
            let bearer =
                headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
            let token = bearer.and_then(|token| state.tokens.get(token));
            let Some((scopes, _)) = token.filter(|(_, until_ms)| *until_ms > self.clock.now_ms()) else {
                return error(StatusCode::UNAUTHORIZED, "authError", "Invalid Credentials");
            };
            if !scopes.iter().any(|granted| granted == scope) {
                let text = "Request had insufficient authentication scopes.";
                return error(StatusCode::FORBIDDEN, "insufficientPermissions", text);
            }
            let Some(entries) = list(&state) else {
                return error(StatusCode::NOT_FOUND, "notFound", "Resource Not Found: groupKey");
            };
            let usual = page(name, &entries, (query.get("pageToken"), state.page_size), &day);
            (day, usual)
        };
        match day {
            Bad::Refused(status, reason, message) => error(StatusCode::from_u16(status).unwrap(), reason, message),
            Bad::Forbidden(reason) => error(StatusCode::FORBIDDEN, reason, "Something is not as it should be."),
            day => day.around(usual, |status| error(status, "backendError", "Something happened.")).await,
        }
    }
}

/// A page as text. Its token is where it begins, and what tells it from others that begin there.
fn page(name: &str, entries: &[Value], (token, size): (Option<&String>, usize), day: &Bad) -> String {
    let from: usize = token.map_or(0, |token| token.split('-').next().unwrap().parse().unwrap());
    let to = entries.len().min(from + size);
    let next = match day {
        Bad::Circle => Some(token.cloned().unwrap_or_else(|| "0".into())),
        Bad::Empty | Bad::Replay => Some(format!("{from}-{}", token.map_or(0, String::len))),
        _ => (to < entries.len()).then(|| to.to_string()),
    };
    let mut page = json!({ "kind": format!("admin#directory#{name}"), "etag": "\"e\"" });
    if !matches!(day, Bad::Empty) && from < to {
        page[name] = entries[from..to].into();
    }
    if let Some(next) = next {
        page["nextPageToken"] = next.into();
    }
    page.to_string()
}

fn error(status: StatusCode, reason: &str, message: &str) -> Response {
    let errors = json!([{ "message": message, "domain": "global", "reason": reason }]);
    (status, Json(json!({ "error": { "code": status.as_u16(), "message": message, "errors": errors } })))
        .into_response()
}
