//! Sources, the database and runs, as an admin sees them.

use crate::page::{Console, with_console};
use neighbours::graph::FakeGraph;
use paraph::clock::Clock;
use serde_json::{Value, json};
use tests::app::{NOON_MS, TENANT, TestApp};
use tests::console::PASSWORD;
use tests::neighbourhood;

/// Sends rows as the connector does, in one part; the run's id.
const UPLOAD: &str = "(async (secret, columns, rows, preview) => { \
    const headers = { authorization: 'Bearer ' + secret, 'content-type': 'application/json' }; \
    const bytes = new TextEncoder().encode(rows.map((row) => row.join(',') + '\\n').join('')); \
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)); \
    const digest = [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join(''); \
    const id = crypto.randomUUID().replaceAll('-', ''); \
    const uploads = '/api/connector/v1/uploads'; \
    const upload = { id, columns, rows: rows.length, parts: 1, digest, preview, program: '1.2.3' }; \
    const told = await fetch(uploads, { method: 'POST', headers, credentials: 'omit', body: JSON.stringify(upload) }); \
    if (!told.ok) throw new Error(await told.text()); \
    const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip')); \
    const part = await fetch(uploads + '/' + id + '/parts/0', { method: 'PUT', credentials: 'omit', \
        headers: { authorization: headers.authorization }, body: await new Response(packed).arrayBuffer() }); \
    if (!part.ok) throw new Error(await part.text()); \
    return id; })";

/// Chooses in one of the lists of the mapping.
const CHOOSE: &str = "(number, value) => { const field = document.querySelectorAll('.mapping select')[number]; \
    field.value = value; field.dispatchEvent(new Event('change', { bubbles: true })); }";

impl Console {
    async fn source(&self, source: &str) -> Value {
        let path = format!("/api/v1/tenants/{}/sources/{source}", self.tenant);
        self.get(&format!("fetch('{path}').then((answer) => answer.json())")).await
    }

    /// Has the database's runs stop from this share of all people on.
    async fn guard(&self, percent: u32) {
        let mut settings = self.source("database").await["settings"].clone();
        settings["guard_percent"] = json!(percent);
        let (status, body) = self.send("PATCH", "/sources/database", &json!({ "settings": settings })).await;
        assert_eq!(status, 200, "{body}");
    }

    pub(crate) async fn secret(&self, name: &str) -> String {
        let body = json!({ "name": name, "scopes": ["database:upload"], "days": 366 });
        let (status, made) = self.send("POST", "/tokens", &body).await;
        assert_eq!(status, 201, "{made}");
        made["secret"].as_str().expect("a secret").to_owned()
    }

    /// Sends rows of address and fax number; the run's id.
    pub(crate) async fn upload(&self, secret: &str, rows: &Value, preview: bool) -> String {
        let columns = json!([{ "name": "mail", "field": "address" }, { "name": "fax no", "field": "fax" }]);
        self.get(&format!("{UPLOAD}({}, {columns}, {rows}, {preview})", json!(secret))).await
    }

    /// Waits until a run is in this state.
    pub(crate) async fn run_is(&self, run: &str, state: &str) {
        let path = format!("/api/v1/tenants/{}/runs/{run}", self.tenant);
        self.until(&format!("(await (await fetch('{path}')).json()).state === '{state}'")).await;
    }

    /// So many of the demo's people with this fax number, as rows.
    pub(crate) async fn rows(&self, fax: &str, people: usize) -> Value {
        let path = format!("/api/v1/tenants/{}/people?limit=50", self.tenant);
        let found: Value = self.get(&format!("fetch('{path}').then((answer) => answer.json())")).await;
        let all = found["people"].as_array().expect("people");
        let rows: Vec<Value> = all.iter().take(people).map(|one| json!([one["address"], fax])).collect();
        json!(rows)
    }
}

#[test]
fn the_page_of_the_database_makes_a_secret_and_the_run_that_it_sends_says_what_it_did() {
    with_console(async |console| {
        console.guard(100).await;
        console.go_in("/database").await;
        console.press("Create a secret").await;
        console.fill("Which connector is it for?", "HR database").await;
        console.press("Create the secret").await;
        console.says("It will not be shown again").await;
        let shown: Vec<String> =
            console.get("[...document.querySelectorAll('dialog .copy code')].map((one) => one.innerText)").await;
        assert_eq!(shown[0], console.origin, "the address to paste");
        console.press("I have copied it").await;
        console.until("!document.querySelector('dialog[open]')").await;
        let text: String = console.get("document.body.innerText").await;
        assert!(text.contains("HR database") && !text.contains(&shown[1]), "its name stays, the secret does not");

        let mut rows = console.rows("+44 20 1", 3).await;
        rows.as_array_mut().expect("rows").push(json!(["nobody at all", "x"]));
        let run = console.upload(&shown[1], &rows, false).await;
        console.run_is(&run, "applied").await;
        console.go_in("/database").await;
        console.says("1.2.3").await;
        console.says("fax no").await;
        console.until(&format!("!!document.querySelector('tr[data-key=\"{run}\"]')")).await;
        console.run(&format!("document.querySelector('tr[data-key=\"{run}\"] a').click()")).await;
        console.until("document.querySelector('h1')?.innerText.startsWith('Database, ')").await;
        console.says("1 row cannot be imported").await;
        console.says("Row 4").await;
        console.says("+44 20 1").await;
        console.says("The connector").await;
    });
}

#[test]
fn a_revoked_secret_is_refused() {
    with_console(async |console| {
        let secret = console.secret("Left by somebody").await;
        console.go_in("/database").await;
        let row =
            "[...document.querySelectorAll('tbody tr')].find((row) => row.innerText.startsWith('Left by somebody'))";
        console.until(&format!("!!{row}")).await;
        console.run(&format!("{row}.querySelector('button').click()")).await;
        console.says("Revoke Left by somebody?").await;
        console.run("document.querySelector('dialog[open] button[type=submit]').click()").await;
        console.says("Left by somebody no longer works.").await;
        // Not from the page, whose console would complain.
        let request = tests::http::client().get(format!("{}/api/connector/v1", console.origin)).bearer_auth(secret);
        let status = request.send().await.expect("the server answers").status();
        assert_eq!(status, 401);
    });
}

#[test]
fn a_run_that_takes_much_waits_until_somebody_confirms_it() {
    with_console(async |console| {
        let secret = console.secret("Test").await;
        console.guard(100).await;
        let all = console.rows("+44 20 2", 20).await;
        let run = console.upload(&secret, &all, false).await;
        console.run_is(&run, "applied").await;
        console.guard(20).await;
        let few = console.rows("+44 20 2", 2).await;
        let waits = console.upload(&secret, &few, false).await;
        console.run_is(&waits, "planned").await;

        console.go_in("").await;
        console.says("A run is waiting for confirmation of what it removes.").await;
        console.go_in("/sources").await;
        console.says("A run is waiting for your confirmation.").await;
        console.run("[...document.querySelectorAll('a')].find((one) => one.innerText === 'Review').click()").await;
        console.says("This run waits: 18 people lose their values from the database.").await;
        console.press("Apply …").await;
        console.fill("Type apply to confirm", "apply").await;
        console.press("Apply").await;
        console.until("document.querySelector('.facts .pill')?.innerText === 'Done'").await;
        assert_eq!(console.source("database").await["people"], 2);
    });
}

#[test]
fn a_preview_shows_what_would_change_and_changes_nothing() {
    with_console(async |console| {
        let secret = console.secret("Test").await;
        console.guard(100).await;
        let before = console.source("database").await["people"].clone();
        let rows = console.rows("+44 20 3", 25).await;
        let run = console.upload(&secret, &rows, true).await;
        console.run_is(&run, "planned").await;
        console.go_in(&format!("/runs/{run}")).await;
        console.says("This is a preview: nothing was changed.").await;
        console.says("+44 20 3").await;
        assert_eq!(console.source("database").await["people"], before);
    });
}

#[test]
fn settings_that_somebody_else_changed_meanwhile_are_compared() {
    with_console(async |console| {
        console.go_in("/sources").await;
        console.press("Settings: Entra ID").await;
        console.fill("Guard, in percent", "0").await;
        console.press("Save").await;
        console.says("Enter a number from 1 to 100.").await;
        console.fill("Guard, in percent", "30").await;
        let mut theirs = console.source("entra").await["settings"].clone();
        (theirs["guard_percent"], theirs["guests"]) = (json!(40), json!(true));
        assert_eq!(console.send("PATCH", "/sources/entra", &json!({ "settings": theirs })).await.0, 200);
        console.press("Save").await;
        console.says("Changed in the meantime").await;
        console.says("40 %").await;
        console.press("Save mine instead").await;
        console.says("the settings are saved").await;
        let saved = console.source("entra").await["settings"].clone();
        assert_eq!((&saved["guard_percent"], &saved["guests"]), (&json!(30), &json!(false)), "{saved}");
    });
}

#[test]
fn attributes_are_mapped_and_no_field_comes_twice() {
    with_console(async |console| {
        let mut settings = console.source("google").await["settings"].clone();
        settings["mapping"] = json!([]);
        assert_eq!(console.send("PATCH", "/sources/google", &json!({ "settings": settings })).await.0, 200);
        console.go_in("/sources").await;
        console.press("Settings: Google Workspace").await;
        console.press("Add a line").await;
        let attributes = console.source("google").await["attributes"].clone();
        let (first, second) = (&attributes[0]["name"], &attributes[1]["name"]);
        console.run(&format!("({CHOOSE})(0, {first}); ({CHOOSE})(1, 'fax')")).await;
        console.press("Add a line").await;
        console.until("document.querySelectorAll('.mapping li').length === 2").await;
        console.run(&format!("({CHOOSE})(2, {second})")).await;
        let taken: bool = console
            .get("[...document.querySelectorAll('.mapping select')[3].options].some((one) => one.value === 'fax')")
            .await;
        assert!(!taken, "a field that is taken is not offered");
        console.run(&format!("({CHOOSE})(3, 'website')")).await;
        console.press("Add an attribute of your own").await;
        console.fill("Attribute 3", "customSchemas.Badge.number").await;
        console.run(&format!("({CHOOSE})(4, 'office')")).await;
        console.press("Save").await;
        console.says("the settings are saved").await;
        let mapping = console.source("google").await["settings"]["mapping"].clone();
        let expected = [(first, "fax"), (second, "website"), (&json!("customSchemas.Badge.number"), "office")]
            .map(|(attribute, field)| json!({ "attribute": attribute, "field": field }));
        assert_eq!(mapping, json!(expected));
    });
}

/// Users as Graph gives them, two of whom the company knows.
async fn graph(clock: &Clock) -> FakeGraph {
    let graph = neighbourhood::graph(clock).await;
    for (id, title) in [("ada", "Countess"), ("grace", "Admiral"), ("new", "Apprentice")] {
        let address = format!("{id}@example.com");
        graph.add_user(id, &json!({ "mail": address, "displayName": id, "jobTitle": title }));
    }
    graph
}

#[test]
fn entra_id_is_connected_looked_at_run_and_disconnected() {
    with_console(async |demo| {
        let graph = graph(&Clock::mock(NOON_MS)).await;
        let app = TestApp::start_with(|config| neighbourhood::ask_graph(config, &graph)).await;
        drop(app.owner().await);
        let console = demo.elsewhere(&app.url, app.tenant_id(TENANT).await);
        console.sign_out().await;
        console.go("/console/sign-in").await;
        console.fill("Address", "owner@example.com").await;
        console.fill("Password", &format!("{PASSWORD}\u{E007}")).await;
        console.until("location.pathname === '/console/tenants'").await;

        graph.set_roles(&["User.Read.All", "Mail.Send"]);
        console.go_in("/sources").await;
        console.press("Connect Entra ID").await;
        console.says(&format!("{}/console/consent/callback", app.url)).await;
        console.press("Consent has already been given").await;
        console.says("has not consented to GroupMember.Read.All yet").await;
        graph.set_roles(&["User.Read.All", "GroupMember.Read.All", "Mail.Send"]);
        console.press("Consent has already been given").await;
        console.says("Entra ID is connected.").await;

        console.press("More: Entra ID:").await;
        console.press("Check permissions").await;
        console.until("document.querySelectorAll('dialog[open] tbody tr').length === 3").await;
        console.says("Superfluous").await;
        console.says("some that are not needed").await;
        console.press("Done").await;

        console.press("Preview: Entra ID").await;
        console.says("This is a preview: nothing was changed.").await;
        console.says("Apprentice").await;
        console.press("Run now").await;
        console.until("['Done', 'Waits for you'].includes(document.querySelector('.facts .pill')?.innerText)").await;

        console.go_in("/sources").await;
        console.press("Pause: Entra ID").await;
        console.says("none while it is paused").await;
        console.press("More: Entra ID:").await;
        console.press("Disconnect").await;
        console.says("Disconnect Entra ID?").await;
        console.run("document.querySelector('dialog[open] button[type=submit]').click()").await;
        console.says("Entra ID is disconnected.").await;
        // The page asks again and again, and its server stops with this test.
        demo.go("/console/sign-in").await;
    });
}
