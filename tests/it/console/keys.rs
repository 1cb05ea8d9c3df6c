//! `Idempotency-Key`: what is sent twice is carried out once, and only whoever may have the answer gets it again.

use api::console::{CSRF_HEADER, Role, paths};
use axum::http::StatusCode;
use futures_util::future::join_all;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::app::{Answer, TENANT, TestApp};
use tests::console::{Admin, PASSWORD};
use tests::postgres::connect;

const KEY: &str = "idempotency-key";
const REPLAYED: &str = "idempotency-replayed";

/// A test on SQLite and on PostgreSQL.
async fn at_each_server(test: impl AsyncFn(&TestApp)) {
    test(&TestApp::start().await).await;
    test(&TestApp::start_on_postgres().await.0).await;
}

/// A template named `name`.
async fn make(app: &TestApp, who: &Admin<'_>, key: &str, name: &str) -> Answer {
    app.send(template(app, who, key, name).await).await
}

async fn template(app: &TestApp, who: &Admin<'_>, key: &str, name: &str) -> RequestBuilder {
    let path = paths::TEMPLATES.replace("{tenant}", &app.tenant_id(TENANT).await);
    let body = json!({ "name": name, "html": "<p>Hello</p>" });
    who.request("POST", &path).header(KEY, key).json(&body)
}

/// How many templates have each name.
async fn templates(app: &TestApp, who: &Admin<'_>) -> BTreeMap<String, usize> {
    let path = paths::TEMPLATES.replace("{tenant}", &app.tenant_id(TENANT).await);
    let mut names = BTreeMap::new();
    for row in who.get(&path).await.json()["templates"].as_array().unwrap() {
        *names.entry(row["name"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    names
}

#[tokio::test]
async fn a_write_that_is_sent_twice_with_one_key_happens_once() {
    at_each_server(async |app| {
        let owner = app.owner().await;
        let first = make(app, &owner, "one", "Sales").await;
        let second = make(app, &owner, "one", "Sales").await;
        assert_eq!(first.status, StatusCode::CREATED, "{}", first.text());
        assert_eq!((first.status, first.json()), (second.status, second.json()));
        assert_eq!((first.header(REPLAYED), second.header(REPLAYED)), ("", "true"));
        assert_eq!(second.header("content-type"), "application/json");
        assert_eq!(make(app, &owner, "one", "Other").await.field(), KEY, "for something else");
        assert_eq!(make(app, &owner, "", "Sales").await.field(), KEY);
        assert_eq!(make(app, &owner, &"x".repeat(101), "Sales").await.field(), KEY);
        // What was refused may be corrected under the same key.
        assert_eq!(make(app, &owner, "two", "").await.field(), "name");
        assert_eq!(make(app, &owner, "two", "Corrected").await.status, StatusCode::CREATED);
        let expected = [("Corrected", 1), ("Long", 1), ("Sales", 1), ("Short", 1)];
        assert_eq!(templates(app, &owner).await, expected.map(|(name, count)| (name.to_owned(), count)).into());
        // A key belongs to its sender; a day later it is forgotten.
        let tenant = app.tenant_id(TENANT).await;
        let editor = app.member(&owner, &tenant, Role::Editor).await;
        assert_eq!(make(app, &editor, "one", "Mine").await.header(REPLAYED), "");
        app.clock.advance_ms(25 * 3_600_000);
        let owner = app.sign_in("owner@example.com").await;
        let later = make(app, &owner, "one", "Sales").await;
        assert_eq!((later.status, later.header(REPLAYED)), (StatusCode::CREATED, ""));
    })
    .await;
}

#[tokio::test]
async fn an_answer_is_given_again_to_whoever_may_have_it_alone() {
    at_each_server(async |app| {
        let owner = app.owner().await;
        let tenant = app.tenant_id(TENANT).await;
        let editor = app.member(&owner, &tenant, Role::Editor).await;
        let made = make(app, &editor, "one", "Sales").await;
        assert_eq!(made.status, StatusCode::CREATED);
        let request = template(app, &editor, "one", "Sales").await.build().unwrap();
        let without = async |header: &str| {
            let path = paths::TEMPLATES.replace("{tenant}", &tenant);
            let mut bare = app.request("POST", &path).body("{\"name\":\"Sales\",\"html\":\"<p>Hello</p>\"}");
            for (name, value) in request.headers() {
                if name != header {
                    bare = bare.header(name, value);
                }
            }
            app.send(bare).await.status
        };
        assert_eq!(without("x-paraph-csrf").await, StatusCode::FORBIDDEN, "without the CSRF token");
        assert_eq!(without("origin").await, StatusCode::FORBIDDEN, "from no page of ours");
        assert_eq!(without("cookie").await, StatusCode::UNAUTHORIZED, "without a session");

        // Another session of the same account is the same sender, an ended one is nobody.
        let again = app.sign_in(&format!("editor-{tenant}@example.com")).await;
        assert_eq!(make(app, &again, "one", "Sales").await.json(), made.json());
        again.delete(paths::SESSION).await;
        assert_eq!(make(app, &again, "one", "Sales").await.status, StatusCode::UNAUTHORIZED);

        // Somebody who was demoted, and somebody who is no member any more.
        let members = owner.get(&paths::MEMBERS.replace("{tenant}", &tenant)).await.json();
        let of = |email: &str| {
            let found = members["members"].as_array().unwrap().iter().find(|one| one["email"] == json!(email)).cloned();
            found.unwrap()["account"].as_str().unwrap().to_owned()
        };
        let account = of(&format!("editor-{tenant}@example.com"));
        let path = paths::MEMBER.replace("{tenant}", &tenant).replace("{account}", &account);
        assert_eq!(owner.send("PATCH", &path, &json!({ "role": "viewer" })).await.status, StatusCode::OK);
        assert_eq!(make(app, &editor, "one", "Sales").await.status, StatusCode::FORBIDDEN);
        assert_eq!(owner.delete(&path).await.status, StatusCode::NO_CONTENT);
        assert_eq!(make(app, &editor, "one", "Sales").await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn whoever_is_less_than_they_were_gets_no_answer_again_even_where_the_role_would_do() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let tenant = app.tenant_id(TENANT).await;
    let second = app.member(&owner, &tenant, Role::Owner).await;
    assert_eq!(make(&app, &second, "one", "Sales").await.status, StatusCode::CREATED);
    let members = owner.get(&paths::MEMBERS.replace("{tenant}", &tenant)).await.json();
    let found = members["members"].as_array().unwrap().iter().find(|one| one["name"] == "owner").cloned().unwrap();
    let path = paths::MEMBER.replace("{tenant}", &tenant).replace("{account}", found["account"].as_str().unwrap());
    assert_eq!(owner.send("PATCH", &path, &json!({ "role": "editor" })).await.status, StatusCode::OK);
    let refused = make(&app, &second, "one", "Sales").await;
    assert_eq!((refused.status, refused.header(REPLAYED)), (StatusCode::FORBIDDEN, ""), "{}", refused.text());
    assert_eq!(make(&app, &second, "two", "Other").await.status, StatusCode::CREATED, "an editor may still make one");
}

#[tokio::test]
async fn a_token_gets_its_answer_again_until_it_is_revoked() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let tenant = app.tenant_id(TENANT).await;
    let tokens = paths::TOKENS.replace("{tenant}", &tenant);
    let new = json!({ "name": "Design", "scopes": ["design:write"], "days": 2 });
    let made = owner.send("POST", &tokens, &new).await.json();
    let path = paths::TEMPLATES.replace("{tenant}", &tenant);
    let again = async || {
        let request = app.request("POST", &path).bearer_auth(made["secret"].as_str().unwrap()).header(KEY, "one");
        app.send(request.json(&json!({ "name": "Sales" }))).await
    };
    let first = again().await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text());
    assert_eq!(again().await.json(), first.json());
    let id = made["token"]["id"].as_str().unwrap();
    owner.delete(&paths::TOKEN.replace("{tenant}", &tenant).replace("{token}", id)).await;
    assert_eq!(again().await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_secret_is_shown_once_whoever_asks_again() {
    at_each_server(async |app| {
        let owner = app.owner().await;
        let tenant = app.tenant_id(TENANT).await;
        let below = |path: &str| path.replace("{tenant}", &tenant);
        let password = json!({ "password": PASSWORD });
        let token = json!({ "name": "Sync", "scopes": ["fields:read"], "days": 2 });
        let invite = json!({ "email": "new@example.com", "role": "editor" });
        let cases: [(String, Value, &[&str]); 3] = [
            (below(paths::TOKENS), token, &["secret"]),
            (below(paths::INVITATIONS), invite, &["link"]),
            (paths::TOTP.into(), password, &["url", "secret"]),
        ];
        let mut secrets = Vec::new();
        for (path, body, shown) in cases {
            let send = async || app.send(owner.request("POST", &path).header(KEY, shown[0]).json(&body)).await;
            let first = send().await;
            assert!(first.status.is_success(), "{path}: {}", first.text());
            secrets.extend(shown.iter().map(|field| first.json()[*field].as_str().unwrap().to_owned()));
            let second = send().await;
            assert_eq!((second.status, second.header(REPLAYED)), (StatusCode::CONFLICT, "true"), "{path}");
            assert!(second.detail().contains("shown once"), "{path}: {}", second.text());
            for secret in &secrets {
                assert!(!second.text().contains(secret.as_str()), "{path}");
            }
        }
        assert_eq!(owner.get(&below(paths::TOKENS)).await.json()["tokens"].as_array().unwrap().len(), 1);
        let mut database = connect(&app.app.config.database.url).await;
        let kept: Vec<String> =
            sqlx::query_scalar("select body from idempotency").fetch_all(&mut database).await.unwrap();
        assert_eq!(kept, ["", "", ""], "no answer with a secret is kept, not even sealed");
    })
    .await;
}

#[tokio::test]
async fn files_have_keys_too() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let path = paths::RUNS.replace("{tenant}", &app.tenant_id(TENANT).await);
    let upload = async |body: String| {
        let request = owner.request("POST", &path).header(KEY, "file").header("content-type", "text/csv");
        app.send(request.body(body)).await
    };
    let file = format!("address;title\nada@example.com;{}\n", "x".repeat(3_000_000));
    let first = upload(file.clone()).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text());
    let second = upload(file.clone()).await;
    assert_eq!((second.json()["id"].clone(), second.header(REPLAYED)), (first.json()["id"].clone(), "true"));
    assert_eq!(upload(format!("{file}grace@example.com;x\n")).await.field(), KEY);
    assert_eq!(owner.get(&path).await.json()["runs"].as_array().unwrap().len(), 1);
    owner.settled(&format!("{path}/{}", first.json()["id"].as_str().unwrap())).await;
}

#[tokio::test]
async fn a_change_that_names_its_version_is_given_again_though_the_version_is_another_now() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let tenant = app.tenant_id(TENANT).await;
    let id = make(&app, &owner, "one", "Sales").await.json()["template"]["id"].as_str().unwrap().to_owned();
    let changes = owner.get(&paths::CHANGES.replace("{tenant}", &tenant)).await;
    let etag = changes.header("etag").to_owned();
    let publish = async || {
        let request = owner.request("POST", &paths::PUBLISH.replace("{tenant}", &tenant)).header(KEY, "publish");
        app.send(request.header("if-match", &etag).json(&json!({ "changes": { "templates": [id] } }))).await
    };
    let first = publish().await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.text());
    let second = publish().await;
    assert_eq!((second.status, second.header("etag")), (StatusCode::OK, first.header("etag")), "{}", second.text());
}

#[tokio::test]
async fn of_many_with_one_key_at_once_one_is_carried_out() {
    at_each_server(async |app| {
        let owner = app.owner().await;
        let request = template(app, &owner, "one", "Sales").await;
        let all = (0..20).map(|_| app.send(request.try_clone().unwrap()));
        let answers = join_all(all).await;
        let made: Vec<_> = answers.iter().filter(|answer| answer.status == StatusCode::CREATED).collect();
        assert!(!made.is_empty());
        assert!(made.iter().all(|answer| answer.json() == made[0].json()));
        for answer in &answers {
            assert!([StatusCode::CREATED, StatusCode::CONFLICT].contains(&answer.status), "{}", answer.text());
        }
        assert_eq!(templates(app, &owner).await["Sales"], 1);
    })
    .await;
}

#[tokio::test]
async fn of_two_nodes_with_one_key_one_carries_it_out() {
    let (app, url) = TestApp::start_on_postgres().await;
    let owner = app.owner().await;
    let second = TestApp::start_with(|config| {
        config.database.url.clone_from(&url);
        config.server.public_url.clone_from(&app.url);
    })
    .await;
    let path = paths::TEMPLATES.replace("{tenant}", &app.tenant_id(TENANT).await);
    for round in 0..5 {
        let name = format!("Round {round}");
        let at = |node: &TestApp| {
            let request = node.request("POST", &path).header("cookie", &owner.cookie).header("origin", &app.url);
            let request = request.header(CSRF_HEADER, &owner.csrf).header(KEY, &name);
            request.json(&json!({ "name": name, "html": "<p>Hello</p>" }))
        };
        let (here, there) = tokio::join!(app.send(at(&app)), second.send(at(&second)));
        for answer in [&here, &there] {
            assert!([StatusCode::CREATED, StatusCode::CONFLICT].contains(&answer.status), "{}", answer.text());
        }
        assert_eq!(templates(&app, &owner).await[&name], 1);
        assert_eq!(
            app.send(at(&app)).await.json(),
            second.send(at(&second)).await.json(),
            "the same answer everywhere"
        );
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_kept_makes_no_second_template() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let mut database = connect(&app.app.config.database.url).await;
    let locked =
        "create trigger locked before update of status on idempotency begin select raise(abort, 'locked'); end";
    sqlx::raw_sql(locked).execute(&mut database).await.unwrap();
    let first = make(&app, &owner, "one", "Sales").await;
    assert_eq!(first.status, StatusCode::CREATED, "the write is done, and its answer there: {}", first.text());
    app.clock.advance_ms(60_000);
    let second = make(&app, &owner, "one", "Sales").await;
    assert_eq!(second.status, StatusCode::CONFLICT, "{}", second.text());
    assert_eq!(templates(&app, &owner).await["Sales"], 1);
}

#[tokio::test]
async fn a_key_under_way_is_said_to_be_and_when_to_ask_again() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    assert_eq!(make(&app, &owner, "one", "Sales").await.status, StatusCode::CREATED);
    // As another node has it between its write and its answer, and as a node leaves it that ends there.
    let mut database = connect(&app.app.config.database.url).await;
    sqlx::query("update idempotency set status = null, body = ''").execute(&mut database).await.unwrap();
    let soon = make(&app, &owner, "one", "Sales").await;
    assert_eq!(soon.status, StatusCode::CONFLICT);
    let wait: i64 = soon.header("retry-after").parse().unwrap();
    app.clock.advance_ms(wait * 1_000);
    let lost = make(&app, &owner, "one", "Sales").await;
    assert_eq!((lost.status, lost.header("retry-after"), lost.header(REPLAYED)), (StatusCode::CONFLICT, "", "true"));
    assert!(lost.detail().contains("it is not repeated"), "{}", lost.text());
    assert_eq!(templates(&app, &owner).await["Sales"], 1);
}
