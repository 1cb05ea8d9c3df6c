//! A pane in a page, with `outlook.js` for Outlook and the server.

use frontend::pane::Pane;
use leptos::mount::UnmountHandle;
use leptos::prelude::*;
use leptos::tachys::view::any_view::AnyViewState;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlElement;

const SETTINGS: &str = r#"{"origin":"http://localhost","version":"1.2.3","client_id":"c","authority":"http://localhost/demo",
    "scope":"api://c/access_as_user","office_js":"/office.js"}"#;

/// A mounted pane; dropping it takes it out of the page.
pub(crate) struct Harness {
    place: HtmlElement,
    _mounted: Box<dyn std::any::Any>,
}

/// Mounts a pane; `world` is JavaScript that says what is different from the usual.
pub(crate) fn mount(world: &str) -> Harness {
    // A test that failed left its pane behind.
    run("document.querySelectorAll('.harness').forEach((one) => one.remove())");
    run(include_str!("../outlook.js"));
    run(world);
    run(include_str!("../../src/office.js"));
    frontend::session::forget();
    run("localStorage.clear()");
    if document().get_element_by_id("settings").is_none() {
        let settings = document().create_element("script").unwrap();
        settings.set_attribute("type", "application/json").unwrap();
        settings.set_id("settings");
        settings.set_text_content(Some(SETTINGS));
        document().body().unwrap().append_child(&settings).unwrap();
    }
    let place: HtmlElement = document().create_element("div").unwrap().unchecked_into();
    place.set_class_name("harness");
    document().body().unwrap().append_child(&place).unwrap();
    let mounted: UnmountHandle<AnyViewState> = leptos::mount::mount_to(place.clone(), || Pane().into_any());
    Harness { place, _mounted: Box::new(mounted) }
}

impl Drop for Harness {
    fn drop(&mut self) {
        self.place.remove();
    }
}

impl Harness {
    /// Waits until `text` can be seen.
    pub(crate) async fn sees(&self, text: &str) {
        until(text, || self.text().contains(text)).await;
    }

    /// What can be seen.
    pub(crate) fn text(&self) -> String {
        self.place.inner_text()
    }

    /// The first element that `selector` finds and whose text contains `text`.
    pub(crate) fn find(&self, selector: &str, text: &str) -> Option<HtmlElement> {
        let found = self.place.query_selector_all(selector).unwrap();
        (0..found.length())
            .map(|at| found.get(at).unwrap().unchecked_into::<HtmlElement>())
            .find(|element| element.text_content().unwrap_or_default().contains(text))
    }

    /// Clicks it, once it can be clicked.
    pub(crate) async fn click(&self, selector: &str, text: &str) {
        until(&format!("{selector} {text} to click"), || {
            self.find(selector, text).is_some_and(|element| !element.has_attribute("disabled"))
        })
        .await;
        self.find(selector, text).unwrap().click();
    }
}

/// Waits, frame by frame, until `happened`; fails after three seconds.
pub(crate) async fn until(what: &str, happened: impl Fn() -> bool) {
    let start = js_sys::Date::now();
    while !happened() {
        assert!(
            js_sys::Date::now() - start < 6_000.0,
            "waited in vain for: {what}; seen: {}",
            document().body().unwrap().inner_text()
        );
        frame().await;
    }
}

/// Waits until the browser has drawn.
pub(crate) async fn frame() {
    let drawn = js_sys::Promise::new(&mut |resolve, _| {
        window().request_animation_frame(&resolve).unwrap();
    });
    JsFuture::from(drawn).await.unwrap();
}

/// The value of a JavaScript expression.
pub(crate) fn run(script: &str) -> JsValue {
    js_sys::eval(script).unwrap()
}

/// Whether a JavaScript expression is true.
pub(crate) fn holds(script: &str) -> bool {
    run(script).is_truthy()
}

/// The value of a JavaScript expression as JSON.
pub(crate) fn json(script: &str) -> String {
    js_sys::JSON::stringify(&run(script)).unwrap().into()
}
