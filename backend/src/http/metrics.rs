//! `GET /metrics`, on its own listener.

use crate::app::App;
use crate::series;
use axum::extract::State;
use axum::http::{HeaderName, header};
use std::sync::Arc;

pub(super) async fn handle(State(app): State<Arc<App>>) -> ([(HeaderName, &'static str); 1], String) {
    series::collect(&app);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], app.metrics.render())
}
