//! Who is affected, and for whom what changes.

use super::Publishing;
use crate::console::pages::signatures::simulation::cells::{self, choice};
use crate::console::pages::signatures::simulation::occasion::messages;
use crate::console::pages::signatures::simulation::outcome::{in_a_line, looks, problems, signature};
use crate::ui::{Button, Empty, Icon, Look, Notice, Tone, changing, icon, text, when};
use ::api::console::{BeforeAfter, Comparison, Simulated};
use leptos::prelude::*;

/// The comparison: what it is of, how far it is, what came out.
pub(crate) fn compared(publishing: Publishing) -> AnyView {
    let comparing = publishing.comparing;
    let runs = when(move || comparing.runs());
    let none = when(move || publishing.picked.with(std::collections::BTreeSet::is_empty));
    let waiting = Memo::new(move |_| comparing.now.with(Option::is_none));
    let finished = Memo::new(move |_| comparing.finished());
    let outdated = Memo::new(move |_| finished.with(Option::is_some) && !publishing.is_compared());
    view! {
        <section class="card" aria-labelledby="compare-heading">
            <div class="row wrap">
                <h2 id="compare-heading" class="grow">
                    "Who is affected"
                </h2>
                <Button look=Look::Primary busy=runs idle=none on_press=move |()| publishing.compare()>
                    "Compare"
                </Button>
            </div>
            <details>
                <summary>"For one message, or another time" {icon(Icon::CHEVRON)}</summary>
                <div class="asked narrow-form">{messages(publishing.asked.get_value())}</div>
            </details>
            {changing(move || {
                outdated
                    .get()
                    .then(|| {
                        view! {
                            <Notice tone=Tone::Warning>
                                "You have since picked other changes. Compare again to see who they affect."
                            </Notice>
                        }
                    })
            })}
        </section>
        {comparing.progress()}
        {changing(move || {
            waiting
                .get()
                .then(|| {
                    view! {
                        <Empty title="Nothing compared yet" icon=Icon::GROUP>
                            <p>
                                "Compare shows what each person gets now and what they would get with the changes \
                                 that you picked, in new mails, replies, forwards and appointments, to internal and \
                                 to external recipients: how many people are affected, who they are, and both \
                                 signatures side by side."
                            </p>
                        </Empty>
                    }
                })
        })}
        {changing(move || finished.get().map(|_| result(publishing)))}
    }
    .into_any()
}

fn result(publishing: Publishing) -> AnyView {
    let comparing = publishing.comparing;
    let Some(now) = comparing.now.get_untracked() else { return ().into_any() };
    let chosen = publishing.query.get_value().filter("person");
    let affected = now.affected;
    view! {
        {counts(&now)}
        {(affected > 0)
            .then(|| {
                view! {
                    {comparing.people(publishing.query.get_value(), true, chosen)}
                    {both(publishing, chosen)}
                }
            })}
    }
    .into_any()
}

fn counts(now: &Comparison) -> AnyView {
    let tile = |number: u64, words: String| {
        view! {
            <div class="card number-tile">
                <strong>{crate::ui::time::grouped(number)}</strong>
                <span class="quiet">{words}</span>
            </div>
        }
    };
    let of = "affected, of ".to_owned() + &crate::ui::time::grouped(now.total);
    let unchanged = "get the same as now".to_owned();
    let problems = if now.new_problems == 1 { "gets new problems" } else { "get new problems" }.to_owned();
    let cells = (now.affected > 0 && !now.cells.is_empty()).then(|| {
        view! {
            <section class="card" aria-labelledby="cells-heading">
                <h2 id="cells-heading">"People affected, by message"</h2>
                {cells::table(&now.cells)}
            </section>
        }
    });
    view! {
        <div class="counts" role="status" aria-label="Result of the comparison">
            {tile(now.affected, of)} {tile(now.total.saturating_sub(now.affected), unchanged)}
            {tile(now.new_problems, problems)}
        </div>
        {cells}
    }
    .into_any()
}

/// Before and after, for somebody who is chosen in the table.
fn both(publishing: Publishing, chosen: RwSignal<String>) -> AnyView {
    let cell = RwSignal::new(String::new());
    let found = publishing.comparing.person(chosen, cell);
    let shown = Signal::derive(move || found.value.get().flatten());
    let none = Memo::new(move |_| chosen.with(String::is_empty));
    let look = publishing.query.get_value().filter("look");
    // It stands below a table that may be longer than the window.
    crate::ui::effect(move || {
        if chosen.with(|chosen| !chosen.is_empty()) {
            request_animation_frame(|| {
                if let Some(heading) = document().get_element_by_id("both-heading") {
                    heading.scroll_into_view();
                }
            });
        }
    });
    let side = move |title: &'static str, read: fn(&BeforeAfter) -> &Simulated| {
        let outcome = Signal::derive(move || found.read(|found| found.as_ref().map(|both| read(both).clone())));
        let plain = when(move || publishing.asked.get_value().is_one_text());
        let words = move || outcome.read().as_ref().map(|one| in_a_line(&one.parts)).unwrap_or_default();
        view! {
            <section aria-label=title>
                <h3>{title}</h3>
                <p class="quiet">{text(words)}</p>
                {signature(outcome, plain, look, title)}
                {changing(move || outcome.get().map(|one| problems(&one)))}
            </section>
        }
        .into_any()
    };
    changing(move || {
        if none.get() {
            return view! { <Notice>"Choose a person in the table to see both signatures side by side."</Notice> }
                .into_any();
        }
        view! {
            <section class="card" aria-labelledby="both-heading">
                <div class="row wrap">
                    <h2 id="both-heading" class="grow">
                        "Side by side"
                    </h2>
                    {choice(shown, cell)} {looks(look)}
                </div>
                {found
                    .view(move || {
                        view! {
                            <div class="sides">
                                {side("Now", |both| &both.before)} {side("With the changes", |both| &both.after)}
                            </div>
                        }
                            .into_any()
                    })}
            </section>
        }
        .into_any()
    })
}
