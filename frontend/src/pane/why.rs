//! *Why this one*: what each rule said.

use super::actions;
use super::state::State;
use crate::ui::{Icon, icon};
use ::api::Because;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The rules that applied, and folded away those that did not.
#[component]
pub fn Why(state: State) -> impl IntoView {
    let because = Memo::new(move |_| state.signature.with(|found| found.as_ref().map(|s| s.because.clone())).unwrap_or_default());
    let chosen = Memo::new(move |_| state.draft.with(|draft| draft.as_ref().is_some_and(|draft| draft.choice.is_some())));
    move || {
        let (applied, others): (Vec<_>, Vec<_>) = because.get().into_iter().partition(|rule| rule.applied);
        if applied.is_empty() && others.is_empty() && !chosen.get() {
            return ().into_any();
        }
        let none = applied.is_empty();
        // Here and in every other fold: on the web Office.js moves the focus at Tab itself, and passes summaries without a
        // tabindex over.
        view! {
            <details class="fold" open>
                <summary tabindex="0"><h2>{if none && !chosen.get() { "Why none" } else { "Why this one" }}</h2>{icon(Icon::Chevron)}</summary>
                {move || chosen.get().then(|| own_choice(state))}
                {(!none).then(|| rules(applied, Icon::Check))}
                {(!others.is_empty()).then(|| unfold(others, none))}
            </details>
        }
        .into_any()
    }
}

fn own_choice(state: State) -> AnyView {
    view! {
        <div class="notice">
            <p class="grow">"You chose this one yourself for this draft. Without your choice the rules decide."</p>
        </div>
        <button
            type="button"
            class="wide"
            disabled=move || state.busy.get()
            on:click=move |_| spawn_local(actions::choose(state, None))
        >
            {icon(Icon::Undo)}
            "Back to the automatic one"
        </button>
    }
    .into_any()
}

fn unfold(others: Vec<Because>, open: bool) -> AnyView {
    let count = others.len().to_string();
    view! {
        <details class="fold inner" open=open>
            <summary tabindex="0"><h3>"Rules that did not apply ("{count}")"</h3>{icon(Icon::Chevron)}</summary>
            {rules(others, Icon::Dash)}
        </details>
    }
    .into_any()
}

fn rules(rules: Vec<Because>, sign: Icon) -> AnyView {
    let class = if sign == Icon::Check { "rules applied" } else { "rules" };
    let rule = |rule: Because| {
        view! {
            <li>
                {icon(sign)}
                <div>
                    <strong>{rule.name}</strong>
                    <p>{rule.reason}</p>
                </div>
            </li>
        }
    };
    view! { <ul class=class>{rules.into_iter().map(rule).collect_view()}</ul> }.into_any()
}
