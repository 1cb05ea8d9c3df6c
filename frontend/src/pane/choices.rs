//! The other signatures that the person may choose: a radio group of cards.

use super::actions;
use super::state::State;
use crate::ui::{self, Preview, when};
use ::api::Offered;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::JsCast;

/// The automatic signature and what may stand in its place. Choosing inserts; arrow keys only move, since inserting at
/// every key press would be a nuisance.
pub fn others(state: State) -> impl IntoView {
    let plain = when(move || state.plain());
    let cards = move || {
        let automatic = Offered {
            template: String::new(),
            name: "Automatic: chosen by the rules".into(),
            html: String::new(),
            text: String::new(),
        };
        let plain = plain.get();
        let all = std::iter::once(automatic).chain(state.choices.get());
        all.map(|offered| card(state, offered, plain)).collect::<Vec<_>>()
    };
    view! {
        <section class="others" aria-labelledby="others" hidden=when(move || state.choices.with(Vec::is_empty))>
            <h2 id="others">"Other signatures"</h2>
            <p class="quiet">"Choosing one puts it into this draft. New mails keep getting the automatic one."</p>
            <div role="radiogroup" aria-labelledby="others" on:keydown=|event| arrows(&event)>
                {cards}
            </div>
        </section>
    }
}

fn card(state: State, offered: Offered, plain: bool) -> impl IntoView {
    let Offered { template, name, html, text } = offered;
    let title = "Preview of ".to_owned() + &name;
    let automatic = template.is_empty();
    let mine = template.clone();
    let chosen = when(move || state.choice() == mine);
    let text = if plain { text } else { String::new() };
    let choose = move |_| {
        if !chosen.get_untracked() && !state.busy.get_untracked() {
            spawn_local(actions::choose(state, (!automatic).then(|| template.clone())));
        }
    };
    view! {
        <div class="choice" class:chosen=chosen>
            <button
                type="button"
                role="radio"
                aria-checked=ui::text(move || chosen.get().to_string())
                tabindex=ui::text(move || if chosen.get() { "0".to_owned() } else { "-1".to_owned() })
                on:click=choose
            >
                <span class="dot"></span>
                <span class="grow">{name}</span>
            </button>
            {(!automatic).then(|| view! { <Preview html text title /> })}
        </div>
    }
}

/// Arrow keys move between the radios.
fn arrows(event: &KeyboardEvent) {
    let step = match event.key().as_str() {
        "ArrowDown" | "ArrowRight" => 1,
        "ArrowUp" | "ArrowLeft" => -1,
        _ => return,
    };
    let Some(group) = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else {
        return;
    };
    let Ok(radios) = group.query_selector_all("[role=radio]") else { return };
    let focused: Option<web_sys::Node> = document().active_element().map(Into::into);
    let radios: Vec<_> = (0..radios.length()).filter_map(|at| radios.get(at)).collect();
    let Some(at) = radios.iter().position(|radio| Some(radio) == focused.as_ref()) else { return };
    let next = (at + radios.len()).saturating_add_signed(step) % radios.len();
    event.prevent_default();
    if let Some(radio) = radios[next].dyn_ref::<web_sys::HtmlElement>() {
        drop(radio.focus());
    }
}
