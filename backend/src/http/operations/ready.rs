//! `GET /ready`: what this node can do: read the database, write to it, sign.
//!
//! The status tells a load balancer whether to send requests here. It is 200 as long as the node can sign, which it can
//! without the database for every tenant in memory. When the database is away, it is away for every node at once, and
//! removing all nodes would turn an outage that nobody notices into one that everyone does. The status is 503 when the
//! node cannot even sign, for example when it was started after the database went away. The body reports everything
//! else that cannot be done, for monitoring.

use crate::http::AppState;
use crate::http::error::RETRY_AFTER;
use crate::store::{Health, Trouble};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;

/// Longest time for the database to answer; who asks often waits for no more than a second themselves.
const PATIENCE: Duration = Duration::from_millis(800);

pub(in crate::http) async fn handle(State(app): State<Arc<AppState>>) -> Response {
    let Health { read, write, tenants } = health(&app).await;
    let kept = app.tenants.count_kept();
    let sign = read.is_none() || kept > 0;
    let mut reasons: Map<String, Value> = Map::new();
    for (what, trouble) in [("read", read), ("write", write), ("sign", read.filter(|_| !sign))] {
        reasons.extend(trouble.map(|trouble| (what.to_owned(), trouble.to_string().into())));
    }
    let status = match (sign, reasons.is_empty()) {
        (true, true) => "ready",
        (true, false) => "degraded",
        (false, _) => "unavailable",
    };
    let body = Json(json!({
        "status": status,
        "read": read.is_none(),
        "write": write.is_none(),
        "sign": sign,
        "reasons": reasons,
        // Counted, not loaded: whoever asks for readiness all day must not keep every company in memory.
        "tenants": tenants,
        "tenants_in_memory": kept,
    }));
    let no_store = (header::CACHE_CONTROL, "no-store");
    if sign {
        ([no_store], body).into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, RETRY_AFTER)], [no_store], body).into_response()
    }
}

/// What the database can do now; where it is known to be away, what is known.
async fn health(app: &Arc<AppState>) -> Health {
    let known = app.store.health();
    if known.read.is_some() {
        // It is asked every second.
        return known;
    }
    // In a task of its own: a probe that is given up would leave nothing behind.
    let store = app.store.clone();
    let probe = tokio::spawn(async move { store.examine().await });
    match tokio::time::timeout(PATIENCE, probe).await {
        Ok(Ok(health)) => health,
        Ok(Err(_)) | Err(_) => Health { read: Some(Trouble::Silent), write: Some(Trouble::Silent), ..known },
    }
}
