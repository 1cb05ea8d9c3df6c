//! What a run would change or has changed: counts, rows that cannot be imported, some of the people. The same for files and
//! for every other source.

use crate::ui::time::grouped;
use crate::ui::{Notice, Pill, Tone, count, sheet};
use ::api::console::{PlannedPerson, PlannedValue, RowIssue, RunPlan};
use leptos::prelude::*;

/// Counts of people and other changes; rare counts are left out when they are zero.
pub(crate) fn tiles(plan: &RunPlan) -> AnyView {
    let always = [
        (plan.added, "new/new"),
        (plan.changed, "changed/changed"),
        (plan.unchanged, "unchanged/unchanged"),
        (plan.cleared, "loses values/lose values"),
    ];
    let seldom = [
        (plan.removed, "of them is removed/of them are removed"),
        (plan.groups, "group changed/groups changed"),
        (plan.members, "membership changed/memberships changed"),
        (plan.unmatched, "row with an unknown address/rows with an unknown address"),
        (plan.wrong, "row with an issue/rows with an issue"),
    ];
    let tile = |(number, words): (u64, &'static str)| {
        let (one, many) = words.split_once('/').unwrap_or((words, words));
        view! {
            <div class="card number-tile">
                <strong>{grouped(number)}</strong>
                <span>{if number == 1 { one } else { many }}</span>
            </div>
        }
    };
    let shown = always.into_iter().chain(seldom.into_iter().filter(|(number, _)| *number > 0));
    view! { <div class="tiles">{shown.map(tile).collect_view()}</div> }.into_any()
}

/// What had drifted, in a run that fetched everyone.
pub(crate) fn drift(plan: &RunPlan) -> AnyView {
    let Some(drift) = &plan.drift else { return ().into_any() };
    let words = if drift.is_none() {
        "Everyone was fetched again: nothing had drifted.".to_owned()
    } else {
        "Everyone was fetched again: ".to_owned() + &drift.to_string() + "."
    };
    view! { <Notice>{words}</Notice> }.into_any()
}

/// The rows that cannot be imported, if any. `line`: the word for a numbered row.
pub(crate) fn issues(plan: &RunPlan, line: &'static str) -> AnyView {
    if plan.wrong == 0 {
        return ().into_any();
    }
    let rows = plan.issues.iter().map(|one| issue(one, line)).collect();
    let more = plan.wrong.saturating_sub(plan.issues.len() as u64);
    view! {
        <section class="stack">
            <h2>{count(plan.wrong, "row cannot be imported/rows cannot be imported")}</h2>
            {sheet("Rows that cannot be imported", &["Row", "Column", "Problem, and what to do"], rows)}
            {(more > 0).then(|| view! { <p class="quiet">{"and ".to_owned() + &grouped(more) + " more."}</p> })}
        </section>
    }
    .into_any()
}

fn issue(issue: &RowIssue, line: &str) -> Vec<AnyView> {
    let number = (issue.line > 0).then(|| line.to_owned() + " " + &grouped(issue.line));
    let named = match (number, issue.subject.clone()) {
        (Some(number), Some(subject)) => number + ": " + &subject,
        (number, subject) => number.or(subject).unwrap_or_else(|| "All".into()),
    };
    vec![named.into_any(), issue.column.clone().unwrap_or_default().into_any(), issue.detail.clone().into_any()]
}

/// The first people who change; `nothing` is shown if there are none.
pub(crate) fn sample(plan: &RunPlan, nothing: &'static str) -> AnyView {
    if plan.sample.is_empty() {
        let nobody = plan.added + plan.changed + plan.cleared + plan.groups + plan.members == 0;
        return nobody.then(|| view! { <Notice>{nothing}</Notice> }).into_any();
    }
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

fn value(value: &PlannedValue) -> AnyView {
    view! {
        <div>
            <span class="quiet">{value.token.clone()} ": "</span>
            {value.from.clone().map(|from| view! { <del class="before">{from}</del> " " })}
            {value.to.clone().map(|to| view! { <ins class="after">{to}</ins> })}
        </div>
    }
    .into_any()
}
