//! A button that opens a few more, on the browser's own popover: it closes on Escape and on a press elsewhere.

use crate::ui::{new_id, text};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Room between the button and what it opens, and between that and the window's edge.
const GAP: f64 = 4.0;

/// A button with a panel below it.
#[component]
pub fn Menu(
    /// What the button is, for who does not see it.
    #[prop(into)]
    label: String,
    /// The button's classes.
    #[prop(default = "subtle")]
    class: &'static str,
    /// What stands in the button.
    face: AnyView,
    /// What is in the panel.
    children: Children,
) -> impl IntoView {
    let id = new_id("menu");
    let button = NodeRef::<leptos::html::Button>::new();
    let panel = NodeRef::<leptos::html::Div>::new();
    let open = RwSignal::new(false);
    let toggled = move |_| {
        let (Some(button), Some(panel)) = (button.get_untracked(), panel.get_untracked()) else { return };
        let shown = panel.matches(":popover-open").unwrap_or(false);
        open.set(shown);
        if shown {
            place(&button, &panel);
        }
    };
    // Whoever chose something in it is done with it.
    let chosen = move |event: leptos::ev::MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if target.is_some_and(|target| target.closest("a, button, [data-done]").ok().flatten().is_some())
            && let Some(panel) = panel.get_untracked()
        {
            drop(panel.hide_popover());
        }
    };
    view! {
        <button
            node_ref=button
            type="button"
            class=class
            title=label.clone()
            popovertarget=id.clone()
            aria-expanded=text(move || open.get().to_string())
        >
            // Before what is seen, so that who speaks to the browser can say that.
            <span class="hidden">{label.clone() + ": "}</span>
            {face}
        </button>
        <div
            node_ref=panel
            id=id
            class="menu"
            popover="auto"
            role="group"
            aria-label=label
            on:toggle=toggled
            on:click=chosen
        >
            {children()}
        </div>
    }
    .into_any()
}

/// Below the button, inside the window.
fn place(button: &HtmlElement, panel: &HtmlElement) {
    let (at, size) = (button.get_bounding_client_rect(), panel.get_bounding_client_rect());
    let width = document().document_element().map_or(0, |root| root.client_width());
    let left = at.left().min(f64::from(width) - size.width() - 2.0 * GAP).max(GAP);
    let style = panel.style();
    drop(style.set_property("left", &(left.to_string() + "px")));
    drop(style.set_property("top", &((at.bottom() + GAP).to_string() + "px")));
}
