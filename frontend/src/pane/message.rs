//! What the pane says: a notice above everything, and a card where there is no signature to show.

use super::actions;
use super::signature::insert_button;
use super::state::{Phase, State, Tone};
use crate::ui::{Icon, Preview, icon_of, text, when};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The last notice. The region is always there, so that screen readers notice what comes into it.
pub fn notice(state: State) -> impl IntoView {
    let tone = move || state.notice.with(|notice| notice.as_ref().map(|notice| notice.tone));
    let class = move || match tone() {
        Some(Tone::Success) => "notice success".to_owned(),
        Some(Tone::Error) => "notice error".to_owned(),
        _ => "notice warning".to_owned(),
    };
    let said =
        move || state.notice.with(|notice| notice.as_ref().map(|notice| notice.text.clone())).unwrap_or_default();
    let sign = move || if tone() == Some(Tone::Success) { Icon::CHECK } else { Icon::WARNING };
    view! {
        <div role="status" aria-live="polite">
            <div class=text(class) hidden=when(move || tone().is_none())>
                {icon_of(sign)}
                <p class="grow">{text(said)}</p>
                <button type="button" class="subtle small" aria-label="Dismiss" on:click=move |_| state.notice.set(None)>
                    "×"
                </button>
            </div>
        </div>
    }
}

/// What to say instead of a signature; `None` while there is one or while nobody knows yet.
fn instead(state: State) -> Option<(Icon, &'static str, String)> {
    Some(match state.phase.get() {
        Phase::Loading => return None,
        Phase::Ready if !state.empty() => return None,
        Phase::Ready => {
            let rules = state.signature.with(|found| found.as_ref().is_some_and(|found| !found.because.is_empty()));
            let why = if rules {
                "No rule adds a signature to this draft. See below why, rule by rule."
            } else {
                "Your administrator has not set up any rules yet."
            };
            (Icon::INSERT, "No signature for this draft", why.into())
        }
        Phase::Outside => (
            Icon::MAIL,
            "No draft is open",
            "Open this pane from a mail or an appointment that you are writing to see its signature here.".into(),
        ),
        Phase::SignedOut(_) => (
            Icon::PERSON,
            "Sign in to see your signature",
            "Paraph uses your work account, the one you use for Outlook.".into(),
        ),
        Phase::OtherAccount(which) => (Icon::PERSON, "Another account is signed in", which),
        Phase::Away => (
            Icon::UNPLUGGED,
            "Paraph’s server does not answer",
            "You can keep writing and send as usual; a signature that is already in your draft stays there. Check \
             your connection, then try again."
                .into(),
        ),
        Phase::Failed(reason) => (Icon::WARNING, "There is no signature to show", reason),
    })
}

/// The card that stands where the signature would.
pub fn card(state: State) -> impl IntoView {
    let without_button = move || state.phase.with(|phase| matches!(phase, Phase::Outside | Phase::Ready));
    let reason = move || match state.phase.get() {
        Phase::SignedOut(reason) => reason,
        _ => String::new(),
    };
    let act = move |_| match state.phase.get_untracked() {
        Phase::SignedOut(_) => spawn_local(actions::sign_in(state)),
        Phase::OtherAccount(_) => spawn_local(actions::switch_account(state)),
        _ => spawn_local(actions::load(state)),
    };
    let label = move || {
        state.phase.with(|phase| match phase {
            Phase::SignedOut(_) => "Sign in".to_owned(),
            Phase::OtherAccount(_) => "Switch account".to_owned(),
            _ => "Try again".to_owned(),
        })
    };
    view! {
        <section class="card message" hidden=when(move || instead(state).is_none())>
            <span class="badge">{icon_of(move || instead(state).map_or(Icon::MAIL, |(sign, ..)| sign))}</span>
            <h2>{text(move || instead(state).map(|(_, heading, _)| heading.to_owned()).unwrap_or_default())}</h2>
            <p>{text(move || instead(state).map(|(.., text)| text).unwrap_or_default())}</p>
            <button
                type="button"
                class="primary"
                hidden=when(without_button)
                disabled=state.busy
                on:click=act
            >
                {text(label)}
            </button>
            <p class="quiet">{text(reason)}</p>
        </section>
    }
}

/// What the handler would insert while the server is away.
pub fn kept(state: State) -> impl IntoView {
    let away = move || state.phase.with(|phase| *phase == Phase::Away);
    let html = move || state.kept.with(|kept| kept.as_ref().map(|kept| kept.html.clone())).unwrap_or_default();
    let plain = move || {
        let text = state.kept.with(|kept| kept.as_ref().map(|kept| kept.text.clone()));
        if state.plain() { text.unwrap_or_default() } else { String::new() }
    };
    let html = text(html);
    view! {
        <section class="card kept" hidden=when(move || !away() || html.with(String::is_empty))>
            <h2>"Your last signature"</h2>
            <p class="quiet">"Outlook keeps this copy and inserts it while the server is away."</p>
            <Preview html text=text(plain) title="Your last signature" />
            {insert_button(state, "Insert now", when(|| false))}
        </section>
    }
}
