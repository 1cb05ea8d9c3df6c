//! Images that templates use, and codes that the server makes.

use crate::people::{Desk, at_each_server};
use api::console::{MAX_UPLOAD, Role, paths};
use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::{ADA, Answer, OTHER_TENANT, PNG, TENANT, TestApp};

impl Desk<'_> {
    async fn upload_image(&self, query: &str, file: &[u8]) -> Answer {
        let path = format!("{}?{query}", self.path(paths::IMAGES, ""));
        Answer::read(self.owner.request("POST", &path).body(file.to_vec()).send().await.unwrap()).await
    }

    async fn images(&self) -> Vec<Value> {
        let answer = self.owner.get(&self.path(paths::IMAGES, "")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.json()["images"].as_array().unwrap().clone()
    }

    async fn delete_image(&self, name: &str) -> Answer {
        self.owner.delete(&self.path(paths::IMAGE, "").replace("{image}", name)).await
    }
}

/// A new mail.
pub(crate) fn draft() -> Value {
    json!({ "kind": "new", "from": ADA.address, "recipients": [], "subject": "", "format": "html" })
}

/// The path of one of our addresses.
pub(crate) fn path_of<'a>(app: &TestApp, url: &'a str) -> &'a str {
    url.strip_prefix(&app.url).unwrap()
}

#[tokio::test]
async fn an_uploaded_image_is_listed_and_fetched() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let answer = desk.upload_image("name=banner-spring.PNG", PNG).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        let image = answer.json();
        assert_eq!((&image["name"], &image["content_type"]), (&json!("banner-spring.png"), &json!("image/png")));
        assert_eq!((&image["width"], &image["height"]), (&json!(1), &json!(1)));
        let file = app.get(path_of(app, image["url"].as_str().unwrap())).await;
        assert_eq!((file.status, file.header("content-type")), (StatusCode::OK, "image/png"));
        assert_eq!(image["size"], file.body.len());
        let images = desk.images().await;
        let names: Vec<_> = images.iter().map(|image| image["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["banner-spring.png", "logo.png"]);
        assert_eq!((&images[1]["used_by"], &images[1]["width"]), (&json!(["Long"]), &json!(1)));
        assert_eq!(images[0]["used_by"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn an_image_takes_anothers_place_only_when_that_is_said() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        let old = desk.images().await[0].clone();
        let before = app.post(api::paths::SIGNATURE, ADA, &draft()).await.json();
        let other = bmp();
        assert_eq!(desk.upload_image("name=logo.png", &other).await.status, StatusCode::CONFLICT);
        let answer = desk.upload_image("name=logo.png&replace=true", &other).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        assert!(answer.text().contains("converted from BMP to PNG"), "{}", answer.text());
        let new = desk.images().await[0].clone();
        assert_ne!(old["url"], new["url"]);
        for image in [&old, &new] {
            let file = app.get(path_of(app, image["url"].as_str().unwrap())).await;
            assert_eq!(file.status, StatusCode::OK, "mails that were sent keep the old one");
        }
        let after = app.post(api::paths::SIGNATURE, ADA, &draft()).await.json();
        assert!(before["html"].as_str().unwrap().contains(old["url"].as_str().unwrap()));
        assert!(after["html"].as_str().unwrap().contains(new["url"].as_str().unwrap()));
        let audit = app.app.store.list_audit(&desk.tenant, 10).await.unwrap();
        assert_eq!((audit[0].action.as_str(), audit[0].subject.as_str()), ("replace_image", "logo.png"));
        let again = desk.upload_image("name=logo.png", &other).await;
        assert_eq!(again.status, StatusCode::CREATED, "the very same image is no other: {}", again.text());
        assert_eq!(app.app.store.list_audit(&desk.tenant, 10).await.unwrap().len(), audit.len());
    })
    .await;
}

/// A red pixel as BMP.
fn bmp() -> Vec<u8> {
    let head = [&b"BM"[..], &58_u32.to_le_bytes(), &[0; 4], &54_u32.to_le_bytes()].concat();
    let info =
        [&40_u32.to_le_bytes()[..], &1_i32.to_le_bytes(), &1_i32.to_le_bytes(), &[1, 0, 24, 0], &[0; 24]].concat();
    [&head[..], &info, &[0, 0, 255, 0]].concat()
}

#[tokio::test]
async fn an_image_that_is_used_stays() {
    at_each_server(async |app| {
        let desk = Desk::new(app).await;
        assert_eq!(desk.upload_image("name=free.png", PNG).await.status, StatusCode::CREATED);
        assert_eq!(desk.upload_image("name=ada.png", PNG).await.status, StatusCode::CREATED);
        let refused = desk.delete_image("logo.png").await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        assert!(refused.detail().contains("“Long”"), "{}", refused.detail());
        // A draft uses one by its name and one by a field of somebody's.
        let html = r#"<p><img src="image:free.png" alt=""><img src="image:{{ photo }}" alt=""></p>"#;
        let template = json!({ "name": "Photos", "html": html });
        let made = desk.owner.send("POST", &desk.path(paths::TEMPLATES, ""), &template).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        desk.change("ada", &json!({ "fields": { "photo": { "value": "ada.png" } } })).await;
        for name in ["free.png", "ada.png"] {
            let refused = desk.delete_image(name).await;
            assert_eq!(refused.status, StatusCode::CONFLICT, "{name}: {}", refused.text());
            assert!(refused.detail().contains("“Photos”"), "{}", refused.detail());
        }
        let path =
            desk.path(paths::TEMPLATE, "").replace("{template}", made.json()["template"]["id"].as_str().unwrap());
        assert_eq!(desk.owner.delete(&path).await.status, StatusCode::NO_CONTENT);
        assert_eq!(desk.delete_image("free.png").await.status, StatusCode::NO_CONTENT);
        assert_eq!(desk.delete_image("free.png").await.status, StatusCode::NOT_FOUND);
        let names: Vec<_> = desk.images().await.iter().map(|image| image["name"].clone()).collect();
        assert_eq!(names, ["ada.png", "logo.png"]);
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_with_an_upload_is_said() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".as_slice();
    for (query, file, field, word) in [
        ("name=a.svg", svg, "body", "export it as PNG"),
        ("name=a.png", b"".as_slice(), "body", "empty"),
        ("name=a.png", b"<html>", "body", "upload a PNG"),
        ("name=", PNG, "name", "write a name"),
        ("name=.png", PNG, "name", "write a name"),
        ("name=a%2Fb.png", PNG, "name", "write a name"),
        ("name=gr%C3%B6%C3%9Fe.png", PNG, "name", "write a name"),
        ("name=a.png&max_width=0", PNG, "max_width", "write 1 to"),
        ("name=a.png&max_width=x", PNG, "max_width", ""),
    ] {
        let answer = desk.upload_image(query, file).await;
        assert_eq!((answer.status, answer.field()), (StatusCode::UNPROCESSABLE_ENTITY, field.into()), "{query}");
        assert!(answer.detail().contains(word), "{query}: {}", answer.detail());
    }
    let long = format!("name={}", "x".repeat(97));
    assert_eq!(desk.upload_image(&long, PNG).await.field(), "name");
    assert_eq!(desk.upload_image("name=a.png", &vec![0; MAX_UPLOAD + 1]).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(desk.images().await.len(), 1, "nothing of these is kept");
}

#[tokio::test]
async fn viewers_see_images_and_strangers_do_not() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let viewer = app.member(&desk.owner, &desk.tenant, Role::Viewer).await;
    let path = desk.path(paths::IMAGES, "");
    assert_eq!(viewer.get(&path).await.status, StatusCode::OK);
    let upload = viewer.request("POST", &format!("{path}?name=a.png")).body(PNG);
    assert_eq!(app.send(upload).await.status, StatusCode::FORBIDDEN);
    let elsewhere = paths::IMAGES.replace("{tenant}", &app.tenant_id(OTHER_TENANT).await);
    assert_eq!(viewer.get(&elsewhere).await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.get(&path).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_template_that_asks_for_it_shows_the_persons_card_as_a_code() {
    let app = TestApp::start().await;
    let desk = Desk::new(&app).await;
    let html = r#"<p>{{ display_name }} <img src="{{ vcard_qr }}" width="90" alt="Contact"></p>"#;
    let made =
        desk.owner.send("POST", &desk.path(paths::TEMPLATES, ""), &json!({ "name": "Card", "html": html })).await;
    let id = made.json()["template"]["id"].as_str().unwrap().to_owned();
    let preview = |person: &str| {
        let path = desk.path(paths::TEMPLATE_PREVIEW, "").replace("{template}", &id);
        format!("{path}?person={person}")
    };
    let filled = desk.owner.get(&preview("ada")).await.json();
    assert_eq!(filled["problems"], json!([]), "{filled}");
    let source = filled["html"].as_str().unwrap().split("src=\"").nth(1).unwrap().split('"').next().unwrap();
    let path = path_of(&app, source).to_owned();
    let image = app.get(&path).await;
    assert_eq!((image.status, image.header("content-type")), (StatusCode::OK, "image/png"), "{path}");
    assert!(image.body.starts_with(b"\x89PNG") && image.header("cache-control").contains("immutable"));
    let seen = app.request("GET", &path).header("if-none-match", image.header("etag"));
    assert_eq!(app.send(seen).await.status, StatusCode::NOT_MODIFIED);
    let other = desk.owner.get(&preview("grace")).await.json();
    assert!(!other["html"].as_str().unwrap().contains(&path), "everybody has a code of their own");
    // Nobody makes codes of ours that say something else.
    let (tenant, elsewhere) = (app.tenant_id(TENANT).await, app.tenant_id(OTHER_TENANT).await);
    for forged in [path.replace("/qr/", "/qr/x"), path.replace(&tenant, &elsewhere), path.replace(".png", "")] {
        assert_eq!(app.get(&forged).await.status, StatusCode::NOT_FOUND, "{forged}");
    }
    let plain = app.post(api::paths::SIGNATURE, ADA, &draft()).await.json();
    assert!(!plain["html"].as_str().unwrap().contains("/qr/"));
}
