//! The directory's area: people and groups, their fields, and the sources of their values.

mod database;
mod fields;
pub(crate) mod people;
mod runs;
pub(crate) mod sources;

use ::api::console::pages::Directory;
use leptos::prelude::AnyView;

/// A page of this area.
pub fn draw(tenant: &str, page: &Directory) -> AnyView {
    match page {
        Directory::People => people::people(tenant),
        Directory::Person(id) => people::person(tenant, id),
        Directory::Numbers => people::numbers(tenant),
        Directory::Groups => people::groups(tenant),
        Directory::Fields => fields::fields(tenant),
        Directory::Sources => sources::sources(tenant),
        Directory::Runs => runs::runs(tenant),
        Directory::Run(id) => runs::run(tenant, id),
        Directory::Database => database::database(tenant),
    }
}
