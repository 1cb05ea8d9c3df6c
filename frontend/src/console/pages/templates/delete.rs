//! Deleting a template.

use crate::api::console::{self, path};
use crate::ui::{Confirm, Loaded, changing, effect, tell, text};
use ::api::console::{TemplateRow, Templates, paths};
use email_signature::Part;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Asks, and deletes it; the server refuses while rules give it.
pub(crate) fn delete(deleting: RwSignal<Option<TemplateRow>>, found: Loaded<Templates>, tenant: String) -> AnyView {
    let (open, busy, error) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(String::new()));
    effect(move || open.set(deleting.with(Option::is_some)));
    effect(move || {
        if !open.get() && deleting.with_untracked(Option::is_some) {
            deleting.set(None);
            error.set(String::new());
        }
    });
    let confirmed = move |()| {
        let Some(row) = deleting.get_untracked() else { return };
        let path = path(paths::TEMPLATE, &[&tenant, &row.id]);
        busy.set(true);
        spawn_local(async move {
            match console::delete(&path).await {
                Ok(()) => {
                    tell(row.name + " is deleted.");
                    deleting.set(None);
                    found.retry();
                }
                Err(failure) => error.set(failure.text()),
            }
            busy.set(false);
        });
    };
    let read = move |read: fn(&TemplateRow) -> String| deleting.with(|row| row.as_ref().map(read).unwrap_or_default());
    let title = text(move || "Delete ".to_owned() + &read(|row| row.name.clone()) + "?");
    let rules = move || {
        if deleting.with(|row| row.as_ref().is_some_and(|row| row.part == Part::Block)) {
            let templates = read(|row| row.used_in.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", "));
            return if templates.is_empty() {
                "No template uses it. Its published versions are kept in the audit.".to_owned()
            } else {
                "These templates use it: ".to_owned()
                    + &templates
                    + ". To delete it, first remove it from them and publish that."
            };
        }
        let rules = read(|row| row.used_by.iter().map(|rule| rule.name.as_str()).collect::<Vec<_>>().join(", "));
        if rules.is_empty() {
            "Nobody will get it or be able to choose it. Its published versions are kept in the audit.".to_owned()
        } else {
            "These rules use it: ".to_owned()
                + &rules
                + ". To delete it, first let them use another template and publish that."
        }
    };
    view! {
        <Confirm open title action="Delete" busy error on_confirm=confirmed>
            {changing(move || view! { <p>{rules()}</p> })}
        </Confirm>
    }
    .into_any()
}
