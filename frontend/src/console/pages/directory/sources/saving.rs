//! Saving a source's settings.

use super::settings::Form;
use super::words;
use crate::api::console::{Failure, get_tagged, send_tagged};
use crate::ui::{count, differences, place_errors, tell};
use ::api::console::{Mapped, SourceChanges, SourceDetail, SourceSettings, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Saves what stands in the form; where somebody else changed it meanwhile, shows both versions.
pub(crate) fn save(form: Form) {
    let Some(mine) = form.typed() else { return };
    let etag = form.found.peek(|found| found.etag.clone());
    let changes = SourceChanges { paused: None, settings: Some(mine.clone()) };
    form.busy.set(true);
    form.error.set(String::new());
    spawn_local(async move {
        let path = form.desk.path(paths::SOURCE, form.source);
        match send_tagged::<SourceDetail>("PATCH", &path, &changes, &etag).await {
            Ok(now) => {
                form.desk.put(now.value);
                form.desk.open.set(None);
                tell(words::name(form.source).to_owned() + ": the settings are saved and apply from the next run.");
            }
            Err(Failure::Changed) => match get_tagged::<SourceDetail>(&path).await {
                Ok(now) => {
                    let found = differences(&said(&now.value.settings), &said(&mine));
                    if let Some(same) = form.conflict.meet(now, found) {
                        // Only its state changed, such as by a run: what was typed is saved with the new tag.
                        form.found.value.set(Some(same));
                        save(form);
                    }
                }
                Err(failure) => form.error.set(failure.text()),
            },
            Err(failure) => {
                let fields = [("settings.every_minutes", form.every), ("settings.guard_percent", form.guard)];
                form.error.set(place_errors(failure.errors(), &fields));
            }
        }
        form.busy.set(false);
    });
}

/// What the dialog of two versions says of the settings.
fn said(settings: &SourceSettings) -> Vec<(String, String)> {
    let yes = |is: bool| if is { "Yes" } else { "No" }.to_owned();
    let line = |one: &Mapped| one.attribute.clone() + " → " + &one.field;
    let all = [
        ("How often it runs", "Every ".to_owned() + &count(settings.every_minutes.into(), "minute")),
        ("Guard", settings.guard_percent.to_string() + " %"),
        ("Guests", yes(settings.guests)),
        ("Shared mailboxes", yes(settings.shared)),
        ("Photos", yes(settings.photos)),
        ("Groups and their members", yes(settings.groups)),
        ("Add people who are only in the database", yes(settings.add)),
        ("Which attribute goes into which field", settings.mapping.iter().map(line).collect::<Vec<_>>().join("\n")),
    ];
    all.map(|(label, said)| (label.to_owned(), said)).to_vec()
}
