//! One's own account: name, password, single sign-on, second factor, sessions.

mod proof;
mod provider;
mod totp;

use super::page;
use crate::api::console::{act, delete, get, path, send};
use crate::console::password::{NewPassword, is_long_enough};
use crate::console::session;
use crate::ui::{
    Button, Loaded, Look, Notice, Pill, TextField, Tone, Value, ago, changing, form_error, moment, place_errors, tell,
    tell_error,
};
use ::api::console::{Account, AccountChanges, MAX_NAME, PasswordChange, SessionSummary, Sessions, paths};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use proof::code_field;
use provider::{came_back, prove, provider};
use totp::totp;

/// `/console/account`.
pub fn account() -> AnyView {
    let found = Loaded::new(|| get::<Account>(paths::ACCOUNT));
    let content = found.view(move || {
        view! {
            <div class="columns">
                <div class="stack">{name(found)} {password(found)}</div>
                <div class="stack">{provider(found)} {totp(found)} {sessions()}</div>
            </div>
        }
        .into_any()
    });
    let content = view! {
        {came_back()}
        {content}
    };
    page(&[], "Your account", ().into_any(), content.into_any())
}

fn name(found: Loaded<Account>) -> AnyView {
    let name = Value::new(&found.peek(|account| account.name.clone()));
    let email = found.peek(|account| account.email.clone());
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !name.required("Enter your name.") || busy.get_untracked() {
            return;
        }
        let body = AccountChanges { name: name.trimmed() };
        busy.set(true);
        spawn_local(async move {
            match send::<Account>("PATCH", paths::ACCOUNT, &body).await {
                Ok(now) => {
                    found.value.set(Some(now));
                    session::refresh().await;
                    tell("Saved.");
                }
                Err(failure) => error.set(place_errors(failure.errors(), &[("name", name)])),
            }
            busy.set(false);
        });
    };
    view! {
        <section class="card">
            <h2>"Name"</h2>
            <dl class="facts-list">
                <dt>"Address"</dt>
                <dd>{email}</dd>
            </dl>
            <form novalidate on:submit=submit>
                <TextField label="Your name" value=name autocomplete="name" longest=MAX_NAME />
                {form_error(error.into())}
                <Button busy>"Save"</Button>
            </form>
        </section>
    }
    .into_any()
}

/// What stands on the card of the password: the form, or for somebody without one the way to it.
fn password(found: Loaded<Account>) -> AnyView {
    let state = Memo::new(move |_| found.read(|account| (account.has_password, account.has_totp, account.proven)));
    let inside = move || match state.get() {
        (false, _, false) => prove(found),
        (has_password, has_totp, _) => password_form(found, has_password, has_password && has_totp),
    };
    view! {
        <section class="card">
            <h2>"Password"</h2>
            {changing(inside)}
        </section>
    }
    .into_any()
}

fn password_form(found: Loaded<Account>, has_password: bool, has_totp: bool) -> AnyView {
    let (current, code, new) = (Value::new(""), Value::new(""), Value::new(""));
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let complete = [
            !has_password || current.required("Enter the current password."),
            !has_totp || code.required("Enter the code."),
            is_long_enough(new),
        ];
        if complete.contains(&false) || busy.get_untracked() {
            return;
        }
        let body = PasswordChange {
            current: has_password.then(|| current.text.get_untracked()),
            code: has_totp.then(|| code.trimmed()),
            new: new.text.get_untracked(),
        };
        busy.set(true);
        error.set(String::new());
        spawn_local(async move {
            match act("PUT", paths::PASSWORD, Some(&body), "").await {
                Ok(()) => {
                    for field in [current, code, new] {
                        field.text.set(String::new());
                    }
                    found.retry();
                    session::refresh().await;
                    tell("Your password has been changed. All other sessions have ended.");
                }
                Err(failure) => {
                    let fields = [("current", current), ("code", code), ("new", new)];
                    error.set(place_errors(failure.errors(), &fields));
                }
            }
            busy.set(false);
        });
    };
    let old = has_password.then(|| {
        view! {
            <TextField label="Current password" value=current kind="password" autocomplete="current-password" />
        }
    });
    view! {
        <form novalidate on:submit=submit>
            {old} {has_totp.then(|| code_field(code))} <NewPassword label="New password" value=new />
            {form_error(error.into())} <Button busy>"Change the password"</Button>
        </form>
    }
    .into_any()
}

fn sessions() -> AnyView {
    let found = Loaded::new(|| get::<Sessions>(paths::SESSIONS));
    let end = move |path: String| {
        spawn_local(async move {
            match delete(&path).await {
                Ok(()) => {
                    tell("Ended.");
                    found.retry();
                }
                Err(failure) => tell_error(failure.text()),
            }
        });
    };
    let one = move |session: SessionSummary| {
        let path = path(paths::ONE_SESSION, &[&session.id]);
        let label = "End the session of ".to_owned() + &session.agent;
        view! {
            <li class="row wrap">
                <div class="grow">
                    <div class="row wrap">
                        <strong>{session.agent}</strong>
                        {session.current.then(|| view! { <Pill text="This session" tone=Tone::Success /> })}
                    </div>
                    <div class="quiet">
                        {session.address} ", since " {moment(session.created_ms)} ", last seen " {ago(session.seen_ms)}
                    </div>
                </div>
                {(!session.current)
                    .then(|| {
                        view! {
                            <Button label on_press=move |()| end(path.clone())>
                                "End"
                            </Button>
                        }
                    })}
            </li>
        }
    };
    let content = found.view(move || {
        let list = move || found.read(|found| found.sessions.clone()).into_iter().map(one).collect_view();
        let several = move || {
            found.read(|found| found.sessions.len() > 1).then(|| {
                view! {
                    <Button look=Look::Plain on_press=move |()| end(paths::SESSIONS.to_owned())>
                        "End all others"
                    </Button>
                }
            })
        };
        view! {
            <ul class="plain-list">{list}</ul>
            <div class="row">{several}</div>
        }
        .into_any()
    });
    view! {
        <section class="card">
            <h2>"Where you are signed in"</h2>
            <Notice>"End any session that you do not recognize, then change your password."</Notice>
            {content}
        </section>
    }
    .into_any()
}
