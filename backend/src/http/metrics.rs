//! `GET /metrics`, on its own listener.

use axum::extract::State;
use axum::http::{HeaderName, header};
use metrics_exporter_prometheus::PrometheusHandle;

pub(super) async fn handle(State(handle): State<PrometheusHandle>) -> ([(HeaderName, &'static str); 1], String) {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render())
}
