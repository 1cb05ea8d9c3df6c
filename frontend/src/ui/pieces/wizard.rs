//! Several steps one after the other, and how far something is.

use crate::ui::{Icon, changing, icon, text, time::grouped};
use leptos::prelude::*;

/// The steps of a wizard, and at which one is.
#[component]
pub fn Stepper(
    /// Their names.
    steps: Vec<&'static str>,
    /// The one that one is at, from 0.
    #[prop(into)]
    at: Signal<usize>,
) -> impl IntoView {
    let total = steps.len();
    let step = move |(index, name): (usize, &'static str)| {
        let state = Memo::new(move |_| at.get().cmp(&index));
        view! {
            <li
                class:done=move || state.get().is_gt()
                aria-current=move || state.get().is_eq().then_some("step")
            >
                <span class="number" aria-hidden="true">
                    {changing(move || {
                        if state.get().is_gt() { icon(Icon::CHECK).into_any() } else { (index + 1).into_any() }
                    })}
                </span>
                <span>{name}</span>
                <span class="hidden">{text(move || if state.get().is_gt() { ", done".into() } else { String::new() })}</span>
            </li>
        }
    };
    view! {
        <ol class="stepper" aria-label="Steps" data-of=total.to_string()>
            {steps.into_iter().enumerate().map(step).collect_view()}
        </ol>
    }
    .into_any()
}

/// How far something is.
#[component]
pub fn Progress(
    /// What it is, such as `Uploading`.
    #[prop(into)]
    label: Signal<String>,
    /// How much is done.
    #[prop(into)]
    done: Signal<u64>,
    /// Of how much; 0: nobody knows.
    #[prop(into)]
    of: Signal<u64>,
    /// What is counted; empty: hundredths.
    #[prop(optional, into)]
    unit: String,
) -> impl IntoView {
    let words = move || match (of.get(), unit.is_empty()) {
        (0, _) => "…".into(),
        (of, true) => (done.get().saturating_mul(100) / of).min(100).to_string() + " %",
        (of, false) => grouped(done.get()) + " of " + &grouped(of) + " " + &unit,
    };
    view! {
        <div class="progress">
            <div class="row">
                <span class="grow">{label}</span>
                <span class="quiet">{text(words)}</span>
            </div>
            {changing(move || {
                if of.get() == 0 {
                    view! { <progress aria-label=label></progress> }.into_any()
                } else {
                    view! {
                        <progress
                            aria-label=label
                            max=text(move || of.get().to_string())
                            prop:value=move || done.get().min(of.get()).to_string()
                        ></progress>
                    }
                        .into_any()
                }
            })}
        </div>
    }
    .into_any()
}
