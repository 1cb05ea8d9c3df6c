//! A small picture of a template, drawn once it comes into sight.

use super::editor::document::Editing;
use crate::ui::{changing, text};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, IntersectionObserver, IntersectionObserverEntry};

type Seen = Closure<dyn FnMut(js_sys::Array)>;

/// Shows what `load` gives, asked for when there is room for it on the screen; nothing where it gives nothing.
pub(crate) fn thumbnail<F>(load: impl Fn() -> F + 'static) -> AnyView
where
    F: Future<Output = Option<String>> + 'static,
{
    let html = RwSignal::new(None::<String>);
    let place = NodeRef::<leptos::html::Div>::new();
    let watching = StoredValue::new_local(None::<(IntersectionObserver, Seen)>);
    let load = StoredValue::new_local(load);
    crate::ui::effect(move || {
        let Some(place) = place.get() else { return };
        let seen = Seen::new(move |entries: js_sys::Array| {
            let is_in_sight =
                |entry: wasm_bindgen::JsValue| entry.unchecked_into::<IntersectionObserverEntry>().is_intersecting();
            if !entries.iter().any(is_in_sight) {
                return;
            }
            let _ = watching.try_with_value(|all| all.as_ref().map(|(observer, _)| observer.disconnect()));
            if let Some(answer) = load.try_with_value(|load| load()) {
                spawn_local(async move {
                    let answer = answer.await;
                    let _ = html.try_set(Some(answer.unwrap_or_default()));
                });
            }
        });
        if let Ok(observer) = IntersectionObserver::new(seen.as_ref().unchecked_ref()) {
            observer.observe(place.unchecked_ref::<Element>());
            watching.set_value(Some((observer, seen)));
        }
    });
    on_cleanup(move || {
        let _ = watching.try_with_value(|all| all.as_ref().map(|(observer, _)| observer.disconnect()));
    });
    view! {
        <div class="thumbnail" node_ref=place aria-hidden="true">
            {changing(move || html.get().map(|html| {
                view! { <iframe sandbox="" tabindex="-1" title="" referrerpolicy="no-referrer" srcdoc=text(move || drawn(&html))></iframe> }
            }))}
        </div>
    }
    .into_any()
}

fn drawn(html: &str) -> String {
    const HEAD: &str = "<!doctype html><meta name=color-scheme content=light><style>html{overflow:hidden;\
        forced-color-adjust:none}body{margin:0;padding:16px;color:#000;background:#fff;font:11pt Calibri,Carlito,Arial,\
        sans-serif}</style>";
    HEAD.to_owned() + html
}

/// A template on paper, filled as in the preview.
pub(crate) fn sheet(editing: Editing, html: String) -> AnyView {
    let frame = NodeRef::<leptos::html::Iframe>::new();
    let ready = RwSignal::new(false);
    crate::ui::effect(move || {
        let (Some(Some(parts)), true, Some(frame)) = (editing.parts.get(), ready.get(), frame.get()) else { return };
        super::editor::shown::draw_in(editing, &parts, &frame, html.clone());
    });
    view! {
        <div class="sheet">
            <iframe
                node_ref=frame
                sandbox="allow-same-origin"
                referrerpolicy="no-referrer"
                tabindex="-1"
                title="Signature"
                srcdoc=super::editor::shown::BLANK
                on:load=move |_| ready.set(true)
            ></iframe>
        </div>
    }
    .into_any()
}
