//! The other signatures that the person may choose: a radio group of cards.

use super::actions;
use super::state::State;
use crate::ui::{Preview, icon, Icon};
use ::api::{BodyFormat, Offered};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::JsCast;

/// The automatic signature and what may stand in its place. Choosing inserts; arrow keys only move, since inserting at
/// every key press would be a nuisance.
#[component]
pub fn Others(state: State) -> impl IntoView {
    let choice = Memo::new(move |_| state.draft.with(|draft| draft.as_ref().and_then(|draft| draft.choice.clone())));
    let plain = Memo::new(move |_| state.draft.with(|draft| draft.as_ref().is_some_and(|draft| draft.format == BodyFormat::Text)));
    move || {
        let choices = state.choices.get();
        if choices.is_empty() {
            return ().into_any();
        }
        let cards = choices.into_iter().map(|offered| card(state, offered, choice, plain.get())).collect_view();
        view! {
            <section class="others" aria-labelledby="others">
                <h2 id="others">"Other signatures"</h2>
                <p class="quiet">"Choosing one puts it into this draft. New mails keep getting the automatic one."</p>
                <div role="radiogroup" aria-labelledby="others" on:keydown=arrows>
                    {automatic(state, choice)}
                    {cards}
                </div>
            </section>
        }
        .into_any()
    }
}

fn automatic(state: State, choice: Memo<Option<String>>) -> AnyView {
    view! {
        <div class="choice" class:chosen=move || choice.with(Option::is_none)>
            {radio(state, None, "Automatic".into(), choice)}
            <p class="quiet">"The one that your company’s rules give."</p>
        </div>
    }
    .into_any()
}

fn card(state: State, offered: Offered, choice: Memo<Option<String>>, plain: bool) -> AnyView {
    let Offered { template, name, html, text } = offered;
    let title = "Preview of ".to_owned() + &name;
    let mine = template.clone();
    let text = if plain { text } else { String::new() };
    view! {
        <div class="choice" class:chosen=move || choice.with(|choice| choice.as_ref() == Some(&mine))>
            {radio(state, Some(template), name, choice)}
            <Preview html text title />
        </div>
    }
    .into_any()
}

fn radio(state: State, value: Option<String>, name: String, choice: Memo<Option<String>>) -> AnyView {
    let compared = value.clone();
    let checked = Memo::new(move |_| choice.with(|choice| *choice == compared));
    let choose = move |_| {
        if !checked.get_untracked() && !state.busy.get_untracked() {
            spawn_local(actions::choose(state, value.clone()));
        }
    };
    view! {
        <button
            type="button"
            role="radio"
            aria-checked=move || checked.get().to_string()
            tabindex=move || if checked.get() { "0" } else { "-1" }
            on:click=choose
        >
            <span class="dot"></span>
            <span class="grow clip">{name}</span>
            {move || checked.get().then(|| icon(Icon::Check))}
        </button>
    }
    .into_any()
}

/// Arrow keys, Home and End move between the radios.
fn arrows(event: KeyboardEvent) {
    let step = match event.key().as_str() {
        "ArrowDown" | "ArrowRight" => 1,
        "ArrowUp" | "ArrowLeft" => -1,
        _ => return,
    };
    let Some(group) = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else { return };
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
