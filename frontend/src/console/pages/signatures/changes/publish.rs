//! Publishing what is picked, now or at a time.

use super::Publishing;
use crate::api::console::{Failure, path, send_tagged};
use crate::console::pages::rules::editor::schedule::own_zone;
use crate::console::pages::rules::words::listed;
use crate::console::pages::signatures::simulation::cells::counted;
use crate::console::pages::signatures::simulation::occasion::local_ms;
use crate::ui::{
    Button, Dialog, Look, Notice, Radios, TextField, Tone, Value, changing, count, form_error, moment, tell,
    tell_error, text, when,
};
use ::api::console::{Changes, CheckReady, Comparison, Publish, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The dialog.
pub(crate) fn publish(publishing: Publishing) -> AnyView {
    view! {
        <Dialog open=publishing.open title="Publish">
            {move || form(publishing)}
        </Dialog>
    }
    .into_any()
}

fn form(publishing: Publishing) -> AnyView {
    let (how, at) = (RwSignal::new("now".to_owned()), Value::new(""));
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let later = Memo::new(move |_| how.with(|how| how == "later"));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let at_ms = later.get_untracked().then(|| local_ms(&at.trimmed())).flatten();
        if later.get_untracked() && at_ms.is_none() {
            at.error.set("Choose a date and a time.".to_owned());
            return;
        }
        if !busy.get_untracked() && !untrack(move || publishing.checking.refuses()) {
            busy.set(true);
            spawn_local(async move {
                send(publishing, at_ms, at, error).await;
                busy.set(false);
            });
        }
    };
    let words = move || match (later.get(), local_ms(&at.text.get())) {
        (false, _) => "Every draft from now on gets it.".to_owned(),
        (true, None) => "Choose a date and a time.".to_owned(),
        (true, Some(at)) => "Every draft from ".to_owned() + &moment(at) + " on (" + &own_zone() + ") gets it.",
    };
    let refuses = when(move || publishing.checking.refuses());
    let action = move || if later.get() { "Publish at that time" } else { "Publish now" };
    view! {
        <form novalidate on:submit=submit>
            {said(publishing)}
            {publishing.checking.question()}
            <Radios
                label="When"
                value=how
                options=vec![("now", "Now", ""), ("later", "At a set time", "Until then everyone gets what they get now.")]
            />
            {changing(move || {
                later
                    .get()
                    .then(|| {
                        let hint = "In the time zone ".to_owned() + &own_zone().replace('_', " ") + ".";
                        view! { <TextField label="Date and time" value=at kind="datetime-local" hint /> }
                    })
            })}
            <p aria-live="polite">{text(words)}</p>
            {form_error(error.into())}
            <div class="row end">
                <Button on_press=move |()| publishing.open.set(false)>"Cancel"</Button>
                <Button look=Look::Primary busy idle=refuses>
                    {text(move || action().to_owned())}
                </Button>
            </div>
        </form>
    }
    .into_any()
}

/// What is published, and whom it affects.
fn said(publishing: Publishing) -> AnyView {
    let picked = untrack(move || publishing.wanted());
    let templates = (!picked.templates.is_empty()).then(|| count(picked.templates.len() as u64, "template"));
    let rules = picked.rules.then(|| "the rules".to_owned());
    let brands = picked.brands.then(|| "the brands".to_owned());
    let what: Vec<String> = templates.into_iter().chain(rules).chain(brands).collect();
    let affected = if untrack(move || publishing.is_compared()) {
        publishing.comparing.now.get_untracked().map(|now| who(&now)).into_any()
    } else {
        view! {
            <Notice tone=Tone::Warning>
                "You have not checked who this affects. You can compare first."
            </Notice>
        }
        .into_any()
    };
    view! {
        <p>"You publish " <strong>{listed(&what, "and")}</strong> " together: all of it or nothing."</p>
        {affected}
    }
    .into_any()
}

/// Whom it affects, and in which messages.
fn who(now: &Comparison) -> AnyView {
    let one_message = now.cells.is_empty();
    let people = count(now.affected, "person/people") + " of " + &crate::ui::time::grouped(now.total);
    let gets = if now.affected == 1 { " gets something different" } else { " get something different" };
    let cells = counted(&now.cells);
    let words = people + gets + if cells.is_empty() { "" } else { " in " } + &cells + ".";
    let bad = (now.new_problems > 0).then(|| count(now.new_problems, "person gets/people get") + " new problems.");
    view! {
        <p>{words}</p>
        {one_message
            .then(|| {
                view! {
                    <Notice tone=Tone::Warning>
                        "You compared one message only. Others can change, too: compare all messages to see them."
                    </Notice>
                }
            })}
        {bad.map(|words| view! { <Notice tone=Tone::Warning>{words}</Notice> })}
    }
    .into_any()
}

async fn send(publishing: Publishing, at_ms: Option<i64>, at: Value, error: RwSignal<String>) {
    let own = publishing.tenant.with_value(|tenant| path(paths::PUBLISH, &[tenant]));
    let etag = publishing.found.peek(|found| found.etag.clone());
    let changes = untrack(move || publishing.wanted());
    let body = Publish { changes: changes.clone(), at_ms, accepted: publishing.checking.fingerprint() };
    match send_tagged::<Changes>("POST", &own, &body, &etag).await {
        Ok(now) => {
            publishing.found.value.set(Some(now));
            publishing.comparing.cancel();
            publishing.open.set(false);
            tell(match at_ms {
                None => "It is published.".to_owned(),
                Some(at) => "It will be published on ".to_owned() + &moment(at) + ".",
            });
        }
        Err(Failure::Changed) => {
            publishing.open.set(false);
            tell_error("Something was changed since you looked. The list has been updated: check it, then publish.");
            publishing.found.retry();
        }
        Err(failure) => {
            // What was found is not what there is at that time, or by now.
            if failure.errors().iter().any(|error| error.field.as_deref() == Some("accepted")) {
                publishing.checking.start(CheckReady { changes, at_ms });
            }
            let rest = crate::ui::place_errors(failure.errors(), &[("at_ms", at)]);
            error.set(rest);
        }
    }
}
