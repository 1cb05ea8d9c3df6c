//! What support asks for first.

use super::state::State;
use crate::api::pane as api;
use crate::ui::{Icon, icon, text};
use crate::{office, session};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Versions, host, requirement sets, last event, last error; with a button that copies all of it.
pub fn diagnostics(state: State) -> impl IntoView {
    let reached = RwSignal::new(String::new());
    let copied = RwSignal::new(String::new());
    let opened = move |_| {
        spawn_local(async move {
            let words = if api::reachable().await { ", answers" } else { ", does not answer" };
            reached.set(words.into());
        });
    };
    let shown = NodeRef::<leptos::html::Pre>::new();
    let copy = move |_| {
        spawn_local(async move {
            let done = copy_text(&lines(state, &reached.get_untracked())).await;
            if !done && let Some(shown) = shown.get_untracked() {
                select(&shown);
            }
            copied.set(
                if done { "Copied" } else { "This window is not allowed to copy. The text is selected: press Ctrl+C." }
                    .into(),
            );
        });
    };
    view! {
        <details class="fold" on:toggle=opened>
            <summary tabindex="0"><h2>"Diagnostics"</h2>{icon(Icon::CHEVRON)}</summary>
            <pre class="facts" tabindex="0" node_ref=shown>{text(move || lines(state, &reached.get()))}</pre>
            <button type="button" class="wide" on:click=copy>
                {icon(Icon::COPY)}
                "Copy"
            </button>
            <p class="quiet" role="status">{copied}</p>
        </details>
    }
}

fn lines(state: State, reached: &str) -> String {
    let settings = session::settings();
    // Outlook knows more once the draft is there.
    state.phase.track();
    let outlook = office::diagnostics();
    let record = state.record.get();
    let mut text = String::new();
    let mut line = |name: &str, values: &[&str]| {
        text.push_str(name);
        let start = text.len();
        for value in values {
            text.push_str(value);
        }
        text.push_str(if text.len() == start { "none\n" } else { "\n" });
    };
    if let Some(settings) = &settings {
        line("Paraph: ", &[&settings.version]);
        line("Server: ", &[&settings.origin, reached]);
    }
    line("Outlook: ", &[&outlook.host, " ", &outlook.version]);
    line("Platform: ", &[&outlook.platform, " ", &outlook.language]);
    line("Supports: ", &[&outlook.sets.join(", ")]);
    if record.event.is_empty() {
        line("Last event: ", &[]);
    } else {
        let at = String::from(js_sys::Date::new(&JsValue::from_f64(record.at)).to_iso_string());
        line("Last event: ", &[&record.event, " at ", &at, " (", &record.source, ")"]);
    }
    line("Exception: ", &[&outlook.exception]);
    line("Last error: ", &[&record.error.unwrap_or_else(|| state.last_error.get())]);
    text
}

/// Whether the browser let us: inside Outlook on the web it may not.
async fn copy_text(text: &str) -> bool {
    let clipboard = js_sys::Reflect::get(&window().navigator(), &"clipboard".into()).unwrap_or_default();
    match clipboard.dyn_into::<web_sys::Clipboard>() {
        Ok(clipboard) => JsFuture::from(clipboard.write_text(text)).await.is_ok(),
        Err(_) => false,
    }
}

fn select(element: &web_sys::Node) {
    if let Ok(Some(selection)) = window().get_selection() {
        drop(selection.select_all_children(element));
    }
}
