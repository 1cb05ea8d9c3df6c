//! Applying a plan: of a source's run that waits for confirmation, or of a file.

use super::changes::{issues, sample, tiles};
use super::run::{Desk, cancel};
use crate::api::console::send;
use crate::console::pages::directory::sources::words;
use crate::ui::{Button, Check, Confirm, Icon, Look, Notice, Tone, count, form_error, sentence};
use ::api::console::{ApplyRun, Run, RunPlan, Source};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Asks whether to apply a run that waits, and shows what it would remove.
pub(super) fn decide(desk: Desk, run: &Run, plan: &RunPlan) -> AnyView {
    let applying = Applying::new();
    let Applying { asking, busy, error } = applying;
    let losses = loss(run.source, plan);
    // Rows with issues are skipped in all runs except those of files.
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
                " That is more than the guard allows without confirmation. Nothing was changed yet."
            </p>
            <p>
                "If this is correct, apply the run. If not, cancel it, correct the data in the source and run it \
                 again. You can change the guard in the source’s settings."
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
            <p>"The run is applied completely or not at all. For people who are removed, values entered by hand are \
                kept for 30 days."</p>
        </Confirm>
    }
    .into_any()
}

/// What a plan would remove, in a sentence.
fn loss(source: Source, plan: &RunPlan) -> String {
    let lose = count(plan.cleared, "person loses/people lose") + " their values from " + words::said(source);
    if plan.removed == 0 {
        return lose + ".";
    }
    let leave = count(plan.removed, "of them is removed/of them are removed");
    lose + ", and " + &leave + ", because no other source has them."
}

/// The precedence of the file's values, and what happens to people who are not in it.
pub(super) fn counts(desk: Desk) -> AnyView {
    let words = desk.found.peek(|run| {
        let whose = if run.source == Source::Manual { "an admin’s entries" } else { "a directory" };
        let rest = if run.file.as_ref().is_some_and(|file| file.complete) {
            "The file is complete: people who are not in it lose the values from earlier files."
        } else {
            "The file is not complete: people who are not in it keep their values."
        };
        "The values have the precedence of ".to_owned() + whose + ". " + rest
    });
    view! { <p class="quiet">{words}</p> }.into_any()
}

/// The plan of a file, with what can be done with it.
pub(super) fn decide_file(desk: Desk) -> AnyView {
    let found = desk.found.peek(|run| run.plan.clone());
    let Some(plan) = found else { return ().into_any() };
    let back = move |()| desk.mapping.set(true);
    // Such as that the directory changed after the previous plan was made.
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
    let care = "Check the plan carefully: ".to_owned() + &plan.reasons.join("; ") + ".";
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
                            label="Skip rows that cannot be imported"
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
            <p>"The plan is applied completely or not at all, and cannot be undone."</p>
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
