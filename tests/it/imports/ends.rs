//! How imports end that do not just go well: overtaken, cancelled, or with their server.

use super::{FILE, counts};
use crate::leases::Elsewhere;
use crate::people::{Desk, at_each_server, field};
use api::console::paths;
use axum::http::StatusCode;
use paraph::store::{By, Error, RunKey};
use serde_json::json;
use tests::app::NOON_MS;
#[cfg(debug_assertions)]
use tests::postgres::connect;

#[tokio::test]
async fn a_plan_that_the_directory_has_overtaken_is_made_again() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let file = "address,city\nnew@example.com,Paris\nada@example.com,London\n";
        let import = desk.planned(file).await;
        let new = json!({ "address": "new@example.com", "kind": "person" });
        assert_eq!(desk.owner.send("POST", &desk.path(paths::PEOPLE, ""), &new).await.status, StatusCode::CREATED);
        let again = desk.applied(&import).await;
        assert_eq!(again["state"], "planned", "{again}");
        assert!(again["failure"].as_str().unwrap().contains("review the new plan"), "{again}");
        assert_eq!(counts(&again), [0, 2, 0, 0, 0]);
        assert_eq!(field(&desk.person("ada").await.0, "city")["value"], "", "nothing was applied");
        // What does not matter to the plan does not stop it.
        desk.change("grace", &json!({ "fields": { "title": { "value": "x" } } })).await;
        assert_eq!(desk.applied(&again).await["state"], "applied");
        assert_eq!(field(&desk.person("ada").await.0, "city")["value"], "London");
    })
    .await;
}

#[tokio::test]
async fn a_cancelled_import_leaves_nothing() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let before = desk.everybody().await;
        let import = desk.planned(FILE).await;
        let path = desk.path(paths::RUN, import["id"].as_str().unwrap());
        assert_eq!(desk.owner.delete(&path).await.status, StatusCode::NO_CONTENT);
        assert_eq!(desk.owner.get(&path).await.json()["state"], "cancelled");
        assert_eq!(desk.apply(&import, &json!({})).await.status, StatusCode::CONFLICT);
        assert_eq!(desk.owner.delete(&path).await.status, StatusCode::CONFLICT, "twice");
        // In the midst of planning, then of applying.
        let many =
            (0..20_000).map(|number| format!("p{number}@example.com,Name {number},x")).collect::<Vec<_>>().join("\n");
        let file = format!("address,display_name,title\n{many}");
        let id = desk.upload("", file.clone()).await.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(desk.owner.delete(&desk.path(paths::RUN, &id)).await.status, StatusCode::NO_CONTENT);
        assert_eq!(desk.settled(&id).await["state"], "cancelled");
        let import = desk.planned(file).await;
        assert_eq!(counts(&import), [20_000, 0, 0, 0, 0]);
        assert_eq!(desk.apply(&import, &json!({})).await.status, StatusCode::OK);
        let path = desk.path(paths::RUN, import["id"].as_str().unwrap());
        assert_eq!(desk.owner.delete(&path).await.status, StatusCode::NO_CONTENT);
        assert_eq!(desk.owner.get(&path).await.json()["state"], "cancelled");
        assert_eq!(desk.everybody().await, before);
        let left = app.app.store.run_text(RunKey { tenant: &desk.tenant, run: &id }).await.unwrap();
        assert_eq!(left, None, "the file is gone too");
        assert!(
            app.app.store.list_audit(&desk.tenant, 50).await.unwrap().iter().all(|entry| entry.action != "import_csv")
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_left_of_a_removed_field_is_in_nobodys_way() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let import = desk.planned("address,badge\nada@example.com,Old\n").await;
        assert_eq!(desk.applied(&import).await["state"], "applied");
        let fields = desk.owner.get(&desk.path(paths::FIELDS, "")).await;
        let mut wanted = fields.json();
        wanted["fields"].as_array_mut().unwrap().retain(|field| field["token"] != "badge");
        let saved = desk.owner.change("PUT", &desk.path(paths::FIELDS, ""), fields.header("etag"), &wanted).await;
        assert_eq!(saved.status, StatusCode::OK, "{}", saved.text());
        let import = desk.planned("address,title\nada@example.com,Countess\n").await;
        desk.change("grace", &json!({ "fields": { "phone": { "value": "1" } } })).await;
        assert_eq!(desk.applied(&import).await["state"], "applied");
    })
    .await;
}

#[tokio::test]
async fn an_import_whose_server_died_is_completed_by_another() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let many = (0..15_000).map(|number| format!("p{number}@example.com,x")).collect::<Vec<_>>().join("\n");
        let import = desk.planned(format!("address,title\n{many}")).await;
        let id = import["id"].as_str().unwrap();
        let other = Elsewhere::applies(app, &desk.tenant, id).await;
        let store = &app.app.store;
        let record = store.run_record(RunKey { tenant: &desk.tenant, run: id }).await.unwrap().unwrap();
        let half_way = tokio::sync::Notify::new();
        let go_on = |steps: u64| {
            if steps > 0 {
                half_way.notify_one();
            }
            true
        };
        let by = || By::new("admin", NOON_MS);
        tokio::select! {
            applied = store.apply_run(&record, &go_on, by(), &other.lease) => panic!("too late: {applied:?}"),
            () = half_way.notified() => {}
        }
        app.app.leases.node().look_after_others().await.unwrap();
        // That it says nothing is noticed here, by our own clock.
        app.clock.advance_ms(31_000);
        assert_eq!(app.app.leases.node().look_after_others().await, Ok(1));
        let late = store.apply_run(&record, &|_| true, by(), &other.lease).await;
        assert_eq!(late, Err(Error::LeaseLost), "it is not the one that applies any more");
        app.run_due().await;
        assert_eq!(desk.settled(id).await["state"], "applied");
        let tenant = app.app.tenants.get(&desk.tenant).await.unwrap().unwrap();
        assert_eq!(tenant.people().len(), 15_004);
    })
    .await;
}

#[tokio::test]
async fn an_import_that_kills_its_servers_has_failed_and_left_nothing() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let before = desk.everybody().await;
        let id = desk.planned(FILE).await["id"].as_str().unwrap().to_owned();
        for _ in 0..3 {
            let _other = Elsewhere::applies(app, &desk.tenant, &id).await;
            app.app.leases.node().look_after_others().await.unwrap();
            app.clock.advance_ms(31_000);
            assert_eq!(app.app.leases.node().look_after_others().await, Ok(1));
        }
        app.run_due().await;
        let import = desk.settled(&id).await;
        assert_eq!(import["state"], "failed", "{import}");
        assert!(import["failure"].as_str().unwrap().contains("upload the file again"), "{import}");
        assert_eq!(desk.everybody().await, before);
    })
    .await;
}

// Builds with debug assertions panic where a number overflows: nothing but a broken database brings an import there.
#[cfg(debug_assertions)]
#[tokio::test]
async fn an_import_that_panics_has_failed_and_left_nothing() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let before = desk.everybody().await;
        let import = desk.planned(FILE).await;
        let mut database = connect(&app.app.config.database.url).await;
        let broken = format!("update runs set plan_version = {}", i64::MAX);
        sqlx::raw_sql(sqlx::AssertSqlSafe(broken)).execute(&mut database).await.unwrap();
        let import = desk.applied(&import).await;
        assert_eq!(import["state"], "failed", "{import}");
        assert!(import["failure"].as_str().unwrap().contains("upload the file again"), "{import}");
        assert_eq!(desk.everybody().await, before);
        let again = desk.planned(FILE).await;
        assert_eq!(desk.applied(&again).await["state"], "applied");
    })
    .await;
}
