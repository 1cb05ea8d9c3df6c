//! From a bare configuration to the first published template with nothing but the README, behind nginx with TLS and with a
//! host name of the console's own. Every command, click and typed value is counted, and must be named in the README's
//! section *For your company*.

use crate::page::{Console, PATIENCE, with_own_browser};
use crate::start::first_use::set_up_link;
use fantoccini::Locator;
use serde_json::{Value, json};
use std::path::Path;
use tests::nginx::{Certificate, Nginx};
use tests::root;
use tests::serving::{Serving, free_address};

const ADD_IN: &str = "mail.halden.example";
const CONSOLE: &str = "console.halden.example";
/// The most steps that a newcomer may be asked for.
const MOST_STEPS: usize = 40;

/// What a newcomer did so far, following the README.
struct Journey {
    section: String,
    steps: Vec<String>,
}

impl Journey {
    fn new() -> Self {
        let readme = std::fs::read_to_string(root().join("README.md")).expect("the README");
        let (_, rest) = readme.split_once("### For your company").expect("the section");
        let section = rest.split("\n## ").next().and_then(|rest| rest.split("\n### ").next()).unwrap_or_default();
        // One line, so that no words are broken up.
        Self { section: section.split_whitespace().collect::<Vec<_>>().join(" "), steps: Vec::new() }
    }

    fn step(&mut self, what: &str, named: &[String]) {
        assert!(named.iter().any(|form| self.section.contains(form)), "the README does not name {what}: {named:?}");
        self.steps.push(what.to_owned());
    }

    /// A command in the shell.
    fn command(&mut self, command: &str) {
        self.step(command, &[command.to_owned()]);
    }

    /// A value in a file, by its setting or directive.
    fn value(&mut self, name: &str, value: &str) {
        self.step(&format!("{name}: {value}"), &[format!("`{name}`")]);
    }

    async fn click(&mut self, console: &Console, words: &str) {
        self.step(words, &[format!("*{words}*")]);
        let found = format!("//*[self::a or self::button][normalize-space(.)={0} or @aria-label={0}]", json!(words));
        let found = Locator::XPath(&found);
        let found = console.client.wait().at_most(PATIENCE).for_element(found).await.expect(words);
        let centre = "arguments[0].scrollIntoView({ block: 'center' })";
        let element = serde_json::to_value(&found).expect("an element");
        console.client.execute(centre, vec![element]).await.expect("a scroll");
        found.click().await.expect("a click");
    }

    async fn fill(&mut self, console: &Console, label: &str, value: &str) {
        self.step(&format!("{label}: {value}"), &[format!("*{label}*")]);
        console.fill(label, value).await;
    }
}

/// Replaces the one value of `key` below `[section]`.
fn set(settings: &mut String, section: &str, key: &str, value: &str) {
    let start = settings.find(&format!("[{section}]")).expect(section);
    let line = start + settings[start..].find(&format!("\n{key} = ")).expect(key) + 1;
    let end = line + settings[line..].find('\n').expect("a line");
    settings.replace_range(line..end, &format!("{key} = {value}"));
}

fn replace(text: &mut String, old: &str, new: &str) {
    assert!(text.contains(old), "{old} is not in the example");
    *text = text.replace(old, new);
}

/// The server and nginx as the README has them set up; where nginx listens.
async fn set_up(journey: &mut Journey) -> (Serving, Nginx, Certificate, String) {
    journey.command("cargo xtask dist");
    journey.command("cargo build --release");
    journey.command("cp target/release/paraph /usr/local/bin/");
    let mut serving = Serving::new();
    let folder = serving.folder.path().to_owned();

    journey.command("cp backend/config.example.toml paraph.toml");
    let mut settings = std::fs::read_to_string(root().join("backend/config.example.toml")).expect("the example");
    for (section, key, value) in [
        ("server", "public_url", format!("\"https://{ADD_IN}\"")),
        ("server", "trusted_proxies", "[\"127.0.0.1\"]".to_owned()),
        ("console", "public_url", format!("\"https://{CONSOLE}\"")),
    ] {
        set(&mut settings, section, key, &value);
        journey.value(&format!("{section}.{key}"), &value);
    }
    std::fs::write(folder.join("paraph.toml"), settings).expect("paraph.toml");

    journey.command("cp backend/nginx.example.conf /etc/nginx/conf.d/paraph.conf");
    let certificate = Certificate::new(&[ADD_IN, CONSOLE]).expect("a certificate");
    let listen = free_address();
    let servers = nginx_conf(journey, &serving, (folder.as_path(), &certificate), &listen);
    journey.command("nginx -s reload");
    let nginx = Nginx::start(&servers).expect("nginx");

    journey.command("paraph serve");
    // Its ports alone are the test's own: everything else is what the file says.
    let from_file = ["SERVER__PUBLIC_URL", "DATABASE__URL", "IDENTITY__CLIENT_ID"];
    let start = |command: &mut std::process::Command| {
        for name in from_file {
            command.env_remove(format!("PARAPH_{name}"));
        }
    };
    serving.start_with(start).await;
    (serving, nginx, certificate, listen)
}

/// The example with this server's hosts and certificate.
fn nginx_conf(
    journey: &mut Journey,
    serving: &Serving,
    (folder, certificate): (&Path, &Certificate),
    listen: &str,
) -> String {
    let mut servers = std::fs::read_to_string(root().join("backend/nginx.example.conf")).expect("the example");
    let file = |name: &str, text: &str| {
        let file = folder.join(name);
        std::fs::write(&file, text).expect("a file");
        file.display().to_string()
    };
    let (pem, key) = (file("paraph.pem", &certificate.certificate), file("paraph.key.pem", &certificate.key));
    for (directive, old, new) in [
        ("server_name", "signatures.example.com", ADD_IN),
        ("server_name", "console.example.com", CONSOLE),
        ("ssl_certificate", "/etc/ssl/certs/paraph.pem", pem.as_str()),
        ("ssl_certificate_key", "/etc/ssl/private/paraph.key", key.as_str()),
    ] {
        replace(&mut servers, old, new);
        journey.value(directive, new);
    }
    // Ports of the test's own.
    replace(&mut servers, "listen 443 ssl", &format!("listen {listen} ssl"));
    replace(&mut servers, "127.0.0.1:4000", serving.url.trim_start_matches("http://"));
    servers
}

#[test]
fn the_readme_leads_from_a_bare_configuration_to_the_first_published_template() {
    let mut journey = Journey::new();
    let (serving, _nginx, certificate, listen) = crate::page::wait(set_up(&mut journey));
    let arguments = [
        format!("--host-resolver-rules=MAP {ADD_IN}:443 {listen},MAP {CONSOLE}:443 {listen}"),
        format!("--ignore-certificate-errors-spki-list={}", certificate.spki),
    ];
    let origin = format!("https://{CONSOLE}");
    with_own_browser(&arguments, &origin, async |page| {
        let mut console = Console::of(page);
        let link = set_up_link(&serving);
        assert!(link.starts_with(&format!("{origin}/console/setup#")), "{link}");
        journey.step("opens the link", &["Open the link".to_owned()]);
        console.open_link(&link).await;
        publish_a_template(&mut journey, &console).await;

        let session: Value = console.get("fetch('/api/v1/session').then((answer) => answer.json())").await;
        console.tenant = session["tenants"][0]["id"].as_str().expect("a tenant").to_owned();
        console.follow("Overview").await;
        console.says("1 of 1").await;
        behind_the_proxy(&console).await;
    });
    assert!(journey.steps.len() <= MOST_STEPS, "{} steps: {:#?}", journey.steps.len(), journey.steps);
}

#[test]
fn the_overview_says_that_a_certificate_ends_soon() {
    let certificate = Certificate::lasting(&["localhost"], 5).expect("a certificate");
    let mut serving = Serving::new();
    let folder = serving.folder.path().to_owned();
    let (pem, key) = (folder.join("paraph.pem"), folder.join("paraph.key.pem"));
    std::fs::write(&pem, &certificate.certificate).expect("a file");
    std::fs::write(&key, &certificate.key).expect("a file");
    let listen = free_address();
    let origin = format!("https://localhost:{}", listen.rsplit_once(':').expect("a port").1);
    let nginx = format!(
        "server {{ listen {listen} ssl; ssl_certificate {}; ssl_certificate_key {}; client_max_body_size 32m;
         location / {{ proxy_pass {}; proxy_set_header Host $http_host; }} }}",
        pem.display(),
        key.display(),
        serving.url
    );
    let _nginx = Nginx::start(&nginx).expect("nginx");
    serving.set("server.public_url", &origin);
    // The server trusts the certificate as it would one of an authority.
    crate::page::wait(serving.start_with(|command| {
        command.env("SSL_CERT_FILE", &pem);
    }));
    let arguments = [format!("--ignore-certificate-errors-spki-list={}", certificate.spki)];
    with_own_browser(&arguments, &origin, async |page| {
        let console = Console::of(page);
        console.open_link(&set_up_link(&serving)).await;
        console.type_account().await;
        console.press("Create the account").await;
        console.make_tenant().await;
        console.says("Certificates").await;
        console.says("Renew it").await;
        console.says("localhost").await;
        console.follow("Deployment").await;
        console.says("The certificate of localhost is valid long enough").await;
        console.says("Outlook refuses it after that: renew it").await;
    });
}

/// Owner, tenant, somebody, a template with its rule.
async fn publish_a_template(journey: &mut Journey, console: &Console) {
    journey.fill(console, "Your name", "Maren Halden").await;
    journey.fill(console, "Address", "maren@halden.example").await;
    journey.fill(console, "Password", "four words of a password").await;
    journey.click(console, "Create the account").await;

    journey.click(console, "New tenant").await;
    journey.fill(console, "Organisation", "Halden").await;
    journey.fill(console, "Entra tenant id", "aaaaaaaa-0000-4000-8000-000000000001").await;
    journey.fill(console, "Mail domains", "halden.example").await;
    journey.click(console, "Create the tenant").await;
    console.until("document.querySelector('h1')?.innerText === 'Halden'").await;

    journey.click(console, "People").await;
    journey.click(console, "Add a person").await;
    journey.fill(console, "Address", "maren@halden.example").await;
    journey.fill(console, "Display name", "Maren Halden").await;
    journey.click(console, "Add").await;
    console.until("document.querySelector('h1')?.innerText === 'Maren Halden'").await;

    journey.click(console, "Templates").await;
    journey.click(console, "New from the gallery").await;
    journey.click(console, "Logo and rule").await;
    journey.click(console, "Use this design").await;
    journey.click(console, "Create a rule").await;
    journey.step("Everyone", &["*Everyone*".to_owned()]);
    console.radio("Everyone").await;
    console.says("What would change").await;
    journey.click(console, "Switch on").await;
    console.until("!document.querySelector('dialog[open]')").await;
    console.until("document.querySelector('.saving')?.innerText === 'Saved'").await;
    journey.click(console, "Unpublished changes").await;
    journey.click(console, "Publish …").await;
    journey.click(console, "Publish now").await;
    console.says("Everything is published").await;
}

/// What a proxy can spoil: hosts, addresses, large bodies.
async fn behind_the_proxy(console: &Console) {
    let people = "(async () => (await (await fetch(`/api/v1/tenants/${location.pathname.split('/')[3]}/people`)).json()).people[0].id)()";
    let person: String = console.get(people).await;
    console.go_in(&format!("/people/{person}")).await;
    let drawn = "[...document.querySelectorAll('iframe')].some((one) => one.contentDocument?.body?.innerText.includes('Maren Halden'))";
    console.until(drawn).await;

    // A CSV file beyond nginx's own limit.
    let large = "(async () => { const session = await (await fetch('/api/v1/session')).json(); \
        const row = 'maren@halden.example,' + 'x'.repeat(90) + '\\n'; \
        const answer = await fetch(`/api/v1/tenants/${session.tenants[0].id}/runs?name=large.csv`, { method: 'POST', \
        body: 'address,title\\n' + row.repeat(30000), \
        headers: { 'content-type': 'text/csv', 'x-paraph-csrf': session.csrf } }); return answer.status; })()";
    let status: u16 = console.get(large).await;
    assert_eq!(status, 201, "a file of 3 MB");

    // Outlook's host serves the add-in and sends whoever looks for the console to its own.
    console.client.goto(&format!("https://{ADD_IN}/console")).await.expect("the console");
    console.until("document.querySelector('h1')?.innerText === 'Halden'").await;
    let host: String = console.get("location.host").await;
    assert_eq!(host, CONSOLE);
    console.client.goto(&format!("https://{ADD_IN}/auth.html")).await.expect("a page of the add-in");
    let manifest: String = console.get("fetch('/manifest.xml').then((answer) => answer.text())").await;
    assert!(manifest.contains(&format!("https://{ADD_IN}/launchevent.js")), "{manifest}");
}
