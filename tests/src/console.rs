//! Somebody at the console, as their browser would speak.

use crate::app::{Answer, TestApp};
use api::console::{CSRF_HEADER, Role, paths};
use serde_json::{Value, json};

/// A password that is long enough.
pub const PASSWORD: &str = "a long enough password";

/// Somebody who is signed in.
pub struct Admin<'a> {
    app: &'a TestApp,
    /// The cookie, `name=value`.
    pub cookie: String,
    /// What goes into the CSRF header.
    pub csrf: String,
}

impl TestApp {
    /// The owner of every tenant, through the set-up link.
    pub async fn owner(&self) -> Admin<'_> {
        let link = self.setup_link().await;
        let body = json!({ "code": link, "email": "owner@example.com", "name": "Owner", "password": PASSWORD });
        Admin::begun(self, &self.from_console("POST", paths::SETUP, &body).await)
    }

    /// A set-up link's code, as the server would print it.
    pub async fn setup_link(&self) -> String {
        let code = paraph::random::secret();
        let now_ms = self.clock.now_ms();
        self.app.store.insert_setup(&paraph::identity::digest(&code), now_ms + 86_400_000, now_ms).await.unwrap();
        code
    }

    /// Somebody whom `owner` asked in to the tenant with this role.
    pub async fn member(&self, owner: &Admin<'_>, tenant: &str, role: Role) -> Admin<'_> {
        let email = format!("{}-{tenant}@example.com", role.as_str()).to_lowercase();
        self.invited(owner, tenant, json!({ "email": email, "role": role })).await
    }

    /// An editor, limited as this says, whom `owner` asked in to the tenant.
    pub async fn limited_editor(&self, owner: &Admin<'_>, tenant: &str, limits: &Value) -> Admin<'_> {
        let what: String = limits.to_string().chars().filter(char::is_ascii_alphanumeric).collect();
        let email = format!("limited-{what}@example.com").to_lowercase();
        let invite = json!({ "email": email, "role": Role::Editor, "limits": limits });
        self.invited(owner, tenant, invite).await
    }

    async fn invited(&self, owner: &Admin<'_>, tenant: &str, invite: Value) -> Admin<'_> {
        let code = owner.invite_as(tenant, &invite).await;
        let role = Role::parse(invite["role"].as_str().unwrap()).unwrap();
        let body = json!({ "code": code, "name": role.as_str(), "password": PASSWORD });
        Admin::begun(self, &self.from_console("POST", paths::ACCEPT, &body).await)
    }

    /// Signs in with [`PASSWORD`].
    pub async fn sign_in(&self, email: &str) -> Admin<'_> {
        let body = json!({ "email": email, "password": PASSWORD });
        Admin::begun(self, &self.from_console("POST", paths::SIGN_IN, &body).await)
    }

    /// A request of the console's page by nobody.
    pub async fn from_console(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.send(self.request(method, path).header("origin", &self.url).json(body)).await
    }

    /// Our id of the tenant with this Entra id.
    pub async fn tenant_id(&self, entra_id: &str) -> String {
        self.app.tenants.of_entra(entra_id).await.unwrap().unwrap().id.clone()
    }
}

impl<'a> Admin<'a> {
    /// Whoever this answer signed in.
    pub fn begun(app: &'a TestApp, answer: &Answer) -> Self {
        assert!(answer.status.is_success(), "{}", answer.text());
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        let csrf = answer.json()["csrf"].as_str().unwrap().to_owned();
        Self { app, cookie, csrf }
    }

    /// Whoever has this cookie, with what goes into the CSRF header.
    pub fn with(app: &'a TestApp, cookie: String, csrf: String) -> Self {
        Self { app, cookie, csrf }
    }

    /// A request as the console's page makes it.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let request = self.app.request(method, path).header("cookie", &self.cookie);
        if method == "GET" {
            return request;
        }
        request.header("origin", &self.app.url).header(CSRF_HEADER, &self.csrf)
    }

    /// `GET path`.
    pub async fn get(&self, path: &str) -> Answer {
        self.app.send(self.request("GET", path)).await
    }

    /// A request with a JSON body.
    pub async fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.app.send(self.request(method, path).json(body)).await
    }

    /// The same with the `ETag` that is changed.
    pub async fn change(&self, method: &str, path: &str, etag: &str, body: &Value) -> Answer {
        self.app.send(self.request(method, path).header("if-match", etag).json(body)).await
    }

    /// `DELETE path`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.app.send(self.request("DELETE", path)).await
    }

    /// The run at this path once it waits for somebody, or has ended.
    pub async fn settled(&self, path: &str) -> Value {
        let ask = async || {
            let mut answer = self.get(path).await;
            // As on a busy machine beside a large import: the answer says to ask again.
            while answer.status == axum::http::StatusCode::SERVICE_UNAVAILABLE {
                answer = self.get(path).await;
            }
            assert!(answer.status.is_success(), "{}", answer.text());
            answer.json()
        };
        self.app.settled(path.rsplit('/').next().unwrap(), ask).await
    }

    /// Asks somebody in; the link's code.
    pub async fn invite(&self, tenant: &str, email: &str, role: Role) -> String {
        self.invite_as(tenant, &json!({ "email": email, "role": role })).await
    }

    async fn invite_as(&self, tenant: &str, invite: &Value) -> String {
        let path = paths::INVITATIONS.replace("{tenant}", tenant);
        let answer = self.send("POST", &path, invite).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let link = answer.json()["link"].as_str().unwrap().to_owned();
        link.split_once('#').unwrap().1.to_owned()
    }
}
