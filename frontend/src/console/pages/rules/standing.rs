//! How the list stands: saved or not, published or not, and giving unpublished changes up.

use super::at;
use super::draft::{Draft, Saving};
use crate::api::console::{Tagged, delete, get_tagged, path};
use crate::console::place::Page;
use crate::ui::{Button, Confirm, Notice, Tone, ago, changing, moment, tell, text};
use ::api::console::{RuleList, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// A line above the list or the rule, and what went wrong.
pub(super) fn standing(draft: Draft) -> AnyView {
    let giving_up = RwSignal::new(false);
    let state = Memo::new(move |_| {
        let said = draft.said.read();
        let said = said.as_ref()?;
        Some((said.changed, said.publish_ms, said.changed_ms, said.changed_by.clone()))
    });
    let line = move || {
        let (changed, publish, at_ms, by) = state.get()?;
        let by = by.map(|by| " by ".to_owned() + &by).unwrap_or_default();
        let when = at_ms.map(|at_ms| view! { ", " {ago(at_ms)} {by} });
        let words = match (changed, publish) {
            (false, _) => "Published as it stands here".to_owned(),
            (true, Some(at)) => "Changed; to be published on ".to_owned() + &moment(at),
            (true, None) => "Changed and not published".to_owned(),
        };
        Some(view! { <strong>{words}</strong> {when} })
    };
    let publishing = draft.tenant.with_value(|tenant| at(tenant, Page::Changes));
    let acts = move || {
        let changed = state.get().is_some_and(|state| state.0);
        changed.then(|| {
            view! {
                <a class="button" href=publishing.clone()>
                    "Compare and publish"
                </a>
                {draft
                    .may
                    .then(|| {
                        view! { <Button on_press=move |()| giving_up.set(true)>"Give changes up"</Button> }
                    })}
            }
        })
    };
    view! {
        <div class="standing row wrap">
            <p class="grow">{changing(line)}</p>
            <p class="saving" role="status">
                {text(move || if draft.may { saving_words(&draft.saving.get()) } else { "Only to look at".to_owned() })}
            </p>
            {changing(acts)}
        </div>
        {changing(move || refusal(draft))}
        {give_up(draft, giving_up)}
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

fn refusal(draft: Draft) -> Option<AnyView> {
    match draft.saving.get() {
        Saving::Refused(errors) => {
            let words = errors.into_iter().map(|error| said_where(draft, error)).collect::<Vec<_>>().join(" ");
            Some(
                view! {
                    <Notice tone=Tone::Error>
                        <p>"What you changed is not saved yet. " {words}</p>
                        <Button on_press=move |()| draft.save()>"Try again"</Button>
                    </Notice>
                }
                .into_any(),
            )
        }
        Saving::Conflict => Some(
            view! {
                <Notice tone=Tone::Warning>
                    <p>"Somebody else changed the same rules meanwhile. Yours are not saved until you have chosen what stays."</p>
                    <Button on_press=move |()| draft.ask_again()>"Compare both"</Button>
                </Notice>
            }
            .into_any(),
        ),
        _ => None,
    }
}

/// An error with the name of the rule that it is about, which the server names by its place.
fn said_where(draft: Draft, error: ::api::ErrorDetail) -> String {
    let place = error.field.as_deref().and_then(|field| field.strip_prefix("rules[")?.split(']').next()?.parse().ok());
    let name = place.and_then(|at: usize| draft.rules.with(|rules| rules.get(at).map(|rule| rule.name.clone())));
    match name {
        Some(name) => "“".to_owned() + &name + "”: " + &error.detail + ".",
        None => error.detail,
    }
}

fn give_up(draft: Draft, open: RwSignal<bool>) -> AnyView {
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let confirm = move |()| {
        let tenant = draft.tenant.get_value();
        busy.set(true);
        spawn_local(async move {
            let answer = async {
                delete(&path(paths::RULES_DRAFT, &[&tenant])).await?;
                get_tagged::<RuleList>(&path(paths::RULES, &[&tenant])).await
            };
            match answer.await {
                Ok(now) => done(draft, &now, open),
                Err(failure) => error.set(failure.text()),
            }
            busy.set(false);
        });
    };
    view! {
        <Confirm open title="Give the unpublished changes up?" action="Give them up" busy error on_confirm=confirm>
            <p>"All rules will stand as they are published now. What was changed since is gone."</p>
        </Confirm>
    }
    .into_any()
}

fn done(draft: Draft, now: &Tagged<RuleList>, open: RwSignal<bool>) {
    draft.replace(now);
    open.set(false);
    tell("The rules stand as they are published.");
}
