//! What somebody made is worth no more than their present role: tokens, connector secrets, invitations, planned publishing,
//! a tenant's deletion.

use api::connector::paths::TARGET;
use api::console::{Role, Scope, paths};
use axum::http::StatusCode;
use paraph::cli::data::grant::GrantOptions;
use paraph::cli::server::doctor::{self, DoctorOptions, Level};
use serde_json::{Value, json};
use tests::app::{Answer, TENANT, TestApp};
use tests::console::{Admin, PASSWORD};

/// A company's owner, and an admin who makes things and then loses the role.
struct Company<'a> {
    app: &'a TestApp,
    tenant: String,
    owner: Admin<'a>,
    admin: Admin<'a>,
    /// The admin's account.
    account: String,
}

impl<'a> Company<'a> {
    async fn new(app: &'a TestApp) -> Self {
        let owner = app.owner().await;
        let tenant = app.tenant_id(TENANT).await;
        let admin = app.member(&owner, &tenant, Role::Admin).await;
        let account = account(&admin).await;
        Self { app, tenant, owner, admin, account }
    }

    fn at(&self, path: &str) -> String {
        path.replace("{tenant}", &self.tenant).replace("{account}", &self.account)
    }

    /// The admin becomes something else; `None`: is taken out.
    async fn becomes(&self, role: Option<Role>) {
        let member = self.at(paths::MEMBER);
        let done = match role {
            Some(role) => self.owner.send("PATCH", &member, &json!({ "role": role })).await,
            None => self.owner.delete(&member).await,
        };
        assert!(done.status.is_success(), "{}", done.text());
    }

    /// A token of the admin's: its id and its secret.
    async fn token(&self, name: &str, scopes: &[Scope]) -> (String, String) {
        let new = json!({ "name": name, "scopes": scopes, "days": 30 });
        let made = self.admin.send("POST", &self.at(paths::TOKENS), &new).await.json();
        (made["token"]["id"].as_str().unwrap().to_owned(), made["secret"].as_str().unwrap().to_owned())
    }

    /// The first token as the owner sees it.
    async fn listed(&self) -> Value {
        self.owner.get(&self.at(paths::TOKENS)).await.json()["tokens"][0].clone()
    }

    async fn with(&self, method: &str, path: &str, secret: &str) -> Answer {
        self.app.send(self.app.request(method, &self.at(path)).bearer_auth(secret).json(&json!({}))).await
    }

    async fn audit(&self) -> Value {
        self.owner.get(&self.at(paths::AUDIT)).await.json()["entries"].clone()
    }
}

async fn account(who: &Admin<'_>) -> String {
    who.get(paths::SESSION).await.json()["account"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_can_do_no_more_than_its_maker_could_now() {
    let app = TestApp::start().await;
    let company = Company::new(&app).await;
    let (_, secret) = company.token("Sync", &Scope::ALL).await;
    let fields = [("GET", paths::FIELDS), ("PUT", paths::FIELDS), ("POST", paths::PEOPLE), ("GET", paths::AUDIT)];
    let refused = async || {
        let mut refused = Vec::new();
        for (method, path) in fields {
            refused.push(company.with(method, path, &secret).await.status == StatusCode::FORBIDDEN);
        }
        refused
    };
    assert_eq!(refused().await, [false, false, false, false]);
    company.becomes(Some(Role::Editor)).await;
    assert_eq!(refused().await, [false, true, false, true]);
    company.becomes(Some(Role::Viewer)).await;
    assert_eq!(refused().await, [false, true, true, true]);
    let listed = company.listed().await;
    assert!(listed["trouble"].as_str().unwrap().contains("is now a viewer, but this requires an admin"), "{listed}");
    let lost: Vec<_> = listed["lost"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(lost, ["people:write", "fields:write", "design:write", "audit:read", "database:upload"]);
    company.becomes(Some(Role::Owner)).await;
    assert_eq!(refused().await, [false, false, false, false], "a promotion restores it");
    assert!(company.listed().await["trouble"].is_null());
    company.becomes(None).await;
    assert_eq!(refused().await, [true, true, true, true]);
    let told = company.with("GET", paths::FIELDS, &secret).await;
    assert!(told.detail().contains("is no longer a member of this tenant"), "{}", told.detail());
}

#[tokio::test]
async fn a_refused_token_is_not_noted_as_used_and_does_not_slide() {
    let app = TestApp::start().await;
    let company = Company::new(&app).await;
    let (_, secret) = company.token("HR database", &[Scope::DatabaseUpload]).await;
    company.becomes(None).await;
    let before = company.listed().await;
    app.clock.advance_ms(MINUTE_MS);
    assert_eq!(company.with("GET", TARGET, &secret).await.status, StatusCode::FORBIDDEN);
    assert_eq!(company.listed().await, before);
}

#[tokio::test]
async fn a_connector_whose_admin_left_is_seen_everywhere_and_taken_over_with_one_button() {
    let app = TestApp::start().await;
    let company = Company::new(&app).await;
    let (id, secret) = company.token("HR database", &[Scope::DatabaseUpload]).await;
    let database = company.at(paths::SOURCE).replace("{source}", "database");
    let problem = async || company.owner.get(&database).await.json()["problem"].as_str().map(str::to_owned);
    let warned = async || {
        let report = doctor::run(Ok(app.app.config.clone()), &DoctorOptions { offline: true }).await;
        let warnings = report.lines.into_iter().filter(|(level, _)| *level == Level::Warn);
        warnings.map(|(_, line)| line).filter(|line| line.contains("HR database")).count()
    };
    assert_eq!((problem().await, warned().await), (None, 0));
    assert_eq!(company.with("GET", TARGET, &secret).await.status, StatusCode::OK);
    company.becomes(None).await;
    let refused = company.with("GET", TARGET, &secret).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.detail().contains("An admin can take it over"), "{}", refused.detail());
    let told = problem().await.unwrap();
    assert!(told.contains("HR database") && told.contains("is no longer a member"), "{told}");
    assert_eq!(warned().await, 1);

    let take_over = company.at(paths::TAKE_OVER_TOKEN).replace("{token}", &id);
    let editor = app.member(&company.owner, &company.tenant, Role::Editor).await;
    assert_eq!(editor.send("POST", &take_over, &json!({})).await.status, StatusCode::FORBIDDEN);
    let taken = company.owner.send("POST", &take_over, &json!({})).await;
    assert_eq!((taken.status, taken.json()["trouble"].is_null()), (StatusCode::OK, true), "{}", taken.text());
    assert_eq!(company.with("GET", TARGET, &secret).await.status, StatusCode::OK);
    assert_eq!((problem().await, warned().await), (None, 0));
    let entry = company.audit().await[0].clone();
    assert_eq!((&entry["action"], &entry["subject"]), (&json!("take_over_token"), &json!("HR database")), "{entry}");
    let nothing = company.at(paths::TAKE_OVER_TOKEN).replace("{token}", "nothing");
    assert_eq!(company.owner.send("POST", &nothing, &json!({})).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_invitation_is_void_while_its_sender_could_not_send_it() {
    let app = TestApp::start().await;
    let company = Company::new(&app).await;
    company.becomes(Some(Role::Owner)).await;
    let to_owner = company.admin.invite(&company.tenant, "owner-to-be@example.com", Role::Owner).await;
    let to_viewer = company.admin.invite(&company.tenant, "viewer-to-be@example.com", Role::Viewer).await;
    let look = async |code: &str| app.from_console("POST", paths::INVITATION, &json!({ "code": code })).await.status;
    let both = async || (look(&to_owner).await, look(&to_viewer).await);
    let (open, void) = (StatusCode::OK, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(both().await, (open, open));
    company.becomes(Some(Role::Admin)).await;
    assert_eq!(both().await, (void, open), "an admin hands out no owner");
    let listed = company.owner.get(&company.at(paths::MEMBERS)).await.json();
    let troubles: Vec<_> =
        listed["invitations"].as_array().unwrap().iter().map(|one| !one["trouble"].is_null()).collect();
    assert_eq!(troubles.iter().filter(|void| **void).count(), 1, "{listed}");
    for role in [Some(Role::Editor), Some(Role::Viewer)] {
        company.becomes(role).await;
        assert_eq!(both().await, (void, void), "{role:?} invites nobody");
    }
    let accept = |code: &str| json!({ "code": code, "name": "Somebody", "password": PASSWORD });
    let refused = app.from_console("POST", paths::ACCEPT, &accept(&to_owner)).await;
    assert_eq!((refused.status, refused.field().as_str()), (void, "code"));
    assert!(refused.detail().contains("can no longer invite"), "{}", refused.detail());
    company.becomes(None).await;
    assert_eq!(both().await, (void, void));
    // Invited anew, and the role back: what was sent is good again.
    let again =
        company.owner.invite(&company.tenant, &format!("admin-{}@example.com", company.tenant), Role::Owner).await;
    assert_eq!(company.admin.send("POST", paths::ACCEPT, &json!({ "code": again })).await.status, open);
    assert_eq!(both().await, (open, open));
    assert_eq!(app.from_console("POST", paths::ACCEPT, &accept(&to_owner)).await.status, open);
}

#[tokio::test]
async fn an_old_invitation_undoes_nothing_that_was_decided_about_a_member_since() {
    let app = TestApp::start().await;
    let company = Company::new(&app).await;
    company.becomes(None).await;
    let email = format!("admin-{}@example.com", company.tenant);
    let code = company.owner.invite(&company.tenant, &email, Role::Owner).await;
    // In another way than by the invitation, and then decided otherwise.
    let grant = GrantOptions { email, tenant: Some(TENANT.into()) };
    paraph::cli::data::grant::run(&app.app.config, &grant).await.unwrap();
    company.becomes(Some(Role::Viewer)).await;
    let refused = company.admin.send("POST", paths::ACCEPT, &json!({ "code": code })).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text());
    assert!(refused.detail().contains("already has the role viewer in the tenant"), "{}", refused.detail());
    let session = company.admin.get(paths::SESSION).await.json();
    assert_eq!(session["tenants"][0]["role"], "viewer", "{session}");
}

/// Shorter than a session waits for its admin.
const MINUTE_MS: i64 = 60_000;

/// Plans the template `short` to be published in a minute.
async fn plan(company: &Company<'_>, request: impl Fn(&str, &str) -> reqwest::RequestBuilder) {
    let template = company.at(paths::TEMPLATE).replace("{template}", "short");
    let found = company.app.send(request("GET", &template)).await;
    let mut draft = found.json()["template"].clone();
    draft["html"] = json!("<p>{{ display_name }}, changed</p>");
    draft.as_object_mut().unwrap().remove("id");
    let saved = company.app.send(request("PUT", &template).header("if-match", found.header("etag")).json(&draft)).await;
    assert!(saved.status.is_success(), "{}", saved.text());
    let etag = company.owner.get(&company.at(paths::CHANGES)).await.header("etag").to_owned();
    let at_ms = company.app.clock.now_ms() + MINUTE_MS;
    let wanted = json!({ "changes": { "templates": ["short"] }, "at_ms": at_ms });
    let publish = request("POST", &company.at(paths::PUBLISH)).header("if-match", etag).json(&wanted);
    let planned = company.app.send(publish).await;
    assert!(planned.status.is_success(), "{}", planned.text());
}

#[tokio::test]
async fn publishing_that_somebody_planned_waits_for_another_editor_when_they_cannot_publish_any_more() {
    let app = TestApp::start().await;
    let company = Company::new(&app).await;
    let (_, secret) = company.token("Design", &[Scope::DesignRead, Scope::DesignWrite]).await;
    let first = async || company.owner.get(&company.at(paths::CHANGES)).await.json()["templates"][0].clone();
    for by_token in [false, true] {
        plan(&company, |method, path| {
            if by_token { app.request(method, path).bearer_auth(&secret) } else { company.admin.request(method, path) }
        })
        .await;
        assert!(first().await["trouble"].is_null());
        company.becomes(Some(Role::Viewer)).await;
        let told = first().await["trouble"].as_str().unwrap().to_owned();
        assert!(told.contains("is now a viewer, but this requires an editor"), "{told}");
        app.clock.advance_ms(MINUTE_MS);
        app.run_due().await;
        let waits = first().await;
        assert!(waits["publish_ms"].is_null() && waits["id"] == "short", "{waits}");
        let entry = company.audit().await[0].clone();
        assert_eq!(entry["action"], "publishing_failed");
        assert!(entry.to_string().contains("plan it again"), "{entry}");
        company.becomes(Some(Role::Admin)).await;
    }
    // Demoted and promoted again before the time comes: nothing is lost.
    plan(&company, |method, path| company.admin.request(method, path)).await;
    company.becomes(Some(Role::Viewer)).await;
    company.becomes(Some(Role::Editor)).await;
    app.clock.advance_ms(MINUTE_MS);
    app.run_due().await;
    assert!(first().await.is_null(), "published");
}

#[tokio::test]
async fn a_tenant_is_not_deleted_for_somebody_who_is_no_owner_any_more() {
    let app = TestApp::start().await;
    let company = Company::new(&app).await;
    company.becomes(Some(Role::Owner)).await;
    let path = company.at(paths::TENANT);
    let asked = company.admin.send("DELETE", &path, &json!({ "name": "Example" })).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.text());
    company.becomes(Some(Role::Admin)).await;
    app.clock.advance_ms(15 * 86_400_000);
    app.run_due().await;
    let owner = app.sign_in("owner@example.com").await;
    let kept = owner.get(&path).await.json();
    assert!(kept["delete_ms"].is_null(), "{kept}");
    let audit = owner.get(&company.at(paths::AUDIT)).await.json();
    assert_eq!(audit["entries"][0]["action"], "restore_tenant", "{audit}");
    assert!(audit["entries"][0].to_string().contains("who asked for the deletion, is now an admin"), "{audit}");
    let wish = json!({ "name": "Example" });
    assert_eq!(owner.send("DELETE", &path, &wish).await.status, StatusCode::OK);
    app.clock.advance_ms(15 * 86_400_000);
    app.run_due().await;
    assert_eq!(app.app.store.tenant_of_entra(TENANT).await, Ok(None));
}
