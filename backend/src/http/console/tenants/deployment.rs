//! The manifest as Outlook gets it, the results of its checks, and the clients that have called in.

use crate::checks::{Checked, Outcome, Proven};
use crate::http::AppState;
use crate::http::Error;
use crate::http::api::doc;
use crate::http::console::people::directory::{check_search, page_size};
use crate::http::request::access::{Access, ReadDeployment, noted};
use crate::http::request::hosts;
use crate::http::request::io::Query;
use crate::http::site::serve_files;
use crate::outlook::manifest_lint::lint;
use crate::store::ClientRecord;
use ::api::console::{Check, Client, Clients, ClientsQuery, Deployment, PlatformCount, paths};
use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "Deployment";
    ApiRouter::new()
        .api_route(paths::DEPLOYMENT, get_with(show, doc(tag, "The manifest and the checks of this deployment")))
        .api_route(paths::CLIENTS, get_with(clients, doc(tag, "The clients that have called in, a page at a time")))
}

async fn show(
    State(app): State<Arc<AppState>>,
    _access: Access<ReadDeployment>,
    parts: Parts,
) -> Result<Json<Deployment>, Error> {
    let proven = app.proofs.now().await;
    Ok(Json(deployment(&app, &parts, &proven).await?))
}

/// The add-in as this request's client would deploy it, with every check.
pub(in crate::http::console) async fn deployment(
    app: &AppState,
    parts: &Parts,
    proven: &Proven,
) -> Result<Deployment, Error> {
    let mut deployment = manifest(app, &parts.headers)?;
    deployment.checks.extend(proxy_checks(app, parts));
    deployment.checks.push(write_check(app).await);
    deployment.checks.extend(proven.checks.iter().cloned().map(shown));
    Ok(deployment)
}

fn manifest(app: &AppState, headers: &HeaderMap) -> Result<Deployment, Error> {
    let manifest = serve_files::manifest(app, headers).ok_or(Error::Internal)?;
    let origin = serve_files::origin(app, headers);
    Ok(Deployment {
        manifest_url: format!("{origin}/manifest.xml"),
        version: version_of(&manifest).unwrap_or_default().to_owned(),
        name: app.config.outlook.name.clone(),
        checks: checks(app, &origin, &manifest),
    })
}

/// The version as Outlook and Microsoft's admin centers show it.
fn version_of(manifest: &str) -> Option<&str> {
    let (_, rest) = manifest.split_once("<Version>")?;
    rest.split_once("</Version>").map(|(version, _)| version.trim())
}

/// What must hold before somebody deploys the add-in: settings first, then each rule of the lint that does not.
fn checks(app: &AppState, origin: &str, manifest: &str) -> Vec<Check> {
    let own = crate::config::Outlook::default();
    let (outlook, identity) = (&app.config.outlook, &app.config.identity);
    let check = |name: &str, passed: bool, detail: &str| Check {
        name: name.into(),
        passed,
        detail: if passed { String::new() } else { detail.into() },
    };
    let mut checks = vec![
        check(
            "Outlook's address uses https",
            origin.starts_with("https://"),
            "server.public_url is not an https address: put a proxy with a certificate in front, then set it",
        ),
        check(
            "The app registration is configured",
            !identity.client_id.is_empty(),
            "identity.client_id is empty, so Outlook gets no signatures: register an app in Entra, write its application (client) id, and restart the server",
        ),
        check(
            "The add-in has its own id",
            outlook.addin_id != own.addin_id,
            "outlook.addin_id is the example's: generate one with uuidgen, and never change it again",
        ),
        check(
            "The support address is your own",
            outlook.support_url != own.support_url,
            "outlook.support_url is the example's: set it to the page where your people find help",
        ),
        check("The pane is built into this server", app.pages.has_pane(), "build it with `cargo xtask dist`"),
    ];
    let findings = lint(manifest);
    checks.push(check("Outlook accepts the manifest", findings.is_empty(), "the failed rules below say what is wrong"));
    let mut rules: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for finding in &findings {
        rules.entry(finding.rule).or_default().push(format!("{}: {}", finding.place, finding.detail));
    }
    checks.extend(rules.into_iter().map(|(rule, places)| {
        let more = match places.len() - 1 {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        Check { name: format!("Manifest: {rule}"), passed: false, detail: format!("{}{more}", places[0]) }
    }));
    checks
}

async fn write_check(app: &AppState) -> Check {
    let written = app.store.can_write().await;
    Check {
        name: "The database is writable".into(),
        passed: written.is_ok(),
        detail: written.err().map(|error| error.to_string()).unwrap_or_default(),
    }
}

fn shown(checked: Checked) -> Check {
    let (passed, detail) = match checked.outcome {
        Outcome::Passed(detail) => (true, detail),
        Outcome::Warning(detail) | Outcome::Failed(detail) => (false, detail),
    };
    Check { name: checked.name.into(), passed, detail }
}

/// What has been seen of the proxies in front since the server started.
fn proxy_checks(app: &AppState, parts: &Parts) -> Vec<Check> {
    let check = |name: &str, problem: Option<String>| Check {
        name: name.into(),
        passed: problem.is_none(),
        detail: problem.unwrap_or_default(),
    };
    let unnamed = app.proxies.unnamed(app.clock.now_ms());
    let unnamed = (!unnamed.is_empty()).then(|| {
        let names = unnamed.iter().map(|address| format!("\"{address}\"")).collect::<Vec<_>>().join(", ");
        format!(
            "requests come through proxies that server.trusted_proxies does not list, so everyone behind them shares \
             one limit on failed sign-ins: set it to [{names}] or to a range, if these are yours"
        )
    });
    let mut checks = vec![check("The proxies in front are listed", unnamed)];
    if let Some(console) = hosts::own_host(app) {
        let circle = app.proxies.circle();
        let hidden = (circle.is_some() || !hosts::is_console(app, parts)).then(|| {
            let arrived =
                circle.map(|host| format!("; a request for it arrived as one for {host}")).unwrap_or_default();
            format!("the proxy does not pass on {console}{arrived}: configure it to pass on the Host header")
        });
        checks.push(check("The console is reached at its own host name", hidden));
    }
    let url = app.config.console.url(&app.config.server);
    let is_plain = url.starts_with("https://") && app.proxies.scheme(parts).is_some_and(|scheme| scheme != "https");
    let plain = is_plain.then(|| {
        format!(
            "the proxy says that this page was requested over http: open {url}, and configure the proxy to redirect \
             to https"
        )
    });
    checks.push(check("The console is reached over https, according to the proxy", plain));
    checks
}

async fn clients(
    State(app): State<Arc<AppState>>,
    access: Access<ReadDeployment>,
    Query(query): Query<ClientsQuery>,
) -> Result<Json<Clients>, Error> {
    check_search(&query.search)?;
    let limit = page_size(query.limit)?;
    // What this node has seen a moment ago belongs into the list, too.
    noted(app.clients.write(&app.store).await);
    let all = app.store.list_clients(&access.tenant.id).await?;
    let mut platforms = BTreeMap::<String, u64>::new();
    for client in &all {
        *platforms.entry(client.platform.clone()).or_default() += 1;
    }
    let search = query.search.to_lowercase();
    let found: Vec<Client> = all
        .into_iter()
        .filter(|client| query.platform.as_ref().is_none_or(|platform| *platform == client.platform))
        .filter(|client| !query.failing || client.failures > 0)
        .filter_map(|client| described(&access, client, &search))
        .collect();
    let total = found.len() as u64;
    let page = found.into_iter().skip(query.offset as usize).take(limit).collect();
    let platforms = platforms.into_iter().map(|(platform, clients)| PlatformCount { platform, clients });
    Ok(Json(Clients { clients: page, total, platforms: platforms.collect() }))
}

/// The client with its person's name; `None` when the search does not find it or the person is gone.
fn described(access: &Access<ReadDeployment>, client: ClientRecord, search: &str) -> Option<Client> {
    let person = access.tenant.record(&client.person)?.person();
    let address = person.address.as_str();
    let name = person.fields.get("display_name").cloned().unwrap_or_else(|| address.to_owned());
    if !name.to_lowercase().contains(search) && !address.contains(search) {
        return None;
    }
    Some(Client {
        person: client.person,
        name,
        platform: client.platform,
        version: client.version,
        event: client.event,
        seen_ms: client.seen_ms,
        failures: u64::try_from(client.failures).unwrap_or_default(),
        last_failure: client.last_failure,
    })
}
