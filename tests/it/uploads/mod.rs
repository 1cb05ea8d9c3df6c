//! The connector's endpoints: uploads in parts, planned and applied by themselves.

mod guard;

use crate::people::{Desk, at_each_server, field};
use api::connector::paths;
use api::console::Role;
use axum::http::StatusCode;
use paraph::identity::digest;
use paraph::store::RunKey;
use serde_json::{Value, json};
use std::io::Write as _;
use tests::app::{ADA, Answer, OTHER_TENANT, TENANT, TestApp};

/// The program on the customer's network, with its secret.
struct Connector<'a> {
    app: &'a TestApp,
    secret: String,
}

impl Connector<'_> {
    fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.app.request(method, path).bearer_auth(&self.secret)
    }

    async fn get(&self, path: &str) -> Answer {
        self.app.send(self.request("GET", path)).await
    }

    async fn announce(&self, new: &Value) -> Answer {
        self.app.send(self.request("POST", paths::UPLOADS).json(new)).await
    }

    async fn put(&self, id: &str, part: usize, rows: &str) -> Answer {
        let path = paths::PART.replace("{upload}", id).replace("{part}", &part.to_string());
        self.app.send(self.request("PUT", &path).body(packed(rows))).await
    }

    /// The upload once it waits for somebody, or has ended.
    async fn settled(&self, id: &str) -> Value {
        let path = paths::UPLOAD.replace("{upload}", id);
        self.app.settled(id, async || self.get(&path).await.json()).await
    }

    /// Sends everything and waits for the end.
    async fn run(&self, upload: &Upload) -> Value {
        let announced = self.announce(&upload.announcement()).await;
        assert_eq!(announced.status, StatusCode::CREATED, "{}", announced.text());
        let received = usize::try_from(announced.json()["received"].as_u64().unwrap()).unwrap();
        for (number, rows) in upload.parts.iter().enumerate().skip(received) {
            let answer = self.put(&upload.id, number, rows).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        }
        self.settled(&upload.id).await
    }
}

/// What is uploaded.
struct Upload {
    id: String,
    columns: Vec<(&'static str, &'static str)>,
    parts: Vec<String>,
    preview: bool,
}

impl Upload {
    fn new(columns: &[(&'static str, &'static str)], parts: &[&str]) -> Self {
        let parts = parts.iter().map(|part| (*part).to_owned()).collect();
        Self { id: digest(&paraph::random::id())[..32].to_owned(), columns: columns.to_vec(), parts, preview: false }
    }

    fn announcement(&self) -> Value {
        let columns: Vec<_> =
            self.columns.iter().map(|(name, field)| json!({ "name": name, "field": field })).collect();
        let rows: usize = self.parts.iter().map(|part| part.lines().count()).sum();
        json!({ "id": self.id, "columns": columns, "rows": rows, "parts": self.parts.len(), "preview": self.preview,
            "digest": digest(&self.parts.concat()), "program": "test" })
    }
}

fn packed(rows: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(rows.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

impl Desk<'_> {
    async fn connector<'a>(&self, app: &'a TestApp) -> Connector<'a> {
        let path = self.path(api::console::paths::TOKENS, "");
        let body = json!({ "name": "HR database", "scopes": ["database:upload"], "days": 366 });
        let made = self.owner.send("POST", &path, &body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        Connector { app, secret: made.json()["secret"].as_str().unwrap().to_owned() }
    }

    /// The value in effect and where it comes from.
    async fn value(&self, person: &str, token: &str) -> (Value, Value) {
        let (detail, _) = self.person(person).await;
        let field = field(&detail, token);
        (field["value"].clone(), field["source"].clone())
    }
}

const TITLE: &[(&str, &str)] = &[("mail", "address"), ("job", "title")];

fn counts(upload: &Value) -> [u64; 6] {
    ["added", "changed", "unchanged", "cleared", "unmatched", "wrong"]
        .map(|name| upload["plan"][name].as_u64().unwrap())
}

#[tokio::test]
async fn a_databases_rows_are_applied_and_win_over_the_directory() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let connector = desk.connector(app).await;
        let target = connector.get(paths::TARGET).await.json();
        assert_eq!((&target["tenant"], &target["secret"]), (&json!("Example"), &json!("HR database")));
        assert_eq!(target["fields"][0]["token"], "address");
        assert!(
            target["fields"].as_array().unwrap().iter().any(|field| field["token"] == "badge"),
            "custom fields too"
        );
        assert_eq!(desk.value("ada", "title").await, (json!("Analyst"), json!("entra")));
        let before = app.post(api::paths::SIGNATURE, ADA, &json!({ "kind": "new" })).await.json();
        assert!(before["html"].as_str().unwrap().contains("Analyst"), "{before}");
        let upload = Upload::new(TITLE, &["ada@example.com,Countess\n", "nobody@example.com,?\nGRACE@example.com,\n"]);
        let ended = connector.run(&upload).await;
        assert_eq!((&ended["state"], &ended["received"]), (&json!("applied"), &json!(2)), "{ended}");
        assert_eq!(counts(&ended), [0, 1, 1, 0, 1, 0], "{ended}");
        assert_eq!(desk.value("ada", "title").await, (json!("Countess"), json!("database")));
        let after = app.post(api::paths::SIGNATURE, ADA, &json!({ "kind": "new" })).await.json();
        assert!(after["html"].as_str().unwrap().contains("Countess"), "at the next request: {after}");
        assert_ne!(after["fingerprint"], before["fingerprint"], "clients that keep a copy notice");
        assert_eq!(desk.value("grace", "title").await, (json!("Rear admiral"), json!("entra")));

        // Without the column the field goes back to the next source.
        let ended = connector.run(&Upload::new(&TITLE[..1], &["ada@example.com\n"])).await;
        assert_eq!(ended["state"], "planned", "one of four people loses something: {ended}");
        assert!(ended["failure"].as_str().unwrap().contains("apply or cancel"), "{ended}");
        let path = desk.path(api::console::paths::APPLY_RUN, upload_id(&ended));
        assert_eq!(desk.owner.send("POST", &path, &json!({})).await.field(), "confirmed");
        let applied = desk.owner.send("POST", &path, &json!({ "confirmed": true })).await;
        assert_eq!(applied.status, StatusCode::OK, "{}", applied.text());
        assert_eq!(connector.settled(upload_id(&ended)).await["state"], "applied");
        assert_eq!(desk.value("ada", "title").await, (json!("Analyst"), json!("entra")));
    })
    .await;
}

/// What goes up with every change.
async fn version(app: &TestApp) -> i64 {
    let tenant = app.app.tenants.of_entra(TENANT).await.unwrap().unwrap();
    app.app.tenants.forget(&tenant);
    app.app.tenants.of_entra(TENANT).await.unwrap().unwrap().version
}

fn upload_id(upload: &Value) -> &str {
    upload["id"].as_str().unwrap()
}

#[tokio::test]
async fn the_same_rows_again_are_not_sent_and_change_nothing() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let connector = desk.connector(app).await;
        let parts = ["ada@example.com,Countess\n", "grace@example.com,Admiral\n"];
        assert_eq!(connector.run(&Upload::new(TITLE, &parts)).await["state"], "applied");
        let before = version(app).await;
        let again = Upload::new(TITLE, &parts);
        let announced = connector.announce(&again.announcement()).await.json();
        assert_eq!(announced["received"], 2, "{announced}");
        let ended = connector.settled(&again.id).await;
        assert_eq!((&ended["state"], counts(&ended)), (&json!("applied"), [0, 0, 2, 0, 0, 0]), "{ended}");
        assert_eq!(version(app).await, before, "nothing is written");
        // What another source took away meanwhile is noticed without the rows being sent.
        let store = &app.app.store;
        let mapped = Upload::new(&[("mail", "address"), ("job", "department")], &parts);
        let ended = connector.run(&mapped).await;
        assert_eq!(ended["state"], "planned", "both lose their title: {ended}");
        let key = RunKey { tenant: &desk.tenant, run: &again.id };
        assert!(store.run_text(key).await.unwrap().is_none(), "the rows moved on");
    })
    .await;
}

#[tokio::test]
async fn an_upload_that_was_cut_goes_on_where_it_was_and_repeats_do_nothing() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let connector = desk.connector(&app).await;
    let upload = Upload::new(TITLE, &["ada@example.com,A\n", "grace@example.com,B\n", "alan@example.com,C\n"]);
    assert_eq!(connector.announce(&upload.announcement()).await.json()["received"], 0);
    assert_eq!(connector.put(&upload.id, 1, &upload.parts[1]).await.field(), "part", "the first one is missing");
    assert_eq!(connector.put(&upload.id, 0, &upload.parts[0]).await.json()["received"], 1);
    assert_eq!(connector.put(&upload.id, 0, &upload.parts[0]).await.json()["received"], 1);
    assert_eq!(connector.announce(&upload.announcement()).await.json()["received"], 1, "where it goes on");
    assert_eq!(connector.put(&upload.id, 3, "x").await.field(), "part", "there are three");
    let ended = connector.run(&upload).await;
    assert_eq!((&ended["state"], counts(&ended)), (&json!("applied"), [0, 3, 0, 0, 0, 0]), "{ended}");
    assert_eq!(connector.put(&upload.id, 2, &upload.parts[2]).await.status, StatusCode::OK, "its answer was lost");
    assert_eq!(desk.value("alan", "title").await.0, "C");
}

#[tokio::test]
async fn a_preview_says_what_would_change_and_changes_nothing() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let connector = desk.connector(&app).await;
    let parts = ["ada@example.com,Countess\n"];
    let preview = Upload { preview: true, ..Upload::new(TITLE, &parts) };
    let ended = connector.run(&preview).await;
    assert_eq!((&ended["state"], &ended["failure"]), (&json!("planned"), &Value::Null), "{ended}");
    let change = json!({ "token": "title", "to": "Countess" });
    assert_eq!(ended["plan"]["sample"][0]["changes"][0], change, "{ended}");
    let path = desk.path(api::console::paths::APPLY_RUN, &preview.id);
    assert_eq!(desk.owner.send("POST", &path, &json!({})).await.status, StatusCode::CONFLICT);
    assert_eq!(desk.value("ada", "title").await.0, "Analyst");
    let upload = Upload::new(TITLE, &parts);
    assert_eq!(connector.announce(&upload.announcement()).await.json()["received"], 1, "the preview's rows are here");
    assert_eq!(connector.settled(&upload.id).await["state"], "applied");
    assert_eq!(desk.value("ada", "title").await.0, "Countess");
}

#[tokio::test]
async fn a_source_that_suddenly_returns_nothing_waits_and_a_newer_upload_takes_its_place() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let connector = desk.connector(app).await;
        let parts = ["ada@example.com,A\ngrace@example.com,B\n"];
        assert_eq!(connector.run(&Upload::new(TITLE, &parts)).await["state"], "applied");
        let nothing = connector.run(&Upload::new(TITLE, &[])).await;
        assert_eq!((&nothing["state"], counts(&nothing)), (&json!("planned"), [0, 0, 0, 2, 0, 0]), "{nothing}");
        assert_eq!(desk.value("ada", "title").await.0, "A");
        let ended = connector.run(&Upload::new(TITLE, &parts)).await;
        assert_eq!(ended["state"], "applied", "{ended}");
        let replaced = connector.settled(upload_id(&nothing)).await;
        assert_eq!(replaced["state"], "cancelled", "{replaced}");
        assert!(replaced["failure"].as_str().unwrap().contains("newer"), "{replaced}");
        let path = desk.path(api::console::paths::APPLY_RUN, upload_id(&nothing));
        let late = desk.owner.send("POST", &path, &json!({ "confirmed": true })).await;
        assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.text());
        assert_eq!(desk.value("ada", "title").await.0, "A");
    })
    .await;
}

#[tokio::test]
async fn rows_that_cannot_be_are_named_and_cost_nobody_a_value() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let connector = desk.connector(&app).await;
    assert_eq!(
        connector.run(&Upload::new(TITLE, &["ada@example.com,A\ngrace@example.com,B\n"])).await["state"],
        "applied"
    );
    let long = "x".repeat(api::MAX_FIELD + 1);
    let rows = format!(
        "ada@example.com,{long}\nADA@example.com,Twice\nno address,x\n,x\ngrace@example.com,Caf\u{fffd}\nalan@example.com\n"
    );
    let ended = connector.run(&Upload::new(TITLE, &[&rows])).await;
    assert_eq!(ended["state"], "applied", "{ended}");
    assert_eq!(counts(&ended)[5], 6, "{ended}");
    let issues = ended["plan"]["issues"].as_array().unwrap();
    for (row, column, words) in [
        (1, json!("job"), "1000 characters"),
        (2, json!("mail"), "row 1 is for the same person"),
        (3, json!("mail"), "correct it"),
        (4, json!("mail"), "address is missing"),
        (5, json!("job"), "could not be read"),
        (6, Value::Null, "1 cells"),
    ] {
        let issue = issues.iter().find(|issue| issue["line"] == row).unwrap_or_else(|| panic!("row {row}: {ended}"));
        assert_eq!(issue["column"], column, "{issue}");
        assert!(issue["detail"].as_str().unwrap().contains(words), "{issue}");
    }
    assert_eq!(desk.value("ada", "title").await.0, "A", "a wrong row takes nothing away");
    assert_eq!(desk.value("grace", "title").await.0, "B");
}

#[tokio::test]
async fn whoever_has_not_the_secret_is_told_so_and_one_tenant_never_meets_another() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let connector = desk.connector(&app).await;
    let upload = Upload::new(TITLE, &["ada@example.com,A\n"]);
    assert_eq!(connector.announce(&upload.announcement()).await.status, StatusCode::CREATED);
    let wrong = Connector { app: &app, secret: "paraph_wrong".into() };
    let answer = wrong.get(paths::TARGET).await;
    assert_eq!((answer.status, answer.detail().contains("revoked")), (StatusCode::UNAUTHORIZED, true));
    assert_eq!(app.get(paths::TARGET).await.status, StatusCode::UNAUTHORIZED);
    let path = desk.path(api::console::paths::TOKENS, "");
    let other = json!({ "name": "Reader", "scopes": ["people:read"], "days": 1 });
    let secret = desk.owner.send("POST", &path, &other).await.json()["secret"].as_str().unwrap().to_owned();
    assert_eq!(Connector { app: &app, secret }.get(paths::TARGET).await.status, StatusCode::FORBIDDEN);
    let path = api::console::paths::TOKENS.replace("{tenant}", &app.tenant_id(OTHER_TENANT).await);
    let theirs = json!({ "name": "Theirs", "scopes": ["database:upload"], "days": 1 });
    let secret = desk.owner.send("POST", &path, &theirs).await.json()["secret"].as_str().unwrap().to_owned();
    let theirs = Connector { app: &app, secret };
    assert_eq!(theirs.get(&paths::UPLOAD.replace("{upload}", &upload.id)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(theirs.put(&upload.id, 0, "mallory@example.net,x\n").await.status, StatusCode::NOT_FOUND);
    // The secret of a connector that is in use does not run out.
    for _ in 0..3 {
        app.clock.advance_ms(300 * 86_400_000);
        assert_eq!(connector.get(paths::TARGET).await.status, StatusCode::OK);
    }
    app.clock.advance_ms(367 * 86_400_000);
    assert_eq!(connector.get(paths::TARGET).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_is_announced_wrongly_is_refused_with_the_field_at_fault() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let connector = desk.connector(&app).await;
    let good = Upload::new(TITLE, &["ada@example.com,A\n"]).announcement();
    for (field, value, at) in [
        ("id", json!("short"), "id"),
        ("digest", json!("x"), "digest"),
        ("rows", json!(250_001), "rows"),
        ("parts", json!(0), "parts"),
        ("columns", json!([{ "name": "job", "field": "title" }]), "columns"),
        ("columns", json!([{ "name": "mail", "field": "address" }, { "name": "x", "field": "shoe" }]), "columns[1]"),
        ("columns", json!([{ "name": "mail", "field": "address" }, { "name": "x", "field": "address" }]), "columns[1]"),
        ("program", json!("x".repeat(41)), "program"),
    ] {
        let mut wrong = good.clone();
        wrong[field] = value;
        let answer = connector.announce(&wrong).await;
        assert_eq!((answer.status, answer.field()), (StatusCode::UNPROCESSABLE_ENTITY, at.to_owned()), "{wrong}");
    }
    assert_eq!(connector.announce(&good).await.status, StatusCode::CREATED);
    let id = good["id"].as_str().unwrap();
    let path = paths::PART.replace("{upload}", id).replace("{part}", "0");
    for body in [b"not gzip".to_vec(), packed(""), packed(&"x".repeat(api::connector::MAX_PART + 1))] {
        let answer = app.send(connector.request("PUT", &path).body(body)).await;
        assert_eq!((answer.status, answer.field()), (StatusCode::UNPROCESSABLE_ENTITY, "body".to_owned()));
    }
    let path = paths::UPLOAD.replace("{upload}", id);
    assert_eq!(app.send(connector.request("DELETE", &path)).await.status, StatusCode::NO_CONTENT);
    assert_eq!(connector.put(id, 0, "ada@example.com,A\n").await.status, StatusCode::CONFLICT);
    let viewer = app.member(&desk.owner, &desk.tenant, Role::Viewer).await;
    let runs = viewer.get(&desk.path(api::console::paths::RUNS, "")).await.json();
    assert_eq!((&runs["total"], &runs["runs"][0]["state"]), (&json!(1), &json!("cancelled")), "{runs}");
}

#[tokio::test]
async fn only_admins_decide_about_what_a_source_brought() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let connector = desk.connector(&app).await;
    assert_eq!(connector.run(&Upload::new(TITLE, &["ada@example.com,A\n"])).await["state"], "applied");
    let waiting = connector.run(&Upload::new(TITLE, &[])).await;
    assert_eq!(waiting["state"], "planned", "{waiting}");
    let at = |path: &str| desk.path(path, upload_id(&waiting));
    let (run, apply) = (at(api::console::paths::RUN), at(api::console::paths::APPLY_RUN));
    let mapping = json!({ "fields": ["address", "title"], "source": "csv" });
    let editor = app.member(&desk.owner, &desk.tenant, Role::Editor).await;
    assert_eq!(editor.send("PATCH", &run, &mapping).await.status, StatusCode::FORBIDDEN);
    assert_eq!(editor.send("POST", &apply, &json!({ "confirmed": true })).await.status, StatusCode::FORBIDDEN);
    assert_eq!(editor.delete(&run).await.status, StatusCode::FORBIDDEN);
    assert_eq!(desk.owner.get(&run).await.json()["state"], "planned");
    let remapped = desk.owner.send("PATCH", &run, &mapping).await;
    assert_eq!(remapped.status, StatusCode::CONFLICT, "it has no file: {}", remapped.text());
    assert_eq!(desk.owner.delete(&run).await.status, StatusCode::NO_CONTENT);
    let files = format!("{}?files=true", desk.path(api::console::paths::RUNS, ""));
    assert_eq!(desk.owner.get(&files).await.json()["total"], 0);
}

#[tokio::test]
async fn what_the_database_said_is_taken_away_once_it_is_disconnected() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let connector = desk.connector(app).await;
        assert_eq!(connector.run(&Upload::new(TITLE, &["ada@example.com,Countess\n"])).await["state"], "applied");
        let clear = async || {
            let path = desk.path(api::console::paths::SOURCE_RUNS, "database");
            desk.owner.send("POST", &path, &json!({ "clear": true })).await
        };
        assert_eq!(clear().await.status, StatusCode::CONFLICT, "it is connected");
        let path = desk.path(api::console::paths::SOURCE, "database");
        assert_eq!(desk.owner.delete(&path).await.status, StatusCode::NO_CONTENT);
        assert_eq!(desk.value("ada", "title").await.0, "Countess", "nothing is lost by that");
        let begun = clear().await;
        assert_eq!(begun.status, StatusCode::CREATED, "{}", begun.text());
        let id = upload_id(&begun.json()).to_owned();
        let run = desk.owner.settled(&desk.path(api::console::paths::RUN, &id)).await;
        assert_eq!((&run["state"], counts(&run)), (&json!("planned"), [0, 0, 0, 1, 0, 0]), "{run}");
        let path = desk.path(api::console::paths::APPLY_RUN, &id);
        assert_eq!(desk.owner.send("POST", &path, &json!({ "confirmed": true })).await.status, StatusCode::OK);
        assert_eq!(desk.owner.settled(&desk.path(api::console::paths::RUN, &id)).await["state"], "applied");
        assert_eq!(desk.value("ada", "title").await, (json!("Analyst"), json!("entra")));
    })
    .await;
}
