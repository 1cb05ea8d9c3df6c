//! Signatures of other programs: planned, and made templates.

use crate::people::{Desk, at_each_server};
use api::console::{MAX_MIGRATION, Role, paths};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tests::app::{Answer, OTHER_TENANT, PNG, TestApp};

const HTML: &str = "<html><head><meta charset=utf-8></head><body><p><b>%%DisplayName%%</b>, {Job Title}, {Floor}</p>\
    <p><img src=\"Sales_files/logo.png\" width=40 height=40 alt=\"[Company]\"></p></body></html>";

/// The files of a signature.
fn source(html: &str) -> Value {
    let file = |name: &str, bytes: &[u8]| json!({ "name": name, "data": STANDARD.encode(bytes) });
    json!({ "files": [file("Sales.htm", html.as_bytes()), file("Sales_files/logo.png", PNG)] })
}

impl Desk<'_> {
    async fn plan_migration(&self, body: &Value) -> Answer {
        self.owner.send("POST", &self.path(paths::MIGRATION_PLAN, ""), body).await
    }

    async fn migrate(&self, body: &Value) -> Answer {
        self.owner.send("POST", &self.path(paths::MIGRATIONS, ""), body).await
    }

    async fn count(&self, path: &str, list: &str) -> usize {
        self.owner.get(&self.path(path, "")).await.json()[list].as_array().unwrap().len()
    }
}

#[tokio::test]
async fn a_signature_from_elsewhere_is_planned_and_becomes_a_template() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let (templates, images) =
            (desk.count(paths::TEMPLATES, "templates").await, desk.count(paths::IMAGES, "images").await);
        let answer = desk.plan_migration(&json!({ "source": source(HTML), "person": "ada" })).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let plan = answer.json();
        let rows: Vec<_> =
            plan["placeholders"].as_array().unwrap().iter().map(|row| (&row["written"], &row["becomes"])).collect();
        assert_eq!(
            rows,
            [
                (&json!("%%DisplayName%%"), &json!({ "field": "display_name" })),
                (&json!("{Job Title}"), &json!({ "field": "title" })),
                (&json!("{Floor}"), &Value::Null),
                (&json!("[Company]"), &json!({ "field": "company" })),
            ]
        );
        assert_eq!((&plan["name"], &plan["page"]), (&json!("Sales"), &json!("Sales.htm")));
        assert!(plan["problems"][0].as_str().unwrap().contains("“{Floor}”"), "{plan}");
        let after = plan["after"].as_str().unwrap();
        assert!(after.contains("Ada Lovelace") && after.contains("src=\"data:image/png;base64,"), "{after}");
        assert!(plan["before"].as_str().unwrap().contains("%%DisplayName%%"), "{plan}");
        // Nothing is stored yet.
        assert_eq!(desk.count(paths::TEMPLATES, "templates").await, templates);
        assert_eq!(desk.count(paths::IMAGES, "images").await, images);

        let apply = json!({ "source": source(HTML), "name": "Sales", "mapping": { "{Floor}": "remove" } });
        let made = desk.migrate(&apply).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        let made = made.json();
        let html = made["template"]["html"].as_str().unwrap();
        // Another image of the tenant has its name already.
        assert!(
            html.contains("{{ display_name }}") && html.contains("image:logo-2.png") && !html.contains("Floor"),
            "{html}"
        );
        assert_eq!((&made["state"]["version"], &made["problems"]), (&Value::Null, &json!([])), "{made}");
        let entry = &app.app.store.list_audit(&desk.tenant, 1).await.unwrap()[0];
        assert_eq!(entry.action, "create_template");
    })
    .await;
}

#[tokio::test]
async fn a_second_try_doubles_no_image() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let html = HTML.replace("logo.png", "seal.png");
        let mut files = source(&html);
        files["files"][1]["name"] = json!("Sales_files/seal.png");
        let images = desk.count(paths::IMAGES, "images").await;
        // The template is refused, and then its name is corrected.
        let refused = desk.migrate(&json!({ "source": files, "name": "" })).await;
        assert_eq!((refused.status, refused.field()), (StatusCode::UNPROCESSABLE_ENTITY, "name".into()));
        assert_eq!(desk.count(paths::IMAGES, "images").await, images, "nothing is left of what was refused");
        for _ in 0..2 {
            let made = desk.migrate(&json!({ "source": files, "name": "Twice" })).await;
            assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
            assert!(made.text().contains("image:seal.png"), "{}", made.text());
        }
        assert_eq!(desk.count(paths::IMAGES, "images").await, images + 1);
    })
    .await;
}

#[tokio::test]
async fn a_placeholder_that_nothing_fills_is_a_problem_everywhere() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let made = desk.migrate(&json!({ "source": source(HTML), "name": "Sales" })).await.json();
    let id = made["template"]["id"].as_str().unwrap();
    let says = |found: &Value| found.to_string().contains("“{Floor}”");
    assert!(says(&made["problems"]), "{made}");
    let list = desk.owner.get(&desk.path(paths::TEMPLATES, "")).await.json();
    let row = list["templates"].as_array().unwrap().iter().find(|row| row["id"] == id).unwrap();
    assert_eq!(row["problems"], 1, "{row}");
    let preview = format!("{}?person=ada", desk.template_path(paths::TEMPLATE_PREVIEW, id));
    assert!(says(&desk.owner.get(&preview).await.json()["problems"]));
}

#[tokio::test]
async fn what_is_wrong_with_a_migration_is_said_and_nothing_is_stored() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let images = desk.count(paths::IMAGES, "images").await;
    let named =
        |name: &str, data: &str| json!({ "source": { "files": [{ "name": name, "data": data }] }, "name": "x" });
    for (body, field, word) in [
        (json!({ "source": {}, "name": "x" }), "source.files", "choose"),
        (named("a.png", &STANDARD.encode(PNG)), "source.files", "no .htm"),
        (named("a.htm", "?"), "source.files", "base64"),
        (named("../a.htm", ""), "source.files", "leads out"),
        (
            json!({ "source": { "files": source(HTML)["files"], "page": "b.htm" }, "name": "x" }),
            "source.page",
            "no HTML file",
        ),
        (
            json!({ "source": source(HTML), "name": "x", "mapping": { "{Floor}": { "field": "nonesuch" } } }),
            "mapping.{Floor}",
            "no field",
        ),
        (json!({ "source": source(HTML), "name": "x", "mapping": { "{Floor}": "explode" } }), "mapping.{Floor}", ""),
    ] {
        let answer = desk.migrate(&body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{word}: {}", answer.text());
        assert_eq!(answer.field(), field, "{}", answer.text());
        assert!(answer.detail().contains(word), "{word}: {}", answer.detail());
    }
    let planned = desk.plan_migration(&json!({ "source": source(HTML), "person": "nobody" })).await;
    assert_eq!((planned.status, planned.field()), (StatusCode::UNPROCESSABLE_ENTITY, "person".into()));
    let large = "A".repeat(MAX_MIGRATION / 3 * 4 + 2 * 1024 * 1024);
    let answer = desk.migrate(&named("a.htm", &large)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", answer.text());
    assert!(answer.detail().contains("12 MiB"), "{}", answer.detail());
    assert_eq!(desk.count(paths::IMAGES, "images").await, images);
}

#[tokio::test]
async fn viewers_and_strangers_migrate_nothing() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let viewer = app.member(&desk.owner, &desk.tenant, Role::Viewer).await;
    let editor = app.member(&desk.owner, &desk.tenant, Role::Editor).await;
    let elsewhere = app.tenant_id(OTHER_TENANT).await;
    for (path, body) in [
        (paths::MIGRATION_PLAN, json!({ "source": source(HTML) })),
        (paths::MIGRATIONS, json!({ "source": source(HTML), "name": "x" })),
    ] {
        assert_eq!(viewer.send("POST", &desk.path(path, ""), &body).await.status, StatusCode::FORBIDDEN);
        let theirs = path.replace("{tenant}", &elsewhere);
        assert_eq!(editor.send("POST", &theirs, &body).await.status, StatusCode::NOT_FOUND);
        assert!(editor.send("POST", &desk.path(path, ""), &body).await.status.is_success());
    }
}
