//! Whether a plan is applied: a source's that waits, or a file's.

use super::changes::{issues, sample, tiles};
use super::run::{Desk, cancel};
use crate::api::console::send;
use crate::console::pages::directory::sources::words;
use crate::ui::{Button, Check, Confirm, Icon, Look, Notice, Tone, count, form_error, sentence};
use ::api::console::{ApplyRun, Run, RunPlan, Source};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Whether a run that waits is applied: somebody has to have seen what it takes away.
pub(super) fn decide(desk: Desk, run: &Run, plan: &RunPlan) -> AnyView {
    let applying = Applying::new();
    let Applying { asking, busy, error } = applying;
    let losses = loss(run.source, plan);
    // Rows with issues are left out of every run that no file brought.
    let confirmed = move |()| applying.apply(desk, ApplyRun { skip_wrong: true, confirmed: true });
    let buttons = desk.may().then(|| {
        view! {
            <div class="row wrap">
                <Button look=Look::Primary on_press=move |()| asking.set(true)>
                    "Apply …"
                </Button>
                {cancel(desk)}
            </div>
        }
    });
    let said = losses.clone();
    view! {
        <Notice tone=Tone::Warning>
            <p>
                <strong>"This run waits: "</strong>
                {losses}
                " That is more than the guard lets through by itself. Nothing was changed yet."
            </p>
            <p>
                "If it is right, apply it. If not, cancel it, put the source right and run it again; the guard is in the source’s settings."
            </p>
            {form_error(error.into())}
            {buttons}
        </Notice>
        <Confirm
            open=asking
            title=Signal::stored("Apply this run?".to_owned())
            action="Apply"
            typed=Signal::stored("apply".to_owned())
            busy
            error
            on_confirm=confirmed
        >
            <p>{said.clone()}</p>
            <p>"It is all or nothing. What was written by hand for somebody who leaves is kept for 30 days."</p>
        </Confirm>
    }
    .into_any()
}

/// What a plan takes away, in a sentence.
fn loss(source: Source, plan: &RunPlan) -> String {
    let lose = count(plan.cleared, "person loses/people lose") + " what " + words::said(source) + " said of them";
    if plan.removed == 0 {
        return lose + ".";
    }
    let leave = count(plan.removed, "of them leaves the directory/of them leave the directory");
    lose + ", and " + &leave + ", because no other source has them."
}

/// How its values count, and what becomes of who is not in it.
pub(super) fn counts(desk: Desk) -> AnyView {
    let words = desk.found.peek(|run| {
        let whose = if run.source == Source::Manual { "an admin’s" } else { "a directory’s" };
        let rest = if run.file.as_ref().is_some_and(|file| file.complete) {
            "The file is complete: people who are not in it lose what an earlier file said of them."
        } else {
            "The file is not complete: people who are not in it stay as they are."
        };
        "The values count as ".to_owned() + whose + ". " + rest
    });
    view! { <p class="quiet">{words}</p> }.into_any()
}

/// The plan of a file, with what can be done with it.
pub(super) fn decide_file(desk: Desk) -> AnyView {
    let found = desk.found.peek(|run| run.plan.clone());
    let Some(plan) = found else { return ().into_any() };
    let back = move |()| desk.mapping.set(true);
    // Such as that somebody changed meanwhile what the plan before it was made from.
    let said = desk.found.peek(|run| run.failure.as_deref().map(sentence));
    view! {
        {said.map(|said| view! { <Notice tone=Tone::Warning>{said}</Notice> })}
        {tiles(&plan)}
        {counts(desk)}
        {issues(&plan, "Line")}
        {sample(&plan, "Nothing would change.")}
        {desk.may().then(|| apply_file(desk, &plan))}
        <div class="row wrap">
            <Button icon=Icon::BACK on_press=back>
                "Back to the columns"
            </Button>
            {desk.may().then(|| cancel(desk))}
        </div>
    }
    .into_any()
}

fn apply_file(desk: Desk, plan: &RunPlan) -> AnyView {
    let (skip, applying) = (RwSignal::new(false), Applying::new());
    let Applying { asking, busy, error } = applying;
    let (wrong, large) = (plan.wrong, plan.needs_confirmation);
    let changes = plan.added + plan.changed + plan.cleared;
    let care = "Look at the plan with care: ".to_owned() + &plan.reasons.join("; ") + ".";
    let said = care.clone();
    let begin = move |confirmed: bool| {
        applying.apply(desk, ApplyRun { skip_wrong: skip.get_untracked(), confirmed });
    };
    let press = move |()| if large { asking.set(true) } else { begin(false) };
    let idle = Signal::derive(move || wrong > 0 && !skip.get());
    view! {
        <section class="card">
            {(wrong > 0)
                .then(|| {
                    view! {
                        <Check
                            label="Leave out the rows that are wrong"
                            checked=skip
                            hint="Otherwise correct the file and upload it again."
                        />
                    }
                })}
            {large.then(move || view! { <Notice tone=Tone::Warning>{said}</Notice> })}
            {form_error(error.into())}
            <div class="row">
                <Button look=Look::Primary busy idle on_press=press>
                    {"Apply to ".to_owned() + &count(changes, "person/people")}
                </Button>
            </div>
        </section>
        <Confirm
            open=asking
            title=Signal::stored("Apply this plan?".to_owned())
            action="Apply"
            typed=Signal::stored("apply".to_owned())
            busy
            error
            on_confirm=move |()| begin(true)
        >
            <p>{care.clone()}</p>
            <p>"It is all or nothing, and cannot be undone."</p>
        </Confirm>
    }
    .into_any()
}

/// A run that is applied: asked for in a dialog, then sent.
#[derive(Clone, Copy)]
struct Applying {
    /// Whether the dialog is open.
    asking: RwSignal<bool>,
    busy: RwSignal<bool>,
    error: RwSignal<String>,
}

impl Applying {
    fn new() -> Self {
        Self { asking: RwSignal::new(false), busy: RwSignal::new(false), error: RwSignal::new(String::new()) }
    }

    /// Applies the run, and closes the dialog that asked for it.
    fn apply(self, desk: Desk, how: ApplyRun) {
        let path = desk.path.get_value() + "/apply";
        self.busy.set(true);
        self.error.set(String::new());
        spawn_local(async move {
            match send::<Run>("POST", &path, &how).await {
                Ok(run) => {
                    self.asking.set(false);
                    desk.put(run);
                }
                Err(failure) => self.error.set(failure.text()),
            }
            self.busy.set(false);
        });
    }
}
