//! People, one at a time and by the hundred.

mod fields;
mod numbers;

use api::console::{Role, paths};
use axum::http::StatusCode;
use paraph::store::By;
use serde_json::{Value, json};
use tests::app::{Answer, OTHER_TENANT, TENANT, TestApp};
use tests::console::Admin;

/// Somebody at a running server, in the first tenant.
pub(crate) struct Desk<'a> {
    pub(crate) owner: Admin<'a>,
    pub(crate) tenant: String,
}

impl<'a> Desk<'a> {
    pub(crate) async fn new(app: &'a TestApp) -> Self {
        let owner = app.owner().await;
        Self { owner, tenant: app.tenant_id(TENANT).await }
    }

    pub(crate) fn path(&self, path: &str, id: &str) -> String {
        let path = path.replace("{tenant}", &self.tenant);
        ["{person}", "{import}", "{run}", "{source}"].iter().fold(path, |path, part| path.replace(part, id))
    }

    async fn ids(&self, query: &str) -> Vec<String> {
        let answer = self.owner.get(&format!("{}?{query}", self.path(paths::PEOPLE, ""))).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.text());
        let people = answer.json()["people"].as_array().unwrap().clone();
        people.iter().map(|person| person["id"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) async fn person(&self, id: &str) -> (Value, String) {
        let answer = self.owner.get(&self.path(paths::PERSON, id)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        (answer.json(), answer.header("etag").to_owned())
    }

    /// Changes somebody as they are now.
    pub(crate) async fn change(&self, id: &str, changes: &Value) -> Answer {
        let (_, etag) = self.person(id).await;
        self.owner.change("PATCH", &self.path(paths::PERSON, id), &etag, changes).await
    }

    /// From now on only admins edit the field `badge`.
    pub(crate) async fn leave_badges_to_admins(&self) {
        let path = self.path(paths::FIELDS, "");
        let answer = self.owner.get(&path).await;
        let mut fields = answer.json();
        let badge = fields["fields"].as_array_mut().unwrap().iter_mut().find(|field| field["token"] == "badge");
        badge.unwrap()["edited_by"] = json!("admin");
        let changed = self.owner.change("PUT", &path, answer.header("etag"), &fields).await;
        assert_eq!(changed.status, StatusCode::OK, "{}", changed.text());
    }
}

/// A field of a person's detail.
pub(crate) fn field<'a>(person: &'a Value, token: &str) -> &'a Value {
    let fields = person["fields"].as_array().unwrap();
    fields.iter().find(|field| field["token"] == token).unwrap_or_else(|| panic!("no {token} in {person}"))
}

/// Runs `test` at a server on SQLite and at one on PostgreSQL.
pub(crate) async fn at_each_server(test: impl AsyncFn(&TestApp)) {
    test(&TestApp::start().await).await;
    test(&TestApp::start_on_postgres().await.0).await;
}

#[tokio::test]
async fn all_words_are_found_in_names_addresses_and_values_in_any_case() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let manual = |value: &str| json!({ "fields": { "department": { "value": value } } });
    assert_eq!(desk.change("grace", &manual("Präsidium Übersee")).await.status, StatusCode::OK);
    for (search, expected) in [
        ("", vec!["ada", "alan", "grace", "desk"]),
        ("LOVE", vec!["ada"]),
        ("countess@", vec!["ada"]),
        ("analyst%20ada", vec!["ada"]),
        ("ada%20grace", vec![]),
        ("PR%C3%84SIDIUM", vec!["grace"]),
        ("ubersee%20hopper", vec!["grace"]),
        ("lovelaceanalyst", vec![]),
        ("@example.com", vec!["ada", "alan", "grace", "desk"]),
        ("%0a", vec!["ada", "alan", "grace", "desk"]),
    ] {
        assert_eq!(desk.ids(&format!("search={search}")).await, expected, "{search}");
    }
    let long = "x".repeat(201);
    let answer = desk.owner.get(&format!("{}?search={long}", desk.path(paths::PEOPLE, ""))).await;
    assert_eq!((answer.status, answer.field().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "search"));
}

#[tokio::test]
async fn people_come_in_order_a_page_at_a_time_and_filtered() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    for (query, expected) in [
        ("sort=name", vec!["ada", "alan", "grace", "desk"]),
        ("sort=name&descending=true", vec!["desk", "grace", "alan", "ada"]),
        ("sort=address", vec!["ada", "alan", "desk", "grace"]),
        // Who has none comes last, and ties come by id.
        ("sort=title", vec!["ada", "grace", "alan", "desk"]),
        ("sort=title&descending=true", vec!["desk", "alan", "grace", "ada"]),
        ("limit=2&offset=1", vec!["alan", "grace"]),
        ("offset=9", vec![]),
        ("group=group-engine", vec!["ada"]),
        ("group=no-such-group", vec![]),
        ("kind=shared_mailbox", vec!["desk"]),
        ("kind=person&search=turing", vec!["alan"]),
    ] {
        assert_eq!(desk.ids(query).await, expected, "{query}");
    }
    let path = desk.path(paths::PEOPLE, "");
    let page = desk.owner.get(&format!("{path}?limit=1&search=a")).await.json();
    assert_eq!(page["total"], 4);
    let ada = json!({
        "id": "ada", "name": "Ada Lovelace", "address": "ada@example.com", "kind": "person", "groups": ["Engine room"],
        "fields": { "badge": "SECRET-BADGE", "display_name": "Ada Lovelace", "title": "Analyst" }
    });
    assert_eq!(page["people"][0], ada);
    for (query, field) in
        [("limit=0", "limit"), ("limit=201", "limit"), ("sort=shoe_size", "sort"), ("kind=cat", "kind")]
    {
        let answer = desk.owner.get(&format!("{path}?{query}")).await;
        assert_eq!((answer.status, answer.field().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, field), "{query}");
    }
}

#[tokio::test]
async fn a_search_follows_every_change_at_once() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        assert_eq!(desk.ids("search=inventor").await, [""; 0]);
        let title = |value: Value| json!({ "fields": { "title": value } });
        desk.change("alan", &title(json!({ "value": "Inventor" }))).await;
        assert_eq!(desk.ids("search=inventor").await, ["alan"]);
        assert_eq!(desk.ids("sort=title").await, ["ada", "alan", "grace", "desk"]);
        desk.change("alan", &title(Value::Null)).await;
        assert_eq!(desk.ids("search=inventor").await, [""; 0]);
        assert_eq!(desk.ids("sort=title").await, ["ada", "grace", "alan", "desk"]);
        desk.change("alan", &json!({ "aliases": ["inventor@example.com"] })).await;
        assert_eq!(desk.ids("search=inventor").await, ["alan"]);
        let new = json!({ "address": "Inventor2@Example.com", "kind": "person", "fields": { "title": "Inventor" } });
        let added = desk.owner.send("POST", &desk.path(paths::PEOPLE, ""), &new).await;
        assert_eq!(added.status, StatusCode::CREATED, "{}", added.text());
        let id = added.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(desk.ids("search=inventor&sort=address").await, ["alan".to_owned(), id.clone()]);
        assert_eq!(desk.owner.delete(&desk.path(paths::PERSON, &id)).await.status, StatusCode::NO_CONTENT);
        assert_eq!(desk.ids("search=inventor").await, ["alan"]);
        assert_eq!(desk.owner.delete(&desk.path(paths::PERSON, &id)).await.status, StatusCode::NOT_FOUND);
        // Somebody who may send from a mailbox.
        assert_eq!(desk.owner.delete(&desk.path(paths::PERSON, "ada")).await.status, StatusCode::NO_CONTENT);
        assert_eq!(desk.ids("").await, ["alan", "grace", "desk"]);
        assert_eq!(desk.person("desk").await.0["senders"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn a_person_shows_what_every_source_says_and_which_counts() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let (ada, _) = desk.person("ada").await;
        assert_eq!(ada["aliases"], json!(["countess@example.com"]));
        assert_eq!(ada["groups"], json!([{ "id": "group-engine", "name": "Engine room", "members": 1 }]));
        assert_eq!(ada["may_send_as"], json!([{ "id": "desk", "name": "Help desk", "address": "desk@example.com" }]));
        let (mailbox, _) = desk.person("desk").await;
        assert_eq!(mailbox["senders"], json!([{ "id": "ada", "name": "Ada Lovelace", "address": "ada@example.com" }]));
        let title = field(&ada, "title");
        assert_eq!(
            (&title["value"], &title["source"], &title["locked"]),
            (&json!("Analyst"), &json!("entra"), &json!(false))
        );

        let answer = desk.change("ada", &json!({ "fields": { "title": { "value": "Countess" } } })).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let title = field(&answer.json(), "title").clone();
        assert_eq!((&title["value"], &title["source"]), (&json!("Countess"), &json!("manual")));
        let both = json!([{ "source": "manual", "value": "Countess" }, { "source": "entra", "value": "Analyst" }]);
        assert_eq!(title["values"], both);
        let row = desk.owner.get(&format!("{}?search=countess", desk.path(paths::PEOPLE, ""))).await.json();
        assert_eq!(row["people"][0]["fields"]["title"], "Countess", "the list says the same");

        let answer = desk.change("ada", &json!({ "fields": { "title": { "value": "" } } })).await.json();
        assert_eq!((&field(&answer, "title")["value"], &field(&answer, "title")["source"]), (&json!(""), &Value::Null));
        let answer = desk.change("ada", &json!({ "fields": { "title": null } })).await.json();
        assert_eq!(field(&answer, "title")["value"], "Analyst", "restored");
    })
    .await;
}

#[tokio::test]
async fn a_locked_value_wins_over_the_persons_own() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let own = [("pronouns".to_owned(), Some("they".to_owned()))].into();
        app.app.store.set_own_fields(&desk.tenant, "grace", &own, By::new("grace", tests::app::NOON_MS)).await.unwrap();
        let set = |locked: bool| json!({ "fields": { "pronouns": { "value": "she", "locked": locked } } });
        let answer = desk.change("grace", &set(false)).await.json();
        assert_eq!(
            (&field(&answer, "pronouns")["value"], &field(&answer, "pronouns")["locked"]),
            (&json!("they"), &json!(false))
        );
        let answer = desk.change("grace", &set(true)).await.json();
        assert_eq!(
            (&field(&answer, "pronouns")["value"], &field(&answer, "pronouns")["locked"]),
            (&json!("she"), &json!(true))
        );
        assert_eq!(field(&answer, "pronouns")["values"][0]["source"], "manual");
        let row = desk.owner.get(&format!("{}?search=hopper", desk.path(paths::PEOPLE, ""))).await.json();
        assert_eq!(row["people"][0]["fields"]["pronouns"], "she");
    })
    .await;
}

#[tokio::test]
async fn the_second_of_two_admins_is_told_and_nothing_of_theirs_is_done() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let path = desk.path(paths::PERSON, "ada");
        let (_, etag) = desk.person("ada").await;
        let change = |title: &str| json!({ "fields": { "title": { "value": title } } });
        assert_eq!(desk.owner.change("PATCH", &path, &etag, &change("First")).await.status, StatusCode::OK);
        let second = json!({ "fields": { "title": { "value": "Second" } }, "aliases": [], "groups": [] });
        let answer = desk.owner.change("PATCH", &path, &etag, &second).await;
        assert_eq!(answer.status, StatusCode::PRECONDITION_FAILED);
        let (ada, etag) = desk.person("ada").await;
        assert_eq!(field(&ada, "title")["value"], "First");
        assert_eq!(ada["aliases"], json!(["countess@example.com"]));
        let none = desk.owner.send("PATCH", &path, &second).await;
        assert_eq!(none.status, StatusCode::PRECONDITION_REQUIRED);
        // What others do elsewhere is no reason to refuse.
        desk.change("grace", &json!({ "groups": ["group-engine"] })).await;
        assert_eq!(desk.owner.change("PATCH", &path, &etag, &second).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn addresses_senders_and_groups_change_together_or_not_at_all() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let all = json!({ "aliases": ["Hopper@Example.com", "amazing@example.com"], "groups": ["group-engine"] });
        let grace = desk.change("grace", &all).await.json();
        assert_eq!(grace["aliases"], json!(["hopper@example.com", "amazing@example.com"]));
        assert_eq!(grace["groups"][0]["members"], 2);
        let senders = desk.change("desk", &json!({ "senders": ["grace"] })).await.json();
        assert_eq!(senders["senders"][0]["id"], "grace");
        let mailbox = app.app.store.load_person(&desk.tenant, "desk", &[]).await.unwrap().unwrap();
        assert_eq!(mailbox.send_as, ["grace".into()].into());
        let twice = desk.change("grace", &all).await;
        assert_eq!(twice.status, StatusCode::OK);
        assert_eq!(app.app.store.list_audit(&desk.tenant, 1).await.unwrap()[0].subject, "desk", "no change, no entry");
        for (changes, status, field) in [
            (json!({ "groups": [], "aliases": ["ada@example.com"] }), 409, "aliases"),
            (json!({ "groups": [], "aliases": ["grace@example.com"] }), 409, "aliases"),
            (json!({ "groups": [], "aliases": ["no address"] }), 422, "aliases[0]"),
            (json!({ "groups": [], "aliases": ["x@example.com", "X@example.com"] }), 422, "aliases[1]"),
            (json!({ "aliases": [], "groups": ["no-such-group"] }), 422, "groups"),
            (json!({ "aliases": [], "senders": ["nobody"] }), 422, "senders"),
            (json!({ "aliases": [], "fields": { "shoe_size": { "value": "39" } } }), 422, "fields.shoe_size"),
            (json!({ "aliases": [], "fields": { "title": { "value": "x".repeat(1_001) } } }), 422, "fields.title"),
            (json!({ "aliases": [], "fields": { "title": { "value": "\u{1}" } } }), 422, "fields.title"),
        ] {
            let answer = desk.change("grace", &changes).await;
            assert_eq!((answer.status.as_u16(), answer.field().as_str()), (status, field), "{changes}");
        }
        let (grace, _) = desk.person("grace").await;
        assert_eq!((grace["aliases"].as_array().unwrap().len(), grace["groups"].as_array().unwrap().len()), (2, 1));
    })
    .await;
}

#[tokio::test]
async fn an_editor_edits_what_editors_may() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    desk.leave_badges_to_admins().await;
    let editor = app.member(&desk.owner, &desk.tenant, Role::Editor).await;
    let person = desk.path(paths::PERSON, "ada");
    let shown = editor.get(&person).await;
    assert_eq!(field(&shown.json(), "badge")["may_edit"], false);
    assert_eq!(field(&shown.json(), "title")["may_edit"], true);
    let change = |token: &str| json!({ "fields": { (token): { "value": "1" } } });
    let refused = editor.change("PATCH", &person, shown.header("etag"), &change("badge")).await;
    assert_eq!((refused.status, refused.field().as_str()), (StatusCode::FORBIDDEN, "fields.badge"));
    let allowed = editor.change("PATCH", &person, shown.header("etag"), &change("title")).await;
    assert_eq!(allowed.status, StatusCode::OK, "{}", allowed.text());
    let new = json!({ "address": "new@example.com", "kind": "person", "fields": { "badge": "1" } });
    assert_eq!(editor.send("POST", &desk.path(paths::PEOPLE, ""), &new).await.status, StatusCode::FORBIDDEN);
    let viewer = app.member(&desk.owner, &desk.tenant, Role::Viewer).await;
    assert_eq!(viewer.get(&person).await.status, StatusCode::OK);
    assert_eq!(viewer.delete(&person).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn somebody_new_needs_an_address_that_nobody_has() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let path = desk.path(paths::PEOPLE, "");
    let new = |address: &str| json!({ "address": address, "kind": "shared_mailbox", "fields": {} });
    for (address, status) in [("countess@example.com", 409), ("ADA@example.com", 409), ("nobody", 422)] {
        let answer = desk.owner.send("POST", &path, &new(address)).await;
        assert_eq!((answer.status.as_u16(), answer.field().as_str()), (status, "address"), "{address}");
    }
    let added = desk.owner.send("POST", &path, &new("sales@example.com")).await.json();
    assert_eq!((&added["kind"], &added["name"]), (&json!("shared_mailbox"), &json!("sales@example.com")));
    let other = app.tenant_id(OTHER_TENANT).await;
    let elsewhere = paths::PERSON.replace("{tenant}", &other).replace("{person}", "ada");
    assert_eq!(desk.owner.get(&elsewhere).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_signature_is_the_one_that_the_add_in_gets() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let path = desk.path(paths::PERSON_SIGNATURE, "ada");
    let shown = desk.owner.get(&format!("{path}?kind=reply&to=x@example.org")).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text());
    let draft = json!({ "kind": "reply", "recipients": [{ "address": "x@example.org" }] });
    let inserted = app.post(api::paths::SIGNATURE, tests::app::ADA, &draft).await;
    assert_eq!(shown.json()["signature"], inserted.json());
    assert!(shown.json()["problems"].is_array());
    assert_eq!(desk.owner.get(&desk.path(paths::PERSON_SIGNATURE, "desk")).await.status, StatusCode::OK);
    assert_eq!(desk.owner.get(&desk.path(paths::PERSON_SIGNATURE, "nobody")).await.status, StatusCode::NOT_FOUND);
    let wrong = desk.owner.get(&format!("{path}?to=nobody")).await;
    assert_eq!((wrong.status, wrong.field().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "to"));
}

#[tokio::test]
async fn groups_tell_how_many_are_in_them() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let path = desk.path(paths::GROUPS, "");
    let groups = desk.owner.get(&path).await.json();
    assert_eq!(
        groups,
        json!({ "groups": [{ "id": "group-engine", "name": "Engine room", "members": 1 }], "total": 1 })
    );
    assert_eq!(desk.owner.get(&format!("{path}?search=ROOM")).await.json()["total"], 1);
    assert_eq!(desk.owner.get(&format!("{path}?search=kitchen")).await.json()["total"], 0);
}

#[tokio::test]
async fn an_export_is_csv_that_no_spreadsheet_runs() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let fields = json!({ "fields": {
        "phone": { "value": "+49 30 1" }, "title": { "value": "=HYPERLINK(\"x\")" }, "office": { "value": "A,\nB" }
    } });
    desk.change("ada", &fields).await;
    let answer = desk.owner.get(&desk.path(paths::PEOPLE_EXPORT, "")).await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    let text = answer.text();
    assert!(text.starts_with("\u{feff}address,display_name,"), "{text}");
    assert_eq!(text.matches("\r\n").count(), 5, "{text}");
    for cell in ["'+49 30 1", "\"'=HYPERLINK(\"\"x\"\")\"", "\"A,\nB\""] {
        assert!(text.contains(cell), "{cell} in {text}");
    }
    let some = desk.owner.get(&format!("{}?search=turing", desk.path(paths::PEOPLE_EXPORT, ""))).await.text();
    assert_eq!(some.lines().count(), 2, "{some}");
}
