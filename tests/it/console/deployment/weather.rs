//! Outlook weather: what event handlers measured, by version.

use crate::people::{Desk, at_each_server};
use api::console::paths;
use api::paths::SIGNATURE;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::{ADA, OTHER_TENANT, TestApp};

fn call(name: &str, ms: i64, error: Option<&str>) -> Value {
    match error {
        Some(error) => json!({ "call": name, "ms": ms, "error": error }),
        None => json!({ "call": name, "ms": ms }),
    }
}

async fn report(app: &TestApp, platform: &str, weather: Value) {
    let draft = json!({ "kind": "new", "platform": platform, "version": "16.0.19725", "weather": weather });
    let answer = app.post(SIGNATURE, ADA, &draft).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
}

#[expect(clippy::needless_pass_by_value, reason = "callers write it with json!")]
fn event(version: &str, calls: Value) -> Value {
    json!({ "version": version, "ms": 300, "calls": calls })
}

#[tokio::test]
async fn measurements_are_added_up_by_platform_and_version() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let path = desk.path(paths::WEATHER, "");
        let empty = desk.owner.get(&path).await;
        assert_eq!(empty.json(), json!({ "versions": [], "total": 0, "platforms": [] }), "{}", empty.text());
        let calls = json!([
            call("to.getAsync", 40, None),
            call("to.getAsync", 460, Some("no answer")),
            call("body.getAsync", 3, None),
            call("body.setSignatureAsync", 8, Some("5001 InternalError")),
        ]);
        let unread =
            json!({ "version": "16.0.1", "ms": 4700, "unread": true, "late": true, "kept": true, "calls": calls });
        report(app, "PC", json!([event("16.0.1", calls.clone()), unread])).await;
        report(app, "OfficeOnline", json!([event("", json!([call("server", 30, None)]))])).await;
        // Written once, then added to.
        assert_eq!(desk.owner.get(&path).await.json()["total"], 2);
        report(app, "PC", json!([event("16.0.1", calls.clone())])).await;
        let found = desk.owner.get(&path).await.json();
        assert_eq!(
            found["platforms"],
            json!([{ "platform": "officeonline", "clients": 1 }, { "platform": "pc", "clients": 1 }])
        );
        let pc = &found["versions"][0];
        assert_eq!((&pc["platform"], &pc["version"]), (&json!("pc"), &json!("16.0.1")));
        for (count, expected) in
            [("events", 3), ("unread", 1), ("unseen", 0), ("kept", 1), ("late", 1), ("calls", 12), ("failures", 6)]
        {
            assert_eq!(pc[count], expected, "{count}");
        }
        assert_eq!(pc["whole"], json!({ "median_ms": 500, "p95_ms": 5000 }));
        assert_eq!(pc["slowest"], json!({ "call": "to.getAsync", "times": { "median_ms": 50, "p95_ms": 500 } }));
        let one = format!("{}?platform=pc&version=16.0.1", desk.path(paths::WEATHER_VERSION, ""));
        let detail = desk.owner.get(&one).await.json();
        assert_eq!(&detail["version"], pc);
        let names: Vec<_> =
            detail["calls"].as_array().unwrap().iter().map(|call| call["call"].as_str().unwrap()).collect();
        assert_eq!(names, ["event", "to.getAsync", "body.getAsync", "body.setSignatureAsync"]);
        let failures = &detail["calls"][3]["failures"];
        assert_eq!((&failures[0]["error"], &failures[0]["count"]), (&json!("5001 InternalError"), &json!(3)));
        assert!(failures[0]["meaning"].as_str().unwrap().contains("group policy"), "{failures}");
    })
    .await;
}

#[tokio::test]
async fn a_bad_measurement_is_ignored_and_never_makes_a_request_fail() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let long = "x".repeat(5_000);
    for weather in [
        json!(null),
        json!("sunny"),
        json!(7),
        json!({}),
        json!([null, 1, "x", [], {}]),
        json!([{ "ms": -4 }]),
        json!([{ "ms": 1e30 }]),
        json!([{ "calls": "none" }]),
        json!([{ "calls": [1, { "call": 5 }, { "ms": "fast" }] }]),
        json!([event(&long, json!([call(&long, 5, Some(&long)), call("<script>", 5, Some("<b>"))]))]),
        json!((0..300).map(|_| event("16.0", json!([]))).collect::<Vec<_>>()),
    ] {
        report(&app, "PC", weather).await;
    }
    let found = desk.owner.get(&desk.path(paths::WEATHER, "")).await;
    assert!(!found.text().contains(&"x".repeat(41)) && !found.text().contains('<'), "{}", found.text());
    let counted =
        found.json()["versions"].as_array().unwrap().iter().map(|one| one["events"].as_u64().unwrap()).sum::<u64>();
    assert!(counted <= 20, "{counted}");
}

#[tokio::test]
async fn the_number_of_versions_in_a_day_is_bounded() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        for batch in 0..15 {
            let events = (0..8).map(|n| event(&format!("{batch}.{n}"), json!([]))).collect::<Vec<_>>();
            report(app, "Mac", json!(events)).await;
        }
        let found = desk.owner.get(&format!("{}?limit=200", desk.path(paths::WEATHER, ""))).await.json();
        assert_eq!(found["total"], 101);
        assert_eq!((&found["versions"][0]["version"], &found["versions"][0]["events"]), (&json!("other"), &json!(20)));
    })
    .await;
}

#[tokio::test]
async fn days_and_platforms_narrow_it_and_old_days_go() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let path = desk.path(paths::WEATHER, "");
        // Sessions end sooner than these days pass.
        let total = async |query: &str| {
            let owner = app.sign_in("owner@example.com").await;
            owner.get(&format!("{path}?{query}")).await.json()["total"].clone()
        };
        report(app, "iOS", json!([event("4.1", json!([call("to.getAsync", 1, Some("1 One"))]))])).await;
        assert_eq!(total("days=1").await, 1);
        app.clock.advance_ms(10 * 86_400_000);
        report(app, "PC", json!([event("16.0", json!([]))])).await;
        assert_eq!((total("").await, total("days=30").await, total("days=11").await), (json!(1), json!(2), json!(2)));
        assert_eq!((total("days=30&platform=ios").await, total("platform=ios").await), (json!(1), json!(0)));
        for (query, field) in [("days=0", "days"), ("days=91", "days"), ("limit=0", "limit"), ("days=x", "days")] {
            let owner = app.sign_in("owner@example.com").await;
            assert_eq!(owner.get(&format!("{path}?{query}")).await.field(), field, "{query}");
        }
        let one = desk.path(paths::WEATHER_VERSION, "");
        let owner = app.sign_in("owner@example.com").await;
        let missing = owner.get(&format!("{one}?platform=pc&version=1.2.3")).await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND);
        app.clock.advance_ms(85 * 86_400_000);
        app.app.store.forget_weather(&desk.tenant, app.clock.now_ms() / 86_400_000 - 90).await.unwrap();
        assert_eq!((total("days=90").await, total("days=90&platform=ios").await), (json!(1), json!(0)));
        let elsewhere = paths::WEATHER.replace("{tenant}", &app.tenant_id(OTHER_TENANT).await);
        let owner = app.sign_in("owner@example.com").await;
        assert_eq!(owner.get(&elsewhere).await.json()["total"], 0);
    })
    .await;
}
