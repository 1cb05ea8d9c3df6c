//! The tenant's own area: who changed what, who has a role, tokens, the API's document, settings.

mod api;
mod api_document;
pub(crate) mod audit;
mod limiting;
mod members;
mod settings;
pub(super) mod token_acts;
pub(super) mod tokens;

use ::api::console::pages::Tenant;
use leptos::prelude::AnyView;

/// A page of this area.
pub fn draw(tenant: &str, page: &Tenant) -> AnyView {
    match page {
        Tenant::Audit => audit::audit(tenant),
        Tenant::Members => members::members(tenant),
        Tenant::Tokens => tokens::tokens(tenant),
        Tenant::Api => api::api(tenant),
        Tenant::Settings => settings::settings(tenant),
    }
}
