//! The pane: what somebody who writes a mail sees of Paraph.

pub mod actions;
pub mod choices;
pub mod diagnostics;
pub mod fields;
pub mod message;
pub mod signature;
pub mod state;
pub mod why;

pub use state::{Notice, Phase, State, Tone};

use crate::ui::{Icon, icon, text, when};
use ::api::Kind;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Replaces the page's skeleton by the pane.
pub fn start() {
    if let Some(place) = document().get_element_by_id("app") {
        place.set_inner_html("");
        leptos::mount::mount_to(leptos::wasm_bindgen::JsCast::unchecked_into(place), Pane).forget();
    }
}

/// All of it. Every part is built once and hidden while it has nothing to say: views that come and go cost several
/// times as much over the wire.
#[component]
pub fn Pane() -> impl IntoView {
    let state = State::new();
    spawn_local(actions::open(state));
    let loading = move || state.phase.with(|phase| *phase == Phase::Loading);
    let unready = when(move || state.phase.with(|phase| *phase != Phase::Ready));
    view! {
        <header class="top">
            <div class="grow">
                <h1>"Signature"</h1>
                <p class="quiet">{text(move || context(state))}</p>
            </div>
            <button
                type="button"
                class="subtle"
                class:turning=state.busy
                title="Check the draft again"
                aria-label="Refresh"
                on:click=move |_| spawn_local(actions::load(state))
            >
                {icon(Icon::REFRESH)}
            </button>
        </header>
        {message::notice(state)}
        <main aria-busy=text(move || loading().to_string())>
            // The same shapes that `pane.html` shows before there is any WASM.
            <div class="card skeleton" hidden=when(move || !loading())>
                <p class="hidden">"Loading your signature"</p>
                <i></i>
                <i></i>
                <i></i>
                <i></i>
            </div>
            {message::card(state)}
            <div class="parts" hidden=unready>
                {signature::current(state)}
                {why::why(state)}
                {choices::others(state)}
                {fields::fields(state)}
            </div>
            {message::kept(state)}
            {diagnostics::diagnostics(state)}
        </main>
    }
}

/// Such as `Reply from ada@example.com`.
fn context(state: State) -> String {
    state.draft.with(|draft| {
        let Some(draft) = draft else { return String::new() };
        let kind = match draft.kind {
            Kind::New => "New mail",
            Kind::Reply => "Reply",
            Kind::Forward => "Forward",
            Kind::Appointment => "Appointment",
        };
        match &draft.from {
            Some(from) => kind.to_owned() + " from " + from,
            None => kind.to_owned(),
        }
    })
}
