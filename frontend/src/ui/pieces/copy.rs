//! Something to be copied.

use crate::ui::{Icon, icon_of, text, when};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;
use wasm_bindgen_futures::JsFuture;

/// Shows a text with a button that copies it.
#[component]
pub fn Copy(
    /// The text.
    #[prop(into)]
    value: String,
    /// What it is, such as `the link`.
    what: &'static str,
) -> impl IntoView {
    let done = RwSignal::new(false);
    let copied = value.clone();
    let label = "Copy ".to_owned() + what;
    let copy = move |_| {
        let promise = window().navigator().clipboard().write_text(&copied);
        spawn_local(async move {
            if JsFuture::from(promise).await.is_ok() {
                done.set(true);
                set_timeout(move || done.set(false), Duration::from_secs(4));
            } else {
                crate::ui::tell_error("The browser did not copy it: select the text and copy it by hand.");
            }
        });
    };
    view! {
        <div class="copy">
            <code tabindex="0">{value}</code>
            <button type="button" class="square" title=label.clone() aria-label=label on:click=copy>
                {icon_of(move || if done.get() { Icon::CHECK } else { Icon::COPY })}
            </button>
            <span class="hidden" role="status" hidden=when(move || !done.get())>
                {text(|| "Copied".into())}
            </span>
        </div>
    }
    .into_any()
}
