//! Moving between the console's pages without loading it anew. A page is built anew whenever the path changes, and never when
//! only the query does, so a router of a hundred lines suffices.

use super::app::app;
use super::place;
use crate::api::console::encode;
use crate::ui::address::{self, Arrival, rewrite};
use crate::ui::effect;
use ::api::console::pages::Place;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use web_sys::{Element, HtmlAnchorElement};

const UNSAVED: &str = "Leave this page? What you changed here is not saved yet.";

/// Follows links and the browser's buttons from now on.
pub fn start() {
    drop(window_event_listener(ev::popstate, |_| {
        let app = app();
        let now = Arrival::now();
        // Also when another link to the same page is pasted into the address bar: the browser loads nothing anew for it.
        if place::of(&now) == app.place.get_untracked() || may_leave() {
            app.arrival.set(now);
        } else {
            push(&app.arrival.with_untracked(|arrival| arrival.path.clone()));
        }
    }));
    drop(window_event_listener(ev::click, |event| {
        let plain =
            event.button() == 0 && !event.ctrl_key() && !event.meta_key() && !event.shift_key() && !event.alt_key();
        if !plain || event.default_prevented() {
            return;
        }
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let Some(link) = target.and_then(|target| target.closest("a[href]").ok().flatten()) else { return };
        let Ok(link) = link.dyn_into::<HtmlAnchorElement>() else { return };
        let ours = link.origin() == window().location().origin().unwrap_or_default()
            && (link.pathname() == "/console" || link.pathname().starts_with("/console/"))
            && !link.pathname().starts_with("/console/oidc/");
        if ours && link.target().is_empty() && !link.has_attribute("download") && link.hash().is_empty() {
            event.prevent_default();
            go(&(link.pathname() + &link.search()));
        }
    }));
    drop(window_event_listener(ev::beforeunload, |event| {
        if app().unsaved.get_untracked() {
            event.prevent_default();
        }
    }));
}

/// Goes to a path, which may have a query.
pub fn go(to: &str) {
    if !may_leave() {
        return;
    }
    push(to);
    window().scroll_to_with_x_and_y(0.0, 0.0);
    show(to);
}

/// Goes there in the place of where one is.
pub fn replace(to: &str) {
    rewrite(to);
    show(to);
}

/// To the sign-in page, from which one comes back here.
pub fn to_sign_in() {
    let location = window().location();
    let here = location.pathname().unwrap_or_default() + &location.search().unwrap_or_default();
    let sign_in = place::path(&Place::SignIn);
    if here.trim_end_matches('/') == place::path(&Place::Home) {
        replace(&sign_in);
    } else {
        replace(&(sign_in + "?return=" + &encode(&here)));
    }
}

/// A value of the query that says what just happened, such as `?consent=granted`. It goes from the address bar, so that
/// neither a reload nor a bookmark says it again, and can still be read while one is on the page.
pub fn once(name: &str) -> String {
    let value = app().arrival.with_untracked(|arrival| arrival.query(name));
    if !value.is_empty() {
        address::forget(&[name]);
    }
    value
}

/// While the page is there: asks before it is left with something unsaved.
pub fn keep(unsaved: Signal<bool>) {
    effect(move || app().unsaved.set(unsaved.get()));
    on_cleanup(|| app().unsaved.set(false));
}

fn push(to: &str) {
    if let Ok(history) = window().history() {
        drop(history.push_state_with_url(&JsValue::NULL, "", Some(to)));
    }
}

fn show(to: &str) {
    app().arrival.set(Arrival::read(to));
}

fn may_leave() -> bool {
    let app = app();
    if !app.unsaved.get_untracked() {
        return true;
    }
    let sure = window().confirm_with_message(UNSAVED).unwrap_or(true);
    if sure {
        app.unsaved.set(false);
    }
    sure
}
