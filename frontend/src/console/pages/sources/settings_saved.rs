//! Saving a source's settings, also when somebody else changed them meanwhile: three versions become one.

use super::settings::Form;
use super::words;
use crate::api::console::{Failure, get_tagged, send_tagged};
use crate::ui::{Difference, Keep, place_errors, tell};
use ::api::console::{SourceChanges, SourceDetail, SourceSettings, paths};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::BTreeMap;

/// A part of the settings that is one choice: its key, what people call it, how it reads, and how it is taken over.
struct Part {
    key: &'static str,
    label: &'static str,
    said: fn(&SourceSettings) -> String,
    take: fn(&mut SourceSettings, &SourceSettings),
}

const PARTS: [Part; 8] = [
    Part {
        key: "every_minutes",
        label: "How often it runs",
        said: |settings| "Every ".to_owned() + &crate::ui::count(settings.every_minutes.into(), "minute"),
        take: |mine, theirs| mine.every_minutes = theirs.every_minutes,
    },
    Part {
        key: "guard_percent",
        label: "Guard",
        said: |settings| settings.guard_percent.to_string() + " %",
        take: |mine, theirs| mine.guard_percent = theirs.guard_percent,
    },
    Part {
        key: "guests",
        label: "Guests",
        said: |settings| yes(settings.guests),
        take: |mine, theirs| mine.guests = theirs.guests,
    },
    Part {
        key: "shared",
        label: "Shared mailboxes",
        said: |settings| yes(settings.shared),
        take: |mine, theirs| mine.shared = theirs.shared,
    },
    Part {
        key: "photos",
        label: "Photos",
        said: |settings| yes(settings.photos),
        take: |mine, theirs| mine.photos = theirs.photos,
    },
    Part {
        key: "groups",
        label: "Groups and who is in them",
        said: |settings| yes(settings.groups),
        take: |mine, theirs| mine.groups = theirs.groups,
    },
    Part {
        key: "add",
        label: "Add people whom only the database knows",
        said: |settings| yes(settings.add),
        take: |mine, theirs| mine.add = theirs.add,
    },
    Part {
        key: "mapping",
        label: "Which attribute goes into which field",
        said: |settings| {
            let line = |one: &::api::console::Mapped| one.attribute.clone() + " → " + &one.field;
            settings.mapping.iter().map(line).collect::<Vec<_>>().join("\n")
        },
        take: |mine, theirs| mine.mapping.clone_from(&theirs.mapping),
    },
];

fn yes(is: bool) -> String {
    if is { "Yes".into() } else { "No".into() }
}

/// Saves what stands in the form, unless somebody else changed it meanwhile.
pub(super) fn save(form: Form) {
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
                tell(words::name(form.source).to_owned() + ": the settings are saved. The next run goes by them.");
            }
            Err(Failure::Changed) => compare(form, &path, mine).await,
            Err(failure) => {
                let fields = [("settings.every_minutes", form.every), ("settings.guard_percent", form.guard)];
                form.error.set(place_errors(failure.errors(), &fields));
            }
        }
        form.busy.set(false);
    });
}

/// Takes over what only they changed; where both changed the same, the person chooses.
async fn compare(form: Form, path: &str, mut mine: SourceSettings) {
    let before = form.found.peek(|found| Some(found.value.settings.clone())).unwrap_or_default();
    let Ok(now) = get_tagged::<SourceDetail>(path).await else {
        form.error.set(Failure::Changed.text());
        return;
    };
    let mut differences = Vec::new();
    for part in PARTS {
        let (was, own, other) = ((part.said)(&before), (part.said)(&mine), (part.said)(&now.value.settings));
        if own == was {
            (part.take)(&mut mine, &now.value.settings);
        } else if other != was && other != own {
            let (key, label) = (part.key.to_owned(), part.label.to_owned());
            differences.push(Difference { key, label, theirs: other, mine: own });
        }
    }
    form.show(&mine);
    form.found.value.set(Some(now));
    if differences.is_empty() {
        save(form);
    } else {
        form.differences.set(differences);
    }
}

/// Takes what was chosen where both changed the same, and saves it.
pub(super) fn resolve(form: Form, chosen: &BTreeMap<String, Keep>) {
    let theirs = form.found.peek(|found| Some(found.value.settings.clone())).unwrap_or_default();
    let Some(mut mine) = form.typed() else { return };
    for part in PARTS {
        if chosen.get(part.key) == Some(&Keep::Theirs) {
            (part.take)(&mut mine, &theirs);
        }
    }
    form.show(&mine);
    form.differences.set(Vec::new());
    save(form);
}
