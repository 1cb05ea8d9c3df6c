//! What support asks for first.

use super::state::State;
use crate::ui::{Icon, icon};
use crate::{api, office, session};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Versions, host, requirement sets, last event, last error; with a button that copies all of it.
#[component]
pub fn Diagnostics(state: State) -> impl IntoView {
    let reached = RwSignal::new(None);
    let copied = RwSignal::new("");
    let lines = Memo::new(move |_| lines(state, reached.get()));
    let opened = move |_| {
        spawn_local(async move { reached.set(Some(api::reachable().await)) });
    };
    let text = NodeRef::<leptos::html::Dl>::new();
    let copy = move |_| {
        let all = lines.with(|lines| lines.iter().map(|(name, value)| String::from(*name) + ": " + value + "\n").collect());
        spawn_local(async move {
            let done = copy_text(all).await;
            if !done && let Some(list) = text.get_untracked() {
                select(&list);
            }
            copied.set(if done { "Copied" } else { "Copying is not allowed here: the text is selected, press Ctrl+C." });
        });
    };
    view! {
        <details class="fold" on:toggle=opened>
            <summary tabindex="0"><h2>"Diagnostics"</h2>{icon(Icon::Chevron)}</summary>
            <dl node_ref=text>
                {move || lines.get().into_iter().map(|(name, value)| view! { <dt>{name}</dt><dd>{value}</dd> }).collect_view()}
            </dl>
            <button type="button" class="wide" on:click=copy>
                {icon(Icon::Copy)}
                "Copy"
            </button>
            <p class="quiet" role="status">{move || copied.get()}</p>
        </details>
    }
}

fn lines(state: State, reached: Option<bool>) -> Vec<(&'static str, String)> {
    let settings = session::settings();
    // Outlook knows more once the draft is there.
    state.phase.track();
    let outlook = office::diagnostics();
    let record = state.record.get();
    let server = settings.as_ref().map_or("no settings in the page", |settings| &settings.origin);
    let reached = match reached {
        None => "",
        Some(true) => ", answers",
        Some(false) => ", does not answer",
    };
    let or_none = |text: String| if text.is_empty() { "none".to_owned() } else { text };
    let event = if record.event.is_empty() {
        String::new()
    } else {
        let at = js_sys::Date::new(&JsValue::from_f64(record.at)).to_iso_string();
        record.event + " at " + &String::from(at) + " (" + &record.source + ")"
    };
    vec![
        ("Paraph", settings.as_ref().map_or_else(String::new, |settings| settings.version.clone())),
        ("Server", server.to_owned() + reached),
        ("Outlook", outlook.host + " " + &outlook.version),
        ("Platform", outlook.platform),
        ("Language", outlook.language),
        ("Supports", or_none(outlook.sets.join(", "))),
        ("Last event", or_none(event)),
        ("Last error", or_none(record.error.unwrap_or_else(|| state.last_error.get()))),
    ]
}

/// Whether the browser let us: inside Outlook on the web it may not.
async fn copy_text(text: String) -> bool {
    let clipboard = js_sys::Reflect::get(&window().navigator(), &"clipboard".into()).unwrap_or_default();
    match clipboard.dyn_into::<web_sys::Clipboard>() {
        Ok(clipboard) => JsFuture::from(clipboard.write_text(&text)).await.is_ok(),
        Err(_) => false,
    }
}

fn select(element: &web_sys::Node) {
    if let Ok(Some(selection)) = window().get_selection() {
        drop(selection.select_all_children(element));
    }
}
