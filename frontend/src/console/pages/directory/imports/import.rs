//! One import: where its columns go, what it would change, and its application.

use super::plan::plan;
use super::state_words;
use crate::api::console::{delete, get, path, send};
use crate::console::pages::{at, page, tenant_crumb};
use crate::console::session;
use crate::ui::{
    Button, Check, Icon, Loaded, Look, Notice, Progress, Radios, Select, Stepper, Value, changing, effect, form_error,
    tell, tell_error, text,
};
use ::api::console::pages::Directory;
use ::api::console::{Fields, Import, ImportColumn, ImportMapping, Role, RunState, Source, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// How long to wait before the server is asked again how far it is.
const POLL: Duration = Duration::from_millis(700);

/// One import, and where in it one is.
#[derive(Clone, Copy)]
pub(crate) struct Wizard {
    /// The import.
    pub(crate) found: Loaded<Import>,
    /// Its path.
    pub(crate) path: StoredValue<String>,
    /// The tenant's id.
    pub(crate) tenant: StoredValue<String>,
    /// Whether its columns are being looked at, before the plan.
    pub(crate) mapping: RwSignal<bool>,
    /// Whether one may go on.
    pub(crate) may: bool,
}

/// `/console/tenants/TENANT/imports/IMPORT`.
pub(crate) fn import(tenant: &str, id: &str) -> AnyView {
    let own = path(paths::IMPORT, &[tenant, id]);
    let asked = own.clone();
    let found = Loaded::new(move || {
        let path = asked.clone();
        async move { get::<Import>(&path).await }
    });
    let wizard = Wizard {
        found,
        path: StoredValue::new(own),
        tenant: StoredValue::new(tenant.to_owned()),
        mapping: RwSignal::new(true),
        may: session::may(tenant, Role::Editor),
    };
    // The server works on its own: ask until it is done.
    effect(move || {
        let works = found.read(|import| matches!(import.state, RunState::Planning | RunState::Applying));
        if works {
            let again = set_timeout_with_handle(move || found.retry(), POLL);
            on_cleanup(move || drop(again.map(|again| again.clear())));
        }
    });
    let step = Memo::new(move |_| {
        found.read(|import| match import.state {
            RunState::Planning | RunState::Planned if wizard.mapping.get() => 1,
            RunState::Planning | RunState::Planned => 2,
            RunState::Applying => 3,
            _ => 4,
        })
    });
    let state = Memo::new(move |_| found.value.with(|import| import.as_ref().map(|import| import.state)));
    let inside = move || match state.get() {
        None => ().into_any(),
        Some(RunState::Planning) => working(wizard, "Reading and comparing the file"),
        Some(RunState::Applying) => working(wizard, "Applying"),
        Some(RunState::Planned) => changing(move || if wizard.mapping.get() { mapping(wizard) } else { plan(wizard) }),
        Some(ended) => over(wizard, ended),
    };
    let content = found.view(move || {
        view! {
            <Stepper steps=vec!["File", "Columns", "Plan", "Apply"] at=step />
            {inside}
        }
        .into_any()
    });
    let mut crumbs = tenant_crumb(tenant);
    crumbs.push((at(tenant, Directory::Imports), "Imports"));
    let title = text(move || {
        let name = found.read(|import| import.name.clone());
        if name.is_empty() { "Import".to_owned() } else { name }
    });
    page(&crumbs, title, ().into_any(), content)
}

/// Takes it back; nothing is changed.
pub(crate) fn cancel_button(wizard: Wizard) -> AnyView {
    let busy = RwSignal::new(false);
    let cancel = move |()| {
        busy.set(true);
        spawn_local(async move {
            match delete(&wizard.path.get_value()).await {
                Ok(()) => {
                    tell("The import is cancelled. Nothing was changed.");
                    wizard.found.retry();
                }
                Err(failure) => tell_error(failure.text()),
            }
            busy.set(false);
        });
    };
    view! {
        <Button busy on_press=cancel>
            "Cancel the import"
        </Button>
    }
    .into_any()
}

fn working(wizard: Wizard, label: &'static str) -> AnyView {
    let found = wizard.found;
    view! {
        <section class="card">
            <Progress
                label=label.to_owned()
                done=Signal::derive(move || found.read(|import| import.done))
                of=Signal::derive(move || found.read(|import| import.rows))
                unit="rows"
            />
            <p class="quiet">"You may leave this page: it goes on without you."</p>
            <div class="row">{wizard.may.then(|| cancel_button(wizard))}</div>
        </section>
    }
    .into_any()
}

/// How its values count, and what becomes of who is not in it.
pub(crate) fn counts(wizard: Wizard) -> AnyView {
    let words = wizard.found.peek(|import| {
        let whose = if import.source == Source::Manual { "an admin’s" } else { "a directory’s" };
        let rest = if import.complete {
            "The file is complete: people who are not in it lose what an earlier file said of them."
        } else {
            "The file is not complete: people who are not in it stay as they are."
        };
        "The values count as ".to_owned() + whose + ". " + rest
    });
    view! { <p class="quiet">{words}</p> }.into_any()
}

fn over(wizard: Wizard, state: RunState) -> AnyView {
    let tenant = wizard.tenant.get_value();
    let (words, tone) = state_words(state);
    let said = match state {
        RunState::Applied => "Everything in the plan is done.".to_owned(),
        RunState::Cancelled => "Somebody cancelled it. Nothing was changed.".to_owned(),
        _ => wizard.found.peek(|import| import.failure.clone()).unwrap_or_default() + " Nothing was changed.",
    };
    view! {
        <section class="card">
            <h2>{words}</h2>
            <Notice tone>{said}</Notice>
            {(state == RunState::Applied).then(|| counts(wizard))}
            <div class="row wrap">
                <a class="button primary" href=at(&tenant, Directory::People)>
                    "People"
                </a>
                <a class="button" href=at(&tenant, Directory::Imports)>
                    "All imports"
                </a>
            </div>
        </section>
    }
    .into_any()
}

fn mapping(wizard: Wizard) -> AnyView {
    let fields = {
        let path = path(paths::FIELDS, &[&wizard.tenant.get_value()]);
        Loaded::new(move || {
            let path = path.clone();
            async move { get::<Fields>(&path).await }
        })
    };
    fields.view(move || {
        let mut options = vec![
            (String::new(), "Leave out".to_owned()),
            ("address".to_owned(), "Address (names the person)".to_owned()),
        ];
        let known = fields.peek(|found| found.fields.clone());
        options.extend(known.into_iter().map(|field| (field.token, field.label)));
        columns(wizard, options)
    })
}

fn columns(wizard: Wizard, options: Vec<(String, String)>) -> AnyView {
    let all: Vec<ImportColumn> = wizard.found.peek(|import| import.columns.clone());
    let before: Vec<Option<String>> = all.iter().map(|column| column.field.clone()).collect();
    let chosen: Vec<Value> = all.iter().map(|column| Value::new(column.field.as_deref().unwrap_or(""))).collect();
    let options = Signal::stored(options);
    let counts = wizard.found.value.with_untracked(|import| import.as_ref().map(|one| (one.source, one.complete)));
    let counts = counts.unwrap_or((Source::Csv, false));
    let (source, complete) = (RwSignal::new(counts.0.as_str().to_owned()), RwSignal::new(counts.1));
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let read = wizard.found.peek(|import| (import.encoding.clone(), import.delimiter.clone()));
    let delimiter = if read.1 == "\t" { "a tab".to_owned() } else { "“".to_owned() + &read.1 + "”" };
    let one = |(column, value): (ImportColumn, Value)| {
        let hint = "Such as ".to_owned() + &column.samples.join(", ");
        view! { <Select label=column.name value options hint /> }
    };
    let rows = all.into_iter().zip(chosen.clone()).map(one).collect_view();
    let next = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let fields: Vec<Option<String>> =
            chosen.iter().map(|value| Some(value.text.get_untracked()).filter(|field| !field.is_empty())).collect();
        if !fields.iter().any(|field| field.as_deref() == Some("address")) {
            error.set("One column must be the address: it names the person.".into());
            return;
        }
        let source = source.with_untracked(|source| Source::parse(source)).unwrap_or(Source::Csv);
        if fields == before && (source, complete.get_untracked()) == counts {
            wizard.mapping.set(false);
            return;
        }
        let body = ImportMapping { fields, source, complete: complete.get_untracked() };
        busy.set(true);
        error.set(String::new());
        spawn_local(async move {
            match send::<Import>("PATCH", &wizard.path.get_value(), &body).await {
                Ok(import) => {
                    wizard.mapping.set(false);
                    wizard.found.value.set(Some(import));
                }
                Err(failure) => error.set(failure.text()),
            }
            busy.set(false);
        });
    };
    view! {
        <section class="card narrow-card">
            <h2>"Where the columns go"</h2>
            <p class="quiet">
                {"Read as ".to_owned() + &read.0 + ", with " + &delimiter + " between columns. Wrong? Upload it again and choose."}
            </p>
            <form novalidate on:submit=next>
                {rows}
                <Radios
                    label="How the values count"
                    value=source
                    options=vec![
                        ("csv", "As a directory’s", "Behind what people, admins, databases and Entra ID say."),
                        ("manual", "As an admin’s", "Before every directory."),
                    ]
                />
                <Check
                    label="The file is complete"
                    checked=complete
                    hint="People who are not in it lose what an earlier file said of them."
                />
                {form_error(error.into())}
                <div class="row wrap">
                    <Button look=Look::Primary icon=Icon::FORWARD busy>
                        "Look at the plan"
                    </Button>
                    {wizard.may.then(|| cancel_button(wizard))}
                </div>
            </form>
        </section>
    }
    .into_any()
}
