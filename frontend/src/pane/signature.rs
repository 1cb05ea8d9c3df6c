//! The signature that applies, and putting it into the draft.

use super::actions;
use super::state::{Phase, State};
use crate::office::Place;
use crate::ui::{self, Icon, Preview, icon, with_hosted_images};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The signature, whether the draft has it, and the buttons that put it there.
pub fn current(state: State) -> impl IntoView {
    let html = move || {
        state.signature.with(|found| found.as_ref().map(|s| with_hosted_images(&s.html, &s.images))).unwrap_or_default()
    };
    let text = move || {
        let text = state.signature.with(|found| found.as_ref().map(|s| s.text.clone()));
        if state.plain() { text.unwrap_or_default() } else { String::new() }
    };
    let (html, text) = (ui::text(html), ui::text(text));
    let name = move || state.signature.with(|found| found.as_ref().and_then(|s| s.name.clone())).unwrap_or_default();
    let insert = move |place| spawn_local(actions::insert(state, place));
    Effect::new(move || {
        if state.phase.get() == Phase::Ready && (state.empty() || state.plain()) {
            usable();
        }
    });
    view! {
        <section class="card" aria-label="The signature for this draft" hidden=ui::when(move || state.empty())>
            <div class="row">
                <h2 class="grow">{ui::text(name)}</h2>
                <span class=ui::text(move || pill(state).0.to_owned())>{ui::text(move || pill(state).1.to_owned())}</span>
            </div>
            <Preview html text title="Your signature" shown=usable />
            <div class="row actions">
                <button type="button" class="primary grow" disabled=state.busy on:click=move |_| insert(Place::Signature)>
                    {icon(Icon::INSERT)}
                    "Insert now"
                </button>
                <button
                    type="button"
                    title="Insert at the cursor in the text"
                    disabled=state.busy
                    on:click=move |_| insert(Place::Cursor)
                >
                    {icon(Icon::CURSOR)}
                    "At the cursor"
                </button>
            </div>
        </section>
    }
}

/// A wide button that inserts.
pub fn insert_button(state: State, label: &'static str, hidden: Signal<bool>) -> impl IntoView {
    view! {
        <button
            type="button"
            class="wide"
            hidden=hidden
            disabled=state.busy
            on:click=move |_| spawn_local(actions::insert(state, Place::Signature))
        >
            {label}
        </button>
    }
}

/// Whether the draft has this signature.
fn pill(state: State) -> (&'static str, &'static str) {
    state.record.with(|record| {
        state.signature.with(|found| match found {
            _ if record.removed => ("pill", "You removed it"),
            _ if record.kept => ("pill success", "Already in this draft"),
            _ if record.fingerprint.is_empty() => ("pill", "Not in this draft"),
            Some(signature) if signature.fingerprint == record.fingerprint => ("pill success", "In this draft"),
            _ => ("pill warning", "Another signature in this draft"),
        })
    })
}

/// The signature is on the screen and its buttons work: what benchmarks wait for.
fn usable() {
    if let Some(performance) = window().performance() {
        drop(performance.mark("paraph-usable"));
    }
}
