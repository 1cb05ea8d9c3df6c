//! Templates: the list, the gallery, and the editor.
#![expect(clippy::large_types_passed_by_value, reason = "what a page shares are handles, copied once when it is made")]

mod delete;
mod document;
mod editor;
mod gallery;
mod images;
mod list;
mod made;
mod merge;
mod parts;
mod placeholders;
mod settings;
mod shown;
mod thumbnail;
mod versions;
mod views;

pub use editor::template;
pub use gallery::gallery;
pub use list::templates;

use super::{at, page, tenant_crumb};
use crate::console::place::Page;
use crate::ui::{Tone, moment};
use ::api::console::TemplateState;
use email_signature::Part;

/// The way to a page below the list.
fn crumbs(tenant: &str) -> Vec<(String, &'static str)> {
    let mut crumbs = tenant_crumb(tenant);
    crumbs.push((at(tenant, Page::Templates), "Templates"));
    crumbs
}

/// What a part is called on its own.
fn part_words(part: Part) -> &'static str {
    match part {
        Part::Signature => "Signature",
        Part::Campaign => "Campaign",
        Part::Disclaimer => "Disclaimer",
    }
}

/// Value and words of each part.
fn part_options() -> Vec<(String, String)> {
    Part::ALL.map(|part| (part.noun().to_owned(), part_words(part).to_owned())).to_vec()
}

/// The part with that noun.
fn part_named(noun: &str) -> Part {
    Part::ALL.into_iter().find(|part| part.noun() == noun).unwrap_or(Part::Signature)
}

/// How a template stands, in a few words.
fn state_words(state: &TemplateState) -> Vec<(String, Tone)> {
    let mut words = Vec::new();
    match state.version {
        None => words.push(("Never published".to_owned(), Tone::Info)),
        Some(_) if state.changed => words.push(("Changed since it was published".to_owned(), Tone::Warning)),
        Some(_) => words.push(("Published".to_owned(), Tone::Success)),
    }
    if let Some(at) = state.publish_ms {
        words.push(("To be published on ".to_owned() + &moment(at), Tone::Info));
    }
    words
}
