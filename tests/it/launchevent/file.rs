//! The file as it is served: its language, its size, its names.

use super::{APPOINTMENT, FROM, HANDLER, NEW, RECIPIENTS, Scene};
use std::{io::Write, process::Command};
use tests::app::TestApp;

/// Parses as ES2016 (`ecmaVersion: 7`) and has no ternary operator, which keeps old classic Outlook from loading a file.
const CHECK: &str = r"
const { parse } = require(process.argv[1] + '/node_modules/acorn');
const source = require('fs').readFileSync(0, 'utf8');
(function walk(node) {
  if (!node || typeof node !== 'object') return;
  if (node.type === 'ConditionalExpression') throw new Error('a ternary operator at ' + node.start);
  Object.values(node).forEach(walk);
})(parse(source, { ecmaVersion: 7, sourceType: 'script' }));
";

/// What keeps a script from being ES2016 without ternaries; empty: nothing.
fn es2016(script: &str) -> String {
    let tools = tests::tools();
    assert!(
        tools.join("node_modules/acorn").is_dir(),
        "acorn, which parses the handler as ES2016, is not in {} (PARAPH_TOOLS): run `cargo xtask setup`",
        tools.display()
    );
    let mut node = Command::new("node")
        .args(["-e", CHECK])
        .arg(&tools)
        .stdin(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("node is installed: run `cargo xtask setup`");
    node.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let output = node.wait_with_output().unwrap();
    if output.status.success() { String::new() } else { String::from_utf8_lossy(&output.stderr).into_owned() }
}

#[test]
fn the_handler_is_es2016_without_ternaries() {
    assert_eq!(es2016(HANDLER), "");
}

#[test]
fn the_handler_is_ascii_so_that_no_client_can_misread_it() {
    assert!(HANDLER.is_ascii());
}

#[tokio::test]
async fn the_handler_weighs_at_most_12_kb_in_brotli() {
    let app = TestApp::start_with(|config| {
        config.server.public_url = "https://signatures.a-rather-long-name.example.com:8443".into();
        config.identity.client_id = "2f1c8a57-93be-4d06-a1e4-7bc05d9f6e38".into();
        config.identity.authority = "https://login.microsoftonline.com/2e9b41d7-6c58-4f0a-b3d6-15a87ce09f42".into();
    })
    .await;
    let served = app.get("/launchevent.js").await.text();
    assert!(served.contains("a-rather-long-name") && served.contains("15a87ce09f42"), "with its settings");
    assert!(!served.contains("\n  // ") && !served.contains("/**"), "without our comments");
    assert_eq!(es2016(&served), "");
    let mut packed = Vec::new();
    brotli::BrotliCompress(
        &mut served.as_bytes(),
        &mut packed,
        &brotli::enc::BrotliEncoderParams { quality: 11, ..Default::default() },
    )
    .unwrap();
    assert!(packed.len() <= 12_000, "{} bytes", packed.len());
}

#[test]
fn the_handlers_own_settings_are_settings() {
    let (_, rest) = HANDLER.split_once("/*settings*/").expect("the place for settings");
    let (defaults, _) = rest.split_once("/*end settings*/").expect("its end");
    serde_json::from_str::<api::Settings>(defaults).expect("the defaults are settings");
}

#[test]
fn the_handler_associates_its_four_functions_and_adds_no_global() {
    let mut scene = Scene::new("var before = Object.getOwnPropertyNames(globalThis);");
    let known: Vec<String> = scene.js("Object.keys(Office.actions.known)");
    assert_eq!(known, [NEW, RECIPIENTS, FROM, APPOINTMENT]);
    let added: Vec<String> = scene.js(
        "Object.getOwnPropertyNames(globalThis).filter(function (name) { return before.indexOf(name) < 0 && name !== 'before'; })",
    );
    assert_eq!(added, [] as [String; 0]);
}

#[test]
fn each_function_of_the_manifest_is_associated() {
    let manifest = include_str!("../../../manifest.xml");
    let names: Vec<&str> =
        manifest.split("FunctionName=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(!names.is_empty());
    let known: Vec<String> = Scene::new("").js("Object.keys(Office.actions.known)");
    for name in names {
        assert!(known.iter().any(|one| one == name), "{name} is not associated");
    }
}

#[test]
fn the_handler_loads_where_office_js_could_not_be_had() {
    Scene::new("Office = undefined;");
    Scene::new("Office.actions = undefined;");
}

#[test]
fn on_a_page_the_handler_tells_office_js_that_it_is_ready() {
    let mut scene = Scene::new("var document = {}; Office.onReady = function () { world.ready = true; };");
    assert!(scene.js::<bool>("world.ready === true"));
}

#[test]
fn the_page_loads_office_js_first_and_blocks_on_both() {
    let page = include_str!("../../../assets/launchevent.html");
    let office = page.find("<script src=\"{{office_js}}\"></script>").unwrap();
    let handler = page.find("<script src=\"/launchevent.js\"></script>").unwrap();
    assert!(office < handler);
}
