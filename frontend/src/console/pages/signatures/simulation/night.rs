//! A signature as Outlook's dark mode recolours it; the template editor's own drawing, loaded when it is asked for.

use crate::ui::{changing, effect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlIFrameElement;

#[wasm_bindgen]
extern "C" {
    /// The module of `frontend/editor/editor.ts`.
    type Drawing;

    #[wasm_bindgen(js_name = paraphEditor, catch)]
    fn load() -> Result<js_sys::Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn draw(this: &Drawing, frame: &HtmlIFrameElement, filled: &JsValue, look: &str) -> Result<(), JsValue>;
}

/// The frame that it is drawn in.
pub(crate) fn night(html: Signal<String>, title: &'static str) -> AnyView {
    let frame = NodeRef::<leptos::html::Iframe>::new();
    let (ready, failed) = (RwSignal::new(false), RwSignal::new(false));
    effect(move || {
        let (true, Some(frame), html) = (ready.get(), frame.get(), html.get()) else { return };
        spawn_local(async move {
            let drawn = show(&frame, &html).await.is_ok();
            let _ = failed.try_set(!drawn);
        });
    });
    view! {
        <div class="sheet night">
            <iframe
                node_ref=frame
                sandbox="allow-same-origin"
                referrerpolicy="no-referrer"
                tabindex="-1"
                title=title
                srcdoc="<!doctype html><html lang=en><head><meta name=color-scheme content=light></head><body></body></html>"
                on:load=move |_| ready.set(true)
            ></iframe>
        </div>
        {changing(move || {
            failed
                .get()
                .then(|| {
                    view! {
                        <p class="wrong" role="alert">
                            "The dark view could not be loaded. Check the connection, then choose it again."
                        </p>
                    }
                })
        })}
    }
    .into_any()
}

async fn show(frame: &HtmlIFrameElement, html: &str) -> Result<(), JsValue> {
    let drawing: Drawing = JsFuture::from(load()?).await?.unchecked_into();
    let filled = js_sys::Object::new();
    js_sys::Reflect::set(&filled, &"html".into(), &html.into())?;
    js_sys::Reflect::set(&filled, &"text".into(), &"".into())?;
    drawing.draw(frame, &filled, "dark")
}
