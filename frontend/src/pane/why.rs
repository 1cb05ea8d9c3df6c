//! *Why this one*: what each rule said.

use super::actions;
use super::state::State;
use crate::ui::{Icon, icon, text, when};
use ::api::Because;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The rules that applied, and folded away those that did not.
pub fn why(state: State) -> impl IntoView {
    let count = move |applied| said(state, applied).len();
    let chosen = move || !state.choice().is_empty();
    let heading = text(move || if state.empty() { "Why there is none".to_owned() } else { "Why this one".to_owned() });
    let others = text(move || "Rules that did not apply (".to_owned() + &count(false).to_string() + ")");
    // Here and in every other fold: on the web Office.js moves the focus at Tab itself, and passes summaries without a
    // tabindex over.
    view! {
        <details class="fold" open hidden=when(move || count(true) + count(false) == 0 && !chosen())>
            <summary tabindex="0"><h2>{heading}</h2>{icon(Icon::CHEVRON)}</summary>
            <div class="own" hidden=when(move || !chosen())>
                <p>"You chose this signature for this draft. Without your choice, the rules decide."</p>
                <button
                    type="button"
                    class="wide"
                    disabled=state.busy
                    on:click=move |_| spawn_local(actions::choose(state, None))
                >
                    {icon(Icon::UNDO)}
                    "Back to automatic"
                </button>
            </div>
            <ul class="rules applied">{rules(state, true)}</ul>
            <details class="fold inner" open=when(move || state.empty()) hidden=when(move || count(false) == 0)>
                <summary tabindex="0"><h3>{others}</h3>{icon(Icon::CHEVRON)}</summary>
                <ul class="rules">{rules(state, false)}</ul>
            </details>
        </details>
    }
}

/// What the rules said that did, or did not, apply.
fn said(state: State, applied: bool) -> Vec<Because> {
    let because = state.signature.with(|found| found.as_ref().map(|s| s.because.clone())).unwrap_or_default();
    because.into_iter().filter(|rule| rule.applied == applied).collect()
}

fn rules(state: State, applied: bool) -> impl IntoView {
    let sign = if applied { Icon::CHECK } else { Icon::DASH };
    let rule = move |rule: Because| {
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
    move || said(state, applied).into_iter().map(rule).collect::<Vec<_>>()
}
