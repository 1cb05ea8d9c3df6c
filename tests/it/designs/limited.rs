//! Editors who are limited to folders.

use super::adas_signature;
use crate::people::{Desk, at_each_server};
use api::console::{Changes, Role, paths};
use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::{Answer, TestApp};
use tests::console::Admin;

/// The example with its template *Long* in the folder Nordic, and an editor who is limited to that folder.
async fn nordic(app: &TestApp) -> (Desk<'_>, Desk<'_>) {
    let desk = Desk::new(app).await;
    assert_eq!(desk.save_template("long", &json!({ "folder": "Nordic" })).await.status, StatusCode::OK);
    assert_eq!(desk.publish(&json!({ "changes": { "templates": ["long"] } })).await.status, StatusCode::OK);
    let editor = app.limited_editor(&desk.owner, &desk.tenant, &json!({ "folders": ["Nordic", "Nordic legal"] })).await;
    let limited = Desk { owner: editor, tenant: desk.tenant.clone() };
    (desk, limited)
}

fn is_refused(answer: &Answer, what: &str) {
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{what}: {}", answer.text());
    let text = answer.text();
    assert!(
        text.contains("limited to the folders “Nordic”, “Nordic legal”") && text.contains("ask an admin"),
        "{text}"
    );
}

#[tokio::test]
async fn a_limited_editor_changes_and_publishes_what_is_in_their_folders() {
    at_each_server(async |app| {
        let (_, limited) = nordic(app).await;
        assert_eq!(
            limited.save_template("long", &json!({ "html": "<p>Hei {{ display_name }}</p>" })).await.status,
            200
        );
        let published = limited.publish(&json!({ "changes": { "templates": ["long"] } })).await;
        assert_eq!(published.status, StatusCode::OK, "{}", published.text());
        assert!(adas_signature(app).await.contains("Hei Ada Lovelace"));
        // From one of their folders to the other.
        assert_eq!(limited.save_template("long", &json!({ "folder": "Nordic legal" })).await.status, StatusCode::OK);
        let discard = limited.template_path(paths::UNPUBLISHED_TEMPLATE, "long");
        assert_eq!(limited.owner.delete(&discard).await.status, StatusCode::OK);
        let new = json!({ "name": "Ny", "folder": "Nordic", "html": "<p>{{ display_name }}</p>" });
        let made = limited.owner.send("POST", &limited.path(paths::TEMPLATES, ""), &new).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        let id = made.json()["template"]["id"].as_str().unwrap().to_owned();
        assert_eq!(limited.owner.delete(&limited.template_path(paths::TEMPLATE, &id)).await.status, 204);
    })
    .await;
}

#[tokio::test]
async fn what_is_elsewhere_is_refused_and_stays_as_it_is() {
    let app = TestApp::start().await;
    let (desk, limited) = nordic(&app).await;
    let before = limited.template("short").await;
    is_refused(&limited.save_template("short", &json!({ "html": "<p>Mine</p>" })).await, "another folder");
    is_refused(&limited.save_template("short", &json!({ "folder": "Nordic" })).await, "taking it over");
    is_refused(&limited.save_template("long", &json!({ "folder": "" })).await, "moving it out");
    is_refused(&limited.owner.delete(&limited.template_path(paths::TEMPLATE, "short")).await, "deleting");
    let create = limited.path(paths::TEMPLATES, "");
    for folder in ["", "Elsewhere", "nordic"] {
        let new = json!({ "name": "New", "folder": folder, "html": "<p>x</p>" });
        is_refused(&limited.owner.send("POST", &create, &new).await, "creating");
    }
    let mut file = desk.owner.get(&desk.template_path(paths::TEMPLATE_EXPORT, "short")).await.json();
    let import = limited.path(paths::TEMPLATE_IMPORT, "");
    is_refused(&limited.owner.send("POST", &import, &file).await, "importing");
    file["template"]["folder"] = json!("Nordic");
    assert_eq!(limited.owner.send("POST", &import, &file).await.status, StatusCode::CREATED);
    assert_eq!(limited.template("short").await, before);

    // Somebody else's changes, and the rules.
    assert_eq!(desk.save_template("short", &json!({ "html": "<p>{{ title }}</p>" })).await.status, StatusCode::OK);
    let both = json!({ "changes": { "templates": ["short", "long"] } });
    is_refused(&limited.publish(&both).await, "publishing");
    is_refused(&limited.publish(&json!({ "changes": { "templates": [], "rules": true } })).await, "publishing rules");
    is_refused(&limited.owner.delete(&limited.template_path(paths::UNPUBLISHED_TEMPLATE, "short")).await, "discarding");
    let fix = limited.template_path(paths::TEMPLATE_FIX, "short");
    is_refused(&limited.owner.send("POST", &fix, &json!({ "fix": "height" })).await, "fixing");
    is_refused(&limited.save_rules(&json!([])).await, "rules");
    let picked = json!({ "templates": ["short"], "rules": false });
    is_refused(&limited.owner.send("POST", &limited.path(paths::CALL_OFF, ""), &picked).await, "calling off");
    let replace = limited.path(paths::IMAGES, "") + "?name=logo.png&replace=true";
    is_refused(&limited.owner.send("POST", &replace, &json!({})).await, "replacing an image");
    let person = limited.path(paths::PERSON, "ada");
    is_refused(&limited.owner.send("PATCH", &person, &json!({ "groups": [] })).await, "people");
}

#[tokio::test]
async fn a_template_that_is_moved_out_of_the_folder_is_out_of_reach_at_once() {
    let app = TestApp::start().await;
    let (desk, limited) = nordic(&app).await;
    // Published in Nordic, and on its way elsewhere.
    assert_eq!(desk.save_template("long", &json!({ "folder": "Group" })).await.status, StatusCode::OK);
    is_refused(&limited.save_template("long", &json!({ "html": "<p>x</p>" })).await, "half moved");
    is_refused(&limited.publish(&json!({ "changes": { "templates": ["long"] } })).await, "half moved");
}

#[tokio::test]
async fn planned_publishing_follows_the_planners_limits() {
    let app = TestApp::start().await;
    let (desk, limited) = nordic(&app).await;
    assert_eq!(
        limited.save_template("long", &json!({ "html": "<p>{{ display_name }} planned</p>" })).await.status,
        200
    );
    let at_ms = app.clock.now_ms() + 60_000;
    let plan = json!({ "changes": { "templates": ["long"] }, "at_ms": at_ms });
    assert_eq!(limited.publish(&plan).await.status, StatusCode::OK);
    let listed = async || desk.owner.get(&desk.path(paths::CHANGES, "")).await.json()["templates"][0].clone();
    assert_eq!(listed().await["trouble"], Value::Null);
    set_limits(&desk, &limited.owner, &json!({ "folders": ["Sales"] })).await;
    let trouble = listed().await["trouble"].as_str().unwrap().to_owned();
    assert!(trouble.contains("is now limited to the folder “Sales”"), "{trouble}");
    let state = app.app.store.design_state(&desk.tenant).await.unwrap();
    assert_eq!(state.due(at_ms).templates, [""; 0], "it will not be published");
    set_limits(&desk, &limited.owner, &Value::Null).await;
    let state = app.app.store.design_state(&desk.tenant).await.unwrap();
    assert_eq!(state.due(at_ms).templates, ["long"], "an editor of everything may");
}

#[tokio::test]
async fn a_token_is_worth_no_more_than_its_limited_creator() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let admin = app.member(&desk.owner, &desk.tenant, Role::Admin).await;
    let new = json!({ "name": "Build", "scopes": ["design:read", "design:write"], "days": 30 });
    let token = admin.send("POST", &desk.path(paths::TOKENS, ""), &new).await;
    assert_eq!(token.status, StatusCode::CREATED, "{}", token.text());
    let token = token.json()["secret"].as_str().unwrap().to_owned();
    set_limits(&desk, &admin, &json!({ "folders": ["Nordic"] })).await;
    let path = desk.path(paths::TEMPLATES, "");
    let new = json!({ "name": "New", "folder": "Nordic", "html": "<p>x</p>" });
    let answer = app.send(app.request("POST", &path).bearer_auth(&token).json(&new)).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text().contains("is now limited to the folder “Nordic”"), "{}", answer.text());
    assert_eq!(app.send(app.request("GET", &path).bearer_auth(&token)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn limits_are_for_editors_and_name_something() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let invite = desk.path(paths::INVITATIONS, "");
    let many: Vec<String> = (0..51).map(|number| number.to_string()).collect();
    for (role, limits, field) in [
        ("viewer", json!({ "folders": ["Nordic"] }), "limits"),
        ("admin", json!({ "folders": ["Nordic"] }), "limits"),
        ("editor", json!({ "folders": [] }), "limits"),
        ("editor", json!({ "folders": ["  "] }), "limits.folders[0]"),
        ("editor", json!({ "folders": ["Nordic", "x".repeat(1_000)] }), "limits.folders[1]"),
        ("editor", json!({ "folders": many }), "limits.folders"),
    ] {
        let body = json!({ "email": "x@example.com", "role": role, "limits": limits });
        let answer = desk.owner.send("POST", &invite, &body).await;
        assert_eq!((answer.status, answer.field()), (StatusCode::UNPROCESSABLE_ENTITY, field.to_owned()), "{body}");
    }
    let limited = app.limited_editor(&desk.owner, &desk.tenant, &json!({ "folders": [" Nordic "] })).await;
    let session = limited.get(paths::SESSION).await.json();
    assert_eq!(session["tenants"][0]["limits"]["folders"], json!(["Nordic"]));
    let members = desk.owner.get(&desk.path(paths::MEMBERS, "")).await.json();
    let member = members["members"].as_array().unwrap().iter().find(|one| one["role"] == "editor").unwrap().clone();
    assert_eq!(member["limits"]["folders"], json!(["Nordic"]));
    let entry = &app.app.store.list_audit(&desk.tenant, 1).await.unwrap()[0];
    assert!(entry.detail.contains("Nordic"), "{}", entry.detail);
}

async fn set_limits(desk: &Desk<'_>, member: &Admin<'_>, limits: &Value) {
    let account = member.get(paths::SESSION).await.json()["account"].as_str().unwrap().to_owned();
    let path = desk.path(paths::MEMBER, "").replace("{account}", &account);
    let body =
        if limits.is_null() { json!({ "role": "editor" }) } else { json!({ "role": "editor", "limits": limits }) };
    let answer = desk.owner.send("PATCH", &path, &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
}

#[tokio::test]
async fn an_editor_of_one_brand_changes_what_it_shows_and_nothing_else() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let list = desk.path(paths::BRANDS, "");
        let ada = json!([{ "is": "person", "address": "ada@example.com" }]);
        let brands = |nordic: Value, group: Value| {
            let mut nordic = nordic;
            nordic["id"] = json!("nordic");
            let mut group = group;
            group["id"] = json!("group");
            json!({ "brands": [nordic, group] })
        };
        let nordic = json!({ "name": "Nordic", "senders": ada, "legal": "Nordic AS" });
        let group = json!({ "name": "Group", "legal": "Group plc" });
        let put = async |who: &Desk<'_>, body: &Value| {
            let etag = who.owner.get(&list).await.header("etag").to_owned();
            who.owner.change("PUT", &list, &etag, body).await
        };
        let answer = put(&desk, &brands(nordic.clone(), group.clone())).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let all = json!({ "changes": { "templates": [], "brands": true } });
        let published = desk.publish(&all).await;
        assert_eq!(published.status, StatusCode::OK, "{}", published.text());

        let editor = app.limited_editor(&desk.owner, &desk.tenant, &json!({ "brands": ["nordic"] })).await;
        let limited = Desk { owner: editor, tenant: desk.tenant.clone() };
        let with = |brand: &Value, key: &str, value: Value| {
            let mut brand = brand.clone();
            brand[key] = value;
            brand
        };
        let refused = [
            brands(nordic.clone(), with(&group, "legal", json!("Mine"))),
            brands(with(&nordic, "senders", json!([{ "is": "domain", "domain": "example.com" }])), group.clone()),
            json!({ "brands": [with(&group, "id", json!("group"))] }),
        ];
        for body in &refused {
            let answer = put(&limited, body).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{body}: {}", answer.text());
            assert!(answer.text().contains("limited to one brand"), "{}", answer.text());
        }
        let own = brands(with(&nordic, "legal", json!("Nordic AS, Oslo")), group.clone());
        assert_eq!(put(&limited, &own).await.status, StatusCode::OK);
        assert_eq!(limited.publish(&all).await.status, StatusCode::OK);

        // A plan for another brand is not cancelled by saving.
        let theirs = brands(with(&nordic, "legal", json!("Nordic AS, Oslo")), with(&group, "legal", json!("Planned")));
        assert_eq!(put(&desk, &theirs).await.status, StatusCode::OK);
        let mut plan = all.clone();
        plan["at_ms"] = json!(app.clock.now_ms() + 60_000);
        assert_eq!(desk.publish(&plan).await.status, StatusCode::OK);
        assert_eq!(put(&limited, &theirs).await.status, StatusCode::FORBIDDEN, "unchanged, and yet a save");
        assert!(desk.owner.get(&list).await.json()["publish_ms"].is_i64(), "still planned");

        is_forbidden_template(&limited).await;
    })
    .await;
}

#[tokio::test]
async fn editors_of_different_brands_publish_and_discard_their_own_changes() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let list = desk.path(paths::BRANDS, "");
        let brands = |north: &str, south: &str, group: &str| {
            let is = |address: &str| json!([{ "is": "person", "address": address }]);
            json!({ "brands": [
                { "id": "north", "name": "North", "senders": is("ada@example.com"), "legal": north },
                { "id": "south", "name": "South", "senders": is("grace@example.com"), "legal": south },
                { "id": "group", "name": "Group", "legal": group },
            ] })
        };
        let put = async |who: &Desk<'_>, body: &Value| {
            let etag = who.owner.get(&list).await.header("etag").to_owned();
            let answer = who.owner.change("PUT", &list, &etag, body).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        };
        // The legal texts of the list and of what is published.
        let now = async || {
            let shown = desk.owner.get(&list).await.json();
            let version = shown["version"].to_string();
            let published =
                desk.owner.get(&desk.path(paths::BRANDS_VERSION, "").replace("{version}", &version)).await.json();
            let legal = |brands: &Value| -> Vec<String> {
                let all = brands.as_array().unwrap().iter();
                all.map(|brand| brand["legal"].as_str().unwrap().to_owned()).collect()
            };
            let shown = shown["brands"].as_array().unwrap().iter().map(|entry| entry["brand"].clone()).collect();
            (legal(&shown), legal(&published["brands"]))
        };
        let all = json!({ "changes": { "templates": [], "brands": true } });
        put(&desk, &brands("a", "a", "a")).await;
        assert_eq!(desk.publish(&all).await.status, StatusCode::OK);

        let editor = async |brand: &str| {
            let editor = app.limited_editor(&desk.owner, &desk.tenant, &json!({ "brands": [brand] })).await;
            Desk { owner: editor, tenant: desk.tenant.clone() }
        };
        let (north, south) = (editor("north").await, editor("south").await);
        put(&desk, &brands("a", "a", "c")).await;
        put(&north, &brands("b", "a", "c")).await;
        assert_eq!(south.changes().await.0["brands"], Value::Null, "nothing of theirs");
        let nothing = south.publish(&all).await;
        assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", nothing.text());
        put(&south, &brands("b", "b", "c")).await;
        let changes: Changes = serde_json::from_value(south.changes().await.0).unwrap();
        assert!(!changes.is_empty(), "changes of brands are enough");
        assert_eq!(changes.brands.unwrap().changed, ["South"]);

        // What is planned is for all brands.
        let mut plan = all.clone();
        plan["at_ms"] = json!(app.clock.now_ms() + 60_000);
        assert_eq!(north.publish(&plan).await.status, StatusCode::FORBIDDEN);
        assert_eq!(desk.publish(&plan).await.status, StatusCode::OK);
        let discard = south.path(paths::UNPUBLISHED_BRANDS, "");
        assert_eq!(south.owner.delete(&discard).await.status, StatusCode::FORBIDDEN, "it would cancel the plan");
        assert!(desk.owner.get(&list).await.json()["publish_ms"].is_i64(), "still planned");
        let called_off = desk.owner.send("POST", &desk.path(paths::CALL_OFF, ""), &json!({ "brands": true })).await;
        assert_eq!(called_off.status, StatusCode::OK, "{}", called_off.text());

        let published = north.publish(&all).await;
        assert_eq!(published.status, StatusCode::OK, "{}", published.text());
        let words = |all: [&str; 3]| all.map(str::to_owned).to_vec();
        assert_eq!(now().await, (words(["b", "b", "c"]), words(["b", "a", "a"])));
        assert_eq!(south.owner.delete(&discard).await.status, StatusCode::OK);
        assert_eq!(now().await, (words(["b", "a", "c"]), words(["b", "a", "a"])));
        assert_eq!(desk.publish(&all).await.status, StatusCode::OK);
        assert_eq!(now().await, (words(["b", "a", "c"]), words(["b", "a", "c"])));
        assert_eq!(desk.changes().await.0["brands"], Value::Null);
    })
    .await;
}

async fn is_forbidden_template(limited: &Desk<'_>) {
    let answer = limited.save_template("long", &json!({ "html": "<p>x</p>" })).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text());
}
