//! Door 1: HTTP. Routes, who is asking, and the one error.

mod addin;
mod api;
pub(crate) mod connections;
mod connector;
mod console;
mod document;
mod error;
mod operations;
mod request;
mod serve;
mod site;
mod work;

pub use addin::user::User;
pub use api::api_routes;
pub use error::Error;
use request::json::Body;
use request::once::Keys;
use request::proxies::Proxies;
pub use serve::{AppState, serve, serve_metrics};
use site::serve_files::Pages;
use work::{Place, Work};

use addin::{images, link, qr};
use aide::axum::ApiRouter;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use operations::{health, metrics, ready};
use request::{cors, frame, hosts, once, sealed};
use site::{demo, serve_files};
use std::sync::Arc;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

/// Largest request body in bytes: room for drafts far beyond every limit, so that the field at fault can be named.
pub const MAX_BODY: usize = 2 * 1024 * 1024;

/// Everything that the server answers, but for metrics.
pub fn router(app: Arc<AppState>) -> Router {
    // What the add-in asks most passes as few layers as can be.
    let console = |console: ApiRouter<_>| {
        console
            .layer(from_fn_with_state(Arc::clone(&app), once::once))
            .layer(from_fn(document::location))
            .layer(from_fn_with_state(Arc::clone(&app), sealed::refuse_mismatch))
    };
    let api = api::routes(console)
        .route(::api::console::paths::OPENAPI, get(api::handle))
        .route("/api/{*rest}", axum::routing::any(nothing_here))
        .method_not_allowed_fallback(wrong_method)
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(from_fn_with_state(Arc::clone(&app), cors::allow_own_origin));
    let mut router = api
        .route("/images/{tenant}/{hash}/{name}", get(images::handle))
        .route("/images/{tenant}/qr/{name}", get(qr::handle))
        .route("/l/{tenant}/{campaign}/{template}/{link}", get(link::handle))
        .route("/health", get(health::handle))
        .route("/ready", get(ready::handle))
        .merge(console::account::oidc::routes())
        .merge(console::people::connections::callbacks())
        .merge(serve_files::routes());
    if app.demo.is_some() {
        router = router.merge(demo::routes(&app));
    }
    router = router.fallback(nothing_here).method_not_allowed_fallback(wrong_method);
    if app.demo.is_some() {
        // After the fallbacks, so that these too answer to loopback names only.
        router = router.layer(from_fn(demo::loopback_hosts_only));
    }
    router
        .layer(from_fn_with_state(Arc::clone(&app), hosts::apart))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(CatchPanicLayer::custom(frame::after_panic))
        .layer(from_fn_with_state(Arc::clone(&app), frame::frame))
        .with_state(app)
}

/// What the metrics' own listener answers.
pub fn metrics_router(app: Arc<AppState>) -> Router {
    Router::new().route("/metrics", get(metrics::handle)).with_state(app)
}

async fn nothing_here() -> Error {
    Error::NotFound
}

async fn wrong_method() -> Error {
    Error::Method
}
