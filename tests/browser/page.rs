//! The simulator in the browser, as the tests use it.

use fantoccini::Client;
use futures_util::future::select_all;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::future::Future;
use std::sync::LazyLock;
use std::time::Duration;
use tests::browser::{Browser, Devtools, Server};
use tokio::runtime::Runtime;
use tokio::sync::{Mutex, MutexGuard};

/// How long anything that a person waits for may take before a test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));
/// As many tests as there are seats run side by side: a browser is idle half of the time, and waits for the other half.
static SEATS: LazyLock<[Mutex<Seat>; 2]> = LazyLock::new(Default::default);

/// What one test at a time has for itself: a browser with one window, and servers, each started for the first test that needs
/// it.
#[derive(Default)]
struct Seat {
    browser: Option<Browser>,
    simulator: Option<Server>,
    /// Another one for the console: what an admin changes must not meet the other tests.
    console: Option<Server>,
}

/// What happened to an event: see the top of `simulator.js`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    pub(crate) event: String,
    pub(crate) signature_at: Option<f64>,
    pub(crate) completed_at: Option<f64>,
    pub(crate) completions: u32,
    pub(crate) source: Option<String>,
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) removed: bool,
    pub(crate) ended: Option<String>,
}

/// Somebody of the demo company.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Person {
    pub(crate) address: String,
    pub(crate) name: String,
    pub(crate) shared: bool,
    pub(crate) senders: Vec<String>,
}

/// The console, signed in as the demo's admin.
#[derive(Clone, Debug)]
pub(crate) struct Console {
    page: Page,
    /// The demo's tenant.
    pub(crate) tenant: String,
}

impl std::ops::Deref for Console {
    type Target = Page;

    fn deref(&self) -> &Page {
        &self.page
    }
}

/// The open simulator.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) client: Client,
    pub(crate) origin: String,
    pub(crate) devtools: Devtools,
}

/// Waits for something that needs no browser.
pub(crate) fn wait<T>(something: impl Future<Output = T>) -> T {
    RUNTIME.block_on(something)
}

/// Runs a test with the simulator freshly opened, nothing kept; afterwards nothing may have gone wrong in the page.
pub(crate) fn with_page<F: Future<Output = ()>>(test: impl FnOnce(Page) -> F) {
    RUNTIME.block_on(async {
        let mut seat = seat().await;
        let origin = origin(&mut seat.simulator);
        in_simulator(seat.browser().await, &origin, test).await;
    });
}

/// [`with_page`] of another server.
pub(crate) fn with_page_of<F: Future<Output = ()>>(origin: &str, test: impl FnOnce(Page) -> F) {
    RUNTIME.block_on(async { in_simulator(seat().await.browser().await, origin, test).await });
}

/// Runs a test in a window that is nowhere yet, for servers without a simulator; afterwards the browser may have complained
/// about nothing but answers that the test asked for.
pub(crate) fn with_window<F: Future<Output = ()>>(origin: &str, test: impl FnOnce(Page) -> F) {
    RUNTIME.block_on(async { in_window(seat().await.browser().await, origin, test).await });
}

/// [`with_window`] in a browser with these further arguments, which ends with the test.
pub(crate) fn with_own_browser<F: Future<Output = ()>>(
    arguments: &[String],
    origin: &str,
    test: impl FnOnce(Page) -> F,
) {
    RUNTIME.block_on(async {
        let mut seat = seat().await;
        // One at a time: the next test starts another.
        drop(seat.browser.take());
        let browser = Browser::start_with(arguments).await.unwrap_or_else(|error| panic!("{error:#}"));
        in_window(&browser, origin, test).await;
    });
}

/// The first seat that is free.
async fn seat() -> MutexGuard<'static, Seat> {
    select_all(SEATS.iter().map(|seat| Box::pin(seat.lock()))).await.0
}

impl Seat {
    async fn browser(&mut self) -> &Browser {
        if self.browser.is_none() {
            self.browser = Some(Browser::start().await.unwrap_or_else(|error| panic!("{error:#}")));
        }
        self.browser.as_ref().expect("it was started")
    }
}

/// Where a server is, which is started if it was not.
fn origin(server: &mut Option<Server>) -> String {
    server.get_or_insert_with(|| Server::start().unwrap_or_else(|error| panic!("{error:#}"))).origin.clone()
}

async fn in_simulator<F: Future<Output = ()>>(browser: &Browser, origin: &str, test: impl FnOnce(Page) -> F) {
    browser.console().await.expect("the console");
    let devtools = browser.devtools.clone();
    let page = Page { client: browser.client.clone(), origin: origin.to_owned(), devtools };
    page.open().await;
    test(page.clone()).await;
    page.nothing_went_wrong(browser).await;
}

async fn in_window<F: Future<Output = ()>>(browser: &Browser, origin: &str, test: impl FnOnce(Page) -> F) {
    browser.console().await.expect("the console");
    let page = Page { client: browser.client.clone(), origin: origin.to_owned(), devtools: browser.devtools.clone() };
    test(page.clone()).await;
    page.client.enter_parent_frame().await.expect("the page");
    let loud = complaints(browser, &page.origin).await;
    assert!(loud.is_empty(), "{loud:#?}");
    page.client.delete_all_cookies().await.expect("no cookies");
    page.client.goto("about:blank").await.expect("an empty page");
}

/// Runs a test in the console, signed in; afterwards nothing may have gone wrong in the page but for answers that the test
/// asked for.
pub(crate) fn with_console<F: Future<Output = ()>>(test: impl FnOnce(Console) -> F) {
    RUNTIME.block_on(async {
        let mut seat = seat().await;
        let origin = origin(&mut seat.console);
        in_simulator(seat.browser().await, &origin, async |page| {
            let tenant = page.sign_in_to_console().await;
            test(Console { page: page.clone(), tenant }).await;
            page.client.delete_all_cookies().await.expect("no cookies");
            page.client.goto(&page.origin).await.expect("the simulator opens");
        })
        .await;
    });
}

impl Console {
    /// The console of a server in this window; the tenant is not known yet.
    pub(crate) fn of(page: Page) -> Self {
        Self { page, tenant: String::new() }
    }

    /// The same window at another server, where nobody is signed in.
    pub(crate) fn elsewhere(&self, origin: &str, tenant: String) -> Self {
        Self { page: Page { origin: origin.to_owned(), ..self.page.clone() }, tenant }
    }

    /// Signs the browser in as the demo's admin again.
    pub(crate) async fn page_sign_in(&self) {
        self.sign_out().await;
        self.page.sign_in_to_console().await;
    }

    /// Opens a page of the console.
    pub(crate) async fn go(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.origin)).await.expect("the console opens");
    }

    /// Opens a page of the demo's tenant.
    pub(crate) async fn go_in(&self, path: &str) {
        self.go(&format!("/console/tenants/{}{path}", self.tenant)).await;
    }

    /// [`Page::send`] to a path of the demo's tenant.
    pub(crate) async fn send(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        self.page.send(method, &format!("/api/v1/tenants/{}{path}", self.tenant), body).await
    }

    /// Publishes all unpublished changes, in the page of them.
    pub(crate) async fn publish(&self) {
        self.press("Publish …").await;
        self.press("Publish now").await;
        self.says("Everything is published").await;
    }

    /// Switches a rule of the list on or off, from behind with a negative place, and goes to the unpublished changes.
    pub(crate) async fn switch_rule(&self, at: i32) {
        self.open_rules().await;
        self.run(&format!("[...document.querySelectorAll('.rule .switch')].at({at}).click()")).await;
        self.until("document.querySelector('.saving')?.innerText === 'Saved'").await;
        self.go_in("/changes").await;
    }

    /// Forgets the session.
    pub(crate) async fn sign_out(&self) {
        self.client.delete_all_cookies().await.expect("no cookies");
    }
}

impl Page {
    /// Has the system's theme be dark or light.
    pub(crate) async fn theme(&self, dark: bool) {
        self.devtools.theme(dark).await.expect("another theme");
    }

    /// Signs the browser in to the console as the demo's admin; the id of the demo's tenant.
    pub(crate) async fn sign_in_to_console(&self) -> String {
        let sign_in = "fetch('/api/v1/sign-in', { method: 'POST', headers: { 'content-type': 'application/json' }, \
            body: JSON.stringify({ email: 'admin@example.com', password: 'paraph demo console' }) }) \
            .then((answer) => answer.json())";
        let session: Value = self.get(sign_in).await;
        session["tenants"][0]["id"].as_str().expect("a tenant").to_owned()
    }

    /// Sends JSON as the console's page would, whoever changed what meanwhile; the status, and what comes back.
    pub(crate) async fn send(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { "undefined".to_owned() } else { json!(body.to_string()).to_string() };
        let script = format!(
            "(async () => {{ const session = await (await fetch('/api/v1/session')).json(); \
             const answer = await fetch({}, {{ method: '{method}', body: {body}, headers: {{ 'if-match': '*', \
             'content-type': 'application/json', 'x-paraph-csrf': session.csrf }} }}); \
             const text = await answer.text(); if (answer.status >= 500) throw new Error(text); \
             return [answer.status, text ? JSON.parse(text) : null]; }})()",
            json!(path)
        );
        self.get(&script).await
    }

    async fn open(&self) {
        self.client.goto(&self.origin).await.expect("the simulator opens");
        self.run("localStorage.clear(); await simulator.ready").await;
    }

    /// Runs statements in the page that may await.
    pub(crate) async fn run(&self, script: &str) {
        let _: Value = self.get(&format!("(async () => {{ {script} }})()")).await;
    }

    /// The value of an expression, awaited.
    pub(crate) async fn get<T: DeserializeOwned>(&self, expression: &str) -> T {
        // What cannot travel becomes null; a failure comes back with its text instead of a stale WebDriver error.
        let script = format!(
            "return Promise.resolve().then(async () => JSON.stringify({{ ok: (await ({expression})) ?? null }})) \
             .catch((error) => JSON.stringify({{ error: String(error && error.stack || error) }}))"
        );
        let answer =
            self.client.execute(&script, Vec::new()).await.unwrap_or_else(|error| panic!("{expression}: {error}"));
        let mut answer: Value = serde_json::from_str(answer.as_str().unwrap_or_default()).expect("JSON");
        assert!(answer.get("error").is_none(), "{expression}: {}", answer["error"]);
        serde_json::from_value(answer["ok"].take()).unwrap_or_else(|error| panic!("{expression}: {error}: {answer}"))
    }

    /// Waits until an expression is true.
    pub(crate) async fn until(&self, expression: &str) {
        let waited: bool = self
            .get(&format!(
                "(async () => {{ const end = performance.now() + {}; \
                 while (performance.now() < end) {{ if (await ({expression})) return true; await new Promise((next) => setTimeout(next, 10)); }} \
                 return false; }})()",
                PATIENCE.as_millis()
            ))
            .await;
        assert!(waited, "never became true: {expression}");
    }

    /// Calls a function of `window.simulator` that fires one event.
    async fn record(&self, call: &str) -> Record {
        let record: Option<Record> = self.get(&format!("simulator.{call}")).await;
        let record = record.unwrap_or_else(|| panic!("{call} fired nothing"));
        assert_eq!(record.ended, None, "{record:?}");
        assert_eq!(record.completions, 1, "{record:?}");
        assert!(record.completed_at.is_some_and(|at| at < 5_000.0), "{record:?}");
        record
    }

    /// Starts a draft: `new`, `reply`, `replyAll`, `forward` or `appointment`.
    pub(crate) async fn compose(&self, kind: &str) -> Record {
        self.record(&format!("compose({})", json!(kind))).await
    }

    pub(crate) async fn add_recipient(&self, field: &str, address: &str) -> Record {
        self.record(&format!("addRecipient({}, {})", json!(field), json!(address))).await
    }

    pub(crate) async fn send_from(&self, address: &str) -> Record {
        self.record(&format!("from({})", json!(address))).await
    }

    pub(crate) async fn fire(&self, event: &str) -> Record {
        self.record(&format!("fire({})", json!(event))).await
    }

    /// The draft's HTML, as Office.js gives it.
    pub(crate) async fn body(&self) -> String {
        self.get("simulator.body()").await
    }

    /// The draft as text.
    pub(crate) async fn text(&self) -> String {
        self.get("simulator.text()").await
    }

    /// How many signatures stand in the draft.
    pub(crate) async fn signatures(&self) -> usize {
        self.body().await.matches("paraph-signature").count()
    }

    /// The text of the draft's signature.
    pub(crate) async fn signature(&self) -> String {
        self.get("simulator.draft.body.signature?.innerText.trim() ?? ''").await
    }

    pub(crate) async fn people(&self) -> Vec<Person> {
        self.get("fetch('/demo/people').then((response) => response.json()).then((body) => body.people)").await
    }

    /// Signs in somebody for whom `which` holds.
    pub(crate) async fn sign_in(&self, which: impl Fn(&Person) -> bool) -> Person {
        let people = self.people().await;
        let person = people.into_iter().find(|person| !person.shared && which(person)).expect("somebody like that");
        self.run(&format!("await simulator.person({})", json!(person.address))).await;
        person
    }

    /// Asserts that neither the page, the add-in nor the console has anything to complain about.
    async fn nothing_went_wrong(&self, browser: &Browser) {
        self.client.enter_parent_frame().await.expect("the page");
        let errors: Vec<String> = self.get("simulator.errors").await;
        assert!(errors.is_empty(), "{errors:#?}");
        let loud = complaints(browser, &self.origin).await;
        assert!(loud.is_empty(), "{loud:#?}");
    }
}

/// What the browser complains of, but for icons that it looks for by itself on other people's pages, and for Microsoft's
/// servers, which no test reaches.
async fn complaints(browser: &Browser, origin: &str) -> Vec<String> {
    let elsewhere = |line: &String| {
        line.contains("/favicon.ico - ") && !line.starts_with(origin)
            || line.starts_with("https://appsforoffice.microsoft.com/")
    };
    let all = browser.complaints().await.expect("the console");
    all.into_iter().filter(|line| !elsewhere(line)).collect()
}
