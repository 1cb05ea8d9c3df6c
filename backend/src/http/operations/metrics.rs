//! `GET /metrics`, on its own listener.

use crate::http::AppState;
use axum::extract::State;
use axum::http::{HeaderName, header};
use metrics::gauge;
use metrics_process::Collector;
use std::sync::Arc;

pub(in crate::http) async fn handle(State(app): State<Arc<AppState>>) -> ([(HeaderName, &'static str); 1], String) {
    collect(&app);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], app.metrics.render())
}

/// Brings up to date what is only known when somebody looks.
#[expect(clippy::cast_precision_loss, reason = "a gauge is a float, and these are small")]
fn collect(app: &AppState) {
    let stale = app.tenants.staleness();
    gauge!("paraph_stale_tenants").set(stale.tenants as f64);
    gauge!("paraph_stale_seconds").set(stale.age.as_secs_f64());
    gauge!("paraph_tenants_in_memory").set(app.tenants.count_kept() as f64);
    for (pool, (open, idle)) in ["read", "write"].into_iter().zip(app.store.connections()) {
        for (state, number) in [("busy", open.saturating_sub(idle)), ("idle", idle)] {
            gauge!("paraph_database_connections", "pool" => pool, "state" => state).set(number as f64);
        }
    }
    Collector::default().collect();
}
