//! Moving between the pages of one of the console's programs without loading it anew. A page is built anew whenever the path changes, and never
//! when only the query does, so a router of a hundred lines suffices.

use super::app::app;
use super::place::Place;
use crate::api::console::encode;
use crate::ui::address::rewrite;
use crate::ui::effect;
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
        let now = window().location().pathname().unwrap_or_default();
        if now == app.path.get_untracked() {
            return;
        }
        if may_leave() {
            app.path.set(now);
        } else {
            push(&app.path.get_untracked());
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
        // The browser itself follows a link to the other program's pages.
        if ours
            && is_here(&link.pathname())
            && link.target().is_empty()
            && !link.has_attribute("download")
            && link.hash().is_empty()
        {
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
    if is_here(to) {
        push(to);
        window().scroll_to_with_x_and_y(0.0, 0.0);
        show(to);
    } else {
        drop(window().location().assign(to));
    }
}

/// Goes there in the place of where one is.
pub fn replace(to: &str) {
    if is_here(to) {
        rewrite(to);
        show(to);
    } else {
        drop(window().location().replace(to));
    }
}

/// To the sign-in page, from which one comes back here.
pub fn to_sign_in() {
    let location = window().location();
    let here = location.pathname().unwrap_or_default() + &location.search().unwrap_or_default();
    let sign_in = Place::SignIn.path();
    if here.trim_end_matches('/') == Place::Home.path() {
        replace(&sign_in);
    } else {
        replace(&(sign_in + "?return=" + &encode(&here)));
    }
}

/// Takes what stands behind `#` out of the address bar.
pub fn take_hash() -> String {
    let location = window().location();
    let hash = location.hash().unwrap_or_default().trim_start_matches('#').to_owned();
    if !hash.is_empty() {
        rewrite(&location.pathname().unwrap_or_default());
    }
    hash
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
    app().path.set(without_query(to).to_owned());
}

fn without_query(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or_default()
}

/// Whether this program has that page.
fn is_here(path: &str) -> bool {
    Place::read(without_query(path)).program().is_none_or(|which| which == app().program.which)
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
