//! schemathesis asks the API whatever its document allows and does not allow: no 5xx, no answer that the document does not
//! describe.

use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Command;
use tests::browser::Server;
use tests::tools;

/// Cases for each operation besides those that cover its parameters one by one.
const EXAMPLES: &str = "10";
/// Hypothesis, which makes up the cases, is not safe in several threads: two of them once ended a run with "inconsistent
/// results". Python's global lock lets them gain nothing anyway.
const WORKERS: &str = "1";
/// Ends the session that it asks with.
const LEFT_OUT: &str = "/api/v1/session$|/account/sessions";

fn schemathesis() -> PathBuf {
    let program = tools().join("python/bin/schemathesis");
    assert!(program.exists(), "{} is missing: run `cargo xtask setup`", program.display());
    program
}

/// The demo's admin: cookie, CSRF value, tenant.
async fn sign_in(origin: &str) -> (String, String, String) {
    let body = json!({ "email": "admin@example.com", "password": "paraph demo console" });
    let request = tests::http::client().post(format!("{origin}/api/v1/sign-in")).header("origin", origin).json(&body);
    let answer = request.send().await.expect("the server answers");
    let cookie = answer.headers()["set-cookie"].to_str().expect("text").split(';').next().expect("a cookie").to_owned();
    let session: Value = answer.json().await.expect("a session");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    (cookie, text(&session["csrf"]), text(&session["tenants"][0]["id"]))
}

#[test]
fn schemathesis_finds_no_5xx_and_no_schema_violation() {
    let server = Server::start().expect("the server starts");
    let origin = &server.origin;
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (cookie, csrf, tenant) = runtime.block_on(sign_in(origin));
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("schemathesis.toml"), format!("[parameters]\n\"tenant\" = \"{tenant}\"\n"))
        .expect("the configuration");
    let headers = [format!("Cookie: {cookie}"), format!("x-paraph-csrf: {csrf}"), format!("origin: {origin}")];
    let output = Command::new(schemathesis())
        .current_dir(folder.path())
        .args(["run", &format!("{origin}/api/v1/openapi.json"), "--url", origin])
        .args(headers.iter().flat_map(|header| ["-H", header.as_str()]))
        .args(["--checks", "not_a_server_error,response_schema_conformance,content_type_conformance"])
        .args(["--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES, "--workers", WORKERS])
        .args(["--exclude-path-regex", LEFT_OUT, "--generation-deterministic", "--no-color"])
        .output()
        .expect("schemathesis runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("generated"), "{text}");
}
