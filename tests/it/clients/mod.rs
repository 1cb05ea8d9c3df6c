//! Clients that generators make of the API's document: each makes a template and a rule on the real server, lists the
//! templates, and meets errors. Needs what `cargo xtask setup` installs.

use api::console::paths;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tests::app::{TENANT, TestApp};
use tests::tools;

/// As strict as TypeScript is, with nothing from elsewhere.
const COMPILER: &str = r#"{
    "compilerOptions": {
        "strict": true, "target": "es2022", "lib": ["es2022", "dom"], "module": "nodenext", "types": [], "skipLibCheck": true
    },
    "files": ["client.ts"]
}"#;

/// Runs a program while the server of this test answers it; all that it printed.
async fn run(mut command: Command) -> String {
    let shown = format!("{command:?}");
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap();
    let Output { status, stdout, stderr } = output.unwrap_or_else(|error| panic!("{shown}: {error}"));
    let text = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{shown}: {text}");
    text
}

/// A program with what both clients need in its environment: origin, API token and tenant.
async fn client(app: &TestApp, program: PathBuf) -> Command {
    let owner = app.owner().await;
    let tenant = app.tenant_id(TENANT).await;
    let wanted = json!({ "name": "Generated client", "scopes": ["design:read", "design:write"], "days": 1 });
    let made = owner.send("POST", &paths::TOKENS.replace("{tenant}", &tenant), &wanted).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let mut command = Command::new(program);
    command.env("PARAPH_ORIGIN", &app.url).env("PARAPH_TENANT", tenant);
    command.env("PARAPH_TOKEN", made.json()["secret"].as_str().unwrap());
    command
}

/// Writes the document into a folder.
async fn document(app: &TestApp, folder: &Path) -> PathBuf {
    let path = folder.join("openapi.json");
    std::fs::write(&path, app.get(paths::OPENAPI).await.text()).unwrap();
    path
}

/// How many operations a document has.
fn operations(document: &Path) -> usize {
    let document: Value = serde_json::from_slice(&std::fs::read(document).unwrap()).unwrap();
    let named = |item: &Value| item.as_object().unwrap().values().filter(|one| one["operationId"].is_string()).count();
    document["paths"].as_object().unwrap().values().map(named).sum()
}

/// How many modules, one for each operation, are in the folders of a folder.
fn modules(folder: &Path) -> usize {
    let entries = |folder: &Path| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_module = |path: &PathBuf| path.extension().is_some_and(|end| end == "py") && !path.ends_with("__init__.py");
    entries(folder).filter(|path| path.is_dir()).map(|tag| entries(&tag).filter(is_module).count()).sum()
}

fn tool(path: &str) -> PathBuf {
    let program = tools().join(path);
    assert!(program.exists(), "{} is missing: run `cargo xtask setup`", program.display());
    program
}

#[tokio::test]
async fn a_generated_python_client_makes_a_template_and_a_rule() {
    let app = TestApp::start().await;
    let folder = tempfile::tempdir().unwrap();
    let document = document(&app, folder.path()).await;
    // Formatting what is generated proves nothing and takes longer than generating it.
    std::fs::write(folder.path().join("config.yml"), "post_hooks: []\n").unwrap();
    let mut generate = Command::new(tool("python/bin/openapi-python-client"));
    generate.current_dir(folder.path()).args(["generate", "--meta", "none", "--config", "config.yml"]);
    generate.args(["--output-path", "paraph_client", "--path"]).arg(&document);
    let said = run(generate).await;
    assert!(!said.contains("will not be generated"), "{said}");
    assert_eq!(modules(&folder.path().join("paraph_client/api")), operations(&document), "{said}");
    std::fs::write(folder.path().join("client.py"), include_str!("client.py")).unwrap();
    let mut python = client(&app, tool("python/bin/python")).await;
    python.current_dir(folder.path()).arg("client.py");
    let said = run(python).await;
    assert!(said.contains("done"), "{said}");
}

#[tokio::test]
async fn a_generated_typescript_client_makes_a_template_and_a_rule() {
    let app = TestApp::start().await;
    let folder = tempfile::tempdir().unwrap();
    let document = document(&app, folder.path()).await;
    // Programs find their packages beside themselves.
    std::os::unix::fs::symlink(tool("node_modules"), folder.path().join("node_modules")).unwrap();
    let mut generate = Command::new(tool("node_modules/.bin/openapi-typescript"));
    // What has a default may be left out of what is sent.
    generate.current_dir(folder.path()).arg(&document).args([
        "--output",
        "schema.d.ts",
        "--default-non-nullable",
        "false",
    ]);
    let said = run(generate).await;
    assert!(!said.to_lowercase().contains("warn"), "{said}");
    for (name, content) in [
        ("package.json", r#"{"type":"module"}"#),
        ("tsconfig.json", COMPILER),
        ("client.ts", include_str!("client.ts")),
    ] {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let mut compile = Command::new(tool("node_modules/.bin/tsc"));
    compile.current_dir(folder.path());
    run(compile).await;
    let mut node = client(&app, "node".into()).await;
    node.current_dir(folder.path()).arg("client.js");
    let said = run(node).await;
    assert!(said.contains("done"), "{said}");
}
