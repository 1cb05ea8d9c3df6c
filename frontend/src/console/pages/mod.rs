//! The console's pages, one file each.

mod account;
mod api;
mod api_document;
mod audit;
mod campaigns;
mod changes;
mod clients;
mod database;
mod deployment;
mod field_dialogs;
mod fields;
mod fields_saved;
mod finders;
mod groups;
mod import;
mod import_plan;
mod imports;
mod members;
mod overview;
mod people;
mod person;
mod person_more;
mod person_senders;
mod person_signature;
mod pieces;
mod rules;
mod run;
mod run_plan;
mod settings;
mod simulation;
mod sources;
mod templates;
mod tenants;
mod token_acts;
mod tokens;

pub use account::account;
pub use api::api;
pub use audit::audit;
pub use campaigns::campaigns;
pub use changes::changes;
pub use clients::clients;
pub use database::database;
pub use deployment::deployment;
pub use fields::fields;
pub use groups::groups;
pub use import::import;
pub use imports::imports;
pub use members::members;
pub use overview::overview;
pub use people::people;
pub use person::person;
pub use pieces::pieces;
pub use rules::{rule, rules};
pub use run::run;
pub use settings::settings;
pub use simulation::simulation;
pub use sources::sources;
pub use templates::{gallery, template, templates};
pub use tenants::tenants;
pub use tokens::tokens;

use super::place::{Page, Place};
use super::{session, shell};
use crate::ui::{Empty, Icon};
use leptos::prelude::*;

/// A page: its way from the top, its heading with what can be done there, and its content.
pub fn page(crumbs: &[(String, &str)], title: impl Into<TextProp>, actions: AnyView, content: AnyView) -> AnyView {
    let crumb = |(href, words): &(String, &str)| {
        let words = if *words == TENANT { Place::read(href).tenant().map(session::tenant_name) } else { None }
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
fn tenant_crumb(tenant: &str) -> Vec<(String, &'static str)> {
    vec![(at(tenant, Page::Overview), TENANT)]
}

/// Stands for the tenant's name in a page's way from the top.
const TENANT: &str = "";

/// The path of a tenant's page.
fn at(tenant: &str, page: Page) -> String {
    Place::In(tenant.to_owned(), page).path()
}

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
        + tenants::role_words(page_.least())
        + " can show you this page, or give you another role.";
    let overview = at(tenant, Page::Overview);
    let content = view! {
        <Empty title="Not for your role" icon=Icon::LOCK>
            <p>{words}</p>
            <a class="button" href=overview>
                "Overview"
            </a>
        </Empty>
    };
    page(&tenant_crumb(tenant), page_.title(), ().into_any(), content.into_any())
}

/// No such page.
pub fn missing() -> AnyView {
    let content = view! {
        <Empty title="There is no such page" icon=Icon::SEARCH>
            <p>"It is not there any more, or you may not see it."</p>
            <a class="button" href="/console/tenants">
                "All tenants"
            </a>
        </Empty>
    };
    page(&[], "Not found", ().into_any(), content.into_any())
}
