//! What the pane is put together from.

pub mod icon;
pub mod preview;

pub use icon::{Icon, icon, icon_of};
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
