//! Brands: chosen by sender, changed in one place.

use super::adas_signature;
use crate::people::{Desk, at_each_server};
use api::console::paths;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::{ADA, Answer, TestApp};

const MINUTE_MS: i64 = 60_000;

/// What the company's signatures ask the brand for.
const HTML: &str =
    "<p style=\"color:{{ brand.primary }}\">{{ display_name }}, {{ brand.name }}</p><p>{{ brand.legal }}</p>";

impl Desk<'_> {
    async fn brands(&self) -> (Value, String) {
        let answer = self.owner.get(&self.path(paths::BRANDS, "")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        (answer.json(), answer.header("etag").to_owned())
    }

    async fn save_brands(&self, brands: &Value) -> Answer {
        let (_, etag) = self.brands().await;
        self.owner.change("PUT", &self.path(paths::BRANDS, ""), &etag, &json!({ "brands": brands })).await
    }

    /// Publishes a template that uses brands, and these brands.
    async fn branded(&self, brands: &Value) {
        assert_eq!(self.save_template("long", &json!({ "html": HTML })).await.status, StatusCode::OK);
        let saved = self.save_brands(brands).await;
        assert_eq!(saved.status, StatusCode::OK, "{}", saved.text());
        let answer = self.publish(&json!({ "changes": { "templates": ["long"], "brands": true } })).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }

    async fn brands_comparison(&self) -> Value {
        let body = json!({ "changes": { "brands": true } });
        let answer = self.owner.send("POST", &self.path(paths::COMPARISONS, ""), &body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        let path = self.path(paths::COMPARISON, "").replace("{comparison}", answer.json()["id"].as_str().unwrap());
        let finished = async {
            loop {
                let comparison = self.owner.get(&path).await.json();
                if comparison["finished"] == true {
                    return comparison;
                }
            }
        };
        tokio::time::timeout(std::time::Duration::from_mins(1), finished).await.expect("it does not finish")
    }

    async fn brands_ready(&self) -> Value {
        let body = json!({ "changes": { "brands": true } });
        let finished = async {
            loop {
                let answer = self.owner.send("POST", &self.path(paths::READY, ""), &body).await;
                assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
                if answer.json()["finished"] == true {
                    return answer.json();
                }
            }
        };
        tokio::time::timeout(std::time::Duration::from_mins(1), finished).await.expect("it does not finish")
    }
}

/// Eleven brands of which one is Ada's, and the default.
fn company(legal: &str) -> Value {
    let mut all: Vec<Value> = (1..=10)
        .map(|number| {
            json!({ "id": format!("b{number}"), "name": format!("Brand {number}"), "senders": [
                { "is": "field", "field": "department", "comparison": "equals", "value": format!("D{number}") }] })
        })
        .collect();
    all.push(json!({ "id": "ada", "name": "Own", "colours": { "primary": "navy" },
        "senders": [{ "is": "person", "address": ADA.address }] }));
    all.push(json!({ "id": "rest", "name": "Example", "legal": legal, "colours": { "primary": "#112233" } }));
    json!(all)
}

#[tokio::test]
async fn a_company_of_twelve_brands_changes_one_place() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        desk.branded(&company("Example Ltd")).await;
        let before = adas_signature(app).await;
        assert!(before.contains("color:navy") && before.contains("Own") && before.contains("Example Ltd"), "{before}");
        assert_eq!(desk.save_brands(&company("Example Ltd, London")).await.status, StatusCode::OK);
        assert_eq!(adas_signature(app).await, before);
        let (changes, _) = desk.changes().await;
        assert_eq!(changes["brands"]["changed"], json!(["Example"]), "{changes}");
        // Nobody's own brand has a legal text: all of them get the new one.
        let comparison = desk.brands_comparison().await;
        assert_eq!((&comparison["affected"], &comparison["total"]), (&json!(4), &json!(4)), "{comparison}");
        let ready = desk.brands_ready().await;
        assert_eq!((&ready["concerned"], &ready["findings"]), (&json!(4), &json!([])), "{ready}");
        let answer = desk.publish(&json!({ "changes": { "brands": true } })).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        assert!(adas_signature(app).await.contains("Example Ltd, London"));
        let entry = &app.app.store.list_audit(&desk.tenant, 1).await.unwrap()[0];
        assert!(entry.action == "publish" && entry.detail.contains("Brand “Example”"), "{}", entry.detail);
        let versions = desk.owner.get(&desk.path(paths::BRANDS_VERSIONS, "")).await.json();
        assert_eq!(versions["versions"].as_array().unwrap().len(), 2);
        let first = desk.path(paths::BRANDS_VERSION, "").replace("{version}", "1");
        assert_eq!(desk.owner.get(&first).await.json()["brands"][11]["legal"], "Example Ltd");
        // One brand alone concerns its own people.
        let mut brands = company("Example Ltd, London");
        brands[10]["colours"]["primary"] = json!("#445566");
        assert_eq!(desk.save_brands(&brands).await.status, StatusCode::OK);
        assert_eq!(desk.brands_comparison().await["affected"], 1);
        assert_eq!(desk.brands_ready().await["concerned"], 1);
    })
    .await;
}

#[tokio::test]
async fn because_names_the_brand_and_the_others_that_fit() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let mut brands = company("Example Ltd");
    let domain = json!({ "id": "domain", "name": "Domain", "senders": [{ "is": "domain", "domain": "example.com" }] });
    brands.as_array_mut().unwrap().insert(11, domain);
    desk.branded(&brands).await;
    let simulate = async |person: &str| {
        let body = json!({ "person": person, "occasion": { "kind": "new" } });
        let answer = desk.owner.send("POST", &desk.path(paths::SIMULATION, ""), &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let because = answer.json()["signature"]["because"].as_array().unwrap().clone();
        because.into_iter().find(|one| one["rule"] == "").unwrap()
    };
    let ada = simulate("ada").await;
    assert_eq!(ada["name"], "Brand “Own”");
    assert!(ada["reason"].as_str().unwrap().ends_with("“Domain” fits, too, but comes later in the order."), "{ada}");
    assert_eq!(simulate("grace").await["name"], "Brand “Domain”");
    let path = desk.path(paths::BRAND_PEOPLE, "") + "?brand=ada";
    let people = desk.owner.get(&path).await.json();
    let count = |id: &str| {
        people["counts"].as_array().unwrap().iter().find(|one| one["brand"] == id).unwrap()["people"].clone()
    };
    assert_eq!((count("ada"), count("b1"), count("rest")), (json!(1), json!(0), json!(0)), "{people}");
    assert_eq!((&people["people"][0]["id"], &people["people"][0]["also"]), (&json!("ada"), &json!(["Domain"])));
}

#[tokio::test]
async fn planned_brands_are_published_at_their_time_or_called_off() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    desk.branded(&company("Old")).await;
    for (legal, calls_off) in [("Never", true), ("Later", false)] {
        desk.save_brands(&company(legal)).await;
        let at_ms = app.clock.now_ms() + MINUTE_MS;
        let planned = desk.publish(&json!({ "changes": { "brands": true }, "at_ms": at_ms })).await;
        assert_eq!(planned.status, StatusCode::OK, "{}", planned.text());
        assert_eq!(desk.brands().await.0["publish_ms"], at_ms);
        if calls_off {
            let answer = desk.owner.send("POST", &desk.path(paths::CALL_OFF, ""), &json!({ "brands": true })).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        }
        app.clock.advance_ms(2 * MINUTE_MS);
        app.run_due().await;
        assert_eq!(adas_signature(&app).await.contains(legal), !calls_off, "{legal}");
    }
}

#[tokio::test]
async fn brands_are_changed_by_whoever_saw_them_and_discarded() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let (empty, etag) = desk.brands().await;
        assert_eq!((&empty["brands"], &empty["version"], &empty["changed"]), (&json!([]), &json!(0), &json!(false)));
        let path = desk.path(paths::BRANDS, "");
        let body = json!({ "brands": company("x") });
        assert_eq!(desk.owner.change("PUT", &path, &etag, &body).await.status, StatusCode::OK);
        // Done twice: the second one has not seen the first.
        assert_eq!(desk.owner.change("PUT", &path, &etag, &body).await.status, StatusCode::PRECONDITION_FAILED);
        assert_eq!(desk.owner.send("PUT", &path, &body).await.status, StatusCode::PRECONDITION_REQUIRED);
        let (saved, _) = desk.brands().await;
        assert_eq!((saved["brands"].as_array().unwrap().len(), &saved["changed"]), (12, &json!(true)));
        assert_eq!(saved["brands"][0]["change"], "added");
        // No logo anywhere is advice, not an error.
        assert!(saved["brands"][0]["advice"][0].as_str().unwrap().contains("no logo"), "{saved}");
        let discarded = desk.owner.send("DELETE", &desk.path(paths::UNPUBLISHED_BRANDS, ""), &Value::Null).await;
        assert_eq!((discarded.status, &discarded.json()["brands"]), (StatusCode::OK, &json!([])));
        assert_eq!(desk.changes().await.0.get("brands"), None);
        let nothing = desk.publish(&json!({ "changes": { "brands": true } })).await;
        assert_eq!((nothing.status.as_u16(), nothing.field().as_str()), (422, "changes"));
    })
    .await;
}

#[tokio::test]
async fn what_is_no_brand_is_refused_with_its_field() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let default = || json!({ "id": "d", "name": "Default" });
    let other = |change: Value| {
        let mut one = json!({ "id": "o", "name": "Other", "senders": [{ "is": "domain", "domain": "EXAMPLE.com" }] });
        one.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        json!([one, default()])
    };
    for (brands, field) in [
        (
            json!([{ "id": "d", "name": "D", "senders": [{ "is": "domain", "domain": "example.com" }] }]),
            "brands[0].senders",
        ),
        (other(json!({ "senders": [] })), "brands[0].senders"),
        (other(json!({ "senders": [{ "is": "domain", "domain": "no domain" }] })), "brands[0].senders"),
        (other(json!({ "id": "d" })), "brands[1].id"),
        (other(json!({ "id": "a b" })), "brands[0].id"),
        (other(json!({ "name": " " })), "brands[0].name"),
        (other(json!({ "colours": { "primary": "#fff" } })), "brands[0].colours.primary"),
        (other(json!({ "colours": { "text": "red;background:url(x)" } })), "brands[0].colours.text"),
        (other(json!({ "logo": { "image": "none.png" } })), "brands[0].logo.image"),
        (other(json!({ "logo": { "image": "logo.png", "width": 5_000 } })), "brands[0].logo.width"),
        (other(json!({ "legal": "x".repeat(2_001) })), "brands[0].legal"),
        (other(json!({ "values": { "Slogan": "x" } })), "brands[0].values.Slogan"),
        (other(json!({ "values": { "primary": "x" } })), "brands[0].values.primary"),
    ] {
        let answer = desk.save_brands(&brands).await;
        assert_eq!((answer.status.as_u16(), answer.field().as_str()), (422, field), "{brands}: {}", answer.text());
    }
    assert_eq!(desk.brands().await.0["brands"], json!([]));
    let good = desk.save_brands(&other(json!({ "logo": { "image": "logo.png", "width": 80, "height": 20 } }))).await;
    assert_eq!(good.status, StatusCode::OK, "{}", good.text());
    assert_eq!(good.json()["brands"][0]["brand"]["senders"][0]["domain"], "example.com");
    // An image that a brand shows is not deleted.
    let image = desk.path(paths::IMAGE, "").replace("{image}", "logo.png");
    let refused = desk.owner.send("DELETE", &image, &Value::Null).await;
    assert!(refused.status == 409 && refused.text().contains("Brand Other"), "{}", refused.text());
}
