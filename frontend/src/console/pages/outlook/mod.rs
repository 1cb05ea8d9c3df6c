//! Outlook's area: installing the add-in, whose Outlook uses it, and how that does.

mod clients;
mod deployment;
mod version;
mod weather;

use ::api::console::pages::Outlook;
use leptos::prelude::AnyView;

/// A page of this area.
pub fn draw(tenant: &str, page: &Outlook) -> AnyView {
    match page {
        Outlook::Deployment => deployment::deployment(tenant),
        Outlook::Clients => clients::clients(tenant),
        Outlook::Weather => weather::weather(tenant),
        Outlook::Version(id) => version::version(tenant, id),
    }
}
