//! The console: everything but the studio's pages.

use frontend::console::place::{Page, Place, Which};
use frontend::console::{Program, invitation, pages, setup, start};
use leptos::prelude::AnyView;

fn main() {
    start(Program { which: Which::Console, page });
}

fn page(place: &Place) -> AnyView {
    match place {
        Place::Setup(code) => setup::setup(code),
        Place::Invitation(code) => invitation::invitation(code),
        Place::Tenants => pages::tenants(),
        Place::Account => pages::account(),
        Place::Pieces => pages::pieces(),
        Place::In(tenant, page) => in_tenant(tenant, page),
        Place::Home | Place::SignIn | Place::Missing => pages::missing(),
    }
}

fn in_tenant(tenant: &str, page: &Page) -> AnyView {
    match page {
        Page::Overview => pages::overview(tenant),
        Page::People => pages::people(tenant),
        Page::Person(id) => pages::person(tenant, id),
        Page::Groups => pages::groups(tenant),
        Page::Fields => pages::fields(tenant),
        Page::Deployment => pages::deployment(tenant),
        Page::Clients => pages::clients(tenant),
        Page::Audit => pages::audit(tenant),
        Page::Members => pages::members(tenant),
        Page::Tokens => pages::tokens(tenant),
        Page::Api => pages::api(tenant),
        Page::Settings => pages::settings(tenant),
        _ => pages::missing(),
    }
}
