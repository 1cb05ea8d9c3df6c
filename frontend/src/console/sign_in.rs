//! Signing in, and signing in again when the session ended.

use super::app::app;
use super::place;
use super::router;
use super::session;
use crate::api::console::{Failure, encode, get_open, send_open};
use crate::ui::{
    Button, Dialog, Icon, Loaded, Look, Notice, TextField, Tone, Value, changing, effect, form_error, icon,
    place_errors, text, when,
};
use ::api::console::pages::Place;
use ::api::console::{Session, SignIn, SignInOptions, paths};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// `/console/sign-in`.
pub fn sign_in() -> AnyView {
    let error = match router::once("error").as_str() {
        "" => "",
        "denied" => "The identity provider did not let you in. Choose another account there, or ask its administrator.",
        "unavailable" => "The identity provider does not answer. Try again later, or sign in with a password.",
        "no_account" => "This account has no access here. Ask an admin of your tenant to invite you.",
        "expired" => "Signing in took too long. Start again.",
        "void" => "The person who invited you can no longer grant this role. Ask an admin for a new invitation.",
        _ => "Signing in did not work. Start again; if it keeps failing, ask the administrator of this server.",
    };
    let done = Callback::new(|session: Session| {
        session::enter(session);
        router::replace(&return_to());
    });
    let form = move || {
        view! {
            {(!error.is_empty()).then(|| view! { <Notice tone=Tone::Error>{error}</Notice> })}
            {form(done, String::new(), false)}
        }
        .into_any()
    };
    alone("Sign in", form().into_any())
}

/// Goes on from the sign-in page where somebody is signed in already, unless it has something to tell them.
pub(super) fn enter() -> AnyView {
    if app().arrival.with_untracked(|arrival| !arrival.query("error").is_empty()) {
        return sign_in();
    }
    // Not while this page is still being built.
    request_animation_frame(|| router::replace(&return_to()));
    ().into_any()
}

/// A page of the console that somebody wanted to see before they had to sign in.
fn return_to() -> String {
    let wanted = app().arrival.with_untracked(|arrival| arrival.query("return"));
    let ours = wanted == "/console" || wanted.starts_with("/console/");
    if ours { wanted } else { place::path(&Place::Home) }
}

/// The dialog over the page that is there while the session is lost.
pub fn again() -> AnyView {
    let app = app();
    let open = RwSignal::new(false);
    effect(move || open.set(app.lost.get()));
    // Who signed in with the provider, in another tab, comes back to this one.
    drop(window_event_listener(leptos::ev::focus, move |_| {
        if app.lost.get_untracked() {
            spawn_local(async {
                session::refresh().await;
            });
        }
    }));
    view! {
        <Dialog open title="Your session has ended" firm=true>
            <p>"Sign in again to continue. Everything that you entered is still there."</p>
            {form(
                Callback::new(session::enter),
                app.session.with_untracked(|session| session.as_ref().map(|s| s.email.clone())).unwrap_or_default(),
                true,
            )}
            <p class="quiet">
                <a href="/console/sign-in" target="_self" data-leave="" on:click=|event| {
                    event.prevent_default();
                    drop(window().location().set_href(&place::path(&Place::SignIn)));
                }>
                    "Leave this page and sign in with another account"
                </a>
            </p>
        </Dialog>
    }
    .into_any()
}

/// How one may sign in here.
pub(super) fn form(done: Callback<Session>, email: String, again: bool) -> AnyView {
    let options = Loaded::new(|| get_open::<SignInOptions>(paths::SIGN_IN));
    options.view(move || {
        let known = options.value.get_untracked();
        let Some(SignInOptions { provider, needs_setup, demo }) = known else { return ().into_any() };
        if needs_setup {
            return view! {
                <Notice tone=Tone::Warning>
                    "Nobody has an account here yet. Open the set-up link that the server printed when it started."
                </Notice>
            }
            .into_any();
        }
        let with_provider = provider.map(|name| provider_link(&name, again));
        let divided = with_provider.is_some().then(|| view! { <p class="divide"><span>"or"</span></p> });
        view! {
            {with_provider}
            {divided}
            {local(done, &email, demo)}
        }
        .into_any()
    })
}

fn provider_link(name: &str, again: bool) -> AnyView {
    let back = if again { place::path(&Place::Home) } else { return_to() };
    let href = paths::OIDC_START.to_owned() + "?return=" + &encode(&back);
    let target = if again { "_blank" } else { "_self" };
    view! {
        <a class="button wide" href=href target=target rel="opener">
            {icon(Icon::KEY)}
            {"Sign in with ".to_owned() + name}
        </a>
    }
    .into_any()
}

/// Address, password and, once the server asks for it, the code.
fn local(done: Callback<Session>, known: &str, demo: Option<::api::console::DemoAccount>) -> AnyView {
    let (email, password, code) = (Value::new(known), Value::new(""), Value::new(""));
    let (asks_code, busy, error) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(String::new()));
    let wait = RwSignal::new(0_u32);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        error.set(String::new());
        let complete = [
            email.required("Enter your address."),
            password.required("Enter your password."),
            !asks_code.get_untracked() || code.required("Enter the code."),
        ];
        if complete.contains(&false) || busy.get_untracked() || wait.get_untracked() > 0 {
            return;
        }
        let body = SignIn {
            email: email.trimmed(),
            password: password.text.get_untracked(),
            code: asks_code.get_untracked().then(|| code.trimmed()),
        };
        busy.set(true);
        spawn_local(async move {
            let answer = send_open::<Session>(paths::SIGN_IN, &body).await;
            busy.set(false);
            match answer {
                Ok(session) => done.run(session),
                Err(failure) => {
                    let of_code = |one: &::api::ErrorDetail| one.field.as_deref() == Some("code");
                    if failure.errors().iter().any(of_code) && asks_code.try_get_untracked() == Some(false) {
                        asks_code.set(true);
                    } else {
                        if let Failure::TooMany(_, seconds) = &failure {
                            count_down(wait, *seconds);
                        }
                        let fields = [("email", email), ("password", password), ("code", code)];
                        error.set(place_errors(failure.errors(), &fields));
                    }
                }
            }
        });
    };
    let hint = demo.map(|demo| demo_hint(demo, email, password));
    view! {
        {hint}
        <form novalidate on:submit=submit>
            <TextField label="Address" value=email kind="email" autocomplete="username" />
            <TextField label="Password" value=password kind="password" autocomplete="current-password" />
            {changing(move || {
                asks_code
                    .get()
                    .then(|| {
                        request_animation_frame(|| super::shell::focus("input[inputmode=numeric]"));
                        view! {
                            <TextField
                                label="Code"
                                value=code
                                hint="Six digits from your authenticator app, or one of your recovery codes."
                                autocomplete="one-time-code"
                                inputmode="numeric"
                            />
                        }
                    })
            })}
            {form_error(error.into())}
            <p class="quiet" role="status">
                {text(move || match wait.get() {
                    0 => String::new(),
                    seconds => "You can try again in ".to_owned() + &remaining(seconds) + ".",
                })}
            </p>
            <Button look=Look::Primary busy idle=when(move || wait.get() > 0)>
                "Sign in"
            </Button>
        </form>
    }
    .into_any()
}

fn demo_hint(demo: ::api::console::DemoAccount, email: Value, password: Value) -> AnyView {
    let words = "This is the demo. Its account is ".to_owned() + &demo.email + ".";
    let fill = move |()| {
        email.text.set(demo.email.clone());
        password.text.set(demo.password.clone());
        email.error.set(String::new());
        password.error.set(String::new());
    };
    view! {
        <Notice>
            <div class="row wrap">
                <span class="grow">{words}</span>
                <Button on_press=fill>"Fill in"</Button>
            </div>
        </Notice>
    }
    .into_any()
}

fn remaining(seconds: u32) -> String {
    if seconds < 90 {
        crate::ui::count(seconds.into(), "second")
    } else {
        crate::ui::count((seconds / 60).into(), "minute")
    }
}

fn count_down(wait: RwSignal<u32>, seconds: u32) {
    if wait.try_set(seconds).is_none() && seconds > 0 {
        set_timeout(move || count_down(wait, seconds - 1), Duration::from_secs(1));
    }
}

/// A page that stands alone: without the bar and the navigation.
pub(super) fn alone(title: &'static str, content: AnyView) -> AnyView {
    view! {
        <main class="alone">
            <p class="product">{crate::ui::logo()} <span>"Paraph"</span></p>
            <div class="card">
                <h1 tabindex="-1">{title}</h1>
                {content}
            </div>
        </main>
    }
    .into_any()
}
