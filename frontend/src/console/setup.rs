//! The first account, made with the link that the server prints.

use super::app::app;
use super::password::{NewPassword, is_long_enough};
use super::place;
use super::router;
use super::session;
use super::sign_in::alone;
use crate::api::console::{get_open, send_open};
use crate::ui::{Button, Loaded, Look, Notice, TextField, Tone, Value, changing, form_error, place_errors};
use ::api::console::pages::Place;
use ::api::console::{MAX_NAME, Session, Setup, SignInOptions, paths};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// `/console/setup#CODE`. The code stays in the address until it is used, so the page can be reloaded and come back to.
pub fn setup(code: &str) -> AnyView {
    let options = Loaded::new(|| get_open::<SignInOptions>(paths::SIGN_IN));
    let code = StoredValue::new(code.trim().to_owned());
    // Asked again after a refusal: somebody may have been faster.
    let is_open = Memo::new(move |_| options.read(|options| options.needs_setup));
    let content = options.view(move || {
        changing(move || match (is_open.get(), code.with_value(String::is_empty)) {
            (false, _) => already(),
            (true, true) => incomplete(),
            (true, false) => form(code, options),
        })
    });
    alone("Set up Paraph", content)
}

/// Somebody has an account: no set-up link works any more.
fn already() -> AnyView {
    let is_in = app().session.with(Option::is_some);
    let (href, words) = if is_in { (Place::Home, "Open the console") } else { (Place::SignIn, "Sign in") };
    view! {
        <p>"Paraph is already set up, and a set-up link works only once."</p>
        {(!is_in)
            .then(|| {
                view! {
                    <p class="quiet">
                        "No account? Ask an owner for an invitation. Lost your password? On the server, "
                        <code>"paraph recover ADDRESS"</code> " lets you in again."
                    </p>
                }
            })}
        <a class="button primary wide" href=place::path(&href)>
            {words}
        </a>
    }
    .into_any()
}

fn incomplete() -> AnyView {
    view! {
        <Notice tone=Tone::Warning>
            "This link is incomplete. Copy the whole line that the server printed, including everything after #."
        </Notice>
        <p class="quiet">
            "Lost the line? Restart the server: it prints a new link until the first account exists."
        </p>
    }
    .into_any()
}

fn form(code: StoredValue<String>, options: Loaded<SignInOptions>) -> AnyView {
    let (email, name, password) = (Value::new(""), Value::new(""), Value::new(""));
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let complete =
            [name.required("Enter your name."), email.required("Enter your address."), is_long_enough(password)];
        if complete.contains(&false) || busy.get_untracked() {
            return;
        }
        let body = Setup {
            code: code.get_value(),
            email: email.trimmed(),
            name: name.trimmed(),
            password: password.text.get_untracked(),
        };
        busy.set(true);
        spawn_local(async move {
            match send_open::<Session>(paths::SETUP, &body).await {
                Ok(session) => {
                    session::enter(session);
                    router::replace(&place::path(&Place::Home));
                }
                Err(failure) => {
                    let fields = [("email", email), ("name", name), ("password", password)];
                    error.set(place_errors(failure.errors(), &fields));
                    options.retry();
                }
            }
            busy.set(false);
        });
    };
    view! {
        <p>"This creates the first account. It owns every tenant and can invite others."</p>
        <form novalidate on:submit=submit>
            <TextField label="Your name" value=name autocomplete="name" longest=MAX_NAME />
            <TextField label="Address" value=email kind="email" autocomplete="username" />
            <NewPassword label="Password" value=password />
            {form_error(error.into())}
            <Button look=Look::Primary busy>
                "Create the account"
            </Button>
        </form>
    }
    .into_any()
}
