//! One run: how far it is, what it changed or would change, and what somebody has to decide.

use super::changes::{drift, issues, sample, tiles};
use super::columns::columns;
use super::decide::{counts, decide, decide_file};
use crate::api::console::{delete, get, path, send};
use crate::console::pages::directory::sources::words;
use crate::console::pages::{at, page, tenant_crumb};
use crate::console::{router, session};
use crate::ui::time::lasted;
use crate::ui::{
    Button, Icon, Loaded, Notice, Pill, Progress, Stepper, Tone, changing, effect, moment, sentence, tell, tell_error,
    text,
};
use ::api::console::pages::Directory;
use ::api::console::{Cause, Role, Run, RunState, Source, StartRun, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// How long to wait before the server is asked again how far it is.
const POLL: Duration = Duration::from_millis(700);

/// A run, and where on its page one is.
#[derive(Clone, Copy)]
pub(super) struct Desk {
    /// The run.
    pub(super) found: Loaded<Run>,
    /// Its path.
    pub(super) path: StoredValue<String>,
    /// The tenant's id.
    pub(super) tenant: StoredValue<String>,
    /// Whether a file's columns are being looked at, before its plan.
    pub(super) mapping: RwSignal<bool>,
}

impl Desk {
    /// Whether one may decide about the run.
    pub(super) fn may(self) -> bool {
        let least = if self.is_file() { Role::Editor } else { Role::Admin };
        self.tenant.with_value(|tenant| session::may(tenant, least))
    }

    /// Shows the run as it is from now on, and asks until the server is done with it.
    pub(super) fn put(self, run: Run) {
        self.found.value.set(Some(run));
        self.found.retry();
    }

    fn is_file(self) -> bool {
        self.found.peek(|run| run.file.is_some())
    }
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
        mapping: RwSignal::new(true),
    };
    // The server works on its own: poll until it is done.
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
        Some(RunState::Planned) if desk.is_file() => {
            changing(move || if desk.mapping.get() { columns(desk) } else { decide_file(desk) })
        }
        Some(state) => over(desk, state),
    };
    // Not rebuilt with every row.
    let known = Memo::new(move |_| found.value.with(|run| run.clone().map(|run| Run { done: 0, ..run })));
    let content = found.view(move || {
        view! {
            {desk.is_file().then(|| steps(desk))}
            {changing(move || known.get().map(facts))}
            {changing(inside)}
        }
        .into_any()
    });
    let mut crumbs = tenant_crumb(tenant);
    crumbs.push((at(tenant, Directory::Runs), "Runs"));
    let title = text(move || {
        let named = found.read(|run| match &run.file {
            Some(file) => file.name.clone(),
            None => words::name(run.source).to_owned() + ", " + &moment(run.created_ms),
        });
        if named.is_empty() { "Run".to_owned() } else { named }
    });
    page(&crumbs, title, ().into_any(), content)
}

/// Progress of a file.
fn steps(desk: Desk) -> AnyView {
    let at = Memo::new(move |_| {
        desk.found.read(|run| match run.state {
            RunState::Planning | RunState::Planned if desk.mapping.get() => 1,
            RunState::Planning | RunState::Planned => 2,
            RunState::Applying => 3,
            _ => 4,
        })
    });
    view! { <Stepper steps=vec!["File", "Columns", "Plan", "Apply"] at /> }.into_any()
}

/// State of the run, what started it, and how long it took.
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
                <dt>"Started by"</dt>
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
            <p class="quiet">"You can leave this page: the run continues."</p>
            <div class="row">{desk.may().then(|| cancel(desk))}</div>
        </section>
    }
    .into_any()
}

fn over(desk: Desk, state: RunState) -> AnyView {
    let run = desk.found.value.get_untracked();
    let Some(run) = run else { return ().into_any() };
    let said = run.failure.as_deref().map(sentence);
    let notice = match state {
        RunState::Applied if run.file.is_some() => Some(done(desk)),
        RunState::Applied => said.map(|said| view! { <Notice tone=Tone::Warning>{said}</Notice> }.into_any()),
        RunState::Cancelled => {
            Some(view! { <Notice>"The run was cancelled. Nothing was changed."</Notice> }.into_any())
        }
        RunState::Failed => {
            let said = said.unwrap_or_default() + " Nothing was changed.";
            Some(view! { <Notice tone=Tone::Error>{said}</Notice> }.into_any())
        }
        _ if run.preview => Some(previewed(desk, &run, said)),
        _ => None,
    };
    let plan = run.plan.clone().unwrap_or_default();
    let nothing = if state == RunState::Applied { "There was nothing to change." } else { "Nothing would change." };
    let planned = run.plan.is_some().then(|| {
        view! {
            {tiles(&plan)}
            {drift(&plan)}
            {issues(&plan, if run.file.is_some() { "Line" } else { "Row" })}
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

/// The notice after a file was applied.
fn done(desk: Desk) -> AnyView {
    let people = desk.tenant.with_value(|tenant| at(tenant, Directory::People));
    view! {
        <Notice tone=Tone::Success>
            <p>"The plan was applied."</p>
            <div class="row">
                <a class="button" href=people>
                    "People"
                </a>
            </div>
        </Notice>
        {counts(desk)}
    }
    .into_any()
}

/// The notice of a preview.
fn previewed(desk: Desk, run: &Run, said: Option<String>) -> AnyView {
    let source = run.source;
    // Runs of a database are started by the connector.
    let now = (desk.may() && run.cause != Cause::Connector && source != Source::Database).then(|| {
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

/// Cancels a run; nothing is changed.
pub(super) fn cancel(desk: Desk) -> AnyView {
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
