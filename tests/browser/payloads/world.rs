//! A demo of that company, a browser that notices, and somebody else's server.

use super::company::{self, KINDS, most, payloads};
use crate::page::{PATIENCE, Page};
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tests::browser::{Browser, Server};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::Mutex;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));
/// One for all tests, one test at a time: they share its window.
static WORLD: LazyLock<Mutex<Option<World>>> = LazyLock::new(|| Mutex::new(None));

/// How long what acts late has at the end of a test.
const LATE: Duration = Duration::from_millis(500);

/// How many tokens a tenant has at once; it may have 100.
const TOKENS: usize = 90;

/// What says that something acted.
const ACTED: &str = "it acted:";

/// In every frame: what payloads call says so in the browser's own log, which sandboxed frames reach, too.
const NOTICE: &str = "for (const name of ['alert', 'confirm', 'prompt', 'print', 'open', 'pwn']) \
    window[name] = () => console.error('it acted: ' + name); \
    Object.defineProperty(window, 'pwned', { set() { console.error('it acted: global') } });";

/// What would act once somebody touches it, in the page and every frame that it can look into.
const DORMANT: &str = "(() => { const found = []; \
    const look = (document) => { for (const element of document.querySelectorAll('*')) { \
        for (const { name, value } of element.attributes) { \
            let scheme = ''; try { scheme = new URL(value, 'http://x.example').protocol } catch {} \
            const followed = /href|src$|action|background|data|poster|cite|ping/.test(name); \
            const shown = ['IMG', 'LINK'].includes(element.tagName) && scheme === 'data:'; \
            if (name.startsWith('on') || (followed && !shown && !['http:', 'https:', 'mailto:', 'tel:', 'cid:', 'image:'].includes(scheme))) \
                found.push(element.outerHTML.slice(0, 300)); \
        } \
        if (element.tagName === 'IFRAME' && element.contentDocument) look(element.contentDocument); \
    } }; look(document); return found; })()";

/// `askAs` speaks to the server as the add-in of somebody; `live` has HTML in the page, in elements and in frames that may do
/// anything, instead of what it was given before, and gives their texts.
const SCRIPTS: &str = "window.askAs = async (at, path, body) => { \
        const headers = { 'content-type': 'application/json' }; \
        const address = `person${at}@haldenvale.example`; \
        const token = await (await fetch('/demo/token', { method: 'POST', headers, body: JSON.stringify({ address }) })).json(); \
        headers.authorization = 'Bearer ' + token.access_token; \
        const answer = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) }); \
        if (answer.status >= 500) throw new Error(await answer.text()); \
        return answer.json(); \
    }; \
    window.live = async (all) => { \
        for (const old of document.querySelectorAll('.live')) { old.onload = null; old.remove(); } \
        return Promise.all(all.map(async (html) => { \
            const element = document.createElement('div'); \
            const frame = document.createElement('iframe'); \
            element.className = frame.className = 'live'; \
            document.body.append(element); \
            element.innerHTML = html; \
            frame.srcdoc = html; \
            await new Promise((next) => { frame.onload = next; document.body.append(frame); setTimeout(next, 2000); }); \
            return element.innerText; \
        })); \
    }";

/// The company, open.
pub(super) struct World {
    pub(super) page: Page,
    /// Somebody else's server, `127.0.0.1:PORT`.
    pub(super) host: String,
    tenant: String,
    browser: Browser,
    /// What was asked of somebody else's server that is no image, as the head of the request.
    requests: Arc<std::sync::Mutex<Vec<String>>>,
    _server: Server,
    _folder: tempfile::TempDir,
}

/// Runs a test in it; nothing may have acted by its end.
pub(super) fn with_world(test: impl AsyncFnOnce(&mut World)) {
    RUNTIME.block_on(async {
        let mut slot = WORLD.lock().await;
        if slot.is_none() {
            *slot = Some(World::start().await.unwrap_or_else(|error| panic!("{error:#}")));
        }
        let world = slot.as_mut().expect("it was started");
        world.page.client.delete_all_cookies().await.expect("no cookies");
        world.harm().await;
        test(world).await;
        tokio::time::sleep(LATE).await;
        world.is_well("what came late").await;
    });
}

impl World {
    async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let host = listener.local_addr()?.to_string();
        let requests = Arc::<std::sync::Mutex<Vec<String>>>::default();
        tokio::spawn(listen(listener, Arc::clone(&requests)));
        let folder = tempfile::tempdir()?;
        let company = company::write(folder.path(), &host);
        let server = Server::start_with(&["--company", &company.to_string_lossy()])?;
        let browser = Browser::start().await?;
        browser.devtools.in_every_frame(NOTICE).await?;
        browser.devtools.without_csp().await?;
        let page =
            Page { client: browser.client.clone(), origin: server.origin.clone(), devtools: browser.devtools.clone() };
        page.client.goto(&page.origin).await?;
        Ok(Self { page, host, tenant: String::new(), browser, requests, _server: server, _folder: folder })
    }

    /// What acted since the last call, and what in the page would.
    pub(super) async fn harm(&self) -> Vec<String> {
        let log = self.browser.console().await.expect("the console");
        let mut harm: Vec<String> = log.into_iter().map(|(_, text)| text).filter(|text| text.contains(ACTED)).collect();
        harm.append(&mut self.requests.lock().expect("a lock"));
        harm.extend(self.page.get::<Vec<String>>(DORMANT).await);
        harm
    }

    pub(super) async fn is_well(&self, place: &str) {
        let harm = self.harm().await;
        assert!(harm.is_empty(), "{place}: {harm:#?}");
    }

    /// Opens the simulator.
    pub(super) async fn simulator(&self) {
        self.page.client.goto(&self.page.origin).await.expect("the simulator opens");
        self.page.run("await simulator.ready").await;
        self.page.run(SCRIPTS).await;
    }

    /// Has HTML in the page in an element and in a frame that may do anything, and no longer what was there before.
    pub(super) async fn live(&self, html: &Value) {
        self.page.run(&format!("await live([{html}])")).await;
    }

    /// What the server answers the add-in of somebody.
    pub(super) async fn ask_as(&self, at: usize, path: &str, body: &Value) -> Value {
        self.page.get(&format!("askAs({at}, {}, {body})", json!(path))).await
    }

    /// Somebody's signatures, one for each kind of draft, alive in the page; their texts.
    pub(super) async fn signatures(&self, at: usize) -> Vec<String> {
        let script = format!(
            "(async () => {{ const all = []; for (const kind of {}) \
             all.push((await askAs({at}, '/api/v1/signature', {{ kind, explain: false }})).html); \
             return live(all); }})()",
            json!(KINDS)
        );
        self.page.get(&script).await
    }

    /// Signs in to the console as the demo's admin.
    pub(super) async fn sign_in(&mut self) {
        self.simulator().await;
        let first = self.page.sign_in_to_console().await;
        // Later there are others before the company's, see `fill_in`.
        if self.tenant.is_empty() {
            self.tenant = first;
        }
    }

    /// Opens a page of the company's.
    pub(super) async fn go(&self, path: &str) {
        let address = format!("{}/console/tenants/{}{path}", self.page.origin, self.tenant);
        self.page.client.goto(&address).await.expect("the console opens");
        self.shown().await;
        self.page.run(SCRIPTS).await;
    }

    /// Waits until the console's page is there.
    pub(super) async fn shown(&self) {
        self.page
            .until("!!document.querySelector('h1')?.innerText && !document.querySelector('[aria-busy=true]')")
            .await;
    }

    /// Sends JSON to a path of the company's.
    pub(super) async fn send(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        self.page.send(method, &format!("/api/v1/tenants/{}{path}", self.tenant), body).await
    }

    /// A file of the company's.
    pub(super) async fn file(&self, path: &str) -> Vec<u8> {
        let path = format!("/api/v1/tenants/{}{path}", self.tenant);
        self.page.get(&format!("fetch('{path}').then((answer) => answer.bytes()).then((bytes) => [...bytes])")).await
    }

    /// Fills in what a company's document has no place for: names of tokens, tenants, files and accounts, a file's columns, and
    /// what add-ins say of their version. Names have no control characters and at most 100 others, versions at most 40.
    pub(super) async fn fill_in(&self) {
        let all = payloads(&self.host);
        let fits = |text: &str, most: usize| text.chars().count() <= most && !text.contains(char::is_control);
        let names: Vec<_> = all.iter().enumerate().filter(|(_, payload)| fits(payload, 100)).collect();
        assert!(names.len() >= most(&all), "{} payloads are names", names.len());
        for names in names.chunks(TOKENS) {
            let mut made = Vec::new();
            for (at, payload) in names {
                let token = json!({ "name": payload, "scopes": ["people:read"], "days": 1 });
                let (status, answer) = self.send("POST", "/tokens", &token).await;
                assert_eq!(status, 201, "{payload:?}: {answer}");
                made.push(answer["token"]["id"].as_str().expect("an id").to_owned());
                // The lists of these have no pages.
                if at % 8 == 0 {
                    self.fill_in_one(*at, payload).await;
                }
            }
            self.go("/tokens").await;
            self.is_well("names of tokens").await;
            for id in made {
                let (status, answer) = self.send("DELETE", &format!("/tokens/{id}"), &Value::Null).await;
                assert_eq!(status, 204, "{answer}");
            }
        }
        for (at, payload) in names.into_iter().filter(|(_, payload)| fits(payload, 40)) {
            let draft = json!({ "kind": "new", "subject": payload, "platform": payload, "version": payload });
            let answer = self.ask_as(at, "/api/v1/signature", &draft).await;
            assert!(answer["html"].is_string(), "{payload:?}: {answer}");
        }
    }

    async fn fill_in_one(&self, at: usize, payload: &str) {
        let tenant = json!({ "name": payload, "entra_id": format!("b0000000-0000-4000-8000-{at:012}"),
            "domains": [format!("company{at}.example")] });
        let (status, answer) = self.page.send("POST", "/api/v1/tenants", &tenant).await;
        assert_eq!(status, 201, "{payload:?}: {answer}");
        let (status, answer) = self.page.send("PATCH", "/api/v1/account", &json!({ "name": payload })).await;
        assert_eq!(status, 200, "{payload:?}: {answer}");
        let cell = format!("\"{}\"", payload.replace('"', "\"\""));
        let file = format!("address,{cell}\nnew{at}@haldenvale.example,{cell}\n");
        let script = format!(
            "(async () => {{ const session = await (await fetch('/api/v1/session')).json(); \
             return (await fetch('/api/v1/tenants/{}/runs?name=' + encodeURIComponent({}), {{ method: 'POST', body: {}, \
             headers: {{ 'content-type': 'text/csv', 'x-paraph-csrf': session.csrf }} }})).status; }})()",
            self.tenant,
            json!(payload),
            json!(file)
        );
        let status: u16 = self.page.get(&script).await;
        assert_eq!(status, 201, "{payload:?} as a file's name and column");
    }
}

/// Answers whoever comes, and keeps what is asked for anything but an image.
async fn listen(listener: TcpListener, requests: Arc<std::sync::Mutex<Vec<String>>>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut head = vec![0; 4096];
        let Ok(Ok(read)) = tokio::time::timeout(PATIENCE, stream.read(&mut head)).await else { continue };
        let head = String::from_utf8_lossy(&head[..read]).into_owned();
        let is_image = head.lines().any(|line| line.eq_ignore_ascii_case("sec-fetch-dest: image"));
        if read > 0 && !is_image {
            requests.lock().expect("a lock").push(format!("somebody else was asked: {head}"));
        }
        // Whoever is gone meanwhile needs no answer.
        let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n").await;
    }
}
