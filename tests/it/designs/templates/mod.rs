//! Templates: made, changed, published, restored, deleted.

mod gallery;
pub(super) mod images;
mod migrations;

use super::adas_signature;
use crate::people::{Desk, at_each_server};
use api::console::{MAX_TEMPLATE, Role, paths};
use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::{OTHER_TENANT, TestApp};

#[tokio::test]
async fn a_template_changes_for_drafts_only_when_it_is_published() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let before = adas_signature(app).await;
        let answer = desk.save_template("long", &json!({ "html": "<p>New: {{ display_name }}</p>" })).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        assert_eq!((&answer.json()["state"]["version"], &answer.json()["state"]["changed"]), (&json!(1), &json!(true)));
        assert_eq!(adas_signature(app).await, before);
        let answer = desk.publish(&json!({ "changes": { "templates": ["long"] } })).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        assert_eq!(answer.json()["templates"], json!([]));
        assert!(adas_signature(app).await.contains("New: Ada Lovelace"));
        let (detail, _) = desk.template("long").await;
        assert_eq!((&detail["state"]["version"], &detail["state"]["changed"]), (&json!(2), &json!(false)));
        let versions = desk.owner.get(&desk.template_path(paths::TEMPLATE_VERSIONS, "long")).await.json();
        let numbers: Vec<_> =
            versions["versions"].as_array().unwrap().iter().map(|one| one["version"].clone()).collect();
        assert_eq!(numbers, [2, 1]);
        assert!(versions["versions"][0]["by"].as_str().unwrap().contains("owner@example.com"), "{versions}");
        let first = desk.template_path(paths::TEMPLATE_VERSION, "long").replace("{version}", "1");
        let first = desk.owner.get(&first).await.json();
        // Restoring is saving what it was.
        assert_eq!(
            desk.save_template("long", &json!({ "html": first["template"]["html"] })).await.status,
            StatusCode::OK
        );
        assert_eq!(desk.publish(&json!({ "changes": { "templates": ["long"] } })).await.status, StatusCode::OK);
        assert_eq!(adas_signature(app).await, before);
        let entry = &app.app.store.list_audit(&desk.tenant, 1).await.unwrap()[0];
        assert_eq!(entry.action, "publish");
        assert!(entry.detail.contains("Template “Long”") && entry.detail.contains("version 3"), "{}", entry.detail);
    })
    .await;
}

#[tokio::test]
async fn a_template_is_made_used_and_deleted_when_no_rule_gives_it_any_more() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let new = json!({ "name": " Fresh ", "folder": "Sales", "html": "<p>{{ display_name }}, fresh</p>" });
        let answer = desk.owner.send("POST", &desk.path(paths::TEMPLATES, ""), &new).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        let id = answer.json()["template"]["id"].as_str().unwrap().to_owned();
        assert_eq!(answer.json()["template"]["name"], "Fresh");
        let rule = json!([{ "id": "everyone", "name": "Everyone", "gives": { "signature": id } }]);
        assert_eq!(desk.save_rules(&rule).await.status, StatusCode::OK);
        // Rules alone would give what nobody has.
        let alone = desk.publish(&json!({ "changes": { "rules": true } })).await;
        assert_eq!((alone.status, alone.field().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "changes"));
        assert!(alone.text().contains("Everyone"), "{}", alone.text());
        let both = desk.publish(&json!({ "changes": { "templates": [id], "rules": true } })).await;
        assert_eq!(both.status, StatusCode::OK, "{}", both.text());
        assert!(adas_signature(app).await.contains("fresh"));
        let path = desk.template_path(paths::TEMPLATE, &id);
        let refused = desk.owner.delete(&path).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        assert!(refused.text().contains("“Everyone”"), "{}", refused.text());
        let listed = desk.owner.get(&desk.path(paths::TEMPLATES, "")).await.json();
        let row = listed["templates"].as_array().unwrap().iter().find(|row| row["id"] == json!(id)).unwrap().clone();
        assert_eq!((&row["used_by"][0]["name"], &row["folder"]), (&json!("Everyone"), &json!("Sales")));
        let rule = json!([{ "id": "everyone", "name": "Everyone", "gives": { "signature": "short" } }]);
        assert_eq!(desk.save_rules(&rule).await.status, StatusCode::OK);
        // The published rules still give it.
        assert_eq!(desk.owner.delete(&path).await.status, StatusCode::CONFLICT);
        assert_eq!(desk.publish(&json!({ "changes": { "rules": true } })).await.status, StatusCode::OK);
        assert_eq!(desk.owner.delete(&path).await.status, StatusCode::NO_CONTENT);
        assert_eq!(desk.owner.delete(&path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(desk.owner.get(&path).await.status, StatusCode::NOT_FOUND);
        // What mails looked like can be told later.
        assert!(app.app.store.template_version(&desk.tenant, &id, 1).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn the_second_of_two_editors_is_told_and_nothing_is_lost() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let (detail, etag) = desk.template("long").await;
    assert_eq!(desk.save_template("long", &json!({ "html": "first" })).await.status, StatusCode::OK);
    let mut template = detail["template"].clone();
    template.as_object_mut().unwrap().remove("id");
    template["html"] = json!("second");
    let path = desk.template_path(paths::TEMPLATE, "long");
    assert_eq!(desk.owner.change("PUT", &path, &etag, &template).await.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(desk.owner.send("PUT", &path, &template).await.status, StatusCode::PRECONDITION_REQUIRED);
    assert_eq!(desk.template("long").await.0["template"]["html"], "first");
}

#[tokio::test]
async fn unpublished_changes_are_given_up_but_not_the_whole_template() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let published = desk.template("long").await.0["template"].clone();
    desk.save_template("long", &json!({ "html": "other" })).await;
    let answer = desk.owner.delete(&desk.template_path(paths::UNPUBLISHED_TEMPLATE, "long")).await;
    assert_eq!((answer.status, &answer.json()["template"]), (StatusCode::OK, &published));
    // Saving what is published leaves nothing to publish either.
    desk.save_template("long", &json!({ "html": "other" })).await;
    let answer = desk.save_template("long", &json!({ "html": published["html"] })).await;
    assert_eq!(answer.json()["state"]["changed"], false);
    let answer = desk.owner.send("POST", &desk.path(paths::TEMPLATES, ""), &json!({ "name": "New" })).await;
    let id = answer.json()["template"]["id"].as_str().unwrap().to_owned();
    let answer = desk.owner.delete(&desk.template_path(paths::UNPUBLISHED_TEMPLATE, &id)).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text());
}

#[tokio::test]
async fn what_is_wrong_with_a_template_is_named() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    for (properties, field) in [
        (json!({ "name": "  " }), "name"),
        (json!({ "name": "x".repeat(101) }), "name"),
        (json!({ "folder": "x".repeat(101) }), "folder"),
        (json!({ "html": "x".repeat(MAX_TEMPLATE + 1) }), "html"),
        (json!({ "text": "x".repeat(MAX_TEMPLATE + 1) }), "text"),
        (json!({ "part": "disclaimer" }), "part"),
        (json!({ "offered_to": vec![json!({ "is": "group", "id": "x" }); 201] }), "offered_to"),
    ] {
        let answer = desk.save_template("long", &properties).await;
        assert_eq!((answer.status, answer.field().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, field), "{properties}");
    }
    // Whatever is within the limits is kept, however wrong: it is told of beside it, and not published.
    for html in ["{% if %}", "<table><tr>{{ unclosed", "{% for i in range(100000) %}{% endfor %}x\u{0}y"] {
        let answer = desk.save_template("long", &json!({ "html": html })).await;
        assert_eq!(answer.status, StatusCode::OK, "{html}: {}", answer.text());
        assert_eq!(answer.json()["template"]["html"], html);
    }
    desk.save_template("long", &json!({ "html": "{% if %}" })).await;
    assert!(!desk.template("long").await.0["problems"].as_array().unwrap().is_empty());
    assert!(desk.changes().await.0["templates"][0]["refused"].as_str().unwrap().contains("Long"));
    let answer = desk.publish(&json!({ "changes": { "templates": ["long"] } })).await;
    assert_eq!((answer.status, answer.field().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "changes"));
}

#[tokio::test]
async fn a_preview_shows_the_unpublished_template_for_somebody() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    desk.save_template(
        "long",
        &json!({ "html": "<p>{{ kind }}: {{ display_name }} <img src=\"image:logo.png\" alt=\"\"></p>" }),
    )
    .await;
    let path = desk.template_path(paths::TEMPLATE_PREVIEW, "long");
    let shown = desk.owner.get(&format!("{path}?person=grace&kind=reply")).await.json();
    let html = shown["html"].as_str().unwrap();
    assert!(html.contains("reply: Grace Hopper") && html.contains("/images/"), "{html}");
    assert!(desk.owner.get(&path).await.json()["html"].as_str().unwrap().contains("new: Grace"));
    assert_eq!(desk.owner.get(&format!("{path}?person=nobody")).await.field(), "person");
    let person = desk.owner.get(&desk.path(paths::PREVIEW_PERSON, "ada")).await.json();
    assert_eq!(person["person"]["fields"]["title"], "Analyst");
    assert_eq!(person["senders"], json!(["ada@example.com", "countess@example.com", "desk@example.com"]));
}

#[tokio::test]
async fn whose_tenant_it_is_not_sees_no_template_and_a_viewer_changes_none() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let viewer = app.member(&desk.owner, &desk.tenant, Role::Viewer).await;
    assert_eq!(viewer.get(&desk.template_path(paths::TEMPLATE, "long")).await.status, StatusCode::OK);
    let saved = viewer.change("PUT", &desk.template_path(paths::TEMPLATE, "long"), "*", &json!({})).await;
    assert_eq!(saved.status, StatusCode::FORBIDDEN);
    // The other tenant's template has an id that ours has not, and the other way round.
    let other = app.tenant_id(OTHER_TENANT).await;
    let path = paths::TEMPLATE.replace("{tenant}", &other).replace("{template}", "long");
    assert_eq!(desk.owner.get(&path).await.status, StatusCode::NOT_FOUND);
    let listed: Value = desk.owner.get(&desk.path(paths::TEMPLATES, "")).await.json();
    let ids: Vec<_> = listed["templates"].as_array().unwrap().iter().map(|row| row["id"].clone()).collect();
    assert_eq!(ids, ["long", "short"]);
}

#[tokio::test]
async fn a_design_of_the_gallery_comes_with_its_images_and_goes_elsewhere_as_a_file() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let gallery = desk.owner.get(paths::GALLERY).await.json();
        let design = gallery["designs"].as_array().unwrap().iter().find(|one| one["id"] == "social").unwrap().clone();
        let shown = design["preview"].as_str().unwrap();
        let image = shown.split('"').find(|part| part.contains("/gallery/images/")).unwrap();
        let image = app.get(image.strip_prefix(&app.url).unwrap()).await;
        assert_eq!((image.status, image.header("content-type")), (StatusCode::OK, "image/png"));
        let new = json!({ "name": "Ours", "design": "social" });
        let answer = desk.owner.send("POST", &desk.path(paths::TEMPLATES, ""), &new).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        assert_eq!((&answer.json()["problems"], &answer.json()["template"]["html"]), (&json!([]), &design["html"]));
        let id = answer.json()["template"]["id"].as_str().unwrap().to_owned();
        let file = desk.owner.get(&desk.template_path(paths::TEMPLATE_EXPORT, &id)).await.json();
        assert!(file["images"].as_object().unwrap().len() > 2, "{file}");
        // Elsewhere, where an image of one of these names is another one.
        let other = app.tenant_id(OTHER_TENANT).await;
        let at = |path: &str| path.replace("{tenant}", &other);
        let name = file["images"].as_object().unwrap().keys().next().unwrap();
        let upload = desk.owner.request("POST", &format!("{}?name={name}", at(paths::IMAGES)));
        let upload = app.send(upload.header("content-type", "image/png").body(tests::app::PNG)).await;
        assert_eq!(upload.status, StatusCode::CREATED, "{}", upload.text());
        let answer = desk.owner.send("POST", &at(paths::TEMPLATE_IMPORT), &file).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        assert_eq!(answer.json()["problems"], json!([]));
        let renamed = name.replace(".png", "-2.png");
        assert!(answer.json()["template"]["html"].as_str().unwrap().contains(&renamed), "{}", answer.text());
    })
    .await;
}

#[tokio::test]
async fn what_is_no_file_of_a_template_is_refused() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let good = desk.owner.get(&desk.template_path(paths::TEMPLATE_EXPORT, "long")).await.json();
    for (properties, field) in [
        (json!({ "format": "something" }), "format"),
        (json!({ "images": { "a.png": "no base64!" } }), "images.a.png"),
        (json!({ "images": { "a.png": "aGVsbG8=" } }), "images.a.png"),
        (json!({ "images": { "../a.png": good["images"]["logo.png"] } }), "images.../a.png"),
    ] {
        let mut file = good.clone();
        file.as_object_mut().unwrap().extend(properties.as_object().unwrap().clone());
        let answer = desk.owner.send("POST", &desk.path(paths::TEMPLATE_IMPORT, ""), &file).await;
        assert_eq!((answer.status, answer.field().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, field), "{properties}");
    }
    let unknown = json!({ "name": "x", "design": "none" });
    assert_eq!(desk.owner.send("POST", &desk.path(paths::TEMPLATES, ""), &unknown).await.field(), "design");
    let listed = desk.owner.get(&desk.path(paths::TEMPLATES, "")).await.json();
    assert_eq!(listed["templates"].as_array().unwrap().len(), 2);
}
