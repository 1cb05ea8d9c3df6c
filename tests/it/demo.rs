//! The demo: a token for anybody, so on this machine only; otherwise the same server.

use api::paths::{ME, SIGNATURE};
use axum::http::StatusCode;
use paraph::demo::{CLIENT_ID, Started, TENANT};
use serde_json::{Value, json};
use tests::app::Answer;

/// A running demo, stopped when it is dropped.
struct Demo {
    url: String,
    client: reqwest::Client,
    server: tokio::task::JoinHandle<()>,
    _folder: tempfile::TempDir,
}

impl Demo {
    async fn start(office_js: Option<&str>, people: usize) -> Self {
        let Started { listener, app, url, folder } =
            paraph::demo::start(0, office_js.map(str::to_owned), people).await.unwrap();
        let server = tokio::spawn(async move {
            paraph::app::serve(listener, app, std::future::pending()).await.unwrap();
        });
        Self { url, client: reqwest::Client::new(), server, _folder: folder }
    }

    async fn get(&self, path: &str) -> Answer {
        Answer::read(self.client.get(format!("{}{path}", self.url)).send().await.unwrap()).await
    }

    async fn token(&self, address: &str) -> Answer {
        let request = self.client.post(format!("{}/demo/token", self.url)).json(&json!({ "address": address }));
        Answer::read(request.send().await.unwrap()).await
    }

    async fn people(&self) -> Vec<Value> {
        self.get("/demo/people").await.json()["people"].as_array().unwrap().clone()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn address(person: &Value) -> &str {
    person["address"].as_str().unwrap()
}

#[tokio::test]
async fn everybody_of_the_company_gets_a_token_and_a_signature_and_a_shared_mailbox_neither() {
    let demo = Demo::start(None, 0).await;
    let people = demo.people().await;
    assert!(people.len() >= 25, "{}", people.len());
    for person in &people {
        let answer = demo.token(address(person)).await;
        if person["shared"] == json!(true) {
            assert_eq!((answer.status, answer.field().as_str()), (StatusCode::FORBIDDEN, "address"));
            continue;
        }
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        let request = demo.client.post(format!("{}{SIGNATURE}", demo.url)).bearer_auth(&token);
        let answer = Answer::read(request.json(&json!({ "kind": "new" })).send().await.unwrap()).await;
        assert_eq!(answer.status, StatusCode::OK, "{person}: {}", answer.text());
        assert!(answer.json()["html"].as_str().unwrap().contains("paraph-signature"), "{person}");
    }
    assert_eq!(demo.token("nobody@example.com").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_issuers_tokens_hold_before_another_implementation() {
    let demo = Demo::start(None, 0).await;
    let person = demo.people().await.into_iter().find(|person| person["shared"] == json!(false)).unwrap();
    let token = demo.token(address(&person)).await.json()["access_token"].as_str().unwrap().to_owned();
    let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_value(demo.get("/demo/keys").await.json()).unwrap();
    let discovery = demo.get("/demo/v2.0/.well-known/openid-configuration").await.json();
    assert_eq!(discovery["jwks_uri"], format!("{}/demo/keys", demo.url));
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    validation.set_audience(&[CLIENT_ID]);
    validation.set_issuer(&[discovery["issuer"].as_str().unwrap().replace("{tenantid}", TENANT)]);
    let key = jsonwebtoken::DecodingKey::from_jwk(&keys.keys[0]).unwrap();
    let claims = jsonwebtoken::decode::<Value>(&token, &key, &validation).unwrap().claims;
    assert_eq!((&claims["ver"], &claims["tid"]), (&json!("2.0"), &json!(TENANT)));
}

#[tokio::test]
async fn made_up_people_fill_the_company_up() {
    let demo = Demo::start(None, 60).await;
    let people = demo.people().await;
    assert_eq!(people.len(), 60);
    for person in people.iter().filter(|person| person["name"].as_str().unwrap().starts_with("Person ")).take(2) {
        assert_eq!(demo.token(address(person)).await.status, StatusCode::OK, "{person}");
    }
}

#[tokio::test]
async fn a_name_that_only_resolves_to_this_machine_gets_nothing() {
    let demo = Demo::start(None, 0).await;
    for path in ["/", "/demo/people", "/demo/token", "/pane.html", "/health", ME] {
        let request = demo.client.get(format!("{}{path}", demo.url)).header("host", "rebound.example.org:80");
        let answer = Answer::read(request.send().await.unwrap()).await;
        assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{path}");
    }
    // A form of another site reaches us without a preflight, but is no JSON.
    let form = demo.client.post(format!("{}/demo/token", demo.url)).header("content-type", "text/plain");
    let answer = Answer::read(form.body("{\"address\":\"x\"}").send().await.unwrap()).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn both_spellings_of_loopback_work_and_the_simulator_is_at_the_root() {
    let demo = Demo::start(None, 0).await;
    let localhost = demo.url.replace("127.0.0.1", "localhost");
    for origin in [&demo.url, &localhost] {
        let host = origin.strip_prefix("http://").unwrap();
        let request = demo.client.get(format!("{}/launchevent.js", demo.url)).header("host", host);
        let script = Answer::read(request.send().await.unwrap()).await.text();
        let settings = script.split("/*settings*/").nth(1).unwrap().split("/*end settings*/").next().unwrap();
        let settings: api::Settings = serde_json::from_str(settings).unwrap();
        assert_eq!(&settings.origin, origin);
        assert_eq!(settings.authority, format!("{origin}/demo"));
        assert_eq!(settings.scope, format!("api://{host}/{CLIENT_ID}/access_as_user"));
        assert_eq!(settings.office_js, format!("{origin}/demo/office.js"));
    }
    let start = demo.get("/").await;
    assert_eq!((start.status, start.header("content-type")), (StatusCode::OK, "text/html; charset=utf-8"));
    assert_eq!(demo.get("/demo/office.js").await.status, StatusCode::OK);
}

#[tokio::test]
async fn another_office_js_is_named_and_allowed() {
    let demo = Demo::start(Some("https://cdn.example.org/lib/office.js"), 0).await;
    let page = demo.get("/launchevent.html").await;
    assert!(page.text().contains("src=\"https://cdn.example.org/lib/office.js\""), "{}", page.text());
    assert!(page.header("content-security-policy").contains(" https://cdn.example.org"));
}
