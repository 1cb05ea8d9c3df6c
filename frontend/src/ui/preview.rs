//! A signature as it will look, in a frame that runs no script.

use super::when;
use ::api::Image;
use leptos::ev;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use web_sys::HtmlIFrameElement;

/// Signatures are drawn for a window, the pane is narrow: they are shown smaller, but not past this.
const SMALLEST: f64 = 0.45;
/// The narrowest column that a signature is laid out for, in CSS pixels.
const COLUMN: f64 = 480.0;
/// Of the paper, left and right together (`pane.css`).
const PADDING: f64 = 24.0;

/// Shows `html` (or, where that is empty, `text`) on paper: white in every theme, since that is how it will be read.
///
/// The frame is sandboxed without `allow-scripts`; `allow-same-origin` lets us, not it, look at its height.
#[component]
pub fn Preview(
    /// The signature.
    #[prop(into)]
    html: Signal<String>,
    /// Shown as plain text instead, when it is not empty.
    #[prop(into, optional)]
    text: Signal<String>,
    /// What it is, for who does not see it.
    #[prop(into)]
    title: String,
    /// Called whenever the signature is on the screen.
    #[prop(optional)]
    shown: Option<fn()>,
) -> impl IntoView {
    let frame = NodeRef::<leptos::html::Iframe>::new();
    let refit = move || {
        if let Some(frame) = frame.get_untracked() {
            fit(&frame);
        }
    };
    let resized = window_event_listener(ev::resize, move |_| refit());
    on_cleanup(move || resized.remove());
    let loaded = move |_| {
        refit();
        if let Some(shown) = shown
            && !html.with_untracked(String::is_empty)
        {
            shown();
        }
    };
    let plain = move || !text.with(String::is_empty);
    view! {
        <div class="paper" hidden=when(plain)>
            <iframe
                node_ref=frame
                sandbox="allow-same-origin"
                referrerpolicy="no-referrer"
                tabindex="-1"
                title=title
                srcdoc=super::text(move || html.with(|html| page(html)))
                on:load=loaded
            ></iframe>
        </div>
        <pre class="paper" hidden=when(move || !plain())>{text}</pre>
    }
}

/// The HTML with every image that would be attached shown from where it is hosted.
pub fn with_hosted_images(html: &str, images: &[Image]) -> String {
    images.iter().fold(html.to_owned(), |html, image| html.replace(&("cid:".to_owned() + &image.cid), &image.url))
}

fn page(html: &str) -> String {
    const HEAD: &str = "<!doctype html><meta name=color-scheme content=light><base target=_blank><style>\
        html{overflow:hidden;forced-color-adjust:none}body{margin:0;width:fit-content;display:flow-root;color:#000;\
        font:11pt Calibri,Carlito,Arial,sans-serif}body>*>:last-child{margin-bottom:0}a{pointer-events:none}</style>";
    HEAD.to_owned() + html
}

/// Lays the signature out as in a mail, gives the frame its height, and shows it smaller where the pane is narrower.
fn fit(frame: &HtmlIFrameElement) -> Option<()> {
    let document = frame.content_document()?;
    let (root, body) = (document.document_element()?, document.body()?);
    let space = f64::from(frame.parent_element()?.client_width()) - PADDING;
    let style = frame.dyn_ref::<web_sys::HtmlElement>()?.style();
    let set = |name: &str, value: String| drop(style.set_property(name, &value));
    set("height", "0".into());
    set("width", px(space.max(COLUMN)));
    let natural =
        f64::from(if root.scroll_width() > root.client_width() { root.scroll_width() } else { body.offset_width() });
    set("width", px(natural));
    let height = f64::from(root.scroll_height());
    let scale = (space / natural).clamp(SMALLEST, 1.0);
    set("height", px(height));
    set("transform", "scale(".to_owned() + &String::from(js_sys::Number::from(scale).to_fixed(3).ok()?) + ")");
    set("margin-bottom", px(height * scale - height));
    set("margin-right", px(natural * scale - natural));
    Some(())
}

/// Whole pixels suffice, and printing fractions in Rust costs 7 KB.
#[expect(clippy::cast_possible_truncation, reason = "sizes of elements on a screen")]
fn px(size: f64) -> String {
    (size.ceil() as i32).to_string() + "px"
}
