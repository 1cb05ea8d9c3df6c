//! The demo: a made-up company in a temporary database, with an issuer of its own and neighbours on loopback instead of
//! Entra ID and Graph.

mod directory;

use crate::app::{App, Demo};
use crate::clock::Clock;
use crate::config::Config;
use crate::identity::{Codes, digest};
use crate::random;
use crate::store::{AccountRecord, By, Company, CompanyPerson, Files, Store};
use crate::tenant::Tenant;
use anyhow::Context as _;
use email_signature::{Address, Person};
use neighbours::entra::{Issuer, User, claims};
use neighbours::graph::FakeGraph;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::net::TcpListener;

/// The Entra tenant id of the made-up company.
pub const TENANT: &str = "11111111-2222-4333-8444-555555555555";
/// The client id of the add-in in the demo.
pub const CLIENT_ID: &str = "66666666-7777-4888-9999-aaaaaaaaaaaa";

/// The address of the console's account in the demo.
pub const CONSOLE_EMAIL: &str = "admin@example.com";
/// Its password.
pub const CONSOLE_PASSWORD: &str = "paraph demo console";
/// The same as it is stored: hashing it would take a third of the memory that the demo ever needs.
const CONSOLE_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$hiZjbCZVvxM6xyDNrJpXzQ$P0Nk+XOu3wZ2J2iD2VrsK0xWan6NkOnuQuCiESYpBjA";

/// The company, with its images and templates.
#[derive(rust_embed::Embed)]
#[folder = "$CARGO_MANIFEST_DIR/demo/company"]
#[allow_missing = true]
struct Embedded;

/// A demo that listens but does not answer yet.
pub struct Started {
    /// On loopback.
    pub listener: TcpListener,
    /// To be served.
    pub app: Arc<App>,
    /// Where to look at it.
    pub url: String,
    /// The database's folder, removed when this is dropped.
    pub folder: TempDir,
    /// The company's Entra ID and Graph, which stop when this is dropped.
    pub directory: FakeGraph,
}

/// Sets up the demo. `port` 0 takes a free port, `people` adds made-up people up to that number, `company` replaces the
/// made-up company.
///
/// # Errors
/// When the port is taken, or the company's document is wrong.
pub async fn start(
    port: u16,
    office_js: Option<String>,
    people: usize,
    company: Option<(Company, Files)>,
) -> anyhow::Result<Started> {
    let folder = tempfile::tempdir().context("no temporary folder could be made")?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .with_context(|| format!("port {port} of 127.0.0.1 cannot be used: choose another one with --port"))?;
    let address = listener.local_addr()?;
    let clock = Clock::system();
    let (mut company, read) = company.map_or_else(made_up_company, Ok)?;
    // Of the demo's own issuer.
    company.tenant.entra_id = Some(TENANT.into());
    let mapping = directory::mapping(&company);
    let directory = directory::open(&company, &mapping, &clock).await;
    let config = config(address, &folder, &directory);
    let store = Store::connect(&config.database).await?;
    store.migrate().await?;
    let models = company.people.clone();
    store.import(&company, &read, By::new("demo", clock.now_ms())).await?;
    // Made-up people come in parts: a document of 10,000 would take more memory than the server ever does again.
    for first in (models.len()..people).step_by(PART) {
        company.people = made_up(&company, &models, first..people.min(first + PART))?;
        store.import(&company, &read, By::new("demo", clock.now_ms())).await?;
    }
    let url = config.server.public_url.clone();
    let demo = Demo { office_js, issuer: Issuer::generate("demo"), codes: Codes::default() };
    let app = Arc::new(App::demo(config, store, clock, demo).await?);
    add_account(&app.store, app.clock.now_ms()).await?;
    directory::connect(&app, mapping).await?;
    Ok(Started { listener, app, url, folder, directory })
}

/// The owner of the made-up company, for the console.
async fn add_account(store: &Store, now_ms: i64) -> anyhow::Result<()> {
    let link = random::secret();
    store.insert_setup(&digest(&link), now_ms + 1, now_ms).await?;
    let account = AccountRecord {
        id: random::id(),
        email: CONSOLE_EMAIL.into(),
        name: "Demo admin".into(),
        password: Some(CONSOLE_HASH.into()),
        totp: None,
        totp_pending: None,
        totp_step: 0,
    };
    Ok(store.set_up(&digest(&link), &account, now_ms).await?)
}

fn config(address: SocketAddr, folder: &TempDir, directory: &FakeGraph) -> Config {
    let mut config = Config::default();
    config.server.listen = address;
    config.server.public_url = format!("http://{address}");
    config.server.metrics_listen = None;
    config.server.shutdown_seconds = 1;
    config.database.url = format!("sqlite:{}", folder.path().join("demo.db").display());
    config.identity.client_id = CLIENT_ID.into();
    config.identity.authority_host.clone_from(&directory.url);
    config.directory.graph_url.clone_from(&directory.url);
    config.directory.entra_client_secret.clone_from(&directory.registration().secret);
    config.outlook.name = "Paraph demo".into();
    config
}

fn made_up_company() -> anyhow::Result<(Company, Files)> {
    let file = Embedded::get("company.json").context("this program was built without the demo's company")?;
    let company = serde_json::from_slice(&file.data).context("the demo's company.json is wrong")?;
    Ok((company, Box::new(|name| Embedded::get(name).map(|file| file.data.into_owned()))))
}

/// How many made-up people are imported at once.
const PART: usize = 2_000;

/// Made-up people with these numbers, in the groups and with the fields of the models, one after another.
fn made_up(company: &Company, models: &[CompanyPerson], numbers: Range<usize>) -> anyhow::Result<Vec<CompanyPerson>> {
    let domain = company.tenant.domains.first().context("the demo's company has no domain")?;
    let models = models.iter().filter(|person| !person.shared).cycle();
    let mut people = Vec::with_capacity(numbers.len());
    for (number, model) in numbers.zip(models) {
        let name = format!("Person {number}");
        let mut fields: BTreeMap<String, String> = model.fields.clone();
        fields.insert("display_name".into(), name);
        people.push(CompanyPerson {
            id: format!("made-up-{number}"),
            oid: Some(format!("00000000-0000-4000-8000-{number:012x}")),
            address: Address::parse(&format!("person{number}@{domain}"))?,
            shared: false,
            aliases: Vec::new(),
            groups: model.groups.clone(),
            send_as: Vec::new(),
            fields,
        });
    }
    Ok(people)
}

/// The issuer in the demo's tokens, with a placeholder for the tenant as in Entra's discovery document.
pub(crate) fn issuer_name(app: &App) -> String {
    format!("{}/{{tenantid}}/v2.0", app.config.identity.authority_host)
}

/// The Entra id with which a person signs in; shared mailboxes do not, though a directory gives them one.
pub(crate) fn sign_in_id<'a>(tenant: &'a Tenant, person: &Person) -> Option<&'a str> {
    tenant.oid(person).filter(|_| !tenant.is_shared(person))
}

/// An access token for `person`, as Entra would issue it.
pub(crate) fn token(app: &App, demo: &Demo, person: &Person, oid: &str) -> String {
    let name = person.fields.get("display_name").map_or(person.address.as_str(), String::as_str);
    let user = User { oid, address: person.address.as_str(), name };
    let claims = claims(&issuer_name(app), &app.config.identity.client_id, TENANT, &user, app.clock.now_ms());
    demo.issuer.sign(&claims)
}
