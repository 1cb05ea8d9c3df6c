//! Phone numbers that cannot be dialled.

use crate::people::{Desk, at_each_server};
use api::console::{Role, paths};
use axum::http::StatusCode;
use serde_json::json;

#[tokio::test]
async fn numbers_that_cannot_be_dialled_are_listed_with_what_is_wrong() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let fields = |values: &[(&str, &str)]| {
            let values = values.iter().map(|(token, value)| ((*token).to_owned(), json!({ "value": value })));
            json!({ "fields": values.collect::<serde_json::Map<_, _>>() })
        };
        for (person, values) in [
            ("ada", &[("phone", "0044 (0)20 7946 0000"), ("mobile", "07912 345678"), ("country", "Angleterre")][..]),
            ("grace", &[("phone", "00 49 30 1234567"), ("fax", "555 0100"), ("country", "USA"), ("badge", "12")]),
            ("alan", &[("phone", "020 7946 0000"), ("mobile", "ask reception"), ("country", "Atlantis")]),
        ] {
            assert_eq!(desk.change(person, &fields(values)).await.status, StatusCode::OK, "{person}");
        }
        let answer = desk.owner.get(&desk.path(paths::PHONE_NUMBERS, "")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let found = answer.json();
        assert_eq!(found["total"], 4);
        let rows: Vec<_> = found["numbers"].as_array().unwrap().iter().collect();
        let row = |at: usize| {
            let row = rows[at];
            ["token", "value", "dialled"].map(|key| row[key].as_str().unwrap().to_owned())
        };
        let names: Vec<_> = rows.iter().map(|row| row["person"]["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["Alan Turing", "Alan Turing", "Grace Hopper", "Grace Hopper"]);
        assert_eq!(row(0), ["phone", "020 7946 0000", "02079460000"]);
        assert_eq!(row(1), ["mobile", "ask reception", ""]);
        assert_eq!(row(2), ["phone", "00 49 30 1234567", "+49301234567"]);
        assert_eq!(row(3), ["fax", "555 0100", "5550100"]);
        assert_eq!(rows[3]["label"], "Fax");
        for (at, word) in
            [(0, "from abroad"), (1, "no phone number"), (2, "“00” is not dialled in US"), (3, "no such number in US")]
        {
            let problem = rows[at]["problem"].as_str().unwrap();
            assert!(problem.contains(word), "{problem}");
        }
        let page = desk.owner.get(&format!("{}?offset=1&limit=1", desk.path(paths::PHONE_NUMBERS, ""))).await.json();
        assert_eq!((&page["total"], &page["numbers"]), (&json!(4), &json!([rows[1]])));
        let all = format!("{}?limit=0", desk.path(paths::PHONE_NUMBERS, ""));
        assert_eq!(desk.owner.get(&all).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    })
    .await;
}

#[tokio::test]
async fn fields_that_templates_write_as_numbers_are_looked_at_too() {
    let app = tests::app::TestApp::start().await;
    let desk = Desk::new(&app).await;
    let values = json!({ "fields": { "badge": { "value": "call me" }, "country": { "value": "DE" } } });
    assert_eq!(desk.change("ada", &values).await.status, StatusCode::OK);
    let viewer = app.member(&desk.owner, &desk.tenant, Role::Viewer).await;
    let total = async || viewer.get(&desk.path(paths::PHONE_NUMBERS, "")).await.json()["total"].clone();
    assert_eq!(total().await, 0);
    let html = "<p>{{ display_name }}</p><p><a href=\"tel:{{ badge|trim|tel }}\">{{ badge }}</a></p>";
    let new = json!({ "name": "Numbers", "part": "signature", "html": html });
    let made = desk.owner.send("POST", &desk.path(paths::TEMPLATES, ""), &new).await;
    assert!(made.status.is_success(), "{}", made.text());
    assert_eq!(total().await, 0, "it is not published");
    let changes = desk.owner.get(&desk.path(paths::CHANGES, "")).await;
    let all = json!({ "changes": { "templates": [made.json()["template"]["id"]] } });
    let published = desk.owner.change("POST", &desk.path(paths::PUBLISH, ""), changes.header("etag"), &all).await;
    assert!(published.status.is_success(), "{}", published.text());
    assert_eq!(total().await, 1);
}
