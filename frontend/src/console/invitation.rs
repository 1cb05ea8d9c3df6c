//! An invitation to a tenant: accepted with an account that is there, a new one, or the identity provider's.

use super::app::app;
use super::password::{NewPassword, is_long_enough};
use super::place;
use super::router;
use super::session;
use super::sign_in::{alone, form};
use crate::api::console::{Failure, get_open, send_open};
use crate::ui::{
    Button, Failed, Icon, Loaded, Look, Notice, TextField, Tone, Value, address, changing, form_error, place_errors,
};
use ::api::console::pages::Place;
use ::api::console::{Accept, Invitation, InvitationCode, MAX_NAME, ProviderPage, Session, SignInOptions, paths};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// `/console/invitation#CODE`. The code stays in the address until it is used, so the page can be reloaded and come back to.
pub fn invitation(code: &str) -> AnyView {
    let code = StoredValue::new(code.trim().to_owned());
    if code.with_value(String::is_empty) {
        return alone(
            "Your invitation",
            refused("This link is incomplete. Copy the whole link, including everything after #."),
        );
    }
    let found = Loaded::new(move || async move {
        send_open::<Invitation>(paths::INVITATION, &InvitationCode { code: code.get_value() }).await
    });
    let content = move || {
        let Some(invitation) = found.value.get_untracked() else { return ().into_any() };
        let words = "You are invited to ".to_owned()
            + &invitation.tenant
            + " as "
            + invitation.role.as_str()
            + ", with the address "
            + &invitation.email
            + ".";
        view! {
            <p>{words}</p>
            {accept(code, invitation)}
        }
        .into_any()
    };
    let refused = move |failure: Failure| match &failure {
        Failure::Refused(422, _) => refused(&failure.text()),
        _ => view! { <Failed failure retry=move |()| found.retry() /> }.into_any(),
    };
    alone("Your invitation", found.view_or(content, refused))
}

/// Why the link opens nothing, and where to go instead.
fn refused(why: &str) -> AnyView {
    let why = why.to_owned();
    let further = || {
        let is_in = app().session.with(Option::is_some);
        let (href, words) = if is_in { (Place::Home, "Open the console") } else { (Place::SignIn, "Sign in") };
        view! {
            <p>"If you have already accepted it, just continue."</p>
            <a class="button primary wide" href=place::path(&href)>
                {words}
            </a>
        }
    };
    view! {
        <Notice tone=Tone::Warning>{why}</Notice>
        {changing(further)}
    }
    .into_any()
}

fn accept(code: StoredValue<String>, invitation: Invitation) -> AnyView {
    let app = app();
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let (name, password) = (Value::new(""), Value::new(""));
    let send = move |with_account: bool| {
        let body = Accept {
            code: code.get_value(),
            name: with_account.then(|| name.trimmed()),
            password: with_account.then(|| password.text.get_untracked()),
        };
        busy.set(true);
        spawn_local(async move {
            match send_open::<Session>(paths::ACCEPT, &body).await {
                Ok(session) => {
                    session::enter(session);
                    router::replace(&place::path(&Place::Home));
                }
                Err(failure) => error.set(place_errors(failure.errors(), &[("name", name), ("password", password)])),
            }
            busy.set(false);
        });
    };
    let options = Loaded::new(|| get_open::<SignInOptions>(paths::SIGN_IN));
    let with_provider = move |()| {
        busy.set(true);
        spawn_local(async move {
            let body = InvitationCode { code: code.get_value() };
            match send_open::<ProviderPage>(paths::ACCEPT_WITH_PROVIDER, &body).await {
                Ok(page) => address::leave(&page.url),
                Err(failure) => error.set(failure.text()),
            }
            busy.set(false);
        });
    };
    let provider = move || {
        options.read(|options| options.provider.clone()).map(|name| {
            view! {
                <Button busy icon=Icon::KEY on_press=with_provider>
                    {"Accept with ".to_owned() + &name}
                </Button>
                <p class="divide"><span>"or"</span></p>
            }
        })
    };
    let signed_in = move || app.session.with(|session| session.as_ref().map(|session| session.email.clone()));
    if invitation.has_account {
        let email = invitation.email;
        return changing(move || match signed_in() {
            Some(own) if own.eq_ignore_ascii_case(&email) => view! {
                {form_error(error.into())}
                <Button look=Look::Primary busy on_press=move |()| send(false)>
                    "Accept"
                </Button>
            }
            .into_any(),
            Some(own) => view! {
                <Notice tone=Tone::Warning>
                    {"You are signed in as ".to_owned() + &own + ". Sign out, then open this link again."}
                </Notice>
            }
            .into_any(),
            None => view! {
                <p>"You already have an account: sign in to accept."</p>
                {form(Callback::new(session::enter), email.clone(), true)}
            }
            .into_any(),
        });
    }
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let complete = [name.required("Enter your name."), is_long_enough(password)];
        if !complete.contains(&false) && !busy.get_untracked() {
            send(true);
        }
    };
    view! {
        {provider}
        <form novalidate on:submit=submit>
            <TextField label="Your name" value=name autocomplete="name" longest=MAX_NAME />
            <NewPassword label="Password" value=password />
            {form_error(error.into())}
            <Button look=Look::Primary busy>
                "Create an account and accept"
            </Button>
        </form>
    }
    .into_any()
}
