//! What an import would change, and its beginning.

use super::import::{Wizard, cancel_button, counts};
use crate::api::console::send;
use crate::console::pages::directory::runs::plan::{issues, sample, tiles};
use crate::ui::{Button, Check, Confirm, Icon, Look, Notice, Tone, count, form_error};
use ::api::console::{ApplyImport, Import, RunPlan};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The plan, with what can be done with it.
pub(crate) fn plan(wizard: Wizard) -> AnyView {
    let found = wizard.found.peek(|import| import.plan.clone());
    let Some(plan) = found else { return ().into_any() };
    let back = move |()| wizard.mapping.set(true);
    view! {
        {tiles(&plan)}
        {counts(wizard)}
        {issues(&plan, "Line")}
        {sample(&plan, "Nothing would change.")}
        {wizard.may.then(|| apply(wizard, &plan))}
        <div class="row wrap">
            <Button icon=Icon::BACK on_press=back>
                "Back to the columns"
            </Button>
            {wizard.may.then(|| cancel_button(wizard))}
        </div>
    }
    .into_any()
}

fn apply(wizard: Wizard, plan: &RunPlan) -> AnyView {
    let (skip, asking) = (RwSignal::new(false), RwSignal::new(false));
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let (wrong, large) = (plan.wrong, plan.needs_confirmation);
    let changes = plan.added + plan.changed + plan.cleared;
    let care = "Look at the plan with care: ".to_owned() + &plan.reasons.join("; ") + ".";
    let run = move |confirmed: bool| {
        let body = ApplyImport { skip_wrong: skip.get_untracked(), confirmed };
        let path = wizard.path.get_value() + "/apply";
        busy.set(true);
        error.set(String::new());
        spawn_local(async move {
            match send::<Import>("POST", &path, &body).await {
                Ok(import) => {
                    asking.set(false);
                    wizard.found.value.set(Some(import));
                }
                Err(failure) => error.set(failure.text()),
            }
            busy.set(false);
        });
    };
    let press = move |()| if large { asking.set(true) } else { run(false) };
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
            {large.then(move || view! { <Notice tone=Tone::Warning>{care}</Notice> })}
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
            on_confirm=move |()| run(true)
        >
            <p>"More than half of the people lose values. It is all or nothing, and cannot be undone."</p>
        </Confirm>
    }
    .into_any()
}
