//! Outlook's area: installing the add-in, and whose Outlook uses it.

mod clients;
mod deployment;

use ::api::console::pages::Outlook;
use leptos::prelude::AnyView;

/// A page of this area.
pub fn draw(tenant: &str, page: &Outlook) -> AnyView {
    match page {
        Outlook::Deployment => deployment::deployment(tenant),
        Outlook::Clients => clients::clients(tenant),
    }
}
