//! The core in a browser: fills and checks templates while somebody edits them. JSON in and JSON out, so that the
//! editor's scripts need no types of ours.

mod check;
mod filled;

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::wasm_bindgen;

/// Fills templates for somebody: [`filled::Wanted`] -> [`filled::Filled`]. What cannot be read gives `{"error":"…"}`.
#[wasm_bindgen]
pub fn render(json: &str) -> String {
    answer(json, filled::fill)
}

/// Looks a template over: [`check::Wanted`] -> [`check::Found`]. What cannot be read gives `{"error":"…"}`.
#[wasm_bindgen]
pub fn check(json: &str) -> String {
    answer(json, check::check)
}

fn answer<T: DeserializeOwned, R: Serialize>(json: &str, act: impl Fn(T) -> R) -> String {
    let written = match serde_json::from_str(json) {
        Ok(wanted) => serde_json::to_string(&act(wanted)),
        Err(error) => serde_json::to_string(&serde_json::json!({ "error": error.to_string() })),
    };
    written.unwrap_or_default()
}
