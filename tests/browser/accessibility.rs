//! axe-core finds nothing serious on any page, light and dark.

use crate::console::PAGES;
use crate::page::{Console, Page, with_console, with_page, with_window};
use crate::studio;
use axum::http::{StatusCode, Uri, header};
use axum::response::IntoResponse as _;
use fantoccini::{Client, Locator};
use serde_json::Value;
use std::path::PathBuf;
use tests::{root, tools};

/// What else is looked at in a tenant: the studio's pages.
const STUDIO: [&str; 6] =
    ["/rules", "/rules/report", "/simulation?person=grace-okafor", "/simulation?who=all", "/changes", "/campaigns"];

pub(crate) fn axe() -> String {
    let file = tools().join("node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(file).expect("axe-core is installed: run `cargo xtask setup`")
}

/// What axe-core finds in the frame that the client is in once its colours are still, as `rule: element`, serious and critical
/// ones, and headings that skip a level or are missing.
async fn findings(client: &Client, axe: &str) -> Vec<String> {
    const RUN: &str = "const moving = document.getAnimations().filter((one) => one instanceof CSSTransition); \
        return Promise.allSettled(moving.map((one) => one.finished)) \
        .then(() => axe.run(document, { resultTypes: ['violations'], iframes: false })).then((found) => \
        JSON.stringify(found.violations.filter((one) => ['serious', 'critical'].includes(one.impact) || \
        ['heading-order', 'empty-heading', 'page-has-heading-one'].includes(one.id)) \
        .flatMap((one) => one.nodes.map((node) => one.id + ': ' + node.html.slice(0, 200) + ' ' + \
        (node.failureSummary || '').slice(0, 300)))))";
    client.execute(axe, Vec::new()).await.expect("axe-core runs");
    let found = client.execute(RUN, Vec::new()).await.expect("axe-core looks");
    serde_json::from_str(found.as_str().unwrap_or_default()).expect("findings")
}

pub(crate) async fn in_both_themes(console: &Console, place: &str, axe: &str, all: &mut Vec<String>) {
    for dark in [false, true] {
        console.theme(dark).await;
        let theme = if dark { "dark" } else { "light" };
        all.extend(findings(&console.client, axe).await.into_iter().map(|one| format!("{place}, {theme}: {one}")));
    }
    console.theme(false).await;
}

#[test]
fn axe_finds_nothing_serious_in_the_console() {
    let axe = axe();
    with_console(async |console| {
        let mut all = Vec::new();
        let person: Value = console
            .get(&format!("fetch('/api/v1/tenants/{}/people?limit=1').then((answer) => answer.json())", console.tenant))
            .await;
        let person = format!("/people/{}", person["people"][0]["id"].as_str().expect("somebody"));
        let rules: Value = console
            .get(&format!("fetch('/api/v1/tenants/{}/rules').then((answer) => answer.json())", console.tenant))
            .await;
        let rule = format!("/rules/{}", rules["rules"][0]["rule"]["id"].as_str().expect("a rule"));
        let mut rows = console.rows("+49 30 1", 2).await;
        rows.as_array_mut().expect("rows").push(serde_json::json!(["nobody", "+49 30 1"]));
        let run = console.upload(&console.secret("axe").await, &rows, true).await;
        console.run_is(&run, "planned").await;
        let run = format!("/runs/{run}");
        let of_one = [person.as_str(), rule.as_str(), run.as_str()];
        for page in PAGES.into_iter().chain(studio::PAGES).chain(STUDIO).chain(of_one) {
            console.go_in(page).await;
            console
                .until("!!document.querySelector('h1')?.innerText && !document.querySelector('[aria-busy=true]')")
                .await;
            in_both_themes(&console, page, &axe, &mut all).await;
        }
        for page in ["/console/tenants", "/console/account"] {
            console.go(page).await;
            console
                .until("!!document.querySelector('h1')?.innerText && !document.querySelector('[aria-busy=true]')")
                .await;
            in_both_themes(&console, page, &axe, &mut all).await;
        }
        let invitation = crate::start::first_use::invite(&console, "axe@example.net").await;
        let known = crate::start::first_use::invite_known(&console, "axe-known@example.net").await;
        console.sign_out().await;
        let at = |path: &str| format!("{}{path}", console.origin);
        // Each with what it shows: forms, and what is shown in their place.
        let outside = [
            (at("/console/sign-in"), "Password"),
            (at("/console/sign-in?error=denied"), "did not let you in"),
            (at("/console/setup#x"), "already set up"),
            (at("/console/invitation#x"), "has been used"),
            (at("/console/invitation"), "incomplete"),
            (invitation, "Create an account and accept"),
            (known, "You already have an account"),
        ];
        for (link, shows) in outside {
            console.open_link(&link).await;
            console.says(shows).await;
            in_both_themes(&console, &link, &axe, &mut all).await;
        }
        assert!(all.is_empty(), "{all:#?}");
    });
}

#[test]
fn axe_finds_nothing_serious_in_any_piece_that_pages_are_put_together_from() {
    let axe = axe();
    let folder = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir));
    let server = crate::page::wait(serve_folder(folder.join("pages/pieces")));
    with_window(&server.clone(), async |page| {
        let console = Console::of(page);
        let mut all = Vec::new();
        console.go("/index.html").await;
        // Those that wait are there as well.
        console.says("Steps and progress").await;
        in_both_themes(&console, "pieces", &axe, &mut all).await;
        console.press("Two versions").await;
        console.says("Changed in the meantime").await;
        in_both_themes(&console, "two versions", &axe, &mut all).await;
        assert!(all.is_empty(), "{all:#?}");
    });
}

/// Serves the files of a folder for as long as the tests run; its origin.
async fn serve_folder(folder: PathBuf) -> String {
    assert!(folder.join("index.html").exists(), "the pieces are built: run `cargo xtask pieces`");
    let file = async move |uri: Uri| {
        let name = uri.path().trim_start_matches('/').to_owned();
        let kind = match name.rsplit_once('.').map(|(_, kind)| kind) {
            Some("html") => "text/html",
            Some("js") => "text/javascript",
            Some("css") => "text/css",
            _ => "application/wasm",
        };
        std::fs::read(folder.join(&name)).map_or_else(
            |_| StatusCode::NOT_FOUND.into_response(),
            |bytes| ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
        )
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async { axum::serve(listener, axum::Router::new().fallback(file)).await });
    format!("http://{address}")
}

#[test]
fn axe_finds_nothing_serious_on_a_server_that_nobody_has_used() {
    let axe = axe();
    let serving = crate::page::wait(crate::start::first_use::new_server());
    let link = crate::start::first_use::set_up_link(&serving);
    with_window(&serving.url.clone(), async |page| {
        let console = Console::of(page);
        let mut all = Vec::new();
        console.open_link(&format!("{}/console/setup", console.origin)).await;
        console.says("incomplete").await;
        in_both_themes(&console, "set-up without a code", &axe, &mut all).await;
        console.open_link(&format!("{}/console/sign-in", console.origin)).await;
        console.says("Nobody has an account here yet").await;
        in_both_themes(&console, "sign-in before the set-up", &axe, &mut all).await;
        console.open_link(&link).await;
        console.press("Create the account").await;
        console.says("Enter your name.").await;
        in_both_themes(&console, "set-up with errors", &axe, &mut all).await;
        console.type_account().await;
        console.press("Create the account").await;
        console.says("No tenants yet").await;
        in_both_themes(&console, "no tenant", &axe, &mut all).await;
        console.press("New tenant").await;
        in_both_themes(&console, "new tenant", &axe, &mut all).await;
        assert!(all.is_empty(), "{all:#?}");
    });
}

#[test]
fn axe_finds_nothing_serious_in_the_simulator_and_in_the_pane() {
    let axe = axe();
    with_page(async |page: Page| {
        page.sign_in(|_| true).await;
        page.run("await simulator.compose('new'); simulator.openPane()").await;
        crate::addin::panes::says(&page, "Insert now").await;
        let mut all = Vec::new();
        for dark in [false, true] {
            page.theme(dark).await;
            let theme = if dark { "dark" } else { "light" };
            let found = findings(&page.client, &axe).await;
            all.extend(found.into_iter().map(|one| format!("simulator, {theme}: {one}")));
            let frame = page.client.find(Locator::Css("#pane iframe")).await.expect("the pane");
            frame.enter_frame().await.expect("its frame");
            all.extend(findings(&page.client, &axe).await.into_iter().map(|one| format!("pane, {theme}: {one}")));
            page.client.enter_parent_frame().await.expect("the page");
        }
        page.theme(false).await;
        assert!(all.is_empty(), "{all:#?}");
    });
}
