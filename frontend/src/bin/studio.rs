//! The studio: templates, rules, campaigns, who gets what, publishing; and where people’s values come from.

use frontend::console::place::{Page, Place, Which};
use frontend::console::{Program, pages, start};
use leptos::prelude::AnyView;

fn main() {
    start(Program { which: Which::Studio, page });
}

fn page(place: &Place) -> AnyView {
    let Place::In(tenant, page) = place else { return pages::missing() };
    match page {
        Page::Templates => pages::templates(tenant),
        Page::Template(id) => pages::template(tenant, id),
        Page::Gallery => pages::gallery(tenant),
        Page::Rules => pages::rules(tenant),
        Page::Rule(id) => pages::rule(tenant, id),
        Page::Campaigns => pages::campaigns(tenant),
        Page::Simulation => pages::simulation(tenant),
        Page::Changes => pages::changes(tenant),
        Page::Sources => pages::sources(tenant),
        Page::Run(id) => pages::run(tenant, id),
        Page::Database => pages::database(tenant),
        Page::Imports => pages::imports(tenant),
        Page::Import(id) => pages::import(tenant, id),
        _ => pages::missing(),
    }
}
