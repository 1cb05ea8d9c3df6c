//! Sign-in with an identity provider after linking it, and a connector's secret whose creator has left.

use crate::page::{Console, PATIENCE, with_console};
use api::console::{Role, Scope, paths};
use fantoccini::Locator;
use neighbours::oidc::{BROWSING, CLIENT, FakeOidc, SECRET};
use serde_json::json;
use tests::app::{TENANT, TestApp};
use tests::console::PASSWORD;

/// Signs in as the owner, on a server of the test's own.
async fn sign_in(demo: &Console, app: &TestApp) -> Console {
    let console = demo.elsewhere(&app.url, app.tenant_id(TENANT).await);
    console.sign_out().await;
    console.go("/console/sign-in").await;
    console.fill("Address", "owner@example.com").await;
    console.fill("Password", &format!("{PASSWORD}\u{E007}")).await;
    console.until("location.pathname === '/console/tenants'").await;
    console
}

/// Follows the link with these words.
async fn follow(console: &Console, words: &str) {
    let found = format!("//a[normalize-space(.)={}]", json!(words));
    let link = console.client.wait().at_most(PATIENCE).for_element(Locator::XPath(&found)).await.expect(words);
    link.click().await.expect("a click");
}

#[test]
fn the_first_owner_links_the_provider_by_its_button_and_signs_in_with_it() {
    with_console(async |demo| {
        let provider = FakeOidc::start().await;
        let app = TestApp::start_with(|config| {
            config.console.oidc_issuer.clone_from(&provider.url);
            config.console.oidc_client_id = CLIENT.into();
            config.console.oidc_client_secret = SECRET.into();
        })
        .await;
        provider.set_now(app.clock.now_ms());
        drop(app.owner().await);
        let console = sign_in(&demo, &app).await;
        console.go("/console/account").await;
        console.press("Link with Entra ID").await;
        console.fill("Your password", "not the password, no").await;
        console.press("Continue to sign-in").await;
        console.says("This is not your password.").await;
        console.fill("Your password", PASSWORD).await;
        console.press("Continue to sign-in").await;
        follow(&console, &format!("Continue as {BROWSING}")).await;
        console.says("Your account is linked.").await;
        console.says(&format!("You can sign in with Entra ID, as {BROWSING}@provider.example.")).await;

        console.sign_out().await;
        console.go("/console/sign-in").await;
        follow(&console, "Sign in with Entra ID").await;
        follow(&console, &format!("Continue as {BROWSING}")).await;
        console.until("location.pathname === '/console/tenants'").await;

        console.go("/console/account").await;
        console.press("Unlink from Entra ID").await;
        console.fill("Your password", PASSWORD).await;
        console.press("Unlink").await;
        console.says("Your account is unlinked.").await;
        console.press("Link with Entra ID").await;
    });
}

#[test]
fn a_connector_s_secret_is_taken_over_by_its_button() {
    with_console(async |demo| {
        let app = TestApp::start().await;
        let owner = app.owner().await;
        let tenant = app.tenant_id(TENANT).await;
        let admin = app.member(&owner, &tenant, Role::Admin).await;
        let new = json!({ "name": "HR database", "scopes": [Scope::DatabaseUpload], "days": 30 });
        admin.send("POST", &paths::TOKENS.replace("{tenant}", &tenant), &new).await;
        let account = admin.get(paths::SESSION).await.json()["account"].as_str().expect("an account").to_owned();
        owner.delete(&paths::MEMBER.replace("{tenant}", &tenant).replace("{account}", &account)).await;
        let console = sign_in(&demo, &app).await;
        console.go_in("/sources").await;
        console.says("The secret “HR database” is refused because").await;
        console.go_in("/database").await;
        console.says("Refused").await;
        console.press("Take over HR database").await;
        console.run("document.querySelector('dialog[open] button[type=submit]').click()").await;
        console.says("HR database works again").await;
        console.until("!document.querySelector('main').innerText.includes('is refused')").await;
    });
}
