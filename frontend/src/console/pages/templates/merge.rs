//! A template that two people changed at once, brought together piece by piece.

use super::part_words;
use crate::ui::{Difference, Keep};
use ::api::console::TemplateDraft;
use email_signature::{ImageMode, Part, SenderCondition};
use std::collections::BTreeMap;

/// What both changed since `base`, each differently.
pub(super) fn conflicts(base: &TemplateDraft, mine: &TemplateDraft, theirs: &TemplateDraft) -> Vec<Difference> {
    let both = |piece: &&Piece| !(piece.same)(theirs, base) && !(piece.same)(mine, base) && !(piece.same)(mine, theirs);
    PIECES
        .iter()
        .filter(both)
        .map(|piece| Difference {
            key: piece.key.to_owned(),
            label: piece.label.to_owned(),
            theirs: (piece.words)(theirs),
            mine: (piece.words)(mine),
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
    for piece in PIECES {
        if (piece.same)(&mine, base) || chosen.get(piece.key) == Some(&Keep::Theirs) {
            (piece.copy)(theirs, &mut mine);
        }
    }
    mine
}

/// What two people can have changed at once.
struct Piece {
    key: &'static str,
    label: &'static str,
    words: fn(&TemplateDraft) -> String,
    same: fn(&TemplateDraft, &TemplateDraft) -> bool,
    copy: fn(&TemplateDraft, &mut TemplateDraft),
}

macro_rules! piece {
    ($field:ident, $label:literal, $words:expr) => {
        Piece {
            key: stringify!($field),
            label: $label,
            words: |draft| $words(&draft.$field),
            same: |one, other| one.$field == other.$field,
            copy: |from, to| to.$field.clone_from(&from.$field),
        }
    };
}

const PIECES: &[Piece] = &[
    piece!(name, "Name", String::clone),
    piece!(folder, "Folder", String::clone),
    piece!(part, "Part", |part: &Part| part_words(*part).to_owned()),
    piece!(html, "HTML", String::clone),
    piece!(text, "Plain text", |text: &Option<String>| text.clone().unwrap_or_default()),
    piece!(images, "Images", |mode: &ImageMode| if *mode == ImageMode::Cid { "Attached" } else { "Hosted" }.to_owned()),
    piece!(offered_to, "Offered to", |offered: &Option<Vec<SenderCondition>>| match offered {
        None => "Nobody".to_owned(),
        Some(all) if all.is_empty() => "Everyone".to_owned(),
        Some(all) => all.iter().map(described).collect::<Vec<_>>().join(", "),
    }),
];

fn described(condition: &SenderCondition) -> String {
    match condition {
        SenderCondition::Person { address } => address.to_string(),
        SenderCondition::Group { id } => "the group ".to_owned() + id,
        SenderCondition::Domain { domain } => "addresses at ".to_owned() + domain,
        SenderCondition::Field { field, value, .. } => "the field ".to_owned() + field + " and " + value,
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn draft(name: &str, html: &str, domain: &str) -> TemplateDraft {
        TemplateDraft {
            name: name.into(),
            folder: String::new(),
            part: Part::Signature,
            html: html.into(),
            text: None,
            images: ImageMode::Hosted,
            offered_to: Some(vec![SenderCondition::Domain { domain: domain.into() }]),
        }
    }

    #[wasm_bindgen_test]
    fn what_one_alone_changed_is_taken_without_a_question() {
        let base = draft("Old", "<p>old</p>", "a.example");
        let mine = draft("Mine", "<p>old</p>", "a.example");
        let theirs = draft("Old", "<p>theirs</p>", "b.example");
        assert_eq!(conflicts(&base, &mine, &theirs), []);
        let merged = merge(&base, mine, &theirs, &BTreeMap::new());
        assert_eq!(merged, draft("Mine", "<p>theirs</p>", "b.example"));
    }

    #[wasm_bindgen_test]
    fn what_both_changed_is_asked_and_taken_as_chosen() {
        let base = draft("Old", "<p>old</p>", "a.example");
        let (mine, theirs) = (draft("Mine", "<p>same</p>", "b.example"), draft("Theirs", "<p>same</p>", "c.example"));
        let asked: Vec<String> = conflicts(&base, &mine, &theirs).into_iter().map(|one| one.key).collect();
        assert_eq!(asked, ["name", "offered_to"]);
        let chosen = BTreeMap::from([("offered_to".to_owned(), Keep::Theirs), ("name".to_owned(), Keep::Mine)]);
        assert_eq!(merge(&base, mine, &theirs, &chosen), draft("Mine", "<p>same</p>", "c.example"));
    }
}
