//! Sources: where people's values come from, and how each stands.

mod acts;
mod card;
mod entra;
mod google;
mod mapping;
mod saving;
mod settings;
pub(crate) mod words;

pub(crate) use card::card;

use crate::api::console::{get, path};
use crate::console::pages::{page, tenant_crumb};
use crate::console::{router, session};
use crate::ui::{Icon, Loaded, Notice, Tone, effect, icon};
use ::api::console::pages::Directory;
use ::api::console::{Role, Source, SourceDetail, Sources, paths};
use leptos::prelude::*;
use std::time::Duration;

/// How long to wait before the server is asked again while a run works, and otherwise.
const WORKING: Duration = Duration::from_secs(1);
const RESTING: Duration = Duration::from_secs(30);

/// The sources, and what is open about one of them.
#[derive(Clone, Copy)]
pub(crate) struct Desk {
    /// As the server has them.
    pub(crate) found: Loaded<Sources>,
    /// The tenant's id.
    pub(crate) tenant: StoredValue<String>,
    /// Whether one may change them.
    pub(crate) may: bool,
    /// The source that the server is being asked to do something with.
    pub(crate) busy: RwSignal<Option<Source>>,
    /// The dialog that is open.
    pub(crate) open: RwSignal<Option<(Ask, Source)>>,
}

/// A dialog about a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// How to connect it.
    Connect,
    /// What we may do there.
    Permissions,
    /// How it runs.
    Settings,
    /// Whether to disconnect it.
    Disconnect,
    /// Whether everything goes that it said.
    Clear,
}

impl Desk {
    /// Of a tenant; asks again by itself.
    pub(crate) fn new(tenant: &str) -> Self {
        let own = path(paths::SOURCES, &[tenant]);
        let found = Loaded::new(move || {
            let path = own.clone();
            async move { get::<Sources>(&path).await }
        });
        effect(move || {
            // Also after an answer that is no other than the one before, and after a refusal.
            if found.busy.get() {
                return;
            }
            let is_working = |one: &SourceDetail| one.last.as_ref().is_some_and(|run| words::works(run.state));
            let works =
                found.value.with_untracked(|all| all.as_ref().is_some_and(|all| all.sources.iter().any(is_working)));
            let again = set_timeout_with_handle(move || found.retry(), if works { WORKING } else { RESTING });
            on_cleanup(move || drop(again.map(|again| again.clear())));
        });
        Self {
            found,
            tenant: StoredValue::new(tenant.to_owned()),
            may: session::may(tenant, Role::Admin),
            busy: RwSignal::new(None),
            open: RwSignal::new(None),
        }
    }

    /// Something of one source; the default while it is not there. Follows changes.
    pub(crate) fn read<R: Default>(self, source: Source, read: impl FnOnce(&SourceDetail) -> R) -> R {
        self.found.read(|all| all.sources.iter().find(|one| one.source == source).map(read)).unwrap_or_default()
    }

    /// The path of one source, or of something below it.
    pub(crate) fn path(self, template: &str, source: Source) -> String {
        self.tenant.with_value(|tenant| path(template, &[tenant, source.as_str()]))
    }

    /// Puts a source as it is now in the place of what it was.
    pub(crate) fn put(self, now: SourceDetail) {
        self.found.value.update(|all| {
            let place = all.as_mut().and_then(|all| all.sources.iter_mut().find(|one| one.source == now.source));
            if let Some(place) = place {
                *place = now;
            }
        });
    }
}

/// `/console/tenants/TENANT/sources`.
pub(crate) fn sources(tenant: &str) -> AnyView {
    let back = came_back();
    let desk = Desk::new(tenant);
    let content = desk.found.view(move || {
        let all = desk.found.peek(|all| all.sources.iter().map(|one| one.source).collect::<Vec<_>>());
        all.into_iter().map(|source| card(desk, source)).collect_view().into_any()
    });
    let content = view! {
        <p class="lead">
            "Where people and their values come from. For each field, the source with the highest precedence that has \
             a value wins: "
            <a href=crate::console::pages::at(tenant, Directory::Fields)>"Fields"</a> " shows the order."
        </p>
        {back}
        <div class="stack">{content}</div>
        {dialogs(desk)}
        <div class="row">
            <a class="button" href=crate::console::pages::at(tenant, Directory::Runs)>
                {icon(Icon::HISTORY)}
                "All runs"
            </a>
        </div>
    };
    page(&tenant_crumb(tenant), "Sources", ().into_any(), content.into_any())
}

/// The dialogs about a source, of which one is open at most.
pub(crate) fn dialogs(desk: Desk) -> AnyView {
    view! {
        {entra::connect(desk)}
        {entra::permissions(desk)}
        {google::connect(desk)}
        {settings::settings(desk)}
        {acts::disconnect(desk)}
        {acts::clear(desk)}
    }
    .into_any()
}

/// Whether a dialog about a source is open; closing it closes that.
fn opened(desk: Desk, which: impl Fn(Ask, Source) -> bool + Copy + 'static) -> RwSignal<bool> {
    let open = RwSignal::new(false);
    let is_it = move |asked: Option<(Ask, Source)>| asked.is_some_and(|(ask, source)| which(ask, source));
    effect(move || open.set(is_it(desk.open.get())));
    effect(move || {
        if !open.get() && is_it(desk.open.get_untracked()) {
            desk.open.set(None);
        }
    });
    open
}

/// What somebody is told who comes back from Microsoft's page.
fn came_back() -> AnyView {
    let (tone, words, then) = match router::once("consent").as_str() {
        "granted" => (
            Tone::Success,
            "Entra ID is connected.",
            "The first run fetches everyone. If it would remove a lot of the existing data, it stops and asks.",
        ),
        "refused" => (Tone::Error, "Entra ID was not connected.", why_refused(&router::once("reason"))),
        _ => return ().into_any(),
    };
    view! {
        <Notice tone>
            <p>
                <strong>{words} " "</strong>
                {then}
            </p>
        </Notice>
    }
    .into_any()
}

/// What to do after consent was refused, by what the server says of it.
fn why_refused(reason: &str) -> &'static str {
    match reason {
        "expired" => "It took longer than an hour, or a different user returned: press Connect again.",
        "other_organisation" => {
            "Someone from another organisation consented. Have an admin of this one do it; its Entra tenant id is \
             shown in Settings."
        }
        "unavailable" => "The database did not answer: press Connect again in a moment.",
        _ => {
            "Nobody consented on Microsoft’s page. Only a Global Administrator or a Privileged Role Administrator \
             can: have one of them sign in there."
        }
    }
}
