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

use crate::ui::{Icon, icon};
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

/// All of it.
#[component]
pub fn Pane() -> impl IntoView {
    let state = State::new();
    spawn_local(actions::open(state));
    let refresh = move |_| spawn_local(actions::load(state));
    view! {
        <header class="top">
            <div class="grow">
                <h1>"Signature"</h1>
                <p class="quiet clip">{move || context(state)}</p>
            </div>
            <button
                type="button"
                class="subtle"
                class:turning=move || state.busy.get()
                title="Look at the draft again"
                aria-label="Refresh"
                disabled=move || state.phase.get() == Phase::Outside
                on:click=refresh
            >
                {icon(Icon::Refresh)}
            </button>
        </header>
        <main aria-busy=move || (state.phase.get() == Phase::Loading).to_string()>
            <message::Notices state />
            {move || match state.phase.get() {
                Phase::Loading => skeleton(),
                Phase::Ready => ready(state),
                other => message::phase(state, other),
            }}
            <diagnostics::Diagnostics state />
        </main>
    }
}

fn ready(state: State) -> AnyView {
    view! {
        <signature::Current state />
        <why::Why state />
        <choices::Others state />
        <fields::Fields state />
    }
    .into_any()
}

/// The same shapes that `pane.html` shows before there is any WASM.
fn skeleton() -> AnyView {
    view! {
        <div class="card skeleton">
            <p class="hidden">"Loading your signature"</p>
            <i></i>
            <i></i>
            <i></i>
            <i></i>
        </div>
    }
    .into_any()
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
