//! The host's page in the browser, as the tests use it.

use super::web::Web;
use crate::page::{Page, Person};
use fantoccini::Locator;
use serde_json::{Value, json};
use std::sync::LazyLock;
use tests::browser::Browser;
use tests::browser::Server;
use tokio::runtime::Runtime;
use tokio::sync::{Mutex, MutexGuard};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));
/// One browser for all tests, one test at a time: they share its window.
static BROWSER: LazyLock<Mutex<Option<(Web, Browser)>>> = LazyLock::new(|| Mutex::new(None));

/// The calls of `setSignatureAsync`.
const SETTINGS: &str = "host.calls.filter((call) => call.name === 'body.setSignatureAsync')";
/// As WebDriver writes the key.
const TAB: &str = "\u{e004}";

/// How Outlook tells Office.js which host it is in: both ways are in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    ByAddress,
    ByFrameName,
    /// By address, and there is no nested app authentication.
    WithoutBridge,
}

/// The host.
#[derive(Debug)]
pub(super) struct Outlook {
    /// The host's page, or the frame that was entered.
    pub(super) page: Page,
    server: Option<Server>,
}

/// Runs a test in a fresh host with a demo of its own; afterwards nothing may have gone wrong in the pages.
pub(super) fn with_outlook(test: impl AsyncFnOnce(&mut Outlook)) {
    RUNTIME.block_on(async {
        let slot = browser().await;
        let (web, browser) = slot.as_ref().expect("it was started");
        let server =
            Server::start_with(&["--office-js-url", &web.office_js()]).unwrap_or_else(|error| panic!("{error:#}"));
        web.set_paraph(&server.origin);
        browser.console().await.expect("the console");
        let page =
            Page { client: browser.client.clone(), origin: server.origin.clone(), devtools: browser.devtools.clone() };
        page.client.goto(&format!("http://127.0.0.1:{}/host.html", web.port)).await.expect("the host opens");
        let mut outlook = Outlook { page, server: Some(server) };
        test(&mut outlook).await;
        outlook.nothing_went_wrong(browser).await;
    });
}

async fn browser() -> MutexGuard<'static, Option<(Web, Browser)>> {
    let mut slot = BROWSER.lock().await;
    if slot.is_none() {
        *slot = Some(start().await.unwrap_or_else(|error| panic!("{error:#}")));
    }
    slot
}

async fn start() -> anyhow::Result<(Web, Browser)> {
    let web = Web::start().await?;
    let map = format!("--host-resolver-rules=MAP ajax.aspnetcdn.com:80 127.0.0.1:{}", web.port);
    let browser = Browser::start_with(&[map]).await?;
    browser.devtools.in_every_frame(include_str!("bridge.js")).await?;
    Ok((web, browser))
}

impl Outlook {
    /// Starts a message in `format` from somebody of the demo's company to somebody outside.
    pub(super) async fn compose(&self, format: &str) -> Person {
        let answer = tests::http::get(format!("{}/demo/people", self.page.origin)).await.expect("the demo answers");
        let mut body: Value = answer.json().await.expect("JSON");
        let people: Vec<Person> = serde_json::from_value(body["people"].take()).expect("people");
        // Simple spelling, so that the signature has it letter by letter.
        let plain = |name: &str| name.chars().all(|c| c.is_ascii_alphabetic() || c == ' ');
        let person = people.into_iter().find(|person| !person.shared && plain(&person.name)).expect("somebody");
        self.page.run(&format!("host.compose({}, {})", json!(format), json!([person.address, person.name]))).await;
        person
    }

    /// Starts another message like the last one.
    pub(super) async fn compose_another(&self) {
        self.page.run("host.compose(host.draft.format, [host.draft.from.address, host.draft.from.name])").await;
    }

    /// Opens one of Paraph's pages as `role`, and waits until Office.js has connected to the host.
    pub(super) async fn open(&self, role: &str, path: &str, told: Told) {
        let told = match told {
            Told::ByAddress => "address",
            Told::ByFrameName => "name",
            Told::WithoutBridge => "no bridge",
        };
        let address = format!("{}{path}", self.page.origin);
        self.page.run(&format!("host.open({}, {}, '{told}')", json!(role), json!(address))).await;
        self.page.until(&format!("host.listens({})", json!(role))).await;
    }

    /// Fires a launch event and waits until its handler completes it.
    pub(super) async fn fire(&self, function: &str) {
        let id: String = self.page.get(&format!("host.fire('events', {})", json!(function))).await;
        self.page.until(&format!("host.completed.some((done) => done.id === '{id}')")).await;
        let done: Vec<(u32, f64)> = self
            .page
            .get(&format!(
                "host.completed.filter(({{ id }}) => id === '{id}').map(({{ status, after }}) => [status, after])"
            ))
            .await;
        assert!(matches!(done[..], [(0, after)] if after < 5_000.0), "{function}: {done:?}");
    }

    /// The signature in the draft.
    pub(super) async fn signature(&self) -> String {
        self.page.get::<Option<String>>("host.draft.signature").await.expect("a signature in the draft")
    }

    /// Who called `setSignatureAsync`, in order.
    pub(super) async fn setters(&self) -> Vec<String> {
        self.page.get(&format!("{SETTINGS}.map((call) => call.role)")).await
    }

    /// With which coercion types they did.
    pub(super) async fn coercions(&self) -> Vec<u8> {
        self.page.get(&format!("{SETTINGS}.map((call) => call.params.coercionType)")).await
    }

    /// A field of what handler and pane noted about the draft.
    pub(super) async fn note(&self, field: &str) -> Value {
        self.page.get(&format!("JSON.parse(host.draft.session.get('paraph') ?? '{{}}')[{}]", json!(field))).await
    }

    /// Goes into a role's frame.
    pub(super) async fn enter(&self, role: &str) {
        let at: u16 = self
            .page
            .get(&format!("[...document.querySelectorAll('iframe')].indexOf(host.clients.{role}.frame)"))
            .await;
        self.page.client.clone().enter_frame(at).await.expect("the frame");
    }

    /// Back to the host's page.
    pub(super) async fn leave(&self) {
        self.page.client.clone().enter_parent_frame().await.expect("the host's page");
    }

    /// In the pane: the text of the signature that it shows.
    pub(super) async fn shown(&self) -> String {
        let preview = "document.querySelector('iframe[title=\"Your signature\"]')?.contentDocument";
        self.page.until(&format!("{preview}?.getElementById('paraph-signature')")).await;
        self.page.get(&format!("{preview}.body.innerText")).await
    }

    /// In the pane: clicks the button with that label.
    pub(super) async fn press(&self, label: &str) {
        let button = format!("//button[not(@disabled) and contains(normalize-space(.), '{label}')]");
        let button = self.page.client.wait().for_element(Locator::XPath(&button)).await.expect("the button");
        button.click().await.expect("a click");
    }

    /// In the pane: presses Tab from the first button on, until the focus stays; what had it, in order.
    pub(super) async fn tab_through(&self) -> Vec<String> {
        let mut focused = self.page.client.find(Locator::Css("header button")).await.expect("a button");
        let mut reached = Vec::new();
        loop {
            focused.send_keys(TAB).await.expect("the key");
            let next = self.page.client.active_element().await.expect("what has the focus");
            if next.element_id() == focused.element_id() {
                return reached;
            }
            reached.push(next.tag_name().await.expect("a name"));
            focused = next;
        }
    }

    /// Stops the demo.
    pub(super) async fn stop_server(&mut self) {
        self.server = None;
        let stopped = tests::http::get(format!("{}/health", self.page.origin)).await;
        assert!(stopped.is_err_and(|error| error.is_connect()), "the server still answers");
    }

    async fn nothing_went_wrong(&self, browser: &Browser) {
        self.leave().await;
        let unknown: Vec<Value> = self.page.get("host.unknown").await;
        assert!(unknown.is_empty(), "the add-in asked for what this host does not know: {unknown:?}");
        let loud = browser.complaints().await.expect("the console");
        assert!(loud.is_empty(), "{loud:#?}");
    }
}
