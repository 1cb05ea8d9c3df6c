//! A template that two people changed at once, brought together piece by piece.

use super::part_words;
use crate::ui::{Difference, Keep, count};
use ::api::console::TemplateDraft;
use email_signature::ImageMode;
use std::collections::BTreeMap;

/// What they changed since `base` into something else than `mine`.
pub(super) fn conflicts(base: &TemplateDraft, mine: &TemplateDraft, theirs: &TemplateDraft) -> Vec<Difference> {
    PIECES
        .iter()
        .filter(|(_, _, read)| read(theirs) != read(base) && read(theirs) != read(mine))
        .map(|(key, label, read)| Difference {
            key: (*key).to_owned(),
            label: (*label).to_owned(),
            theirs: read(theirs),
            mine: read(mine),
        })
        .collect()
}

/// `mine` with what only they changed since `base`, and with theirs where that was chosen.
pub(super) fn merge(
    base: &TemplateDraft,
    mut mine: TemplateDraft,
    theirs: &TemplateDraft,
    chosen: &BTreeMap<String, Keep>,
) -> TemplateDraft {
    for (key, _, read) in PIECES {
        let only_theirs = read(&mine) == read(base);
        if only_theirs || chosen.get(*key) == Some(&Keep::Theirs) {
            copy(key, theirs, &mut mine);
        }
    }
    mine
}

/// Names, words and content of what two people can have changed at once.
type Piece = (&'static str, &'static str, fn(&TemplateDraft) -> String);

const PIECES: &[Piece] = &[
    ("name", "Name", |draft| draft.name.clone()),
    ("folder", "Folder", |draft| draft.folder.clone()),
    ("part", "Part", |draft| part_words(draft.part).to_owned()),
    ("html", "HTML", |draft| draft.html.clone()),
    ("text", "Plain text", |draft| draft.text.clone().unwrap_or_default()),
    ("images", "Images", |draft| if draft.images == ImageMode::Cid { "Attached" } else { "Hosted" }.to_owned()),
    ("offered_to", "Offered to", |draft| match &draft.offered_to {
        None => "Nobody".to_owned(),
        Some(all) if all.is_empty() => "Everyone".to_owned(),
        Some(all) => count(all.len() as u64, "condition"),
    }),
];

fn copy(key: &str, from: &TemplateDraft, to: &mut TemplateDraft) {
    match key {
        "name" => to.name.clone_from(&from.name),
        "folder" => to.folder.clone_from(&from.folder),
        "part" => to.part = from.part,
        "html" => to.html.clone_from(&from.html),
        "text" => to.text.clone_from(&from.text),
        "images" => to.images = from.images,
        _ => to.offered_to.clone_from(&from.offered_to),
    }
}
