//! The area of templates: the list, the gallery, the editor, and signatures from elsewhere.
#![expect(clippy::large_types_passed_by_value, reason = "what a page shares are handles, copied once when it is made")]

mod delete;
mod editor;
mod gallery;
mod list;
mod made;
mod migrate;
mod thumbnail;

use crate::console::pages::{at, page, tenant_crumb};
use crate::ui::{Tone, moment};
use ::api::console::TemplateState;
use ::api::console::pages::Designs;
use email_signature::Part;
use leptos::prelude::AnyView;

/// A page of this area.
pub fn draw(tenant: &str, page: &Designs) -> AnyView {
    match page {
        Designs::Templates => list::templates(tenant),
        Designs::Template(id) => editor::template(tenant, id),
        Designs::Gallery => gallery::gallery(tenant),
        Designs::Migration => migrate::migrate(tenant),
    }
}

/// The way to a page below the list.
fn crumbs(tenant: &str) -> Vec<(String, &'static str)> {
    let mut crumbs = tenant_crumb(tenant);
    crumbs.push((at(tenant, Designs::Templates), "Templates"));
    crumbs
}

/// What a part is called on its own.
fn part_words(part: Part) -> &'static str {
    match part {
        Part::Signature => "Signature",
        Part::Campaign => "Campaign",
        Part::Disclaimer => "Disclaimer",
        Part::Block => "Block",
    }
}

/// Value and words of each part of a signature.
fn part_options() -> Vec<(String, String)> {
    Part::ALL.map(|part| (part.noun().to_owned(), part_words(part).to_owned())).to_vec()
}

/// The part with that noun.
fn part_named(noun: &str) -> Part {
    Part::ALL.into_iter().chain([Part::Block]).find(|part| part.noun() == noun).unwrap_or(Part::Signature)
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
