//! What can be done with a source: run, preview, pause, disconnect.

use super::{Ask, Desk, opened, words};
use crate::api::console::{delete, send, send_tagged};
use crate::console::place::Page;
use crate::console::router;
use crate::ui::{Button, Confirm, Icon, Look, Menu, changing, icon, tell, tell_error, tell_with, text, when};
use ::api::console::{Run, Source, SourceChanges, SourceDetail, SourceState, StartRun, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The buttons of a source's card, for who may press them.
pub(super) fn buttons(desk: Desk, source: Source) -> AnyView {
    let state = Memo::new(move |_| desk.read(source, |one| Some(one.state)));
    changing(move || match (source, state.get()) {
        (Source::Csv, _) => import(desk),
        (_, None) => ().into_any(),
        _ if !desk.may => ().into_any(),
        (Source::Database, Some(SourceState::Off)) => ().into_any(),
        (_, Some(SourceState::Off)) => connect(desk, source),
        (_, Some(state)) => connected(desk, source, state),
    })
}

fn import(desk: Desk) -> AnyView {
    let href = desk.tenant.with_value(|tenant| super::super::at(tenant, Page::Imports));
    view! {
        <a class="button" href=href>
            {icon(Icon::IMPORT)}
            "Import a file"
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
                on_press=move |()| start(desk, source, StartRun { preview: true, whole: false })
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
        <Button
            icon=Icon::SETTINGS
            label=of("Settings")
            on_press=move |()| desk.open.set(Some((Ask::Settings, source)))
        >
            "Settings"
        </Button>
        {more(desk, source)}
    }
    .into_any()
}

/// What is seldom done.
fn more(desk: Desk, source: Source) -> AnyView {
    let item = move |drawn: Icon, words: &'static str, press: Callback<()>| {
        view! {
            <li>
                <button type="button" on:click=move |_| press.run(())>
                    {icon(drawn)}
                    <span>{words}</span>
                </button>
            </li>
        }
    };
    let open = move |ask: Ask| Callback::new(move |()| desk.open.set(Some((ask, source))));
    let whole = Callback::new(move |()| start(desk, source, StartRun { preview: false, whole: true }));
    let fetched = (source != Source::Database).then(|| item(Icon::DOWNLOAD, "Run, fetching everybody", whole));
    let entra =
        (source == Source::Entra).then(|| item(Icon::LOCK, "Check permissions", open(Ask::Permissions)).into_any());
    let again = (source != Source::Database).then(|| {
        item(Icon::KEY, if source == Source::Entra { "Consent again" } else { "Another key" }, open(Ask::Connect))
    });
    view! {
        <Menu label="More: ".to_owned() + words::name(source) class="subtle square" face=icon(Icon::MORE).into_any()>
            <ul>
                {fetched} {entra} {again}
                {item(Icon::UNPLUGGED, "Disconnect", open(Ask::Disconnect))}
            </ul>
        </Menu>
    }
    .into_any()
}

/// Begins a run. A preview is gone to; any other run is followed on its source's card.
pub(in super::super) fn start(desk: Desk, source: Source, how: StartRun) {
    let path = desk.path(paths::SOURCE_RUNS, source);
    desk.busy.set(Some(source));
    spawn_local(async move {
        match send::<Run>("POST", &path, &how).await {
            Ok(run) => {
                let to = desk.tenant.with_value(|tenant| super::super::at(tenant, Page::Run(run.id)));
                if how.preview {
                    router::go(&to);
                } else {
                    tell_with(words::name(source).to_owned() + ": the run begins.", "Look at it", move || {
                        router::go(&to)
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
                let words =
                    if paused { " is paused: nothing comes from it until you resume it." } else { " runs again." };
                tell(words::name(source).to_owned() + words);
            }
            Err(failure) => tell_error(failure.text()),
        }
        desk.busy.set(None);
    });
}

/// Asks before a source goes, with everything that it said.
pub(super) fn disconnect(desk: Desk) -> AnyView {
    let open = opened(desk, |ask, _| ask == Ask::Disconnect);
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let source = Memo::new(move |before: Option<&Source>| {
        desk.open.get().map(|(_, source)| source).or(before.copied()).unwrap_or(Source::Entra)
    });
    let confirmed = move |()| {
        let source = source.get_untracked();
        let path = desk.path(paths::SOURCE, source);
        busy.set(true);
        error.set(String::new());
        spawn_local(async move {
            match delete(&path).await {
                Ok(()) => {
                    desk.open.set(None);
                    tell(words::name(source).to_owned() + " is disconnected.");
                    desk.found.retry();
                }
                Err(failure) => error.set(failure.text()),
            }
            busy.set(false);
        });
    };
    let title = text(move || "Disconnect ".to_owned() + words::name(source.get()) + "?");
    let people = text(move || {
        let people = desk.read(source.get(), |one| one.people);
        "It says something of ".to_owned() + &crate::ui::count(people, "person/people") + ". "
    });
    let kept = text(move || {
        let how = match source.get() {
            Source::Entra => {
                "Paraph forgets that your organisation agreed; Microsoft keeps the consent until an admin removes it there."
            }
            Source::Google => {
                "Paraph forgets the key; Google keeps the service account until an admin removes it there."
            }
            _ => "Secrets stay as they are: revoke those that nobody needs.",
        };
        how.to_owned()
    });
    view! {
        <Confirm open title action="Disconnect" typed=Signal::stored("disconnect".to_owned()) busy error on_confirm=confirmed>
            <p>{people} "No run comes any more. Fields go on with what the next source says."</p>
            <p class="quiet">{kept}</p>
        </Confirm>
    }
    .into_any()
}
