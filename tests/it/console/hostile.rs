//! What takes long for its size: whatever is sent, it is answered with a result or with what to change, and nobody
//! else's requests wait for it.

use api::console::paths;
use axum::http::StatusCode;
use serde_json::json;
use tests::app::{TENANT, TestApp};

/// Hostile HTML of some hundred kilobytes, by what it makes much of.
fn pasted() -> Vec<(&'static str, String)> {
    vec![
        ("rules without declarations", format!("<style>{}</style><b>x</b>", "b{color}".repeat(37_000))),
        ("ampersands", "&".repeat(400_000)),
        ("rules times elements", format!("<style>{}</style>{}", "p{color:red}".repeat(10_000), "<p>x".repeat(20_000))),
        ("selectors", format!("<style>{}p{{color:red}}</style>{}", "p p p ~ p,".repeat(9_000), "<p>x".repeat(9_000))),
        ("nesting", "<div><object></div></object>".repeat(12_000)),
        ("nesting beside a style sheet", format!("<style>p{{}}</style>{}", "<x-a></x-b>".repeat(30_000))),
        ("formatting", (0..20_000).map(|n| format!("<p><b class=x{n}>x")).collect::<Vec<_>>().concat()),
        ("attributes behind a quoted bracket", format!("<a title='>' {}>", "x ".repeat(200_000))),
        ("text moved out of tables", format!("<table>{}", "<p>x</p>y".repeat(40_000))),
        ("placeholders", "[Nobody]{{Somebody}}".repeat(20_000)),
        ("comments", "<!-->".repeat(80_000)),
        ("one long word", "x".repeat(990_000)),
    ]
}

#[tokio::test]
async fn hostile_html_is_answered_whatever_it_makes_much_of() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let tenant = app.tenant_id(TENANT).await;
    let path = paths::CLEAN.replace("{tenant}", &tenant);
    for (name, html) in pasted() {
        let answer = owner.send("POST", &path, &json!({ "html": html })).await;
        let refused = answer.status == StatusCode::UNPROCESSABLE_ENTITY;
        assert!(refused || answer.status == StatusCode::OK, "{name}: {}", answer.status);
        assert!(!refused || answer.json()["errors"][0]["field"] == "html", "{name}: {}", answer.json());
    }
    let answer = owner.send("POST", &path, &json!({ "html": "<p>{{Fullname}}</p>" })).await;
    assert_eq!(answer.json()["html"], "<p>{{ display_name }}</p>");
}

#[tokio::test]
async fn a_style_sheet_that_is_too_much_is_applied_in_part_and_said_so() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let path = paths::CLEAN.replace("{tenant}", &app.tenant_id(TENANT).await);
    let html = format!("<style>p{{color:red}}{}</style><p>x</p>", "p{width:1px}".repeat(9_000));
    let answer = owner.send("POST", &path, &json!({ "html": html })).await.json();
    assert!(answer["html"].as_str().unwrap().contains("color: red"), "{answer}");
    let notes = answer["notes"].as_array().unwrap();
    assert!(notes.iter().any(|note| note.as_str().unwrap().contains("of 9001")), "{notes:?}");
}

#[tokio::test]
async fn hostile_templates_are_saved_and_shown_with_their_problems() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let tenant = app.tenant_id(TENANT).await;
    let long = "x".repeat(8_000);
    for (name, html) in [
        ("filters", format!("{{% set x = \"{long}\" %}}{}", format!("{{{{ x{} }}}}", "|title".repeat(60)).repeat(150))),
        ("names", (0..9_000).map(|n| format!("{{{{ f{n} }}}}")).collect::<Vec<_>>().concat()),
        ("rules", format!("<style>{}</style>{}", "p{color:red}".repeat(4_000), "<p>x".repeat(9_000))),
        ("nesting", "<div><object></div></object>".repeat(3_500)),
    ] {
        let new = json!({ "name": name, "part": "signature", "html": html });
        let made = owner.send("POST", &paths::TEMPLATES.replace("{tenant}", &tenant), &new).await;
        assert_eq!(made.status, StatusCode::CREATED, "{name}: {}", made.json());
        let id = made.json()["template"]["id"].as_str().unwrap().to_owned();
        let preview = paths::TEMPLATE_PREVIEW.replace("{tenant}", &tenant).replace("{template}", &id);
        let shown = owner.get(&preview).await;
        assert_eq!(shown.status, StatusCode::OK, "{name}");
        assert_ne!(shown.json()["problems"], json!([]), "{name}");
    }
}
