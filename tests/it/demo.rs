//! The demo: a token for anybody, so on this machine only; otherwise the same server.

use api::console::CSRF_HEADER;
use api::paths::{ME, SIGNATURE};
use axum::http::StatusCode;
use paraph::app::App;
use paraph::demo::{CLIENT_ID, Started, TENANT};
use paraph::http::{AppState, serve};
use serde_json::{Value, json};
use std::sync::Arc;
use tests::app::Answer;

/// A running demo, stopped when it is dropped.
struct Demo {
    url: String,
    app: Arc<App>,
    client: reqwest::Client,
    server: tokio::task::JoinHandle<()>,
    _folder: tempfile::TempDir,
    _directory: neighbours::graph::FakeGraph,
}

impl Demo {
    async fn start(office_js: Option<&str>, people: usize) -> Self {
        let Started { listener, app, url, folder, directory } =
            paraph::demo::start(0, office_js.map(str::to_owned), people, None).await.unwrap();
        let state = Arc::new(AppState::new(Arc::clone(&app)));
        let server = tokio::spawn(serve(listener, state, std::future::pending()));
        Self { url, app, client: tests::http::client(), server, _folder: folder, _directory: directory }
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

/// The verifier and the challenge of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

impl Demo {
    /// The sign-in page as the pane's window asks for it, with some parameters changed; redirects are not followed.
    async fn authorize(&self, changed: &[(&str, &str)]) -> Answer {
        let redirect_uri = format!("{}/auth.html", self.url);
        let scope = format!("openid profile api://{}/{CLIENT_ID}/access_as_user", self.url.replace("http://", ""));
        let mut query = std::collections::BTreeMap::from([
            ("client_id", CLIENT_ID),
            ("response_type", "code"),
            ("redirect_uri", &redirect_uri),
            ("response_mode", "query"),
            ("scope", &scope),
            ("state", "a state & more"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("prompt", "select_account"),
        ]);
        query.extend(changed.iter().copied());
        let client = tests::http::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let url = reqwest::Url::parse_with_params(&format!("{}/demo/oauth2/v2.0/authorize", self.url), query);
        Answer::read(client.get(url.unwrap()).send().await.unwrap()).await
    }

    /// The code that the first person of the company comes back with, and who that is.
    async fn code(&self) -> (String, String) {
        let person = self.people().await.into_iter().find(|person| person["shared"] == json!(false)).unwrap();
        let answer = self.authorize(&[("login_hint", address(&person))]).await;
        let back = back(self, &answer);
        assert_eq!(back["state"], "a state & more");
        (back["code"].clone(), address(&person).to_owned())
    }

    async fn redeem(&self, code: &str, verifier: &str) -> Answer {
        let form = format!(
            "client_id={CLIENT_ID}&grant_type=authorization_code&code={code}&redirect_uri={}/auth.html\
             &code_verifier={verifier}",
            self.url
        );
        let request = self.client.post(format!("{}/demo/oauth2/v2.0/token", self.url));
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
        Answer::read(request.send().await.unwrap()).await
    }
}

/// What a redirect to the sign-in window says in its query.
fn back(demo: &Demo, answer: &Answer) -> std::collections::HashMap<String, String> {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    let location = reqwest::Url::parse(answer.header("location")).unwrap();
    assert_eq!(location.as_str().split('?').next(), Some(format!("{}/auth.html", demo.url).as_str()));
    location.query_pairs().into_owned().collect()
}

#[tokio::test]
async fn a_code_from_the_sign_in_page_becomes_a_token_that_the_api_takes() {
    let demo = Demo::start(None, 0).await;
    let page = demo.authorize(&[]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.header("content-security-policy").contains("form-action 'none'"));
    for person in demo.people().await {
        let is_offered = page.text().contains(&format!("<span>{}</span>", address(&person)));
        assert_eq!(is_offered, person["shared"] == json!(false), "{person}");
    }

    let (code, address) = demo.code().await;
    let answer = demo.redeem(&code, VERIFIER).await;
    assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, "no-store"), "{}", answer.text());
    let token = answer.json();
    let scope = format!("api://{}/{CLIENT_ID}/access_as_user", demo.url.replace("http://", ""));
    assert_eq!((&token["token_type"], &token["scope"]), (&json!("Bearer"), &json!(scope)));
    assert!(token["expires_in"].as_i64().unwrap() > 0);
    let request = demo.client.get(format!("{}{ME}", demo.url)).bearer_auth(token["access_token"].as_str().unwrap());
    let me = Answer::read(request.send().await.unwrap()).await;
    assert_eq!(me.json()["address"], json!(address));
}

#[tokio::test]
async fn a_code_is_refused_the_second_time_and_with_another_verifier() {
    let demo = Demo::start(None, 0).await;
    let refused = async |code: &str, verifier: &str| {
        let answer = demo.redeem(code, verifier).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text());
        assert_eq!(answer.json()["error"], json!("invalid_grant"));
        assert!(answer.json()["error_description"].is_string());
    };
    let (code, _) = demo.code().await;
    assert_eq!(demo.redeem(&code, VERIFIER).await.status, StatusCode::OK);
    refused(&code, VERIFIER).await;

    let (code, _) = demo.code().await;
    refused(&code, &VERIFIER.replace('d', "e")).await;
    // Who tried with a wrong verifier has used the code up.
    refused(&code, VERIFIER).await;
    refused("made-up", VERIFIER).await;
}

#[tokio::test]
async fn nobody_is_sent_to_a_foreign_address() {
    let demo = Demo::start(None, 0).await;
    let (_, person) = demo.code().await;
    let longer = format!("{}/auth.html/../pane.html", demo.url);
    for redirect_uri in ["https://example.org/auth.html", &longer, ""] {
        let answer = demo.authorize(&[("redirect_uri", redirect_uri), ("login_hint", &person)]).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::BAD_REQUEST, ""), "{redirect_uri}");
    }
    let answer = demo.authorize(&[("client_id", "another"), ("login_hint", &person)]).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::BAD_REQUEST, ""));
}

#[tokio::test]
async fn a_sign_in_without_pkce_comes_back_with_the_error() {
    let demo = Demo::start(None, 0).await;
    let (_, person) = demo.code().await;
    for (name, value, error) in [
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge", "", "invalid_request"),
        ("response_type", "token", "unsupported_response_type"),
    ] {
        let answer = demo.authorize(&[(name, value), ("login_hint", &person)]).await;
        let back = back(&demo, &answer);
        assert_eq!((back["error"].as_str(), back["state"].as_str()), (error, "a state & more"), "{name}={value}");
        assert!(!back.contains_key("code"));
    }
}

impl Demo {
    /// The console's account, by the password that the sign-in page tells: its cookie and CSRF token.
    async fn sign_in(&self) -> (String, String) {
        let told = self.get("/api/v1/sign-in").await.json()["demo"].clone();
        let request = self.client.post(format!("{}/api/v1/sign-in", self.url)).header("origin", &self.url);
        let body = json!({ "email": told["email"], "password": told["password"] });
        let answer = Answer::read(request.json(&body).send().await.unwrap()).await;
        assert!(answer.status.is_success(), "{}", answer.text());
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        (cookie, answer.json()["csrf"].as_str().unwrap().to_owned())
    }
}

#[tokio::test]
async fn the_console_of_the_demo_takes_the_password_that_its_sign_in_page_tells() {
    let demo = Demo::start(None, 0).await;
    demo.sign_in().await;
}

#[tokio::test]
async fn the_directory_of_the_demo_is_fetched_from_and_says_what_the_company_is() {
    let demo = Demo::start(None, 0).await;
    let (cookie, csrf) = demo.sign_in().await;
    let tenant = demo.app.tenants.of_entra(TENANT).await.unwrap().unwrap();
    let before = demo.people().await;
    let sources = format!("{}/api/v1/tenants/{}/sources", demo.url, tenant.id);
    let request =
        demo.client.post(format!("{sources}/entra/runs")).header("cookie", &cookie).header("origin", &demo.url);
    let begun = Answer::read(request.header(CSRF_HEADER, csrf).json(&json!({})).send().await.unwrap()).await;
    assert_eq!(begun.status, StatusCode::CREATED, "{}", begun.text());
    paraph::jobs::drain(&demo.app).await.unwrap();
    demo.app.runs.ended(begun.json()["id"].as_str().unwrap()).await;
    let show = demo.client.get(format!("{sources}/entra")).header("cookie", &cookie);
    let source = Answer::read(show.send().await.unwrap()).await.json();
    let run = &source["last"];
    assert_eq!((&source["state"], &run["state"]), (&json!("on"), &json!("applied")), "{source}");
    for none in ["added", "cleared", "removed", "wrong"] {
        assert_eq!(run["plan"][none].as_u64().unwrap_or_default(), 0, "{none}: {run}");
    }
    assert_eq!(source["people"], json!(before.len()));
    assert_eq!(demo.people().await, before);
}
