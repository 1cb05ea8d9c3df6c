//! How the list stands: saved or not, published or not, and discarding unpublished changes.

use crate::api::console::{Tagged, delete, get_tagged, path};
use crate::console::pages::rules::at;
use crate::console::pages::rules::editing::{Editing, Saving};
use crate::ui::{Button, Confirm, Notice, Tone, ago, changing, moment, tell, text};
use ::api::console::pages::Signatures;
use ::api::console::{RuleList, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// A line above the list or the rule, and what went wrong.
pub(crate) fn standing(editing: Editing) -> AnyView {
    let discarding = RwSignal::new(false);
    let state = Memo::new(move |_| {
        let said = editing.said.read();
        let said = said.as_ref()?;
        Some((said.changed, said.publish_ms, said.changed_ms, said.changed_by.clone()))
    });
    let line = move || {
        let (changed, publish, at_ms, by) = state.get()?;
        let by = by.map(|by| " by ".to_owned() + &by).unwrap_or_default();
        let when = at_ms.map(|at_ms| view! { ", " {ago(at_ms)} {by} });
        let words = match (changed, publish) {
            (false, _) => "Published".to_owned(),
            (true, Some(at)) => "Changed; to be published on ".to_owned() + &moment(at),
            (true, None) => "Changed, not published".to_owned(),
        };
        Some(view! { <strong>{words}</strong> {when} })
    };
    let publishing = editing.tenant.with_value(|tenant| at(tenant, Signatures::Changes));
    let acts = move || {
        let changed = state.get().is_some_and(|state| state.0);
        changed.then(|| {
            view! {
                <a class="button" href=publishing.clone()>
                    "Compare and publish"
                </a>
                {editing
                    .may
                    .then(|| {
                        view! { <Button on_press=move |()| discarding.set(true)>"Discard changes"</Button> }
                    })}
            }
        })
    };
    view! {
        <div class="standing row wrap">
            <p class="grow">{changing(line)}</p>
            <p class="saving" role="status">
                {text(move || if editing.may { saving_words(&editing.saving.get()) } else { "Read-only".to_owned() })}
            </p>
            {changing(acts)}
        </div>
        {changing(move || refusal(editing))}
        {discard(editing, discarding)}
    }
    .into_any()
}

fn saving_words(saving: &Saving) -> String {
    match saving {
        Saving::Saved => "Saved",
        Saving::Busy => "Saving …",
        Saving::Refused(_) | Saving::Conflict => "Not saved",
    }
    .to_owned()
}

fn refusal(editing: Editing) -> Option<AnyView> {
    match editing.saving.get() {
        Saving::Refused(errors) => {
            let words = errors.into_iter().map(|error| said_where(editing, error)).collect::<Vec<_>>().join(" ");
            Some(
                view! {
                    <Notice tone=Tone::Error>
                        <p>"Your change is not saved yet. " {words}</p>
                        <Button on_press=move |()| editing.save()>"Try again"</Button>
                    </Notice>
                }
                .into_any(),
            )
        }
        Saving::Conflict => Some(
            view! {
                <Notice tone=Tone::Warning>
                    <p>"Another user changed the same rules in the meantime. Your changes are not saved until you \
                        have chosen which to keep."</p>
                    <Button on_press=move |()| editing.ask_again()>"Compare both"</Button>
                </Notice>
            }
            .into_any(),
        ),
        _ => None,
    }
}

/// An error with the name of the rule that it is about, which the server names by its place.
fn said_where(editing: Editing, error: ::api::ErrorDetail) -> String {
    let place = error.field.as_deref().and_then(|field| field.strip_prefix("rules[")?.split(']').next()?.parse().ok());
    let name = place.and_then(|at: usize| editing.rules.with(|rules| rules.get(at).map(|rule| rule.name.clone())));
    match name {
        Some(name) => "“".to_owned() + &name + "”: " + &error.detail + ".",
        None => error.detail,
    }
}

fn discard(editing: Editing, open: RwSignal<bool>) -> AnyView {
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let confirm = move |()| {
        let tenant = editing.tenant.get_value();
        busy.set(true);
        spawn_local(async move {
            let answer = async {
                delete(&path(paths::UNPUBLISHED_RULES, &[&tenant])).await?;
                get_tagged::<RuleList>(&path(paths::RULES, &[&tenant])).await
            };
            match answer.await {
                Ok(now) => done(editing, &now, open),
                Err(failure) => error.set(failure.text()),
            }
            busy.set(false);
        });
    };
    view! {
        <Confirm open title="Discard unpublished changes?" action="Discard" busy error on_confirm=confirm>
            <p>"All rules return to their published versions. Changes made since then are lost."</p>
        </Confirm>
    }
    .into_any()
}

fn done(editing: Editing, now: &Tagged<RuleList>, open: RwSignal<bool>) {
    editing.replace(now);
    open.set(false);
    tell("All rules are back to their published versions.");
}
