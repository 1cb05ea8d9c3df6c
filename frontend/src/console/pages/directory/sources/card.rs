//! One source: how it stands, what its last run did, when the next one comes, and what can be done.

use super::{Desk, acts, words};
use crate::console::pages::at;
use crate::ui::{Notice, Pill, Progress, Tone, ago, changing, count, icon, moment, new_id, sentence, text, time};
use ::api::console::pages::Directory;
use ::api::console::{Run, RunState, Source, SourceDetail, SourceState};
use leptos::prelude::*;

/// The card of a source. What changes by itself is built anew alone, so that nobody loses the focus to it.
pub(crate) fn card(desk: Desk, source: Source) -> AnyView {
    let id = new_id("source");
    let named = id.clone();
    let standing = Memo::new(move |_| desk.read(source, |one| Some(words::standing(one))));
    let pill = move || standing.get().map(|(text, tone)| view! { <Pill text tone /> });
    view! {
        <section class="card source" aria-labelledby=named data-source=source.as_str()>
            <div class="row wrap">
                <span class="badge small">{icon(words::drawn(source))}</span>
                <h2 id=id>{words::name(source)}</h2>
                {changing(pill)}
                <span class="grow"></span>
                <div class="row wrap">{acts::buttons(desk, source)}</div>
            </div>
            {notices(desk, source)}
            {progress(desk, source)}
            {facts(desk, source)}
        </section>
    }
    .into_any()
}

/// What is wrong, and what waits.
fn notices(desk: Desk, source: Source) -> AnyView {
    let told = Memo::new(move |_| {
        desk.read(source, |one| {
            let waiting = one.waiting.as_ref().map(|run| (run.id.clone(), what_it_takes(run)));
            (one.problem.clone(), waiting)
        })
    });
    changing(move || {
        let (problem, waiting) = told.get();
        let look = waiting.map(|(run, takes)| {
            let href = desk.tenant.with_value(|tenant| at(tenant, Directory::Run(run)));
            view! {
                <Notice tone=Tone::Warning>
                    <p>
                        <strong>"A run is waiting for your confirmation. "</strong>
                        {takes}
                    </p>
                    <div class="row">
                        <a class="button primary" href=href>
                            "Review"
                        </a>
                    </div>
                </Notice>
            }
        });
        let wrong = problem.map(|problem| view! { <Notice tone=Tone::Error>{sentence(&problem)}</Notice> });
        view! {
            {look}
            {wrong}
        }
        .into_any()
    })
}

/// What a run that waits would take away.
fn what_it_takes(run: &Run) -> String {
    let Some(plan) = &run.plan else { return String::new() };
    let mut said = count(plan.cleared, "person loses values/people lose values");
    if plan.removed > 0 {
        said = said + ", " + &count(plan.removed, "of them is removed/of them are removed");
    }
    said + "."
}

/// How far a run is, while there is one.
fn progress(desk: Desk, source: Source) -> AnyView {
    let run = move || desk.read(source, |one| one.last.clone().filter(|run| words::works(run.state)));
    let which = Memo::new(move |_| run().map(|run| run.id));
    changing(move || {
        which.get().map(|id| {
            let href = desk.tenant.with_value(|tenant| at(tenant, Directory::Run(id)));
            view! {
                <div class="row wrap">
                    <div class="grow">
                        <Progress
                            label=text(move || run().as_ref().map(words::progress).unwrap_or_default())
                            done=Signal::derive(move || run().map(|run| run.done).unwrap_or_default())
                            of=Signal::derive(move || run().map(|run| run.rows).unwrap_or_default())
                            unit="rows"
                        />
                    </div>
                    <a href=href>"Review"</a>
                </div>
            }
        })
    })
}

fn facts(desk: Desk, source: Source) -> AnyView {
    // Anew with the minute, so that "5 minutes ago" becomes six, but not with every row of a run: somebody may be about to
    // press a link.
    let shown = Memo::new(move |_| {
        let mut detail = desk.read(source, |one| Some(one.clone()))?;
        if let Some(run) = &mut detail.last {
            (run.done, run.rows) = (0, 0);
        }
        Some((detail, time::minute()))
    });
    changing(move || {
        let (detail, _) = shown.get()?;
        if detail.state == SourceState::Off && detail.last.is_none() && detail.people == 0 {
            return Some(view! { <p class="quiet">{words::about(source)}</p> }.into_any());
        }
        let tenant = desk.tenant.get_value();
        let works = detail.last.as_ref().is_some_and(|run| words::works(run.state));
        Some(
            view! {
                <dl class="facts">
                    <div>
                        <dt>{if works { "Running since" } else { "Last run" }}</dt>
                        <dd>{last(&tenant, &detail)}</dd>
                    </div>
                    <div>
                        <dt>"Next run"</dt>
                        <dd>{next(&detail)}</dd>
                    </div>
                    <div>
                        <dt>"Has values for"</dt>
                        <dd>{count(detail.people, "person/people")}</dd>
                    </div>
                    {detail.account.clone().map(|account| {
                        view! {
                            <div>
                                <dt>"Connected as"</dt>
                                <dd>{account}</dd>
                            </div>
                        }
                    })}
                    {seen(&detail)}
                </dl>
                {hint(desk, source)}
            }
            .into_any(),
        )
    })
}

/// Where there is more of it.
fn hint(desk: Desk, source: Source) -> AnyView {
    if source != Source::Database || crate::ui::address::path().ends_with("/database") {
        return ().into_any();
    }
    let href = desk.tenant.with_value(|tenant| at(tenant, Directory::Database));
    view! { <a href=href>"Secrets, columns, installation"</a> }.into_any()
}

fn last(tenant: &str, detail: &SourceDetail) -> AnyView {
    let Some(run) = &detail.last else { return "never".into_any() };
    let (words, tone) = words::state(run);
    let plan = run.plan.as_ref().filter(|_| run.state == RunState::Applied);
    let said = plan.map(words::summary);
    let wrong = run.plan.as_ref().map(|plan| plan.wrong).filter(|wrong| *wrong > 0);
    view! {
        <span class="row wrap">
            <a href=at(tenant, Directory::Run(run.id.clone()))>{ago(run.ended_ms.unwrap_or(run.created_ms))}</a>
            <Pill text=words tone />
            {wrong.map(|wrong| view! { <Pill text=count(wrong, "issue") tone=Tone::Warning /> })}
        </span>
        {said.map(|said| view! { <span class="quiet">{said}</span> })}
    }
    .into_any()
}

fn next(detail: &SourceDetail) -> AnyView {
    match (detail.state, detail.next_ms) {
        (_, _) if detail.source == Source::Csv => "when a file is imported".into_any(),
        (SourceState::Paused, _) => "none while it is paused".into_any(),
        (SourceState::Off, _) => "none until it is connected".into_any(),
        (_, Some(at_ms)) => view! {
            <time datetime=time::iso(at_ms)>{time::until(at_ms)}</time>
            <span class="quiet">{moment(at_ms)}</span>
        }
        .into_any(),
        _ if detail.source == Source::Database => "when the connector calls in".into_any(),
        _ => "when someone starts it".into_any(),
    }
}

fn seen(detail: &SourceDetail) -> Option<AnyView> {
    let database = detail.database.as_ref()?;
    let program = Some(&database.program).filter(|program| !program.is_empty());
    Some(
        view! {
            <div>
                <dt>"Connector last heard of"</dt>
                <dd>
                    {database.seen_ms.map_or_else(|| "never".into_any(), ago)}
                    {program.map(|program| view! { <span class="quiet">{"Version ".to_owned() + program}</span> })}
                </dd>
            </div>
        }
        .into_any(),
    )
}
