//! The console's pages: one folder for each area, which is loaded when one of its pages is first opened, and beside them
//! what is there from the start.

mod account;
pub mod brands;
pub mod directory;
mod finders;
pub mod outlook;
mod overview;
pub mod rules;
pub mod signatures;
pub mod templates;
pub mod tenant;
mod tenants;
mod versions;

pub use account::account;
pub use overview::overview;
pub use tenants::tenants;

use super::place::{self, at};
use super::{session, shell};
use crate::ui::{Empty, Icon};
use ::api::console::pages::Page;
use leptos::prelude::*;

/// A page: its way from the top, its heading with what can be done there, and its content.
pub fn page(crumbs: &[(String, &str)], title: impl Into<TextProp>, actions: AnyView, content: AnyView) -> AnyView {
    let crumb = |(href, words): &(String, &str)| {
        let words = if *words == TENANT { place::read(href).tenant().map(session::tenant_name) } else { None }
            .unwrap_or_else(|| (*words).to_owned());
        view! {
            <li>
                <a href=href.clone()>{words}</a>
            </li>
        }
    };
    let heading = title.into();
    let heading = move || heading.get();
    let trail = (!crumbs.is_empty()).then(|| {
        view! {
            <nav class="crumbs" aria-label="Breadcrumbs">
                <ol>{crumbs.iter().map(crumb).collect_view()}</ol>
            </nav>
        }
    });
    view! {
        {trail}
        <div class="head">
            <h1 tabindex="-1">{heading}</h1>
            <div class="row wrap">{actions}</div>
        </div>
        {content}
    }
    .into_any()
}

/// The way to a tenant's page.
pub(super) fn tenant_crumb(tenant: &str) -> Vec<(String, &'static str)> {
    vec![(at(tenant, Page::Overview), TENANT)]
}

/// Stands for the tenant's name in a page's way from the top.
const TENANT: &str = "";

/// `/console`.
pub fn home() -> AnyView {
    // Not while this page is still being built.
    request_animation_frame(shell::go_home);
    ().into_any()
}

/// A page of which the server shows nothing to this role.
pub fn not_yours(tenant: &str, page_: &Page) -> AnyView {
    let role = session::role(tenant).map(tenants::role_words).unwrap_or_default();
    let words = "Your role here is ".to_owned()
        + role
        + ". An "
        + tenants::role_words(page_.about().least)
        + " can show you this page or give you another role.";
    let overview = at(tenant, Page::Overview);
    let content = view! {
        <Empty title="Not for your role" icon=Icon::LOCK>
            <p>{words}</p>
            <a class="button" href=overview>
                "Overview"
            </a>
        </Empty>
    };
    page(&tenant_crumb(tenant), page_.about().title, ().into_any(), content.into_any())
}

/// No such page.
pub fn missing() -> AnyView {
    let content = view! {
        <Empty title="There is no such page" icon=Icon::SEARCH>
            <p>"It no longer exists, or you are not allowed to see it."</p>
            <a class="button" href="/console/tenants">
                "All tenants"
            </a>
        </Empty>
    };
    page(&[], "Not found", ().into_any(), content.into_any())
}
