//! Pages, the event handler, the manifest, icons and the built pane.

use super::files::{File, Files};
use super::pages::{Deployment, Filled, Template};
use crate::http::AppState;
use crate::http::Error;
use crate::http::request::security::{self, Sources};
use api::console::pages::Place;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::sync::Arc;

/// Files that carry their hash in their name.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// Icons: seldom changed, and fetched by Outlook again and again.
const A_DAY: &str = "public, max-age=86400";
/// Outlook keeps the handler by the manifest's version; whoever asks gets the current one after a minute.
const A_MINUTE: &str = "public, max-age=60";
/// Pages name hashed files, so they must not be older than these.
const ASK_AGAIN: &str = "no-cache";

/// Every file, and every page that was filled in.
pub(crate) struct Pages {
    files: Files,
    filled: Filled,
}

impl Pages {
    /// Reads every file; the simulator only `with_simulator`.
    pub(crate) fn load(with_simulator: bool) -> Self {
        Self { files: Files::load(with_simulator), filled: Filled::default() }
    }

    /// Whether the pane is built into this server.
    pub(in crate::http) fn has_pane(&self) -> bool {
        self.files.template("pane.html").is_some()
    }

    /// A file of the simulator.
    pub(in crate::http) fn simulator(&self, name: &str) -> Option<&File> {
        self.files.simulator.get(name)
    }
}

pub(in crate::http) fn routes() -> Router<Arc<AppState>> {
    Router::new()
        .route("/pane.html", get(async |app, headers| page(Template::Html("pane.html"), app, headers)))
        .route("/launchevent.html", get(async |app, headers| page(Template::Html("launchevent.html"), app, headers)))
        .route("/auth.html", get(async |app, headers| page(Template::Html("auth.html"), app, headers)))
        .route("/console", get(console))
        .route("/console/{*page}", get(console))
        .route("/launchevent.js", get(async |app, headers| page(Template::Handler, app, headers)))
        .route("/manifest.xml", get(async |app, headers| page(Template::Manifest, app, headers)))
        .route("/.well-known/microsoft-officeaddins-allowed.json", get(allowed))
        .route("/app/{*name}", get(app_file))
        .route("/assets/{*name}", get(asset))
}

/// One page, handler or manifest, filled in for the origin under which it is asked for.
#[expect(clippy::needless_pass_by_value, reason = "an extractor and what a handler gets")]
fn page(template: Template, State(app): State<Arc<AppState>>, headers: HeaderMap) -> Result<Response, Error> {
    let deployment = deployment(&app, &headers);
    let page = app.pages.filled.get(template, &app.pages.files, &deployment).ok_or(match template {
        Template::Html("pane.html") => Error::Unavailable("the pane is not built: run `cargo xtask dist`"),
        _ => Error::NotFound,
    })?;
    let cache_control = if matches!(template, Template::Html(_)) { ASK_AGAIN } else { A_MINUTE };
    let mut response = page.file.answer(&headers, cache_control);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, page.policy.clone());
    if app.demo.is_some() {
        response.headers_mut().append(header::VARY, HeaderValue::from_static("host"));
    }
    Ok(response)
}

/// The console's page, which shows what the address names. Where that is nothing, the page says so, and so does the status.
async fn console(State(app): State<Arc<AppState>>, uri: Uri, headers: HeaderMap) -> Result<Response, Error> {
    let mut deployment = deployment(&app, &headers);
    deployment.settings.origin = console_origin(&app, &headers);
    // Nobody frames the console: without framers the policy says so.
    deployment.sources = Sources { http_images: deployment.sources.http_images, ..Sources::default() };
    let page = app.pages.filled.get(Template::Console, &app.pages.files, &deployment);
    let page = page.ok_or(Error::Unavailable("the console is not built: run `cargo xtask dist`"))?;
    let mut response = page.file.answer(&headers, ASK_AGAIN);
    if response.status() == StatusCode::OK && Place::read(uri.path(), str::to_owned) == Place::Missing {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, page.policy.clone());
    Ok(response)
}

/// The manifest of the deployment that this request reaches.
pub(in crate::http) fn manifest(app: &AppState, headers: &HeaderMap) -> Option<String> {
    let deployment = deployment(app, headers);
    let page = app.pages.filled.get(Template::Manifest, &app.pages.files, &deployment)?;
    String::from_utf8(page.file.body().to_vec()).ok()
}

async fn app_file(
    State(app): State<Arc<AppState>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    // Pages are filled in, and served at the root alone.
    let file = app.pages.files.app.get(&name).filter(|_| !is_html(&name)).ok_or(Error::NotFound)?;
    Ok(file.answer(&headers, IMMUTABLE))
}

async fn asset(
    State(app): State<Arc<AppState>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let is_template = |name: &str| name.starts_with("launchevent.") || is_html(name);
    let file = app.pages.files.assets.get(&name).filter(|_| !is_template(&name)).ok_or(Error::NotFound)?;
    Ok(file.answer(&headers, A_DAY))
}

fn is_html(name: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|extension| extension == "html")
}

/// Lets the handler use single sign-on and call this server from classic Outlook's event runtime.
async fn allowed(State(app): State<Arc<AppState>>, headers: HeaderMap) -> impl IntoResponse {
    let origin = origin(&app, &headers);
    let body: Json<Value> = Json(json!({ "allowed": [format!("{origin}/launchevent.js")] }));
    ([(header::CACHE_CONTROL, A_MINUTE)], body)
}

/// Where this request's client reaches us: the configured address, but in the demo whichever spelling of loopback it uses.
pub(in crate::http) fn origin(app: &AppState, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    match host.filter(|host| app.demo.is_some() && super::demo::is_loopback(host)) {
        Some(host) => format!("http://{host}"),
        None => app.config.server.public_url.clone(),
    }
}

/// The origin under which the console is reached.
pub(in crate::http) fn console_origin(app: &AppState, headers: &HeaderMap) -> String {
    if app.demo.is_some() { origin(app, headers) } else { app.config.console.url(&app.config.server).to_owned() }
}

fn deployment(app: &AppState, headers: &HeaderMap) -> Deployment {
    let origin = origin(app, headers);
    let (identity, outlook) = (&app.config.identity, &app.config.outlook);
    let host = origin.split_once("://").map_or("", |(_, host)| host).to_owned();
    let (authority, office_js) = match &app.demo {
        Some(demo) => {
            let simulated = || format!("{origin}/demo/office.js");
            (format!("{origin}/demo"), demo.office_js.clone().unwrap_or_else(simulated))
        }
        None => (identity.authority.clone(), outlook.office_js.clone()),
    };
    Deployment {
        sources: sources(app, &authority, &office_js),
        settings: api::Settings {
            version: env!("CARGO_PKG_VERSION").into(),
            client_id: identity.client_id.clone(),
            scope: format!("api://{host}/{}/access_as_user", identity.client_id),
            origin,
            authority,
            office_js,
        },
        addin_id: outlook.addin_id.clone(),
        name: outlook.name.clone(),
        provider: outlook.provider.clone(),
        support_url: outlook.support_url.clone(),
    }
}

fn sources(app: &AppState, authority: &str, office_js: &str) -> Sources {
    let outlook = &app.config.outlook;
    let mut sources = Sources {
        scripts: outlook.script_hosts.clone(),
        connections: outlook.connect_hosts.clone(),
        frames: security::origin_of(office_js).into_iter().collect(),
        framers: outlook.frame_ancestors.clone(),
        http_images: app.config.server.public_url.starts_with("http://"),
    };
    sources.scripts.extend(security::origin_of(office_js));
    sources.connections.extend(security::origin_of(authority));
    if let Some(demo) = &app.demo {
        let here = ["http://127.0.0.1:*", "http://localhost:*", "https://127.0.0.1:*", "https://localhost:*"];
        let here = || here.map(str::to_owned);
        // The simulator, and other hosts on this machine in which the pages are tried.
        sources.framers = here().to_vec();
        sources.framers.push("'self'".to_owned());
        sources.connections.extend(here());
        if demo.office_js.is_some() {
            // Microsoft's, and what a host on this machine puts beside it. It asks for the Microsoft Ajax library with
            // the scheme of our page.
            sources.scripts.extend(here());
            sources.scripts.push("http://ajax.aspnetcdn.com".to_owned());
            sources.frames.extend(here());
        }
    }
    sources.scripts.dedup();
    sources.connections.dedup();
    sources
}
