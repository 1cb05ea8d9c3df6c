//! The signature that applies, and putting it into the draft.

use super::actions;
use super::state::State;
use crate::office::Place;
use crate::ui::{Icon, Preview, icon, with_hosted_images};
use ::api::BodyFormat;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The signature, or why there is none.
#[component]
pub fn Current(state: State) -> impl IntoView {
    let empty = Memo::new(move |_| state.signature.with(|found| found.as_ref().is_none_or(|s| s.html.is_empty())));
    move || if empty.get() { none(state) } else { some(state) }
}

fn some(state: State) -> AnyView {
    let html = Memo::new(move |_| {
        state.signature.with(|found| found.as_ref().map(|s| with_hosted_images(&s.html, &s.images))).unwrap_or_default()
    });
    let text = Memo::new(move |_| {
        let plain = state.draft.with(|draft| draft.as_ref().is_some_and(|draft| draft.format == BodyFormat::Text));
        if plain { state.signature.with(|found| found.as_ref().map(|s| s.text.clone())).unwrap_or_default() } else { String::new() }
    });
    let name = move || state.signature.with(|found| found.as_ref().and_then(|s| s.name.clone())).unwrap_or_default();
    let insert = move |place| move |_| spawn_local(actions::insert(state, place));
    view! {
        <section class="card" aria-label="The signature for this draft">
            <div class="row">
                <h2 class="grow clip">{name}</h2>
                {move || pill(state)}
            </div>
            <Preview html text title="Your signature" shown=Callback::new(|()| usable()) />
            <div class="row actions">
                <button type="button" class="primary grow" disabled=move || state.busy.get() on:click=insert(Place::Signature)>
                    {icon(Icon::Insert)}
                    "Insert now"
                </button>
                <button
                    type="button"
                    title="Insert where the cursor stands in the text"
                    disabled=move || state.busy.get()
                    on:click=insert(Place::Cursor)
                >
                    {icon(Icon::Cursor)}
                    "At the cursor"
                </button>
            </div>
        </section>
    }
    .into_any()
}

/// Whether the draft has this signature.
fn pill(state: State) -> AnyView {
    let (class, text) = state.record.with(|record| {
        state.signature.with(|found| match found {
            _ if record.removed => ("pill", "You removed it"),
            _ if record.fingerprint.is_empty() => ("pill", "Not in this draft"),
            Some(signature) if signature.fingerprint == record.fingerprint => ("pill success", "In this draft"),
            _ => ("pill warning", "Draft has another"),
        })
    });
    view! { <span class=class>{text}</span> }.into_any()
}

fn none(state: State) -> AnyView {
    request_animation_frame(usable);
    let why = move || {
        let rules = state.signature.with(|found| found.as_ref().map_or(0, |s| s.because.len()));
        if rules == 0 {
            "Your administrator has not set up any rule yet."
        } else {
            "No rule gives this draft a signature. Below stands why, rule by rule."
        }
    };
    view! {
        <section class="card message">
            <span class="badge">{icon(Icon::Insert)}</span>
            <h2>"No signature for this draft"</h2>
            <p>{why}</p>
        </section>
    }
    .into_any()
}

/// The signature is on the screen and its buttons work: what benchmarks wait for.
fn usable() {
    if let Some(performance) = window().performance() {
        drop(performance.mark("paraph-usable"));
    }
}
