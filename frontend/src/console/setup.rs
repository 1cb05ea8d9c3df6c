//! The first account, made with the link that the server prints.

use super::password::{NewPassword, is_long_enough};
use super::place::Place;
use super::router::{self, take_hash};
use super::session;
use super::sign_in::alone;
use crate::api::console::send_open;
use crate::ui::{Button, Look, Notice, TextField, Tone, Value, form_error, place_errors};
use ::api::console::{MAX_NAME, Session, Setup, paths};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// `/console/setup#CODE`.
pub fn setup() -> AnyView {
    let code = take_hash();
    if code.is_empty() {
        return alone(
            "Set up Paraph",
            view! {
                <Notice tone=Tone::Warning>
                    "The set-up code is missing. Open the whole link that the server printed, with what stands behind #."
                </Notice>
                <a href="/console/sign-in">"Sign in instead"</a>
            }
            .into_any(),
        );
    }
    let (email, name, password) = (Value::new(""), Value::new(""), Value::new(""));
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let complete =
            [name.required("Type your name."), email.required("Type your address."), is_long_enough(password)];
        if complete.contains(&false) || busy.get_untracked() {
            return;
        }
        let body = Setup {
            code: code.clone(),
            email: email.trimmed(),
            name: name.trimmed(),
            password: password.text.get_untracked(),
        };
        busy.set(true);
        spawn_local(async move {
            match send_open::<Session>(paths::SETUP, &body).await {
                Ok(session) => {
                    session::enter(session);
                    router::replace(&Place::Home.path());
                }
                Err(failure) => {
                    let fields = [("email", email), ("name", name), ("password", password)];
                    error.set(place_errors(failure.errors(), &fields));
                }
            }
            busy.set(false);
        });
    };
    alone(
        "Set up Paraph",
        view! {
            <p>"This makes the first account. It owns every tenant and can invite others."</p>
            <form novalidate on:submit=submit>
                <TextField label="Your name" value=name autocomplete="name" longest=MAX_NAME />
                <TextField label="Address" value=email kind="email" autocomplete="username" />
                <NewPassword label="Password" value=password />
                {form_error(error.into())}
                <Button look=Look::Primary busy>
                    "Make the account"
                </Button>
            </form>
        }
        .into_any(),
    )
}
