//! Saving the fields, also when somebody else changed them meanwhile: three versions become one.

use super::fields::{Form, edited_by_words};
use super::people::source_words;
use crate::api::console::{Failure, get_tagged, send_tagged};
use crate::ui::{Difference, Keep, tell};
use ::api::console::{FieldDefinition, Fields};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::BTreeMap;

/// Saves the list, unless somebody else changed it meanwhile.
pub(super) fn save(form: Form) {
    let body = Fields { fields: form.fields.try_get_untracked().unwrap_or_default() };
    let etag = form.found.peek(|found| found.etag.clone());
    form.busy.set(true);
    form.error.set(String::new());
    spawn_local(async move {
        let path = form.path.get_value();
        match send_tagged::<Fields>("PUT", &path, &body, &etag).await {
            Ok(now) => {
                form.fields.set(now.value.fields.clone());
                form.found.value.set(Some(now));
                tell("Saved.");
            }
            Err(Failure::Changed) => compare(form, &path).await,
            Err(failure) => form.error.set(failure.text()),
        }
        form.busy.set(false);
    });
}

/// What a difference says of a field.
fn said(field: Option<&FieldDefinition>) -> String {
    let Some(field) = field else { return "(not there)".into() };
    let sources = field.precedence.iter().map(|source| source_words(*source).0).collect::<Vec<_>>().join(" › ");
    field.label.clone() + "\nEdited by: " + edited_by_words(field.edited_by) + "\n" + &sources
}

fn order(fields: &[FieldDefinition]) -> String {
    fields.iter().map(|field| field.label.as_str()).collect::<Vec<_>>().join(", ")
}

const ORDER: &str = " order";

async fn compare(form: Form, path: &str) {
    let before = form.found.peek(|found| found.value.fields.clone());
    let Ok(now) = get_tagged::<Fields>(path).await else {
        form.error.set(Failure::Changed.text());
        return;
    };
    let (theirs, mine) = (now.value.fields.clone(), form.fields.try_get_untracked().unwrap_or_default());
    let of = |all: &[FieldDefinition], token: &str| all.iter().find(|field| field.token == token).cloned();
    let mut tokens: Vec<String> = mine.iter().chain(&theirs).map(|field| field.token.clone()).collect();
    tokens.sort();
    tokens.dedup();
    let mut differences = Vec::new();
    for token in tokens {
        let (was, own, other) = (of(&before, &token), of(&mine, &token), of(&theirs, &token));
        let (said_was, said_own, said_other) = (said(was.as_ref()), said(own.as_ref()), said(other.as_ref()));
        if said_own == said_other || said_own == said_was || said_other == said_was {
            continue;
        }
        let label = own.or(other).map(|field| field.label).unwrap_or_default();
        differences.push(Difference { key: token, label, theirs: said_other, mine: said_own });
    }
    if order(&mine) != order(&theirs) {
        let label = "Order".to_owned();
        differences.push(Difference { key: ORDER.into(), label, theirs: order(&theirs), mine: order(&mine) });
    }
    form.fields.set(merged(&before, &mine, &theirs));
    form.found.value.set(Some(now));
    if differences.is_empty() {
        save(form);
    } else {
        form.differences.set(differences);
    }
}

/// Mine, with what only they changed.
fn merged(before: &[FieldDefinition], mine: &[FieldDefinition], theirs: &[FieldDefinition]) -> Vec<FieldDefinition> {
    let of = |all: &[FieldDefinition], token: &str| all.iter().find(|field| field.token == token).cloned();
    let mut out = Vec::new();
    for field in mine {
        let (was, other) = (of(before, &field.token), of(theirs, &field.token));
        match (was, other) {
            (Some(was), Some(other)) if said(Some(&was)) == said(Some(field)) => out.push(other),
            (Some(was), None) if said(Some(&was)) == said(Some(field)) => {}
            _ => out.push(field.clone()),
        }
    }
    let added = theirs.iter().filter(|field| of(before, &field.token).is_none() && of(mine, &field.token).is_none());
    out.extend(added.cloned());
    out
}

/// Takes what was chosen where both changed the same, and saves it.
pub(super) fn resolve(form: Form, chosen: &BTreeMap<String, Keep>) {
    let theirs = form.found.peek(|found| found.value.fields.clone());
    form.fields.update(|all| {
        for (token, _) in chosen.iter().filter(|(_, keep)| **keep == Keep::Theirs) {
            let other = theirs.iter().find(|field| field.token == *token);
            match (all.iter().position(|field| field.token == *token), other) {
                (Some(at), Some(other)) => all[at] = other.clone(),
                (Some(at), None) if token != ORDER => drop(all.remove(at)),
                (None, Some(other)) => all.push(other.clone()),
                _ => {}
            }
        }
        if chosen.get(ORDER) == Some(&Keep::Theirs) {
            all.sort_by_key(|field| theirs.iter().position(|other| other.token == field.token).unwrap_or(usize::MAX));
        }
    });
    form.differences.set(Vec::new());
    save(form);
}
