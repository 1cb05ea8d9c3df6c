//! Tabs: arrow keys move between them, and what they lead to is there at once.

use crate::ui::{new_id, text, when};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

/// One row of tabs over one panel.
#[component]
pub fn Tabs(
    /// What they choose between, for who does not see them.
    #[prop(into)]
    label: String,
    /// Name and words of each.
    tabs: Vec<(String, String)>,
    /// The chosen one's name.
    chosen: RwSignal<String>,
    /// What it leads to.
    children: Children,
) -> impl IntoView {
    let panel = new_id("panel");
    let names: Vec<String> = tabs.iter().map(|(name, _)| name.clone()).collect();
    let keys = move |event: KeyboardEvent| {
        let at = names.iter().position(|name| chosen.with_untracked(|chosen| chosen == name)).unwrap_or(0);
        let to = match event.key().as_str() {
            "ArrowRight" => (at + 1) % names.len(),
            "ArrowLeft" => (at + names.len() - 1) % names.len(),
            "Home" => 0,
            "End" => names.len() - 1,
            _ => return,
        };
        event.prevent_default();
        chosen.set(names[to].clone());
        let list =
            event.current_target().and_then(|list| wasm_bindgen::JsCast::dyn_into::<web_sys::Element>(list).ok());
        if let Some(tab) = list.and_then(|list| list.children().item(u32::try_from(to).unwrap_or(0)))
            && let Ok(tab) = wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(tab)
        {
            drop(tab.focus());
        }
    };
    let controls = panel.clone();
    let tab = move |(name, words): (String, String)| {
        let own = name.clone();
        let is_chosen = when(move || chosen.with(|chosen| *chosen == own));
        view! {
            <button
                type="button"
                role="tab"
                class="subtle"
                aria-selected=text(move || is_chosen.get().to_string())
                aria-controls=controls.clone()
                tabindex=text(move || if is_chosen.get() { "0".into() } else { "-1".into() })
                on:click=move |_| chosen.set(name.clone())
            >
                {words}
            </button>
        }
    };
    view! {
        <div class="tabs">
            <div role="tablist" aria-label=label.clone() on:keydown=keys>
                {tabs.into_iter().map(tab).collect_view()}
            </div>
            <div id=panel role="tabpanel" aria-label=label tabindex="-1">
                {children()}
            </div>
        </div>
    }
    .into_any()
}
