//! The first hour of a server that nobody has used: from the set-up link on its standard output to a published template;
//! and links that cannot be used, or not any more.

use crate::page::{Console, with_console, with_window};
use serde_json::{Value, json};
use tests::serving::Serving;

const NAME: &str = "Ada Lovelace";
const ADDRESS: &str = "ada@example.com";
const PASSWORD: &str = "an engine of analysis";

/// A server with an empty database and no app registration.
pub(crate) async fn new_server() -> Serving {
    let mut serving = Serving::new();
    serving.set("identity.client_id", "");
    serving.start().await;
    serving
}

/// The last set-up link that the server printed.
pub(crate) fn set_up_link(serving: &Serving) -> String {
    let out = serving.out();
    let link = out.split_whitespace().rfind(|word| word.contains("/console/setup#"));
    link.unwrap_or_else(|| panic!("no link in {out:?}")).to_owned()
}

impl Console {
    /// Opens an address as a link in another program does: in a fresh page.
    pub(crate) async fn open_link(&self, link: &str) {
        self.client.goto("about:blank").await.expect("an empty page");
        self.client.goto(link).await.expect("the link opens");
    }

    pub(crate) async fn type_account(&self) {
        self.fill("Your name", NAME).await;
        self.fill("Address", ADDRESS).await;
        self.fill("Password", PASSWORD).await;
    }

    pub(crate) async fn make_tenant(&self) {
        self.press("New tenant").await;
        self.fill("Organisation", "Analytical Engines").await;
        self.fill("Entra tenant id", "aaaaaaaa-0000-4000-8000-000000000001").await;
        self.fill("Mail domains", "example.com").await;
        self.press("Create the tenant").await;
        self.shows_heading("Analytical Engines").await;
    }

    /// What the field with this label holds.
    async fn typed(&self, label: &str) -> String {
        let label = json!(label);
        self.get(&format!(
            "document.getElementById([...document.querySelectorAll('label')].find((one) => one.innerText.startsWith({label})).htmlFor).value"
        ))
        .await
    }

    pub(crate) async fn shows_heading(&self, words: &str) {
        self.until(&format!("document.querySelector('h1')?.innerText === {}", json!(words))).await;
    }
}

#[test]
fn the_set_up_link_leads_to_an_owner_a_tenant_people_and_a_published_template() {
    let serving = crate::page::wait(new_server());
    with_window(&serving.url.clone(), async |page| {
        let console = Console::of(page);
        let link = set_up_link(&serving);
        console.open_link(&link).await;
        console.shows_heading("Set up Paraph").await;
        console.fill("Your name", "Somebody").await;
        // The answer that nobody is signed in came long ago: what was typed is there, and a reload finds the code again.
        console.client.refresh().await.expect("a reload");
        console.type_account().await;
        console.press("Create the account").await;

        console.shows_heading("Tenants").await;
        let address: String = console.get("location.pathname + location.hash").await;
        assert_eq!(address, "/console/tenants", "the code is gone from the address");
        console.says("No tenants yet").await;
        console.make_tenant().await;
        console.says("Outlook gets no signatures yet").await;

        console.follow("People").await;
        console.press("Add a person").await;
        console.fill("Address", ADDRESS).await;
        console.fill("Display name", NAME).await;
        console.press("Add").await;
        console.shows_heading(NAME).await;

        console.follow("Templates").await;
        console.follow("New from the gallery").await;
        console.press("Logo and rule").await;
        console.press("Use this design").await;
        console.follow("Create a rule").await;
        console.radio("Everyone").await;
        console.says("What would change").await;
        console.press("Switch on").await;
        console.until("!document.querySelector('dialog[open]')").await;
        console.until("document.querySelector('.saving')?.innerText === 'Saved'").await;
        console.follow("Unpublished changes").await;
        console.publish().await;
        console.follow("Overview").await;
        console.says("1 of 1").await;

        // Back to the link: used, and they are signed in.
        console.open_link(&link).await;
        console.says("Paraph is already set up").await;
        console.follow("Open the console").await;
        console.shows_heading("Analytical Engines").await;
    });
}

#[test]
fn a_set_up_link_that_cannot_be_used_says_what_to_do() {
    let serving = crate::page::wait(new_server());
    let (link, url) = (set_up_link(&serving), serving.url.clone());
    with_window(&url, async |page| {
        let console = Console::of(page);
        for cut in [format!("{url}/console/setup"), format!("{url}/console/setup#")] {
            console.open_link(&cut).await;
            console.says("This link is incomplete").await;
            console.says("Restart the server").await;
        }
        console.open_link(&format!("{url}/console/setup#a-code-of-another-server")).await;
        console.type_account().await;
        console.press("Create the account").await;
        console.says("has expired or was used").await;
        assert_eq!(console.typed("Your name").await, NAME, "what was typed stays");

        // Pasted into the same tab, the right one is taken though the browser loads nothing anew.
        console.client.goto(&link).await.expect("the link opens");
        console.shows_heading("Set up Paraph").await;
        console.type_account().await;

        // Opened twice: the other tab is faster.
        let first = console.client.window().await.expect("a window");
        let second = console.client.new_window(true).await.expect("a tab").handle;
        console.client.switch_to_window(second).await.expect("the tab");
        console.open_link(&link).await;
        console.type_account().await;
        console.press("Create the account").await;
        console.shows_heading("Tenants").await;
        console.client.close_window().await.expect("the tab closes");
        console.client.switch_to_window(first).await.expect("the first tab");
        console.press("Create the account").await;
        console.says("Paraph is already set up").await;

        // Somebody else, to whom the link was forwarded.
        console.sign_out().await;
        console.open_link(&link).await;
        console.says("Ask an owner for an invitation").await;
        console.follow("Sign in").await;
        console.shows_heading("Sign in").await;
        console.client.back().await.expect("back");
        console.says("Paraph is already set up").await;
    });
}

/// Has the page's question who is signed in wait until `release()` is called, where the session storage says so.
const HELD: &str = "if (sessionStorage.getItem('held')) { const real = window.fetch; \
    const released = new Promise((release) => { window.release = release; }); \
    window.fetch = async (...all) => { if (String(all[0]).endsWith('/api/v1/session')) await released; return real(...all); }; }";

#[test]
fn what_is_typed_before_the_server_says_who_is_signed_in_stays() {
    let serving = crate::page::wait(new_server());
    with_window(&serving.url.clone(), async |page| {
        let console = Console::of(page);
        let link = set_up_link(&serving);
        console.open_link(&link).await;
        console.devtools.in_every_frame(HELD).await.expect("a script");
        console.run("sessionStorage.setItem('held', 'yes')").await;
        console.client.refresh().await.expect("a reload");
        console.type_account().await;
        console.run("release(); await fetch('/api/v1/session'); sessionStorage.clear()").await;
        console.until("!document.querySelector('.boot')").await;
        assert_eq!(console.typed("Address").await, ADDRESS);
        console.press("Create the account").await;
        console.shows_heading("Tenants").await;
    });
}

/// An invitation of the demo's admin for this address; its link.
pub(crate) async fn invite(console: &Console, email: &str) -> String {
    let (status, invited) = console.send("POST", "/invitations", &json!({ "email": email, "role": "viewer" })).await;
    assert_eq!(status, 201, "{invited}");
    invited["link"].as_str().expect("a link").to_owned()
}

/// Invites somebody who has an account and was a member once; the link.
pub(crate) async fn invite_known(console: &Console, email: &str) -> String {
    let link = invite(console, email).await;
    let code = link.rsplit_once('#').expect("a code").1;
    let accept = json!({ "code": code, "name": "Known", "password": PASSWORD });
    // Beside the browser, whose session stays the admin's.
    let request = tests::http::client().post(format!("{}/api/v1/invitation/accept", console.origin));
    let accepted = request.header("origin", &console.origin).json(&accept).send().await.expect("an answer");
    assert_eq!(accepted.status(), 200);
    let (_, members) = console.send("GET", "/members", &Value::Null).await;
    let all = members["members"].as_array().expect("members");
    let member = all.iter().find(|one| one["email"] == email).expect("the new member");
    let path = format!("/members/{}", member["account"].as_str().expect("an account"));
    assert_eq!(console.send("DELETE", &path, &Value::Null).await.0, 204);
    invite(console, email).await
}

#[test]
fn an_invitation_survives_a_reload_and_the_way_back_and_says_when_it_is_used() {
    with_console(async |console| {
        let link = invite(&console, "first@example.net").await;
        let other = invite(&console, "other@example.net").await;
        console.sign_out().await;
        console.open_link(&link).await;
        console.says("first@example.net").await;
        console.client.refresh().await.expect("a reload");
        console.says("first@example.net").await;
        // Another one in the same tab, and back to the first.
        console.client.goto(&other).await.expect("the link opens");
        console.says("other@example.net").await;
        console.client.back().await.expect("back");
        console.says("first@example.net").await;
        console.fill("Your name", "First").await;
        console.fill("Password", PASSWORD).await;
        console.press("Create an account and accept").await;
        console.shows_heading("Halden & Vale").await;

        console.open_link(&link).await;
        console.says("has been used or withdrawn, or has expired").await;
        console.follow("Open the console").await;
        console.shows_heading("Halden & Vale").await;
        console.open_link(&format!("{}/console/invitation", console.origin)).await;
        console.says("This link is incomplete").await;
    });
}

#[test]
fn what_an_address_says_happened_is_said_once() {
    with_console(async |console| {
        console.go_in("/sources?consent=refused&reason=expired").await;
        console.says("Entra ID was not connected.").await;
        console.says("press Connect again").await;
        let address: String = console.get("location.search").await;
        assert_eq!(address, "");
        console.client.refresh().await.expect("a reload");
        console
            .until(
                "document.querySelectorAll('.source').length > 2 || document.querySelectorAll('main .card').length > 2",
            )
            .await;
        let said: bool = console.get("document.body.innerText.includes('Entra ID was not connected.')").await;
        assert!(!said, "it did not happen again");

        let rules = format!("fetch('/api/v1/tenants/{}/rules').then((answer) => answer.json())", console.tenant);
        let rules = format!("{rules}.then((list) => list.rules.length)");
        let before: usize = console.get(&rules).await;
        console.go_in("/rules?give=full").await;
        console.until("document.querySelector('.saving')?.innerText === 'Saved'").await;
        assert_eq!(console.get::<usize>(&rules).await, before + 1, "a rule that gives the template");
        // Neither a reload nor the way back makes another one.
        console.client.refresh().await.expect("a reload");
        console.until("!!document.querySelector('h1')?.innerText").await;
        console.client.back().await.expect("back");
        console.until("location.pathname.endsWith('/rules') && !!document.querySelector('.rule')").await;
        assert_eq!(console.get::<usize>(&rules).await, before + 1, "it did not happen again");
        assert_eq!(console.send("DELETE", "/rules/unpublished", &Value::Null).await.0, 200);

        console.sign_out().await;
        console.go("/console/sign-in?error=denied&return=/console/account").await;
        console.says("did not let you in").await;
        console.client.refresh().await.expect("a reload");
        console.says("Sign in").await;
        console.fill("Address", "admin@example.com").await;
        console.fill("Password", "paraph demo console\u{E007}").await;
        console.shows_heading("Your account").await;
        // Signed in already, in another tab for instance: nothing to do there.
        console.go("/console/sign-in?return=/console/account").await;
        console.shows_heading("Your account").await;
    });
}
