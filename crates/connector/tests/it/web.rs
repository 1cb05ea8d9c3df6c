//! The configuration page, as a browser at this machine sees it, and as everybody else does.

use crate::fake::{FakeParaph, SECRET};
use crate::here::{Connector, connector};
use paraph_connector::web::{self, Guard, Web};
use reqwest::{Client, Response, StatusCode, header, redirect};

/// A page that is served, and somebody who came by its link.
struct Browser {
    http: Client,
    origin: String,
    link: String,
    session: String,
}

impl Browser {
    async fn open(connector: &Connector) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let guard = Guard::new(listener.local_addr().unwrap().port(), None);
        let link = guard.link();
        tokio::spawn(web::serve(listener, Web::new(connector.needs.clone(), guard, None), std::future::pending()));
        #[expect(clippy::disallowed_methods, reason = "a browser is not the connector")]
        let http = Client::builder().redirect(redirect::Policy::none()).build().unwrap();
        let origin = link.split("/?").next().unwrap().to_owned();
        let came = http.get(&link).send().await.unwrap();
        assert_eq!(came.status(), StatusCode::SEE_OTHER);
        let cookie = came.headers()[header::SET_COOKIE].to_str().unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
        let session = cookie.split(';').next().unwrap().to_owned();
        Self { http, origin, link, session }
    }

    async fn get(&self, path: &str) -> String {
        let answer = self.http.get(self.at(path)).header(header::COOKIE, &self.session).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.text().await.unwrap()
    }

    async fn send(&self, path: &str, form: &[(&str, &str)]) -> Response {
        let request = self.http.post(self.at(path)).header(header::COOKIE, &self.session);
        let request = request.header(header::ORIGIN, &self.origin).header(header::CONTENT_TYPE, FORM);
        request.body(body(form)).send().await.unwrap()
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> String {
        let answer = self.send(path, form).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.text().await.unwrap()
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

fn body(form: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

#[tokio::test]
async fn every_step_of_the_manual_can_be_done_on_the_page() {
    let (paraph, connector) = (FakeParaph::start().await, connector());
    let database = connector.folder.path().join("staff.db");
    let staff = "create table staff (\"E-Mail\" text, job_title text, parking text); \
                 insert into staff values ('ada@example.com', '<b>Countess</b>', 'P1')";
    crate::here::make_sqlite(&database, staff).await;
    let browser = Browser::open(&connector).await;
    assert!(browser.get("/").await.contains("to do"));

    let said = browser.post("/paraph", &[("url", &paraph.url), ("secret", "wrong")]).await;
    assert!(said.contains("wrong or revoked"), "{said}");
    let said = browser.post("/paraph", &[("url", &paraph.url), ("secret", SECRET)]).await;
    assert!(said.contains("Rows go to Contoso") && !said.contains(SECRET), "{said}");

    let file = database.to_str().unwrap();
    let form = |sql: &'static str, action: &'static str| {
        vec![("kind", "sqlite"), ("file", file), ("minutes", "10"), ("sql", sql), ("action", action)]
    };
    let said = browser.post("/database", &form("", "test")).await;
    assert!(said.contains("Not set yet: query.sql"), "{said}");
    let said = browser.post("/database", &form("SELECT * FROM stuff", "test")).await;
    assert!(said.contains("Connected, but the query is invalid: no such table: stuff"), "{said}");
    let said = browser
        .post(
            "/database",
            &[("kind", "sqlite"), ("file", "/none"), ("minutes", "9"), ("sql", "SELECT 1"), ("action", "test")],
        )
        .await;
    assert!(said.contains("Could not connect: the file cannot be read"), "{said}");
    let said = browser.post("/database", &form("SELECT * FROM staff", "test")).await;
    assert!(said.contains("the query returns 3 columns: E-Mail, job_title, parking"), "{said}");
    assert!(said.contains("&lt;b&gt;Countess") && !said.contains("<b>Countess"), "{said}");

    let said = browser.get("/mappings").await;
    assert!(said.contains("Parking space") && said.contains("parking_space"), "custom fields, too: {said}");
    assert_eq!(said.matches("suggested").count(), 2, "{said}");
    let said = browser.post("/mappings", &[("map:address", ""), ("map:title", "job_title")]).await;
    assert!(said.contains("Not saved"), "{said}");
    let mapped = [("map:address", "E-Mail"), ("map:title", "job_title"), ("map:parking_space", "parking")];
    assert!(browser.post("/mappings", &mapped).await.contains("Saved."));
    assert!(browser.post("/schedule", &[("minutes", "3")]).await.contains("from 5 to 1440"));
    assert!(browser.post("/schedule", &[("minutes", "30")]).await.contains("Saved."));

    assert_eq!(browser.send("/preview", &[]).await.status(), StatusCode::SEE_OTHER);
    let said = until(&browser, "/preview", "Engineer").await;
    assert!(said.contains("<ins>Countess</ins>"), "{said}");
    assert_eq!(paraph.applied(), None);
    assert_eq!(browser.send("/run", &[]).await.status(), StatusCode::SEE_OTHER);
    until(&browser, "/", "applied: 1 row,").await;
    assert_eq!(paraph.applied().as_deref(), Some("ada@example.com,P1,<b>Countess</b>\r\n"));
}

/// Looks at a page until it says this.
async fn until(browser: &Browser, path: &str, what: &str) -> String {
    for _ in 0..2_000 {
        let said = browser.get(path).await;
        if said.contains(what) {
            return said;
        }
        tokio::task::yield_now().await;
    }
    panic!("{path} never says {what}: {}", browser.get(path).await);
}

#[tokio::test]
async fn strangers_and_other_pages_stay_out() {
    let connector = connector();
    let browser = Browser::open(&connector).await;
    for path in ["/", "/paraph", "/database", "/mappings", "/schedule", "/preview"] {
        let answer = browser.http.get(browser.at(path)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path}");
    }
    let again = browser.http.get(&browser.link).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::UNAUTHORIZED, "a link is good once");

    // A name that somebody made to point here.
    let rebound = browser.http.get(browser.at("/")).header(header::COOKIE, &browser.session);
    let rebound = rebound.header(header::HOST, "evil.example.com:4780").send().await.unwrap();
    assert_eq!(rebound.status(), StatusCode::FORBIDDEN);

    // A page of somebody else's, in the same browser.
    for origin in [None, Some("https://evil.example.com"), Some("null"), Some("http://127.0.0.1:1")] {
        let mut request = browser.http.post(browser.at("/schedule")).header(header::COOKIE, &browser.session);
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        let answer = request.header(header::CONTENT_TYPE, FORM).body("minutes=30").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{origin:?}");
    }
    assert_eq!(connector.place.load().unwrap().schedule.minutes, 60);

    let style = browser.http.get(browser.at("/style.css")).send().await.unwrap();
    let policy = style.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    // Without it browsers would not say where a form comes from.
    assert_eq!(style.headers()[header::REFERRER_POLICY], "same-origin");
    assert!(style.text().await.unwrap().contains("--accent"));
}
