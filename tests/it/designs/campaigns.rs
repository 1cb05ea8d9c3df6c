//! Campaigns, and links that are counted.

use super::templates::images::draft;
use crate::people::{Desk, at_each_server};
use api::console::{Role, paths};
use axum::http::StatusCode;
use paraph::store::{By, Company};
use serde_json::{Value, json};
use tests::app::{ADA, Answer, GRACE, OTHER_TENANT, TENANT, TestApp, company_file, example_company};
use tests::console::Admin;

const URL: &str = "https://example.com/spring?utm=a&b=%C3%A4";

/// A desk whose rules give a banner to everybody, published.
async fn with_banner(app: &TestApp) -> Desk<'_> {
    let mut company = serde_json::to_value(example_company()).unwrap();
    let template = json!({ "id": "spring", "name": "Spring", "part": "campaign", "html": "spring.html" });
    company["templates"].as_array_mut().unwrap().push(template);
    let schedule = json!({ "from": "2026-11-01", "to": "2026-11-30" });
    let rule = json!({ "id": "banner", "name": "Banner", "gives": { "campaign": "spring" }, "flow": "continue", "schedule": schedule });
    company["rules"].as_array_mut().unwrap().insert(0, rule);
    let html = format!(
        r#"<p><a href="{}">Spring</a> <a href="mailto:x@example.com">Mail</a> <a href="https://example.com/{{{{ display_name }}}}">Yours</a></p>"#,
        URL.replace('&', "&amp;")
    );
    let file = |name: &str| if name == "spring.html" { Some(html.clone().into_bytes()) } else { company_file(name) };
    let company: Company = serde_json::from_value(company).unwrap();
    app.app.store.import(&company, file, By::new("test", app.clock.now_ms())).await.unwrap();
    let tenant = app.app.tenants.of_entra(TENANT).await.unwrap().unwrap();
    app.app.tenants.forget(&tenant);
    Desk::new(app).await
}

async fn count_clicks(desk: &Desk<'_>, counts: bool) -> Answer {
    desk.owner.send("PATCH", &desk.path(paths::CAMPAIGN_SETTINGS, ""), &json!({ "count_clicks": counts })).await
}

async fn html(app: &TestApp) -> String {
    let answer = app.post(api::paths::SIGNATURE, ADA, &draft()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()["html"].as_str().unwrap().to_owned()
}

/// The path of the counted link in a signature.
fn counted(app: &TestApp, html: &str) -> String {
    let start = format!("href=\"{}", app.url);
    html.split(&start)
        .nth(1)
        .unwrap_or_else(|| panic!("no counted link in {html}"))
        .split('"')
        .next()
        .unwrap()
        .to_owned()
}

async fn clicks(who: &Admin<'_>, desk: &Desk<'_>, query: &str) -> Answer {
    let path = desk.path(paths::CAMPAIGN_CLICKS, "").replace("{rule}", "banner");
    who.get(&format!("{path}{query}")).await
}

#[tokio::test]
async fn campaigns_are_listed_with_their_banners() {
    at_each_server(async |app| {
        let desk = with_banner(app).await;
        let list = desk.owner.get(&desk.path(paths::CAMPAIGNS, "")).await.json();
        assert_eq!(list["count_clicks"], false, "off until an admin wants it");
        let campaign = &list["campaigns"][0];
        assert_eq!(list["campaigns"].as_array().unwrap().len(), 1, "{list}");
        assert_eq!((&campaign["rule"], &campaign["state"]), (&json!("banner"), &json!("running")));
        assert_eq!(campaign["banners"], json!([{ "template": "spring", "name": "Spring", "weight": 1, "clicks": 0 }]));
        assert_eq!(campaign["words"], json!(["From 2026-11-01 to 2026-11-30 (UTC)."]));
        app.clock.advance_ms(30 * 86_400_000);
        let list = app.sign_in("owner@example.com").await.get(&desk.path(paths::CAMPAIGNS, "")).await.json();
        assert_eq!(list["campaigns"][0]["state"], "over");
    })
    .await;
}

#[tokio::test]
async fn links_are_counted_only_where_an_admin_wants_it() {
    at_each_server(async |app| {
        let desk = with_banner(app).await;
        let plain = html(app).await;
        assert!(plain.contains(&URL.replace('&', "&amp;")) && !plain.contains("/l/"), "{plain}");
        assert_eq!(count_clicks(&desk, true).await.json()["count_clicks"], true);
        let tracked = html(app).await;
        let path = counted(app, &tracked);
        assert!(path.starts_with(&format!("/l/{}/banner/spring/", desk.tenant)), "{path}");
        assert_eq!(tracked.matches("/l/").count(), 1, "neither mail addresses nor links with values: {tracked}");
        for times in 1..=3 {
            let answer = app.get(&path).await;
            assert_eq!((answer.status, answer.header("location")), (StatusCode::FOUND, URL), "{times}");
            assert_eq!(answer.header("cache-control"), "no-store");
        }
        let head = app.send(app.request("HEAD", &path)).await;
        assert_eq!((head.status, head.header("location")), (StatusCode::FOUND, URL));
        app.send(app.request("GET", &path).header("sec-purpose", "prefetch;prerender")).await;
        let expected = json!([{ "day": "2026-11-21", "template": "spring", "url": URL, "count": 3 }]);
        assert_eq!(clicks(&desk.owner, &desk, "").await.json()["clicks"], expected);
        app.get(&path).await;
        let counted = clicks(&desk.owner, &desk, "?from=2026-11-21&to=2026-11-21").await.json();
        assert_eq!(counted["clicks"][0]["count"], 4, "what was written before is added to");
        assert_eq!(clicks(&desk.owner, &desk, "?to=2026-11-20").await.json()["clicks"], json!([]));
        let list = desk.owner.get(&desk.path(paths::CAMPAIGNS, "")).await.json();
        assert_eq!(list["campaigns"][0]["banners"][0]["clicks"], 4);
        // Links of mails that were sent go on leading on when nothing is counted any more.
        count_clicks(&desk, false).await;
        assert!(!html(app).await.contains("/l/"));
        assert_eq!(app.get(&path).await.header("location"), URL);
        assert_eq!(clicks(&desk.owner, &desk, "").await.json()["clicks"][0]["count"], 4);
    })
    .await;
}

#[tokio::test]
async fn nobody_makes_links_of_ours_that_lead_elsewhere() {
    let app = TestApp::start().await;
    let desk = with_banner(&app).await;
    count_clicks(&desk, true).await;
    let path = counted(&app, &html(&app).await);
    let other = app.tenant_id(OTHER_TENANT).await;
    let evil = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, "https://evil.example");
    let (start, sealed) = path.rsplit_once('/').unwrap();
    let tag = sealed.split_once('.').unwrap().1;
    for forged in [
        path.replace("/banner/", "/other/"),
        path.replace("/spring/", "/other/"),
        path.replace(&desk.tenant, &other),
        format!("{start}/{evil}.{tag}"),
        format!("{start}/{evil}"),
        format!("{start}/%00.{tag}"),
        format!("{path}x"),
    ] {
        assert_eq!(app.get(&forged).await.status, StatusCode::NOT_FOUND, "{forged}");
    }
    assert_eq!(clicks(&desk.owner, &desk, "").await.json()["clicks"], json!([]));
}

#[tokio::test]
async fn counting_says_nothing_of_who_follows() {
    let app = TestApp::start().await;
    let desk = with_banner(&app).await;
    count_clicks(&desk, true).await;
    let path = counted(&app, &html(&app).await);
    let mut from_grace = draft();
    from_grace["from"] = json!(GRACE.address);
    let grace = app.post(api::paths::SIGNATURE, GRACE, &from_grace).await.json();
    assert!(grace["html"].as_str().unwrap().contains(&path), "everybody's mails have the same link: {grace}");
}

#[tokio::test]
async fn admins_alone_have_links_counted() {
    let app = TestApp::start().await;
    let desk = with_banner(&app).await;
    let editor = app.member(&desk.owner, &desk.tenant, Role::Editor).await;
    let path = desk.path(paths::CAMPAIGN_SETTINGS, "");
    assert_eq!(editor.send("PATCH", &path, &json!({ "count_clicks": true })).await.status, StatusCode::FORBIDDEN);
    assert_eq!(clicks(&editor, &desk, "").await.status, StatusCode::OK);
    count_clicks(&desk, true).await;
    let audit = app.app.store.list_audit(&desk.tenant, 50).await.unwrap();
    assert_eq!(audit[0].action, "change_campaigns");
    assert!(audit[0].detail.contains("count_clicks"), "{}", audit[0].detail);
    count_clicks(&desk, true).await;
    assert_eq!(app.app.store.list_audit(&desk.tenant, 50).await.unwrap().len(), audit.len(), "no change, no entry");
}

#[tokio::test]
async fn days_that_cannot_be_are_refused() {
    let app = TestApp::start().await;
    let desk = with_banner(&app).await;
    for (query, field) in [
        ("?from=tomorrow", "from"),
        ("?to=2026-02-30", "to"),
        ("?from=2026-11-22&to=2026-11-21", "from"),
        ("?from=2020-01-01", "from"),
    ] {
        let answer = clicks(&desk.owner, &desk, query).await;
        assert_eq!((answer.status, answer.field()), (StatusCode::UNPROCESSABLE_ENTITY, field.into()), "{query}");
    }
    let whole: Value = clicks(&desk.owner, &desk, "").await.json();
    assert_eq!((&whole["from"], &whole["to"]), (&json!("2026-10-23"), &json!("2026-11-21")));
    let path = desk.path(paths::CAMPAIGN_CLICKS, "").replace("{rule}", "nothing");
    assert_eq!(desk.owner.get(&path).await.status, StatusCode::NOT_FOUND);
}
