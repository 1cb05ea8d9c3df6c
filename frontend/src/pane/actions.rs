//! What the pane does: each action takes the state, talks to Outlook and the server, and sets the state.

use super::state::{Phase, State, Tone};
use crate::api::pane as api;
use crate::office::{self, Failure, Place, Record};
use crate::session;
use ::api::{Draft, FieldChanges, Kind, Signature};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Waits for Outlook, then shows the signature and keeps it up to date.
pub async fn open(state: State) {
    if !office::start().await {
        state.phase.set(Phase::Outside);
        return;
    }
    // The token takes as long as the draft: ask for both at once.
    spawn_local(async {
        drop(session::bearer().await);
    });
    load(state).await;
    office::watch(move || match state.busy.try_get_untracked() {
        Some(true) => false,
        Some(false) => {
            spawn_local(refresh(state));
            true
        }
        // The pane is gone.
        None => true,
    });
}

/// Reads the draft and shows its signature, from the beginning.
pub async fn load(state: State) {
    state.notice.set(None);
    if let Some(me) = state.me.get_untracked() {
        warn_of_another_account(state, &me);
    }
    look(state, true).await;
}

/// Looks whether the draft changed, and if so shows the signature that applies now.
pub async fn refresh(state: State) {
    look(state, false).await;
}

async fn look(state: State, anew: bool) {
    let turn = state.next_turn();
    state.busy.set(true);
    let opened = office::open().await;
    if !state.awaits(turn) {
        return;
    }
    match opened {
        Ok(opened) => {
            let draft = Draft { choice: opened.record.choice.clone(), ..opened.draft };
            state.record.set(opened.record);
            let known =
                state.phase.get_untracked() == Phase::Ready && state.draft.get_untracked().as_ref() == Some(&draft);
            if anew || !known {
                show(state, draft, turn).await;
            }
        }
        Err(failure) => {
            state.last_error.set(words(&failure));
            state.phase.set(if failure.code == "no-item" { Phase::Outside } else { Phase::Failed(words(&failure)) });
        }
    }
    if state.awaits(turn) {
        state.busy.set(false);
    }
}

async fn show(state: State, draft: Draft, turn: u32) {
    let answer = api::signature(&draft).await;
    if !state.awaits(turn) {
        return;
    }
    state.draft.set(Some(draft.clone()));
    match answer {
        Ok(signature) => {
            state.signature.set(Some(signature));
            state.phase.set(Phase::Ready);
            spawn_local(complete(state, draft));
        }
        // The look that follows when a sign-in window closes must not wipe away what came of the sign-in.
        Err(api::Error::SignedOut(_)) if matches!(state.phase.get_untracked(), Phase::SignedOut(_)) => {}
        Err(error) => {
            let kept = if matches!(error, api::Error::Away(_)) { office::kept(&draft).await } else { None };
            // What the server refuses may be fine for the mailbox's own account.
            let other = if matches!(error, api::Error::Refused(_)) { who_is_signed_in(state).await } else { None };
            if state.awaits(turn) {
                state.kept.set(kept);
                match other {
                    Some(which) => state.phase.set(Phase::OtherAccount(which)),
                    None => state.fail(&error),
                }
            }
        }
    }
}

/// Fetches what the pane can be used without: the choices, and who is signed in.
async fn complete(state: State, draft: Draft) {
    if let Ok(found) = api::choices(&draft).await
        && state.shows(&draft)
    {
        state.choices.set(found.choices);
    }
    if state.me.try_with_untracked(Option::is_none) == Some(true)
        && let Ok(me) = api::me().await
    {
        warn_of_another_account(state, &me);
        state.me.set(Some(me));
    }
}

/// Which account is signed in, if it is not the mailbox's: a host may give another one's token (MSAL.js issue 7356).
fn another_account(me: &::api::Me) -> Option<String> {
    let mailbox = office::user();
    let theirs = me.senders.iter().chain([&me.address]).any(|address| address.eq_ignore_ascii_case(&mailbox));
    (!mailbox.is_empty() && !theirs).then(|| {
        String::from("This mailbox belongs to ") + &mailbox + ", but you are signed in as " + &me.address + "."
    })
}

fn warn_of_another_account(state: State, me: &::api::Me) {
    if let Some(which) = another_account(me) {
        state.tell(Tone::Warning, which + " The signature shown may be the wrong person's.");
    }
}

async fn who_is_signed_in(state: State) -> Option<String> {
    let me = match state.me.get_untracked() {
        Some(me) => me,
        None => api::me().await.ok()?,
    };
    another_account(&me)
}

/// Lets the person sign in with the mailbox's account, then loads.
pub async fn switch_account(state: State) {
    state.busy.set(true);
    let outcome = session::switch().await;
    state.busy.set(false);
    match outcome {
        Ok(()) => {
            state.me.set(None);
            load(state).await;
            if matches!(state.phase.get_untracked(), Phase::OtherAccount(_)) {
                state.tell(
                    Tone::Warning,
                    "That was the same account again. Choose the one that this mailbox belongs to.",
                );
            }
        }
        Err(failure) => state.tell(Tone::Error, words(&failure)),
    }
}

/// Lets the person sign in, then loads.
pub async fn sign_in(state: State) {
    state.busy.set(true);
    let outcome = session::sign_in().await;
    state.busy.set(false);
    let reason = match outcome {
        Ok(()) => {
            state.phase.set(Phase::Loading);
            load(state).await;
            "Signing in did not work. Try again, or send your administrator the text under Diagnostics.".into()
        }
        Err(failure) => {
            state.last_error.set(words(&failure));
            failure.message
        }
    };
    if matches!(state.phase.get_untracked(), Phase::SignedOut(_)) {
        state.phase.set(Phase::SignedOut(reason));
    }
}

/// Puts the signature that is shown into the draft.
pub async fn insert(state: State, place: Place) {
    let choice = state.draft.get_untracked().and_then(|draft| draft.choice);
    place_chosen(state, choice, place).await;
}

/// Takes another signature, or with `None` the automatic one, and inserts it.
pub async fn choose(state: State, choice: Option<String>) {
    place_chosen(state, choice, Place::Signature).await;
}

/// Inserts what is shown; where the draft or the choice changed, what it gets now, which then is shown.
async fn place_chosen(state: State, choice: Option<String>, place: Place) {
    let Some(shown) = state.draft.get_untracked() else { return };
    state.busy.set(true);
    // Whatever is being looked up is about the draft before.
    state.next_turn();
    let now = office::open().await.map_or_else(|_| shown.clone(), |opened| opened.draft);
    let draft = Draft { choice, ..now };
    let known = if draft != shown {
        None
    } else if state.phase.get_untracked() == Phase::Away {
        state.kept.get_untracked()
    } else {
        state.signature.get_untracked()
    };
    let found = match known {
        Some(signature) => Ok(signature),
        None => api::signature(&draft).await,
    };
    match found {
        Ok(signature) => {
            if put(state, &signature, &draft, place).await && draft != shown {
                state.signature.set(Some(signature));
                state.draft.set(Some(draft.clone()));
                spawn_local(complete(state, draft));
            }
        }
        Err(error) => state.tell(Tone::Error, error.text()),
    }
    state.busy.set(false);
}

/// Whether Outlook took it.
async fn put(state: State, signature: &Signature, draft: &Draft, place: Place) -> bool {
    let away = state.phase.get_untracked() == Phase::Away;
    let record = Record {
        // Empty says that nothing of ours is in the draft.
        fingerprint: if signature.html.is_empty() { String::new() } else { signature.fingerprint.clone() },
        choice: draft.choice.clone(),
        name: signature.name.clone(),
        // Where the cursor was, nothing replaces it: the handler has to leave it alone.
        kept: place == Place::Cursor,
        event: "pane".into(),
        at: js_sys::Date::now(),
        source: if away { "cache" } else { "pane" }.into(),
        ..Record::default()
    };
    match office::insert(signature, draft, &record, place).await {
        Ok(()) => {
            state.record.set(record);
            state.tell(
                Tone::Success,
                match place {
                    Place::Signature if signature.html.is_empty() => "The signature has been removed from this draft.",
                    Place::Signature => "The signature is in your draft.",
                    Place::Cursor => "The signature has been inserted at the cursor.",
                },
            );
            true
        }
        Err(failure) => {
            state.tell(Tone::Error, insert_failed(&failure, draft, place));
            false
        }
    }
}

/// What went wrong, and what to do.
fn insert_failed(failure: &Failure, draft: &Draft, place: Place) -> String {
    if failure.code == "told" {
        return failure.message.clone();
    }
    let advice = match (failure.code.as_str(), place) {
        ("timeout", _) => " Outlook may still be busy: check the draft before you try again.",
        // Outlook on the web and the new Outlook set signatures in messages alone.
        (_, Place::Signature) if draft.kind == Kind::Appointment => " Click into the text, then use At the cursor.",
        // office-js#5038: a group policy that blocks web pages.
        ("5001", _) => " If this keeps happening, the cause may be an administrator's file-block policy for web pages.",
        _ => " Click into the text and try again.",
    };
    String::from("Outlook did not accept the signature: ") + &words(failure) + "." + advice
}

/// Saves fields of the person's own; their changes show at once in the signature. The errors, where there are any.
pub async fn save(state: State, changes: &FieldChanges) -> Result<(), Vec<::api::ErrorDetail>> {
    match api::save(changes).await {
        Ok(me) => {
            state.me.set(Some(me));
            spawn_local(load(state));
            Ok(())
        }
        Err(api::Error::Refused(errors)) => Err(errors),
        Err(error) => Err(vec![::api::ErrorDetail { detail: error.text(), field: None }]),
    }
}

fn words(failure: &Failure) -> String {
    let numbered = failure.code.bytes().all(|byte| byte.is_ascii_digit());
    if numbered {
        failure.message.trim_end_matches('.').to_owned() + " (" + &failure.code + ")"
    } else {
        failure.message.clone()
    }
}
