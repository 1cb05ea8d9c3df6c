//! What can be done with a source: run, preview, pause, disconnect.

use super::{Ask, Desk, opened, words};
use crate::api::console::{delete, send, send_tagged};
use crate::console::{router, session};
use crate::ui::{Button, Confirm, Icon, Look, Menu, changing, count, icon, tell, tell_error, tell_with, text, when};
use ::api::console::pages::Directory;
use ::api::console::{Role, Run, Source, SourceChanges, SourceDetail, SourceState, StartRun, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The buttons of a source's card, for who may press them.
pub(crate) fn buttons(desk: Desk, source: Source) -> AnyView {
    let state = Memo::new(move |_| desk.read(source, |one| Some((one.state, one.people > 0))));
    changing(move || match (source, state.get()) {
        (_, None) => ().into_any(),
        (Source::Csv, Some((_, says))) => {
            let more = (desk.may && says).then(|| more(desk, source, SourceState::Off));
            view! {
                {import(desk)}
                {more}
            }
            .into_any()
        }
        _ if !desk.may => ().into_any(),
        (_, Some((SourceState::Off, says))) => {
            let settings = (source != Source::Database).then(|| settings(desk, source));
            view! {
                {if source == Source::Database { set_up(desk) } else { connect(desk, source) }}
                {settings}
                {says.then(|| more(desk, source, SourceState::Off))}
            }
            .into_any()
        }
        (_, Some((state, _))) => connected(desk, source, state),
    })
}

fn import(desk: Desk) -> Option<AnyView> {
    let tenant = desk.tenant.get_value();
    let link = view! {
        <a class="button" href=crate::console::pages::at(&tenant, Directory::Runs)>
            {icon(Icon::IMPORT)}
            "Import a file"
        </a>
    };
    session::may(&tenant, Role::Editor).then(|| link.into_any())
}

/// Leads to the page of the database, where one is not there already.
fn set_up(desk: Desk) -> AnyView {
    if crate::ui::address::path().ends_with("/database") {
        return ().into_any();
    }
    let href = desk.tenant.with_value(|tenant| crate::console::pages::at(tenant, Directory::Database));
    view! {
        <a class="button primary" href=href>
            {icon(Icon::PLUG)}
            "Set up"
        </a>
    }
    .into_any()
}

fn connect(desk: Desk, source: Source) -> AnyView {
    let press = move |()| desk.open.set(Some((Ask::Connect, source)));
    let label = "Connect ".to_owned() + words::name(source);
    view! {
        <Button look=Look::Primary icon=Icon::PLUG label on_press=press>
            "Connect"
        </Button>
    }
    .into_any()
}

fn connected(desk: Desk, source: Source, state: SourceState) -> AnyView {
    let of = move |words: &str| words.to_owned() + ": " + words::name(source);
    let busy = when(move || desk.busy.get() == Some(source));
    let is_paused = state == SourceState::Paused;
    let (pause_icon, pause_words) = if is_paused { (Icon::PLAY, "Resume") } else { (Icon::PAUSE, "Pause") };
    // The connector begins the runs of a database.
    let asked = (source != Source::Database).then(|| {
        view! {
            <Button
                icon=Icon::REFRESH
                label=of("Run now")
                busy
                on_press=move |()| start(desk, source, StartRun::default())
            >
                "Run now"
            </Button>
            <Button
                icon=Icon::SEARCH
                label=of("Preview")
                busy
                on_press=move |()| start(desk, source, StartRun { preview: true, ..StartRun::default() })
            >
                "Preview"
            </Button>
        }
    });
    view! {
        {asked}
        <Button icon=pause_icon label=of(pause_words) busy on_press=move |()| pause(desk, source, !is_paused)>
            {pause_words}
        </Button>
        {settings(desk, source)}
        {more(desk, source, state)}
    }
    .into_any()
}

fn settings(desk: Desk, source: Source) -> AnyView {
    let label = "Settings: ".to_owned() + words::name(source);
    view! {
        <Button icon=Icon::SETTINGS label on_press=move |()| desk.open.set(Some((Ask::Settings, source)))>
            "Settings"
        </Button>
    }
    .into_any()
}

/// What is seldom done.
fn more(desk: Desk, source: Source, state: SourceState) -> AnyView {
    let item = move |drawn: Icon, words: &'static str, press: Callback<()>| {
        view! {
            <li>
                <button type="button" on:click=move |_| press.run(())>
                    {icon(drawn)}
                    <span>{words}</span>
                </button>
            </li>
        }
        .into_any()
    };
    let open = move |ask: Ask| Callback::new(move |()| desk.open.set(Some((ask, source))));
    let whole = StartRun { whole: true, ..StartRun::default() };
    let whole = Callback::new(move |()| start(desk, source, whole));
    let items = match (state, source) {
        (SourceState::Off, _) => vec![item(Icon::DELETE, "Remove its values", open(Ask::Clear))],
        (_, Source::Entra) => vec![
            item(Icon::DOWNLOAD, "Run and fetch everyone", whole),
            item(Icon::LOCK, "Check permissions", open(Ask::Permissions)),
            item(Icon::KEY, "Consent again", open(Ask::Connect)),
            item(Icon::UNPLUGGED, "Disconnect", open(Ask::Disconnect)),
        ],
        (_, Source::Google) => vec![
            item(Icon::DOWNLOAD, "Run and fetch everyone", whole),
            item(Icon::LOCK, "Check permissions", open(Ask::Permissions)),
            item(Icon::KEY, "Replace the key", open(Ask::Connect)),
            item(Icon::UNPLUGGED, "Disconnect", open(Ask::Disconnect)),
        ],
        _ => vec![item(Icon::UNPLUGGED, "Disconnect", open(Ask::Disconnect))],
    };
    view! {
        <Menu label="More: ".to_owned() + words::name(source) class="subtle square" face=icon(Icon::MORE).into_any()>
            <ul>{items}</ul>
        </Menu>
    }
    .into_any()
}

/// Begins a run. A preview is gone to; any other run is followed on its source's card.
pub(crate) fn start(desk: Desk, source: Source, how: StartRun) {
    let path = desk.path(paths::SOURCE_RUNS, source);
    desk.busy.set(Some(source));
    spawn_local(async move {
        match send::<Run>("POST", &path, &how).await {
            Ok(run) => {
                let to = desk.tenant.with_value(|tenant| crate::console::pages::at(tenant, Directory::Run(run.id)));
                if how.preview || how.clear {
                    router::go(&to);
                } else {
                    tell_with(words::name(source).to_owned() + ": the run is starting.", "Show the run", move || {
                        router::go(&to);
                    });
                    desk.found.retry();
                }
            }
            Err(failure) => tell_error(failure.text()),
        }
        desk.busy.set(None);
    });
}

fn pause(desk: Desk, source: Source, paused: bool) {
    let path = desk.path(paths::SOURCE, source);
    let changes = SourceChanges { paused: Some(paused), settings: None };
    desk.busy.set(Some(source));
    spawn_local(async move {
        // Whatever else somebody changed meanwhile stays as it is.
        match send_tagged::<SourceDetail>("PATCH", &path, &changes, "*").await {
            Ok(now) => {
                desk.put(now.value);
                let words = if paused { " is paused: nothing is fetched until you resume it." } else { " runs again." };
                tell(words::name(source).to_owned() + words);
            }
            Err(failure) => tell_error(failure.text()),
        }
        desk.busy.set(None);
    });
}

/// Asks before a source goes.
pub(crate) fn disconnect(desk: Desk) -> AnyView {
    let open = opened(desk, |ask, _| ask == Ask::Disconnect);
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let source = asked_about(desk);
    let confirmed = move |()| {
        let source = source.get_untracked();
        let path = desk.path(paths::SOURCE, source);
        busy.set(true);
        error.set(String::new());
        spawn_local(async move {
            match delete(&path).await {
                Ok(()) => {
                    desk.open.set(None);
                    tell(words::name(source).to_owned() + " is disconnected. Its values stay until you remove them.");
                    desk.found.retry();
                }
                Err(failure) => error.set(failure.text()),
            }
            busy.set(false);
        });
    };
    let title = text(move || "Disconnect ".to_owned() + words::name(source.get()) + "?");
    let people = text(move || people_of(desk, source.get()));
    let kept = text(move || {
        let how = match source.get() {
            Source::Entra => {
                "Microsoft keeps the consent until an admin removes it there: Enterprise applications › this one › Properties › Delete."
            }
            Source::Google => {
                "Paraph forgets the key; Google keeps the service account until an admin removes it there."
            }
            _ => "A connector that calls in connects it again, so also revoke its secret under Database.",
        };
        how.to_owned()
    });
    view! {
        <Confirm open title action="Disconnect" busy error on_confirm=confirmed>
            <p>"There will be no more runs. " {people} " These values stay until you choose More › Remove its values."</p>
            <p class="quiet">{kept}</p>
        </Confirm>
    }
    .into_any()
}

/// Asks before everything goes that a source said which is not connected any more.
pub(crate) fn clear(desk: Desk) -> AnyView {
    let open = opened(desk, |ask, _| ask == Ask::Clear);
    let source = asked_about(desk);
    let busy = when(move || desk.busy.get().is_some());
    let how = |preview: bool| StartRun { clear: true, preview, ..StartRun::default() };
    let run = move |preview: bool| {
        desk.open.set(None);
        start(desk, source.get_untracked(), how(preview));
    };
    let title = text(move || "Remove the values of ".to_owned() + words::said(source.get()) + "?");
    let people = text(move || people_of(desk, source.get()));
    view! {
        <Confirm open title action="Remove" busy on_confirm=move |()| run(false)>
            <p>
                {people}
                " Their fields take the value of the next source, and people who are in no other source are removed. \
                 If that affects many people, the run stops and asks."
            </p>
            <div class="row">
                <Button icon=Icon::SEARCH busy on_press=move |()| run(true)>
                    "Preview it first"
                </Button>
            </div>
        </Confirm>
    }
    .into_any()
}

/// The source that the open dialog is about; while it closes, the one before.
fn asked_about(desk: Desk) -> Memo<Source> {
    Memo::new(move |before: Option<&Source>| {
        desk.open.get().map(|(_, source)| source).or(before.copied()).unwrap_or(Source::Entra)
    })
}

fn people_of(desk: Desk, source: Source) -> String {
    "It has values for ".to_owned() + &count(desk.read(source, |one| one.people), "person/people") + "."
}
