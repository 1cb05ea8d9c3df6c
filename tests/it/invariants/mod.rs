//! The README's invariants by their numbers: 5 and 12 come with the relay and the sync.

mod parameters;
mod promises;
mod rooms;

use axum::http::StatusCode;
use paraph::http::api_routes;
use serde_json::json;
use std::process::Command;
use tests::app::{ADA, GRACE, STRANGER, TestApp};
use tests::root;

/// Every source file below `folder`, with its text and its path from the root, `/` between the parts.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            let is_source = path.extension().is_some_and(|extension| extension == "rs" || extension == "js");
            if path.is_dir() {
                folders.push(path);
            } else if is_source {
                let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
                found.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

/// Code lines only: prose may name what code must not use.
fn uses(text: &str, word: &str) -> bool {
    text.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(word))
}

fn assert_only_in(folders: &[&str], word: &str, allowed: impl Fn(&str) -> bool) {
    for (name, text) in folders.iter().flat_map(|folder| sources(folder)) {
        assert!(allowed(&name) || !uses(&text, word), "{name} uses {word}");
    }
}

#[test]
fn invariant_1_the_core_depends_on_nothing_that_waits_or_reaches_out() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--package", "email-signature", "--edges", "normal", "--prefix", "none"])
        .current_dir(root())
        .output()
        .unwrap();
    let tree = String::from_utf8(tree.stdout).unwrap();
    assert!(tree.contains("minijinja"), "{tree}");
    let forbidden = ["tokio", "futures", "async-std", "smol", "mio", "reqwest", "hyper", "socket2", "sqlx", "tracing"];
    for line in tree.lines() {
        let name = line.split(' ').next().unwrap_or_default();
        let is_forbidden = forbidden.iter().any(|bad| name == *bad || name.starts_with(&format!("{bad}-")));
        assert!(!is_forbidden, "email-signature depends on {line}");
    }
    for word in ["std::fs", "std::net", "std::env", "std::process", "std::thread", "SystemTime", "Instant", "async fn"]
    {
        assert_only_in(&["crates/email-signature/src"], word, |_| false);
    }
}

#[test]
fn invariant_2_everything_foreign_has_one_place() {
    // The connector's business is other people's databases, and one neighbour is such a database.
    let stores = ["backend/src/store/", "crates/connector/", "crates/neighbours/src/tds/"];
    let is_store = |name: &str| stores.iter().any(|store| name.starts_with(store));
    assert_only_in(&["backend/src", "frontend/src", "crates"], "sqlx", is_store);
    let is_http = |name: &str| name.starts_with("backend/src/http/");
    assert_only_in(&["backend/src", "crates/email-signature", "crates/api"], "StatusCode", is_http);
    // The two plain scripts run where the pane's WASM does not: in the event runtime and in the sign-in window.
    let is_fetch = |name: &str| {
        name.starts_with("frontend/src/api/") || ["assets/launchevent.js", "assets/auth.js"].contains(&name)
    };
    for word in ["gloo_net", "fetch(", "XMLHttpRequest", "fetch_with"] {
        assert_only_in(&["frontend/src", "assets"], word, is_fetch);
    }
    let is_office = |name: &str| {
        name.starts_with("frontend/src/office.") || ["assets/launchevent.js", "assets/auth.js"].contains(&name)
    };
    for word in ["Office.", "OfficeRuntime"] {
        assert_only_in(&["frontend/src", "assets"], word, is_office);
    }
    for word in ["paraph", "api::", "email_signature"] {
        assert_only_in(&["crates/neighbours/src"], word, |_| false);
    }
}

/// Whether a word stands in a text by itself, prose included.
fn names(text: &str, word: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        !before.ends_with(is_part) && !after.starts_with(is_part)
    })
}

/// What is stored and what is sent change for different reasons: `http` converts the one into the other.
#[test]
fn the_store_knows_no_wire_type() {
    for text in ["use api::console::Role;", "use ::api as wire;", "/// As [`api::Draft`] has it."] {
        assert!(names(text, "api"), "{text}");
    }
    for text in ["an API token", "rapid", "api_routes"] {
        assert!(!names(text, "api"), "{text}");
    }
    let store = sources("backend/src/store");
    assert!(store.iter().any(|(name, _)| name == "backend/src/store/mod.rs"));
    for (name, text) in store {
        assert!(!names(&text, "api"), "{name} names the wire types");
    }
}

#[test]
fn invariant_7_time_comes_from_the_clock_and_tests_do_not_sleep() {
    let is_clock = |name: &str| name == "backend/src/clock.rs";
    assert_only_in(&["backend/src"], "SystemTime::now", is_clock);
    // Put together here so that this file does not hold it.
    let sleep = ["sleep", "("].concat();
    // It kills programs in the middle of what they do, which is at some time.
    let waits = |name: &str| name == "tests/it/connector/kills.rs";
    assert_only_in(&["tests/it", "tests/src"], &format!("time::{sleep}"), waits);
    assert_only_in(&["tests/it", "tests/src"], &format!("thread::{sleep}"), |_| false);
    // Faults of programs and databases that run by themselves: time is part of them, or of waiting for their end.
    let programs = ["serving", "kills", "load"].map(|name| format!("tests/src/{name}.rs"));
    let faults = |name: &str| {
        name.starts_with("tests/it/faults/")
            || name == "tests/it/store/database.rs"
            || programs.iter().any(|program| program == name)
    };
    assert_only_in(&["tests/it", "tests/src"], &format!("system().{sleep}"), faults);
}

#[test]
fn a_draft_is_an_email_and_no_template() {
    for (name, text) in sources("backend/src/store/design") {
        assert!(!text.to_lowercase().contains("draft"), "{name} calls something a draft");
    }
}

/// What stands in the first tenant and in no other.
const FIRST_TENANTS: [&str; 9] =
    ["Lovelace", "Hopper", "Turing", "Analyst", "SECRET-BADGE", "Help desk", "Engine room", "Everyone", "example.com"];

#[tokio::test]
async fn invariant_9_a_stranger_from_another_tenant_sees_nothing() {
    let app = TestApp::start().await;
    // With the first tenant in memory, as it is when its people are at work.
    app.post(api::paths::SIGNATURE, ADA, &json!({ "kind": "new" })).await;
    // Bodies that name what belongs to the first tenant, in every field that the API has.
    let bodies = [
        json!({ "kind": "new", "from": ADA.address, "choice": "short", "fields": {} }),
        json!({ "kind": "new", "from": "desk@example.com", "fields": { "badge": "mine" } }),
        json!({ "kind": "new", "recipients": [{ "address": GRACE.address }], "choice": "long",
                "fields": { "pronouns": null } }),
    ];
    // What takes a person's token; the console's routes have a walk of their own.
    let routes: Vec<_> = api_routes().into_iter().filter(|(_, _, who)| who == "person").collect();
    assert!(routes.len() >= 4);
    for (method, path, _) in routes {
        let method = method.as_str();
        assert!(path.starts_with("/api/v1/"), "{path}");
        let nobody = app.send(app.request(method, &path).json(&bodies[0])).await;
        assert_eq!(nobody.status, StatusCode::UNAUTHORIZED, "{method} {path} without a token");
        for body in &bodies {
            for id in ["", "ada", "long", "everyone", "group-engine"] {
                let path = path.replace("{id}", id);
                let request = app.request(method, &path).bearer_auth(app.token(STRANGER)).json(body);
                let answer = app.send(request).await;
                assert!(answer.status.as_u16() < 500, "{method} {path}: {}", answer.text());
                for secret in FIRST_TENANTS {
                    assert!(!answer.text().contains(secret), "{method} {path} shows {secret}: {}", answer.text());
                }
            }
        }
    }
    let own = app.get_with(api::paths::ME, &app.token(STRANGER)).await.json();
    assert_eq!(own["senders"], json!([STRANGER.address]));
    // An object id of the first tenant under a token of the second is nobody.
    let mixed = app.token_with(STRANGER, |claims| claims["oid"] = json!(ADA.oid));
    assert_eq!(app.get_with(api::paths::ME, &mixed).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn invariant_9_an_image_is_found_below_its_own_tenant_only() {
    let app = TestApp::start().await;
    let html = app.post(api::paths::SIGNATURE, GRACE, &json!({ "kind": "new" })).await.json()["html"].to_string();
    let path = html[html.find("/images/").unwrap()..].split(['"', '\\']).next().unwrap().to_owned();
    assert_eq!(app.get(&path).await.status, StatusCode::OK, "{path}");
    let tenant = path.split('/').nth(2).unwrap();
    let other = app.app.tenants.of_entra(STRANGER.tid).await.unwrap().unwrap();
    assert_eq!(app.get(&path.replace(tenant, &other.id)).await.status, StatusCode::NOT_FOUND);
}
