//! What an import would change, and its beginning.

use super::import::{Wizard, cancel_button, counts};
use crate::api::console::send;
use crate::ui::{Button, Check, Confirm, Icon, Look, Notice, Pill, Tone, count, form_error, sheet, time::grouped};
use ::api::console::{ApplyImport, Import, PlannedPerson, PlannedValue, RowIssue, RunPlan};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The plan, with what can be done with it.
pub(super) fn plan(wizard: Wizard) -> AnyView {
    let found = wizard.found.peek(|import| import.plan.clone());
    let Some(plan) = found else { return ().into_any() };
    let back = move |()| wizard.mapping.set(true);
    let tile = |number: u64, words: &'static str| {
        view! {
            <div class="card number-tile">
                <strong>{grouped(number)}</strong>
                <span>{words}</span>
            </div>
        }
    };
    view! {
        <div class="tiles">
            {tile(plan.added, "people are new")} {tile(plan.changed, "people change")}
            {tile(plan.unchanged, "people stay as they are")} {tile(plan.cleared, "people lose values")}
        </div>
        {counts(wizard)}
        {issues(&plan)}
        {sample(&plan)}
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

fn issues(plan: &RunPlan) -> AnyView {
    if plan.wrong == 0 {
        return ().into_any();
    }
    let one = |issue: &RowIssue| {
        let line = "Line ".to_owned() + &grouped(issue.line);
        [line, issue.column.clone().unwrap_or_default(), issue.detail.clone()].map(IntoAny::into_any).into()
    };
    let rows = plan.issues.iter().map(one).collect();
    let more = plan.wrong.saturating_sub(plan.issues.len() as u64);
    view! {
        <section class="stack">
            <h2>{count(plan.wrong, "row cannot be imported/rows cannot be imported")}</h2>
            {sheet("Rows that cannot be imported", &["Line", "Column", "What is wrong, and what to do"], rows)}
            {(more > 0).then(|| view! { <p class="quiet">{"and ".to_owned() + &grouped(more) + " more."}</p> })}
        </section>
    }
    .into_any()
}

fn sample(plan: &RunPlan) -> AnyView {
    if plan.sample.is_empty() {
        return view! { <Notice>"Nothing would change."</Notice> }.into_any();
    }
    let value = |value: &PlannedValue| {
        view! {
            <div>
                <span class="quiet">{value.token.clone()} ": "</span>
                {value.from.clone().map(|from| view! { <del class="before">{from}</del> " " })}
                {value.to.clone().map(|to| view! { <ins class="after">{to}</ins> })}
            </div>
        }
    };
    let one = |person: &PlannedPerson| {
        let who = view! {
            <span class="row wrap">
                {person.address.clone()} {person.is_new.then(|| view! { <Pill text="New" tone=Tone::Success /> })}
            </span>
        };
        let changes = view! { <div>{person.changes.iter().map(value).collect_view()}</div> };
        vec![who.into_any(), changes.into_any()]
    };
    let rows = plan.sample.iter().map(one).collect();
    view! {
        <section class="stack">
            <h2>"Some of the people who change"</h2>
            {sheet("Some of the people who change", &["Person", "Before and after"], rows)}
        </section>
    }
    .into_any()
}

fn apply(wizard: Wizard, plan: &RunPlan) -> AnyView {
    let (skip, asking) = (RwSignal::new(false), RwSignal::new(false));
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let (wrong, large) = (plan.wrong, plan.needs_confirmation);
    let changes = plan.added + plan.changed + plan.cleared;
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
                            hint="Without this, put the file right and upload it again."
                        />
                    }
                })}
            {large
                .then(|| {
                    view! {
                        <Notice tone=Tone::Warning>
                            "More than half of the people lose values. Look at the plan with care."
                        </Notice>
                    }
                })}
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
