//! Drafts that are not what they should be.

use api::paths::{CHOICES, ME_FIELDS, SIGNATURE};
use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::{ADA, Answer, GRACE, TestApp};

fn recipients(count: usize) -> Value {
    (0..count).map(|number| json!({ "address": format!("r{number}@example.org") })).collect()
}

async fn check(app: &TestApp, draft: Value, status: StatusCode, field: &str) -> Answer {
    for path in [SIGNATURE, CHOICES] {
        let answer = app.post(path, GRACE, &draft).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        assert_eq!(answer.field(), field, "{path}: {}", answer.text());
    }
    app.post(SIGNATURE, GRACE, &draft).await
}

#[tokio::test]
async fn a_plain_draft_gets_a_signature_and_why() {
    let app = TestApp::start().await;
    let draft = json!({ "kind": "new", "recipients": [{ "address": "bob@example.org", "type": "external_user" }] });
    let answer = app.post(SIGNATURE, GRACE, &draft).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let signature: api::Signature = serde_json::from_value(answer.json()).unwrap();
    assert!(signature.html.contains("Grace Hopper") && signature.html.contains("/images/"), "{}", signature.html);
    assert!(signature.text.contains("Rear admiral"), "{}", signature.text);
    assert_eq!(signature.name.as_deref(), Some("Long"));
    assert!(signature.because[0].applied);
    let again: api::Signature = serde_json::from_value(app.post(SIGNATURE, GRACE, &draft).await.json()).unwrap();
    assert_eq!(again.fingerprint, signature.fingerprint);
}

#[tokio::test]
async fn what_a_field_may_not_hold_is_named() {
    let app = TestApp::start().await;
    let invalid = StatusCode::UNPROCESSABLE_ENTITY;
    check(&app, json!({}), invalid, "kind").await;
    check(&app, json!({ "kind": "letter" }), invalid, "kind").await;
    check(&app, json!({ "kind": 1 }), invalid, "kind").await;
    check(&app, json!({ "kind": "new", "format": "rtf" }), invalid, "format").await;
    check(&app, json!({ "kind": "new", "from": "nobody" }), invalid, "from").await;
    check(&app, json!({ "kind": "new", "recipients": {} }), invalid, "recipients").await;
    check(&app, json!({ "kind": "new", "platform": "x".repeat(41) }), invalid, "platform").await;
    check(&app, json!({ "kind": "new", "choice": "x".repeat(201) }), invalid, "choice").await;
    check(&app, json!({ "kind": "new", "subject": "é".repeat(256) }), invalid, "subject").await;
    check(&app, json!({ "kind": "new", "recipients": recipients(1_001) }), invalid, "recipients").await;
    check(&app, json!([]), invalid, "body").await;
    let mut list = recipients(5);
    list[3]["type"] = json!("robot");
    check(&app, json!({ "kind": "new", "recipients": list }), invalid, "recipients[3].type").await;
    for address in ["", "bob", "@", "a b@example.org", &format!("{}@example.org", "a".repeat(300)), "a@b@c", "<a@b.c>"]
    {
        let mut list = recipients(5);
        list[3]["address"] = json!(address);
        check(&app, json!({ "kind": "new", "recipients": list }), invalid, "recipients[3].address").await;
    }
}

#[tokio::test]
async fn the_most_that_outlook_gives_is_taken() {
    let app = TestApp::start().await;
    let draft = json!({ "kind": "new", "subject": "é".repeat(255), "recipients": recipients(1_000) });
    assert_eq!(app.post(SIGNATURE, GRACE, &draft).await.status, StatusCode::OK);
}

#[tokio::test]
async fn ten_thousand_recipients_and_a_megabyte_of_subject_are_too_much_and_named() {
    let app = TestApp::start().await;
    let invalid = StatusCode::UNPROCESSABLE_ENTITY;
    let realistic = |number| {
        let address = format!("firstname.lastname-{number}@department.subsidiary.example.org");
        json!({ "address": address, "type": "external_user" })
    };
    let many = (0..10_000).map(realistic).collect::<Value>();
    assert!(many.to_string().len() > 900_000, "as large as real ones");
    check(&app, json!({ "kind": "new", "recipients": many }), invalid, "recipients").await;
    let long = json!({ "kind": "new", "subject": "x".repeat(1024 * 1024) });
    check(&app, long, invalid, "subject").await;
    let larger = json!({ "kind": "new", "subject": "x".repeat(2 * 1024 * 1024) });
    let answer = check(&app, larger, StatusCode::PAYLOAD_TOO_LARGE, "body").await;
    assert!(answer.detail().contains("2048 KiB"), "{}", answer.detail());
}

#[tokio::test]
async fn what_is_no_json_is_400_and_what_does_not_say_it_is_415() {
    let app = TestApp::start().await;
    for body in ["", "{", "{\"kind\":\"new\"}}", "\u{feff}{}", "\0", "nan"] {
        let request = app.request("POST", SIGNATURE).bearer_auth(app.token(GRACE));
        let answer = app.send(request.header("content-type", "application/json").body(body)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}: {}", answer.text());
    }
    let deep = format!("{{\"kind\":{}", "[".repeat(100_000));
    let request = app.request("POST", SIGNATURE).bearer_auth(app.token(GRACE));
    let answer = app.send(request.header("content-type", "application/json; charset=utf-8").body(deep)).await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"] {
        let request = app.request("POST", SIGNATURE).bearer_auth(app.token(GRACE));
        let answer = app.send(request.header("content-type", content_type).body("{\"kind\":\"new\"}")).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{content_type}");
    }
}

#[tokio::test]
async fn from_is_an_address_of_ones_own_or_one_that_lets_one_send() {
    let app = TestApp::start().await;
    let draft = |from: &str| json!({ "kind": "new", "from": from });
    check(&app, draft("ada@example.com"), StatusCode::FORBIDDEN, "from").await;
    let answer = check(&app, draft("Desk@example.com"), StatusCode::FORBIDDEN, "from").await;
    assert!(!answer.text().contains("Help desk"));
    // Nobody has this one: a client made it up.
    check(&app, draft("ceo@example.com"), StatusCode::FORBIDDEN, "from").await;
    for from in ["ADA@example.com", "countess@example.com", "desk@example.com"] {
        let answer = app.post(SIGNATURE, ADA, &draft(from)).await;
        assert_eq!(answer.status, StatusCode::OK, "{from}: {}", answer.text());
        assert_eq!(answer.text().contains("Help desk"), from.starts_with("desk"), "{from}");
    }
}

#[tokio::test]
async fn a_choice_takes_the_place_of_what_the_rules_give() {
    let app = TestApp::start().await;
    let choices = app.post(CHOICES, GRACE, &json!({ "kind": "new" })).await.json();
    assert_eq!(choices["choices"].as_array().unwrap().len(), 1, "{choices}");
    assert_eq!(choices["choices"][0]["template"], "short");
    let chosen = app.post(SIGNATURE, GRACE, &json!({ "kind": "new", "choice": "short" })).await.json();
    assert_eq!(chosen["name"], "Short");
    let unknown = app.post(SIGNATURE, GRACE, &json!({ "kind": "new", "choice": "no-such" })).await.json();
    assert_eq!(unknown["name"], "Long");
}

#[tokio::test]
async fn own_fields_are_edited_and_undone() {
    let app = TestApp::start().await;
    let edit = async |fields: Value| {
        let request = app.request("PATCH", ME_FIELDS).bearer_auth(app.token(GRACE));
        app.send(request.json(&json!({ "fields": fields }))).await
    };
    let pronouns = |answer: &Answer| answer.json()["fields"][0].clone();
    let answer = edit(json!({ "pronouns": "they" })).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(pronouns(&answer), json!({ "token": "pronouns", "label": "Pronouns", "value": "they", "own": true }));
    let signature = app.post(SIGNATURE, GRACE, &json!({ "kind": "new" })).await.text();
    assert!(signature.contains("they"), "{signature}");
    let answer = edit(json!({ "pronouns": null })).await;
    assert_eq!(pronouns(&answer), json!({ "token": "pronouns", "label": "Pronouns", "value": "she", "own": false }));
    assert_eq!(edit(json!({ "pronouns": null })).await.status, StatusCode::OK);

    let answer = edit(json!({ "pronouns": "x".repeat(1_001) })).await;
    assert_eq!((answer.status, answer.field().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "fields.pronouns"));
    for control in ["\0", "a\u{7}b", "\u{85}"] {
        let answer = edit(json!({ "pronouns": control })).await;
        assert_eq!((answer.status, answer.field().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "fields.pronouns"));
    }
    for token in ["badge", "title", "no-such"] {
        let answer = edit(json!({ token: "mine" })).await;
        assert_eq!((answer.status, answer.field()), (StatusCode::FORBIDDEN, format!("fields.{token}")));
    }
    let answer = edit(json!({ "pronouns": 1 })).await;
    assert_eq!((answer.status, answer.field().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "fields.pronouns"));
}
