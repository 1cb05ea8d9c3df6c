//! A template in words, for who compares two versions of it.

use crate::console::pages::templates::part_words;
use ::api::console::UnpublishedTemplate;
use email_signature::{DomainPattern, ImageMode, SenderCondition};

/// What the dialog of two versions says of each of its settings.
pub(crate) fn said(content: &UnpublishedTemplate) -> Vec<(String, String)> {
    let offered = match &content.offered_to {
        None => "Nobody".to_owned(),
        Some(all) if all.is_empty() => "Everyone".to_owned(),
        Some(all) => all.iter().map(described).collect::<Vec<_>>().join(", "),
    };
    let images = if content.images == ImageMode::Cid { "Attached" } else { "Hosted" };
    let all = [
        ("Name", content.name.clone()),
        ("Folder", content.folder.clone()),
        ("Part", part_words(content.part).to_owned()),
        ("HTML", content.html.clone()),
        ("Plain text", content.text.clone().unwrap_or_default()),
        ("Images", images.to_owned()),
        ("Offered to", offered),
    ];
    all.map(|(label, said)| (label.to_owned(), said)).to_vec()
}

fn described(condition: &SenderCondition) -> String {
    match condition {
        SenderCondition::Person { address } => address.to_string(),
        SenderCondition::Group { id } => "the group ".to_owned() + id,
        SenderCondition::Domain { domain } => "addresses at ".to_owned() + &DomainPattern::read(domain).words(),
        SenderCondition::Field { field, value, .. } => "the field ".to_owned() + field + " and " + value,
    }
}
