//! The editor's own parts (`frontend/editor/`), which are loaded when somebody edits.

use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlElement, HtmlIFrameElement};

#[wasm_bindgen]
extern "C" {
    /// The module of `frontend/editor/editor.ts`.
    #[derive(Clone)]
    pub type Parts;

    /// An open view of the template: the HTML's or the visual one.
    #[derive(Clone)]
    pub type View;

    #[wasm_bindgen(js_name = paraphEditor, catch)]
    fn load_parts() -> Result<js_sys::Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn ready(this: &Parts) -> Result<js_sys::Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = show)]
    fn show_js(this: &Parts, frame: &HtmlIFrameElement, wanted: &JsValue, look: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = check)]
    fn check_js(this: &Parts, wanted: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = format)]
    fn format_js(this: &Parts, html: &str) -> Result<js_sys::Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn source(
        this: &Parts,
        host: &HtmlElement,
        text: &str,
        label: &str,
        read_only: bool,
        calls: &JsValue,
    ) -> Result<js_sys::Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn visual(
        this: &Parts,
        host: &HtmlElement,
        html: &str,
        context: &JsValue,
        calls: &JsValue,
    ) -> Result<js_sys::Promise, JsValue>;

    /// Shows another text.
    #[wasm_bindgen(method)]
    pub fn set(this: &View, text: &str);
    /// Puts text where the cursor is, around what is selected where there is something to put after it.
    #[wasm_bindgen(method)]
    pub fn insert(this: &View, before: &str, after: &str);
    /// Selects a place, in UTF-16 units.
    #[wasm_bindgen(method)]
    pub fn select(this: &View, from: u32, to: u32);
    #[wasm_bindgen(method, js_name = mark)]
    fn mark_js(this: &View, findings: &JsValue);
    #[wasm_bindgen(method, js_name = offer)]
    fn offer_js(this: &View, placeholders: &JsValue, images: &JsValue);
    /// Ends it.
    #[wasm_bindgen(method)]
    pub fn close(this: &View);
}

/// What a view calls when something in it changes.
pub(crate) type Changed = Closure<dyn FnMut(String)>;

/// What a view calls (`Calls` of `frontend/editor/types.ts`); alive while the view is open.
pub(crate) struct Calls {
    /// The whole HTML after a change.
    pub(crate) changed: Changed,
    /// What somebody asked for inside the view, such as `image`.
    pub(crate) act: Changed,
    /// Makes HTML from elsewhere a template's.
    pub(crate) clean: Closure<dyn FnMut(String) -> js_sys::Promise>,
}

impl Calls {
    fn object(&self) -> JsValue {
        let object = js_sys::Object::new();
        let all = [("changed", self.changed.as_ref()), ("act", self.act.as_ref()), ("clean", self.clean.as_ref())];
        for (name, call) in all {
            // An object of our own takes every property.
            let _ = js_sys::Reflect::set(&object, &name.into(), call);
        }
        object.into()
    }
}

/// Loads the module and the core.
pub(crate) async fn load() -> Option<Parts> {
    let parts: Parts = JsFuture::from(load_parts().ok()?).await.ok()?.unchecked_into();
    JsFuture::from(parts.ready().ok()?).await.ok()?;
    Some(parts)
}

impl Parts {
    /// Fills templates and draws that in a frame; what the core said of it.
    pub(crate) fn show<T: DeserializeOwned>(
        &self,
        frame: &HtmlIFrameElement,
        wanted: &impl Serialize,
        look: &str,
    ) -> Option<T> {
        serde_wasm_bindgen::from_value(self.show_js(frame, &js(wanted), look).ok()?).ok()
    }

    /// What is wrong with a template.
    pub(crate) fn check<T: DeserializeOwned>(&self, wanted: &impl Serialize) -> Option<T> {
        serde_wasm_bindgen::from_value(self.check_js(&js(wanted)).ok()?).ok()
    }

    /// The HTML with its lines broken and indented.
    pub(crate) async fn format(&self, html: &str) -> Option<String> {
        JsFuture::from(self.format_js(html).ok()?).await.ok()?.as_string()
    }

    /// Opens the editor of the HTML.
    pub(crate) async fn open_source(
        &self,
        host: &HtmlElement,
        text: &str,
        read_only: bool,
        calls: &Calls,
    ) -> Option<View> {
        let opened = self.source(host, text, "HTML of the template", read_only, &calls.object()).ok()?;
        Some(JsFuture::from(opened).await.ok()?.unchecked_into())
    }

    /// Opens the visual editor; the reason where it cannot show this HTML.
    pub(crate) async fn open_visual(
        &self,
        host: &HtmlElement,
        html: &str,
        context: &impl Serialize,
        calls: &Calls,
    ) -> Result<View, String> {
        let why = |error: JsValue| {
            let message = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
            message.unwrap_or_else(|| "The visual editor could not be loaded. Check the connection.".to_owned())
        };
        let opened = self.visual(host, html, &js(context), &calls.object()).map_err(why)?;
        JsFuture::from(opened).await.map(JsCast::unchecked_into).map_err(why)
    }
}

impl View {
    /// Underlines what is wrong.
    pub(crate) fn mark(&self, findings: &impl Serialize) {
        self.mark_js(&js(findings));
    }

    /// Offers placeholders while one types.
    pub(crate) fn offer(&self, placeholders: &impl Serialize, images: &impl Serialize) {
        self.offer_js(&js(placeholders), &js(images));
    }
}

/// As JSON would have it.
pub(crate) fn js(value: &impl Serialize) -> JsValue {
    value.serialize(&Serializer::json_compatible()).unwrap_or_default()
}

/// A signal of something that only the browser has.
pub(crate) type Local<T> = RwSignal<T, LocalStorage>;
