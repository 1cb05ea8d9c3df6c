//! What the host's origin serves: the host's page, Microsoft's Office.js, and what stands in for the parts of it that would
//! need a network or a person.

use anyhow::ensure;
use axum::Router;
use axum::extract::{Path as Segment, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// Office.js as npm has it. Its licence lets nobody pass it on, so it is fetched, never kept here.
const PACKAGE: &str = "node_modules/@microsoft/office-js";

/// The running server.
#[derive(Clone, Debug)]
pub(super) struct Web {
    pub(super) port: u16,
    /// Where the demo runs whose tokens the host's broker gives out.
    paraph: Arc<Mutex<String>>,
    dist: PathBuf,
}

impl Web {
    /// Serves on a free port, for as long as the runtime lasts.
    pub(super) async fn start() -> anyhow::Result<Self> {
        let dist = tests::tools().join(PACKAGE).join("dist");
        ensure!(dist.join("office.js").is_file(), "{PACKAGE} is missing: run `cargo xtask setup`");
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let web = Self { port: listener.local_addr()?.port(), paraph: Arc::default(), dist };
        let page = async || file("host.html", include_str!("host.html"));
        let script = async || file("host.js", include_str!("host.js"));
        let ajax = async || file("ajax.js", include_str!("ajax.js"));
        let trust = async || file("trust.html", include_str!("trust.html"));
        let routes = Router::new()
            .route("/host.html", get(page))
            .route("/host.js", get(script))
            .route("/favicon.ico", get(async || StatusCode::NO_CONTENT))
            .route("/ajax/3.5/MicrosoftAjax.js", get(ajax))
            .route("/office/AgaveErrorUX/index.html", get(trust))
            .route("/office/{*path}", get(office))
            .route("/token", post(token))
            .with_state(web.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(web)
    }

    /// From now on tokens come from the demo at `origin`.
    pub(super) fn set_paraph(&self, origin: &str) {
        origin.clone_into(&mut self.paraph.lock().expect("nobody panics while holding it"));
    }

    /// The demo's setting.
    pub(super) fn office_js(&self) -> String {
        format!("http://127.0.0.1:{}/office/office.js", self.port)
    }
}

/// Office.js loads its parts with `crossorigin`, as from Microsoft's own network.
fn file(name: &str, content: impl Into<axum::body::Body>) -> Response {
    let kind = match Path::new(name).extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        _ => "application/octet-stream",
    };
    ([(header::CONTENT_TYPE, kind), (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")], content.into()).into_response()
}

async fn office(State(web): State<Web>, Segment(path): Segment<String>) -> Response {
    if path.split('/').any(|step| step == "..") {
        return StatusCode::NOT_FOUND.into_response();
    }
    match tokio::fs::read(web.dist.join(&path)).await {
        Ok(content) => file(&path, content),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The host's broker asks the demo's issuer on behalf of whoever the host says has signed in.
async fn token(State(web): State<Web>, address: String) -> Response {
    let paraph = web.paraph.lock().expect("nobody panics while holding it").clone();
    let asked = tests::http::client().post(format!("{paraph}/demo/token")).json(&json!({ "address": address })).send();
    match asked.await {
        Ok(answer) => answer.bytes().await.unwrap_or_default().into_response(),
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}
