//! From Entra ID.

use super::{HOUR_MS, counts};
use crate::people::{Desk, field};
use api::console::paths;
use axum::http::StatusCode;
use neighbours::graph::{Credentials, EXTENSION, FakeGraph};
use neighbours::{Paging, Trouble};
use paraph::clock::Clock;
use serde_json::{Value, json};
use tests::app::{ADA, GRACE, NOON_MS, TENANT, TestApp};
use tests::neighbourhood;

/// A server and its Entra ID, on each engine.
pub(super) async fn at_each(test: impl AsyncFn(&TestApp, &FakeGraph)) {
    for url in [None, Some(tests::postgres::new_database().await)] {
        let graph = neighbourhood::graph(&Clock::mock(NOON_MS)).await;
        let app = TestApp::start_with(|config| {
            neighbourhood::ask_graph(config, &graph);
            if let Some(url) = url {
                config.database.url = url;
            }
        })
        .await;
        company(&graph);
        test(&app, &graph).await;
    }
}

pub(super) async fn on_sqlite() -> (TestApp, FakeGraph) {
    let graph = neighbourhood::graph(&Clock::mock(NOON_MS)).await;
    let app = TestApp::start_with(|config| neighbourhood::ask_graph(config, &graph)).await;
    company(&graph);
    (app, graph)
}

const ALAN_OID: &str = "aaaaaaaa-1111-4000-8000-000000000003";
pub(super) const KATHERINE: &str = "aaaaaaaa-1111-4000-8000-000000000004";
const ENGINE: &str = "cccccccc-0000-4000-8000-000000000001";
pub(super) const EVERYBODY: &str = "cccccccc-0000-4000-8000-000000000002";

/// Ada, whom Grace leads; Alan, whom we know by address alone; Katherine, whom we do not know; two groups, one in the other.
pub(super) fn company(graph: &FakeGraph) {
    let user = |id, name: &str, address: &str, title: &str| {
        let user = json!({ "displayName": name, "mail": address, "userPrincipalName": address, "jobTitle": title,
            "proxyAddresses": [format!("SMTP:{address}"), format!("smtp:{}", address.replace('@', ".alias@"))] });
        graph.add_user(id, &user);
    };
    user(ADA.oid, "Ada King", ADA.address, "Countess");
    user(GRACE.oid, "Grace Hopper", GRACE.address, "Rear admiral");
    user(ALAN_OID, "Alan Turing", "alan@example.com", "Reader");
    user(KATHERINE, "Katherine Johnson", "katherine@example.com", "Computer");
    graph.set_manager(ADA.oid, Some(GRACE.oid));
    graph.set_group(ENGINE, "Engines");
    graph.set_group(EVERYBODY, "Everybody");
    graph.set_group_addresses(EVERYBODY, &["Everybody@example.com", "all@example.com"]);
    graph.set_member(ENGINE, "user", ADA.oid, true);
    graph.set_member(EVERYBODY, "group", ENGINE, true);
    graph.set_member(EVERYBODY, "user", KATHERINE, true);
}

impl Desk<'_> {
    /// Consents on Microsoft's page and comes back; where the browser is sent then.
    pub(super) async fn consent(&self, app: &TestApp, tenant: &str, more: &str) -> String {
        let answer = self.owner.send("POST", &self.path(paths::ENTRA_CONSENT, ""), &json!({})).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let url = reqwest::Url::parse(answer.json()["url"].as_str().unwrap()).unwrap();
        let (_, state) = url.query_pairs().find(|(name, _)| name == "state").unwrap();
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("tenant", tenant)
            .append_pair("state", &state)
            .finish();
        let path = format!("{}?{query}&{more}", paths::CONSENT_CALLBACK);
        let back = app.request("GET", &path).header("cookie", &self.owner.cookie);
        app.send(back).await.header("location").to_owned()
    }

    pub(super) async fn connect(&self, app: &TestApp) {
        let back = self.consent(app, TENANT, "admin_consent=True").await;
        assert!(back.ends_with("/sources?consent=granted"), "{back}");
    }
}

#[tokio::test]
async fn people_groups_and_managers_come_and_what_changes_later_follows() {
    at_each(async |app, graph| {
        let desk = Desk::new(app).await;
        assert_eq!(desk.source("entra").await.json()["state"], "off");
        assert_eq!(desk.begin("entra", &json!({})).await.status, StatusCode::CONFLICT, "it is not connected");
        desk.connect(app).await;
        let run = desk.run("entra", &json!({ "preview": true })).await;
        assert_eq!((&run["state"], counts(&run)), (&json!("planned"), [1, 3, 0, 1, 0, 2, 0]), "{run}");
        assert!(desk.found("katherine@example.com").await.is_none(), "looking changes nothing");
        assert_eq!(counts(&desk.run_through("entra").await), [1, 3, 0, 1, 0, 2, 0]);
        let (ada, _) = desk.person("ada").await;
        assert_eq!((&ada["name"], field(&ada, "title")["value"].clone()), (&json!("Ada King"), json!("Countess")));
        assert_eq!(ada["aliases"], json!(["ada.alias@example.com"]), "the directory's, and no others");
        let alan = desk.found("alan@example.com").await.unwrap();
        assert_eq!((&alan["id"], &alan["oid"]), (&json!("alan"), &json!(ALAN_OID)), "found by address");
        let katherine = desk.found("katherine@example.com").await.unwrap();
        assert_eq!(field(&katherine, "title")["source"], "entra");
        assert_eq!(
            desk.groups_of("ada@example.com").await,
            ["Engine room", "Engines", "Everybody"],
            "one through another"
        );
        assert_eq!(desk.groups_of("katherine@example.com").await, ["Everybody"]);

        let run = desk.run("entra", &json!({})).await;
        assert_eq!((&run["state"], counts(&run)), (&json!("applied"), [0; 7]), "nothing changed: {run}");
        graph.change_user(ADA.oid, &json!({ "jobTitle": null, "department": "Mathematics" }));
        graph.set_member(ENGINE, "user", ADA.oid, false);
        graph.set_group(EVERYBODY, "All of us");
        assert_eq!(counts(&desk.run_through("entra").await), [0, 1, 0, 0, 0, 1, 0]);
        let (ada, _) = desk.person("ada").await;
        assert_eq!(field(&ada, "department")["value"], "Mathematics");
        assert_eq!(field(&ada, "title")["value"], "");
        assert_eq!(desk.groups_of("ada@example.com").await, ["Engine room"]);
        assert_eq!(desk.groups_of("katherine@example.com").await, ["All of us"]);
    })
    .await;
}

#[tokio::test]
async fn groups_bring_their_addresses_and_lose_them() {
    at_each(async |app, graph| {
        let desk = Desk::new(app).await;
        desk.connect(app).await;
        desk.run_through("entra").await;
        let addresses = async || {
            let answer = desk.owner.get(&desk.path(paths::GROUPS, "")).await.json();
            let groups = answer["groups"].as_array().unwrap().clone();
            groups.into_iter().find(|group| group["id"] == EVERYBODY).map(|group| group["addresses"].clone())
        };
        assert_eq!(addresses().await, Some(json!(["all@example.com", "everybody@example.com"])));
        graph.set_group_addresses(EVERYBODY, &["staff@example.com", "all@example.com", "no address"]);
        assert_eq!(counts(&desk.run_through("entra").await), [0, 0, 0, 0, 0, 1, 0], "one group");
        assert_eq!(addresses().await, Some(json!(["all@example.com", "staff@example.com"])));
        graph.set_member(EVERYBODY, "user", ADA.oid, true);
        graph.answer_in_part();
        desk.run_through("entra").await;
        assert_eq!(addresses().await, Some(json!(["all@example.com", "staff@example.com"])), "not mentioned, not lost");
        graph.set_group_addresses(EVERYBODY, &[]);
        desk.run_through("entra").await;
        assert_eq!(addresses().await, Some(Value::Null), "it gets no mail any more");
        graph.remove_group(EVERYBODY);
        desk.run_through("entra").await;
        assert_eq!(addresses().await, None);
    })
    .await;
}

#[tokio::test]
async fn a_managers_name_goes_with_the_manager() {
    let (app, graph) = on_sqlite().await;
    let desk = Desk::new(&app).await;
    let fields = desk.owner.get(&desk.path(paths::FIELDS, "")).await;
    let mut wanted = fields.json();
    wanted["fields"].as_array_mut().unwrap().push(json!({ "token": "boss", "label": "Manager", "edited_by": "editor",
            "precedence": ["self", "manual", "database", "entra", "google", "csv"] }));
    let saved = desk.owner.change("PUT", &desk.path(paths::FIELDS, ""), fields.header("etag"), &wanted).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text());
    desk.connect(&app).await;
    let source = desk.source("entra").await;
    let mut settings = source.json()["settings"].clone();
    settings["mapping"].as_array_mut().unwrap().push(json!({ "attribute": "manager", "field": "boss" }));
    let path = desk.path(paths::SOURCE, "entra");
    let changes = json!({ "settings": settings });
    let stale = desk.owner.change("PATCH", &path, "\"stale\"", &changes).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    let saved = desk.owner.change("PATCH", &path, source.header("etag"), &changes).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text());
    desk.run_through("entra").await;
    let boss = async || field(&desk.person("ada").await.0, "boss")["value"].clone();
    assert_eq!(boss().await, "Grace Hopper");
    let manager = async || {
        let person = desk.owner.get(&desk.path(paths::PREVIEW_PERSON, "ada")).await.json()["person"].clone();
        ["display_name", "title"].map(|token| person["fields"][format!("manager.{token}")].clone())
    };
    assert_eq!(manager().await, ["Grace Hopper", "Rear admiral"]);
    graph.change_user(GRACE.oid, &json!({ "displayName": "Admiral Hopper" }));
    desk.run_through("entra").await;
    assert_eq!(boss().await, "Admiral Hopper", "though nothing was said of Ada");
    graph.set_manager(ADA.oid, Some(KATHERINE));
    desk.run_through("entra").await;
    assert_eq!(boss().await, "Katherine Johnson");
    assert_eq!(manager().await, ["Katherine Johnson", "Computer"]);
    graph.set_manager(ADA.oid, None);
    desk.run_through("entra").await;
    assert_eq!(manager().await, [Value::Null, Value::Null]);
}

#[tokio::test]
async fn directory_extensions_are_asked_for_once_they_are_mapped() {
    let (app, graph) = on_sqlite().await;
    graph.change_user(ADA.oid, &json!({ EXTENSION: "3rd floor" }));
    let desk = Desk::new(&app).await;
    desk.connect(&app).await;
    desk.run_through("entra").await;
    let source = desk.source("entra").await.json();
    assert!(source["own_attribute"].as_str().unwrap().starts_with("extension_"), "{source}");
    let path = desk.path(paths::SOURCE, "entra");
    let map = async |attribute: &str| {
        let mut settings = source["settings"].clone();
        let mapping = settings["mapping"].as_array_mut().unwrap();
        mapping.retain(|one| one["field"] != "office");
        mapping.push(json!({ "attribute": attribute, "field": "office" }));
        desk.owner.change("PATCH", &path, "*", &json!({ "settings": settings })).await
    };
    let wrong = map("extension_floor").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.detail().contains("has a name like extension_"), "{}", wrong.detail());
    assert_eq!(map(EXTENSION).await.status, StatusCode::OK);
    desk.run_through("entra").await;
    assert_eq!(field(&desk.person("ada").await.0, "office")["value"], "3rd floor");
    // The directory may answer with a part of what it was asked for.
    graph.answer_in_part();
    graph.set_manager(ADA.oid, None);
    desk.run_through("entra").await;
    assert_eq!(field(&desk.person("ada").await.0, "office")["value"], "3rd floor");
    assert_eq!(map(&EXTENSION.replace("floor", "gone")).await.status, StatusCode::OK);
    let failed = desk.run("entra", &json!({})).await;
    assert!(failed["failure"].as_str().unwrap().contains("_gone"), "{failed}");
}

#[tokio::test]
async fn who_leaves_is_gone_with_their_addresses_and_who_comes_back_finds_what_was_written_by_hand() {
    at_each(async |app, graph| {
        let desk = Desk::new(app).await;
        desk.connect(app).await;
        desk.run_through("entra").await;
        let katherine = desk.found("katherine@example.com").await.unwrap()["id"].as_str().unwrap().to_owned();
        let by_hand = json!({ "fields": { "pronouns": { "value": "she/her" } } });
        assert_eq!(desk.change(&katherine, &by_hand).await.status, StatusCode::OK);
        graph.change_user(KATHERINE, &json!({ "accountEnabled": false, "mail": null, "proxyAddresses": [] }));
        graph
            .change_user(ADA.oid, &json!({ "proxyAddresses": ["SMTP:ada@example.com", "smtp:katherine@example.com"] }));
        let run = desk.run("entra", &json!({})).await;
        assert_eq!(counts(&run), [0, 1, 0, 1, 1, 0, 0], "{run}");
        assert_eq!(run["state"], "planned", "one of the four whom it has is more than a fifth: {run}");
        assert_eq!(counts(&desk.run_through("entra").await), [0, 1, 0, 1, 1, 0, 0]);
        assert_eq!(desk.found("katherine@example.com").await.unwrap()["id"], "ada", "her address is Ada's now");
        assert_eq!(desk.owner.get(&desk.path(paths::PERSON, &katherine)).await.status, StatusCode::NOT_FOUND);

        let back =
            json!({ "accountEnabled": true, "mail": "kj@example.com", "proxyAddresses": ["SMTP:kj@example.com"] });
        graph.change_user(KATHERINE, &back);
        desk.run_through("entra").await;
        let found = desk.found("kj@example.com").await.unwrap();
        assert_eq!((&found["id"], field(&found, "pronouns")["value"].clone()), (&json!(katherine), json!("she/her")));
        assert_eq!(desk.groups_of("kj@example.com").await, ["Everybody"], "and her groups");

        graph.remove_user(KATHERINE);
        desk.run_through("entra").await;
        app.clock.advance_ms(31 * 24 * HOUR_MS);
        assert_eq!(
            app.app.store.delete_gone_people(&desk.tenant, app.clock.now_ms() - 30 * 24 * HOUR_MS, NOON_MS).await,
            Ok(1)
        );
    })
    .await;
}

#[tokio::test]
async fn a_directory_that_is_suddenly_empty_waits_for_somebody() {
    let (app, graph) = on_sqlite().await;
    let desk = Desk::new(&app).await;
    desk.connect(&app).await;
    desk.run_through("entra").await;
    for id in [ADA.oid, GRACE.oid, ALAN_OID, KATHERINE] {
        graph.remove_user(id);
    }
    for how in [json!({}), json!({ "whole": true })] {
        let run = desk.run("entra", &how).await;
        assert_eq!((&run["state"], counts(&run)[3]), (&json!("planned"), 4), "{run}");
    }
    let source = desk.source("entra").await.json();
    assert!(source["waiting"]["failure"].as_str().unwrap().contains("nothing was applied"), "{source}");
    assert_eq!(desk.person("ada").await.0["name"], "Ada King");
    let waiting = desk.path(paths::RUN, source["waiting"]["id"].as_str().unwrap());
    assert_eq!(desk.owner.delete(&waiting).await.status, StatusCode::NO_CONTENT);
    assert_eq!(desk.source("entra").await.json()["waiting"], Value::Null);
}

#[tokio::test]
async fn bad_days_are_told_and_the_next_run_ends_where_an_undisturbed_one_does() {
    let (app, graph) = on_sqlite().await;
    let desk = Desk::new(&app).await;
    desk.connect(&app).await;
    graph.set_credentials(Credentials::Expired);
    let run = desk.run("entra", &json!({})).await;
    assert_eq!(run["state"], "failed", "{run}");
    let source = desk.source("entra").await.json();
    for told in [&run["failure"], &source["problem"]] {
        assert!(told.as_str().unwrap().contains("secret"), "{told}");
    }
    graph.set_credentials(Credentials::Good);
    graph.set_page_size(1, 1);
    graph.then([Trouble::Fine, Trouble::Cut, Trouble::Page(Paging::Replay)]);
    assert_eq!(counts(&desk.run_through("entra").await), [1, 3, 0, 1, 0, 2, 0]);
    assert_eq!(desk.source("entra").await.json()["problem"], Value::Null);
}

#[tokio::test]
async fn addresses_that_two_have_are_told_and_nobody_loses_theirs() {
    let (app, graph) = on_sqlite().await;
    let desk = Desk::new(&app).await;
    desk.connect(&app).await;
    desk.run_through("entra").await;
    graph.change_user(GRACE.oid, &json!({ "proxyAddresses": ["SMTP:grace@example.com", "smtp:desk@example.com"] }));
    graph.change_user(KATHERINE, &json!({ "mail": "desk@example.com", "proxyAddresses": ["SMTP:desk@example.com"] }));
    graph.change_user(ALAN_OID, &json!({ "mail": "no address", "proxyAddresses": [] }));
    graph.change_user(ADA.oid, &json!({ "jobTitle": "x".repeat(api::MAX_FIELD + 1) }));
    let run = desk.run("entra", &json!({})).await;
    assert_eq!((&run["state"], counts(&run)), (&json!("applied"), [0, 1, 1, 0, 0, 0, 4]), "{run}");
    let issues = run["plan"]["issues"].to_string();
    for words in ["desk@example.com", "no address", "1000 characters"] {
        assert!(issues.contains(words), "{words}: {issues}");
    }
    assert_eq!(desk.person("desk").await.0["address"], "desk@example.com");
    assert_eq!(field(&desk.person("ada").await.0, "title")["value"], "Countess", "it stays as it was");
    assert_eq!(desk.person("alan").await.0["name"], "Alan Turing");
}

#[tokio::test]
async fn what_a_source_said_is_taken_away_once_it_is_disconnected_and_the_next_one_counts() {
    let (app, _graph) = on_sqlite().await;
    let desk = Desk::new(&app).await;
    desk.connect(&app).await;
    desk.run_through("entra").await;
    assert_eq!(desk.begin("entra", &json!({ "clear": true })).await.status, StatusCode::CONFLICT, "it is connected");
    let path = desk.path(paths::SOURCE, "entra");
    assert_eq!(desk.owner.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(desk.person("ada").await.0["name"], "Ada King", "nothing is lost by that");
    let run = desk.run("entra", &json!({ "clear": true })).await;
    assert_eq!((&run["state"], counts(&run)[3..5].to_vec()), (&json!("planned"), vec![4, 1]), "{run}");
    let apply = desk.path(paths::APPLY_RUN, run["id"].as_str().unwrap());
    assert_eq!(desk.owner.send("POST", &apply, &json!({ "confirmed": true })).await.status, StatusCode::OK);
    assert_eq!(desk.ended(run["id"].as_str().unwrap()).await["state"], "applied");
    assert_eq!(desk.person("ada").await.0["name"], "ada@example.com");
    assert!(desk.found("katherine@example.com").await.is_none());
}

#[tokio::test]
async fn photos_come_are_asked_for_again_and_go() {
    at_each(async |app, graph| {
        let desk = Desk::new(app).await;
        desk.connect(app).await;
        graph.set_photo(ADA.oid, Some(tests::app::PNG));
        let path = desk.path(paths::SOURCE, "entra");
        let mut settings = desk.source("entra").await.json()["settings"].clone();
        settings["photos"] = json!(true);
        let saved = desk.owner.change("PATCH", &path, "*", &json!({ "settings": settings })).await;
        assert_eq!(saved.status, StatusCode::OK, "{}", saved.text());
        desk.run_through("entra").await;
        let photo = async || field(&desk.person("ada").await.0, "photo")["value"].as_str().unwrap().to_owned();
        let first = photo().await;
        let shown = app.get(first.strip_prefix(&app.url).unwrap()).await;
        assert_eq!((shown.status, shown.header("content-type")), (StatusCode::OK, "image/png"));
        let version = async || app.app.tenants.of_entra(TENANT).await.unwrap().unwrap().version;
        let before = version().await;
        desk.run_through("entra").await;
        assert_eq!((photo().await, version().await), (first.clone(), before), "it is the same, and nothing is written");
        // Nothing else is said of Grace.
        graph.set_photo(GRACE.oid, Some(tests::app::PNG));
        desk.run_through("entra").await;
        assert_eq!(field(&desk.person("grace").await.0, "photo")["value"], first);
        graph.set_photo(ADA.oid, None);
        desk.run_through("entra").await;
        assert_eq!(photo().await, "");
    })
    .await;
}
