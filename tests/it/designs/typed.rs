//! What people type into their own fields, where templates put it.

use crate::people::Desk;
use api::paths::ME_FIELDS;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::{GRACE, TestApp};

#[tokio::test]
async fn a_value_that_would_break_a_link_is_an_error_of_its_field() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let edit = async |value: &str| {
        let request = app.request("PATCH", ME_FIELDS).bearer_auth(app.token(GRACE));
        app.send(request.json(&json!({ "fields": { "pronouns": value } }))).await
    };
    // As text, anything goes.
    assert_eq!(edit("htps://meet.example/grace").await.status, StatusCode::OK);
    for html in [
        r#"<p>{{ display_name }} <a href="{{ pronouns|url }}">Book a meeting</a></p>"#,
        r#"<p>{{ display_name }}{% if pronouns %} <a href="{{ pronouns }}">Book</a>{% endif %}</p>"#,
    ] {
        assert_eq!(edit("https://meet.example").await.status, StatusCode::OK);
        assert_eq!(desk.save_template("long", &json!({ "html": html })).await.status, StatusCode::OK);
        let published = desk.publish(&json!({ "changes": { "templates": ["long"] } })).await;
        assert_eq!(published.status, StatusCode::OK, "{}", published.text());
        for wrong in
            ["htps://meet.example/grace", "hhttps://meet.example", "https:/meet.example", "javascript:alert(1)"]
        {
            let answer = edit(wrong).await;
            let found = (answer.status, answer.field());
            assert_eq!(found, (StatusCode::UNPROCESSABLE_ENTITY, "fields.pronouns".to_owned()), "{wrong} in {html}");
            assert!(answer.text().contains("write one such as https://example.com"), "{}", answer.text());
        }
        for good in ["https://meet.example/grace?x=1", "mailto:grace@example.com", "tel:+15550100", ""] {
            let answer = edit(good).await;
            assert_eq!(answer.status, StatusCode::OK, "{good}: {}", answer.text());
        }
    }
    // The filter makes a whole address of what has no scheme, but not of a mistyped one.
    let html = json!({ "html": "<p>{{ display_name }} <a href=\"{{ pronouns|url }}\">Book</a></p>" });
    assert_eq!(edit("https://meet.example").await.status, StatusCode::OK);
    assert_eq!(desk.save_template("long", &html).await.status, StatusCode::OK);
    let changes = json!({ "changes": { "templates": ["long"] } });
    assert_eq!(desk.publish(&changes).await.status, StatusCode::OK);
    for (typed, status) in [
        ("meet.example/grace", StatusCode::OK),
        ("intranet/grace", StatusCode::OK),
        ("https//meet.example", StatusCode::UNPROCESSABLE_ENTITY),
        ("http;//meet.example", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let answer: Value = json!(edit(typed).await.status.as_u16());
        assert_eq!(answer, json!(status.as_u16()), "{typed}");
    }
}
