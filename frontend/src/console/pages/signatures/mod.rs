//! The area of signatures: what people get, now and with unpublished changes.

pub(super) mod changes;
pub(super) mod simulation;

use ::api::console::pages::Signatures;
use leptos::prelude::AnyView;

/// A page of this area.
pub fn draw(tenant: &str, page: &Signatures) -> AnyView {
    match page {
        Signatures::Simulation => simulation::simulation(tenant),
        Signatures::Changes => changes::changes(tenant),
    }
}
