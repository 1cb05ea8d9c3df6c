//! Entra ID: the way to Microsoft's page of consent; and what we may do at a source.

use super::{Ask, Desk, opened, words};
use crate::api::console::{ask, path};
use crate::ui::{
    Button, Copy, Dialog, Icon, Loaded, Look, Notice, Pill, Tone, changing, form_error, sentence, sheet, tell, text,
};
use ::api::console::{Consent, Permission, PermissionState, Permissions, Source, SourceDetail, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What somebody needs before they go to Microsoft's page.
pub(crate) fn connect(desk: Desk) -> AnyView {
    let open = opened(desk, |ask, source| (ask, source) == (Ask::Connect, Source::Entra));
    view! {
        <Dialog open title="Connect Entra ID" wide=true>
            {consent(desk)}
        </Dialog>
    }
    .into_any()
}

fn consent(desk: Desk) -> AnyView {
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let redirect = window().location().origin().unwrap_or_default() + paths::CONSENT_CALLBACK;
    let connecting = RwSignal::new(false);
    let already = move |()| {
        let path = desk.tenant.with_value(|tenant| path(paths::ENTRA_CONNECT, &[tenant]));
        connecting.set(true);
        error.set(String::new());
        spawn_local(async move {
            match ask::<SourceDetail>("POST", &path).await {
                Ok(now) => {
                    desk.put(now);
                    desk.open.set(None);
                    tell("Entra ID is connected. The first run fetches everyone.");
                    desk.found.retry();
                }
                Err(failure) => error.set(failure.text()),
            }
            connecting.set(false);
        });
    };
    let go = move |()| {
        let path = desk.tenant.with_value(|tenant| path(paths::ENTRA_CONSENT, &[tenant]));
        busy.set(true);
        error.set(String::new());
        spawn_local(async move {
            match ask::<Consent>("POST", &path).await {
                // Still busy: the page goes.
                Ok(consent) => drop(window().location().assign(&consent.url)),
                Err(failure) => {
                    error.set(failure.text());
                    busy.set(false);
                }
            }
        });
    };
    view! {
        <p>
            "Paraph reads people and groups through Microsoft Graph, and changes nothing there. Once, in the app registration of this server ("
            <a href="https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade" target="_blank" rel="noreferrer">
                "Entra admin center › App registrations"
            </a> "):"
        </p>
        <ol class="plain steps">
            <li>
                "Authentication › Add a platform › " <strong>"Web"</strong> ", with this redirect URI:"
                <Copy value=redirect what="the redirect URI" />
            </li>
            <li>
                "API permissions › Microsoft Graph › " <strong>"Application permissions"</strong> ": " <code>"User.Read.All"</code>
                " and " <code>"GroupMember.Read.All"</code> "."
            </li>
            <li>
                "Certificates & secrets › New client secret; its value goes into this server’s configuration as "
                <code>"directory.entra_client_secret"</code> "."
            </li>
        </ol>
        <p>"Then a Global Administrator of your organisation consents on Microsoft’s page and returns here."</p>
        {form_error(error.into())}
        <div class="row end">
            <Button on_press=move |()| desk.open.set(None)>"Cancel"</Button>
            <Button busy=connecting on_press=already>
                "Consent has already been given"
            </Button>
            <Button look=Look::Primary icon=Icon::FORWARD busy on_press=go>
                "Continue at Microsoft"
            </Button>
        </div>
    }
    .into_any()
}

/// What we may do there, asked just now.
pub(crate) fn permissions(desk: Desk) -> AnyView {
    let open = opened(desk, |ask, _| ask == Ask::Permissions);
    let source = move || desk.open.get().map(|(_, source)| source);
    let title = text(move || "Permissions in ".to_owned() + source().map_or("", words::name));
    view! {
        <Dialog open title wide=true>
            {untrack(source).map(|source| asked(desk, source))}
        </Dialog>
    }
    .into_any()
}

fn asked(desk: Desk, source: Source) -> AnyView {
    let own = desk.path(paths::SOURCE_CHECK, source);
    let found = Loaded::new(move || {
        let path = own.clone();
        async move { ask::<Permissions>("POST", &path).await }
    });
    let table = found.view(move || {
        changing(move || {
            let all = found.read(|found| found.permissions.clone());
            view! {
                {verdict(&all, source)}
                {sheet("Permissions", &["Permission", "State", "What it is for, and what to do"], all.into_iter().map(row).collect())}
            }
        })
    });
    view! {
        {table}
        <div class="row end">
            <Button icon=Icon::REFRESH busy=found.busy on_press=move |()| found.retry()>
                "Check again"
            </Button>
            <Button look=Look::Primary on_press=move |()| desk.open.set(None)>
                "Done"
            </Button>
        </div>
    }
    .into_any()
}

fn verdict(all: &[Permission], source: Source) -> AnyView {
    let any = |state: PermissionState| all.iter().any(|one| one.state == state);
    let (tone, words) = if any(PermissionState::Missing) {
        let words = if source == Source::Entra {
            "Something is missing: add it in the app registration (API permissions › Microsoft Graph › Application permissions), then choose More › Consent again."
        } else {
            "Something is missing: add it to the service account’s client ID in Google’s Admin console (Security › API controls › Domain-wide delegation)."
        };
        (Tone::Error, words)
    } else if any(PermissionState::Superfluous) {
        let words = "All required permissions are granted, and some that are not needed: remove those, to be safe.";
        (Tone::Warning, words)
    } else {
        (Tone::Success, "All required permissions are granted, and no others.")
    };
    view! { <Notice tone>{words}</Notice> }.into_any()
}

fn row(permission: Permission) -> Vec<AnyView> {
    let (words, tone) = match permission.state {
        PermissionState::Granted => ("Granted", Tone::Success),
        PermissionState::Missing => ("Missing", Tone::Error),
        PermissionState::Superfluous => ("Superfluous", Tone::Warning),
    };
    vec![
        view! { <code>{permission.name}</code> }.into_any(),
        view! { <Pill text=words tone /> }.into_any(),
        sentence(&permission.detail).into_any(),
    ]
}
