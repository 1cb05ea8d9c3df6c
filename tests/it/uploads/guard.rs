//! What stops an upload that takes much away, whatever it looks like.

use super::{Upload, upload_id};
use crate::people::{Desk, at_each_server};
use api::console::paths;
use axum::http::StatusCode;
use serde_json::{Value, json};

const COLUMNS: &[(&str, &str)] = &[("mail", "address"), ("job", "title"), ("part", "department")];
const ALL: &str = "ada@example.com,A,X\ngrace@example.com,B,X\nalan@example.com,C,X\n";

impl Desk<'_> {
    /// People of whom the database says nothing: the more there are, the fewer the others seem.
    async fn add(&self, count: usize) {
        for number in 0..count {
            let person = json!({ "address": format!("p{number}@example.com"), "kind": "person" });
            let added = self.owner.send("POST", &self.path(paths::PEOPLE, ""), &person).await;
            assert_eq!(added.status, StatusCode::CREATED, "{}", added.text());
        }
    }

    async fn set_guard(&self, percent: u32) {
        let path = self.path(paths::SOURCE, "database");
        let mut settings = self.owner.get(&path).await.json()["settings"].clone();
        settings["guard_percent"] = json!(percent);
        let saved = self.owner.change("PATCH", &path, "*", &json!({ "settings": settings })).await;
        assert_eq!(saved.status, StatusCode::OK, "{}", saved.text());
    }

    async fn confirm(&self, run: &Value) {
        let path = self.path(paths::APPLY_RUN, upload_id(run));
        assert_eq!(self.owner.send("POST", &path, &json!({})).await.field(), "confirmed");
        let applied = self.owner.send("POST", &path, &json!({ "confirmed": true })).await;
        assert_eq!(applied.status, StatusCode::OK, "{}", applied.text());
        assert_eq!(self.owner.settled(&self.path(paths::RUN, upload_id(run))).await["state"], "applied");
    }
}

#[tokio::test]
async fn the_guard_goes_by_the_databases_own_people_however_many_others_there_are() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        desk.add(29).await;
        let connector = desk.connector(app).await;
        let run = async |rows: &str| {
            let parts: Vec<&str> = [rows].into_iter().filter(|rows| !rows.is_empty()).collect();
            connector.run(&Upload::new(COLUMNS, &parts)).await
        };
        assert_eq!(run("").await["state"], "applied", "nothing can be lost before the first run");
        assert_eq!(run(ALL).await["state"], "applied");
        for (rows, reason) in [
            ("", "none of the 3 people"),
            (",A,X\n,B,X\n,C,X\n", "none of the 3 people"),
            ("no address,A,X\nnor here,B,X\n", "none of the 3 people"),
            ("a@example.org,A,X\nb@example.org,B,X\nc@example.org,C,X\n", "none of the 3 people"),
            ("p1@example.com,A,X\np2@example.com,B,X\n", "none of the 3 people"),
            ("ada@example.com,A,X\n", "2 of the 3 people"),
            ("ada@example.com,A,X\nGRACE@example.com,B,X\n", "1 of the 3 people"),
            ("ada@example.com,A,\ngrace@example.com,B, \nalan@example.com,C,\n", "3 of the 3 people"),
            ("ada@example.com,,\ngrace@example.com,,\nalan@example.com,,\n", "nothing would be left"),
        ] {
            let ended = run(rows).await;
            assert_eq!(ended["state"], "planned", "{rows:?}: {ended}");
            assert!(ended["failure"].as_str().unwrap().contains(reason), "{rows:?}: {ended}");
            assert_eq!(desk.value("ada", "title").await.0, "A", "{rows:?}");
        }
        let spared = run("ada@example.com,A,X,?\ngrace@example.com,B\nalan@example.com,C,X\n").await;
        assert_eq!(spared["state"], "applied", "rows that cannot be read take nothing away: {spared}");
        assert_eq!(desk.value("grace", "department").await.0, "X");

        desk.set_guard(100).await;
        assert_eq!(run("").await["state"], "planned", "whatever the guard");
        assert_eq!(run("ada@example.com,A,X\n").await["state"], "applied");
        let last = run("").await;
        assert_eq!(last["state"], "planned", "one is somebody, too: {last}");
        desk.confirm(&last).await;
        assert_eq!(desk.value("ada", "title").await.0, "Analyst");
        assert_eq!(run("").await["state"], "applied", "there is nobody any more");
    })
    .await;
}

#[tokio::test]
async fn a_field_that_few_have_is_not_emptied_unasked() {
    let app = tests::app::TestApp::start().await;
    let desk = Desk::new(&app).await;
    desk.add(30).await;
    let connector = desk.connector(&app).await;
    let rows = |filled: usize| {
        let part = |number| if number < filled { "X" } else { "" };
        let rows: Vec<_> = (0..30).map(|number| format!("p{number}@example.com,A,{}\n", part(number))).collect();
        rows.concat()
    };
    let run = async |filled| connector.run(&Upload::new(COLUMNS, &[&rows(filled)])).await;
    assert_eq!(run(3).await["state"], "applied");
    let ended = run(0).await;
    assert_eq!(ended["state"], "planned", "three of thirty is a tenth, but all that there are: {ended}");
    assert!(ended["failure"].as_str().unwrap().contains("3 of the 3 people with department"), "{ended}");
    assert_eq!(run(2).await["state"], "applied", "one person's department is an everyday change");
}

#[tokio::test]
async fn what_goes_in_stages_is_added_up_until_somebody_confirms_it_or_a_week_has_passed() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        desk.add(20).await;
        let connector = desk.connector(app).await;
        let run = async |from: usize| {
            let rows: Vec<_> = (from..20).map(|number| format!("p{number}@example.com,A,X\n")).collect();
            let rows = rows.concat();
            app.clock.advance_ms(60_000);
            connector.run(&Upload::new(COLUMNS, &[&rows])).await
        };
        for (from, state) in [(0, "applied"), (2, "applied"), (4, "applied"), (5, "planned"), (4, "applied")] {
            let ended = run(from).await;
            assert_eq!(ended["state"], state, "without the first {from}: {ended}");
        }
        let fifth = run(5).await;
        assert!(fifth["failure"].as_str().unwrap().contains("counting 4 in the last 7 days"), "{fifth}");
        desk.confirm(&fifth).await;
        assert_eq!(run(8).await["state"], "applied", "three of fifteen, counted anew");
        assert_eq!(run(9).await["state"], "planned");
        app.clock.advance_ms(8 * 86_400_000);
        assert_eq!(run(10).await["state"], "applied", "two of twelve, a week later");
    })
    .await;
}
