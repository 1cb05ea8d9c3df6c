//! What everybody gets: how many get which templates, and who.

use super::Simulation;
use super::cells::{choice, limited};
use super::comparison::Comparing;
use super::occasion::messages;
use super::outcome::{in_a_line, problems, signature, trace};
use crate::console::pages::rules::put;
use crate::ui::{Button, Dialog, Empty, Icon, Look, changing, count, effect, when};
use ::api::console::Combination;
use leptos::prelude::*;

/// The form and, below it, what came out.
pub(crate) fn everybody(simulation: Simulation) -> AnyView {
    let comparing = Comparing::new(simulation.tenant);
    let start = move |()| {
        let Some(changes) = untrack(move || simulation.picked()) else { return };
        // Its places are the last one's.
        simulation.query.filter("gets").set(String::new());
        comparing.start(untrack(move || simulation.asked.get_value().compare(changes)));
    };
    let runs = when(move || comparing.runs());
    let chosen = RwSignal::new(String::new());
    let finished = Memo::new(move |_| comparing.finished());
    let waiting = Memo::new(move |_| comparing.now.with(Option::is_none));
    view! {
        <section class="card asked narrow-card" aria-label="The messages">
            {messages(simulation.asked.get_value())}
            <div class="row">
                <Button look=Look::Primary busy=runs on_press=start>
                    "Compare everyone"
                </Button>
            </div>
        </section>
        {comparing.progress()}
        {changing(move || {
            waiting
                .get()
                .then(|| {
                    view! {
                        <Empty title="What everyone gets" icon=Icon::GROUP>
                            <p>"Shows how many people get which templates, in which messages, and who."</p>
                        </Empty>
                    }
                })
        })}
        {changing(move || finished.get().map(|_| result(simulation, comparing, chosen)))}
    }
    .into_any()
}

fn result(simulation: Simulation, comparing: Comparing, chosen: RwSignal<String>) -> AnyView {
    let now = comparing.now.get_untracked();
    let (total, combinations) = now.map(|now| (now.total, now.combinations)).unwrap_or_default();
    let gets = simulation.query.filter("gets");
    let one = |(place, combination): (usize, Combination)| {
        let place = place.to_string();
        view! {
            <li class="row">
                <span class="twice grow">
                    <button type="button" class="link" on:click=move |_| gets.set(place.clone())>
                        {in_a_line(&combination.parts)}
                    </button>
                    {limited(&combination.cells).map(|words| view! { <span class="quiet">{words}</span> })}
                </span>
                <strong>{count(combination.after, "person/people")}</strong>
            </li>
        }
    };
    view! {
        <section class="card" aria-labelledby="combinations-heading">
            <h2 id="combinations-heading">"Combination of templates"</h2>
            <p class="quiet">{count(total, "person or mailbox was/people and mailboxes were")} " compared."</p>
            <ul class="plain-list">
                {combinations.into_iter().enumerate().filter(|(_, one)| one.after > 0).map(one).collect_view()}
            </ul>
        </section>
        {comparing.people(simulation.query, false, chosen)}
        {somebody(simulation, comparing, chosen)}
    }
    .into_any()
}

/// What the chosen one gets, in a dialog: the list stays behind it.
fn somebody(simulation: Simulation, comparing: Comparing, chosen: RwSignal<String>) -> AnyView {
    let cell = RwSignal::new(String::new());
    let found = comparing.person(chosen, cell);
    let open = RwSignal::new(false);
    effect(move || put(open, chosen.with(|chosen| !chosen.is_empty())));
    effect(move || {
        if !open.get() {
            put(chosen, String::new());
        }
    });
    let inside = move || {
        let outcome = Signal::derive(move || found.value.get().flatten().map(|both| both.after));
        let plain = when(move || simulation.asked.get_value().is_one_text());
        let both = Signal::derive(move || found.value.get().flatten());
        let because = move || {
            outcome.get().map(|one| {
                let why = simulation.tenant.with_value(|tenant| trace(one.signature.because.clone(), tenant));
                view! {
                    {problems(&one)}
                    <h3>"Why, rule by rule"</h3>
                    {why}
                }
            })
        };
        found.view(move || {
            view! {
                {choice(both, cell)}
                {signature(outcome, plain, simulation.query.filter("look"), "The signature")}
                {changing(because)}
            }
            .into_any()
        })
    };
    view! {
        <Dialog open title="What they get, and why" wide=true>
            {inside}
        </Dialog>
    }
    .into_any()
}
