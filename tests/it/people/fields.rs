//! Fields: order, labels, who edits them, whose value wins.

use super::{Desk, at_each_server, field};
use api::console::paths;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::{ADA, Answer, GRACE, TestApp};

impl Desk<'_> {
    async fn fields(&self) -> (Vec<Value>, String) {
        let answer = self.owner.get(&self.path(paths::FIELDS, "")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        (answer.json()["fields"].as_array().unwrap().clone(), answer.header("etag").to_owned())
    }

    async fn put(&self, fields: &[Value]) -> Answer {
        let (_, etag) = self.fields().await;
        self.owner.change("PUT", &self.path(paths::FIELDS, ""), &etag, &json!({ "fields": fields })).await
    }
}

fn find<'a>(fields: &'a mut [Value], token: &str) -> &'a mut Value {
    fields.iter_mut().find(|field| field["token"] == token).unwrap()
}

fn custom(token: &str) -> Value {
    let precedence = ["self", "manual", "database", "entra", "google", "csv"];
    json!({ "token": token, "label": "New", "edited_by": "editor", "precedence": precedence })
}

#[tokio::test]
async fn built_in_and_custom_fields_come_in_the_admins_order() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let (mut fields, _) = desk.fields().await;
        assert!(fields.iter().all(|field| field["token"] != "email"));
        let title = find(&mut fields, "title").clone();
        assert_eq!(
            (&title["built_in"], &title["people"], &title["label"]),
            (&json!(true), &json!(2), &json!("Job title"))
        );
        assert_eq!(find(&mut fields, "badge")["built_in"], false);
        assert_eq!(find(&mut fields, "pronouns")["edited_by"], "person");
        fields.reverse();
        fields.insert(0, custom("cost_centre"));
        find(&mut fields, "title")["label"] = json!("Position");
        let answer = desk.put(&fields).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let (after, _) = desk.fields().await;
        let tokens = |fields: &[Value]| fields.iter().map(|field| field["token"].clone()).collect::<Vec<_>>();
        assert_eq!(tokens(&after), tokens(&fields));
        let (ada, _) = desk.person("ada").await;
        assert_eq!(ada["fields"][0]["label"], "New");
        assert_eq!(field(&ada, "title")["label"], "Position");
        let me = app.get_with(api::paths::ME, &app.token(ADA)).await.json();
        assert_eq!(me["fields"].as_array().unwrap().len(), 1, "the pane shows what people may edit: {me}");
        let before = app.app.store.list_audit(&desk.tenant, 50).await.unwrap().len();
        assert_eq!(desk.put(&fields).await.status, StatusCode::OK);
        assert_eq!(app.app.store.list_audit(&desk.tenant, 50).await.unwrap().len(), before, "no change, no entry");
    })
    .await;
}

#[tokio::test]
async fn another_precedence_lets_another_source_win() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        desk.change("ada", &json!({ "fields": { "title": { "value": "Countess" } } })).await;
        let (mut fields, _) = desk.fields().await;
        find(&mut fields, "title")["precedence"] = json!(["entra", "self", "manual", "database", "google", "csv"]);
        find(&mut fields, "title")["edited_by"] = json!("person");
        assert_eq!(desk.put(&fields).await.status, StatusCode::OK);
        let (ada, _) = desk.person("ada").await;
        assert_eq!(
            (&field(&ada, "title")["value"], &field(&ada, "title")["source"]),
            (&json!("Analyst"), &json!("entra"))
        );
        let row = desk.owner.get(&format!("{}?search=ada", desk.path(paths::PEOPLE, ""))).await.json();
        assert_eq!(row["people"][0]["fields"]["title"], "Analyst");
        let me = app.get_with(api::paths::ME, &app.token(GRACE)).await.json();
        let tokens: Vec<_> = me["fields"].as_array().unwrap().iter().map(|field| field["token"].clone()).collect();
        assert_eq!(tokens, ["title", "pronouns"]);
        desk.change("ada", &json!({ "fields": { "title": { "value": "Countess", "locked": true } } })).await;
        assert_eq!(field(&desk.person("ada").await.0, "title")["value"], "Countess");
    })
    .await;
}

#[tokio::test]
async fn a_removed_field_counts_for_nothing_and_comes_back_with_its_values() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let (fields, _) = desk.fields().await;
        let without: Vec<_> = fields.iter().filter(|field| field["token"] != "badge").cloned().collect();
        assert_eq!(desk.put(&without).await.status, StatusCode::OK);
        assert!(desk.person("ada").await.0["fields"].as_array().unwrap().iter().all(|field| field["token"] != "badge"));
        let row = desk.owner.get(&format!("{}?search=secret-badge", desk.path(paths::PEOPLE, ""))).await.json();
        assert_eq!(row["total"], 0);
        let entry = &app.app.store.list_audit(&desk.tenant, 1).await.unwrap()[0];
        assert!(entry.detail.contains("Field badge"), "{}", entry.detail);
        assert_eq!(desk.put(&fields).await.status, StatusCode::OK);
        assert_eq!(field(&desk.person("ada").await.0, "badge")["value"], "SECRET-BADGE");
    })
    .await;
}

#[tokio::test]
async fn the_second_of_two_admins_is_told() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let (mut fields, etag) = desk.fields().await;
    find(&mut fields, "badge")["label"] = json!("Badge");
    assert_eq!(desk.put(&fields).await.status, StatusCode::OK);
    let path = desk.path(paths::FIELDS, "");
    let answer = desk.owner.change("PUT", &path, &etag, &json!({ "fields": fields })).await;
    assert_eq!(answer.status, StatusCode::PRECONDITION_FAILED);
    // How many people have a value is nobody's edit.
    let (_, etag) = desk.fields().await;
    desk.change("alan", &json!({ "fields": { "title": { "value": "x" } } })).await;
    assert_eq!(desk.fields().await.1, etag);
}

#[tokio::test]
async fn what_is_wrong_with_a_field_is_named() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let (fields, _) = desk.fields().await;
    let last = fields.len();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut field = custom("cost_centre");
        change(&mut field);
        [fields.clone(), vec![field]].concat()
    };
    let cases: [(Vec<Value>, String); 8] = [
        (with(&|field| field["token"] = json!("Cost centre")), format!("fields[{last}].token")),
        (with(&|field| field["token"] = json!("email")), format!("fields[{last}].token")),
        (with(&|field| field["token"] = json!("address")), format!("fields[{last}].token")),
        (with(&|field| field["token"] = json!("title")), format!("fields[{last}].token")),
        (with(&|field| field["label"] = json!(" ")), format!("fields[{last}].label")),
        (with(&|field| field["precedence"] = json!(["self"])), format!("fields[{last}].precedence")),
        (fields[1..].to_vec(), "fields".into()),
        ((0..201).map(|number| custom(&format!("field_{number}"))).chain(fields.clone()).collect(), "fields".into()),
    ];
    for (fields, named) in cases {
        let answer = desk.put(&fields).await;
        assert_eq!((answer.status, answer.field()), (StatusCode::UNPROCESSABLE_ENTITY, named), "{}", answer.text());
    }
}
