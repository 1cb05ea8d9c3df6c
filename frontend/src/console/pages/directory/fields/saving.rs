//! Saving the fields.

use super::{Form, edited_by_words};
use crate::api::console::{Failure, Tagged, get_tagged, send_tagged};
use crate::console::pages::directory::people::source_words;
use crate::ui::{differences, tell};
use ::api::console::{FieldDefinition, Fields};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Saves the list; where somebody else changed it meanwhile, shows both versions.
pub(crate) fn save(form: Form) {
    let body = Fields { fields: form.fields.try_get_untracked().unwrap_or_default() };
    let etag = form.found.peek(|found| found.etag.clone());
    form.busy.set(true);
    form.error.set(String::new());
    spawn_local(async move {
        let path = form.path.get_value();
        match send_tagged::<Fields>("PUT", &path, &body, &etag).await {
            Ok(now) => {
                take(form, now);
                tell("Saved.");
            }
            Err(Failure::Changed) => match get_tagged::<Fields>(&path).await {
                Ok(now) => {
                    let found = differences(&said(&now.value.fields), &said(&body.fields));
                    if let Some(same) = form.conflict.meet(now, found) {
                        take(form, same);
                    }
                }
                Err(failure) => form.error.set(failure.text()),
            },
            Err(failure) => form.error.set(failure.text()),
        }
        form.busy.set(false);
    });
}

/// Takes what the server has in the place of what is here.
pub(crate) fn take(form: Form, now: Tagged<Fields>) {
    form.fields.set(now.value.fields.clone());
    form.found.value.set(Some(now));
}

/// What the dialog of two versions says of each field, and of their order.
fn said(fields: &[FieldDefinition]) -> Vec<(String, String)> {
    let one = |field: &FieldDefinition| {
        let sources = field.precedence.iter().map(|source| source_words(*source).0).collect::<Vec<_>>().join(" › ");
        let words = field.label.clone() + "\nEdited by: " + edited_by_words(field.edited_by) + "\n" + &sources;
        (field.token.clone(), words)
    };
    let order = fields.iter().map(|field| field.label.as_str()).collect::<Vec<_>>().join(", ");
    fields.iter().map(one).chain([("Order".to_owned(), order)]).collect()
}
