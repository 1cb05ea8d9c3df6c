//! What members of each role are led to: nothing that the server then refuses them.

use crate::page::{Console, with_console};
use fantoccini::Locator;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const PASSWORD: &str = "an engine of analysis";

impl Console {
    /// Signs the browser in as a new member of this role.
    pub(crate) async fn become_a(&self, role: &str, email: &str) {
        let (status, invited) = self.send("POST", "/invitations", &json!({ "email": email, "role": role })).await;
        assert_eq!(status, 201, "{invited}");
        self.accept(invited["link"].as_str().expect("a link"), role).await;
    }

    /// Signs the browser in as whom this link invites.
    async fn accept(&self, link: &str, role: &str) {
        let code = link.split_once('#').expect("a link with a code").1;
        self.sign_out().await;
        let accept = json!({ "code": code, "name": role, "password": PASSWORD }).to_string();
        let accepted: u16 = self
            .get(&format!(
                "fetch('/api/v1/invitation/accept', {{ method: 'POST', headers: {{ 'content-type': 'application/json' }}, \
                 body: {} }}).then((answer) => answer.status)",
                json!(accept)
            ))
            .await;
        assert_eq!(accepted, 200, "{role}");
    }

    /// Chooses in the list with this label.
    async fn select(&self, label: &str, value: &str) {
        let found = format!("//select[@id=//label[starts-with(normalize-space(.), {})]/@for]", json!(label));
        let list = self.client.find(Locator::XPath(&found)).await.expect(label);
        list.select_by_value(value).await.expect(value);
    }

    /// Ticks what has this label.
    async fn tick(&self, label: &str) {
        let found = format!("//input[@id=//label[normalize-space(.)={}]/@for]", json!(label));
        self.client.find(Locator::XPath(&found)).await.expect(label).click().await.expect("a click");
    }

    /// Waits until the page and everything in it is there.
    pub(crate) async fn is_there(&self) {
        self.until(
            "!!document.querySelector('h1')?.innerText && !document.querySelector('[aria-busy=true], .skeleton')",
        )
        .await;
    }

    /// Pictures of the page wide and narrow, light and dark, into the folder that `PARAPH_SCREENSHOTS` names; and nothing
    /// may be wider than a telephone.
    async fn keep_pictures(&self, role: &str, page: &str) {
        let name = page.trim_start_matches("/console/tenants/").replace('/', "-");
        let name = format!("{role}{}", name.trim_start_matches(&self.tenant));
        for (width, height) in [(375, 1800), (1280, 1200)] {
            self.devtools.size(width, height).await.expect("a size");
            let over: i64 =
                self.get("document.documentElement.scrollWidth - document.documentElement.clientWidth").await;
            assert!(over <= 0, "{name} at {width}: {over} pixels too wide");
            if std::env::var_os("PARAPH_SCREENSHOTS").is_some() {
                for dark in [false, true] {
                    self.theme(dark).await;
                    let theme = if dark { "dark" } else { "light" };
                    self.keep_picture(&format!("{name}-{width}-{theme}")).await;
                }
                self.theme(false).await;
            }
        }
        self.devtools.own_size().await.expect("the window");
    }

    /// Paths of the tenant's pages that this page leads to, as a template: one of each kind is enough.
    async fn leads_to(&self) -> Vec<String> {
        let base = format!("/console/tenants/{}", self.tenant);
        self.get(&format!(
            "[...document.querySelectorAll('a[href]')].filter((one) => one.origin === location.origin \
             && one.pathname.startsWith({}) && !one.hasAttribute('download') && one.checkVisibility()) \
             .map((one) => one.pathname + one.search)",
            json!(base)
        ))
        .await
    }
}

/// The path without the id of one thing and without its query.
fn kind(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    path.split('/').take(5).collect::<Vec<_>>().join("/") + if path.split('/').count() > 5 { "/…" } else { "" }
}

/// Walks everything that the console leads this member to; what was refused to them.
async fn walk(console: &Console, role: &str) -> (BTreeSet<String>, Vec<String>) {
    let mut refused = Vec::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![format!("/console/tenants/{}", console.tenant)];
    while let Some(path) = open.pop() {
        if !seen.insert(kind(&path)) {
            continue;
        }
        console.go(&path).await;
        console.is_there().await;
        let bad: Vec<Value> = console
            .get(
                "[...performance.getEntriesByType('resource').filter((one) => [403, 404].includes(one.responseStatus)) \
                 .map((one) => one.responseStatus + ' ' + new URL(one.name).pathname), \
                 ...[...document.querySelectorAll('.card.message')].map((one) => one.innerText) \
                 .filter((words) => /not for your role|could not be loaded|no such page/i.test(words))]",
            )
            .await;
        console.keep_pictures(role, &kind(&path)).await;
        refused.extend(bad.into_iter().map(|one| format!("{path}: {one}")));
        open.extend(console.leads_to().await);
    }
    (seen, refused)
}

#[test]
fn nobody_is_led_to_what_their_role_may_not_see() {
    with_console(async |console| {
        for role in ["viewer", "editor", "admin", "owner"] {
            console.page_sign_in().await;
            console.become_a(role, &format!("{role}@walk.example")).await;
            let (seen, refused) = walk(&console, role).await;
            assert!(refused.is_empty(), "{role}: {refused:#?}");
            let is_admin = ["admin", "owner"].contains(&role);
            for page in ["audit", "members", "tokens"] {
                let path = format!("/console/tenants/{}/{page}", console.tenant);
                assert_eq!(seen.contains(&path), is_admin, "{role}, {page}");
                if !is_admin {
                    // From a bookmark, or a link that somebody sent.
                    console.go(&path).await;
                    console.says("Not for your role").await;
                    console.follow("Overview").await;
                    console.until("document.querySelector('h1')?.innerText === 'Halden & Vale'").await;
                }
            }
            assert!(seen.len() > 15, "{role}: {seen:?}");
            console.go_in("/sources").await;
            console.is_there().await;
            let imports: bool = console.get("document.body.innerText.includes('Import a file')").await;
            assert_eq!(imports, role != "viewer", "{role}");
            console.go_in("/rules").await;
            console.says(if role == "viewer" { "Read-only" } else { "Saved" }).await;
        }
    });
}

#[test]
fn an_editor_who_is_limited_to_a_folder_is_invited_works_there_and_is_led_nowhere_else() {
    with_console(async |console| {
        let template = json!({ "name": "Nordisk", "folder": "Nordic", "html": "<p>{{ display_name }}</p>" });
        let (status, nordic) = console.send("POST", "/templates", &template).await;
        assert_eq!(status, 201, "{nordic}");
        let (_, all) = console.send("GET", "/templates", &Value::Null).await;
        let other = all["templates"].as_array().expect("templates").iter().find(|row| row["folder"] != "Nordic");
        let other = other.expect("one elsewhere")["id"].as_str().expect("an id").to_owned();

        console.go_in("/members").await;
        console.is_there().await;
        console.press("Invite a person").await;
        console.fill("Address", "nora@nordic.example").await;
        console.select("Role", "editor").await;
        console.tick("Only some folders or brands").await;
        console.press("Create the link").await;
        console.says("Choose at least one folder or brand, or enter a folder.").await;
        console.tick("Nordic").await;
        console.keep_picture("limits").await;
        console.press("Create the link").await;
        console.says("Send this link to nora@nordic.example").await;
        let link: String = console.get("document.querySelector('dialog[open] code').innerText").await;
        console.accept(&link, "Nora").await;

        let (seen, refused) = walk(&console, "limited").await;
        assert!(refused.is_empty(), "{refused:#?}");
        assert!(seen.len() > 15, "{seen:?}");
        console.go_in(&format!("/templates/{}", nordic["template"]["id"].as_str().expect("an id"))).await;
        console.says("Saved").await;
        console.press("Settings").await;
        let folders: Vec<String> = console
            .get("[...document.querySelectorAll('dialog[open] select')[0].options].map((one) => one.value)")
            .await;
        assert_eq!(folders, ["Nordic"]);
        console.go_in(&format!("/templates/{other}")).await;
        console.says("Read-only").await;
        console.go_in("/rules").await;
        console.says("Read-only").await;
        console.go_in("/changes").await;
        console.says("Template “Nordisk”").await;
        console.press("Publish …").await;
    });
}

#[test]
fn who_has_no_tenant_is_told_what_they_can_do_about_it() {
    with_console(async |console| {
        // Somebody whose role was taken away.
        let email = "nobody@roles.example";
        console.become_a("viewer", email).await;
        let account: String = console
            .get("fetch('/api/v1/session').then((answer) => answer.json()).then((session) => session.account)")
            .await;
        console.page_sign_in().await;
        let (status, answer) = console.send("DELETE", &format!("/members/{account}"), &Value::Null).await;
        assert_eq!(status, 204, "{answer}");
        console.sign_out().await;
        console.go("/console").await;
        console.fill("Address", email).await;
        console.fill("Password", &format!("{PASSWORD}\u{E007}")).await;
        console.says("No tenants yet").await;
        console.says("Ask an admin").await;
        let offered: bool = console.get("document.body.innerText.includes('New tenant')").await;
        assert!(!offered);
    });
}
