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

/// An address as it was when somebody came to it, whatever is rewritten since.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrival {
    /// The path.
    pub path: String,
    /// What follows `?`.
    query: String,
    /// What follows `#`: the code of a set-up link or an invitation.
    pub code: String,
}

impl Arrival {
    /// The address that the browser shows.
    pub fn now() -> Self {
        let location = window().location();
        Self {
            path: location.pathname().unwrap_or_default(),
            query: location.search().unwrap_or_default().trim_start_matches('?').to_owned(),
            code: location.hash().unwrap_or_default().trim_start_matches('#').to_owned(),
        }
    }

    /// Of an address without scheme and host.
    pub fn read(address: &str) -> Self {
        let (address, code) = address.split_once('#').unwrap_or((address, ""));
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        Self { path: path.to_owned(), query: query.to_owned(), code: code.to_owned() }
    }

    /// The value under this name in the query; empty where there is none.
    pub fn query(&self, name: &str) -> String {
        value(&self.query, name)
    }
}

/// Removes these names from the query that the address bar shows, so that a reload does not find them again.
pub fn forget(names: &[&str]) {
    let location = window().location();
    let (search, hash) = (location.search().unwrap_or_default(), location.hash().unwrap_or_default());
    let is_kept = |pair: &&str| !names.contains(&pair.split('=').next().unwrap_or_default());
    let kept: Vec<&str> = search.trim_start_matches('?').split('&').filter(is_kept).collect();
    let kept = kept.join("&");
    let query = if kept.is_empty() { kept } else { "?".to_owned() + &kept };
    if query != search {
        rewrite(&(path() + &query + &hash));
    }
}

/// The value under this name in the query that the address bar shows; empty where there is none.
pub fn query(name: &str) -> String {
    value(window().location().search().unwrap_or_default().trim_start_matches('?'), name)
}

fn value(query: &str, name: &str) -> String {
    query
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
