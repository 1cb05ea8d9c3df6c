//! What both pages are put together from; `pieces` is the console's alone.

pub mod icon;
#[cfg(feature = "console")]
mod pieces;
pub mod preview;

#[cfg(feature = "console")]
pub use icon::logo;
pub use icon::{Icon, icon, icon_of};
#[cfg(feature = "console")]
pub use pieces::*;
pub use preview::{Preview, with_hosted_images};

use leptos::prelude::*;
use std::sync::Arc;

/// A text that may change. Views are compiled for each type of what they show, so one type for all texts, and one for all
/// conditions, makes the pane a tenth smaller than a closure here and there.
pub fn text(value: impl Fn() -> String + Send + Sync + 'static) -> Signal<String> {
    derived_text(Arc::new(value))
}

/// A condition that may change.
pub fn when(value: impl Fn() -> bool + Send + Sync + 'static) -> Signal<bool> {
    derived_condition(Arc::new(value))
}

fn derived_text(value: Arc<dyn Fn() -> String + Send + Sync>) -> Signal<String> {
    Signal::derive(move || value())
}

fn derived_condition(value: Arc<dyn Fn() -> bool + Send + Sync>) -> Signal<bool> {
    Signal::derive(move || value())
}

/// A part of the page that may change. One type for all of these as well.
pub fn changing<V: IntoAny + 'static>(part: impl Fn() -> V + Send + Sync + 'static) -> AnyView {
    changing_part(Arc::new(move || part().into_any()))
}

fn changing_part(part: Arc<dyn Fn() -> AnyView + Send + Sync>) -> AnyView {
    (move || part()).into_any()
}

/// Does something now, and again whenever something changes that it read. One type for all of these, too: each costs a
/// kilobyte.
pub fn effect(run: impl FnMut() + 'static) {
    run_again(Box::new(run));
}

fn run_again(run: Box<dyn FnMut()>) {
    Effect::new(run);
}

thread_local! {
    static LAST_ID: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

/// An id that no other element of the page has.
pub fn new_id(kind: &str) -> String {
    LAST_ID.set(LAST_ID.get() + 1);
    kind.to_owned() + "-" + &LAST_ID.get().to_string()
}

/// What the server says of something wrong, as a sentence of its own.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let Some(first) = letters.next() else { return String::new() };
    let mut sentence: String = first.to_uppercase().collect();
    sentence.push_str(letters.as_str());
    if !sentence.ends_with(['.', '!', '?', '…', ':']) {
        sentence.push('.');
    }
    sentence
}

/// What this browser remembers under that name.
pub fn kept(name: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(&("paraph-".to_owned() + name)).ok()?
}

/// Lets this browser remember something; an empty value is forgotten.
pub fn keep(name: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let name = "paraph-".to_owned() + name;
        drop(if value.is_empty() { storage.remove_item(&name) } else { storage.set_item(&name, value) });
    }
}
