//! One run: how far it is, what it changed or would change, and what somebody has to decide.

pub(crate) mod plan;

use self::plan::{drift, issues, sample, tiles};
use super::sources::words;
use crate::api::console::{delete, get, path, send};
use crate::console::pages::{at, page, tenant_crumb};
use crate::console::{router, session};
use crate::ui::time::lasted;
use crate::ui::{
    Button, Confirm, Icon, Loaded, Look, Notice, Pill, Progress, Tone, changing, count, effect, form_error, moment,
    sentence, tell, tell_error, text,
};
use ::api::console::pages::Directory;
use ::api::console::{ApplyImport, Cause, Role, Run, RunPlan, RunState, Source, StartRun, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// How long to wait before the server is asked again how far it is.
const POLL: Duration = Duration::from_millis(700);

/// The run, and whether one may decide about it.
#[derive(Clone, Copy)]
struct Desk {
    found: Loaded<Run>,
    path: StoredValue<String>,
    tenant: StoredValue<String>,
    may: bool,
}

/// `/console/tenants/TENANT/runs/RUN`.
pub(crate) fn run(tenant: &str, id: &str) -> AnyView {
    let own = path(paths::RUN, &[tenant, id]);
    let asked = own.clone();
    let found = Loaded::new(move || {
        let path = asked.clone();
        async move { get::<Run>(&path).await }
    });
    let desk = Desk {
        found,
        path: StoredValue::new(own),
        tenant: StoredValue::new(tenant.to_owned()),
        may: session::may(tenant, Role::Admin),
    };
    // The server works on its own: ask until it is done.
    effect(move || {
        if !found.busy.get()
            && found.value.with_untracked(|run| run.as_ref().is_some_and(|run| words::works(run.state)))
        {
            let again = set_timeout_with_handle(move || found.retry(), POLL);
            on_cleanup(move || drop(again.map(|again| again.clear())));
        }
    });
    let state = Memo::new(move |_| found.value.with(|run| run.as_ref().map(|run| run.state)));
    let inside = move || match state.get() {
        None => ().into_any(),
        Some(state) if words::works(state) => working(desk),
        Some(state) => over(desk, state),
    };
    // Not anew with every row.
    let known = Memo::new(move |_| found.value.with(|run| run.clone().map(|run| Run { done: 0, ..run })));
    let content = found.view(move || {
        view! {
            {changing(move || known.get().map(facts))}
            {changing(inside)}
        }
        .into_any()
    });
    let mut crumbs = tenant_crumb(tenant);
    crumbs.push((at(tenant, Directory::Sources), "Sources"));
    let title = text(move || {
        let named = found.read(|run| words::name(run.source).to_owned() + ", " + &moment(run.created_ms));
        if named.is_empty() { "Run".to_owned() } else { named }
    });
    page(&crumbs, title, ().into_any(), content)
}

/// Whose run it is, where it is, and what began it.
fn facts(run: Run) -> AnyView {
    let (words, tone) = words::state(&run);
    let took = run.ended_ms.map(|ended| lasted(run.created_ms, ended));
    view! {
        <dl class="facts card">
            <div>
                <dt>"State"</dt>
                <dd>
                    <span class="row wrap" role="status">
                        <Pill text=words tone />
                        {(run.preview && run.state != RunState::Planned)
                            .then(|| view! { <Pill text="Preview" tone=Tone::Info /> })}
                    </span>
                </dd>
            </div>
            <div>
                <dt>"Began by"</dt>
                <dd>{words::cause(run.cause)} <span class="quiet">{run.actor}</span></dd>
            </div>
            {took
                .map(|took| {
                    view! {
                        <div>
                            <dt>"Took"</dt>
                            <dd>{took}</dd>
                        </div>
                    }
                })}
            {(run.rows > 0)
                .then(|| {
                    view! {
                        <div>
                            <dt>"Rows"</dt>
                            <dd>{crate::ui::time::grouped(run.rows)}</dd>
                        </div>
                    }
                })}
        </dl>
    }
    .into_any()
}

fn working(desk: Desk) -> AnyView {
    let found = desk.found;
    view! {
        <section class="card">
            <Progress
                label=text(move || found.read(words::progress))
                done=Signal::derive(move || found.read(|run| run.done))
                of=Signal::derive(move || found.read(|run| run.rows))
                unit="rows"
            />
            <p class="quiet">"You may leave this page: it goes on without you."</p>
            <div class="row">{desk.may.then(|| cancel(desk))}</div>
        </section>
    }
    .into_any()
}

fn over(desk: Desk, state: RunState) -> AnyView {
    let run = desk.found.value.get_untracked();
    let Some(run) = run else { return ().into_any() };
    let said = run.failure.as_deref().map(sentence);
    let notice = match state {
        RunState::Applied => said.map(|said| view! { <Notice tone=Tone::Warning>{said}</Notice> }.into_any()),
        RunState::Cancelled => {
            Some(view! { <Notice>"Somebody cancelled it. Nothing was changed."</Notice> }.into_any())
        }
        RunState::Failed => {
            let said = said.unwrap_or_default() + " Nothing was changed.";
            Some(view! { <Notice tone=Tone::Error>{said}</Notice> }.into_any())
        }
        _ if run.preview => Some(previewed(desk, &run, said)),
        _ => None,
    };
    let plan = run.plan.clone().unwrap_or_default();
    let nothing = if state == RunState::Applied { "Nothing had to be changed." } else { "Nothing would change." };
    let planned = run.plan.is_some().then(|| {
        view! {
            {tiles(&plan)}
            {drift(&plan)}
            {issues(&plan, "Row")}
            {sample(&plan, nothing)}
        }
    });
    view! {
        {notice}
        {words::waits(&run).then(|| decide(desk, &run, &plan))}
        {planned}
    }
    .into_any()
}

/// What somebody sees who only wanted to look.
fn previewed(desk: Desk, run: &Run, said: Option<String>) -> AnyView {
    let source = run.source;
    // The connector begins the runs of a database.
    let now = (desk.may && run.cause != Cause::Connector && source != Source::Database).then(|| {
        let busy = RwSignal::new(false);
        view! {
            <div class="row">
                <Button icon=Icon::REFRESH busy on_press=move |()| begin(desk, source, busy)>
                    "Run now"
                </Button>
            </div>
        }
    });
    view! {
        <Notice>
            <p>
                <strong>"This is a preview: nothing was changed. "</strong>
                {said}
            </p>
            {now}
        </Notice>
    }
    .into_any()
}

fn begin(desk: Desk, source: Source, busy: RwSignal<bool>) {
    let path = desk.tenant.with_value(|tenant| path(paths::SOURCE_RUNS, &[tenant, source.as_str()]));
    busy.set(true);
    spawn_local(async move {
        match send::<Run>("POST", &path, &StartRun::default()).await {
            Ok(run) => router::go(&desk.tenant.with_value(|tenant| at(tenant, Directory::Run(run.id)))),
            Err(failure) => tell_error(failure.text()),
        }
        busy.set(false);
    });
}

/// Whether a run that waits is applied: somebody has to have seen what it takes away.
fn decide(desk: Desk, run: &Run, plan: &RunPlan) -> AnyView {
    let (asking, busy) = (RwSignal::new(false), RwSignal::new(false));
    let error = RwSignal::new(String::new());
    let losses = loss(run.source, plan);
    let confirmed = move |()| {
        let path = desk.path.get_value() + "/apply";
        // Rows with issues are left out of every run that no file brought.
        let body = ApplyImport { skip_wrong: true, confirmed: true };
        busy.set(true);
        error.set(String::new());
        spawn_local(async move {
            match send::<Run>("POST", &path, &body).await {
                Ok(run) => {
                    asking.set(false);
                    desk.found.value.set(Some(run));
                    desk.found.retry();
                }
                Err(failure) => error.set(failure.text()),
            }
            busy.set(false);
        });
    };
    let buttons = desk.may.then(|| {
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

fn cancel(desk: Desk) -> AnyView {
    let busy = RwSignal::new(false);
    let cancel = move |()| {
        busy.set(true);
        spawn_local(async move {
            match delete(&desk.path.get_value()).await {
                Ok(()) => {
                    tell("The run is cancelled. Nothing was changed.");
                    desk.found.retry();
                }
                Err(failure) => tell_error(failure.text()),
            }
            busy.set(false);
        });
    };
    view! {
        <Button busy on_press=cancel>
            "Cancel the run"
        </Button>
    }
    .into_any()
}
