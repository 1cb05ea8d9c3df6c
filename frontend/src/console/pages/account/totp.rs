//! The authenticator app, and the recovery codes that stand in for it.

use super::proof::Proof;
use crate::api::console::{act, send};
use crate::ui::{
    Button, Copy, Dialog, Loaded, Look, Notice, Pill, TextField, Tone, Value, count, form_error, place_errors, tell,
    text,
};
use ::api::console::{Account, RecoveryCodes, TotpCode, TotpSetup, paths};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What the dialog is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Aim {
    Add,
    Remove,
    Renew,
}

/// What the dialog shows.
#[derive(Clone)]
enum Step {
    Password,
    Scan(TotpSetup),
    Codes(Vec<String>),
}

/// The card on the account's page.
pub(super) fn totp(found: Loaded<Account>) -> AnyView {
    let open = RwSignal::new(false);
    let aim = RwSignal::new(Aim::Add);
    let step = RwSignal::new(Step::Password);
    let begin = move |wanted: Aim| {
        aim.set(wanted);
        step.set(Step::Password);
        open.set(true);
    };
    let state = move || {
        if found.read(|account| account.has_totp) {
            let left = count(found.read(|account| u64::from(account.recovery_codes)), "recovery code") + " left.";
            view! {
                <p class="row wrap">
                    <Pill text="On" tone=Tone::Success />
                    <span>"You need a code to sign in."</span>
                    <span class="quiet">{left}</span>
                </p>
                <div class="row wrap">
                    <Button on_press=move |()| begin(Aim::Renew)>"New recovery codes"</Button>
                    <Button on_press=move |()| begin(Aim::Remove)>"Switch off"</Button>
                </div>
            }
            .into_any()
        } else if !found.read(|account| account.has_password) {
            view! { <p>"Your identity provider protects your sign-in. An authenticator app is only used together with \
            a password, and you have none."</p> }
            .into_any()
        } else {
            view! {
                <p class="row wrap">
                    <Pill text="Off" tone=Tone::Warning />
                    <span>"With a password alone, anyone who gets hold of it can sign in."</span>
                </p>
                <div class="row">
                    <Button look=Look::Primary on_press=move |()| begin(Aim::Add)>
                        "Set up an authenticator app"
                    </Button>
                </div>
            }
            .into_any()
        }
    };
    let title = text(move || {
        match aim.get() {
            Aim::Add => "Set up an authenticator app",
            Aim::Remove => "Switch the authenticator app off",
            Aim::Renew => "New recovery codes",
        }
        .to_owned()
    });
    let inside = move || match step.get() {
        Step::Password => confirm(found, open, aim.get_untracked(), step),
        Step::Scan(setup) => scan(found, setup, step),
        Step::Codes(codes) => recovery(&codes, open),
    };
    view! {
        <section class="card">
            <h2>"Authenticator app"</h2>
            {state}
            <Dialog open title>
                {inside}
            </Dialog>
        </section>
    }
    .into_any()
}

fn confirm(found: Loaded<Account>, open: RwSignal<bool>, aim: Aim, step: RwSignal<Step>) -> AnyView {
    let proof = Proof::new(found);
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !proof.is_complete() || busy.get_untracked() {
            return;
        }
        let body = proof.body();
        busy.set(true);
        spawn_local(async move {
            let outcome = match aim {
                Aim::Add => {
                    send::<TotpSetup>("POST", paths::TOTP, &body).await.map(|setup| step.set(Step::Scan(setup)))
                }
                Aim::Renew => send::<RecoveryCodes>("POST", paths::RECOVERY_CODES, &body).await.map(|codes| {
                    found.retry();
                    step.set(Step::Codes(codes.codes));
                }),
                Aim::Remove => act("DELETE", paths::TOTP, Some(&body), "").await.map(|()| {
                    found.retry();
                    open.set(false);
                    tell("You no longer need a code to sign in.");
                }),
            };
            if let Err(failure) = outcome {
                error.set(proof.place(failure.errors()));
            }
            busy.set(false);
        });
    };
    view! {
        <form novalidate on:submit=submit>
            {proof.fields()}
            {form_error(error.into())}
            <div class="row end">
                <Button on_press=move |()| open.set(false)>"Cancel"</Button>
                <Button look=Look::Primary busy>
                    "Next"
                </Button>
            </div>
        </form>
    }
    .into_any()
}

fn scan(found: Loaded<Account>, setup: TotpSetup, step: RwSignal<Step>) -> AnyView {
    let code = Value::new("");
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !code.required("Enter the six digits.") || busy.get_untracked() {
            return;
        }
        let body = TotpCode { code: code.trimmed() };
        busy.set(true);
        spawn_local(async move {
            match send::<RecoveryCodes>("PUT", paths::TOTP, &body).await {
                Ok(codes) => {
                    found.retry();
                    step.set(Step::Codes(codes.codes));
                }
                Err(failure) => error.set(place_errors(failure.errors(), &[("code", code)])),
            }
            busy.set(false);
        });
    };
    view! {
        <p>"Scan this with the app, or enter the secret there."</p>
        <div class="qr" role="img" aria-label="QR code of the secret below" inner_html=setup.qr></div>
        <Copy value=setup.secret what="the secret" />
        <form novalidate on:submit=submit>
            <TextField
                label="Code"
                value=code
                hint="The six digits that the app shows now."
                autocomplete="one-time-code"
                inputmode="numeric"
            />
            {form_error(error.into())}
            <div class="row end">
                <Button look=Look::Primary busy>
                    "Switch on"
                </Button>
            </div>
        </form>
    }
    .into_any()
}

fn recovery(codes: &[String], open: RwSignal<bool>) -> AnyView {
    view! {
        <Notice tone=Tone::Warning>
            "Keep these codes where you can find them without your phone. Each code works once. They will not be \
             shown again."
        </Notice>
        <Copy value=codes.join("\n") what="the codes" />
        <div class="row end">
            <Button look=Look::Primary on_press=move |()| open.set(false)>
                "I have saved them"
            </Button>
        </div>
    }
    .into_any()
}
