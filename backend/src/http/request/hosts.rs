//! Add-in and console on host names of their own, where that is configured: the console's cookie never meets the add-in's
//! pages, which Outlook frames.

use super::forwarded;
use crate::http::AppState;
use crate::http::Error;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Response};
use std::sync::Arc;

/// What the console's host answers: its page, what that loads, and the API.
const CONSOLE: [&str; 7] = ["/console", "/api/", "/app/", "/assets/", "/images/", "/health", "/ready"];
/// In the query of an address that we sent a browser to, until it has arrived there.
const SENT: &str = "redirected=host";
/// The page that explains a circle.
const CIRCLE: &str = include_str!("circle.html");

/// Sends whoever looks for the console elsewhere to its host, and serves nothing else there. Where a proxy hides the host
/// from us, they would be sent there for ever: then a page says what to do. Does nothing more where the console has no
/// host of its own.
pub(in crate::http) async fn apart(State(app): State<Arc<AppState>>, request: Request, next: Next) -> Response {
    app.proxies.notice(request.extensions(), request.headers(), app.clock.now_ms());
    let Some(console) = own_host(&app) else { return next.run(request).await };
    let (parts, body) = request.into_parts();
    let is_console = is_console(&app, &parts);
    let path = parts.uri.path();
    if is_console {
        app.proxies.note_circle(None);
    }
    if is_console && path != "/" && !CONSOLE.iter().any(|start| path.starts_with(start)) {
        return Error::NotFound.into_response();
    }
    let is_page = path == "/console" || path.starts_with("/console/");
    match (is_console, is_sent(&parts.uri)) {
        (true, _) if path == "/" => found(&format!("{console}/console")),
        (true, true) if is_page => found(&format!("{console}{}", without_sent(&parts.uri))),
        (false, true) if is_page => circle(&app, console, &parts),
        (false, false) if is_page => {
            let separator = if parts.uri.query().is_some() { '&' } else { '?' };
            let whole = parts.uri.path_and_query().map_or(path, |whole| whole.as_str());
            found(&format!("{console}{whole}{separator}{SENT}"))
        }
        _ => next.run(Request::from_parts(parts, body)).await,
    }
}

/// The console's origin where it has a host of its own.
pub(in crate::http) fn own_host(app: &AppState) -> Option<&str> {
    let console = app.config.console.public_url.as_str();
    (!console.is_empty() && console != app.config.server.public_url).then_some(console)
}

/// Whether a request is for the console's own host.
pub(in crate::http) fn is_console(app: &AppState, parts: &Parts) -> bool {
    let known = [app.config.console.url(&app.config.server), &app.config.server.public_url].map(split);
    let [Some((scheme, console, console_port)), Some((_, public, _))] = known else { return false };
    let mut hosts = app.proxies.hosts(parts).into_iter();
    if console == public {
        // Two ports of one name.
        let same = hosts.find(|(name, _)| *name == console);
        return same.is_some_and(|(_, port)| port.unwrap_or(usual_port(scheme)) == console_port);
    }
    // Proxies often leave the port out.
    hosts.find(|(name, _)| *name == console || *name == public).is_some_and(|(name, _)| name == console)
}

/// Scheme, name and port of an origin.
fn split(origin: &str) -> Option<(&str, String, u16)> {
    let (scheme, host) = origin.split_once("://")?;
    let (name, port) = forwarded::host(host)?;
    Some((scheme, name, port.unwrap_or(usual_port(scheme))))
}

fn usual_port(scheme: &str) -> u16 {
    if scheme == "https" { 443 } else { 80 }
}

/// For this time only: a browser must not remember what a setting changes.
fn found(location: &str) -> Response {
    let location = HeaderValue::try_from(location).unwrap_or(HeaderValue::from_static("/console"));
    let headers = [(header::LOCATION, location), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (StatusCode::TEMPORARY_REDIRECT, headers).into_response()
}

fn is_sent(uri: &Uri) -> bool {
    uri.query().is_some_and(|query| query.split('&').any(|pair| pair == SENT))
}

fn without_sent(uri: &Uri) -> String {
    let rest: Vec<&str> = uri.query().unwrap_or_default().split('&').filter(|pair| *pair != SENT).collect();
    if rest.is_empty() { uri.path().to_owned() } else { format!("{}?{}", uri.path(), rest.join("&")) }
}

/// We sent the browser to the console's host, and here it is again under another one: a proxy replaces the name.
fn circle(app: &AppState, console: &str, parts: &Parts) -> Response {
    let arrived = app.proxies.hosts(parts).into_iter().next().map(|(name, port)| match port {
        Some(port) => format!("{name}:{port}"),
        None => name,
    });
    let arrived = arrived.unwrap_or_else(|| "no host at all".into());
    if app.proxies.circle().is_none() {
        tracing::warn!(host = arrived, console, "a proxy hides the console's host name from this server");
    }
    app.proxies.note_circle(Some(&arrived));
    let names_it = forwarded::list(&parts.headers, "x-forwarded-host").next().is_some();
    let hint = if names_it && !app.proxies.trusts(parts) {
        "<p>The proxy does send the host name in <code>X-Forwarded-Host</code>, but that header is trusted only from \
         proxies listed in <code>server.trusted_proxies</code>: add the proxy’s address there, or \
         <code>\"private\"</code>.</p>"
    } else {
        ""
    };
    let page =
        CIRCLE.replace("{hint}", hint).replace("{console}", &escaped(console)).replace("{host}", &escaped(&arrived));
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (StatusCode::MISDIRECTED_REQUEST, no_store, Html(page)).into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
