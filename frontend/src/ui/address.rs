//! The address bar, for what a page lets people find again: its search, its page.

use leptos::prelude::window;
use wasm_bindgen::JsValue;

/// Says in the address bar alone where one is.
pub fn rewrite(to: &str) {
    if let Ok(history) = window().history() {
        drop(history.replace_state_with_url(&JsValue::NULL, "", Some(to)));
    }
}

/// Leaves the console for another site's page.
pub fn leave(to: &str) {
    drop(window().location().set_href(to));
}

/// What stands behind `?` under this name; empty where nothing does.
pub fn query(name: &str) -> String {
    let search = window().location().search().unwrap_or_default();
    search
        .trim_start_matches('?')
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .and_then(|(_, value)| js_sys::decode_uri_component(&value.replace('+', " ")).ok())
        .map(String::from)
        .unwrap_or_default()
}

/// The path without query.
pub fn path() -> String {
    window().location().pathname().unwrap_or_default()
}
