//! The console, as an admin walks it.

use crate::page::{Console, PATIENCE, with_console};
use fantoccini::Locator;
use serde_json::{Value, json};

/// What is looked at on every page of a tenant.
pub(crate) const PAGES: [&str; 12] = [
    "",
    "/people",
    "/groups",
    "/fields",
    "/imports",
    "/deployment",
    "/clients",
    "/audit",
    "/members",
    "/tokens",
    "/settings",
    "/api",
];

impl Console {
    /// Types into the field with this label.
    async fn fill(&self, label: &str, text: &str) {
        let found = format!("//label[normalize-space(.)={0} or starts-with(normalize-space(.), {0})]", json!(label));
        let label = self.client.wait().at_most(PATIENCE).for_element(Locator::XPath(&found)).await.expect(label);
        let id = label.attr("for").await.expect("the label").expect("a label is for a field");
        let field = self.client.find(Locator::Css(&format!("[id={}]", json!(id)))).await.expect("the field");
        field.clear().await.expect("an empty field");
        field.send_keys(text).await.expect("typing");
    }

    /// Presses the button with these words.
    async fn press(&self, words: &str) {
        let found = format!("//button[normalize-space(.)={0} or @aria-label={0}]", json!(words));
        let button = self.client.wait().at_most(PATIENCE).for_element(Locator::XPath(&found)).await.expect(words);
        button.click().await.expect("a click");
    }

    /// Waits until the page shows these words.
    async fn says(&self, words: &str) {
        self.until(&format!("document.body.innerText.includes({})", json!(words))).await;
    }
}

#[test]
fn an_admin_signs_in_with_the_keyboard_and_out_again() {
    with_console(async |console| {
        console.sign_out().await;
        console.go("/console").await;
        console.says("Sign in").await;
        console.fill("Address", "admin@example.com").await;
        console.fill("Password", "not the password, no").await;
        console.press("Sign in").await;
        console.says("address, password or code is wrong").await;
        console.fill("Password", "paraph demo console\u{E007}").await;
        console.until("document.querySelector('h1')?.innerText === 'Halden & Vale'").await;
        let focused: String = console.get("document.activeElement.tagName").await;
        assert_eq!(focused, "H1", "the page is announced");
    });
}

#[test]
fn people_are_searched_and_one_gets_a_value_of_the_admins() {
    with_console(async |console| {
        console.go_in("/people").await;
        console.says("Fiona MacRae").await;
        let search = console.client.find(Locator::Css("input[type=search]")).await.expect("the search");
        search.send_keys("okafor").await.expect("typing");
        console.until("document.querySelectorAll('tbody tr').length === 1").await;
        let grace = Locator::XPath("//tbody//a[contains(., 'Grace Okafor')]");
        console.client.find(grace).await.expect("Grace").click().await.expect("a click");
        console.until("document.querySelector('h1')?.innerText === 'Grace Okafor'").await;
        console.says("Customer Success Manager").await;
    });
}

#[test]
fn every_page_opens_without_a_complaint() {
    with_console(async |console| {
        for page in PAGES {
            console.go_in(page).await;
            console
                .until("!!document.querySelector('h1')?.innerText && !document.querySelector('[aria-busy=true]')")
                .await;
            let failed: bool = console.get("document.body.innerText.includes('Try again')").await;
            assert!(!failed, "{page} shows an error");
            let wide: bool = console.get("document.documentElement.scrollWidth > innerWidth + 1").await;
            assert!(!wide, "{page} scrolls sideways");
        }
    });
}

#[test]
fn a_tenant_of_another_company_is_not_there() {
    with_console(async |console| {
        console.go("/console/tenants/0123456789abcdef/people").await;
        console.until("!!document.querySelector('h1')?.innerText").await;
        let text: String = console.get("document.body.innerText").await;
        assert!(!text.contains("Halden & Vale\nOverview\nFiona"), "{text}");
        let answer: Value =
            console.get("fetch('/api/v1/tenants/0123456789abcdef/people').then((answer) => answer.status)").await;
        assert_eq!(answer, 404);
    });
}
