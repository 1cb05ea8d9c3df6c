//! Single sign-on for one's own account: linking the identity provider, unlinking it, and proving there that one is here.

use super::proof::Proof;
use crate::api::console::{act, ask, send};
use crate::ui::{
    Button, Dialog, Loaded, Look, Notice, Pill, Tone, address, changing, form_error, tell, tell_error, text,
};
use ::api::console::{Account, ProviderPage, paths};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What somebody is told who comes back from the identity provider.
pub(super) fn came_back() -> AnyView {
    let (tone, words) = match (address::query("provider").as_str(), address::query("error").as_str()) {
        ("linked", _) => (Tone::Success, "Your account is linked. All your other sessions have ended."),
        ("proven", _) => (Tone::Success, "Thank you. Choose a password within five minutes."),
        (_, "") => return ().into_any(),
        (_, error) => (Tone::Error, why(error)),
    };
    view! { <Notice tone>{words}</Notice> }.into_any()
}

/// What to do, by what the server says of a way back that led nowhere.
fn why(error: &str) -> &'static str {
    match error {
        "denied" => "The identity provider did not let you in, or you cancelled. Nothing has changed.",
        "unavailable" => "The identity provider does not answer. Nothing has changed; try again later.",
        "expired" => "It took longer than ten minutes, or your session ended in the meantime. Start again.",
        "taken" => {
            "That account at the identity provider is linked to another account here. Sign in there with your own \
             account."
        }
        "another" => "You signed in at the identity provider with a different account than the one linked here.",
        "stale" => "The identity provider did not ask you to sign in again, so we cannot be sure that it is you.",
        "no_auth_time" => {
            "The identity provider does not report when you signed in. Ask its administrator to add the claim \
             auth_time to this application's ID token."
        }
        _ => {
            "The identity provider’s answer cannot be trusted. Start again; if this keeps happening, ask the \
             administrator of this server."
        }
    }
}

/// What the dialog is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Aim {
    Link,
    Unlink,
}

/// The card on the account's page; nothing where there is no identity provider.
pub(super) fn provider(found: Loaded<Account>) -> AnyView {
    let open = RwSignal::new(false);
    let aim = RwSignal::new(Aim::Link);
    let begin = move |wanted: Aim| {
        aim.set(wanted);
        open.set(true);
    };
    let name = Memo::new(move |_| found.read(|account| account.provider.clone().or(account.linkable.clone())));
    let title = text(move || {
        let verb = if aim.get() == Aim::Link { "Link with " } else { "Unlink from " };
        verb.to_owned() + &name.get().unwrap_or_default()
    });
    let card = move || {
        let name = name.get()?;
        Some(view! {
            <section class="card">
                <h2>"Single sign-on"</h2>
                {state(found, &name, Callback::new(begin))}
            </section>
        })
    };
    let inside = move || confirm(found, open, aim.get_untracked(), &name.get_untracked().unwrap_or_default());
    view! {
        {changing(card)}
        <Dialog open title>
            {inside}
        </Dialog>
    }
    .into_any()
}

fn state(found: Loaded<Account>, name: &str, begin: Callback<Aim>) -> AnyView {
    let (linked, called, has_password) =
        found.read(|account| (account.provider.is_some(), account.provider_account.clone(), account.has_password));
    if !linked {
        let words = "Sign in with your account at ".to_owned() + name + " instead of typing a password here.";
        let button = "Link with ".to_owned() + name;
        return view! {
            <p>{words}</p>
            <div class="row">
                <Button look=Look::Primary on_press=move |()| begin.run(Aim::Link)>
                    {button}
                </Button>
            </div>
        }
        .into_any();
    }
    let words = "You can sign in with ".to_owned()
        + name
        + &called.map(|called| ", as ".to_owned() + &called).unwrap_or_default()
        + ".";
    let unlink = if has_password {
        let button = "Unlink from ".to_owned() + name;
        view! {
            <div class="row">
                <Button on_press=move |()| begin.run(Aim::Unlink)>{button}</Button>
            </div>
        }
        .into_any()
    } else {
        view! { <p class="quiet">"It is your only way to sign in. Choose a password first if you want to unlink it."</p> }
            .into_any()
    };
    view! {
        <p class="row wrap">
            <Pill text="Linked" tone=Tone::Success />
            <span>{words}</span>
        </p>
        {unlink}
    }
    .into_any()
}

fn confirm(found: Loaded<Account>, open: RwSignal<bool>, aim: Aim, name: &str) -> AnyView {
    let proof = Proof::new(found);
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !proof.is_complete() || busy.get_untracked() {
            return;
        }
        busy.set(true);
        error.set(String::new());
        spawn_local(async move {
            let outcome = match aim {
                Aim::Link => send::<ProviderPage>("POST", paths::PROVIDER, &proof.body())
                    .await
                    .map(|page| address::leave(&page.url)),
                Aim::Unlink => act("DELETE", paths::PROVIDER, Some(&proof.body()), "").await.map(|()| {
                    found.retry();
                    open.set(false);
                    tell("Your account is unlinked. All your other sessions have ended.");
                }),
            };
            if let Err(failure) = outcome {
                error.set(proof.place(failure.errors()));
            }
            busy.set(false);
        });
    };
    let words = match aim {
        Aim::Link => {
            "You sign in at ".to_owned() + name + " next. Use your own account there: from then on it opens this one."
        }
        Aim::Unlink => "From then on you sign in with only your address and password.".to_owned(),
    };
    view! {
        <p>{words}</p>
        <form novalidate on:submit=submit>
            {proof.fields()}
            {form_error(error.into())}
            <div class="row end">
                <Button on_press=move |()| open.set(false)>"Cancel"</Button>
                <Button look=Look::Primary busy>
                    {if aim == Aim::Link { "Continue to sign-in" } else { "Unlink" }}
                </Button>
            </div>
        </form>
    }
    .into_any()
}

/// Has somebody without a password sign in at the provider again.
pub(super) fn prove(found: Loaded<Account>) -> AnyView {
    let busy = RwSignal::new(false);
    let name = found.peek(|account| account.provider.clone()).unwrap_or_default();
    let press = move |()| {
        busy.set(true);
        spawn_local(async move {
            match ask::<ProviderPage>("POST", paths::PROVIDER_PROOF).await {
                Ok(page) => address::leave(&page.url),
                Err(failure) => tell_error(failure.text()),
            }
            busy.set(false);
        });
    };
    let words = "You have no password: you sign in with ".to_owned()
        + &name
        + " only. To choose a password, first sign in there again to confirm that it is you.";
    view! {
        <p>{words}</p>
        <div class="row">
            <Button busy on_press=press>
                {"Sign in with ".to_owned() + &name + " again"}
            </Button>
        </div>
    }
    .into_any()
}
