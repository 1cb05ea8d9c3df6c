//! `GET /health`: the process is running.

use axum::Json;
use serde_json::{Value, json};

pub(in crate::http) async fn handle() -> Json<Value> {
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}
